//! Who gets in where: every route with every kind of caller, by the table of permissions.

use std::time::Duration;

use hiveboard::permission::{Holder, Permission};
use hiveboard_derive::{ErrorFilter, ErrorSort};
use hiveboard_settings::{
    AlertRecord, ChannelRecord, DEFAULT_WORKSPACE, KeyKind, KeyScope, KeyScopes, NewKey, Role, RuleRecord, Saved,
    SessionOrigin,
};
use hiveboard_wire::{Mode, Scope, Timestamp, WorkspaceId};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::app::{TestApp, event};

/// What each route asks for; `None` is for everybody. A route of the document that is not here fails the test.
const ROUTES: &[(&str, &str, Option<Permission>)] = &[
    ("get", "/health", None),
    ("get", "/ready", None),
    ("get", "/metrics", None),
    ("post", "/v1/ingest", Some(Permission::Ingest)),
    ("post", "/v1/traces", Some(Permission::Ingest)),
    ("post", "/v1/logs", Some(Permission::Ingest)),
    ("post", "/v1/metrics", Some(Permission::Ingest)),
    ("post", "/otlp/v1/traces", Some(Permission::Ingest)),
    ("post", "/otlp/v1/logs", Some(Permission::Ingest)),
    ("post", "/otlp/v1/metrics", Some(Permission::Ingest)),
    ("get", "/v1/agents", Some(Permission::ReadData)),
    ("get", "/v1/agents/{agent_id}", Some(Permission::ReadData)),
    ("get", "/v1/agents/{agent_id}/states", Some(Permission::ReadData)),
    ("get", "/v1/states", Some(Permission::ReadData)),
    ("get", "/v1/agents/{agent_id}/pipeline", Some(Permission::ReadData)),
    ("get", "/v1/pipeline", Some(Permission::ReadData)),
    ("get", "/v1/tasks", Some(Permission::ReadData)),
    ("get", "/v1/tasks/{task_id}/timeline", Some(Permission::ReadData)),
    ("get", "/v1/events", Some(Permission::ReadData)),
    ("get", "/v1/metrics", Some(Permission::ReadData)),
    ("get", "/v1/errors", Some(Permission::ReadData)),
    ("get", "/v1/errors/{error_id}", Some(Permission::ReadData)),
    ("get", "/v1/insights", Some(Permission::ReadData)),
    ("get", "/v1/cost", Some(Permission::ReadData)),
    ("get", "/v1/cost/calls", Some(Permission::ReadData)),
    ("get", "/v1/cost/timeseries", Some(Permission::ReadData)),
    ("get", "/v1/llm-calls", Some(Permission::ReadData)),
    ("get", "/v1/cost/explain", Some(Permission::ReadData)),
    ("get", "/v1/export", Some(Permission::ReadData)),
    ("get", "/v1/pricing", Some(Permission::ReadData)),
    ("put", "/v1/pricing/{pattern}", Some(Permission::ChangePrices)),
    ("delete", "/v1/pricing/{pattern}", Some(Permission::ChangePrices)),
    ("get", "/v1/prices", Some(Permission::ReadData)),
    ("put", "/v1/prices/{pattern}", Some(Permission::ChangePrices)),
    ("delete", "/v1/prices/{pattern}", Some(Permission::ChangePrices)),
    ("get", "/v1/projects", Some(Permission::ReadData)),
    ("post", "/v1/projects", Some(Permission::ChangeProjects)),
    ("get", "/v1/projects/{project_id}", Some(Permission::ReadData)),
    ("put", "/v1/projects/{project_id}", Some(Permission::ChangeProjects)),
    ("delete", "/v1/projects/{project_id}", Some(Permission::ChangeProjects)),
    ("post", "/v1/projects/{project_id}/archive", Some(Permission::ChangeProjects)),
    ("post", "/v1/projects/{project_id}/unarchive", Some(Permission::ChangeProjects)),
    ("post", "/v1/projects/{project_id}/merge", Some(Permission::ChangeProjects)),
    ("get", "/v1/projects/{project_id}/agents", Some(Permission::ReadData)),
    ("post", "/v1/projects/{project_id}/agents", Some(Permission::ChangeProjects)),
    ("delete", "/v1/projects/{project_id}/agents/{agent_id}", Some(Permission::ChangeProjects)),
    ("get", "/v1/alerts", Some(Permission::ReadData)),
    ("get", "/v1/alerts/history", Some(Permission::ReadData)),
    ("get", "/v1/alerts/deliveries", Some(Permission::ReadData)),
    ("get", "/v1/alerts/{alert_id}", Some(Permission::ReadData)),
    ("post", "/v1/alerts/{alert_id}/acknowledge", Some(Permission::HandleAlerts)),
    ("post", "/v1/alerts/{alert_id}/resend", Some(Permission::HandleAlerts)),
    ("get", "/v1/alerts/rules", Some(Permission::ReadData)),
    ("post", "/v1/alerts/rules", Some(Permission::ChangeRules)),
    ("post", "/v1/alerts/rules/preview", Some(Permission::ReadData)),
    ("get", "/v1/alerts/rules/{rule_id}", Some(Permission::ReadData)),
    ("put", "/v1/alerts/rules/{rule_id}", Some(Permission::ChangeRules)),
    ("delete", "/v1/alerts/rules/{rule_id}", Some(Permission::ChangeRules)),
    ("post", "/v1/alerts/rules/{rule_id}/mute", Some(Permission::ChangeRules)),
    ("post", "/v1/alerts/rules/{rule_id}/test", Some(Permission::ChangeRules)),
    ("get", "/v1/alerts/channels", Some(Permission::ChangeChannels)),
    ("post", "/v1/alerts/channels", Some(Permission::ChangeChannels)),
    ("get", "/v1/alerts/channels/{channel_id}", Some(Permission::ChangeChannels)),
    ("put", "/v1/alerts/channels/{channel_id}", Some(Permission::ChangeChannels)),
    ("post", "/v1/alerts/channels/{channel_id}/test", Some(Permission::ChangeChannels)),
    ("delete", "/v1/alerts/channels/{channel_id}", Some(Permission::ChangeChannels)),
    ("get", "/v1/api-keys", Some(Permission::ManageKeys)),
    ("post", "/v1/api-keys", Some(Permission::MakeKeys)),
    ("delete", "/v1/api-keys/{key_id}", Some(Permission::ManageKeys)),
    ("post", "/v1/api-keys/{key_id}/rotate", Some(Permission::MakeKeys)),
    ("get", "/v1/session", Some(Permission::ReadData)),
    ("put", "/v1/session", Some(Permission::OwnAccount)),
    ("get", "/v1/login", None),
    ("post", "/v1/login", None),
    ("post", "/v1/logout", None),
    ("post", "/v1/setup", None),
    ("post", "/v1/password-reset", None),
    ("post", "/v1/password-reset/mail", None),
    ("post", "/v1/invitations/open", None),
    ("post", "/v1/invitations/accept", None),
    ("get", "/v1/members", Some(Permission::ManageMembers)),
    ("put", "/v1/members/{person_id}", Some(Permission::ManageMembers)),
    ("delete", "/v1/members/{person_id}", Some(Permission::ManageMembers)),
    ("get", "/v1/invitations", Some(Permission::ManageMembers)),
    ("post", "/v1/invitations", Some(Permission::ManageMembers)),
    ("delete", "/v1/invitations/{invitation_id}", Some(Permission::ManageMembers)),
    ("get", "/v1/sessions", Some(Permission::OwnAccount)),
    ("delete", "/v1/sessions/{session_id}", Some(Permission::OwnAccount)),
    ("put", "/v1/account/password", Some(Permission::OwnAccount)),
    ("get", "/v1/workspaces", Some(Permission::OwnAccount)),
    ("post", "/v1/workspaces", Some(Permission::ManageWorkspaces)),
    ("put", "/v1/workspaces/{workspace_id}", Some(Permission::ManageWorkspace)),
    ("delete", "/v1/workspaces/{workspace_id}", Some(Permission::ManageWorkspaces)),
    ("get", "/v1/audit", Some(Permission::ManageWorkspace)),
    ("get", "/v1/views", Some(Permission::ReadData)),
    ("put", "/v1/views", Some(Permission::SaveViews)),
    ("delete", "/v1/views/{view_id}", Some(Permission::SaveViews)),
    ("get", "/v1/storage", Some(Permission::ReadData)),
    ("put", "/v1/storage", Some(Permission::ManageWorkspace)),
    ("get", "/v1/stream", Some(Permission::ReadData)),
    ("post", "/mcp", Some(Permission::ReadData)),
];

