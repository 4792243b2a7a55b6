//! Masking what is secret in addresses that stand in a text.

use std::borrow::Cow;
use std::collections::BTreeMap;

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

/// Names whose values are secret outside of addresses: in the settings of a database driver, in a header, in JSON.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "client_secret",
    "secret_key",
    "secret_access_key",
    "account_key",
    "accountkey",
    "sharedaccesskey",
    "private_key",
    "api_key",
    "api-key",
    "apikey",
    "access_token",
    "refresh_token",
    "auth_token",
    "session_token",
    "id_token",
    "passphrase",
    "cookie",
];
/// Names that sentences use, too: only what looks like a credential counts behind them.
const LOOSE_WORDS: &[&str] = &["token", "secret", "pass", "pw"];
/// Names behind which a password may stand without a sign: quoted (`with password 'x'`), or after an option's name
/// (`--password x`).
const PASSWORD_WORDS: &[&str] = &["password", "passwd", "passphrase"];
/// Options whose argument is a name and, behind a colon, its password: `curl -u ada:x`.
const USER_OPTIONS: &[&str] = &["-u", "--user", "--proxy-user", "-U"];
/// What stands before a credential in a header.
const SCHEMES: &[&str] = &["bearer ", "basic ", "authorization: token "];
/// How keys of services begin that are known by that.
const KEY_BEGINNINGS: &[&str] = &[
    "sk-",
    "sk_live_",
    "sk_test_",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
    "AIza",
    "ghr_",
    "glrt-",
    "xoxa-",
    "xoxr-",
    "xoxs-",
    "xapp-",
    "rk_live_",
    "rk_test_",
    "npm_",
    "pypi-",
    "gsk_",
    "r8_",
    "dop_v1_",
    "shpat_",
    "lsv2_pt_",
    "lsv2_sk_",
    "xai-",
    "nvapi-",
    "pplx-",
    "tvly-",
    "AGE-SECRET-KEY-",
    "SG.",
    "ya29.",
    "hf_",
    "hb_live_",
    "hb_test_",
    "hb_read_",
];
/// What follows such a beginning is this long at least.
const SHORTEST_KEY: usize = 16;
/// How tokens begin that are three parts in base64, with a point between them.
const TOKEN_OF_PARTS: &str = "eyJ";
/// What stands before and after a private key in its usual form.
const PRIVATE_KEY: (&str, &str) = ("PRIVATE KEY-----", "-----END");
/// Shorter is no credential: `basic auth failed`.
const SHORTEST_CREDENTIAL: usize = 8;
/// The same behind names that sentences use, too.
const SHORTEST_LOOSE_CREDENTIAL: usize = 12;

/// A text with the passwords and keys of its addresses masked: `postgres://app:***@db/x`, `https://h/?token=***`; those of
/// drivers' settings (`host=h password=***`) and of headers (`Bearer ***`), too.
pub fn scrubbed(text: &str) -> Cow<'_, str> {
    match addresses_scrubbed(text) {
        Cow::Borrowed(text) => words_scrubbed(text),
        Cow::Owned(text) => Cow::Owned(words_scrubbed(&text).into_owned()),
    }
}

fn addresses_scrubbed(text: &str) -> Cow<'_, str> {
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

