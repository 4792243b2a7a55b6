//! Prices: what calls cost, why, and prices of the workspace's own.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, event};

fn call(data: Value) -> Value {
    event(json!({"event_type": "custom", "payload": {"kind": "llm_call", "summary": "s", "data": data}}))
}

async fn put(app: &TestApp, path: &str, body: Value) -> (u16, Value) {
    let cookie = app.session().await;
    let request = app.request(Method::PUT, path).header("cookie", cookie).header("origin", app.base());
    let answer = request.json(&body).send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn cached_input_has_its_own_price_and_the_answer_says_why() {
    let app = TestApp::start().await;
    let event = call(json!({"name": "n", "model": "claude-sonnet-4", "tokens_in": 100_000, "tokens_out": 1000,
        "metadata": {"cache_read": 95_000}}));
    app.send(&app.live, "a", std::slice::from_ref(&event)).await;
    let cost = app.get("/v1/cost").await;
    assert_eq!(cost["totals"]["cost"], 0.0585);
    let id = event["event_id"].as_str().expect("an id");
    let why = app.get(&format!("/v1/cost/explain?event_id={id}")).await;
    assert_eq!(
        (&why["cost"], &why["estimate"], &why["cost_source"]),
        (&json!(0.0585), &json!(0.0585), &json!("estimated"))
    );
    assert_eq!(
        why["shares"],
        json!([
            {"kind": "input", "tokens": 5000, "per_million": 3.0, "cost": 0.015},
            {"kind": "cached_input", "tokens": 95000, "per_million": 0.3, "cost": 0.0285},
            {"kind": "output", "tokens": 1000, "per_million": 15.0, "cost": 0.015},
        ])
    );
    assert_eq!((&why["row"]["pattern"], &why["row"]["matched"]), (&json!("claude-sonnet-4"), &json!("exact")));
    let of_test = app.request(Method::GET, &format!("/v1/cost/explain?event_id={id}")).bearer_auth(&app.test);
    assert_eq!(of_test.send().await.expect("an answer").status(), 404, "the other mode has no such call");
    let missing = app.request(Method::GET, "/v1/cost/explain?event_id=none").bearer_auth(&app.live);
    assert_eq!(missing.send().await.expect("an answer").status(), 404);
    app.stop().await;
}

#[tokio::test]
async fn relatives_prices_are_never_taken() {
    let app = TestApp::start().await;
    let of = |model: &str| call(json!({"name": "n", "model": model, "tokens_in": 1_000_000, "tokens_out": 0}));
    let unknown = ["deepseek/deepseek-r1:free", "ollama/llama3.1:8b", "deepseek-r1-distill-llama-70b", "gpt-5.2-mini"];
    let own = [
        ("o3-deep-research", 10.0),
        ("gpt-4o-realtime-preview", 5.0),
        ("gpt-3.5-turbo-16k", 3.0),
        ("gemini-2.5-flash-image", 0.3),
    ];
    let events: Vec<Value> = unknown.iter().copied().chain(own.iter().map(|row| row.0)).map(of).collect();
    app.send(&app.live, "a", &events).await;
    let calls = app.get("/v1/cost/calls").await;
    let rows = calls["data"].as_array().expect("rows");
    let cost = |model: &str| rows.iter().find(|row| row["model"] == model).expect("a row")["cost"].clone();
    for model in unknown {
        assert_eq!(cost(model), Value::Null, "{model}");
    }
    for (model, dollars) in own {
        assert_eq!(cost(model), json!(dollars), "{model}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_price_of_the_workspaces_own_wins_from_then_on() {
    let app = TestApp::start().await;
    let of = || call(json!({"name": "n", "model": "ollama/llama3.1:8b", "tokens_in": 1_000_000, "tokens_out": 0}));
    app.send(&app.live, "a", &[of()]).await;
    assert_eq!(app.get("/v1/cost").await["totals"]["cost"], 0.0);
    let (status, set) =
        put(&app, "/v1/prices/Ollama%2F*", json!({"input_per_million": 0.5, "output_per_million": 1.0})).await;
    assert_eq!((status, &set["pattern"], &set["is_own"]), (200, &json!("ollama/*"), &json!(true)), "{set}");
    let second = of();
    app.send(&app.live, "a", std::slice::from_ref(&second)).await;
    assert_eq!(app.get("/v1/cost").await["totals"]["cost"], 0.5, "the first one's cost stays unknown");
    let why = app.get(&format!("/v1/cost/explain?event_id={}", second["event_id"].as_str().expect("an id"))).await;
    assert_eq!((&why["row"]["is_own"], &why["row"]["source"]["name"]), (&json!(true), &json!("workspace")));
    let listed = app.get("/v1/prices?limit=1").await;
    assert_eq!((&listed["data"][0]["pattern"], &listed["pagination"]["has_more"]), (&json!("ollama/*"), &json!(true)));
    let found = app.get("/v1/prices?model=anthropic/claude-opus-4.5").await;
    assert_eq!(
        (&found["data"][0]["input_per_million"], &found["data"][0]["source"]["name"]),
        (&json!(5.0), &json!("genai-prices"))
    );
    for (path, body) in [
        ("/v1/prices/x", json!({"input_per_million": -1.0, "output_per_million": 1.0})),
        ("/v1/prices/x", json!({"input_per_million": 1.0})),
        ("/v1/prices/x", json!({"input_per_million": 1.0, "output_per_million": 1.0, "cheap": true})),
    ] {
        assert_eq!(put(&app, path, body.clone()).await.0, 400, "{body}");
    }
    let cookie = app.session().await;
    let delete =
        || app.request(Method::DELETE, "/v1/prices/ollama%2F*").header("cookie", &cookie).header("origin", app.base());
    assert_eq!(delete().send().await.expect("an answer").status(), 200);
    assert_eq!(delete().send().await.expect("an answer").status(), 404);
    app.stop().await;
}