/// Someone who asks.
struct Asker {
    name: &'static str,
    credential: Credential,
    /// `None`: is let in nowhere.
    holder: Option<Holder>,
    scopes: KeyScopes,
    /// Whether the live data of the first workspace is this one's own.
    at_home: bool,
    /// Whether the first workspace is this one's own.
    in_workspace: bool,
}

enum Credential {
    None,
    Key(String),
    Session { cookie: String, mode: Mode },
}

impl Asker {
    fn ask(&self, app: &TestApp, method: &Method, path: &str) -> RequestBuilder {
        match &self.credential {
            Credential::None => app.request(method.clone(), path),
            Credential::Key(key) => app.request(method.clone(), path).bearer_auth(key),
            Credential::Session { cookie, mode } => {
                app.at_board(method.clone(), &format!("{path}?mode={}", mode.as_str()), cookie)
            }
        }
    }

    /// Whether this one may do what a route asks for.
    fn may(&self, needed: Permission, holder: Holder) -> bool {
        let is_key = matches!(holder, Holder::ReadKey | Holder::WriteKey);
        let in_scope = needed.key_scope().is_none_or(|scope| !is_key || self.scopes.has(scope));
        needed.holders().contains(&holder) && in_scope
    }

    /// Whether the thing that a path names exists for this one.
    fn finds(&self, path: &str, holder: Holder) -> bool {
        let is_admin = matches!(holder, Holder::Admin | Holder::Owner);
        match path.split('/').nth(2) {
            Some("agents" | "tasks" | "projects" | "errors") => self.at_home,
            // Channels are the workspace's, rules and alerts of its live data.
            Some("alerts") if !path.contains("/channels/") => self.at_home,
            // A key sees itself alone, members their own sessions.
            Some("api-keys" | "sessions") => self.in_workspace && is_admin,
            _ => self.in_workspace,
        }
    }
}

