//! From lines of an export to batches that a server takes: rows of one sender that follow each other, in their order.

use std::io::{BufRead, Read};

use hiveboard_wire::{
    Source,
    kind::limits::{BATCH_BYTES, BATCH_EVENTS},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A line beyond this is no event: a payload has 32 KiB.
const MOST_LINE_BYTES: usize = BATCH_BYTES / 2;
/// Of a body, leaving room for its envelope.
const MOST_BODY_BYTES: usize = BATCH_BYTES - 64 * 1024;

/// What a row says of its sender; its names are those of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
struct Sender {
    agent_id: String,
    agent_type: Option<String>,
    agent_version: Option<String>,
    framework: Option<String>,
    runtime: Option<String>,
    sdk_version: Option<String>,
    instance_id: Option<String>,
    environment: Option<String>,
    group: Option<String>,
}

/// What the board that wrote a row said of its event.
#[derive(Deserialize)]
struct Exported {
    event_id: Option<String>,
    source: Option<Source>,
    estimated_cost: Option<f64>,
}

/// What the calls of a batch were estimated to cost, and about how many bytes that takes.
#[derive(Default)]
struct Costs {
    by_event_id: Map<String, Value>,
    bytes: usize,
}

impl Costs {
    fn note(&mut self, exported: Exported) {
        if let (Some(id), Some(cost)) = (exported.event_id, exported.estimated_cost) {
            // A sign may take six bytes in JSON.
            self.bytes += id.len() * 6 + 32;
            self.by_event_id.insert(id, cost.into());
        }
    }
}

struct Row {
    sender: Sender,
    exported: Exported,
    text: Vec<u8>,
    line: u64,
}

/// A body for `POST /v1/ingest`.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) body: Vec<u8>,
    /// Where each of its events stands, from 1.
    pub(super) lines: Vec<u64>,
}

/// A line that is no event.
#[derive(Debug)]
pub(super) struct BadLine {
    pub(super) line: u64,
    pub(super) why: String,
}

pub(super) struct Batches<R> {
    source: R,
    line: u64,
    /// What was read and does not belong to the batch before it.
    next: Option<Result<Row, BadLine>>,
}

