//! Names of others in sentences of ours.

use std::fmt;

/// A name between quotation marks, as JSON writes it: with what cannot be seen escaped, and everything else as it is.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self.0).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_it_was_given() {
        assert_eq!(Quoted("cafe\u{301} \"a\"\0").to_string(), "\"cafe\u{301} \\\"a\\\"\\u0000\"");
    }
}
