//! Answers as short texts.

use crate::{
    remote::{Fault, Listed},
    terminal::clean,
};

/// What agents wrote is quoted up to so many columns.
const QUOTED: usize = 240;

/// One line of what somebody else wrote.
pub(super) fn quoted(text: &str) -> String {
    clean::cut(&clean::line(text), QUOTED)
}

/// The same with `: ` before it, or nothing.
pub(super) fn after_colon(text: Option<&str>) -> String {
    text.map(quoted).filter(|text| !text.is_empty()).map_or_else(String::new, |text| format!(": {text}"))
}

/// A link as models pass them on.
pub(super) fn link(words: &str, address: &str) -> String {
    format!("[{words}]({address})")
}

/// How a list goes on.
pub(super) fn more(listed: &Listed) -> Option<String> {
    let cursor = listed.cursor.as_ref().filter(|_| listed.has_more)?;
    Some(format!("There is more: ask again with cursor {cursor:?} and the same other arguments."))
}

/// Parameters of the API that tools have another name for.
const OTHER_NAMES: [(&str, &str); 5] = [
    ("`q`", "`text`"),
    ("`group_by`", "`by`"),
    ("`event_type`", "`event_types`"),
    ("`payload_kind`", "`payload_kinds`"),
    ("`severity`", "`severities`"),
];

/// What went wrong, for a model that may ask better.
pub(super) fn fault(fault: &Fault) -> String {
    match fault {
        Fault::Usage(why) => {
            let why = OTHER_NAMES.iter().fold(why.clone(), |why, (theirs, ours)| why.replace(theirs, ours));
            format!("This cannot be asked so: {why}")
        }
        Fault::NotFound(why) => format!("Not found: {why} `list_tasks` and `fleet_status` tell what there is."),
        other => format!("The board did not answer: {other}"),
    }
}
