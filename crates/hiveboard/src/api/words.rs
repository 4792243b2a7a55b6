//! What is wrong with a request, in plain words: from the messages of what reads it.

/// What is wrong with a value. `expected struct NewProject with 5 elements` is of no use to whoever sent it.
pub(super) fn of_value(message: &str) -> String {
    if let Some((given, known)) = between(message, "unknown variant `", "`") {
        return match known.split_once("expected ") {
            Some((_, names)) => format!("is `{given}`, and must be {names}"),
            None => format!("is `{given}`, which is not known"),
        };
    }
    let told = ["invalid type: ", "invalid value: ", "invalid length "].iter().find_map(|kind| {
        let (given, wanted) = message.strip_prefix(kind)?.rsplit_once(", expected ")?;
        Some((if *kind == "invalid length " { format!("of length {given}") } else { article(given) }, wanted))
    });
    match told {
        // Of texts that are read as numbers.
        None if message.starts_with("invalid digit found") || message.starts_with("cannot parse integer") => {
            "must be a whole number, 0 or more".to_owned()
        }
        None if message.starts_with("number too large") => "is too large a number".to_owned(),
        None if message.starts_with("provided string was not `true` or `false`") => "must be true or false".to_owned(),
        Some((given, wanted)) => format!("must be {}, and is {given}", wanted_in_words(wanted)),
        None => message.to_owned(),
    }
}

/// A name that is not known, and the sentence about it, where that is what is wrong.
pub(super) fn of_unknown_field(message: &str) -> Option<(&str, String)> {
    let (name, known) = between(message, "unknown field `", "`")?;
    let told = match known.split_once("expected ") {
        Some((_, names)) => format!("is not known here; there is {}", names.trim_start_matches("one of ")),
        None => "is not known here; there are none".to_owned(),
    };
    Some((name, told))
}

/// The name of what is missing, where that is what is wrong.
pub(super) fn of_missing_field(message: &str) -> Option<&str> {
    Some(between(message, "missing field `", "`")?.0)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(before)?.split_once(after)
}

/// What was sent, as JSON calls it: an integer is a number, a map an object.
fn article(given: &str) -> String {
    match given.split_once(' ') {
        Some((kind @ ("integer" | "floating" | "string" | "boolean"), _)) => {
            let value = given.trim_start_matches(kind).trim_start_matches(" point").trim();
            let kind = if kind == "integer" || kind == "floating" { "number" } else { kind };
            format!("the {kind} {}", value.trim_matches('`'))
        }
        _ => match given {
            "map" => "an object".to_owned(),
            "sequence" => "a list".to_owned(),
            "unit" => "null".to_owned(),
            other => other.to_owned(),
        },
    }
}

/// What is wanted, as JSON calls it.
fn wanted_in_words(wanted: &str) -> String {
    match wanted {
        "f64" => "a number".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        "i32" | "i64" => "a whole number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        _ if ["struct ", "internally tagged enum ", "adjacently tagged enum "]
            .iter()
            .any(|ours| wanted.starts_with(ours)) =>
        {
            "an object".to_owned()
        }
        _ if wanted.starts_with("enum ") || wanted.starts_with("variant identifier") => {
            "one of the known words".to_owned()
        }
        _ => wanted.to_owned(),
    }
}
