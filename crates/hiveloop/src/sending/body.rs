//! The body of a request: an envelope and the events as they were queued.

use crate::queue::Batch;

/// Writes the body into a buffer that is used again and again.
pub(super) fn write_body(body: &mut Vec<u8>, batch: &Batch, instance_id: &str) {
    body.clear();
    body.extend_from_slice(b"{\"envelope\":");
    body.extend_from_slice(batch.agent.envelope_head.as_bytes());
    body.extend_from_slice(b",\"instance_id\":\"");
    body.extend_from_slice(instance_id.as_bytes());
    body.extend_from_slice(b"\"},\"events\":[");
    for (index, entry) in batch.entries.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&entry.event);
    }
    body.extend_from_slice(b"]}");
}
