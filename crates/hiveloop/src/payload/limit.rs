//! Bringing a payload that is too large under the limit, keeping as much of it as fits.

use serde_json::{Map, Value};

/// The most bytes of compact JSON that a payload may have; the server refuses more.
pub const MAX_PAYLOAD_BYTES: usize = 32 * 1024;

/// Room for the marker that is added.
const MARKER_BYTES: usize = 24;
/// Strings are not cut shorter than this; containers go first.
const SHORTEST_CUT: usize = 64;

/// Cuts the longest strings, then the largest containers, until the payload fits, and marks it `"_truncated": true`.
///
/// `payload` is a JSON object; anything else is wrapped into one.
pub(crate) fn shrink(payload: &[u8]) -> Vec<u8> {
    let mut fields = match serde_json::from_slice(payload) {
        Ok(Value::Object(fields)) => fields,
        Ok(other) => Map::from_iter([("value".to_owned(), other)]),
        // Written by this crate, so it is JSON; if ever not, the event is worth more than its payload.
        Err(_) => Map::new(),
    };
    fields.insert("_truncated".to_owned(), Value::Bool(true));
    let mut value = Value::Object(fields);
    let target = MAX_PAYLOAD_BYTES - MARKER_BYTES;

    // Measured only where something has changed: it is a walk through all of it.
    let mut too_large = size(&value) > target;
    let mut longest_allowed = MAX_PAYLOAD_BYTES / 2;
    while too_large && longest_allowed >= SHORTEST_CUT {
        // Only strings longer than the bound are touched, so the longest are cut first and most.
        if cut_strings(&mut value, longest_allowed) {
            too_large = size(&value) > target;
        }
        longest_allowed = longest_allowed * 3 / 4;
    }
    let mut most_items = 1024;
    while too_large && most_items > 0 {
        if cut_containers(&mut value, most_items, true) {
            too_large = size(&value) > target;
        }
        most_items /= 2;
    }
    if too_large {
        value = serde_json::json!({"summary": "<payload left out: too large>", "_truncated": true});
    }
    value.to_string().into_bytes()
}

fn size(value: &Value) -> usize {
    struct Counted(usize);
    impl std::io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counted = Counted(0);
    serde_json::to_writer(&mut counted, value).expect("counting never fails");
    counted.0
}

/// Cuts what is longer; returns whether there was any.
fn cut_strings(value: &mut Value, longest: usize) -> bool {
    match value {
        Value::String(text) if text.len() > longest => {
            let end = (0..=longest.saturating_sub(3)).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
            text.truncate(end);
            text.push('…');
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |cut, item| cut_strings(item, longest) | cut),
        Value::Object(fields) => fields.values_mut().fold(false, |cut, field| cut_strings(field, longest) | cut),
        _ => false,
    }
}

/// Leaves out what is beyond so many entries; returns whether there was any.
fn cut_containers(value: &mut Value, most: usize, outermost: bool) -> bool {
    match value {
        Value::Array(items) => {
            let surplus = items.len() > most;
            if surplus {
                let left_out = items.len() - most;
                items.truncate(most);
                items.push(Value::String(format!("<left out: {left_out} more items>")));
            }
            items.iter_mut().fold(surplus, |cut, item| cut_containers(item, most, false) | cut)
        }
        Value::Object(fields) => {
            // The payload's own few fields (kind, summary, data, tags) stay while anything inside can go.
            let most_here = if outermost { most.max(16) } else { most };
            let surplus: Vec<String> =
                fields.keys().filter(|name| *name != "_truncated").skip(most_here).cloned().collect();
            for name in &surplus {
                fields.remove(name);
            }
            let surplus = !surplus.is_empty();
            fields.values_mut().fold(surplus, |cut, field| cut_containers(field, most, false) | cut)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn shrunk(value: &Value) -> Value {
        let bytes = shrink(value.to_string().as_bytes());
        assert!(bytes.len() <= MAX_PAYLOAD_BYTES, "{} bytes", bytes.len());
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn the_longest_strings_are_cut_and_the_rest_stays() {
        let cut = shrunk(&json!({"kind": "llm_call", "data": {"name": "n", "prompt_preview": "é".repeat(40_000)}}));
        assert_eq!(
            (&cut["kind"], &cut["data"]["name"], &cut["_truncated"]),
            (&json!("llm_call"), &json!("n"), &json!(true))
        );
        assert!(cut["data"]["prompt_preview"].as_str().unwrap().len() > 8_000);
    }

    #[test]
    fn figures_without_end_are_cut_too() {
        let cut = shrunk(&json!({"kind": "k", "data": {"items": (0..50_000).collect::<Vec<_>>()}}));
        assert_eq!(cut["kind"], json!("k"));
        assert!(cut["data"]["items"].as_array().unwrap().len() > 100);
    }

    #[test]
    fn a_wide_object_is_cut() {
        let wide: Map<String, Value> = (0..20_000).map(|index| (format!("field {index}"), json!(index))).collect();
        assert_eq!(shrunk(&Value::Object(wide))["_truncated"], json!(true));
    }

    proptest! {
        #[test]
        fn any_payload_fits_afterwards(strings in proptest::collection::vec("\\PC{0,2000}", 0..60), nested in any::<bool>()) {
            let list = json!(strings);
            let cut = shrunk(&if nested { json!({"data": {"deep": [list]}}) } else { json!({"data": list}) });
            prop_assert_eq!(&cut["_truncated"], &json!(true));
        }
    }
}
