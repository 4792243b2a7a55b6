//! Parameters of a request.

use std::fmt::Display;

/// Names with values, in order; what has no value is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(Vec<(&'static str, String)>);

impl Query {
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.0.push((name, value.to_string()));
        self
    }

    #[must_use]
    pub fn maybe(self, name: &'static str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// One parameter for each value, so that commas in values stay what they are.
    #[must_use]
    pub fn each(mut self, name: &'static str, values: impl IntoIterator<Item = impl Display>) -> Self {
        self.0.extend(values.into_iter().map(|value| (name, value.to_string())));
        self
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| *known == name)
    }

    /// `path?name=value&…`
    pub fn of(&self, path: &str) -> String {
        if self.0.is_empty() {
            return path.to_owned();
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish();
        format!("{path}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_travel_as_they_are() {
        let query = Query::default()
            .with("q", "a&b=ü c")
            .maybe("agent_id", None::<&str>)
            .maybe("task_id", Some(".."))
            .each("kind", ["one,two", "three"]);
        assert_eq!(query.of("/v1/events"), "/v1/events?q=a%26b%3D%C3%BC+c&task_id=..&kind=one%2Ctwo&kind=three");
        assert_eq!(Query::default().of("/v1/agents"), "/v1/agents");
    }
}
