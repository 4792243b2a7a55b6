//! A running server, asked over HTTP.

use std::{io::Write, time::Duration};

use anyhow::{Context, bail};
use hiveboard_wire::Receipt;
use reqwest::{Client, Response, StatusCode, header};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{remote::Target, tls};

/// Tries of a batch that the server does not take, or whose answer got lost. Sending it again is safe.
const TRIES: u32 = 8;
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// Without a byte for so long, a transfer is dead.
const READ_PATIENCE: Duration = Duration::from_secs(120);
/// Longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(super) struct Server {
    url: String,
    key: String,
    client: Client,
    runtime: Runtime,
}

impl Server {
    pub(super) fn new(target: &Target) -> anyhow::Result<Self> {
        tls::choose_cryptography();
        let client = Client::builder()
            .connect_timeout(CONNECT_PATIENCE)
            .read_timeout(READ_PATIENCE)
            .tls_danger_accept_invalid_certs(target.is_own());
        Ok(Self {
            url: target.url.clone(),
            key: target.key.clone(),
            client: client.build()?,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        })
    }

    /// Copies an answer as it comes.
    pub(super) fn download(&self, path_and_query: &str, out: &mut impl Write) -> anyhow::Result<()> {
        self.runtime.block_on(async {
            let request = self.client.get(format!("{}{path_and_query}", self.url)).bearer_auth(&self.key);
            let answer = request.send().await.with_context(|| format!("{} cannot be reached", self.url))?;
            let mut answer = good(answer).await?;
            while let Some(piece) =
                answer.chunk().await.context("the connection broke before the end; nothing was kept")?
            {
                out.write_all(&piece)?;
            }
            Ok(())
        })
    }

    /// Sends a batch until it is taken, and answers its receipt.
    pub(super) fn ingest(&self, body: &[u8]) -> anyhow::Result<Receipt> {
        self.runtime.block_on(async {
            let mut tries = 0;
            loop {
                tries += 1;
                let request = self
                    .client
                    .post(format!("{}/v1/ingest", self.url))
                    .bearer_auth(&self.key)
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(body.to_vec());
                let wait = match request.send().await {
                    Ok(answer) if tries < TRIES && is_for_later(answer.status()) => wait_of(&answer, tries),
                    Ok(answer) => return Ok(good(answer).await?.json().await?),
                    Err(_) if tries < TRIES => back_off(tries),
                    Err(error) => {
                        return Err(error).with_context(|| format!("{} cannot be reached", self.url));
                    }
                };
                tokio::time::sleep(wait).await;
            }
        })
    }
}

fn is_for_later(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT)
}

fn wait_of(answer: &Response, tries: u32) -> Duration {
    let asked = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    asked.map_or_else(|| back_off(tries), Duration::from_secs).min(LONGEST_WAIT)
}

fn back_off(tries: u32) -> Duration {
    Duration::from_millis(250 << tries.min(6))
}

/// The answer, or what the server says is wrong.
async fn good(answer: Response) -> anyhow::Result<Response> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let said: Value = answer.json().await.unwrap_or_default();
    match said["message"].as_str() {
        Some(message) => bail!("the server refused ({status}): {message}"),
        None => bail!("the server answered {status}; is it a HiveBoard?"),
    }
}
