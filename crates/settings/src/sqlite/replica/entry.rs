//! One change as all nodes carry it out: statements with their values, in order.
//!
//! Values travel as they were bound, not written into the statement: nothing is rounded, and texts may hold anything.

use rusqlite::{
    ToSql,
    types::{ToSqlOutput, Value},
};

use crate::{Result, SettingsError};

const VERSION: u8 = 1;
/// More than any entry has; a length above it is no length.
const MOST: u64 = 1 << 28;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Of this one change.
    pub(crate) id: [u8; 16],
    /// Version of the tables that the statements were written for.
    pub(crate) schema: u32,
    pub(crate) change: Change,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    Statements(Vec<Statement>),
    /// Everything is as a kept file has it: the settings that a cluster began with.
    Base(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}

impl Statement {
    pub(crate) fn record(sql: &str, parameters: &[&dyn ToSql]) -> rusqlite::Result<Self> {
        let values = parameters.iter().map(|parameter| {
            Ok(match parameter.to_sql()? {
                ToSqlOutput::Owned(value) => value,
                ToSqlOutput::Borrowed(borrowed) => borrowed.try_into()?,
                _ => return Err(rusqlite::Error::InvalidQuery),
            })
        });
        Ok(Self { sql: sql.to_owned(), values: values.collect::<rusqlite::Result<_>>()? })
    }
}

impl Entry {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend_from_slice(&self.id);
        put(&mut out, u64::from(self.schema));
        match &self.change {
            Change::Statements(statements) => {
                out.push(0);
                put(&mut out, statements.len() as u64);
                for statement in statements {
                    put_bytes(&mut out, statement.sql.as_bytes());
                    put(&mut out, statement.values.len() as u64);
                    for value in &statement.values {
                        put_value(&mut out, value);
                    }
                }
            }
            Change::Base(file) => {
                out.push(1);
                put_bytes(&mut out, file.as_bytes());
            }
        }
        out
    }

    /// # Errors
    /// [`SettingsError::Unusable`] for an entry of a newer program, and one that is damaged.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let [version, rest @ ..] = bytes else { return Err(damaged()) };
        if *version != VERSION {
            return Err(SettingsError::Unusable(format!(
                "a change of the cluster's settings is written in version {version}, and this program knows {VERSION}: \
                 bring this node to the cluster's version"
            )));
        }
        let mut reader = Reader(rest);
        let entry = reader.entry().ok_or_else(damaged)?;
        if reader.0.is_empty() { Ok(entry) } else { Err(damaged()) }
    }
}

fn damaged() -> SettingsError {
    SettingsError::Unusable("a change of the cluster's settings is damaged in the log".to_owned())
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(0),
        Value::Integer(number) => {
            out.push(1);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Real(number) => {
            out.push(2);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Text(text) => {
            out.push(3);
            put_bytes(out, text.as_bytes());
        }
        Value::Blob(bytes) => {
            out.push(4);
            put_bytes(out, bytes);
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes(1).map(|one| one[0])
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for place in 0..10 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn size(&mut self) -> Option<usize> {
        self.number().filter(|size| *size <= MOST).map(|size| size as usize)
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let size = self.size()?;
        self.bytes(size)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.sized()?.to_vec()).ok()
    }

    fn value(&mut self) -> Option<Value> {
        Some(match self.byte()? {
            0 => Value::Null,
            1 => Value::Integer(i64::from_le_bytes(self.bytes(8)?.try_into().ok()?)),
            2 => Value::Real(f64::from_le_bytes(self.bytes(8)?.try_into().ok()?)),
            3 => Value::Text(self.text()?),
            4 => Value::Blob(self.sized()?.to_vec()),
            _ => return None,
        })
    }

    fn entry(&mut self) -> Option<Entry> {
        let id = self.bytes(16)?.try_into().ok()?;
        let schema = u32::try_from(self.number()?).ok()?;
        let change = match self.byte()? {
            0 => {
                let mut statements = Vec::new();
                for _ in 0..self.size()? {
                    let sql = self.text()?;
                    let mut values = Vec::new();
                    for _ in 0..self.size()? {
                        values.push(self.value()?);
                    }
                    statements.push(Statement { sql, values });
                }
                Change::Statements(statements)
            }
            1 => Change::Base(self.text()?),
            _ => return None,
        };
        Some(Entry { id, schema, change })
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::params;

    use super::*;

    fn entry() -> Entry {
        let statement = Statement::record(
            "INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)",
            params!["a\0b 'c'", i64::MIN, 0.1 + 0.2, None::<String>, [0_u8, 255]],
        )
        .expect("all of them are values");
        Entry { id: [7; 16], schema: 300, change: Change::Statements(vec![statement]) }
    }

    #[test]
    fn entries_round_trip_with_all_that_sql_text_would_lose() {
        let Change::Statements(statements) = &entry().change else { panic!("statements") };
        assert_eq!(statements[0].values[0], Value::Text("a\0b 'c'".to_owned()));
        assert_eq!(statements[0].values[2], Value::Real(0.300_000_000_000_000_04));
        let base = Entry { change: Change::Base("base-x".to_owned()), ..entry() };
        for one in [entry(), base] {
            assert_eq!(Entry::decode(&one.encode()).expect("as it was"), one);
        }
    }

    #[test]
    fn what_is_newer_or_damaged_is_refused_in_words() {
        let bytes = entry().encode();
        let mut newer = bytes.clone();
        newer[0] = 2;
        let said = Entry::decode(&newer).expect_err("version 2").to_string();
        assert!(said.contains("version 2") && said.contains("bring this node"), "{said}");
        for end in 0..bytes.len() {
            Entry::decode(&bytes[..end]).expect_err("cut");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        Entry::decode(&longer).expect_err("something follows");
    }
}