fn askers(app: &TestApp) -> Vec<Asker> {
    let settings = &app.running().app.settings;
    let home = DEFAULT_WORKSPACE;
    let other = settings.create_workspace("another").expect("a workspace").id;
    let (revoked, revoked_key) = app.key(KeyKind::Live, Mode::Live, home);
    settings.revoke_key(revoked.workspace, &revoked.id.to_string()).expect("revoked");
    let narrowed = |scopes: KeyScopes, expires_at| {
        let new = NewKey { kind: KeyKind::Live, mode: Mode::Live, workspace: home, name: "", scopes, expires_at };
        Credential::Key(settings.make_key(new).expect("a key").1)
    };
    let expired_key = narrowed(KeyScopes::default(), Some(Timestamp::now()));
    let ended = app.member(Role::Owner, home);
    let expired_session =
        settings.create_session(ended.id, home, SessionOrigin::default(), Duration::ZERO).expect("a session");
    let removed = app.member(Role::Owner, other);
    settings.add_member(other, app.member(Role::Owner, other).id, Role::Owner).expect("added");
    settings.remove_member(other, removed.id).expect("removed");
    let key = |kind, mode, workspace: WorkspaceId| Credential::Key(app.key(kind, mode, workspace).1);
    let all = KeyScopes::default();
    let outsider =
        |name, credential| Asker { name, credential, holder: None, scopes: all, at_home: false, in_workspace: false };
    let insider = |name, credential, holder, at_home| Asker {
        name,
        credential,
        holder: Some(holder),
        scopes: all,
        at_home,
        in_workspace: true,
    };
    let narrow = |name, scope| Asker {
        scopes: KeyScopes::of([scope]),
        ..insider(name, narrowed(KeyScopes::of([scope]), None), Holder::WriteKey, true)
    };
    let elsewhere =
        |name, credential, holder| Asker { in_workspace: false, ..insider(name, credential, holder, false) };
    let (write, read) = (Holder::WriteKey, Holder::ReadKey);
    let member = |role, workspace, mode| Credential::Session { cookie: app.member(role, workspace).cookie, mode };
    let cookie = |token: &str| Credential::Session { cookie: format!("hiveboard_session={token}"), mode: Mode::Live };
    vec![
        outsider("nobody", Credential::None),
        outsider("garbage", Credential::Key("garbage".to_owned())),
        outsider("an unknown key", Credential::Key("hb_live_00000000000000000000000000000000".to_owned())),
        outsider("a revoked key", Credential::Key(revoked_key)),
        outsider("an expired key", expired_key),
        outsider("a session that never was", cookie("0123456789abcdef")),
        outsider("an expired session", cookie(&expired_session)),
        outsider(
            "a session of someone who was removed",
            Credential::Session { cookie: removed.cookie, mode: Mode::Live },
        ),
        insider("a live key", key(KeyKind::Live, Mode::Live, home), write, true),
        insider("a test key", key(KeyKind::Test, Mode::Test, home), write, false),
        insider("a read key of live data", key(KeyKind::Read, Mode::Live, home), read, true),
        insider("a read key of test data", key(KeyKind::Read, Mode::Test, home), read, false),
        narrow("a key that may only send", KeyScope::Ingest),
        narrow("a key that may only read", KeyScope::Read),
        narrow("a key that may only change", KeyScope::Write),
        elsewhere("another workspace's live key", key(KeyKind::Live, Mode::Live, other), write),
        elsewhere("another workspace's read key", key(KeyKind::Read, Mode::Live, other), read),
        elsewhere("another workspace's owner", member(Role::Owner, other, Mode::Live), Holder::Owner),
        insider("a viewer", member(Role::Viewer, home, Mode::Live), Holder::Viewer, true),
        insider("a member", member(Role::Member, home, Mode::Live), Holder::Member, true),
        insider("an admin", member(Role::Admin, home, Mode::Live), Holder::Admin, true),
        insider("an owner", member(Role::Owner, home, Mode::Live), Holder::Owner, true),
        insider("an owner who looks at test data", member(Role::Owner, home, Mode::Test), Holder::Owner, false),
    ]
}

