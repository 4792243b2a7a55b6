//! People: the first owner, passwords, sessions, invitations, roles, and what is written down of it all.

use hiveboard::config::{Config, ServeArgs};
use hiveboard_settings::{DEFAULT_WORKSPACE, KeyKind, KeyScopes, Keys, Members, NewKey, People, Role, SqliteSettings};
use hiveboard_wire::{Mode, Timestamp, WorkspaceId};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::app::{TestApp, event};

const PASSWORD: &str = "four words put together";

async fn post(app: &TestApp, path: &str, body: Value) -> Response {
    app.request(Method::POST, path).header("origin", app.base()).json(&body).send().await.expect("an answer")
}

fn cookie_of(answer: &Response) -> String {
    let cookie = answer.headers().get("set-cookie").expect("a cookie").to_str().expect("text");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    cookie.split(';').next().expect("a first part").to_owned()
}

async fn json_of(answer: Response, status: u16) -> Value {
    let got = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap_or_default();
    assert_eq!(got, status, "{body}");
    body
}

/// The first owner, by the board that the link opened.
async fn owner(app: &TestApp) -> String {
    let local = app.session().await;
    let body = json!({"name": "Ada", "email": "Ada@Example.org", "password": PASSWORD});
    let answer = app.at_board(Method::POST, "/v1/setup", &local).json(&body).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    cookie_of(&answer)
}

async fn get(app: &TestApp, path: &str, cookie: &str) -> Value {
    json_of(app.at_board(Method::GET, path, cookie).send().await.expect("an answer"), 200).await
}

async fn can_enter(app: &TestApp, cookie: &str) -> bool {
    app.at_board(Method::GET, "/v1/agents", cookie).send().await.expect("an answer").status() == 200
}

#[test]
fn a_fresh_install_has_no_key_and_no_password_and_listens_on_loopback() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = Config::resolve(ServeArgs { data_dir: Some(dir.path().to_owned()), ..ServeArgs::default() })
        .expect("defaults resolve");
    assert!(config.addr.ip().is_loopback() && config.otlp_grpc_addr.is_none_or(|addr| addr.ip().is_loopback()));
    let settings = SqliteSettings::open(dir.path()).expect("it opens");
    assert!(settings.list_keys(DEFAULT_WORKSPACE).expect("keys").is_empty());
    assert!(settings.list_members(DEFAULT_WORKSPACE).expect("members").is_empty());
    assert!(!settings.has_owner().expect("known") && !settings.has_sessions().expect("known"));
}

#[tokio::test]
async fn whoever_followed_the_link_becomes_the_owner_and_the_link_opens_nothing_any_more() {
    let app = TestApp::start().await;
    assert_eq!(
        app.get("/v1/login").await,
        json!({"sign_in": "link", "reset_by_mail": false, "password_optional": true})
    );
    let local = app.session().await;
    let session = get(&app, "/v1/session", &local).await;
    assert_eq!(
        (&session["role"], &session["person"], &session["needs_owner"]),
        (&json!("owner"), &Value::Null, &json!(true))
    );
    let unused = app.running().app.settings.create_login_token(std::time::Duration::from_secs(60)).expect("a token");
    let wrong = post(&app, "/v1/setup", json!({"name": " ", "email": "ada", "password": "short"})).await;
    let fields = json_of(wrong, 400).await["details"]["fields"].clone();
    assert_eq!(fields.as_object().expect("fields").keys().collect::<Vec<_>>(), ["email", "name", "password"]);
    let nobody = post(&app, "/v1/setup", json!({"name": "Eve", "email": "e@example.org", "password": PASSWORD})).await;
    assert_eq!(nobody.status(), 401, "without a link and without a session");

    let ada = owner(&app).await;
    let session = get(&app, "/v1/session", &ada).await;
    assert_eq!((&session["role"], &session["person"]["email"]), (&json!("owner"), &json!("ada@example.org")));
    assert!(!can_enter(&app, &local).await, "sessions without a person end");
    let again = post(
        &app,
        "/v1/setup",
        json!({"token": unused, "name": "Eve", "email": "e@example.org", "password": PASSWORD}),
    );
    assert_eq!(again.await.status(), 409);
    let link = app.request(Method::GET, &format!("/enter?token={unused}")).send().await.expect("an answer");
    assert_eq!(link.headers()["location"], "/sign-in?link=used");
    assert_eq!(
        app.get("/v1/login").await,
        json!({"sign_in": "password", "reset_by_mail": false, "password_optional": false})
    );
    app.stop().await;
}

