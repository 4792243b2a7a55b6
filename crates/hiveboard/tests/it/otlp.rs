//! OpenTelemetry, as exporters send it: every encoding, every refusal, and what the board then says.

use std::io::Write;

use hiveboard_otlp::{
    Status,
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse, trace_service_client::TraceServiceClient,
    },
};
use hiveboard_wire::ErrorCode;
use prost::Message;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::app::TestApp;

const PROTOBUF: &str = "application/x-protobuf";

/// An agent that asked a model once and used a tool that failed.
fn trace() -> Value {
    let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let count = |key: &str, value: u64| json!({"key": key, "value": {"intValue": value.to_string()}});
    let span = |id: &str, parent: &str, name: &str, from: u64, until: u64, attributes: Vec<Value>, status: Value| {
        json!({"traceId": "5b8efff798038103d269b633813fc60c", "spanId": id, "parentSpanId": parent, "name": name, "kind": 1,
            "startTimeUnixNano": (1_790_000_000_000_000_000_u64 + from * 1_000_000).to_string(),
            "endTimeUnixNano": (1_790_000_000_000_000_000_u64 + until * 1_000_000).to_string(),
            "attributes": attributes, "status": status})
    };
    json!({"resourceSpans": [{
        "resource": {"attributes": [text("service.name", "support"), text("service.version", "2.1"), text("deployment.environment.name", "staging")]},
        "scopeSpans": [{"scope": {"name": "opentelemetry.instrumentation.langchain"}, "spans": [
            span("00f067aa0ba902b7", "", "invoke_agent triage", 0, 900, vec![
                text("gen_ai.operation.name", "invoke_agent"), text("gen_ai.agent.name", "triage"), text("gen_ai.conversation.id", "c-1")], json!({})),
            span("00f067aa0ba902b8", "00f067aa0ba902b7", "chat m", 100, 400, vec![
                text("gen_ai.operation.name", "chat"), text("gen_ai.request.model", "claude-sonnet-4-20250514"),
                count("gen_ai.usage.input_tokens", 100), count("gen_ai.usage.output_tokens", 20)], json!({})),
            span("00f067aa0ba902b9", "00f067aa0ba902b7", "execute_tool refund", 400, 800, vec![
                text("gen_ai.operation.name", "execute_tool"), text("gen_ai.tool.name", "refund"), text("error.type", "TimeoutError"),
                text("tenant", "orange")], json!({"code": 2, "message": "no answer"})),
        ]}]
    }]})
}

fn protobuf(trace: &Value) -> Vec<u8> {
    serde_json::from_value::<ExportTraceServiceRequest>(trace.clone()).expect("an export request").encode_to_vec()
}

fn post(app: &TestApp, path: &str) -> RequestBuilder {
    app.request(Method::POST, path).bearer_auth(&app.live)
}

async fn task(app: &TestApp) -> Value {
    let tasks = app.get("/v1/tasks").await;
    assert_eq!(tasks["data"].as_array().map(Vec::len), Some(1), "{tasks}");
    tasks["data"][0].clone()
}

async fn says_what_was_sent(app: &TestApp) {
    let agents = app.get("/v1/agents").await;
    let agent = &agents["data"][0];
    assert_eq!(
        [&agent["agent_id"], &agent["agent_version"], &agent["environment"], &agent["framework"], &agent["liveness"]],
        ["support", "2.1", "staging", "langchain", "none"]
    );
    let task = task(app).await;
    assert_eq!(
        [&task["task_id"], &task["task_type"], &task["derived_status"], &task["correlation_id"]],
        ["5b8efff798038103d269b633813fc60c", "triage", "completed", "c-1"]
    );
    assert_eq!(
        [
            &task["duration_ms"],
            &task["action_count"],
            &task["error_count"],
            &task["llm_call_count"],
            &task["total_tokens_in"],
            &task["total_tokens_out"]
        ],
        [&json!(900.0), &json!(1), &json!(1), &json!(1), &json!(100), &json!(20)]
    );
    let found = app.get("/v1/events?q=orange").await;
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1), "an attribute nobody knows can be searched: {found}");
}

