//! E-mail, as text and HTML, by the SMTP server that the settings name.

use std::{fmt::Write as _, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message as Mail, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};

use super::{Failure, Message, slack::cut};

const PATIENCE: Duration = Duration::from_secs(20);

/// How the connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// In plain at first, and refused when the server does not offer TLS then.
    #[default]
    Starttls,
    /// From the first byte.
    Tls,
    /// Never: for a server on this machine.
    None,
}

/// The SMTP server. `Debug` leaves the password out.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Smtp {
    /// Without it no e-mail is sent.
    pub host: Option<String>,
    /// 587 with STARTTLS, 465 with TLS, 25 without, unless given.
    pub port: Option<u16>,
    pub security: Security,
    pub user: Option<String>,
    pub password: Option<String>,
    /// Like `HiveBoard <hive@example.org>`.
    pub from: Option<String>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Smtp").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Smtp {
    /// Whether the settings say by whom and from whom.
    pub const fn can_send(&self) -> bool {
        self.host.is_some() && self.from.is_some()
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failure> {
        let host = self.host.as_deref().ok_or_else(|| {
            Failure::fatal("the server has no SMTP server: set `smtp_host` and `smtp_from` in its settings")
        })?;
        let tls = || {
            TlsParameters::new(host.to_owned())
                .map_err(|_| Failure::passing("TLS could not be set up for the SMTP server"))
        };
        let (tls, port) = match self.security {
            Security::Starttls => (Tls::Required(tls()?), 587),
            Security::Tls => (Tls::Wrapper(tls()?), 465),
            Security::None => (Tls::None, 25),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(self.port.unwrap_or(port))
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let (Some(user), Some(password)) = (&self.user, &self.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(builder.build())
    }

    /// Sends a mail with both parts; `id` is the same on every attempt.
    pub async fn send(
        &self,
        to: &[String],
        subject: &str,
        (text, html): (String, String),
        id: &str,
    ) -> Result<(), Failure> {
        let transport = self.transport()?;
        let from =
            self.from.as_deref().ok_or_else(|| Failure::fatal("the settings name no sender: set `smtp_from`"))?;
        let from: Mailbox = from.parse().map_err(|_| Failure::fatal("`smtp_from` is not an e-mail address"))?;
        let domain = from.email.domain().to_owned();
        let mut mail = Mail::builder().from(from).subject(subject).message_id(Some(format!("<{id}@{domain}>")));
        for address in to {
            mail = mail
                .to(address.parse().map_err(|_| Failure::fatal("one of its addresses is not an e-mail address"))?);
        }
        let mail = mail
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|_| Failure::fatal("the mail could not be put together: does the channel name an address?"))?;
        match tokio::time::timeout(PATIENCE * 2, transport.send(mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(told(&error)),
            Err(_) => Err(Failure::passing("the SMTP server did not answer in time")),
        }
    }
}

/// What went wrong, without what the server said.
fn told(error: &lettre::transport::smtp::Error) -> Failure {
    if let Some(code) = error.status() {
        return Failure::passing(format!("the SMTP server answered {code}"));
    }
    Failure::passing(if error.is_tls() {
        "TLS with the SMTP server failed: is its certificate one that this machine trusts?"
    } else if error.is_timeout() {
        "the SMTP server did not answer in time"
    } else if error.is_client() {
        "the SMTP server does not offer what the settings ask for (STARTTLS, a way to sign in)"
    } else {
        "no connection to the SMTP server"
    })
}

/// Whether a text is an e-mail address.
pub fn is_address(text: &str) -> bool {
    text.parse::<Mailbox>().is_ok()
}

/// As text inside of HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The figures that were known, one a line.
fn figures(message: &Message) -> Vec<(String, String)> {
    let shown = |value: &serde_json::Value| match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let named = |name: &String| name.replace('_', " ");
    message.alert.evidence.iter().filter_map(|(name, value)| Some((named(name), shown(value)?))).collect()
}

pub(super) async fn send(smtp: &Smtp, to: &[String], message: &Message, id: &str) -> Result<(), Failure> {
    // A line break in a header would begin another one.
    let subject: String = message.headline().chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    smtp.send(to, &cut(&subject, 200), parts(message), id).await
}

/// Text and HTML.
fn parts(message: &Message) -> (String, String) {
    let alert = &message.alert;
    let mut text = format!("{}\n\n{}\n\nSince: {}\n", message.headline(), message.sentence(), message.since());
    let mut rows = format!("<tr><td>Since</td><td>{}</td></tr>", escape(&message.since()));
    for (name, value) in figures(message) {
        let _ok = writeln!(text, "{name}: {value}");
        let _ok = write!(rows, "<tr><td>{}</td><td>{}</td></tr>", escape(&name), escape(&cut(&value, 500)));
    }
    let advice = if message.is_resolved() { String::new() } else { alert.advice.clone() };
    if !advice.is_empty() {
        let _ok = writeln!(text, "\nWhy it matters: {advice}");
    }
    let _ok = writeln!(text, "\nOpen the board: {}", message.link);
    let advice = if advice.is_empty() { String::new() } else { format!("<p>{}</p>", escape(&advice)) };
    let html = format!(
        "<!doctype html><html><body style=\"font-family:sans-serif;line-height:1.4\"><h2>{}</h2><p><strong>{}</strong></p>{advice}\
         <table cellpadding=\"4\">{rows}</table><p><a href=\"{}\">Open the board</a></p></body></html>",
        escape(&message.headline()),
        escape(message.sentence()),
        escape(&message.link)
    );
    (text, html)
}
