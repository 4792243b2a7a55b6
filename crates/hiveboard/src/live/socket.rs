//! `GET /v1/stream`: one reader, from subscribing to hanging up.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code, rejection::WebSocketUpgradeRejection},
    },
    response::Response,
};
use hiveboard_store::{EventPage, Position, StoreError, query::SeqOrder};
use hiveboard_wire::{
    ErrorCode, Scope, StoredEvent,
    live::{Channel, ClientFrame, frame as kinds},
};
use metrics::{counter, gauge};
use serde_json::json;
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        watch,
    },
    task::{JoinError, JoinHandle},
    time::{MissedTickBehavior, interval, timeout},
};

use super::{Frame, filter::Wanted, frame};
use crate::{
    api::body,
    app::App,
    caller::Caller,
    error::ApiError,
    limits::StreamSlot,
    permission::{Require, need},
};

const PING_EVERY: Duration = Duration::from_secs(30);
const UNANSWERED_PINGS: u32 = 3;
/// A reader that takes nothing for so long is gone.
const SEND_PATIENCE: Duration = Duration::from_secs(90);
/// Longest frame a client may send.
const CLIENT_FRAME_BYTES: usize = 64 * 1024;
/// What is longer than this is not even read: the connection breaks, and nobody is told why.
const READ_BYTES: usize = 1024 * 1024;
/// Events read from the store at once for a reader that catches up.
const CATCH_UP_EVENTS: usize = 500;

/// Opens the stream (WebSocket): subscribe, resume by `since_seq`, live frames.
#[utoipa::path(
    get, path = "/v1/stream", tag = "stream",
    params(("token" = Option<String>, Query, description = "The key, for clients that cannot set headers."), ("mode" = Option<String>, Query, description = "Whose data a session of the board looks at; keys have their own.")),
    responses((status = 101, description = "Frames are JSON text `{\"type\", \"data\"}`."), (status = 401, body = crate::error::ErrorBody))
)]
pub async fn stream(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|_| {
        ApiError::new(
            ErrorCode::ValidationError,
            "This is a WebSocket: connect with ws:// or wss:// and a WebSocket client. GET /v1/events reads the same events in pages.",
        )
    })?;
    let slot = app.limits.open_stream(caller.id())?;
    let caller = *caller;
    Ok(upgrade.max_message_size(READ_BYTES).on_upgrade(move |socket| async move {
        gauge!("hiveboard_stream_readers").increment(1);
        let reason = Connection::new(app, caller, socket, slot).run().await;
        gauge!("hiveboard_stream_readers").decrement(1);
        tracing::debug!(?reason, "stream closed");
    }))
}

/// Why a stream ended.
#[derive(Debug)]
enum CloseReason {
    HungUp,
    Silent,
    Stopping,
    /// The key or the session ended.
    Unwelcome,
    /// What the reader missed could not be read.
    StoreFailed,
    /// The reader sent a frame that no question needs.
    TooLong,
}

/// A reader that is sent what it missed. Events that happen meanwhile are read with the others, so that all come in order.
#[derive(Debug, Clone, Copy)]
struct CatchUp {
    /// Everything up to this `seq` was sent, or not wanted.
    after: u64,
    /// The newest event that passed by unsent.
    passed: u64,
}

/// A page of what a reader missed, and the newest event that was stored when it was begun.
type Page = Result<(Vec<StoredEvent>, u64), StoreError>;

struct Connection {
    app: Arc<App>,
    scope: Scope,
    caller: Caller,
    socket: WebSocket,
    live: Receiver<Arc<Frame>>,
    wanted: Wanted,
    /// Events up to this one were sent or passed over.
    last_seq: u64,
    catch_up: Option<CatchUp>,
    stopping: watch::Receiver<bool>,
    _slot: StreamSlot,
}

impl Connection {
    fn new(app: Arc<App>, caller: Caller, socket: WebSocket, slot: StreamSlot) -> Self {
        let scope = caller.scope();
        let live = app.hub.subscribe(scope);
        let last_seq = app.store.head().seq();
        let stopping = app.stopping.subscribe();
        Self {
            app,
            scope,
            caller,
            socket,
            live,
            wanted: Wanted::default(),
            last_seq,
            catch_up: None,
            stopping,
            _slot: slot,
        }
    }