#[tokio::test]
async fn every_encoding_says_the_same_and_again_changes_nothing() {
    let app = TestApp::start().await;
    let plain = protobuf(&trace());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&plain).expect("in memory");
    let bodies = [
        ("/v1/traces", PROTOBUF, None, plain.clone()),
        ("/otlp/v1/traces", PROTOBUF, Some("gzip"), gzip.finish().expect("in memory")),
        ("/v1/traces", PROTOBUF, Some("zstd"), zstd::encode_all(&*plain, 1).expect("in memory")),
        ("/otlp/v1/traces", "application/json; charset=utf-8", None, trace().to_string().into_bytes()),
    ];
    for (path, kind, encoding, body) in bodies {
        let mut request = post(&app, path).header("content-type", kind).body(body);
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path} {kind} {encoding:?}");
        let bytes = answer.bytes().await.expect("a body");
        if kind == PROTOBUF {
            let answer = ExportTraceServiceResponse::decode(bytes).expect("the protocol's answer");
            assert_eq!(answer.partial_success, None);
        } else {
            let answer: Value = serde_json::from_slice(&bytes).expect("JSON");
            assert_eq!(answer["partialSuccess"], Value::Null);
        }
        says_what_was_sent(&app).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn json_by_the_names_of_the_schema_says_the_same() {
    let named = trace()
        .to_string()
        .replace("\"kind\":1", "\"kind\":\"SPAN_KIND_INTERNAL\"")
        .replace("\"code\":2", "\"code\":\"STATUS_CODE_ERROR\"");
    let mut snake = trace().to_string();
    for (camel, other) in [
        ("resourceSpans", "resource_spans"),
        ("scopeSpans", "scope_spans"),
        ("traceId", "trace_id"),
        ("parentSpanId", "parent_span_id"),
        ("spanId", "span_id"),
        ("startTimeUnixNano", "start_time_unix_nano"),
        ("endTimeUnixNano", "end_time_unix_nano"),
        ("stringValue", "string_value"),
        ("intValue", "int_value"),
    ] {
        snake = snake.replace(&format!("\"{camel}\""), &format!("\"{other}\""));
    }
    for body in [named, snake] {
        let app = TestApp::start().await;
        let answer =
            post(&app, "/v1/traces").header("content-type", "application/json").body(body.clone()).send().await;
        assert_eq!(answer.expect("an answer").status(), 200, "{body}");
        says_what_was_sent(&app).await;
        app.stop().await;
    }
}

#[tokio::test]
async fn a_key_comes_in_any_of_its_headers() {
    let app = TestApp::start().await;
    for (name, value) in [
        ("x-api-key", app.live.clone()),
        ("api-key", app.live.clone()),
        ("authorization", format!("Bearer {}", app.live)),
    ] {
        let request = app.request(Method::POST, "/v1/traces").header(name, value).header("content-type", PROTOBUF);
        assert_eq!(request.body(protobuf(&trace())).send().await.expect("an answer").status(), 200, "{name}");
    }
    let refused = |request: RequestBuilder| async move {
        let answer = request.header("content-type", PROTOBUF).body(protobuf(&trace())).send().await.expect("an answer");
        answer.status().as_u16()
    };
    assert_eq!(refused(app.request(Method::POST, "/v1/traces")).await, 401);
    assert_eq!(refused(app.request(Method::POST, "/v1/traces").bearer_auth(&app.read)).await, 403);
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_told_in_the_protocols_words() {
    let app = TestApp::start().await;
    let send =
        |kind: &'static str, body: Vec<u8>| post(&app, "/v1/traces").header("content-type", kind).body(body).send();
    let answer = send(PROTOBUF, b"\xff\xff\xff".to_vec()).await.expect("an answer");
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.headers()["content-type"], PROTOBUF);
    let status = Status::decode(answer.bytes().await.expect("a body")).expect("a status");
    assert_eq!(status.code, 3);
    assert!(status.message.contains("not a valid export request in protobuf"), "{}", status.message);

    let answer = send("application/json", b"{\"resourceSpans\": 7}".to_vec()).await.expect("an answer");
    assert_eq!(answer.status(), 400);
    let said: Value = answer.json().await.expect("JSON");
    assert_eq!(said["error"], ErrorCode::InvalidBatch.as_str());

    assert_eq!(send("application/json", b"[]".to_vec()).await.expect("an answer").status(), 400);
    assert_eq!(send("text/plain", b"spans".to_vec()).await.expect("an answer").status(), 400);
    assert_eq!(send(PROTOBUF, vec![0; 5 * 1024 * 1024]).await.expect("an answer").status(), 413);
    let bomb = zstd::encode_all(&*vec![0; 64 * 1024 * 1024], 1).expect("in memory");
    let bomb = post(&app, "/v1/traces").header("content-type", PROTOBUF).header("content-encoding", "zstd").body(bomb);
    assert_eq!(bomb.send().await.expect("an answer").status(), 413);
    assert_eq!(app.get("/v1/agents").await["data"], json!([]), "nothing was stored");
    app.stop().await;
}

