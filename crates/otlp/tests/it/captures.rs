//! What real emitters sent, and what the board must say of it. `tests/expected/*.txt` are written and read by people:
//! `UPDATE_EXPECTED=1` prints them anew, and whoever does so reads the difference.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hiveboard_otlp::Mapper;
use hiveboard_wire::{EventErrorCode, Timestamp, decode_batch};
use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    logs::v1::{ResourceLogs, ScopeLogs},
    trace::v1::{ResourceSpans, ScopeSpans},
};
use prost::Message;

use crate::board::{Request, SCOPE, described};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn read(path: &Path) -> Request {
    let bytes = fs::read(path).unwrap();
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let wrong = |error: String| format!("{}: {error}", path.display());
    macro_rules! parsed {
        ($kind:ty) => {
            if is_json {
                serde_json::from_slice::<$kind>(&bytes).map_err(|error| wrong(error.to_string())).unwrap()
            } else {
                <$kind>::decode(&*bytes).map_err(|error| wrong(error.to_string())).unwrap()
            }
        };
    }
    match name.split('-').next().unwrap() {
        "traces" => Request::Traces(parsed!(ExportTraceServiceRequest)),
        "logs" => Request::Logs(parsed!(ExportLogsServiceRequest)),
        "metrics" => Request::Metrics(parsed!(ExportMetricsServiceRequest)),
        other => panic!("a capture of {other}"),
    }
}

fn captures() -> Vec<(String, Vec<Request>)> {
    let mut all: Vec<_> = fs::read_dir(folder("captures"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let mut files: Vec<PathBuf> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect();
            // By the number that the requests were counted with, whatever they carried.
            files.sort_by_key(|file| file.file_name().unwrap().to_str().unwrap().split('-').nth(1).unwrap().to_owned());
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, files.iter().map(|file| read(file)).collect())
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// One span or record a request.
fn split(request: &Request) -> Vec<Request> {
    let mut parts = Vec::new();
    match request {
        Request::Traces(request) => {
            for resource in &request.resource_spans {
                for group in &resource.scope_spans {
                    for span in &group.spans {
                        let scope_spans = vec![ScopeSpans { spans: vec![span.clone()], ..group.clone() }];
                        let resource_spans = vec![ResourceSpans { scope_spans, ..resource.clone() }];
                        parts.push(Request::Traces(ExportTraceServiceRequest { resource_spans }));
                    }
                }
            }
        }
        Request::Logs(request) => {
            for resource in &request.resource_logs {
                for group in &resource.scope_logs {
                    for record in &group.log_records {
                        let scope_logs = vec![ScopeLogs { log_records: vec![record.clone()], ..group.clone() }];
                        let resource_logs = vec![ResourceLogs { scope_logs, ..resource.clone() }];
                        parts.push(Request::Logs(ExportLogsServiceRequest { resource_logs }));
                    }
                }
            }
        }
        Request::Metrics(_) => parts.push(request.clone()),
    }
    parts
}

#[test]
fn every_capture_says_what_is_expected() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    let all = captures();
    assert!(all.len() > 40, "the captures moved");
    for (name, requests) in all {
        let path = folder("expected").join(format!("{name}.txt"));
        let described = described(&requests);
        if update {
            fs::write(&path, &described).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != described {
            wrong.push(format!("=== {name}\n{described}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A record of Codex belongs to the last prompt before it, which must be known by then. And Claude Code tells of one call by a record
/// and by a span, and whichever comes first is kept: the same call at the same place, but only
/// the record knows the price. So their order is kept. Likewise where two instrumentations tell of one call, one around or beside the
/// other: the inner span ends first, and whether there is one is not known before. The same holds for tools that a client and its server
/// tell of, for how many agents a request has that ends after them,
/// and for whether an agent by whose last one it ended asked a model itself.
fn needs_its_order(name: &str) -> bool {
    const DOUBLED: &[&str] = &[
        "documented-two-agents-one-request",
        "fastmcp",
        "genai-openai-agents-upstream",
        "langfuse-openai-agents",
        "mastra-agents",
        "oi-anthropic",
        "oi-autogen",
        "oi-dspy",
        "oi-llama-index",
        "openllmetry-anthropic",
        "variant-values",
        "vercel-ai-sdk-7",
    ];
    name.starts_with("claude-") || name.starts_with("codex-") || DOUBLED.contains(&name)
}

/// Its spans lie scope by scope in a body, so that an outer one stands before the inner one that ended before it: alone they come as they ended.
const BY_SCOPE: &str = "fastmcp";

fn end_of_first_span(request: &Request) -> u64 {
    let Request::Traces(request) = request else { return 0 };
    let groups = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    groups.flat_map(|group| &group.spans).map(|span| span.end_time_unix_nano).next().unwrap_or(0)
}

#[test]
fn split_and_sent_again_they_say_the_same() {
    for (name, requests) in captures() {
        let whole = described(&requests);
        let mut parts: Vec<Request> = requests.iter().flat_map(split).collect();
        if name == BY_SCOPE {
            parts.sort_by_key(end_of_first_span);
        }
        parts.extend(requests.iter().cloned());
        assert_eq!(described(&parts), whole, "{name}, split");
    }
}

#[test]
fn shuffled_they_say_the_same() {
    let mut random = fastrand::Rng::with_seed(7);
    for (name, requests) in captures().into_iter().filter(|(name, _)| !needs_its_order(name)) {
        let whole = described(&requests);
        let mut parts: Vec<Request> = requests.iter().flat_map(split).collect();
        for _ in 0..5 {
            random.shuffle(&mut parts);
            assert_eq!(described(&parts), whole, "{name}, shuffled");
        }
    }
}

/// Whatever a body says that can be read, its events are such as a client would send.
#[test]
fn of_damaged_bodies_all_events_can_be_stored() {
    let mut random = fastrand::Rng::with_seed(11);
    let now = Timestamp::parse("2027-01-01T00:00:00Z").unwrap();
    let mut mapped = 0;
    for (name, requests) in captures() {
        let Some(Request::Traces(request)) = requests.iter().find(|one| matches!(one, Request::Traces(_))) else {
            continue;
        };
        let body = request.encode_to_vec();
        for _ in 0..3 {
            let mut damaged = body.clone();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..damaged.len());
                damaged[at] = if random.bool() { random.u8(..) } else { b"\"\\\n\x00{"[random.usize(..5)] };
            }
            let Ok(request) = ExportTraceServiceRequest::decode(&*damaged) else { continue };
            mapped += 1;
            for batch in Mapper::default().spans(SCOPE, &request).batches {
                let decoded = decode_batch(&batch.body, now).unwrap();
                let errors = decoded.receipt.errors.iter().map(|problem| problem.error);
                let wrong: Vec<_> = errors.filter(|error| *error != EventErrorCode::InvalidTimestamp).collect();
                assert_eq!(wrong, [], "{name}: {}", String::from_utf8_lossy(&batch.body));
            }
        }
    }
    assert!(mapped > 100, "too few could be read: {mapped}");
}
