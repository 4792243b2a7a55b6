//! The server's warnings: events that it took, but not as they were meant. Each kind is said once.

use std::collections::HashSet;

use crate::logger::Level;

/// Kinds that are told apart at most; what comes then is said no more.
const MAX_KINDS: usize = 30;

/// Which kinds of warning have been said.
#[derive(Debug, Default)]
pub(super) struct SaidWarnings {
    kinds: HashSet<String>,
}

impl SaidWarnings {
    /// What to say about a warning, if its kind is new.
    pub(super) fn line_for(&mut self, code: &str, message: &str) -> Option<(Level, String)> {
        // Figures tell events apart, not kinds.
        let words: Vec<&str> =
            message.split(|letter: char| letter.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
        let words = words.join("#");
        let is_new = self.kinds.len() < MAX_KINDS && self.kinds.insert(format!("{code} {words}"));
        // A project that was made by being named is news, not trouble.
        let level = if code == "project_auto_created" { Level::Info } else { Level::Warning };
        is_new.then(|| (level, format!("the server warns: {code}: {message} (said once)")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_warning_is_said_once() {
        let mut said = SaidWarnings::default();
        let line = said.line_for("payload_convention", "event 3: data.cost must be a number").expect("it is new");
        assert_eq!(line.0, Level::Warning);
        assert!(line.1.contains("data.cost must be a number"));
        assert_eq!(said.line_for("payload_convention", "event 14: data.cost must be a number"), None);
        assert!(said.line_for("payload_convention", "event 3: data.tokens_in must be a number").is_some());
    }

    #[test]
    fn a_server_that_warns_without_end_is_not_repeated_without_end() {
        let mut said = SaidWarnings::default();
        let letters = "abcdefghijklmnopqrstuvwxyz".chars();
        let many = letters.clone().flat_map(|one| letters.clone().map(move |other| format!("{one}{other}")));
        assert_eq!(many.filter_map(|message| said.line_for("x", &message)).count(), MAX_KINDS);
    }
}
