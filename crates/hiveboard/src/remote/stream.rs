//! What happens, as it happens: a subscription over a WebSocket, with a place from which it goes on.

use std::{
    io::ErrorKind,
    net::{TcpStream, ToSocketAddrs as _},
    sync::Arc,
    time::{Duration, Instant},
};

use hiveboard_wire::live::{ClientFrame, frame};
use serde::Deserialize;
use serde_json::value::RawValue;
use tungstenite::{
    Connector, Error, HandshakeError, Message, WebSocket, client::IntoClientRequest as _, handshake::client::Request,
    http::HeaderValue, stream::MaybeTlsStream,
};

use super::{Fault, Target, client::refusal};

const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// The server pings every 30 seconds: who hears nothing for so long hears nothing more.
const SILENCE: Duration = Duration::from_secs(75);

/// One thing that was heard.
#[derive(Debug)]
pub enum Heard {
    /// The subscription stands; events after `seq` come.
    Subscribed { seq: u64 },
    /// An event, as the server wrote it.
    Event(Box<RawValue>),
    /// An agent or a task is another than before.
    Changed,
    /// This reader was too slow: ask again from `resume_seq` on.
    Lagged { resume_seq: u64 },
}

/// Why nothing more is heard.
#[derive(Debug)]
pub enum Ended {
    /// It may be tried again.
    Lost(String),
    /// Trying again is of no use: the key is not let in.
    Refused(Fault),
    /// The way there lets no WebSocket through, as some proxies do.
    NoUpgrade(String),
}

pub struct Stream {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    /// The same connection, to say how long reading may take.
    connection: TcpStream,
    last_heard: Instant,
}

#[derive(Deserialize)]
struct Outer<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Place {
    seq: u64,
}

#[derive(Deserialize)]
struct Lag {
    resume_seq: u64,
}

#[derive(Deserialize)]
struct Complaint {
    message: String,
}

impl Stream {
    /// Connects and subscribes.
    ///
    /// # Errors
    /// When nobody answers, the key is not let in, or a WebSocket does not come through.
    pub fn open(target: &Target, wanted: &ClientFrame) -> Result<Self, Ended> {
        let lost = |error: std::io::Error| Ended::Lost(error.to_string());
        let (request, address) = request(target)?;
        let mut connection = Err(std::io::Error::new(ErrorKind::NotFound, "its name leads nowhere"));
        for address in address.to_socket_addrs().map_err(lost)? {
            connection = TcpStream::connect_timeout(&address, CONNECT_PATIENCE);
            if connection.is_ok() {
                break;
            }
        }
        let connection = connection.map_err(lost)?;
        connection.set_nodelay(true).map_err(lost)?;
        connection.set_read_timeout(Some(CONNECT_PATIENCE)).map_err(lost)?;
        connection.set_write_timeout(Some(CONNECT_PATIENCE)).map_err(lost)?;
        let again = connection.try_clone().map_err(lost)?;
        let connector = tls(target);
        let (socket, _) = tungstenite::client_tls_with_config(request, again, None, connector)
            .map_err(|error| not_upgraded(error, target))?;
        let mut stream = Self { socket, connection, last_heard: Instant::now() };
        let text = serde_json::to_string(wanted).map_err(|error| Ended::Lost(error.to_string()))?;
        stream.socket.send(Message::text(text)).map_err(|error| Ended::Lost(error.to_string()))?;
        Ok(stream)
    }

    /// What comes next; `None` when nothing came in time.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn next(&mut self, patience: Duration) -> Result<Option<Heard>, Ended> {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.connection.set_read_timeout(Some(left)).map_err(|error| Ended::Lost(error.to_string()))?;
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    self.last_heard = Instant::now();
                    if let Some(heard) = understood(&text)? {
                        return Ok(Some(heard));
                    }
                }
                Ok(Message::Close(why)) => {
                    let why = why.map_or_else(String::new, |why| why.reason.to_string());
                    return Err(if why.contains("revoked") {
                        Ended::Refused(Fault::WrongKey(why))
                    } else {
                        Ended::Lost(why)
                    });
                }
                Ok(_) => self.last_heard = Instant::now(),
                Err(Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if self.last_heard.elapsed() > SILENCE {
                        return Err(Ended::Lost("it fell silent".to_owned()));
                    }
                    if Instant::now() >= until {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(Ended::Lost(error.to_string())),
            }
        }
    }
}

