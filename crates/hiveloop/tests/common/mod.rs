//! A small real HTTP server that can be told to behave badly.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How the server meets one request.
#[derive(Debug, Clone)]
pub(crate) enum Behaviour {
    /// Stores the batch and says so.
    Accept,
    /// Answers with this status, headers and body, and stores nothing.
    Answer(u16, &'static str, String),
    /// Closes the connection in the middle of the request's body.
    CutRequest,
    /// Stores the batch, then closes the connection without an answer.
    DropAfterCommit,
    /// Stores the batch, then cuts its answer short.
    CutAnswer,
    /// Stores the batch after this long.
    Slow(Duration),
}

#[derive(Default)]
struct Record {
    script: VecDeque<Behaviour>,
    /// Events by id, in the order they were first stored.
    stored: Vec<(String, Value)>,
    envelopes: Vec<Value>,
    requests: Vec<Request>,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) at: Instant,
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

pub(crate) struct Server {
    pub(crate) url: String,
    record: Arc<(Mutex<Record>, Condvar)>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// Starts on this port, as a server does that comes back.
    pub(crate) fn start_on(address: &str) -> Self {
        Self::listen(TcpListener::bind(address).unwrap())
    }

    fn listen(listener: TcpListener) -> Self {
        let url = format!("http://{}", listener.local_addr().unwrap());
        let record: Arc<(Mutex<Record>, Condvar)> = Arc::default();
        let shared = record.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                thread::spawn(move || while serve(&stream, &shared).unwrap_or(false) {});
            }
        });
        Self { url, record }
    }

    /// What happens to the next requests; later ones are accepted.
    pub(crate) fn script(&self, behaviours: impl IntoIterator<Item = Behaviour>) {
        self.record.0.lock().unwrap().script.extend(behaviours);
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.record.0.lock().unwrap().requests.clone()
    }

    pub(crate) fn envelopes(&self) -> Vec<Value> {
        self.record.0.lock().unwrap().envelopes.clone()
    }

    /// The stored events, each once.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.record.0.lock().unwrap().stored.iter().map(|(_, event)| event.clone()).collect()
    }

    /// Waits until so many requests have come.
    pub(crate) fn wait_for_requests(&self, count: usize) {
        let (record, arrived) = &*self.record;
        let guard = record.lock().unwrap();
        let enough = |record: &mut Record| record.requests.len() < count;
        let (guard, waited) = arrived.wait_timeout_while(guard, Duration::from_secs(20), enough).unwrap();
        assert!(!waited.timed_out(), "{} requests came, not {count}", guard.requests.len());
    }
}

/// Meets one request; whether the connection stays open.
fn serve(stream: &TcpStream, shared: &(Mutex<Record>, Condvar)) -> std::io::Result<bool> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(false);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let behaviour = shared.0.lock().unwrap().script.pop_front().unwrap_or(Behaviour::Accept);
    if matches!(behaviour, Behaviour::CutRequest) {
        reader.read_exact(&mut vec![0; length / 2])?;
        note(shared, Request { at: Instant::now(), path, headers, events: 0, bytes: length });
        return Ok(false);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    if headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain)?;
        body = plain;
    }
    let batch: Value = serde_json::from_slice(&body).expect("a body is JSON");
    let events = batch["events"].as_array().expect("a body has events").clone();
    let request = Request { at: Instant::now(), path, headers, events: events.len(), bytes: body.len() };
    if let Behaviour::Slow(wait) = behaviour {
        thread::sleep(wait);
    }
    if !matches!(behaviour, Behaviour::Answer(..)) {
        let mut record = shared.0.lock().unwrap();
        record.envelopes.push(batch["envelope"].clone());
        for event in &events {
            let id = event["event_id"].as_str().expect("an event has an id").to_owned();
            if !record.stored.iter().any(|(stored, _)| *stored == id) {
                record.stored.push((id, event.clone()));
            }
        }
    }
    note(shared, request);
    let accepted = format!(r#"{{"accepted":{},"rejected":0,"warnings":[],"errors":[]}}"#, events.len());
    let cut = matches!(behaviour, Behaviour::CutAnswer);
    let (status, extra, answer) = match behaviour {
        Behaviour::DropAfterCommit => return Ok(false),
        Behaviour::Answer(status, extra, answer) => (status, extra, answer),
        _ => (200, "", accepted),
    };
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{extra}content-length: ");
    let whole = format!("{head}{}\r\n\r\n{answer}", answer.len());
    let mut stream = stream;
    if cut {
        stream.write_all(&whole.as_bytes()[..whole.len() - 10])?;
        return Ok(false);
    }
    stream.write_all(whole.as_bytes())?;
    Ok(true)
}

fn note(shared: &(Mutex<Record>, Condvar), request: Request) {
    shared.0.lock().unwrap().requests.push(request);
    shared.1.notify_all();
}
