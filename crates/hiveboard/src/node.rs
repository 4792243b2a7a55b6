//! What a server has once, whatever it serves: settings, who may ask, how much, and where what arrives goes.

use std::sync::Arc;

use hiveboard_settings::Settings;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

use crate::{
    auth::Auth, clock::Clock, config::Config, door::Door, ingest::admission::Admission, intake::Intake, limits::Limits,
    pricing::Prices, supervisor::Supervisor,
};

pub struct Node {
    pub config: Config,
    pub settings: Arc<dyn Settings>,
    /// By which what arrives is dated.
    pub clock: Arc<Clock>,
    /// Where what was admitted goes.
    pub intake: Intake,
    pub admission: Arc<Admission>,
    pub prices: Arc<Prices>,
    pub otlp: hiveboard_otlp::Mapper,
    pub auth: Arc<Auth>,
    pub limits: Arc<Limits>,
    /// How fast passwords may be tried.
    pub door: Door,
    pub metrics: PrometheusHandle,
    pub supervisor: Arc<Supervisor>,
    /// Turns true when the server stops taking work.
    pub stopping: watch::Sender<bool>,
}

impl Node {
    pub(crate) fn new(
        config: Config,
        metrics: PrometheusHandle,
        settings: Arc<dyn Settings>,
        clock: Arc<Clock>,
        intake: Intake,
    ) -> Arc<Self> {
        let prices = Arc::new(Prices::new(Arc::clone(&settings)));
        let admission =
            Arc::new(Admission::new(Arc::clone(&settings), Arc::clone(&prices), config.auto_create_projects));
        Arc::new(Self {
            clock,
            intake,
            admission,
            prices,
            otlp: hiveboard_otlp::Mapper::default(),
            auth: Arc::new(Auth::new(Arc::clone(&settings), config.public_url.clone())),
            limits: Arc::new(Limits::new(&config)),
            door: Door::default(),
            metrics,
            supervisor: Arc::default(),
            stopping: watch::Sender::new(false),
            config,
            settings,
        })
    }

    /// The address of the board as this reader reaches it.
    pub fn base_url(&self, headers: &axum::http::HeaderMap, is_encrypted: bool) -> String {
        self.config.public_url.as_deref().map_or_else(
            || {
                let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:8000");
                format!("{}://{host}", if is_encrypted { "https" } else { "http" })
            },
            |url| url.trim_end_matches('/').to_owned(),
        )
    }

    /// Writes down what memory alone knows.
    pub(crate) fn close(&self) {
        if let Err(error) = self.auth.write_last_used() {
            tracing::warn!(%error, "when keys were last used could not be written down");
        }
    }
}
