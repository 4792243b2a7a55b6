//! `GET /v1/stream`: one reader, from subscribing to hanging up.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code, rejection::WebSocketUpgradeRejection},
    },
    response::Response,
};
use hiveboard_store::{EventFilter, EventPage, Position, query::SeqOrder};
use hiveboard_wire::{
    ErrorCode, Scope, Timestamp,
    live::{Channel, ClientFrame, frame as kinds},
};
use metrics::{counter, gauge};
use serde_json::json;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{MissedTickBehavior, interval, timeout},
};

use super::{Frame, filter::Wanted, frame};
use crate::{app::App, auth::Reader, error::ApiError, limits::StreamSlot};

const PING_EVERY: Duration = Duration::from_secs(30);
const UNANSWERED_PINGS: u32 = 3;
/// A reader that takes nothing for so long is gone.
const SEND_PATIENCE: Duration = Duration::from_secs(90);
/// Longest frame a client may send.
const CLIENT_FRAME_BYTES: usize = 64 * 1024;
/// Events read from the store at once for a reader that catches up.
const CATCH_UP_EVENTS: usize = 500;

/// Opens the stream (WebSocket): subscribe, resume by `since_seq`, live frames.
#[utoipa::path(
    get, path = "/v1/stream", tag = "stream",
    params(("token" = Option<String>, Query, description = "The key, for clients that cannot set headers."), ("mode" = Option<String>, Query)),
    responses((status = 101, description = "Frames are JSON text `{\"type\", \"data\"}`."), (status = 401, body = crate::error::ErrorBody))
)]
pub async fn stream(
    State(app): State<Arc<App>>,
    Reader(caller): Reader,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|_| {
        ApiError::new(
            ErrorCode::ValidationError,
            "This is a WebSocket: connect with ws:// or wss:// and a WebSocket client. GET /v1/events reads the same events in pages.",
        )
    })?;
    let slot = app.limits.open_stream(caller.id)?;
    let scope = caller.scope();
    Ok(upgrade.max_message_size(CLIENT_FRAME_BYTES).on_upgrade(move |socket| async move {
        gauge!("hiveboard_stream_readers").increment(1);
        let reason = Connection::new(app, scope, socket, slot).run().await;
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
}

struct Connection {
    app: Arc<App>,
    scope: Scope,
    socket: WebSocket,
    live: Receiver<Arc<Frame>>,
    wanted: Wanted,
    /// Events up to this one were sent or passed over.
    last_seq: u64,
    _slot: StreamSlot,
}

impl Connection {
    fn new(app: Arc<App>, scope: Scope, socket: WebSocket, slot: StreamSlot) -> Self {
        let live = app.hub.subscribe(scope);
        let last_seq = app.store.head().seq();
        Self { app, scope, socket, live, wanted: Wanted::default(), last_seq, _slot: slot }
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
        let mut stopping = self.app.stopping.subscribe();
        loop {
            tokio::select! {
                said = self.socket.recv() => match said {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return Ok(()),
                    Some(Ok(Message::Text(text))) => { unanswered = 0; self.answer(&text).await?; }
                    Some(Ok(Message::Pong(_) | Message::Ping(_))) => unanswered = 0,
                    Some(Ok(Message::Binary(_))) => self.complain("Frames are JSON text, not binary.").await?,
                },
                frame = self.live.recv() => match frame {
                    Ok(frame) => self.pass(&frame).await?,
                    Err(RecvError::Lagged(missed)) => self.lagged(missed).await?,
                    Err(RecvError::Closed) => return Err(CloseReason::Stopping),
                },
                _ = pings.tick() => {
                    if unanswered >= UNANSWERED_PINGS {
                        return Err(CloseReason::Silent);
                    }
                    unanswered += 1;
                    self.send(Message::Ping(bytes::Bytes::new())).await?;
                }
                _ = stopping.changed() => return Err(CloseReason::Stopping),
            }
        }
    }

    async fn answer(&mut self, text: &str) -> Result<(), CloseReason> {
        match serde_json::from_str::<ClientFrame>(text) {
            Ok(ClientFrame::Ping) => self.say(kinds::PONG, &json!({ "server_time": Timestamp::now() })).await,
            Ok(ClientFrame::Unsubscribe { channels }) => {
                match channels {
                    Some(channels) => self.wanted.channels.retain(|channel| !channels.contains(channel)),
                    None => self.wanted.channels.clear(),
                }
                let left = json!({ "channels": self.wanted.channels });
                self.say(kinds::UNSUBSCRIBED, &left).await
            }
            Ok(ClientFrame::Subscribe { channels, filters, since_seq }) => {
                self.wanted = Wanted { channels, filters: filters.unwrap_or_default() };
                let subscribed = json!({
                    "channels": self.wanted.channels,
                    "filters": self.wanted.filters,
                    "seq": since_seq.unwrap_or(self.last_seq),
                });
                self.say(kinds::SUBSCRIBED, &subscribed).await?;
                match since_seq {
                    Some(seq) if self.wanted.channels.contains(&Channel::Events) => self.catch_up(seq).await,
                    _ => Ok(()),
                }
            }
            Err(error) => {
                self.complain(&format!(
                    "Not understood: {error}. Send {{\"action\": \"subscribe\", \"channels\": [\"events\", \"agents\", \"tasks\"]}}, unsubscribe or ping."
                ))
                .await
            }
        }
    }

    /// Sends what was stored after `seq`, up to now; the live frames go on from there.
    async fn catch_up(&mut self, seq: u64) -> Result<(), CloseReason> {
        self.last_seq = seq;
        loop {
            let (store, scope, after) = (Arc::clone(&self.app.store), self.scope, self.last_seq);
            let page = EventPage { order: SeqOrder::Oldest { after: Position::of_seq(after) }, limit: CATCH_UP_EVENTS };
            let read = tokio::task::spawn_blocking(move || store.events(scope, &EventFilter::default(), page)).await;
            let events = match read {
                Ok(Ok(events)) => events,
                Ok(Err(error)) => return self.complain(ApiError::from(error).body().message.as_str()).await,
                Err(_) => return Err(CloseReason::Stopping),
            };
            let full = events.len() == CATCH_UP_EVENTS;
            for event in &events {
                self.pass(&Frame::event(event)).await?;
            }
            if !full {
                return Ok(());
            }
        }
    }

    /// Sends a frame when it is wanted and was not sent before.
    async fn pass(&mut self, frame: &Frame) -> Result<(), CloseReason> {
        if let Some(seq) = frame.seq {
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
        self.say(kinds::LAGGED, &json!({ "missed": missed, "resume_seq": self.last_seq })).await
    }

    async fn complain(&mut self, message: &str) -> Result<(), CloseReason> {
        self.say(kinds::ERROR, &json!({ "error": "invalid_parameter", "message": message })).await
    }

    async fn say(&mut self, kind: &str, data: &serde_json::Value) -> Result<(), CloseReason> {
        self.send(Message::Text(frame::text(kind, data))).await
    }

    async fn send(&mut self, message: Message) -> Result<(), CloseReason> {
        match timeout(SEND_PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(CloseReason::HungUp),
            Err(_) => Err(CloseReason::Silent),
        }
    }
}