/// The request for the upgrade, and host and port to connect to.
fn request(target: &Target) -> Result<(Request, (String, u16)), Ended> {
    let wrong = |why: String| Ended::Refused(Fault::Usage(format!("{} cannot be streamed from: {why}", target.url)));
    let is_tls = target.url.starts_with("https://");
    let mode = target.mode.map_or_else(String::new, |mode| format!("?mode={}", mode.as_str()));
    // http becomes ws, https wss.
    let url = format!("ws{}/v1/stream{mode}", &target.url["http".len()..]);
    let mut request = url.into_client_request().map_err(|error| wrong(error.to_string()))?;
    let key = HeaderValue::try_from(format!("Bearer {}", target.key))
        .map_err(|_| wrong("the key holds signs that no key has".to_owned()))?;
    request.headers_mut().insert("Authorization", key);
    let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = request.uri().port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    Ok((request, (host, port)))
}

fn not_upgraded(error: HandshakeError<impl tungstenite::handshake::HandshakeRole>, target: &Target) -> Ended {
    match error {
        HandshakeError::Failure(Error::Http(response)) => {
            let status = response.status().as_u16();
            let body =
                response.body().as_deref().map_or_else(String::new, |body| String::from_utf8_lossy(body).into_owned());
            let fault = refusal(status, &body, &target.url, &target.shown_key());
            match status {
                401 | 403 => Ended::Refused(fault),
                429 | 500..=599 => Ended::Lost(fault.to_string()),
                _ => Ended::NoUpgrade(fault.to_string()),
            }
        }
        HandshakeError::Failure(Error::Protocol(error)) => Ended::NoUpgrade(error.to_string()),
        HandshakeError::Failure(error) => Ended::Lost(error.to_string()),
        HandshakeError::Interrupted(_) => Ended::Lost("it takes too long".to_owned()),
    }
}

fn understood(text: &str) -> Result<Option<Heard>, Ended> {
    let odd =
        |error: serde_json::Error| Ended::Lost(format!("the server says what this program does not know: {error}"));
    let outer: Outer<'_> = serde_json::from_str(text).map_err(odd)?;
    Ok(match outer.kind {
        frame::SUBSCRIBED => {
            let place: Place = serde_json::from_str(outer.data.get()).map_err(odd)?;
            Some(Heard::Subscribed { seq: place.seq })
        }
        frame::EVENT_NEW => Some(Heard::Event(outer.data.to_owned())),
        frame::LAGGED => {
            let lag: Lag = serde_json::from_str(outer.data.get()).map_err(odd)?;
            Some(Heard::Lagged { resume_seq: lag.resume_seq })
        }
        frame::ERROR => {
            let complaint: Complaint = serde_json::from_str(outer.data.get()).map_err(odd)?;
            return Err(Ended::Refused(Fault::Usage(complaint.message)));
        }
        frame::AGENT_STATUS_CHANGED
        | frame::AGENT_STUCK
        | frame::AGENT_HEARTBEAT
        | frame::TASK_UPDATED
        | frame::ALERT_UPDATED => Some(Heard::Changed),
        _ => None,
    })
}

/// `None`: what the library does by itself, with the system's certificates.
fn tls(target: &Target) -> Option<Connector> {
    if !target.is_own() || !target.url.starts_with("https://") {
        return None;
    }
    let config = rustls::ClientConfig::builder()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(crate::tls::cryptography())))
        .with_no_client_auth();
    Some(Connector::Rustls(Arc::new(config)))
}

#[derive(Debug)]
struct AnyCertificate(Arc<rustls::crypto::CryptoProvider>);

impl rustls::client::danger::ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &rustls::pki_types::CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &rustls::pki_types::CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