/// A path of a route with ids that exist in the live data of the first workspace, made anew so that they may be deleted.
fn filled(app: &TestApp, path: &str) -> String {
    let settings = &app.running().app.settings;
    let home = DEFAULT_WORKSPACE;
    let mut path = path.replace("{agent_id}", "twin").replace("{task_id}", "t").replace("{workspace_id}", "1");
    let mut fill = |name: &str, make: &dyn Fn() -> String| {
        if path.contains(name) {
            path = path.replace(name, &make());
        }
    };
    fill("{key_id}", &|| app.key(KeyKind::Live, Mode::Live, home).0.id.to_string());
    fill("{person_id}", &|| app.member(Role::Viewer, home).id.to_string());
    fill("{session_id}", &|| {
        let person = app.member(Role::Viewer, home).id;
        let sessions = settings.list_sessions().expect("sessions");
        let own = sessions.into_iter().find(|session| session.person == Some(person)).expect("a session");
        format!("{:032x}", own.id)
    });
    fill("{invitation_id}", &|| {
        let email = format!("{}@example.org", uuid::Uuid::new_v4());
        let invited = settings.invite(home, &email, Role::Viewer, "", Duration::from_secs(60));
        invited.expect("invited").0.id.to_string()
    });
    fill("{view_id}", &|| match settings
        .save_view(home, &uuid::Uuid::new_v4().to_string(), "/", "", "", 10_000)
        .expect("saved")
    {
        Saved::Done { after, .. } => after.id.to_string(),
        Saved::TooMany => panic!("there are few"),
    });
    for name in ["{alert_id}", "{rule_id}", "{channel_id}"] {
        fill(name, &|| {
            put_alerts(app);
            OF_ALERTS.to_owned()
        });
    }
    fill("{error_id}", &|| {
        let scope = Scope { workspace: home, mode: Mode::Live };
        let now = Timestamp::now();
        let errors = app.running().app.derived.look(scope, |projections| {
            projections.errors(&ErrorFilter::default(), ErrorSort::Last, Timestamp(0), now.plus_seconds(60))
        });
        errors.first().expect("something failed").error_id.clone()
    });
    fill("{project_id}", &|| {
        let id = uuid::Uuid::new_v4().to_string();
        let scope = Scope { workspace: home, mode: Mode::Live };
        settings.ensure_projects(scope, &[&id], 10_000).expect("a project");
        settings.add_project_agent(scope, &id, "twin").expect("added");
        id
    });
    path
}

