//! Statements with their values.

use std::fmt::Write;

use clickhouse::query::Query;

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Whole(i64),
    Count(u64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Count(number)
    }
}

impl From<Vec<String>> for Value {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}

/// A statement; `?` stands for a value, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sql {
    pub(crate) text: String,
    values: Vec<Value>,
}

impl Sql {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: Vec::new() }
    }

    /// Appends a part without values.
    pub(crate) fn add(mut self, part: impl AsRef<str>) -> Self {
        self.text.push_str(part.as_ref());
        self
    }

    /// Appends a part that holds one `?`.
    pub(crate) fn with(mut self, part: impl AsRef<str>, value: impl Into<Value>) -> Self {
        self.text.push_str(part.as_ref());
        self.values.push(value.into());
        self
    }

    /// Appends ` AND column = ?` where a value is given.
    pub(crate) fn equal(self, column: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(format!(" AND {column} = ?"), value),
            None => self,
        }
    }

    /// Appends a statement with its values.
    pub(crate) fn then(mut self, other: Self) -> Self {
        self.text.push_str(&other.text);
        self.values.extend(other.values);
        self
    }

    pub(crate) fn bind(&self, mut query: Query) -> Query {
        for value in &self.values {
            query = match value {
                Value::Text(text) => query.bind(text.as_str()),
                Value::Texts(texts) => query.bind(texts.as_slice()),
                Value::Whole(number) => query.bind(*number),
                Value::Count(number) => query.bind(*number),
            };
        }
        query
    }
}

/// Numbers with commas between.
pub(crate) fn numbers(all: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let mut text = String::new();
    for (place, number) in all.into_iter().enumerate() {
        let _infallible = write!(text, "{}{number}", if place == 0 { "" } else { "," });
    }
    text
}

/// A text as LIKE takes it literally, anywhere in a column.
pub(crate) fn anywhere(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for one in text.chars() {
        if matches!(one, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(one);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_patterns_are_taken_literally() {
        assert_eq!(anywhere(r"100%_a\b"), r"%100\%\_a\\b%");
        assert_eq!(numbers([1, 2, 3]), "1,2,3");
    }
}
