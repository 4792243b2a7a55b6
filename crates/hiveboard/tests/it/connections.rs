//! What comes before a request: TLS, slow and strange senders, proxies, and the end of the server.

use std::{path::Path, time::Duration};

use axum::http::StatusCode;
use hiveboard::config::ServeArgs;
use reqwest::{Certificate, Method};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

use crate::app::{TestApp, event};

/// Writes a certificate for `localhost` and its key; answers the certificate.
fn write_pair(dir: &Path) -> Certificate {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    std::fs::write(dir.join("tls.crt"), made.cert.pem()).expect("a file");
    std::fs::write(dir.join("tls.key"), made.signing_key.serialize_pem()).expect("a file");
    Certificate::from_pem(made.cert.pem().as_bytes()).expect("a certificate")
}

fn with_pair(dir: &Path) -> impl FnOnce(&mut ServeArgs) {
    let dir = dir.to_owned();
    move |args| {
        args.tls_cert = Some(dir.join("tls.crt"));
        args.tls_key = Some(dir.join("tls.key"));
    }
}

/// Whether a client that trusts one certificate alone gets an answer.
async fn reaches(app: &TestApp, trusted: &Certificate) -> bool {
    let client = reqwest::Client::builder().tls_certs_only([trusted.clone()]).no_proxy().build().expect("a client");
    let asked = client.get(format!("https://localhost:{}/ready", app.running().addr.port())).send().await;
    asked.is_ok_and(|answer| answer.status() == StatusCode::OK)
}

#[tokio::test]
async fn a_renewed_certificate_is_used_without_a_restart_and_a_wrong_one_is_not() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = write_pair(dir.path());
    let app = TestApp::start_with(with_pair(dir.path())).await;
    assert!(reaches(&app, &first).await);
    std::fs::write(dir.path().join("tls.crt"), "half written").expect("a file");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(reaches(&app, &first).await, "the right one stays");
    let second = write_pair(dir.path());
    let until = Instant::now() + Duration::from_secs(10);
    while !reaches(&app, &second).await {
        assert!(Instant::now() < until, "it is not taken into use");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(!reaches(&app, &first).await);
    app.stop().await;
}

#[tokio::test]
async fn who_speaks_no_tls_is_told_so() {
    let dir = tempfile::tempdir().expect("a directory");
    write_pair(dir.path());
    let app = TestApp::start_with(with_pair(dir.path())).await;
    let mut plain = TcpStream::connect(app.running().addr).await.expect("a connection");
    plain.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("it is taken");
    let mut told = vec![0; 4_096];
    let read = plain.read(&mut told).await.expect("an answer");
    let told = String::from_utf8_lossy(&told[..read]);
    assert!(told.starts_with("HTTP/1.1 400") && told.ends_with("use https:// or wss://"), "{told}");
    app.stop().await;
}

async fn raw(app: &TestApp, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.running().addr).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("it is taken");
    stream
}

/// What becomes of a body that never comes to its end.
async fn stall(app: &TestApp, user_agent: &str) -> String {
    let head = format!(
        "POST /v1/ingest HTTP/1.1\r\nHost: a\r\nUser-Agent: {user_agent}\r\nAuthorization: Bearer {}\r\nContent-Length: 1000\r\n\r\n{{\"envelope\":",
        app.live
    );
    let mut stream = raw(app, &head).await;
    let mut told = String::new();
    // The published client waits for 30 s.
    timeout(Duration::from_secs(28), stream.read_to_string(&mut told)).await.expect("in time").expect("text");
    assert!(told.contains("sending it again is safe"), "{told}");
    told
}

#[tokio::test]
async fn a_body_that_stalls_is_answered_before_clients_give_up_so_that_they_send_it_again() {
    let app = TestApp::start().await;
    let (ours, published) = tokio::join!(stall(&app, "hiveloop/0.3.0"), stall(&app, "python-requests/2.34.2"));
    assert!(ours.starts_with("HTTP/1.1 408") && ours.contains("request_timeout"), "{ours}");
    assert!(published.starts_with("HTTP/1.1 503"), "the published client drops what is answered with 408: {published}");
    assert_eq!(app.get("/v1/agents").await["data"], json!([]), "nothing was stored");
    app.stop().await;
}

#[tokio::test]
async fn ten_thousand_header_fields_are_refused_and_the_server_goes_on() {
    let app = TestApp::start().await;
    let fields = "x-field: value\r\n".repeat(10_000);
    let mut stream = raw(&app, "GET /health HTTP/1.1\r\nHost: a\r\n").await;
    // The server may answer and hang up in the middle of it.
    let _cut = stream.write_all(fields.as_bytes()).await;
    let _cut = stream.write_all(b"\r\n").await;
    let mut told = vec![0; 1_024];
    let read = timeout(Duration::from_secs(10), stream.read(&mut told)).await.expect("in time").unwrap_or(0);
    let told = String::from_utf8_lossy(&told[..read]);
    assert!(read == 0 || told.starts_with("HTTP/1.1 431"), "{told}");
    assert_eq!(app.request(Method::GET, "/health").send().await.expect("an answer").status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn requests_without_a_key_are_limited_and_those_with_one_are_not() {
    let app = TestApp::start().await;
    let mut last = StatusCode::OK;
    let mut asked = 0;
    while last != StatusCode::TOO_MANY_REQUESTS {
        let answer = app.request(Method::GET, "/v1/agents").send().await.expect("an answer");
        last = answer.status();
        assert!(matches!(last.as_u16(), 401 | 429), "{last}");
        if last == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.headers().contains_key("retry-after"));
        }
        asked += 1;
        assert!(asked < 20_000, "nothing limits them");
    }
    assert!(asked > 1_000, "not before a thousand: {asked}");
    app.get("/v1/agents").await;
    app.stop().await;
}

#[tokio::test]
async fn the_server_ends_in_time_whatever_is_open() {
    let app = TestApp::start().await;
    app.send(&app.live, "a", &[event(json!({"event_type": "task_started", "task_id": "t"}))]).await;
    let mut stream = app.stream().await;
    let idle = raw(&app, "").await;
    let half_a_head = raw(&app, "GET /health HTT").await;
    let half_a_body = raw(
        &app,
        &format!(
            "POST /v1/ingest HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Length: 1000\r\n\r\n{{",
            app.live
        ),
    )
    .await;
    let started = Instant::now();
    let heard = async {
        loop {
            if let Err(reason) = stream.hear().await {
                return reason;
            }
        }
    };
    let (reason, ()) = tokio::join!(heard, app.stop());
    assert!(reason.contains("stopping"), "{reason}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    drop((idle, half_a_head, half_a_body));
}

#[tokio::test]
async fn below_a_path_everything_answers_and_at_the_root_as_well() {
    let app = TestApp::start_with(|args| args.public_url = Some("https://example.org/hive/".to_owned())).await;
    for path in ["/hive/v1/agents", "/v1/agents", "/hive/v1/agents/"] {
        app.get(path).await;
    }
    let answer = app.request(Method::GET, "/hive?mode=test").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(answer.headers()["location"], "hive/?mode=test");
    let beside = app.request(Method::GET, "/hives/v1/agents").bearer_auth(&app.live).send().await.expect("an answer");
    assert_ne!(beside.headers()["content-type"], "application/json", "another path is none of the API");
    app.stop().await;
}
