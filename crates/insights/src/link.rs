//! Addresses on the board, from its root, as `web/src/view/url.ts` reads them.

use std::fmt::Write;

use hiveboard_wire::Timestamp;

/// What the aggregates were narrowed to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    pub project_id: Option<String>,
    pub agent_id: Option<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
    pub since: Timestamp,
    pub until: Timestamp,
    /// The board's `mode`, where it is not the usual one.
    pub is_test: bool,
}

/// Statuses of runs, as lists are narrowed to them.
pub(crate) const ENDED: &str = "completed,failed";
pub(crate) const NEVER_ENDED: &str = "processing,stuck,escalated";

/// An address that is being put together.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    text: String,
    has_agent: bool,
}

impl Link {
    fn new(page: &str, seen: &Seen) -> Self {
        let mut link = Self { text: page.to_owned(), has_agent: false };
        if seen.is_test {
            link.put("mode", "test");
        }
        for (name, value) in [("project", &seen.project_id), ("environment", &seen.environment), ("group", &seen.group)]
        {
            if let Some(value) = value {
                link.put(name, value);
            }
        }
        link
    }

    fn between(mut self, since: Timestamp, until: Timestamp) -> Self {
        self.put("since", &since.to_string());
        self.put("until", &until.to_string());
        self
    }

    /// The runs of the window.
    pub(crate) fn tasks(seen: &Seen) -> Self {
        Self::new("/tasks", seen).between(seen.since, seen.until).of_seen_agent(seen)
    }

    /// Those of them that ended well or badly.
    pub(crate) fn ended(seen: &Seen) -> Self {
        Self::tasks(seen).with("status", ENDED)
    }

    /// The failures of the window, by exception and place.
    pub(crate) fn errors(seen: &Seen) -> Self {
        Self::new("/errors", seen).between(seen.since, seen.until).of_seen_agent(seen)
    }

    /// The runs of another stretch.
    pub(crate) fn tasks_between(seen: &Seen, since: Timestamp, until: Timestamp) -> Self {
        Self::new("/tasks", seen).between(since, until).of_seen_agent(seen)
    }

    /// One run.
    pub(crate) fn task(seen: &Seen, agent_id: &str, task_id: &str, task_run_id: &str) -> Self {
        let mut link = Self::new("/tasks", seen);
        link.put("task", task_id);
        link.put("owner", agent_id);
        if !task_run_id.is_empty() {
            link.put("run", task_run_id);
        }
        link
    }

    pub(crate) fn cost(seen: &Seen) -> Self {
        Self::new("/cost", seen).between(seen.since, seen.until).of_seen_agent(seen)
    }

    pub(crate) fn cost_between(seen: &Seen, since: Timestamp, until: Timestamp) -> Self {
        Self::new("/cost", seen).between(since, until).of_seen_agent(seen)
    }

    pub(crate) fn agent(seen: &Seen, agent_id: &str) -> Self {
        Self::new("/agent", seen).of_agent(agent_id)
    }

    pub(crate) fn pipeline(seen: &Seen) -> Self {
        Self::new("/pipeline", seen).of_seen_agent(seen)
    }

    /// All agents.
    pub(crate) fn board(seen: &Seen) -> Self {
        Self::new("/", seen).of_seen_agent(seen)
    }

    fn of_seen_agent(self, seen: &Seen) -> Self {
        match &seen.agent_id {
            Some(agent_id) => self.of_agent(agent_id),
            None => self,
        }
    }

    pub(crate) fn of_agent(mut self, agent_id: &str) -> Self {
        if !self.has_agent {
            self.put("agent", agent_id);
            self.has_agent = true;
        }
        self
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.put(name, value);
        self
    }

    /// Lists are searched by the type of their tasks, too.
    pub(crate) fn of_type(self, task_type: Option<&str>) -> Self {
        match task_type {
            Some(task_type) => self.with("q", task_type),
            None => self,
        }
    }

    fn put(&mut self, name: &str, value: &str) {
        self.text.push(if self.text.contains('?') { '&' } else { '?' });
        self.text.push_str(name);
        self.text.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => self.text.push(byte as char),
                _ => write!(self.text, "%{byte:02X}").expect("a text takes what is written"),
            }
        }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_say_what_was_looked_at() {
        let seen = Seen {
            environment: Some("pre prod".to_owned()),
            since: Timestamp(0),
            until: Timestamp(1_000_000),
            ..Seen::default()
        };
        let link = Link::tasks(&seen).of_agent("a/b").with("status", "failed").of_type(Some("triage"));
        assert_eq!(
            link.into_text(),
            "/tasks?environment=pre%20prod&since=1970-01-01T00%3A00%3A00.000000Z&until=1970-01-01T00%3A00%3A01.000000Z&agent=a%2Fb&status=failed&q=triage"
        );
        assert_eq!(Link::task(&seen, "a", "t", "").into_text(), "/tasks?environment=pre%20prod&task=t&owner=a");
    }
}
