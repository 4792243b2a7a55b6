//! Everything a request may need, built once.

use std::sync::Arc;

use anyhow::Context;
use hiveboard_settings::{Settings, SqliteSettings};
use hiveboard_store::{EventStore, SqliteStore, StoreOptions};
use hiveboard_wire::WorkspaceId;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

use crate::{
    alerts::Alerts,
    auth::Auth,
    clock::Clock,
    config::Config,
    derived::Derived,
    door::Door,
    ingest::admission::Admission,
    insights::{Follower, Insights},
    limits::Limits,
    live::Hub,
    pricing::Prices,
    project_aliases::ProjectAliases,
    publisher::Publisher,
    startup::Progress,
    stories::Stories,
    supervisor::Supervisor,
    write_path::WritePath,
};

pub struct App {
    pub config: Config,
    pub settings: Arc<dyn Settings>,
    pub store: Arc<dyn EventStore>,
    pub derived: Arc<Derived>,
    pub hub: Arc<Hub>,
    /// What changes goes through here, in the order in which it changed.
    pub publisher: Arc<Publisher>,
    pub clock: Arc<Clock>,
    pub insights: Arc<Insights>,
    follower: Follower,
    pub stories: Stories,
    pub write_path: WritePath,
    pub alerts: Alerts,
    pub admission: Arc<Admission>,
    pub prices: Arc<Prices>,
    pub otlp: hiveboard_otlp::Mapper,
    pub auth: Arc<Auth>,
    pub limits: Arc<Limits>,
    /// How fast passwords may be tried.
    pub door: Door,
    pub project_aliases: Arc<ProjectAliases>,
    pub metrics: PrometheusHandle,
    pub supervisor: Arc<Supervisor>,
    /// Turns true when the server stops taking work.
    pub stopping: watch::Sender<bool>,
}

impl App {
    /// Opens the data directory, replays what the projections have not seen, and starts the writer. Blocks.
    ///
    /// # Errors
    /// When the directory cannot be used: another server holds it, a file is damaged or newer, no permission.
    pub fn open(
        config: Config,
        metrics: PrometheusHandle,
        clock: Clock,
        progress: &Progress,
    ) -> anyhow::Result<Arc<Self>> {
        std::fs::create_dir_all(&config.data_dir)
            .with_context(|| format!("cannot create the data directory {}", config.data_dir.display()))?;
        let options = StoreOptions {
            dedup_days: config.dedup_days,
            free_space_floor_bytes: config.free_space_floor_mb * 1024 * 1024,
            ..StoreOptions::default()
        };
        let store: Arc<dyn EventStore> = Arc::new(SqliteStore::open(&config.data_dir, options)?);
        let settings: Arc<dyn Settings> = Arc::new(SqliteSettings::open(&config.data_dir)?);
        let prices = Arc::new(Prices::new(Arc::clone(&settings)));
        let derived = Arc::new(Derived::open(Arc::clone(&store), &prices, clock.now(), progress)?);
        let project_aliases = Arc::new(ProjectAliases::default());
        project_aliases.refresh(&*settings, &derived)?;
        let supervisor = Arc::new(Supervisor::default());
        let hub = Arc::new(Hub::default());
        let publisher = Arc::new(Publisher::new(Arc::clone(&hub)));
        let clock = Arc::new(clock);
        let insights = Arc::new(Insights::new(&config.data_dir));
        let follower = insights.follow(Arc::clone(&store), &publisher, Arc::clone(&supervisor));
        let write_path = WritePath::start(
            Arc::clone(&store),
            Arc::clone(&derived),
            Arc::clone(&publisher),
            Arc::clone(&clock),
            Arc::clone(&supervisor),
        );
        let admission =
            Arc::new(Admission::new(Arc::clone(&settings), Arc::clone(&prices), config.auto_create_projects));
        Ok(Arc::new(Self {
            limits: Arc::new(Limits::new(&config)),
            door: Door::default(),
            project_aliases,
            store,
            derived,
            hub,
            publisher,
            clock,
            insights,
            follower,
            stories: Stories::default(),
            write_path,
            alerts: Alerts::default(),
            admission,
            prices,
            otlp: hiveboard_otlp::Mapper::default(),
            auth: Arc::new(Auth::new(Arc::clone(&settings), config.public_url.clone())),
            config,
            settings,
            metrics,
            supervisor,
            stopping: watch::Sender::new(false),
        }))
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

    /// After a change of projects: what ingest and the projections know of them is read anew.
    ///
    /// # Errors
    /// When the settings cannot be read.
    pub fn projects_changed(&self) -> hiveboard_settings::Result<()> {
        self.admission.forget_projects();
        self.project_aliases.refresh(&*self.settings, &self.derived)
    }

    /// Drops what memory holds of workspaces that were deleted; answers which are.
    ///
    /// # Errors
    /// When the settings cannot be read.
    pub fn forget_deleted_workspaces(&self) -> hiveboard_settings::Result<Vec<WorkspaceId>> {
        let deleted = self.settings.deleted_workspaces()?;
        if !deleted.is_empty() {
            self.derived.forget_scopes(|scope| deleted.contains(&scope.workspace));
            self.insights.forget_scopes(|scope| deleted.contains(&scope.workspace));
        }
        Ok(deleted)
    }

    /// Finishes what is in flight, writes the projections, closes the store. Blocks.
    pub fn close(&self) {
        self.write_path.stop();
        self.publisher.close();
        self.follower.stop();
        self.alerts.join();
        if let Err(error) = self.auth.write_last_used() {
            tracing::warn!(%error, "when keys were last used could not be written down");
        }
        if let Err(error) = self.derived.flush(self.clock.now()) {
            tracing::warn!(%error, "the projections could not be written; they will be replayed at the next start");
        }
        if let Err(error) = self.store.close() {
            tracing::warn!(%error, "the store did not close cleanly; nothing acknowledged is lost");
        }
    }
}