fn words_scrubbed(text: &str) -> Cow<'_, str> {
    let small = text.to_ascii_lowercase();
    let mut secrets: BTreeMap<usize, usize> = BTreeMap::new();
    let begins_a_word = |at: usize| at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
    for word in SECRET_WORDS {
        for (at, _) in small.match_indices(word).filter(|&(at, _)| begins_a_word(at)) {
            secrets.extend(value_of(text, at + word.len(), *word == "cookie"));
        }
    }
    for word in LOOSE_WORDS {
        for (at, _) in small.match_indices(word).filter(|&(at, _)| begins_a_word(at)) {
            let value = value_of(text, at + word.len(), false);
            secrets.extend(
                value.filter(|&(start, end)| {
                    end - start >= SHORTEST_LOOSE_CREDENTIAL && is_credential(&text[start..end])
                }),
            );
        }
    }
    for word in PASSWORD_WORDS {
        for (at, _) in small.match_indices(word) {
            secrets.extend(password_after(text, at, at + word.len()));
        }
    }
    for word in SECRET_WORDS.iter().chain(LOOSE_WORDS) {
        // As options are written: `--client-secret`.
        let option = ["--", &word.replace('_', "-")].concat();
        for (at, _) in small.match_indices(&option) {
            secrets.extend(argument_after(text, at + option.len()));
        }
    }
    for option in USER_OPTIONS {
        for (at, _) in
            text.match_indices(option).filter(|&(at, _)| at == 0 || is_before_option(text.as_bytes()[at - 1]))
        {
            let argument = argument_after(text, at + option.len());
            let parts = argument.and_then(|(start, end)| Some((start + text[start..end].find(':')? + 1, end)));
            secrets.extend(parts.filter(|(start, end)| end > start && !text[*start..*end].starts_with("//")));
        }
    }
    for (at, opening) in text.match_indices(PRIVATE_KEY.0) {
        let start = at + opening.len();
        secrets.extend(text[start..].find(PRIVATE_KEY.1).map(|length| (start, start + length)));
    }
    for (at, _) in text.match_indices(TOKEN_OF_PARTS).filter(|&(at, _)| begins_a_word(at)) {
        let is_of_a_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.=".contains(byte);
        let length = text[at..].bytes().take_while(is_of_a_token).count();
        let token = text[at..at + length].trim_end_matches('.');
        if token.len() >= SHORTEST_KEY && token.contains('.') {
            secrets.insert(at, at + token.len());
        }
    }
    for scheme in SCHEMES {
        for (at, _) in small.match_indices(scheme).filter(|&(at, _)| begins_a_word(at)) {
            let start = at + scheme.len() + text[at + scheme.len()..].bytes().take_while(|byte| *byte == b' ').count();
            let end = start + text[start..].find(ends_value).unwrap_or(text.len() - start);
            if is_credential(&text[start..end]) {
                secrets.insert(start, end);
            }
        }
    }
    for beginning in KEY_BEGINNINGS {
        for (at, _) in text.match_indices(beginning).filter(|&(at, _)| begins_a_word(at)) {
            let start = at + beginning.len();
            let is_of_a_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
            let length = text[start..].bytes().take_while(is_of_a_key).count();
            if length >= SHORTEST_KEY {
                secrets.insert(start, start + length);
            }
        }
    }
    let mut out = String::new();
    let mut kept = 0;
    for (start, end) in secrets {
        if start >= kept && end > start && &text[start..end] != MASK {
            out.push_str(&text[kept..start]);
            out.push_str(MASK);
            kept = end;
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[kept..]);
    Cow::Owned(out)
}

/// Where the value stands of a name that ends at a place: `name=value`, `"name": "value"`, `Name = value`. Behind a
/// colon a sentence may follow (`password: must be longer`), so that only what is quoted or no word counts.
fn value_of(text: &str, name_end: usize, is_a_whole_line: bool) -> Option<(usize, usize)> {
    let is_quote = |letter: char| "\"'\\".contains(letter);
    let after_quote = text[name_end..].trim_start_matches(is_quote);
    let is_quoted_name = after_quote.len() < text.len() - name_end;
    let after_name = after_quote.trim_start_matches(' ');
    let sign = after_name.chars().next().filter(|sign| "=:".contains(*sign))?;
    let value = after_name[1..].trim_start_matches(' ');
    let opening = value.chars().find(|letter| *letter != '\\').filter(|letter| "\"'".contains(*letter));
    let value = opening.map_or(value, |quote| value.trim_start_matches('\\').strip_prefix(quote).unwrap_or(value));
    let start = text.len() - value.len();
    let end = match opening {
        Some(quote) => value.find([quote, '\\']).or_else(|| value.find(ends_value)),
        None if is_a_whole_line => value.find(|letter: char| letter.is_control() || "\"'".contains(letter)),
        None => value.find(ends_value),
    };
    let end = end.unwrap_or(value.len());
    let is_assigned = sign == '=' && (!after_name[1..].starts_with(' ') || after_quote.starts_with(' '));
    let counts = is_assigned || opening.is_some() || is_quoted_name || is_a_whole_line || is_credential(&value[..end]);
    (counts && end > 0).then_some((start, start + end))
}

