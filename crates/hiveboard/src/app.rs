//! Everything a request for the data of a scope may need, built once: what the server has once ([`Node`]), and the events that it serves.

use std::{ops::Deref, path::Path, sync::Arc};

use anyhow::{Context, ensure};
use hiveboard_settings::{Settings, SqliteSettings};
use hiveboard_store::{EventStore, SqliteStore, StoreOptions};
use hiveboard_wire::WorkspaceId;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

use crate::{
    alerts::Alerts,
    clock::Clock,
    config::Config,
    derived::Derived,
    ingest::otlp,
    insights::{Follower, Insights},
    intake::Intake,
    live::Hub,
    moved,
    node::Node,
    project_aliases::ProjectAliases,
    publisher::Publisher,
    share::Share,
    startup::Progress,
    stories::Stories,
    write_path::WritePath,
};

/// The events of some scopes with all that follows from them. What the server has once is read through it as if it were its own.
pub struct App {
    node: Arc<Node>,
    /// Which scopes these are.
    pub share: Share,
    pub store: Arc<dyn EventStore>,
    pub derived: Arc<Derived>,
    pub hub: Arc<Hub>,
    /// What changes goes through here, in the order in which it changed.
    pub publisher: Arc<Publisher>,
    /// By which agents fall silent.
    pub clock: Arc<Clock>,
    pub insights: Arc<Insights>,
    follower: Follower,
    pub stories: Stories,
    pub write_path: Arc<WritePath>,
    pub alerts: Alerts,
    pub project_aliases: Arc<ProjectAliases>,
    /// Turns true when these events are served no longer.
    pub stopping: watch::Sender<bool>,
}

/// What an [`App`] is built on.
pub(crate) struct Ground<'a> {
    pub share: Share,
    pub store: Arc<dyn EventStore>,
    /// Not started yet.
    pub write_path: Arc<WritePath>,
    pub clock: Arc<Clock>,
    /// For what can be made anew.
    pub data_dir: &'a Path,
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
        ensure!(
            config.cluster.is_none(),
            "this is a node of a cluster, whose events are not in its data directory; ask a node that runs (--server URL)"
        );
        let data_dir = config.data_dir.clone();
        moved::refuse_elsewhere(&data_dir)?;
        std::fs::create_dir_all(&data_dir)
            .with_context(|| format!("cannot create the data directory {}", data_dir.display()))?;
        let options = StoreOptions {
            dedup_days: config.dedup_days,
            free_space_floor_bytes: config.free_space_floor_mb * 1024 * 1024,
            ..StoreOptions::default()
        };
        let store = Arc::new(SqliteStore::open(&data_dir, options)?);
        let settings: Arc<dyn Settings> = Arc::new(SqliteSettings::open(&data_dir)?);
        let (clock, write_path) = (Arc::new(clock), Arc::<WritePath>::default());
        let node = Node::new(config, metrics, settings, Arc::clone(&clock), Intake::Store(Arc::clone(&write_path)));
        let stopping = node.stopping.clone();
        let ground = Ground { share: Share::All, store, write_path, clock, data_dir: &data_dir, stopping };
        Self::on(ground, node, progress)
    }

    /// Replays what the projections have not seen, and starts the writer. Blocks.
    pub(crate) fn on(ground: Ground<'_>, node: Arc<Node>, progress: &Progress) -> anyhow::Result<Arc<Self>> {
        let Ground { share, store, write_path, clock, data_dir, stopping } = ground;
        let derived = Arc::new(Derived::open(Arc::clone(&store), &node.prices, clock.now(), progress)?);
        let project_aliases = Arc::new(ProjectAliases::default());
        project_aliases.refresh(&*node.settings, &derived, share)?;
        otlp::learn_of_pauses(&node.otlp, &derived, clock.now())?;
        let hub = Arc::new(Hub::default());
        let publisher = Arc::new(Publisher::new(Arc::clone(&hub)));
        let insights = Arc::new(Insights::new(data_dir));
        let follower = insights.follow(Arc::clone(&store), &publisher, Arc::clone(&node.supervisor));
        write_path.start(
            Arc::clone(&store),
            Arc::clone(&derived),
            Arc::clone(&publisher),
            Arc::clone(&clock),
            Arc::clone(&node.supervisor),
        );
        Ok(Arc::new(Self {
            node,
            share,
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
            project_aliases,
            stopping,
        }))
    }

    /// What the server has once.
    pub fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// After a change of projects: what ingest, the projections and rules of alerts know of them is read anew.
    ///
    /// # Errors
    /// When the settings cannot be read.
    pub fn projects_changed(&self) -> hiveboard_settings::Result<()> {
        self.admission.forget_projects();
        self.project_aliases.refresh(&*self.settings, &self.derived, self.share)?;
        self.alerts.reload();
        Ok(())
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
        if let Err(error) = self.derived.flush(self.clock.now()) {
            tracing::warn!(%error, "the projections could not be written; they will be replayed at the next start");
        }
        if let Err(error) = self.store.close() {
            tracing::warn!(%error, "the store did not close cleanly; nothing acknowledged is lost");
        }
    }
}

impl Deref for App {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.node
    }
}