#[tokio::test]
async fn away_from_the_servers_own_machine_the_link_asks_for_a_password_first() {
    let app = TestApp::start_with(|args| args.public_url = Some("https://board.example.org".to_owned())).await;
    let token = app.running().app.settings.create_login_token(std::time::Duration::from_secs(60)).expect("a token");
    let link = app.request(Method::GET, &format!("/enter?token={token}")).send().await.expect("an answer");
    assert_eq!(link.headers()["location"], format!("/set-up#token={token}").as_str());
    assert!(!link.headers().contains_key("set-cookie"));
    let body = json!({"token": token, "name": "Ada", "email": "ada@example.org", "password": PASSWORD});
    let answer = app.request(Method::POST, "/v1/setup").header("origin", "https://board.example.org").json(&body);
    let answer = answer.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["set-cookie"].to_str().expect("text").contains("Secure"));
    app.stop().await;
    // A proxy that says so makes the same machine somewhere else.
    let app = TestApp::start().await;
    let token = app.running().app.settings.create_login_token(std::time::Duration::from_secs(60)).expect("a token");
    let link = app.request(Method::GET, &format!("/enter?token={token}")).header("x-forwarded-for", "203.0.113.9");
    let link = link.send().await.expect("an answer");
    assert!(link.headers()["location"].to_str().expect("text").starts_with("/set-up#token="));
    app.stop().await;
}