/// Where a password stands that no sign connects with its name, which begins and ends at these places.
fn password_after(text: &str, name: usize, name_end: usize) -> Option<(usize, usize)> {
    let value = text[name_end..].strip_prefix(' ')?;
    let start = text.len() - value.len();
    if let Some(quote) = value.chars().next().filter(|letter| "\"'".contains(*letter)) {
        let end = value[1..].find(quote)?;
        return (end > 0).then_some((start + 1, start + 1 + end));
    }
    let end = value.find(ends_value).unwrap_or(value.len());
    let is_option = text[..name].ends_with("--");
    (is_option && end > 0 && !value.starts_with('-')).then_some((start, start + end))
}

/// Where the argument of an option stands that ends at a place: `--token x`, or as lists are shown, `'--token', 'x'`.
fn argument_after(text: &str, option_end: usize) -> Option<(usize, usize)> {
    let rest = &text[option_end..];
    let quote = rest.chars().next().filter(|letter| "\"'".contains(*letter));
    let value = match quote {
        Some(quote) => {
            let value = rest[1..].strip_prefix(',')?.trim_start_matches(' ');
            value.strip_prefix(quote).or_else(|| value.strip_prefix(['"', '\'']))?
        }
        None => rest.strip_prefix(' ')?,
    };
    let start = text.len() - value.len();
    let end = match quote {
        Some(_) => value.find(['"', '\''])?,
        None => value.find(ends_value).unwrap_or(value.len()),
    };
    // Another option is no argument; nor is a word of a sentence about it.
    let is_word = || end < SHORTEST_LOOSE_CREDENTIAL && value[..end].bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_argument = end > 0 && !value.starts_with('-') && (quote.is_some() || !is_word());
    is_argument.then_some((start, start + end))
}

/// What may stand before an option.
const fn is_before_option(byte: u8) -> bool {
    matches!(byte, b' ' | b'\'' | b'"' | b'[' | b'(' | b'\n' | b'\t')
}

fn ends_value(letter: char) -> bool {
    ends_address(letter) || ";,&)}]".contains(letter)
}

/// Whether what follows `Bearer` or `Basic` is no word of a sentence.
fn is_credential(text: &str) -> bool {
    text.len() >= SHORTEST_CREDENTIAL
        && text.bytes().skip(1).any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() || b"=._".contains(&byte))
}

fn ends_address(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || "\"'`<>\\".contains(letter)
}

/// Where the path begins. A password may hold a slash, though it should not: then what stands behind a colon is no port.
fn end_of_authority(address: &str) -> usize {
    let end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (authority, path) = address.split_at(end);
    let is_cut = !authority.contains('@')
        && authority.rsplit_once(':').is_some_and(|(host, port)| {
            !host.starts_with('[') && !port.is_empty() && !port.bytes().all(|digit| digit.is_ascii_digit())
        });
    match path.rfind('@') {
        Some(at) if is_cut => end + path[at..].find(['/', '?', '#']).map_or(path.len(), |after| at + after),
        _ => end,
    }
}

/// Writes what follows `scheme://`.
fn push_address(out: &mut String, address: &str) {
    let (authority, path) = address.split_at(end_of_authority(address));
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            // A name alone may be a token.
            if let Some((name, _)) = user.split_once(':') {
                out.push_str(name);
                out.push(':');
            }
            out.push_str(MASK);
            out.push('@');
            push_fields(out, host);
        }
        None => push_fields(out, authority),
    }
    push_fields(out, path);
}

