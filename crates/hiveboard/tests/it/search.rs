//! Looking for text, values with commas, and cursors that belong to one list.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, event};

fn encoded(text: &str) -> String {
    reqwest::Url::parse_with_params("http://x", [("q", text)]).expect("a URL").query().expect("a query").to_owned()
}

fn note(kind: &str, summary: &str) -> Value {
    event(json!({"event_type": "custom", "payload": {"kind": kind, "summary": summary}}))
}

#[tokio::test]
async fn search_is_text_and_counts_characters() {
    let app = TestApp::start().await;
    let long = "é".repeat(200);
    app.send(&app.live, "worker", &[note("note", "au caf\u{e9}"), note("note", &long), note("note", "请求失败")]).await;
    for (text, found) in
        [("cafe\u{301}", 1), ("CAF\u{c9}", 1), ("cafe", 0), (long.as_str(), 1), ("失败", 1), ("e\u{301}", 2)]
    {
        let page = app.get(&format!("/v1/events?{}", encoded(text))).await;
        assert_eq!(page["data"].as_array().expect("data").len(), found, "{text}");
    }
    for path in ["/v1/events", "/v1/tasks", "/v1/cost/calls", "/v1/llm-calls"] {
        let query = format!("{path}?{}é", encoded(&long));
        let answer = app.request(Method::GET, &query).bearer_auth(&app.live).send().await.expect("an answer");
        assert_eq!(answer.status(), 400, "{path}");
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body["details"]["parameter"], "q", "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn tasks_and_calls_are_found_by_their_texts() {
    let app = TestApp::start().await;
    let call = |model: &str, prompt: &str| {
        json!({"event_type": "custom", "task_id": "ord-4821", "task_run_id": "3f2b8c1e-77aa", "payload": {"kind": "llm_call", "summary": "thought about refunds",
            "data": {"name": "Grüße", "model": model, "prompt_preview": prompt, "response_preview": "ok"}}})
    };
    let task = json!({"event_type": "task_started", "task_id": "ord-4821", "task_run_id": "3f2b8c1e-77aa", "task_type": "Rückfrage", "correlation_id": "c-9"});
    app.send(&app.live, "worker", &[event(task), event(call("gpt-4o", "Say hello")), event(call("o3", "Say 你好"))])
        .await;
    app.send(&app.live, "other", &[event(json!({"event_type": "task_started", "task_id": "x"}))]).await;
    for (text, found) in [
        ("ORD-48", 1),
        ("8c1e-77", 1),
        ("ru\u{308}ckfrage", 1),
        ("c-9", 1),
        ("worker", 1),
        ("nothing", 0),
        ("你好", 1),
        ("ABOUT REFUNDS", 1),
        ("say", 1),
    ] {
        let page = app.get(&format!("/v1/tasks?{}", encoded(text))).await;
        assert_eq!(page["data"].as_array().expect("data").len(), found, "{text}");
    }
    for path in ["/v1/cost/calls", "/v1/llm-calls"] {
        for (text, found) in
            [("GRÜSSE", 2), ("gpt-4", 1), ("hello", 1), ("你好", 1), ("OK", 2), ("refunds", 0), ("nothing", 0)]
        {
            for sort in ["newest", "oldest", "cost", "tokens"] {
                let page = app.get(&format!("{path}?sort={sort}&{}", encoded(text))).await;
                assert_eq!(page["data"].as_array().expect("data").len(), found, "{text} by {sort}");
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn kinds_with_a_comma_in_them_are_reachable() {
    let app = TestApp::start().await;
    app.send(&app.live, "worker", &[note("my,kind", "1"), note("my", "2"), note("kind", "3")]).await;
    for (query, right) in [
        ("payload_kind=my,kind", vec!["3", "2"]),
        ("payload_kind=my&payload_kind=kind", vec!["3", "2"]),
        ("payload_kind=my,kind&payload_kind=kind", vec!["3", "1"]),
        ("payload_kind=my,kind&payload_kind=", vec!["1"]),
        (r"payload_kind=my\,kind", vec!["1"]),
        ("payload_kind=my%5C%2Ckind,my", vec!["2", "1"]),
    ] {
        let page = app.get(&format!("/v1/events?{query}")).await;
        let found: Vec<_> =
            page["data"].as_array().expect("data").iter().map(|event| event["payload"]["summary"].clone()).collect();
        assert_eq!(found, right, "{query}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_cursor_leads_on_in_the_list_that_gave_it_alone() {
    let app = TestApp::start().await;
    for agent in ["a", "b", "c"] {
        let call = json!({"event_type": "custom", "task_id": "t", "payload": {"kind": "llm_call", "data": {"name": "n", "model": "m"}}});
        app.send(&app.live, agent, &[event(json!({"event_type": "task_started", "task_id": "t"})), event(call)]).await;
    }
    let status = async |path: &str| {
        app.request(Method::GET, path).bearer_auth(&app.live).send().await.expect("an answer").status().as_u16()
    };
    for (path, other) in [
        ("/v1/events", "severity=info"),
        ("/v1/events?agent_id=a", "agent_id=b"),
        ("/v1/tasks", "sort=oldest"),
        ("/v1/tasks?sort=cost", "sort=errors"),
        ("/v1/tasks?q=t", "q=a"),
        ("/v1/cost/calls", "model=m"),
        ("/v1/cost/calls?sort=cost", "sort=tokens"),
        ("/v1/llm-calls", "range=1h"),
        ("/v1/agents", "sort=name"),
        ("/v1/agents?sort=name", "sort=last_seen"),
    ] {
        let (plain, mark) = (path.split('?').next().expect("a path"), if path.contains('?') { '&' } else { '?' });
        let page = app.get(&format!("{path}{mark}limit=1")).await;
        let cursor = page["pagination"]["cursor"].as_str().unwrap_or_else(|| panic!("{path} has more"));
        assert_eq!(status(&format!("{path}{mark}cursor={cursor}&limit=2")).await, 200, "{path}");
        assert_eq!(status(&format!("{plain}?{other}&cursor={cursor}")).await, 400, "{path} with {other}");
        assert_eq!(status(&format!("{path}{mark}cursor={cursor}x")).await, 400, "{path}");
        for list in ["/v1/events", "/v1/tasks", "/v1/cost/calls", "/v1/agents", "/v1/pipeline"]
            .iter()
            .filter(|list| **list != plain)
        {
            assert_eq!(status(&format!("{list}?cursor={cursor}")).await, 400, "{path} in {list}");
        }
    }
    app.stop().await;
}
