//! What a span costs to decode and to map, counted by callgrind: the same on any machine.
//!
//! ```text
//! bodies 2000 100 7 > spans.txt
//! valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*measured*' mapping decode|json|map|both spans.txt
//! ```
#![expect(clippy::unwrap_used, reason = "a tool that stops at the first fault")]

use hiveboard_otlp::{Mapper, collector::trace::v1::ExportTraceServiceRequest};
use hiveboard_wire::{Mode, Scope, WorkspaceId};
use prost::Message;

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [part, file] = &given[..] else { panic!("usage: mapping decode|json|map|both FILE") };
    let scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
    let mapper = Mapper::default();
    let (mut spans, mut events, mut bytes) = (0, 0, 0);
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let mut fields = line.split('\t');
        spans += fields.next().unwrap().parse::<usize>().unwrap();
        let hex = fields.next().unwrap().as_bytes();
        let digit = |byte: u8| char::from(byte).to_digit(16).unwrap() as u8;
        let body: Vec<u8> = hex.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect();
        let decode = || ExportTraceServiceRequest::decode(&*body).unwrap();
        let came = match part.as_str() {
            "decode" => {
                measured(decode);
                continue;
            }
            "json" => {
                let spans = fields.next().unwrap();
                let body = format!("{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":{spans}}}]}}]}}");
                measured(|| hiveboard_otlp::json::read::<ExportTraceServiceRequest>(body.as_bytes()).unwrap());
                continue;
            }
            "map" => {
                let request = decode();
                measured(|| mapper.spans(scope, &request))
            }
            _ => measured(|| mapper.spans(scope, &decode())),
        };
        events += came.batches.iter().map(|batch| batch.events).sum::<usize>();
        bytes += came.batches.iter().map(|batch| batch.body.len()).sum::<usize>();
    }
    println!("{part}: {spans} spans, {events} events, {bytes} bytes of events");
}

/// The name that callgrind is told to collect in.
#[inline(never)]
fn measured<T>(work: impl FnOnce() -> T) -> T {
    std::hint::black_box(work())
}
