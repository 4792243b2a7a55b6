//! A running server for one test.

use std::{path::Path, time::Duration};

use futures_util::{SinkExt, StreamExt};
use hiveboard::{
    clock::Clock,
    config::{Config, ServeArgs},
    server::Running,
    telemetry,
};
use hiveboard_settings::{
    DEFAULT_WORKSPACE, KeyKind, KeyRecord, NewPerson, PasswordHash, Role, SESSION_IDLE, SessionOrigin,
};
use hiveboard_wire::{Mode, WorkspaceId};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// Someone with a session.
pub(crate) struct Member {
    pub id: uuid::Uuid,
    pub cookie: String,
}

pub(crate) struct TestApp {
    running: Option<Running>,
    data: tempfile::TempDir,
    base: String,
    pub client: Client,
    pub live: String,
    pub test: String,
    pub read: String,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With settings of its own.
    pub(crate) async fn start_with(change: impl FnOnce(&mut ServeArgs)) -> Self {
        Self::start_at(Clock::default(), change).await
    }

    /// With a clock of its own as well.
    pub(crate) async fn start_at(clock: Clock, change: impl FnOnce(&mut ServeArgs)) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let running = Running::start_at(config(data.path(), change), telemetry::isolated_metrics(), clock)
            .await
            .expect("the server starts");
        let key = |kind, mode| running.app.settings.create_key(kind, mode, DEFAULT_WORKSPACE, "").expect("a key").1;
        Self {
            base: format!("http://{}", running.addr),
            client: Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client"),
            live: key(KeyKind::Live, Mode::Live),
            test: key(KeyKind::Test, Mode::Test),
            read: key(KeyKind::Read, Mode::Live),
            running: Some(running),
            data,
        }
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// A reader of the stream with the live key.
    pub(crate) async fn stream(&self) -> Stream {
        let url = format!("{}/v1/stream?token={}", self.base.replacen("http", "ws", 1), self.live);
        let (socket, _) = tokio_tungstenite::connect_async(url).await.expect("the stream opens");
        Stream(socket)
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().expect("the server runs until the test ends")
    }

    /// A new key, with its plaintext.
    pub(crate) fn key(&self, kind: KeyKind, mode: Mode, workspace: WorkspaceId) -> (KeyRecord, String) {
        self.running().app.settings.create_key(kind, mode, workspace, "").expect("a key")
    }

    /// What a browser says as the origin of the board's own pages.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).bearer_auth(&self.live).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "GET {path}");
        response.json().await.expect("JSON")
    }

    /// Sends events as one agent and answers the receipt.
    pub(crate) async fn send(&self, key: &str, agent_id: &str, events: &[Value]) -> Value {
        let body = json!({ "envelope": { "agent_id": agent_id }, "events": events });
        let response =
            self.request(Method::POST, "/v1/ingest").bearer_auth(key).json(&body).send().await.expect("an answer");
        assert!(response.status() == 200 || response.status() == 207, "{}", response.status());
        response.json().await.expect("JSON")
    }

    /// A session cookie, got the way a browser gets it.
    pub(crate) async fn session(&self) -> String {
        let token =
            self.running().app.settings.create_login_token(std::time::Duration::from_secs(60)).expect("a token");
        let response = self.request(Method::GET, &format!("/enter?token={token}")).send().await.expect("an answer");
        let cookie = response.headers().get("set-cookie").expect("a cookie").to_str().expect("text");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        cookie.split(';').next().expect("a first part").to_owned()
    }

    /// A new member of a workspace, with a session's cookie.
    pub(crate) fn member(&self, role: Role, workspace: WorkspaceId) -> Member {
        let settings = &self.running().app.settings;
        let email = format!("{}@example.org", uuid::Uuid::new_v4().simple());
        let (_, token) = settings.invite(workspace, &email, role, "a test", Duration::from_secs(60)).expect("invited");
        let person = NewPerson { email: "", name: "Ada", password: PasswordHash("none".to_owned()) };
        let id = settings.accept_invitation(&token, &person).expect("accepted").expect("not over");
        let session =
            settings.create_session(id, workspace, SessionOrigin::default(), SESSION_IDLE).expect("a session");
        Member { id, cookie: format!("hiveboard_session={session}") }
    }

    /// A request of a page of the board, with a session's cookie.
    pub(crate) fn at_board(&self, method: Method, path: &str, cookie: &str) -> RequestBuilder {
        self.request(method, path).header("cookie", cookie).header("origin", self.base())
    }

    pub(crate) async fn stop(self) {
        self.stop_and_keep().await;
    }

    /// Stops and answers the data directory, which goes when it is dropped.
    pub(crate) async fn stop_and_keep(mut self) -> tempfile::TempDir {
        self.running.take().expect("the server runs").stop().await;
        self.data
    }

    pub(crate) fn config(data_dir: &Path, change: impl FnOnce(&mut ServeArgs)) -> Config {
        config(data_dir, change)
    }
}

fn config(data_dir: &Path, change: impl FnOnce(&mut ServeArgs)) -> Config {
    let mut args = ServeArgs {
        data_dir: Some(data_dir.to_owned()),
        addr: Some(([127, 0, 0, 1], 0).into()),
        // Many servers at once, one port.
        otlp_grpc_addr: Some(String::new()),
        // Tests ask faster than people.
        rate_limit_read: Some(0),
        rate_limit_streams: Some(0),
        ..ServeArgs::default()
    };
    change(&mut args);
    Config::resolve(args).expect("valid settings")
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

pub(crate) struct Stream(Socket);

impl Stream {
    pub(crate) async fn say(&mut self, frame: Value) {
        self.0.send(Message::Text(frame.to_string().into())).await.expect("the stream takes it");
    }

    /// The next frame that is JSON, within ten seconds; the reason when the server closed.
    pub(crate) async fn hear(&mut self) -> Result<Value, String> {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(10), self.0.next()).await.expect("something comes");
            match next {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.reason.to_string()),
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return Err("hung up".to_owned()),
            }
        }
    }

    /// The next frame of a type; others pass by.
    pub(crate) async fn hear_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.hear().await.expect("the stream goes on");
            if frame["type"] == kind {
                return frame["data"].clone();
            }
        }
    }
}

/// An event with a fresh id, a moment ago.
pub(crate) fn event(fields: Value) -> Value {
    let mut event = json!({
        "event_id": uuid::Uuid::new_v4().to_string(),
        "timestamp": hiveboard_wire::Timestamp::now().to_string(),
    });
    let members = event.as_object_mut().expect("an object");
    members.extend(fields.as_object().expect("an object").clone());
    event
}