/// The id of an alert, a rule and a channel.
const OF_ALERTS: &str = "00000000-0000-4000-8000-000000000001";

/// Puts them there, as often as they are deleted.
fn put_alerts(app: &TestApp) {
    let settings = &app.running().app.settings;
    let id = OF_ALERTS.parse().expect("an id");
    let at = Timestamp(1_700_000_000_000_000);
    let scope = Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Live };
    let rule = RULE.to_string();
    let rule = RuleRecord { rule_id: id, body: rule, created_at: at, updated_at: at };
    assert!(settings.save_alert_rule(scope, &rule).expect("a rule"));
    let channel = ChannelRecord {
        channel_id: id,
        name: "a channel".to_owned(),
        kind: "email".to_owned(),
        config: json!({"to": ["a@example.org"]}).to_string(),
        secrets: "{}".to_owned(),
        created_at: at,
        updated_at: at,
    };
    assert!(settings.save_alert_channel(DEFAULT_WORKSPACE, &channel).expect("a channel"));
    let body = json!({"alert_id": OF_ALERTS, "rule_id": OF_ALERTS, "rule_name": "r", "condition": "agent_stuck",
        "severity": "warning", "state": "firing", "subject": {"kind": "agent", "agent_id": "twin"}, "value": 1.0,
        "threshold": 1.0, "unit": "", "summary": "s", "advice": "a", "evidence": {}, "link": "/", "since": at,
        "started_at": at, "resolved_at": at});
    let alert = AlertRecord {
        alert_id: id,
        rule_id: OF_ALERTS.to_owned(),
        subject: String::new(),
        severity: "warning".to_owned(),
        agent_id: Some("twin".to_owned()),
        task_id: None,
        project_id: None,
        environment: None,
        group: None,
        started_at: at,
        resolved_at: Some(Timestamp::now()),
        acknowledged_at: None,
        acknowledged_by: None,
        body: body.to_string(),
    };
    settings.record_alerts(scope, &[alert], &[], at).expect("an alert");
}

static RULE: std::sync::LazyLock<Value> = std::sync::LazyLock::new(
    || json!({"name": "r", "condition": {"type": "agent_stuck"}, "severity": "warning", "enabled": false}),
);

