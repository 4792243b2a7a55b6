//! Masking what is secret in addresses that stand in a text.

use std::borrow::Cow;

/// What stands for a secret.
const MASK: &str = "***";
/// Names of query parameters whose values are secret.
const SECRET_NAMES: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "pass",
    "secret",
    "client_secret",
    "token",
    "access_token",
    "refresh_token",
    "auth",
    "auth_token",
    "api_key",
    "apikey",
    "api-key",
    "key",
    "sig",
    "signature",
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
    "x-goog-signature",
    "credential",
    "credentials",
];

/// A text with the passwords and keys of its addresses masked: `postgres://app:***@db/x`, `https://h/?token=***`.
pub fn scrubbed(text: &str) -> Cow<'_, str> {
    let Some(mut start) = text.find("://") else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let (before, after) = rest.split_at(start + 3);
        out.push_str(before);
        let end = after.find(ends_address).unwrap_or(after.len());
        let (address, beyond) = after.split_at(end);
        push_address(&mut out, address);
        rest = beyond;
        match rest.find("://") {
            Some(next) => start = next,
            None => break,
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn ends_address(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || "\"'`<>\\".contains(letter)
}

/// Writes what follows `scheme://`.
fn push_address(out: &mut String, address: &str) {
    let authority_end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (authority, path) = address.split_at(authority_end);
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            // A name alone may be a token.
            if let Some((name, _)) = user.split_once(':') {
                out.push_str(name);
                out.push(':');
            }
            out.push_str(MASK);
            out.push('@');
            out.push_str(host);
        }
        None => out.push_str(authority),
    }
    let Some((path, query)) = path.split_once('?') else { return out.push_str(path) };
    out.push_str(path);
    for (index, part) in query.split('&').enumerate() {
        out.push(if index == 0 { '?' } else { '&' });
        match part.split_once('=') {
            Some((name, value)) if SECRET_NAMES.contains(&name.to_ascii_lowercase().as_str()) && !value.is_empty() => {
                out.push_str(name);
                out.push('=');
                out.push_str(MASK);
            }
            _ => out.push_str(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_addresses_are_masked_and_the_rest_stays() {
        for (text, masked) in [
            ("postgres://app:s3cret@db:5432/x failed", "postgres://app:***@db:5432/x failed"),
            ("redis://:s3cret@h", "redis://:***@h"),
            ("https://ghp_token@github.test/a.git", "https://***@github.test/a.git"),
            ("amqp://u:p@ss@h/v", "amqp://u:***@h/v"),
            ("https://h/x?token=abc&page=2", "https://h/x?token=***&page=2"),
            ("https://h/x?page=2&API_KEY=abc)", "https://h/x?page=2&API_KEY=***"),
            ("'http://a:b@h/' and http://c:d@i", "'http://a:***@h/' and http://c:***@i"),
            ("{\"m\":\"http://a:b@h\"}", "{\"m\":\"http://a:***@h\"}"),
            ("https://h/path@x?q=mail@example.test", "https://h/path@x?q=mail@example.test"),
            ("nothing: //here a@b", "nothing: //here a@b"),
            ("http://", "http://"),
            ("ä://ö:ü@ß", "ä://ö:***@ß"),
        ] {
            assert_eq!(scrubbed(text), masked);
        }
    }
}