#[tokio::test]
async fn people_sign_in_and_out_and_their_sessions_are_listed_and_end() {
    let app = TestApp::start().await;
    let first = owner(&app).await;
    let enter = async || {
        let answer = post(&app, "/v1/login", json!({"email": "ADA@example.org", "password": PASSWORD})).await;
        assert_eq!(answer.status(), 200);
        cookie_of(&answer)
    };
    let (second, third) = (enter().await, enter().await);
    let listed = get(&app, "/v1/sessions", &first).await;
    let rows = listed["data"].as_array().expect("data");
    assert_eq!((rows.len(), rows.iter().filter(|row| row["is_current"] == true).count()), (3, 1));
    assert!(rows.iter().all(|row| row["address"] == "127.0.0.1" && row["email"] == "ada@example.org"));
    let out = app.at_board(Method::POST, "/v1/logout", &second).send().await.expect("an answer");
    assert_eq!(out.status(), 204);
    assert!(!can_enter(&app, &second).await && can_enter(&app, &third).await);

    let mut stream = {
        use tokio_tungstenite::tungstenite::client::IntoClientRequest;
        let url = format!("{}/v1/stream", app.base().replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("a request");
        request.headers_mut().insert("cookie", third.parse().expect("a header"));
        request.headers_mut().insert("origin", app.base().parse().expect("a header"));
        tokio_tungstenite::connect_async(request).await.expect("the stream opens").0
    };
    let rows = get(&app, "/v1/sessions", &third).await;
    let own = rows["data"].as_array().expect("data").iter().find(|row| row["is_current"] == true).expect("its own");
    let id = own["session_id"].as_str().expect("an id");
    let ended = app.at_board(Method::DELETE, &format!("/v1/sessions/{id}"), &first).send().await.expect("an answer");
    assert_eq!(ended.status(), 200);
    assert!(!can_enter(&app, &third).await);
    let closed = tokio::time::timeout(std::time::Duration::from_secs(1), async {
        use futures_util::StreamExt;
        while let Some(Ok(message)) = stream.next().await {
            if message.is_close() {
                break;
            }
        }
    });
    closed.await.expect("the stream of an ended session ends within a second");

    let wrong = json!({"current_password": "not it at all", "new_password": "another four words"});
    let refused =
        app.at_board(Method::PUT, "/v1/account/password", &first).json(&wrong).send().await.expect("an answer");
    assert_eq!(json_of(refused, 400).await["details"]["fields"]["current_password"], "is wrong");
    let fourth = enter().await;
    let change = json!({"current_password": PASSWORD, "new_password": "another four words"});
    let changed =
        app.at_board(Method::PUT, "/v1/account/password", &first).json(&change).send().await.expect("an answer");
    assert_eq!(changed.status(), 200);
    assert!(can_enter(&app, &first).await && !can_enter(&app, &fourth).await, "all other sessions end");
    let old = post(&app, "/v1/login", json!({"email": "ada@example.org", "password": PASSWORD})).await;
    assert_eq!(old.status(), 401);
    app.stop().await;
}

#[tokio::test]
async fn wrong_passwords_look_like_unknown_accounts_and_are_slowed() {
    let app = TestApp::start().await;
    owner(&app).await;
    let unknown = post(&app, "/v1/login", json!({"email": "eve@example.org", "password": PASSWORD})).await;
    let unknown = json_of(unknown, 401).await;
    let mut seen = Vec::new();
    for _ in 0..14 {
        let answer = post(&app, "/v1/login", json!({"email": "ada@example.org", "password": "wrong every time"})).await;
        let retry = answer.headers().get("retry-after").cloned();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.expect("JSON");
        if status == 401 {
            assert_eq!(body, unknown, "nobody learns who has an account");
        } else {
            assert!(status == 429 && retry.is_some(), "{body}");
        }
        seen.push(status);
    }
    assert_eq!((seen[0], seen[13]), (401, 429), "{seen:?}");
    let other = post(&app, "/v1/login", json!({"email": "eve@example.org", "password": PASSWORD})).await;
    assert_eq!(other.status(), 401, "others are not slowed by it");
    app.stop().await;
}

#[tokio::test]
async fn an_invitation_is_followed_once_and_says_what_it_is_for() {
    let app = TestApp::start().await;
    let ada = owner(&app).await;
    let invite = async |email: &str, role: &str| {
        let body = json!({"email": email, "role": role});
        let answer = app.at_board(Method::POST, "/v1/invitations", &ada).json(&body).send().await.expect("an answer");
        json_of(answer, 201).await
    };
    let token_of = |made: &Value| {
        let link = made["link"].as_str().expect("a link").to_owned();
        let (path, token) = link.split_once("#token=").expect("a token behind the #");
        assert_eq!(path, format!("{}/invitation", app.base()));
        token.to_owned()
    };
    let stale = token_of(&invite("bo@example.org", "viewer").await);
    let token = token_of(&invite("Bo@example.org", "member").await);
    let list = get(&app, "/v1/invitations", &ada).await;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1), "one an address");
    assert!(!list.to_string().contains(&token));
    assert_eq!(post(&app, "/v1/invitations/open", json!({"token": stale})).await.status(), 401);
    let opened = json_of(post(&app, "/v1/invitations/open", json!({"token": token})).await, 200).await;
    assert_eq!(
        (&opened["email"], &opened["role"], &opened["invited_by"], &opened["has_account"]),
        (&json!("bo@example.org"), &json!("member"), &json!("Ada"), &json!(false))
    );
    let accepted =
        post(&app, "/v1/invitations/accept", json!({"token": token, "name": "Bo", "password": PASSWORD})).await;
    assert_eq!(accepted.status(), 200);
    let bo = cookie_of(&accepted);
    assert_eq!(get(&app, "/v1/session", &bo).await["role"], "member");
    let again =
        post(&app, "/v1/invitations/accept", json!({"token": token, "name": "Eve", "password": PASSWORD})).await;
    assert_eq!(again.status(), 401);
    let refused = app.at_board(Method::GET, "/v1/members", &bo).send().await.expect("an answer");
    assert_eq!(refused.status(), 403);

    let taken_back = invite("cy@example.org", "admin").await;
    let path = format!("/v1/invitations/{}", taken_back["invitation_id"].as_str().expect("an id"));
    assert_eq!(app.at_board(Method::DELETE, &path, &ada).send().await.expect("an answer").status(), 200);
    let over = post(&app, "/v1/invitations/open", json!({"token": token_of(&taken_back)})).await;
    assert_eq!(over.status(), 401);
    let twice = json!({"email": "bo@example.org", "role": "viewer"});
    let twice = app.at_board(Method::POST, "/v1/invitations", &ada).json(&twice).send().await.expect("an answer");
    assert_eq!(twice.status(), 409);
    app.stop().await;
}