#[tokio::test]
async fn every_route_lets_in_whom_the_table_of_permissions_says() {
    let app = TestApp::start().await;
    let started = event(json!({"event_type": "task_started", "task_id": "t", "project_id": "p"}));
    let failed = event(json!({"event_type": "task_failed", "task_id": "t", "payload": {"exception_type": "KeyError"}}));
    app.send(&app.live, "twin", &[started, failed]).await;
    let document = app.get("/v1/openapi.json").await;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            assert!(
                ROUTES.iter().any(|row| row.0 == method && row.1 == path),
                "{method} {path} is new: say here who may use it"
            );
        }
    }
    let askers = askers(&app);
    for (method, path, needed) in ROUTES {
        let verb: Method = method.to_uppercase().parse().expect("a method");
        let takes_body = !document["paths"][path][method]["requestBody"].is_null();
        for asker in &askers {
            if *path == "/v1/logout" && matches!(asker.credential, Credential::Session { .. }) {
                continue;
            }
            let answer = asker.ask(&app, &verb, &filled(&app, path)).send().await.expect("an answer");
            let got = answer.status().as_u16();
            let said: Value = answer.json().await.unwrap_or_default();
            let place = format!("{method} {path} answered {got} to {}: {}", asker.name, said["message"]);
            match (needed, asker.holder) {
                (None, _) if takes_body => assert_eq!(got, 400, "{place}"),
                (None, _) => assert!(matches!(got, 200 | 204), "{place}"),
                (Some(_), None) => assert_eq!(got, 401, "{place}"),
                (Some(needed), Some(holder)) if !asker.may(*needed, holder) => assert_eq!(got, 403, "{place}"),
                (Some(_), Some(_)) if takes_body || !path.contains('{') => {
                    assert!(!matches!(got, 401 | 403 | 404), "{place}");
                }
                (Some(_), Some(holder)) => {
                    // Not an id: any text may be set, and one that is not set cannot be deleted.
                    if path.contains("{pattern}") {
                        assert!(!matches!(got, 401 | 403), "{place}");
                        continue;
                    }
                    // Nothing goes that was not named.
                    if *needed == Some(Permission::ManageWorkspaces) {
                        assert_eq!(got, 400, "{place}");
                        continue;
                    }
                    assert_eq!(got, if asker.finds(path, holder) { 200 } else { 404 }, "{place}");
                }
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn a_cookie_changes_nothing_for_a_page_of_another_origin() {
    let app = TestApp::start().await;
    let cookie = app.member(Role::Owner, DEFAULT_WORKSPACE).cookie;
    let port = app.running().addr.port();
    let elsewhere = [
        None,
        Some("null".to_owned()),
        Some(format!("http://127.0.0.1:{}", port ^ 1)),
        Some("https://a.test".to_owned()),
    ];
    for (method, path, needed) in ROUTES {
        let verb: Method = method.to_uppercase().parse().expect("a method");
        let is_stream = *path == "/v1/stream";
        if needed.is_none() || (verb == Method::GET && !is_stream) {
            continue;
        }
        for origin in &elsewhere {
            let mut request = app.request(verb.clone(), &filled(&app, path)).header("cookie", &cookie);
            if is_stream {
                request = request.header("connection", "upgrade").header("upgrade", "websocket");
            }
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), 403, "{method} {path} from {origin:?}");
        }
    }
    let leave = app.request(Method::POST, "/leave").header("cookie", &cookie).send().await.expect("an answer");
    assert_eq!(leave.status(), 403, "nobody else's page signs one out");
    let leave = app.request(Method::POST, "/leave").header("cookie", &cookie).header("origin", app.base());
    assert_eq!(leave.send().await.expect("an answer").headers()["location"], "/sign-in");
    app.stop().await;
}

#[tokio::test]
async fn a_one_time_link_works_once() {
    let app = TestApp::start().await;
    let token = app.running().app.settings.create_login_token(std::time::Duration::from_secs(60)).expect("a token");
    let path = format!("/enter?token={token}");
    let first = app.request(Method::GET, &path).send().await.expect("an answer");
    assert_eq!(first.headers()["location"], "/");
    assert!(first.headers().contains_key("set-cookie"));
    let second = app.request(Method::GET, &path).send().await.expect("an answer");
    assert_eq!(second.headers()["location"], "/sign-in?link=used");
    assert!(!second.headers().contains_key("set-cookie"));
    app.stop().await;
}

#[tokio::test]
async fn people_make_keys_that_are_shown_once_and_work() {
    let app = TestApp::start().await;
    let cookie = app.session().await;
    let as_owner =
        |method, path: &str| app.request(method, path).header("cookie", &cookie).header("origin", app.base());
    let made: Value = as_owner(Method::POST, "/v1/api-keys")
        .json(&json!({"key_type": "live", "label": "wall"}))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let key = made["key"].as_str().expect("the secret").to_owned();
    assert_eq!((made["raw_key"].as_str(), made["label"].as_str()), (Some(key.as_str()), Some("wall")));
    let reads = app.request(Method::GET, "/v1/agents").bearer_auth(&key).send().await.expect("an answer");
    assert_eq!(reads.status(), 200);
    let list = as_owner(Method::GET, "/v1/api-keys").send().await.expect("an answer").text().await.expect("text");
    assert!(list.contains("wall") && !list.contains(&key));
    let own: Value = app
        .request(Method::GET, "/v1/api-keys")
        .bearer_auth(&key)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(own["data"].as_array().map(Vec::len), Some(1), "a key lists itself alone: {own}");
    assert_eq!(
        (own["data"][0]["key_type"].as_str(), &own["data"][0]["key_prefix"]),
        (Some("live"), &own["data"][0]["prefix"])
    );
    let id = made["key_id"].as_str().expect("an id");
    let itself = app.request(Method::DELETE, &format!("/v1/api-keys/{id}")).bearer_auth(&key);
    assert_eq!(itself.send().await.expect("an answer").status(), 200, "a key may revoke itself");
    let refused = app.request(Method::GET, "/v1/agents").bearer_auth(&key).send().await.expect("an answer");
    assert_eq!(refused.status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn wrong_keys_are_slowed_and_right_ones_are_not() {
    let app = TestApp::start().await;
    let guess = |number: usize| {
        let request = app.request(Method::GET, "/v1/agents").bearer_auth(format!("hb_live_{number:032}"));
        tokio::spawn(async move { request.send().await.expect("an answer").status().as_u16() })
    };
    let guesses: Vec<_> = (0..200).map(guess).collect();
    for _ in 0..5 {
        let (_, key) = app.key(KeyKind::Read, Mode::Live, DEFAULT_WORKSPACE);
        let answer = app.request(Method::GET, "/v1/agents").bearer_auth(key).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "a key that was never seen before");
    }
    assert!(guesses.iter().any(|guess| !guess.is_finished()), "some guesses still wait");
    for guess in guesses {
        assert_eq!(guess.await.expect("no panic"), 401, "never locked");
    }
    app.stop().await;
}

#[tokio::test]
async fn when_a_key_was_last_used_is_written_down() {
    let app = TestApp::start().await;
    app.get("/v1/agents").await;
    let (_, unused) = app.key(KeyKind::Read, Mode::Live, DEFAULT_WORKSPACE);
    let settings = std::sync::Arc::clone(&app.running().app.settings);
    let live = app.live.clone();
    app.stop().await;
    let keys = settings.list_keys(DEFAULT_WORKSPACE).expect("keys");
    let of =
        |plaintext: &str| keys.iter().find(|key| plaintext.starts_with(&key.prefix)).expect("the key").last_used_at;
    assert!(of(&live).is_some());
    assert_eq!(of(&unused), None);
}
