//! The layer before every route that asks for a caller.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Auth, Credentials};
use crate::{error::ApiError, limits::Limits, rate::RateLimitStatus};

/// What it takes to let callers in.
#[derive(Clone)]
pub struct Gate {
    pub auth: Arc<Auth>,
    pub limits: Arc<Limits>,
}

/// Lets callers in and counts what they ask; every route under `/v1` stands behind it.
pub async fn admit(
    State(Gate { auth, limits }): State<Gate>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let asked =
        Credentials { method: request.method(), uri: request.uri(), headers: request.headers(), address: peer.ip() };
    let caller = auth.caller(asked).await?;
    // Ingest is counted by events, in its own place.
    let counted = if request.uri().path() == "/v1/ingest" { Ok(None) } else { limits.read(caller.id()) };
    let (rate, mut response) = match counted {
        Ok(rate) => {
            request.extensions_mut().insert(caller);
            (rate, next.run(request).await)
        }
        Err(refusal) => (None, refusal.into_response()),
    };
    response.extensions_mut().insert(caller);
    if let Some(rate) = rate.or_else(|| response.extensions().get::<RateLimitStatus>().copied()) {
        rate.write(response.headers_mut());
    }
    Ok(response)
}
