//! What errors say, in words that repeat.

/// Characters of an error that are kept.
const SIGNATURE_CHARACTERS: usize = 120;

/// Type and first line of a message, with figures and ids taken out.
pub(crate) fn signature(kind: Option<&str>, message: Option<&str>) -> String {
    let line = message.unwrap_or_default().lines().next().unwrap_or_default();
    let mut text = String::with_capacity(line.len() + 24);
    if let Some(kind) = kind {
        text.push_str(kind);
        if !line.is_empty() {
            text.push_str(": ");
        }
    }
    for (place, word) in line.split(' ').enumerate() {
        if place > 0 {
            text.push(' ');
        }
        text.push_str(&plain(word));
    }
    text.chars().take(SIGNATURE_CHARACTERS).collect()
}

/// Codes of three digits say what it is; other figures and ids differ from time to time.
fn plain(word: &str) -> String {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let core = word.trim_matches(|sign: char| !sign.is_alphanumeric());
    if digits == 0 || (core.len() == 3 && digits == 3) {
        return word.to_owned();
    }
    let is_id = core.len() >= 8 && core.chars().all(|sign| sign.is_ascii_hexdigit() || sign == '-');
    if is_id {
        return word.replace(core, "#");
    }
    let mut out = String::new();
    for sign in word.chars() {
        if !sign.is_ascii_digit() {
            out.push(sign);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

fn has_code(text: &str, codes: &[&str]) -> bool {
    text.split(|sign: char| !sign.is_ascii_alphanumeric()).any(|word| codes.contains(&word))
}

fn has_words(text: &str, words: &[&str]) -> bool {
    let lower = text.to_lowercase();
    words.iter().any(|word| lower.contains(word))
}

/// Says that the credentials are not accepted.
pub(crate) fn is_auth(text: &str) -> bool {
    has_code(text, &["401", "403"])
        || has_words(
            text,
            &[
                "unauthorized",
                "unauthorised",
                "unauthenticated",
                "forbidden",
                "authenticationerror",
                "authentication failed",
                "authentication_failed",
                "invalid api key",
                "invalid_api_key",
                "incorrect api key",
                "permission denied",
                "permissiondenied",
                "access denied",
                "invalid credentials",
                "token expired",
                "expired token",
                "invalid token",
                "token has expired",
            ],
        )
}

/// Says that it was too much at once.
pub(crate) fn is_rate_limit(text: &str) -> bool {
    has_code(text, &["429", "529"])
        || has_words(
            text,
            &["rate limit", "rate_limit", "ratelimit", "too many requests", "overloaded", "throttl", "quota exceeded"],
        )
}

/// Lower case, one blank between words.
pub(crate) fn normalised(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_a_kind_read_the_same() {
        let of = |message| signature(Some("HTTPError"), Some(message));
        assert_eq!(of("401 for user 8812"), "HTTPError: 401 for user #");
        assert_eq!(of("timeout after 31s (req 9f8e7d6c5b)\nmore"), "HTTPError: timeout after #s (req #)");
        assert_eq!(signature(None, Some("no such file")), "no such file");
    }

    #[test]
    fn codes_are_whole_words() {
        assert!(is_auth("HTTPError: 401 Client Error") && is_auth("PermissionDenied: scope"));
        assert!(!is_auth("ValueError: 4012 rows") && !is_auth("HTTPError: 404 not found"));
        assert!(is_rate_limit("status=429") && is_rate_limit("Overloaded") && !is_rate_limit("HTTPError: 500"));
    }
}
