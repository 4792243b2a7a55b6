//! JSON bodies of requests that are no batches: typed, and told in plain words what is wrong with them.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use super::words;
use crate::error::{ApiError, BODY_PATIENCE};

/// Longest JSON body of a request that is not a batch.
const BODY_BYTES: usize = 256 * 1024;

/// A JSON body as `T`; what is wrong with it is named.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let reading = axum::body::to_bytes(request.into_body(), BODY_BYTES);
        let bytes = tokio::time::timeout(BODY_PATIENCE, reading)
            .await
            .map_err(|_| ApiError::stalled_body())?
            .map_err(|_| ApiError::validation(&[("body", "could not be read, or has over 256 KiB")]))?;
        read(&bytes).map(Self).map_err(|(field, what)| ApiError::validation(&[(&field, &what)]))
    }
}

/// What a body says; or which field of it is wrong, and how.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, (String, String)> {
    let whole = |what: String| ("body".to_owned(), what);
    match bytes.trim_ascii_start().first() {
        None => return Err(whole("is empty; send a JSON object".to_owned())),
        // As fields in a row it might be read, which nobody means.
        Some(b'[') => return Err(whole("must be an object, and is a list".to_owned())),
        Some(_) => {}
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let said = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let inner = error.inner();
        if inner.is_data() { named(&error.path().to_string(), &inner.to_string()) } else { whole(no_json(inner)) }
    })?;
    reader.end().map_err(|_| whole("goes on after its end; send one JSON object".to_owned()))?;
    Ok(said)
}

/// What cannot be read as JSON at all, and where.
fn no_json(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "is cut short: it ends in the middle of the JSON".to_owned();
    }
    format!("is no JSON, from line {}, column {} on", error.line(), error.column())
}

/// Which field is wrong, and how. One that is missing is named, and not what it is missing from.
fn named(path: &str, message: &str) -> (String, String) {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if let Some(name) = words::of_missing_field(message) {
        let field = if path == "." { name.to_owned() } else { format!("{path}.{name}") };
        return (field, "is missing".to_owned());
    }
    // What was read as a whole before it was looked at is told by its own path: the field in it is named by the message alone.
    if let Some((name, what)) = words::of_unknown_field(message) {
        let is_named = path.rsplit('.').next() == Some(name);
        let field = match path {
            "." => name.to_owned(),
            _ if is_named => path.to_owned(),
            _ => format!("{path}.{name}"),
        };
        return (field, what);
    }
    let what = words::of_value(message);
    match path {
        // A body that is read as a whole before it is looked at does not say which of its fields is meant.
        "." if what.starts_with("must be ") && !what.starts_with("must be an object") => {
            ("body".to_owned(), format!("holds a field that {what}"))
        }
        "." => ("body".to_owned(), what),
        _ => (path.to_owned(), what),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read for its refusals")]
    struct Sample {
        name: String,
        count: Option<u32>,
        share: Option<f64>,
        on: Option<bool>,
        names: Option<Vec<String>>,
        part: Option<Part>,
        word: Option<Word>,
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read for its refusals")]
    struct Part {
        kind: String,
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
    #[expect(dead_code, reason = "read for its refusals")]
    enum Kind {
        Lost { seconds: u32 },
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Warning,
        Critical,
    }

    #[test]
    fn what_is_wrong_with_a_body_is_told_in_plain_words() {
        for (body, field, what) in [
            ("", "body", "is empty; send a JSON object"),
            (" [1]", "body", "must be an object, and is a list"),
            ("\"text\"", "body", "must be an object, and is the string \"text\""),
            ("5", "body", "must be an object, and is the number 5"),
            ("nonsense", "body", "is no JSON, from line 1, column 2 on"),
            ("{\"name\": \"a\",\n \"on\": yes}", "body", "is no JSON, from line 2, column 8 on"),
            ("{\"name\": \"a\"", "body", "is cut short: it ends in the middle of the JSON"),
            ("{\"name\": \"a\"} {\"name\": \"b\"}", "body", "goes on after its end; send one JSON object"),
            ("{}", "name", "is missing"),
            ("{\"name\": 5}", "name", "must be a string, and is the number 5"),
            ("{\"name\": null}", "name", "must be a string, and is null"),
            ("{\"name\": {}}", "name", "must be a string, and is an object"),
            ("{\"name\": \"a\", \"count\": -1}", "count", "must be a whole number, 0 or more, and is the number -1"),
            ("{\"name\": \"a\", \"count\": 1.5}", "count", "must be a whole number, 0 or more, and is the number 1.5"),
            ("{\"name\": \"a\", \"share\": \"1\"}", "share", "must be a number, and is the string \"1\""),
            ("{\"name\": \"a\", \"on\": 1}", "on", "must be true or false, and is the number 1"),
            ("{\"name\": \"a\", \"names\": \"b\"}", "names", "must be a list, and is the string \"b\""),
            ("{\"name\": \"a\", \"names\": [true]}", "names[0]", "must be a string, and is the boolean true"),
            ("{\"name\": \"a\", \"part\": {}}", "part.kind", "is missing"),
            ("{\"name\": \"a\", \"part\": []}", "part", "must be an object, and is of length 0"),
            ("{\"name\": \"a\", \"part\": 1}", "part", "must be an object, and is the number 1"),
            ("{\"name\": \"a\", \"word\": \"bad\"}", "word", "is `bad`, and must be `warning` or `critical`"),
            (
                "{\"name\": \"a\", \"kind\": {\"type\": \"lost\", \"seconds\": 1, \"minutes\": 2}}",
                "kind.minutes",
                "is not known here; there is `seconds`",
            ),
            ("{\"name\": \"a\", \"kind\": {\"type\": \"sleepy\"}}", "kind.type", "is `sleepy`, and must be `lost`"),
            ("{\"name\": \"a\", \"kind\": {\"type\": \"lost\"}}", "kind.seconds", "is missing"),
            (
                "{\"name\": \"a\", \"nam\": 1}",
                "nam",
                "is not known here; there is `name`, `count`, `share`, `on`, `names`, `part`, `word`, `kind`",
            ),
        ] {
            let (of, told) = read::<Sample>(body.as_bytes()).expect_err(body);
            assert_eq!((of.as_str(), told.as_str()), (field, what), "{body}");
        }
        assert!(read::<Sample>(b"{\"name\": \"a\"}\n").is_ok());
    }
}
