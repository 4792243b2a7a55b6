//! Where answers come from: a server elsewhere, or the one that this is part of.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::MatchedPath,
    http::{HeaderMap, Request, Uri, header, request::Parts},
};
use serde::de::DeserializeOwned;
use tower::ServiceExt as _;

use crate::{
    id_by_query,
    remote::{Client, Fault, Listed, Query, client},
};

/// Larger answers are refused, and what was asked for is to be narrowed.
const MOST_BYTES: usize = 64 * 1024 * 1024;

#[derive(Clone)]
pub enum Source {
    /// Asked over HTTP.
    Remote(Client),
    /// Asked without a connection, by the routes that everybody asks.
    Inside(Arc<Inside>),
}

/// A request for an assistant, and the routes by which it is answered.
pub struct Inside {
    pub(super) routes: Router,
    /// What the assistant's request brought: its key, and where it came from.
    pub(super) parts: Parts,
    /// The address of the board.
    pub(super) base: String,
}

impl Source {
    /// # Errors
    /// When the server cannot be asked, refuses, or fails.
    pub async fn get(&self, path: &str, query: &Query) -> Result<String, Fault> {
        match self {
            Self::Remote(client) => {
                let (client, path, query) = (client.clone(), path.to_owned(), query.clone());
                tokio::task::spawn_blocking(move || client.get(&path, &query))
                    .await
                    .map_err(|error| Fault::NoAnswer(format!("asking failed: {error}")))?
            }
            Self::Inside(inside) => inside.get(path, query).await,
        }
    }

    /// The same, read as `T`.
    ///
    /// # Errors
    /// As [`Self::get`], and when the server answers something else than `T`.
    pub async fn read<T: DeserializeOwned>(&self, path: &str, query: &Query) -> Result<T, Fault> {
        client::read(&self.get(path, query).await?)
    }

    /// One page of a list.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn page(&self, path: &str, query: &Query) -> Result<Listed, Fault> {
        client::read_page(&self.get(path, query).await?)
    }

    /// A page of the board: `path` begins with a slash and may have a query.
    pub fn link(&self, path: &str) -> String {
        match self {
            Self::Remote(client) => client.target().board_link(path),
            Self::Inside(inside) => format!("{}{path}", inside.base),
        }
    }
}

impl Inside {
    async fn get(&self, path: &str, query: &Query) -> Result<String, Fault> {
        let asked = self.parts.uri.query().unwrap_or("");
        let mode = form_urlencoded::parse(asked.as_bytes()).find(|(name, _)| name == "mode");
        let query = query.clone().maybe("mode", mode.map(|(_, mode)| mode.into_owned()));
        let address: Uri =
            query.of(path).parse().map_err(|error| Fault::Usage(format!("this cannot be asked: {error}")))?;
        let mut request = Request::new(Body::empty());
        // As for what comes from outside, before routes see it.
        *request.uri_mut() = id_by_query::resolve(&address).unwrap_or(address);
        *request.headers_mut() = credentials(&self.parts.headers);
        *request.extensions_mut() = self.parts.extensions.clone();
        request.extensions_mut().remove::<MatchedPath>();
        let Ok(response) = self.routes.clone().oneshot(request).await;
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), MOST_BYTES)
            .await
            .map_err(|error| Fault::NoAnswer(format!("the answer is too long: {error}; ask for less")))?;
        let body = String::from_utf8_lossy(&body).into_owned();
        if (200..300).contains(&status) {
            Ok(body)
        } else {
            Err(client::refusal(status, &body, "the server", "of this assistant"))
        }
    }
}

/// What says who asks, and nothing else.
fn credentials(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in [header::AUTHORIZATION, header::COOKIE, header::HOST, header::HeaderName::from_static("x-api-key")] {
        for value in headers.get_all(&name) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}