#[tokio::test]
async fn roles_change_and_one_owner_stays() {
    let app = TestApp::start().await;
    let ada = owner(&app).await;
    let admin = app.member(Role::Admin, DEFAULT_WORKSPACE);
    let viewer = app.member(Role::Viewer, DEFAULT_WORKSPACE);
    let change = async |cookie: &str, id: &str, role: &str| {
        let request = app.at_board(Method::PUT, &format!("/v1/members/{id}"), cookie).json(&json!({"role": role}));
        request.send().await.expect("an answer").status().as_u16()
    };
    let members = get(&app, "/v1/members", &ada).await;
    let of_ada = members["data"].as_array().expect("data").iter().find(|one| one["email"] == "ada@example.org");
    let ada_id = of_ada.expect("Ada")["person_id"].as_str().expect("an id").to_owned();
    let viewer_id = viewer.id.to_string();
    assert_eq!(change(&ada, &ada_id, "viewer").await, 409, "the only owner");
    assert_eq!(change(&admin.cookie, &ada_id, "viewer").await, 403, "an admin changes no owner");
    assert_eq!(change(&admin.cookie, &viewer_id, "owner").await, 403, "and makes none");
    assert_eq!(change(&admin.cookie, &viewer_id, "member").await, 200);
    assert_eq!(get(&app, "/v1/session", &viewer.cookie).await["role"], "member", "at once");
    assert_eq!(change(&ada, &admin.id.to_string(), "owner").await, 200);
    assert_eq!(change(&ada, &ada_id, "admin").await, 200, "there is another owner now");
    let gone = app.at_board(Method::DELETE, &format!("/v1/members/{viewer_id}"), &admin.cookie).send().await;
    assert_eq!(gone.expect("an answer").status(), 200);
    assert!(!can_enter(&app, &viewer.cookie).await, "the sessions of a removed member end");
    app.stop().await;
}