    async fn run(mut self) -> CloseReason {
        let reason = match self.converse().await {
            Ok(()) => CloseReason::HungUp,
            Err(reason) => reason,
        };
        let (code, text) = match reason {
            CloseReason::HungUp => return reason,
            CloseReason::Silent => (close_code::POLICY, "no answer to pings"),
            CloseReason::Stopping => (close_code::RESTART, "the server is stopping; reconnect with since_seq"),
            CloseReason::Unwelcome => {
                (close_code::POLICY, "the key was revoked or has expired, or the session has ended")
            }
            CloseReason::StoreFailed => {
                (close_code::ERROR, "what was missed could not be read; reconnect with since_seq")
            }
            CloseReason::TooLong => (close_code::SIZE, "a frame to the server may have 64 KiB"),
        };
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(text) };
        let _gone = timeout(Duration::from_secs(1), self.socket.send(Message::Close(Some(frame)))).await;
        reason
    }

    async fn converse(&mut self) -> Result<(), CloseReason> {
        let mut pings = interval(PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pings.tick().await;
        let mut unanswered = 0;
        let mut stopping = self.stopping.clone();
        let mut changes = self.app.auth.changes();
        let mut reading: Option<JoinHandle<Page>> = None;
        loop {
            if self.catch_up.is_some() && reading.is_none() {
                reading = self.read_page();
            }
            let page = async {
                match reading.as_mut() {
                    Some(reading) => reading.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                said = self.socket.recv() => match said {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return Ok(()),
                    Some(Ok(Message::Text(text))) if text.len() > CLIENT_FRAME_BYTES => {
                        return Err(CloseReason::TooLong);
                    }
                    Some(Ok(Message::Text(text))) => {
                        unanswered = 0;
                        if self.answer(&text).await? {
                            // What is being read belongs to the subscription before.
                            reading = None;
                        }
                    }
                    Some(Ok(Message::Pong(_) | Message::Ping(_))) => unanswered = 0,
                    Some(Ok(Message::Binary(_))) => self.complain("Frames are JSON text, not binary.").await?,
                },
                page = page => {
                    reading = None;
                    self.take_page(page).await?;
                }
                frame = self.live.recv() => match frame {
                    Ok(frame) => self.pass(&frame).await?,
                    Err(RecvError::Lagged(missed)) => self.lagged(missed).await?,
                    Err(RecvError::Closed) => return Err(CloseReason::Stopping),
                },
                _ = pings.tick() => {
                    if unanswered >= UNANSWERED_PINGS {
                        return Err(CloseReason::Silent);
                    }
                    self.stay_if_welcome()?;
                    unanswered += 1;
                    self.send(Message::Ping(bytes::Bytes::new())).await?;
                }
                _ = changes.changed() => self.stay_if_welcome()?,
                _ = stopping.changed() => return Err(CloseReason::Stopping),
            }
        }
    }

    fn stay_if_welcome(&self) -> Result<(), CloseReason> {
        if self.app.auth.is_still_welcome(&self.caller) { Ok(()) } else { Err(CloseReason::Unwelcome) }
    }

    /// True when the subscription is another now.
    async fn answer(&mut self, text: &str) -> Result<bool, CloseReason> {
        match body::read::<ClientFrame>(text.as_bytes()) {
            Ok(ClientFrame::Ping) => {
                self.say(kinds::PONG, &json!({ "server_time": self.app.clock.now() })).await?;
                Ok(false)
            }
            Ok(ClientFrame::Unsubscribe { channels }) => {
                match channels {
                    Some(channels) => self.wanted.channels.retain(|channel| !channels.contains(channel)),
                    None => self.wanted.channels.clear(),
                }
                let over = !self.wanted.channels.contains(&Channel::Events);
                if over {
                    self.end_catch_up();
                }
                let left = json!({ "channels": self.wanted.channels });
                self.say(kinds::UNSUBSCRIBED, &left).await?;
                Ok(over)
            }
            Ok(ClientFrame::Subscribe { channels, filters, since_seq }) => {
                self.end_catch_up();
                self.wanted = Wanted { channels, filters: filters.unwrap_or_default() };
                let project_id = self.wanted.filters.project_id.take();
                self.wanted.filters.project_id = self.app.project_aliases.asked(self.scope, project_id);
                let subscribed = json!({
                    "channels": self.wanted.channels,
                    "filters": self.wanted.filters,
                    "seq": since_seq.unwrap_or(self.last_seq),
                });
                self.say(kinds::SUBSCRIBED, &subscribed).await?;
                if let Some(seq) = since_seq.filter(|_| self.wanted.channels.contains(&Channel::Events)) {
                    // A number from another store than this one must not hide what comes.
                    let after = seq.min(self.app.store.head().seq());
                    self.catch_up = Some(CatchUp { after, passed: self.last_seq });
                }
                Ok(true)
            }
            Err((field, what)) => {
                self.complain(&format!(
                    "Not understood: `{field}` {what}. Send {{\"action\": \"subscribe\", \"channels\": [\"events\", \"agents\", \"tasks\"]}}, unsubscribe or ping."
                ))
                .await?;
                Ok(false)
            }
        }
    }

    fn end_catch_up(&mut self) {
        if let Some(catch_up) = self.catch_up.take() {
            self.last_seq = self.last_seq.max(catch_up.passed);
        }
    }

    /// Begins to read the next page of what was missed, with what the reader filters by.
    fn read_page(&self) -> Option<JoinHandle<Page>> {
        let after = self.catch_up?.after;
        let (app, scope, filter) = (Arc::clone(&self.app), self.scope, self.wanted.event_filter());
        Some(tokio::task::spawn_blocking(move || {
            let head = app.store.head().seq();
            let page = EventPage { order: SeqOrder::Oldest { after: Position::of_seq(after) }, limit: CATCH_UP_EVENTS };
            let whole = app.store.whole_after(Position::of_seq(after));
            let events = app.events(scope, &filter, page)?;
            // What turned out to be damaged was left out, and a reader must not take that for all.
            if whole.is_none() || app.store.whole_after(Position::of_seq(after)) != whole {
                return Err(StoreError::Damaged("a part of what was missed waits to be saved".to_owned()));
            }
            Ok((events, head))
        }))
    }

    async fn take_page(&mut self, page: Result<Page, JoinError>) -> Result<(), CloseReason> {
        let (events, head) = match page {
            Ok(Ok(page)) => page,
            Ok(Err(error)) => {
                tracing::warn!(%error, "a stream ends: what its reader missed could not be read");
                return Err(CloseReason::StoreFailed);
            }
            Err(error) => {
                tracing::error!(%error, "a stream ends: reading what its reader missed failed");
                return Err(CloseReason::StoreFailed);
            }
        };
        for event in &events {
            let mut frame = Frame::event(event);
            // Events from before a merge name the project that is gone.
            frame.project_id =
                frame.project_id.map(|slug| self.app.project_aliases.canonical(self.scope, &slug).into());
            if self.wanted.takes(&frame) {
                self.send(Message::Text(frame.text)).await?;
            }
        }
        let Some(catch_up) = self.catch_up.as_mut() else { return Ok(()) };
        let full = events.len() == CATCH_UP_EVENTS;
        let last = events.last().map_or(catch_up.after, |event| event.seq);
        // A page that is not full holds all that was stored when it was begun.
        catch_up.after = if full { last } else { last.max(head) };
        if !full && catch_up.passed <= catch_up.after {
            self.last_seq = catch_up.after;
            self.catch_up = None;
        }
        Ok(())
    }

    /// Sends a frame when it is wanted and was not sent before.
    async fn pass(&mut self, frame: &Frame) -> Result<(), CloseReason> {
        if let Some(seq) = frame.seq {
            if let Some(catch_up) = &mut self.catch_up {
                catch_up.passed = catch_up.passed.max(seq);
                return Ok(());
            }
            if seq <= self.last_seq {
                return Ok(());
            }
            self.last_seq = seq;
        }
        if self.wanted.takes(frame) {
            self.send(Message::Text(frame.text.clone())).await?;
        }
        Ok(())
    }

    async fn lagged(&mut self, missed: u64) -> Result<(), CloseReason> {
        counter!("hiveboard_stream_frames_dropped_total").increment(missed);
        if let Some(catch_up) = &mut self.catch_up {
            // Missed events are read with the others; of the other channels the reader must know.
            catch_up.passed = catch_up.passed.max(self.app.store.head().seq());
            if self.wanted.channels == [Channel::Events] {
                return Ok(());
            }
        }
        let resume_seq = self.catch_up.map_or(self.last_seq, |catch_up| catch_up.after);
        self.say(kinds::LAGGED, &json!({ "missed": missed, "resume_seq": resume_seq })).await
    }

    async fn complain(&mut self, message: &str) -> Result<(), CloseReason> {
        self.say(kinds::ERROR, &json!({ "error": "invalid_parameter", "message": message })).await
    }

    async fn say(&mut self, kind: &str, data: &serde_json::Value) -> Result<(), CloseReason> {
        self.send(Message::Text(frame::text(kind, data))).await
    }

    async fn send(&mut self, message: Message) -> Result<(), CloseReason> {
        tokio::select! {
            sent = timeout(SEND_PATIENCE, self.socket.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(CloseReason::HungUp),
                Err(_) => Err(CloseReason::Silent),
            },
            _ = self.stopping.changed() => Err(CloseReason::Stopping),
        }
    }
}
