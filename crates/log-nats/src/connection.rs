//! Getting to NATS, and staying there.

use std::time::Duration;

use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, connection::State};

use crate::{Access, LogError, NatsOptions, Result};

/// A server that stands still is noticed after three of them, and another one tried.
const PING_INTERVAL: Duration = Duration::from_secs(2);
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
const MOST_RECONNECT_DELAY: Duration = Duration::from_secs(1);
/// Commands that wait for the connection. Beyond them, whoever publishes waits.
const WAITING_COMMANDS: usize = 256;
/// What streams and buckets need that are made here.
const OLDEST_SERVER: (i64, i64, i64) = (2, 10, 0);
/// A message of one event, however large, fits into this.
const LEAST_PAYLOAD_BYTES: usize = 64 << 10;

/// `purpose` is what the server calls the connection.
pub(crate) async fn connect(options: &NatsOptions, purpose: &str) -> Result<Client> {
    if options.urls.is_empty() {
        return Err(LogError::Unusable("no URL of a NATS server is given".to_owned()));
    }
    let mut settings = ConnectOptions::new()
        .name(format!("hiveboard {purpose}"))
        .ping_interval(PING_INTERVAL)
        .connection_timeout(CONNECT_PATIENCE)
        .request_timeout(Some(options.patience))
        .client_capacity(WAITING_COMMANDS)
        .reconnect_delay_callback(|attempt| {
            // The first at once: a server that was replaced is there already.
            Duration::from_millis(100 * (attempt.saturating_sub(1)) as u64).min(MOST_RECONNECT_DELAY)
        })
        .event_callback(|event| async move { tell(&event) });
    settings = match &options.access {
        Access::Open => settings,
        Access::Password { user, password } => settings.user_and_password(user.clone(), password.clone()),
        Access::Token(token) => settings.token(token.clone()),
        Access::CredentialsFile(path) => settings.credentials_file(path).await.map_err(|error| {
            LogError::Unusable(format!("the credentials file {} cannot be used: {error}", path.display()))
        })?,
    };
    if let Some(path) = &options.ca_file {
        if let Err(error) = std::fs::metadata(path) {
            return Err(LogError::Unusable(format!("the CA file {} cannot be read: {error}", path.display())));
        }
        settings = settings.add_root_certificates(path.clone()).require_tls(true);
    }
    let connected = tokio::time::timeout(options.patience, settings.connect(&options.urls)).await;
    let at = options.urls.join(", ");
    let client = match connected {
        Ok(Ok(client)) => client,
        Ok(Err(error)) => return Err(refused(&at, &error)),
        Err(_) => return Err(LogError::Unavailable(format!("{at} did not answer"))),
    };
    let (major, minor, patch) = OLDEST_SERVER;
    if !client.is_server_compatible(major, minor, patch) {
        let version = client.server_info().version;
        return Err(LogError::Unusable(format!("{at} runs NATS {version}; {major}.{minor} or newer is needed")));
    }
    let most = client.max_payload();
    if most < LEAST_PAYLOAD_BYTES {
        return Err(LogError::Unusable(format!(
            "{at} takes messages of {most} bytes at most: set its `max_payload` to {LEAST_PAYLOAD_BYTES} or more (1MB is its default)"
        )));
    }
    Ok(client)
}

fn refused(at: &str, error: &async_nats::ConnectError) -> LogError {
    match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => LogError::Unusable(format!(
            "{at} refuses these credentials ({error}): check user, password, token or credentials file"
        )),
        ConnectErrorKind::Tls => LogError::Unusable(format!(
            "no TLS connection to {at} can be made ({error}): check that its certificate is signed by the authority of the CA file"
        )),
        // What rustls makes of an answer that is not encrypted.
        _ if error.to_string().contains("InvalidContentType") => LogError::Unusable(format!(
            "{at} speaks no TLS ({error}): is its address nats:// rather than tls://, and no CA file needed?"
        )),
        ConnectErrorKind::ServerParse => LogError::Unusable(format!("{at} is no URL of a NATS server ({error})")),
        _ => LogError::Unavailable(format!("{at}: {error}")),
    }
}

pub(crate) fn is_connected(client: &Client) -> bool {
    client.connection_state() == State::Connected
}

fn tell(event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to NATS"),
        Event::Disconnected => tracing::warn!("the connection to NATS is lost; trying again"),
        Event::SlowConsumer(_) => tracing::warn!("NATS sent more than was read; what was dropped is read again"),
        other => tracing::info!("NATS: {other}"),
    }
}
