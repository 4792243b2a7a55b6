//! One message into a stream: sent again under the same id until NATS says that it has it, or patience ends.

use std::time::Duration;

use async_nats::{
    Client, HeaderMap, Request, RequestErrorKind,
    header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_MESSAGE_ID},
    jetstream::{ErrorCode, publish::PublishAck, response::Response},
};
use bytes::Bytes;
use tokio::time::Instant;

use crate::{LogError, Result, connection::is_connected};

/// How long one attempt waits for its acknowledgement.
const ATTEMPT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) const STORAGE_EXCEEDED: ErrorCode = ErrorCode(10047);
/// The same message is on its way already.
const DUPLICATE_IN_FLIGHT: ErrorCode = ErrorCode(10158);
const WRONG_LAST_SEQUENCE: [ErrorCode; 2] = [ErrorCode(10071), ErrorCode(10164)];
const SERVICE_UNAVAILABLE: usize = 503;

pub(crate) struct Publication {
    pub(crate) subject: String,
    /// The stream takes it once, however often it is sent.
    pub(crate) id: String,
    /// Only when this is the last message of the stream.
    pub(crate) after: Option<u64>,
    pub(crate) payload: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Published {
    At(u64),
    /// Another message came first.
    Conflict,
}

/// What an answer that is no acknowledgement means.
enum Refused {
    Conflict,
    Passing(String),
    For(LogError),
}

pub(crate) async fn publish(client: &Client, publication: &Publication, patience: Duration) -> Result<Published> {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, publication.id.as_str());
    if let Some(after) = publication.after {
        headers.insert(NATS_EXPECTED_LAST_SEQUENCE, after.to_string());
    }
    let deadline = Instant::now() + patience;
    let mut last_problem = "there is no connection".to_owned();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(LogError::Unavailable(format!(
                "it was not acknowledged within {} s ({last_problem})",
                patience.as_secs_f64()
            )));
        }
        // Without a connection it would wait in the client, and be sent when nobody counts on it any more.
        if is_connected(client) {
            let request = Request::new()
                .headers(headers.clone())
                .payload(publication.payload.clone())
                .timeout(Some(left.min(ATTEMPT)));
            match client.send_request(publication.subject.clone(), request).await {
                Ok(answer) => match read(&answer.payload) {
                    Ok(ack) => return Ok(Published::At(ack.sequence)),
                    Err(Refused::Conflict) => return Ok(Published::Conflict),
                    Err(Refused::For(error)) => return Err(error),
                    Err(Refused::Passing(problem)) => last_problem = problem,
                },
                Err(error) => match error.kind() {
                    RequestErrorKind::NoResponders => "no stream takes it".clone_into(&mut last_problem),
                    RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => {
                        return Err(LogError::Failed(error.to_string()));
                    }
                    _ => last_problem = error.to_string(),
                },
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn read(answer: &[u8]) -> Result<PublishAck, Refused> {
    let error = match serde_json::from_slice::<Response<PublishAck>>(answer) {
        Ok(Response::Ok(ack)) => return Ok(ack),
        Ok(Response::Err { error }) => error,
        Err(error) => {
            return Err(Refused::For(LogError::Failed(format!("its acknowledgement cannot be read: {error}"))));
        }
    };
    let code = error.error_code();
    Err(if WRONG_LAST_SEQUENCE.contains(&code) {
        Refused::Conflict
    } else if [ErrorCode::STREAM_STORE_FAILED, ErrorCode::INSUFFICIENT_RESOURCES, STORAGE_EXCEEDED].contains(&code) {
        Refused::For(LogError::Full(error.to_string()))
    } else if code == DUPLICATE_IN_FLIGHT || error.code() == SERVICE_UNAVAILABLE {
        Refused::Passing(error.to_string())
    } else {
        Refused::For(LogError::Failed(error.to_string()))
    })
}
