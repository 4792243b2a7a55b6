//! Ids by query parameter. An id may be anything, `.` and `..` too, which no client sends in a path as they are; so a path may say `-` where
//! an id belongs, and the query what it is: `/v1/agents/-?agent_id=..`, `/v1/tasks/-/timeline?task_id=a%2Fb`.

use std::fmt::Write;

use axum::http::Uri;

/// The nouns whose ids may come by query, and the parameter's name.
const NOUNS: [(&str, &str); 4] =
    [("agents", "agent_id"), ("tasks", "task_id"), ("projects", "project_id"), ("api-keys", "key_id")];

/// The same address with the id in its place; `None` for any other.
pub(crate) fn resolve(uri: &Uri) -> Option<Uri> {
    let path = uri.path().strip_prefix("/v1/")?;
    let (noun, rest) = path.split_once('/')?;
    let rest = rest.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
    let (_, parameter) = NOUNS.iter().find(|(name, _)| *name == noun)?;
    let mut id = None;
    let mut others = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(uri.query()?.as_bytes()) {
        if id.is_none() && name == *parameter && !value.is_empty() {
            id = Some(value.into_owned());
        } else {
            others.append_pair(&name, &value);
        }
    }
    let mut address = format!("/v1/{noun}/");
    for byte in id?.bytes() {
        // Dots too: the routes take the escaped ones for what they are.
        if byte.is_ascii_alphanumeric() {
            address.push(char::from(byte));
        } else {
            write!(address, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
    address.push_str(rest);
    let others = others.finish();
    if !others.is_empty() {
        address.push('?');
        address.push_str(&others);
    }
    address.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_the_query_takes_its_place_in_the_path() {
        for (given, resolved) in [
            ("/v1/agents/-?agent_id=..", Some("/v1/agents/%2E%2E")),
            (
                "/v1/agents/-/pipeline?mode=test&agent_id=a%2Fb%3Fc%23d",
                Some("/v1/agents/a%2Fb%3Fc%23d/pipeline?mode=test"),
            ),
            ("/v1/tasks/-/timeline?agent_id=x+y&task_id=%25", Some("/v1/tasks/%25/timeline?agent_id=x+y")),
            ("/v1/agents/-", None),
            ("/v1/agents/-?task_id=x", None),
            ("/v1/agents/-x?agent_id=y", None),
            ("/v1/events?agent_id=y", None),
        ] {
            let got = resolve(&given.parse().expect("an address")).map(|uri| uri.to_string());
            assert_eq!(got.as_deref(), resolved, "{given}");
        }
    }
}