#[tokio::test]
async fn bad_spans_are_counted_and_the_others_are_stored() {
    let app = TestApp::start().await;
    let mut trace = trace();
    let spans = trace["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array_mut().expect("spans");
    spans.push(json!({"traceId": "", "spanId": "00f067aa0ba902ba", "name": "lost", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}));
    spans.push(json!({"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "00f067aa0ba902bb", "name": "open", "startTimeUnixNano": "1"}));
    let answer = post(&app, "/v1/traces").json(&trace).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let said: Value = answer.json().await.expect("JSON");
    assert_eq!(said["partialSuccess"]["rejectedSpans"], json!(2), "{said}");
    assert_eq!(said["partialSuccess"]["errorMessage"], "a span's trace id must have 16 bytes, not all zero");
    says_what_was_sent(&app).await;
    app.stop().await;
}

#[tokio::test]
async fn a_child_that_comes_first_finds_its_place() {
    let app = TestApp::start().await;
    let whole = trace();
    for place in [2, 1] {
        let mut part = whole.clone();
        let spans = &mut part["resourceSpans"][0]["scopeSpans"][0]["spans"];
        *spans = json!([spans[place]]);
        assert_eq!(post(&app, "/v1/traces").json(&part).send().await.expect("an answer").status(), 200);
        let open = task(&app).await;
        assert_eq!(open["derived_status"], "processing", "nobody has said that it ended");
    }
    assert_eq!(post(&app, "/v1/traces").json(&whole).send().await.expect("an answer").status(), 200);
    says_what_was_sent(&app).await;
    app.stop().await;
}

/// An address that is free now.
fn free_addr() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("bound").to_string()
}

async fn grpc_client(addr: &str) -> TraceServiceClient<tonic::transport::Channel> {
    let channel = tonic::transport::Channel::from_shared(format!("http://{addr}")).expect("an address");
    TraceServiceClient::new(channel.connect().await.expect("a connection"))
}

fn message(metadata: &[(&'static str, &str)]) -> tonic::Request<ExportTraceServiceRequest> {
    let message = serde_json::from_value::<ExportTraceServiceRequest>(trace()).expect("an export request");
    let mut request = tonic::Request::new(message);
    for (name, value) in metadata {
        request.metadata_mut().insert(*name, value.parse().expect("plain text"));
    }
    request
}

#[tokio::test]
async fn grpc_takes_the_same_and_refuses_wrong_keys() {
    let addr = free_addr();
    let app = TestApp::start_with(|args| args.otlp_grpc_addr = Some(addr.clone())).await;
    let mut client = grpc_client(&addr).await.send_compressed(tonic::codec::CompressionEncoding::Gzip);
    let refused = client.export(message(&[])).await.expect_err("no key");
    assert_eq!(refused.code(), tonic::Code::Unauthenticated);
    let with = |key: &str| {
        let bearer = format!("Bearer {key}");
        message(&[("authorization", bearer.as_str())])
    };
    assert_eq!(client.export(with(&app.read)).await.expect_err("a read key").code(), tonic::Code::PermissionDenied);
    let answer = client.export(with(&app.live)).await.expect("taken");
    assert_eq!(answer.into_inner().partial_success, None);
    says_what_was_sent(&app).await;
    app.stop().await;
}

#[tokio::test]
async fn grpc_counts_who_has_no_key_by_the_address_that_a_trusted_proxy_tells() {
    let addr = free_addr();
    let app = TestApp::start_with(|args| {
        args.otlp_grpc_addr = Some(addr.clone());
        args.trusted_proxies = Some(vec!["127.0.0.1".to_owned()]);
    })
    .await;
    let mut client = grpc_client(&addr).await;
    let of = |address: &str| {
        let mut request = tonic::Request::new(ExportTraceServiceRequest::default());
        request.metadata_mut().insert("x-forwarded-for", address.parse().expect("plain text"));
        request
    };
    let mut tries = 0;
    let slowed = loop {
        let refused = client.export(of("203.0.113.9")).await.expect_err("no key");
        if refused.code() != tonic::Code::Unauthenticated {
            break refused;
        }
        tries += 1;
        assert!(tries < 50_000, "nobody is ever slowed");
    };
    assert_eq!(slowed.code(), tonic::Code::Unavailable, "{slowed:?}");
    assert!(tries >= 1_000, "after {tries}");
    let other = client.export(of("203.0.113.10")).await.expect_err("no key");
    assert_eq!(other.code(), tonic::Code::Unauthenticated, "another address has its own share");
    let key = format!("Bearer {}", app.live);
    let right = message(&[("x-forwarded-for", "203.0.113.9"), ("authorization", key.as_str())]);
    client.export(right).await.expect("a right key goes on");
    app.stop().await;
}
