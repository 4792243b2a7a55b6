//! POST of a body to a receiver. No redirect is followed, names are resolved here and looked at, and what comes back is dropped unread.

use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};

use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};

use super::{Failure, target};

/// From connecting to the answer's head.
const PATIENCE: Duration = Duration::from_secs(10);

/// A JSON body with headers of its own.
pub(super) struct Post {
    pub(super) body: String,
    pub(super) headers: Vec<(&'static str, String)>,
}

/// Resolves as the system does, and leaves out addresses of the own network.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.into_iter().filter(|addr| !target::is_private(addr.ip())).collect();
            if public.is_empty() {
                return Err(Box::from(FORBIDDEN) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

const FORBIDDEN: &str =
    "its name leads into the server's own network, which the setting `alerts_allow_private_targets` forbids";

fn client(allow_private: bool) -> Result<Client, reqwest::Error> {
    // A proxy of the environment would look names up where nobody looks at them.
    let builder = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .connect_timeout(PATIENCE)
        .pool_max_idle_per_host(2)
        .user_agent(concat!("HiveBoard/", env!("CARGO_PKG_VERSION")));
    if allow_private { builder.build() } else { builder.dns_resolver(Arc::new(PublicOnly)).build() }
}

static PUBLIC: LazyLock<Option<Client>> = LazyLock::new(|| client(false).ok());
static ANY: LazyLock<Option<Client>> = LazyLock::new(|| client(true).ok());

pub(super) async fn post(url: &str, post: Post, delivery_id: &str, allow_private: bool) -> Result<(), Failure> {
    // The setting may have changed since the channel was made.
    if let Some(problem) = target::problem(url, allow_private) {
        return Err(Failure::fatal(format!("its URL {problem}")));
    }
    let client = if allow_private { ANY.as_ref() } else { PUBLIC.as_ref() };
    let client = client.ok_or_else(|| Failure::passing("no connection can be made: TLS could not be set up"))?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in post.headers.into_iter().chain([("x-hiveboard-delivery", delivery_id.to_owned())]) {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let answer = client.post(url).headers(headers).body(post.body).send().await;
    match answer {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) if answer.status().is_redirection() => Err(Failure::passing(format!(
            "it answered {}, a redirect, which is not followed: give the channel the final URL",
            answer.status().as_u16()
        ))),
        Ok(answer) => Err(Failure::passing(format!("it answered {}", answer.status().as_u16()))),
        Err(error) => Err(told(&error)),
    }
}

/// What went wrong, without the URL, which may hold secrets.
fn told(error: &reqwest::Error) -> Failure {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(cause) = source {
        if cause.to_string() == FORBIDDEN {
            return Failure::fatal(FORBIDDEN);
        }
        source = cause.source();
    }
    Failure::passing(if error.is_timeout() {
        format!("it did not answer within {} s", PATIENCE.as_secs())
    } else if error.is_connect() {
        "no connection could be made".to_owned()
    } else {
        "the connection broke before it answered".to_owned()
    })
}
