//! Projects that are renamed, put away, merged and removed.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, event};

async fn ask(app: &TestApp, method: Method, path: &str, body: Value) -> (u16, Value) {
    let request = app.request(method, path).bearer_auth(&app.live).json(&body);
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

fn work(project: &str, task: &str, cost: f64) -> Vec<Value> {
    vec![
        event(json!({"event_type": "task_started", "task_id": task, "project_id": project})),
        event(json!({"event_type": "custom", "task_id": task, "project_id": project,
            "payload": {"kind": "llm_call", "data": {"name": "n", "model": "m", "cost": cost}}})),
        event(json!({"event_type": "task_completed", "task_id": task, "project_id": project})),
    ]
}

#[tokio::test]
async fn a_project_is_renamed_and_put_away_and_events_go_on_naming_it() {
    let app = TestApp::start().await;
    app.send(&app.live, "a", &work("sales", "t", 1.0)).await;
    let (status, view) = ask(&app, Method::PUT, "/v1/projects/sales", json!({"name": "Sales EU"})).await;
    assert_eq!((status, &view["name"], &view["project_id"]), (200, &json!("Sales EU"), &json!("sales")));
    assert_eq!(app.send(&app.live, "a", &work("Sales EU", "t", 1.0)).await["warnings"], json!([]), "by its new name");
    let (_, away) = ask(&app, Method::POST, "/v1/projects/sales/archive", json!({})).await;
    assert_eq!(away["is_archived"], true);
    app.send(&app.live, "a", &work("sales", "t", 1.0)).await;
    let (_, back) = ask(&app, Method::POST, "/v1/projects/sales/unarchive", json!({})).await;
    assert_eq!((&back["is_archived"], &back["cost_24h"]), (&json!(false), &json!(3.0)));
    assert_eq!(ask(&app, Method::PUT, "/v1/projects/sales", json!({"name": " "})).await.0, 400);
    assert_eq!(ask(&app, Method::PUT, "/v1/projects/none", json!({})).await.0, 404);
    app.stop().await;
}

/// An older project would take the events over that name a newer one.
#[tokio::test]
async fn a_project_is_not_renamed_to_what_events_call_another() {
    let app = TestApp::start().await;
    app.send(&app.live, "a", &work("older", "t", 1.0)).await;
    app.send(&app.live, "a", &work("sales", "t", 1.0)).await;
    assert_eq!(ask(&app, Method::PUT, "/v1/projects/sales", json!({"name": "Sales EU"})).await.0, 200);
    for taken in ["Sales EU", "sales eu", "sales", "default"] {
        let (status, said) = ask(&app, Method::PUT, "/v1/projects/older", json!({"name": taken})).await;
        assert_eq!((status, said["error"].as_str()), (409, Some("conflict")), "{taken}: {said}");
    }
    for own in ["sales", "SALES EU", "Sales EU", "Sales EU"] {
        let (status, said) =
            ask(&app, Method::PUT, "/v1/projects/sales", json!({"name": own, "description": "d"})).await;
        assert_eq!(status, 200, "{own}: {said}");
    }
    app.send(&app.live, "a", &work("Sales EU", "u", 1.0)).await;
    assert_eq!(app.get("/v1/projects/older").await["cost_24h"], 1.0);
    app.stop().await;
}

#[tokio::test]
async fn events_of_a_merged_project_count_for_the_other_in_all_lists_and_figures() {
    let app = TestApp::start().await;
    app.send(&app.live, "a", &work("old", "before", 1.0)).await;
    app.send(&app.live, "a", &work("new", "own", 2.0)).await;
    app.send(&app.live, "a", &work("third", "else", 4.0)).await;
    let (status, view) = ask(&app, Method::POST, "/v1/projects/old/merge", json!({"into": "new"})).await;
    assert_eq!((status, &view["project_id"], &view["aliases"]), (200, &json!("new"), &json!(["old"])));
    app.send(&app.live, "b", &work("old", "after", 8.0)).await;

    let ids = |list: &Value, field: &str| -> Vec<String> {
        let mut ids: Vec<String> = list["data"]
            .as_array()
            .expect("data")
            .iter()
            .map(|one| one[field].as_str().expect("an id").to_owned())
            .collect();
        ids.sort();
        ids.dedup();
        ids
    };
    for asked in ["new", "old"] {
        let with = |path: &str| format!("{path}{}project_id={asked}", if path.contains('?') { '&' } else { '?' });
        assert_eq!(ids(&app.get(&with("/v1/tasks")).await, "task_id"), ["after", "before", "own"], "{asked}");
        assert_eq!(ids(&app.get(&with("/v1/events")).await, "task_id"), ["after", "before", "own"], "{asked}");
        assert_eq!(ids(&app.get(&with("/v1/agents")).await, "agent_id"), ["a", "b"], "{asked}");
        assert_eq!(ids(&app.get(&with("/v1/cost/calls")).await, "task_id"), ["after", "before", "own"], "{asked}");
        assert_eq!(app.get(&with("/v1/llm-calls")).await["data"].as_array().map(Vec::len), Some(3), "{asked}");
        assert_eq!(app.get(&with("/v1/cost?range=1h")).await["totals"]["cost"], 11.0, "{asked}");
        for (of, rows) in [("events", 9), ("calls", 3), ("tasks", 3)] {
            let answer = app.request(Method::GET, &with(&format!("/v1/export?of={of}"))).bearer_auth(&app.live);
            let text = answer.send().await.expect("an answer").text().await.expect("whole");
            let named = text.lines().filter(|line| line.contains("\"project_id\":\"new\"")).count();
            assert_eq!((text.lines().count(), named), (rows, rows), "{asked}: {of}");
        }
        let metrics = app.get(&with("/v1/metrics?range=1h")).await;
        assert_eq!(metrics["summary"]["completed"], 3, "{asked}: {metrics}");
        assert_eq!(metrics["summary"]["total_cost"], 11.0, "{asked}: {metrics}");
        assert_eq!(app.get(&format!("/v1/projects/{asked}")).await["cost_24h"], 11.0);
    }
    let grouped = app.get("/v1/cost?range=1h&group_by=project").await;
    let mut groups: Vec<(String, f64)> = grouped["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| (group["project"].as_str().unwrap_or("").to_owned(), group["cost"].as_f64().expect("a cost")))
        .collect();
    groups.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(groups, [("new".to_owned(), 11.0), ("third".to_owned(), 4.0)], "{grouped}");
    let projects = app.get("/v1/projects").await;
    assert_eq!(ids(&projects, "project_id"), ["default", "new", "third"]);
    let view = projects["data"].as_array().expect("data").iter().find(|one| one["project_id"] == "new").expect("new");
    assert_eq!((&view["tasks_completed_24h"], &view["event_count"]), (&json!(3), &json!(9)));

    // A chain: what counted for `new` counts for `third` now.
    let (_, view) = ask(&app, Method::DELETE, "/v1/projects/new?into=third", Value::Null).await;
    assert_eq!((&view["project_id"], &view["aliases"]), (&json!("third"), &json!(["new", "old"])));
    assert_eq!(app.get("/v1/cost?range=1h&project_id=old").await["totals"]["cost"], 15.0);
    assert_eq!(ask(&app, Method::POST, "/v1/projects", json!({"project_id": "old"})).await.0, 409);
    for (path, status) in
        [("/v1/projects/default", 400), ("/v1/projects/third?into=third", 409), ("/v1/projects/new", 404)]
    {
        assert_eq!(ask(&app, Method::DELETE, path, Value::Null).await.0, status, "{path}");
    }
    assert_eq!(ask(&app, Method::DELETE, "/v1/projects/third?into=nothing", Value::Null).await.0, 400);
    let dir = app.stop_and_keep().await;
    drop(dir);
}

#[tokio::test]
async fn a_strict_workspace_rejects_events_of_projects_that_nobody_made() {
    let app = TestApp::start().await;
    let session = app.session().await;
    let strict = app.at_board(Method::PUT, "/v1/workspaces/1", &session).json(&json!({"auto_create_projects": false}));
    assert_eq!(strict.send().await.expect("an answer").status(), 200);
    let receipt = app.send(&app.live, "a", &work("nobody-made-it", "t", 1.0)).await;
    assert_eq!((receipt["rejected"].as_u64(), &receipt["errors"][0]["error"]), (Some(3), &json!("invalid_project_id")));
    assert_eq!(ask(&app, Method::POST, "/v1/projects", json!({"project_id": "nobody-made-it"})).await.0, 201);
    assert_eq!(app.send(&app.live, "a", &work("nobody-made-it", "t", 1.0)).await["rejected"], 0);
    app.stop().await;
}

#[tokio::test]
async fn agents_belong_to_a_project_by_their_events_or_because_people_say_so() {
    let app = TestApp::start().await;
    app.send(&app.live, "worker", &work("sales", "t", 1.0)).await;
    app.send(&app.live, "idle", &[event(json!({"event_type": "heartbeat"}))]).await;
    assert_eq!(ask(&app, Method::POST, "/v1/projects", json!({"project_id": "old"})).await.0, 201);
    let agents = async |project: &str| {
        let list = app.get(&format!("/v1/projects/{project}/agents")).await;
        let of = |agent: &Value| {
            let id = agent["agent_id"].as_str().expect("an id").to_owned();
            (id, agent["by_events"].as_bool().expect("a flag"), !agent["added_at"].is_null())
        };
        list["data"].as_array().expect("data").iter().map(of).collect::<Vec<_>>()
    };
    let (worker, idle) = (("worker".to_owned(), true, false), ("idle".to_owned(), false, true));
    assert_eq!(agents("sales").await, std::slice::from_ref(&worker));
    let add = async |project: &str, agent: &str| {
        let path = format!("/v1/projects/{project}/agents");
        ask(&app, Method::POST, &path, json!({"agent_id": agent})).await
    };
    let (status, added) = add("old", "idle").await;
    assert_eq!((status, &added["derived_status"], &added["by_events"]), (201, &json!("idle"), &json!(false)));
    assert_eq!(add("old", "idle").await.1["added_at"], added["added_at"], "again changes nothing");
    assert_eq!((add("old", "nobody").await.0, add("nothing", "idle").await.0), (404, 404));

    // What is said of a project that is merged holds for the other.
    assert_eq!(ask(&app, Method::POST, "/v1/projects/old/merge", json!({"into": "sales"})).await.0, 200);
    assert_eq!(agents("old").await, [idle, worker.clone()]);
    let remove = async |agent: &str| {
        ask(&app, Method::DELETE, &format!("/v1/projects/sales/agents/{agent}"), Value::Null).await.0
    };
    assert_eq!((remove("worker").await, remove("nobody").await), (409, 404));
    assert_eq!((remove("idle").await, remove("idle").await), (200, 404));
    assert_eq!(agents("sales").await, [worker]);
    app.stop().await;
}

#[tokio::test]
async fn how_long_events_are_kept_is_set_by_admins_for_each_mode() {
    let app = TestApp::start().await;
    let cookie = app.session().await;
    let set = async |mode: &str, days: Value| {
        let body = json!({"retention_days": days});
        let put = app.at_board(Method::PUT, &format!("/v1/storage?mode={mode}"), &cookie).json(&body);
        let answer = put.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    let days = |view: &Value| {
        let modes = view["modes"].as_array().expect("modes").iter();
        modes.map(|mode| mode["retention_days"].as_u64().expect("days")).collect::<Vec<_>>()
    };
    let (status, view) = set("test", json!(14)).await;
    assert_eq!((status, days(&view)), (200, vec![30, 14]));
    assert_eq!(days(&set("test", json!(2)).await.1), [30, 7], "as long as repeated events are known");
    assert_eq!(set("live", json!(0)).await.0, 400);
    assert_eq!(days(&set("test", Value::Null).await.1), [30, 30]);
    app.stop().await;
}