#[tokio::test]
async fn a_person_in_several_workspaces_turns_from_one_to_the_other() {
    let app = TestApp::start().await;
    let ada = owner(&app).await;
    let made = app.at_board(Method::POST, "/v1/workspaces", &ada).json(&json!({"name": "Second"})).send().await;
    let second = json_of(made.expect("an answer"), 201).await["workspace_id"].clone();
    app.send(&app.live, "first", &[event(json!({"event_type": "heartbeat"}))]).await;
    let agents = async || get(&app, "/v1/agents", &ada).await["data"].as_array().map(Vec::len);
    assert_eq!(agents().await, Some(1));
    let turn = async |id: &Value| {
        let body = json!({"workspace_id": id});
        app.at_board(Method::PUT, "/v1/session", &ada).json(&body).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!((turn(&second).await, agents().await), (200, Some(0)));
    let session = get(&app, "/v1/session", &ada).await;
    assert_eq!(
        (&session["workspace"]["name"], session["workspaces"].as_array().map(Vec::len)),
        (&json!("Second"), Some(2))
    );
    let strict = json!({"auto_create_projects": false, "name": "Second one"});
    let path = format!("/v1/workspaces/{second}");
    let strict = app.at_board(Method::PUT, &path, &ada).json(&strict).send().await.expect("an answer");
    assert_eq!(json_of(strict, 200).await["auto_create_projects"], false);
    let elsewhere = app.at_board(Method::PUT, "/v1/workspaces/1", &ada).json(&json!({"name": "x"})).send().await;
    assert_eq!(elsewhere.expect("an answer").status(), 404);
    assert_eq!((turn(&json!(1)).await, agents().await, turn(&json!(77)).await), (200, Some(1), 404));
    app.stop().await;
}

#[tokio::test]
async fn a_workspace_goes_by_its_name_with_all_that_is_in_it() {
    let app = TestApp::start().await;
    let ada = owner(&app).await;
    let make = async || {
        let made = app.at_board(Method::POST, "/v1/workspaces", &ada).json(&json!({"name": "Second"})).send().await;
        json_of(made.expect("an answer"), 201).await["workspace_id"].as_u64().expect("an id") as u32
    };
    let second = make().await;
    let id = WorkspaceId(second);
    let (_, key) = app.key(KeyKind::Live, Mode::Live, id);
    app.send(&key, "a", &[event(json!({"event_type": "task_started", "task_id": "t", "project_id": "p"}))]).await;
    app.send(&app.live, "mine", &[event(json!({"event_type": "task_started", "task_id": "t"}))]).await;
    let bo = app.member(Role::Viewer, id).cookie;
    let by_key = async || {
        let asked = app.request(Method::GET, "/v1/agents").bearer_auth(&key).send().await;
        asked.expect("an answer").status().as_u16()
    };
    assert_eq!((by_key().await, can_enter(&app, &bo).await), (200, true));
    let turn = async |to: u32| {
        let turned = app.at_board(Method::PUT, "/v1/session", &ada).json(&json!({"workspace_id": to})).send().await;
        assert_eq!(turned.expect("an answer").status(), 200);
    };
    let delete = async |cookie: &str, id: u32, confirm: &str| {
        let path = format!("/v1/workspaces/{id}?confirm={confirm}");
        app.at_board(Method::DELETE, &path, cookie).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(delete(&ada, second, "second").await, 400, "that is not its name");
    assert_eq!(delete(&ada, 1, "default").await, 409, "the first one stays");
    assert_eq!(delete(&ada, 77, "Second").await, 404);
    let stranger = app.member(Role::Owner, DEFAULT_WORKSPACE).cookie;
    assert_eq!(delete(&stranger, second, "Second").await, 404, "one of somebody else's");
    turn(second).await;
    assert_eq!(delete(&ada, second, "Second").await, 409, "it is looked at");
    turn(1).await;
    assert_eq!((by_key().await, can_enter(&app, &bo).await), (200, true), "nothing has happened yet");

    assert_eq!(delete(&ada, second, "Second").await, 200);
    assert_eq!((by_key().await, can_enter(&app, &bo).await), (401, false));
    let left = get(&app, "/v1/workspaces", &ada).await;
    assert_eq!(left["data"].as_array().map(Vec::len), Some(1), "{left}");
    assert_eq!(delete(&ada, second, "Second").await, 404, "it is gone");
    let running = app.running();
    assert!(running.app.derived.scopes().iter().all(|scope| scope.workspace != id), "nothing of it is in memory");
    assert!(running.app.settings.list_keys(id).expect("keys").is_empty());
    assert_eq!(get(&app, "/v1/agents", &ada).await["data"][0]["agent_id"], "mine");
    let log = get(&app, "/v1/audit?action=workspace.deleted", &ada).await;
    assert_eq!(
        (&log["data"][0]["target"], &log["data"][0]["before"]["workspace_id"]),
        (&json!("Second"), &json!(second))
    );
    assert_ne!(make().await, second, "its number is never given away again");
    app.stop().await;
}

#[tokio::test]
async fn keys_end_are_narrowed_and_rotated() {
    let app = TestApp::start().await;
    let ada = owner(&app).await;
    let make = async |body: Value| {
        let answer = app.at_board(Method::POST, "/v1/api-keys", &ada).json(&body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    assert_eq!(make(json!({"kind": "live", "expires_at": "2020-01-01T00:00:00Z"})).await.0, 400);
    assert_eq!(make(json!({"kind": "live", "scopes": []})).await.0, 400);
    assert_eq!(make(json!({"kind": "read", "scopes": ["ingest"]})).await.0, 400, "it could do nothing");
    assert_eq!(make(json!({"kind": "read", "scopes": ["read"]})).await.0, 201);
    let (status, narrowed) = make(json!({"kind": "live", "name": "sender", "scopes": ["ingest"]})).await;
    assert_eq!((status, &narrowed["scopes"]), (201, &json!(["ingest"])));
    let sender = narrowed["key"].as_str().expect("a key").to_owned();
    app.send(&sender, "a", &[event(json!({"event_type": "heartbeat"}))]).await;
    let read = app.request(Method::GET, "/v1/agents").bearer_auth(&sender).send().await.expect("an answer");
    assert_eq!(json_of(read, 403).await["details"]["needed_scope"], "read");

    let path = format!("/v1/api-keys/{}/rotate", narrowed["key_id"].as_str().expect("an id"));
    let rotated = app.at_board(Method::POST, &path, &ada).json(&json!({"overlap_hours": 1})).send().await;
    let rotated = json_of(rotated.expect("an answer"), 201).await;
    let successor = rotated["key"].as_str().expect("a key");
    assert_eq!((&rotated["scopes"], &rotated["name"]), (&json!(["ingest"]), &json!("sender")));
    assert_eq!(rotated["replaces"]["replaced_by"], rotated["key_id"]);
    for key in [&sender, successor] {
        app.send(key, "a", &[event(json!({"event_type": "heartbeat"}))]).await;
    }
    let at_once = app.at_board(
        Method::POST,
        &format!("/v1/api-keys/{}/rotate", rotated["key_id"].as_str().expect("an id")),
        &ada,
    );
    let at_once = at_once.json(&json!({"overlap_hours": 0})).send().await.expect("an answer");
    assert_eq!(at_once.status(), 201);
    let over = app.request(Method::POST, "/v1/ingest").bearer_auth(successor).send().await.expect("an answer");
    assert_eq!(over.status(), 401, "no overlap, no second");

    // One that was in use when its time came.
    let settings = &app.running().app.settings;
    let (_, soon) = settings
        .make_key(NewKey {
            kind: KeyKind::Read,
            mode: Mode::Live,
            workspace: DEFAULT_WORKSPACE,
            name: "",
            scopes: KeyScopes::default(),
            expires_at: Some(Timestamp::now().plus_micros(1_500_000)),
        })
        .expect("a key");
    let works =
        async || app.request(Method::GET, "/v1/agents").bearer_auth(&soon).send().await.expect("an answer").status();
    assert_eq!(works().await, 200);
    tokio::time::sleep(std::time::Duration::from_millis(1_600)).await;
    assert_eq!(works().await, 401);
    app.stop().await;
}

#[tokio::test]
async fn views_are_kept_for_the_workspace() {
    let app = TestApp::start().await;
    let member = app.member(Role::Member, DEFAULT_WORKSPACE);
    let viewer = app.member(Role::Viewer, DEFAULT_WORKSPACE);
    let save = async |cookie: &str, body: Value| {
        let answer = app.at_board(Method::PUT, "/v1/views", cookie).json(&body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    assert_eq!(save(&viewer.cookie, json!({"name": "x", "page": "/"})).await.0, 403);
    for page in ["https://evil.test", "//evil.test", "/\\evil.test", "tasks"] {
        assert_eq!(save(&member.cookie, json!({"name": "x", "page": page})).await.0, 400, "{page}");
    }
    let (_, first) = save(&member.cookie, json!({"name": "Failed", "page": "/tasks", "query": "status=failed"})).await;
    let (_, second) = save(&member.cookie, json!({"name": "Failed", "page": "/tasks", "query": "status=stuck"})).await;
    assert_eq!(first["view_id"], second["view_id"], "the same name is the same view");
    let list = get(&app, "/v1/views", &viewer.cookie).await;
    assert_eq!((list["data"].as_array().map(Vec::len), &list["data"][0]["query"]), (Some(1), &json!("status=stuck")));
    let path = format!("/v1/views/{}", first["view_id"].as_str().expect("an id"));
    assert_eq!(app.at_board(Method::DELETE, &path, &member.cookie).send().await.expect("an answer").status(), 200);
    assert_eq!(get(&app, "/v1/views", &viewer.cookie).await["data"], json!([]));
    app.stop().await;
}

#[tokio::test]
async fn every_change_is_written_down_with_who_what_where_before_and_after() {
    let app = TestApp::start().await;
    let ada = owner(&app).await;
    let send = async |method: Method, path: &str, body: Value| {
        let answer = app.at_board(method, path, &ada).json(&body).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json::<Value>().await.unwrap_or_default()
    };
    let key = send(Method::POST, "/v1/api-keys", json!({"kind": "live", "name": "wall"})).await;
    send(Method::POST, "/v1/projects", json!({"name": "Sales"})).await;
    send(Method::PUT, "/v1/projects/sales", json!({"name": "Sales EU"})).await;
    send(Method::POST, "/v1/projects/sales/archive", json!({})).await;
    let invited = send(Method::POST, "/v1/invitations", json!({"email": "bo@example.org", "role": "viewer"})).await;
    send(Method::PUT, "/v1/views", json!({"name": "v", "page": "/"})).await;
    let by_key = app.request(Method::POST, "/v1/projects").bearer_auth(&app.live).json(&json!({"name": "By key"}));
    assert_eq!(by_key.send().await.expect("an answer").status(), 201);
    app.send(&app.live, "a", &[event(json!({"event_type": "heartbeat"}))]).await;

    let log = get(&app, "/v1/audit", &ada).await;
    let actions: Vec<&str> =
        log["data"].as_array().expect("data").iter().filter_map(|one| one["action"].as_str()).collect();
    assert_eq!(
        actions,
        [
            "project.created",
            "view.saved",
            "invitation.created",
            "project.archived",
            "project.changed",
            "project.created",
            "key.created",
            "owner.set_up",
            "session.opened"
        ],
        "newest first; what agents send is no change"
    );
    let renamed = &log["data"][4];
    assert_eq!((&renamed["before"]["name"], &renamed["after"]["name"]), (&json!("Sales"), &json!("Sales EU")));
    assert_eq!(
        (&renamed["actor"]["kind"], &renamed["actor"]["name"], &renamed["address"]),
        (&json!("person"), &json!("ada@example.org"), &json!("127.0.0.1"))
    );
    assert_eq!(log["data"][0]["actor"]["kind"], "key");
    let one = get(&app, "/v1/audit?action=key.created&limit=1", &ada).await;
    assert_eq!((one["data"].as_array().map(Vec::len), &one["data"][0]["target"]), (Some(1), &key["key_id"]));
    let page = get(&app, "/v1/audit?limit=2", &ada).await;
    let cursor = page["pagination"]["cursor"].as_str().expect("more").to_owned();
    let next = get(&app, &format!("/v1/audit?limit=2&cursor={cursor}"), &ada).await;
    assert_eq!(next["data"][0]["action"], "invitation.created");

    let text = log.to_string();
    let link = invited["link"].as_str().expect("a link");
    let secrets = [key["key"].as_str().expect("a key"), &link[link.len() - 20..], PASSWORD, &ada[18..], &app.live];
    for secret in secrets {
        assert!(!text.contains(secret), "the log holds a secret");
    }
    app.stop().await;
}
