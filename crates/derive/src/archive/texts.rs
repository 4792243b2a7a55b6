//! What a segment's runs are looked up by beside their labels: ids, folded, one after another, so that a search need not open the rows.

use hiveboard_text::{Needle, fold_into};
use hiveboard_wire::EventId;
use serde::{Deserialize, Serialize};

use super::cold::ColdRowError;
use crate::run::Run;

/// Between the texts of one run. Whoever looks for it finds runs that do not hold it; rows are looked at in the end.
const BETWEEN: char = '\u{1f}';
const UUID_BYTES: usize = 16;

/// Texts to be written.
#[derive(Debug, Default)]
pub(super) struct TextsBuilder {
    folded: String,
    /// Where each row's texts end.
    ends: Vec<u32>,
    /// Run ids that are UUIDs, 16 bytes a row; zeros where there is none.
    uuids: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Texts<'a> {
    #[serde(borrow)]
    folded: &'a str,
    ends: Vec<u32>,
    #[serde(borrow)]
    uuids: &'a [u8],
}

impl TextsBuilder {
    pub(super) fn push(&mut self, run: &Run) {
        fold_into(&run.task_id, &mut self.folded);
        self.folded.push(BETWEEN);
        if let Some(id) = &run.correlation.value {
            id.with_str(|id| fold_into(id, &mut self.folded));
            self.folded.push(BETWEEN);
        }
        if let Some(raised) = run.closed().and_then(|end| end.exception.as_deref()) {
            for text in [&raised.exception_type, &raised.message].into_iter().flatten() {
                fold_into(text, &mut self.folded);
                self.folded.push(BETWEEN);
            }
        }
        if let Some(bytes) = run.task_run_id.as_uuid() {
            self.uuids.extend_from_slice(bytes);
        } else {
            self.uuids.extend_from_slice(&[0; UUID_BYTES]);
            run.task_run_id.with_str(|id| fold_into(id, &mut self.folded));
            self.folded.push(BETWEEN);
        }
        self.ends.push(self.folded.len() as u32);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let texts = Texts { folded: &self.folded, ends: self.ends, uuids: &self.uuids };
        postcard::to_stdvec(&texts).expect("texts can be encoded")
    }
}

/// Rows that may hold the needle, in order; those that are left out do not.
pub(super) fn rows_holding(bytes: &[u8], needle: &Needle) -> Result<Vec<u32>, ColdRowError> {
    let damaged = || ColdRowError::damaged("the texts of archived runs");
    let Texts { folded, ends, uuids } = postcard::from_bytes(bytes).map_err(|_| damaged())?;
    if uuids.len() != ends.len() * UUID_BYTES || ends.last().is_some_and(|end| *end as usize != folded.len()) {
        return Err(damaged());
    }
    let mut rows = Vec::new();
    let mut from = 0;
    while let Some(found) = needle.find_in_folded(folded.get(from..).ok_or_else(damaged)?) {
        let row = ends.partition_point(|end| *end as usize <= from + found);
        let Some(end) = ends.get(row) else { break };
        rows.push(row as u32);
        from = *end as usize;
    }
    let is_of_a_uuid = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    if needle.folded().bytes().all(is_of_a_uuid) {
        for (row, uuid) in (0..).zip(uuids.chunks_exact(UUID_BYTES)) {
            let uuid: [u8; UUID_BYTES] = uuid.try_into().map_err(|_| damaged())?;
            if EventId::from_uuid(uuid).with_str(|text| needle.find_in_folded(text).is_some()) {
                rows.push(row);
            }
        }
        rows.sort_unstable();
        rows.dedup();
    }
    Ok(rows)
}