/// Writes what may hold `name=value` behind a `?`, `#`, `&` or `;`, with the values that are secret masked.
fn push_fields(out: &mut String, text: &str) {
    for part in text.split_inclusive(['?', '#', '&', ';']) {
        let end = part.trim_end_matches(['?', '#', '&', ';']).len();
        match part[..end].split_once('=') {
            Some((name, value)) if SECRET_NAMES.contains(&name.to_ascii_lowercase().as_str()) && !value.is_empty() => {
                out.push_str(name);
                out.push('=');
                out.push_str(MASK);
                out.push_str(&part[end..]);
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
            ("https://h/cb#access_token=abc&x=1", "https://h/cb#access_token=***&x=1"),
            ("https://h/x?a=1;token=abc;b=2", "https://h/x?a=1;token=***;b=2"),
            ("jdbc:sqlserver://h:1433;user=u;password=abc", "jdbc:sqlserver://h:1433;user=u;password=***"),
            ("postgres://u:a/b?c@h/d", "postgres://u:***@h/d"),
            ("https://h:8000/@user", "https://h:8000/@user"),
            ("http://[::1]:8000/a@b", "http://[::1]:8000/a@b"),
            ("host=h user=u password=s3cret dbname=d", "host=h user=u password=*** dbname=d"),
            ("DRIVER=x;UID=u;PWD=s3cret;", "DRIVER=x;UID=u;PWD=***;"),
            ("connect(user='u', password='s3 cret')", "connect(user='u', password='***')"),
            ("Authorization: Bearer eyJhbGciOi.x", "Authorization: Bearer ***"),
            ("{'authorization': 'Basic dXNlcjpwYXNz'}", "{'authorization': 'Basic ***'}"),
            ("Authorization: Bearer   eyJhbGciOi.x", "Authorization: Bearer   ***"),
            ("x-api-key: abc123XYZ789", "x-api-key: ***"),
            ("{\"password\": \"s3cret\", \"user\": \"u\"}", "{\"password\": \"***\", \"user\": \"u\"}"),
            ("{\\\"client_secret\\\": \\\"s3cret\\\"}", "{\\\"client_secret\\\": \\\"***\\\"}"),
            ("{'db_password': 's3cret'}", "{'db_password': '***'}"),
            ("Password = s3cret; Server = h", "Password = ***; Server = h"),
            ("AccountName=a;AccountKey=abc==;", "AccountName=a;AccountKey=***;"),
            ("Set-Cookie: id=abc; Path=/\nDate: x", "Set-Cookie: ***\nDate: x"),
            ("password: must be longer than 8", "password: must be longer than 8"),
            ("the password, or the api key: which", "the password, or the api key: which"),
            ("wrong key sk-proj-abcdefghijklmnop", "wrong key sk-***"),
            ("hb_live_0123456789abcdef0123 is revoked", "hb_live_*** is revoked"),
            ("task-0123456789abcdef, risk-averse", "task-0123456789abcdef, risk-averse"),
            ("Basic authentication failed; forbearer x", "Basic authentication failed; forbearer x"),
            ("unexpected keyword 'password'; password= is empty", "unexpected keyword 'password'; password= is empty"),
            ("ä://ö:ü@ß", "ä://ö:***@ß"),
            ("login failed for 'u' with password 's3cret'", "login failed for 'u' with password '***'"),
            ("run --password s3cret --user u", "run --password *** --user u"),
            ("['mysql', '--password', 's3 cret', 'd']", "['mysql', '--password', '***', 'd']"),
            ("[\"x\", \"--api-key\", \"s3cret\"]", "[\"x\", \"--api-key\", \"***\"]"),
            ("x --client-secret s3cret --token abc1 -v", "x --client-secret *** --token *** -v"),
            ("curl -u ada:s3cret https://h/x", "curl -u ada:*** https://h/x"),
            ("Command '['curl', '-u', 'ada:s3cret', 'h']' failed", "Command '['curl', '-u', 'ada:***', 'h']' failed"),
            ("python -u main.py; git push -u origin main", "python -u main.py; git push -u origin main"),
            ("sort -u a:b", "sort -u a:***"),
            ("give --token or --api-key. Or --password: see", "give --token or --api-key. Or --password: see"),
            ("run --password --user u; the password is wrong", "run --password --user u; the password is wrong"),
            ("{'token': 'abcdefghij0123'}, secret=abcdefghij0123", "{'token': '***'}, secret=***"),
            ("token: ',' at 3; token limit: 5; secret=no", "token: ',' at 3; token limit: 5; secret=no"),
            ("max_tokens=4096, token_count=5, pass=3 of 4", "max_tokens=4096, token_count=5, pass=3 of 4"),
            ("authorization: token abcdefghij0123", "authorization: token ***"),
            ("got eyJhbGciOiJIUzI1.eyJzdWIiOiIx.dozjgNryP4.", "got ***."),
            ("eyJhbGciOiJIUzI1NiIsInR5 is no token of parts", "eyJhbGciOiJIUzI1NiIsInR5 is no token of parts"),
            (
                "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----",
            ),
            ("gsk_abcdefghijklmnop0123 SG.abcdefghijklmnopq", "gsk_*** SG.***"),
        ] {
            assert_eq!(scrubbed(text), masked);
        }
    }
}