impl<R: BufRead> Batches<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, line: 0, next: None }
    }

    /// The next batch, or a line that is not one's part; `None` at the end.
    pub(super) fn next(&mut self) -> std::io::Result<Option<Result<Batch, BadLine>>> {
        let first = match self.row()? {
            None => return Ok(None),
            Some(Err(bad)) => return Ok(Some(Err(bad))),
            Some(Ok(row)) => row,
        };
        let mut body = br#"{"envelope":"#.to_vec();
        serde_json::to_writer(&mut body, &first.sender)?;
        body.extend_from_slice(br#","events":["#);
        body.extend_from_slice(&first.text);
        let mut lines = vec![first.line];
        let source = first.exported.source;
        let mut costs = Costs::default();
        costs.note(first.exported);
        while lines.len() < BATCH_EVENTS {
            match self.row()? {
                Some(Ok(row))
                    if row.sender == first.sender
                        && row.exported.source == source
                        && body.len() + costs.bytes + row.text.len() < MOST_BODY_BYTES =>
                {
                    costs.note(row.exported);
                    body.push(b',');
                    body.extend_from_slice(&row.text);
                    lines.push(row.line);
                }
                other => {
                    self.next = other;
                    break;
                }
            }
        }
        body.extend_from_slice(br#"],"exported":"#);
        serde_json::to_writer(&mut body, &json!({"source": source, "estimated_costs": costs.by_event_id}))?;
        body.push(b'}');
        Ok(Some(Ok(Batch { body, lines })))
    }

    fn row(&mut self) -> std::io::Result<Option<Result<Row, BadLine>>> {
        if let Some(next) = self.next.take() {
            return Ok(Some(next));
        }
        loop {
            let mut text = Vec::new();
            self.line += 1;
            if Read::by_ref(&mut self.source).take(MOST_LINE_BYTES as u64).read_until(b'\n', &mut text)? == 0 {
                return Ok(None);
            }
            let line = self.line;
            let bad = |why: String| Ok(Some(Err(BadLine { line, why })));
            if text.len() == MOST_LINE_BYTES && text.last() != Some(&b'\n') {
                self.source.skip_until(b'\n')?;
                return bad(format!("it has over {MOST_LINE_BYTES} bytes"));
            }
            text.truncate(text.trim_ascii_end().len());
            if text.trim_ascii_start().is_empty() {
                continue;
            }
            let read = |text: &[u8]| -> serde_json::Result<(Sender, Exported)> {
                Ok((serde_json::from_slice(text)?, serde_json::from_slice(text)?))
            };
            return match read(&text) {
                Ok((sender, _)) if sender.agent_id.is_empty() => bad("it names no agent".to_owned()),
                Ok((sender, exported)) => Ok(Some(Ok(Row { sender, exported, text, line }))),
                Err(error) => {
                    bad(format!("it is no event as `hiveboard export --of events --format ndjson` writes it ({error})"))
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(agent: &str, number: usize) -> String {
        json!({"event_id": number.to_string(), "agent_id": agent, "environment": "staging", "seq": number}).to_string()
    }

    /// By batch its agent and the lines of its events, and the lines that are none.
    fn read(text: &str) -> (Vec<(String, Vec<u64>)>, Vec<u64>) {
        let (mut batches, mut found, mut bad) = (Batches::new(text.as_bytes()), Vec::new(), Vec::new());
        while let Some(next) = batches.next().expect("readable") {
            match next {
                Ok(batch) => {
                    assert!(batch.body.len() <= BATCH_BYTES);
                    let body: Value = serde_json::from_slice(&batch.body).expect("JSON");
                    assert_eq!(body["events"].as_array().map(Vec::len), Some(batch.lines.len()));
                    assert_eq!(body["envelope"]["environment"], "staging");
                    found.push((body["envelope"]["agent_id"].as_str().expect("an agent").to_owned(), batch.lines));
                }
                Err(line) => bad.push(line.line),
            }
        }
        (found, bad)
    }

    #[test]
    fn rows_of_one_sender_in_a_row_are_a_batch() {
        let text = [row("a", 1), row("a", 2), String::new(), row("b", 3), row("a", 4)].join("\r\n");
        let (found, bad) = read(&text);
        let expected: [(String, Vec<u64>); 3] =
            [("a".to_owned(), vec![1, 2]), ("b".to_owned(), vec![4]), ("a".to_owned(), vec![5])];
        assert_eq!((found.as_slice(), bad.len()), (&expected[..], 0));
    }

    #[test]
    fn what_a_board_said_of_its_events_goes_along() {
        let of = |number: usize, source: &str, cost: Value| {
            json!({"event_id": number.to_string(), "agent_id": "a", "source": source, "estimated_cost": cost})
                .to_string()
        };
        let rows = [of(1, "otlp", json!(0.25)), of(2, "otlp", Value::Null), of(3, "ingest", Value::Null)];
        let text = rows.join("\n");
        let mut batches = Batches::new(text.as_bytes());
        let mut said = Vec::new();
        while let Some(next) = batches.next().expect("readable") {
            let body: Value = serde_json::from_slice(&next.expect("rows").body).expect("JSON");
            said.push(body["exported"].clone());
        }
        let expected = [
            json!({"source": "otlp", "estimated_costs": {"1": 0.25}}),
            json!({"source": "ingest", "estimated_costs": {}}),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn what_is_no_event_is_told_and_ends_nothing() {
        let long = format!("{{\"agent_id\": \"a\", \"x\": \"{}\"}}", "x".repeat(MOST_LINE_BYTES));
        let text =
            [row("a", 1), "no JSON".to_owned(), row("a", 3), "{\"event_id\": \"1\"}".to_owned(), long, row("a", 6)];
        let (found, bad) = read(&text.join("\n"));
        assert_eq!(found.iter().map(|(_, lines)| lines.clone()).collect::<Vec<_>>(), [[1], [3], [6]]);
        assert_eq!(bad, [2, 4, 5]);
    }

    #[test]
    fn batches_are_as_large_as_a_server_takes_and_no_larger() {
        let text = (0..1_001).map(|number| row("a", number)).collect::<Vec<_>>().join("\n");
        let sizes: Vec<usize> = read(&text).0.iter().map(|(_, lines)| lines.len()).collect();
        assert_eq!(sizes, [500, 500, 1]);
        let large = |number: usize| {
            json!({"event_id": number.to_string(), "agent_id": "a", "environment": "staging",
                "payload": {"text": "x".repeat(30_000)}})
            .to_string()
        };
        let text = (0..100).map(large).collect::<Vec<_>>().join("\n");
        let sizes: Vec<usize> = read(&text).0.iter().map(|(_, lines)| lines.len()).collect();
        assert!(sizes.iter().sum::<usize>() == 100 && sizes[0] > 25, "{sizes:?}");
    }
}
