//! Writes export requests for the benchmark: what real emitters sent, again and again under ids and times of its own.
//!
//! `bodies SPANS SIZE SEED` prints a request a line, as `spans<TAB>protobuf in hex<TAB>the same spans as a JSON list`: SIZE spans each, all
//! of one emitter, or what is left of a round. Times end now.
#![expect(clippy::unwrap_used, reason = "a tool that stops at the first fault")]

use std::{
    fs,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use prost::Message;

/// What coding agents tell by spans is passed over, or a trace of hundreds of internals: they are no measure of the others.
const LEFT_OUT: &[&str] = &["codex", "gemini", "qwen", "opencode", "claude-code", "claude-agent-sdk"];

fn main() -> std::io::Result<()> {
    let given: Vec<u64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let [wanted, size, seed] = given[..] else {
        return Err(std::io::Error::other("usage: bodies SPANS SIZE SEED"));
    };
    let emitters = emitters();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut made, mut round) = (0, 0);
    while made < wanted {
        for emitter in &emitters {
            let mut left = size.min(wanted - made.min(wanted));
            let mut request = ExportTraceServiceRequest::default();
            while left > 0 {
                round += 1;
                left =
                    left.saturating_sub(again(emitter, seed ^ (round << 20), now, left, &mut request.resource_spans));
            }
            let spans: Vec<&Span> =
                request.resource_spans.iter().flat_map(|one| &one.scope_spans).flat_map(|one| &one.spans).collect();
            made += spans.len() as u64;
            write!(out, "{}\t", spans.len())?;
            for byte in request.encode_to_vec() {
                write!(out, "{byte:02x}")?;
            }
            writeln!(out, "\t{}", serde_json::to_string(&spans).unwrap())?;
            if made >= wanted {
                break;
            }
        }
    }
    out.flush()
}

/// The recorded requests of each emitter that has spans.
fn emitters() -> Vec<Vec<ResourceSpans>> {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let sorted = |folder: &Path| {
        let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    sorted(&captures)
        .into_iter()
        .filter(|folder| !LEFT_OUT.iter().any(|prefix| name(folder).starts_with(prefix)))
        .map(|folder| {
            let traces = sorted(&folder).into_iter().filter(|path| name(path).starts_with("traces-"));
            traces.flat_map(|path| read(&path).resource_spans).collect::<Vec<_>>()
        })
        .filter(|spans| !spans.is_empty())
        .collect()
}

fn read(path: &Path) -> ExportTraceServiceRequest {
    let bytes = fs::read(path).unwrap();
    match path.extension().unwrap().to_str() {
        Some("json") => serde_json::from_slice(&bytes).unwrap(),
        _ => ExportTraceServiceRequest::decode(&*bytes).unwrap(),
    }
}

/// Adds what the emitter sent, at most `most` spans, with `mark` in all its ids; answers how many.
fn again(emitter: &[ResourceSpans], mark: u64, now: u64, most: u64, to: &mut Vec<ResourceSpans>) -> u64 {
    let spans = || emitter.iter().flat_map(|one| &one.scope_spans).flat_map(|one| &one.spans);
    let shift = now - spans().map(|span| span.end_time_unix_nano).max().unwrap();
    let mut added = 0;
    for resource in emitter {
        let mut scope_spans = Vec::new();
        for group in &resource.scope_spans {
            let room = (most - added) as usize;
            let spans: Vec<Span> = group.spans.iter().take(room).map(|span| marked(span, mark, shift)).collect();
            added += spans.len() as u64;
            scope_spans.push(ScopeSpans { spans, ..group.clone() });
        }
        to.push(ResourceSpans { scope_spans, ..resource.clone() });
    }
    added
}

fn marked(span: &Span, mark: u64, shift: u64) -> Span {
    let with_mark = |id: &[u8]| {
        let mut id = id.to_vec();
        id.iter_mut().zip(mark.to_le_bytes()).for_each(|(byte, mark)| *byte ^= mark);
        id
    };
    Span {
        trace_id: with_mark(&span.trace_id),
        // Those of a trace stay apart from one another, and parents are found.
        start_time_unix_nano: span.start_time_unix_nano + shift,
        end_time_unix_nano: span.end_time_unix_nano + shift,
        ..span.clone()
    }
}
