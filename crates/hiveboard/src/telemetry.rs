//! Logs and the metrics about the server itself.

use std::io::IsTerminal;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Config;

const SECONDS: [f64; 12] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, from 0 at the start of the server.
    Counter,
    Gauge,
    Histogram,
}
use Kind::{Counter, Gauge, Histogram};

/// Every figure about the server itself: its name, and what it means. `docs/operations.md` lists the same.
pub const METRICS: &[(&str, Kind, &str)] = &[
    (
        "hiveboard_ingest_batches_total",
        Counter,
        "batches by what was answered: ok, partial, or the code of the refusal",
    ),
    ("hiveboard_events_in_total", Counter, "events that arrived, taken or not"),
    ("hiveboard_events_accepted_total", Counter, "events answered as accepted, repeated ones among them"),
    ("hiveboard_events_rejected_total", Counter, "events rejected, by code"),
    ("hiveboard_events_stored_total", Counter, "events stored"),
    ("hiveboard_events_duplicate_total", Counter, "events that were stored already"),
    ("hiveboard_event_id_collisions_total", Counter, "events dropped because another one has their id"),
    ("hiveboard_otlp_requests_total", Counter, "requests of OpenTelemetry exporters, by signal"),
    ("hiveboard_ingest_overloaded_total", Counter, "batches refused because too much waited"),
    ("hiveboard_write_queue_requests", Gauge, "batches that wait for the writer"),
    ("hiveboard_write_queue_events", Gauge, "events that wait for the writer"),
    ("hiveboard_commit_seconds", Histogram, "how long a commit took until it was durable"),
    ("hiveboard_commit_failures_total", Counter, "commits that failed; nothing of them was stored"),
    ("hiveboard_watermark_seq", Gauge, "the newest event that is folded in"),
    ("hiveboard_changes_missed_total", Counter, "changes that a subscriber inside the server was too slow for"),
    ("hiveboard_request_seconds", Histogram, "how long answers took, by route and status"),
    ("hiveboard_wrong_keys_total", Counter, "different wrong keys that were shown"),
    ("hiveboard_wrong_passwords_total", Counter, "wrong passwords that were tried"),
    ("hiveboard_passwords_slowed_total", Counter, "tries to enter that were told to come back later"),
    (
        "hiveboard_refused_without_key_total",
        Counter,
        "requests without a valid key that were over their address's rate",
    ),
    ("hiveboard_connections_refused_total", Counter, "connections over their address's share"),
    ("hiveboard_stream_readers", Gauge, "open streams"),
    ("hiveboard_stream_frames_dropped_total", Counter, "frames that readers were too slow for"),
    ("hiveboard_agents", Gauge, "agents known"),
    ("hiveboard_agents_stuck", Gauge, "agents that are stuck or offline"),
    ("hiveboard_forgotten_total", Counter, "agents and open runs beyond what memory is meant for, by which of them"),
    ("hiveboard_store_bytes", Gauge, "size of the stored events on disk"),
    ("hiveboard_store_events", Gauge, "events stored"),
    ("hiveboard_dedup_bytes", Gauge, "memory that recognises repeated events"),
    ("hiveboard_store_maintenance_failures_total", Counter, "failures of the store's own chores, by chore"),
    ("hiveboard_damage_total", Counter, "files found damaged"),
    ("hiveboard_retention_last_run_timestamp_seconds", Gauge, "when retention last looked"),
    ("hiveboard_retention_days_total", Counter, "days of a workspace and mode that went by retention"),
    ("hiveboard_retention_events_total", Counter, "events that went by retention"),
    ("hiveboard_retention_bytes_total", Counter, "bytes that retention gave back"),
    ("hiveboard_retention_failures_total", Counter, "runs of retention that failed"),
    ("hiveboard_clock_jumps_total", Counter, "jumps of the machine's clock, and standstills of the server"),
    ("hiveboard_panics_total", Counter, "faults that were caught, by part of the server"),
    ("hiveboard_tls_reloads_total", Counter, "renewed certificates, by result: ok, failed"),
    ("hiveboard_alert_rules", Gauge, "rules of alerts that are watched"),
    ("hiveboard_alerts_total", Counter, "alerts, by what became of them: fired, resolved, unmuted"),
    ("hiveboard_alert_deliveries_total", Counter, "attempts to deliver an alert, by type of channel and result"),
    ("hiveboard_alert_delivery_seconds", Histogram, "how long an attempt to deliver took, by type of channel"),
    ("hiveboard_nodes", Gauge, "in a cluster: nodes that live"),
    ("hiveboard_partitions_served", Gauge, "in a cluster: partitions that this node owns and serves"),
    ("hiveboard_partition_open_seconds", Histogram, "in a cluster: from a partition's lease until it was open"),
    ("hiveboard_partition_open_failures_total", Counter, "in a cluster: attempts to open a partition that failed"),
    ("hiveboard_log_connected", Gauge, "in a cluster: whether the log can be reached"),
    ("hiveboard_log_publish_seconds", Histogram, "in a cluster: until the log had acknowledged what a request brought"),
    ("hiveboard_log_publish_failures_total", Counter, "in a cluster: requests whose events the log did not take"),
    ("hiveboard_log_events_total", Counter, "in a cluster: events taken out of the log, repeated ones among them"),
    ("hiveboard_log_behind_batches", Gauge, "in a cluster: batches that wait in the log, by partition served here"),
    ("hiveboard_log_failures_total", Counter, "in a cluster: times that the log could not be read on"),
    (
        "hiveboard_log_lost_batches_total",
        Counter,
        "in a cluster: batches that had left the log before they were stored",
    ),
    (
        "hiveboard_requests_passed_on_total",
        Counter,
        "in a cluster: requests passed on to the node that owns their data",
    ),
    ("hiveboard_reads_behind_total", Counter, "in a cluster: answers that may lack what was acknowledged before"),
];

/// Gives every figure its meaning in what `/metrics` prints.
fn describe() {
    for &(name, kind, says) in METRICS {
        let unit = if name.ends_with("_seconds") { Unit::Seconds } else { Unit::Count };
        match kind {
            Counter => describe_counter!(name, unit, says),
            Gauge => describe_gauge!(name, unit, says),
            Histogram => describe_histogram!(name, unit, says),
        }
    }
}

/// Sends logs to standard error. Bodies and secrets are never logged.
pub fn start_logs(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)?;
    let registry = tracing_subscriber::registry().with(filter);
    if config.log_json.unwrap_or(!std::io::stderr().is_terminal()) {
        registry.with(fmt::layer().json().with_writer(std::io::stderr)).init();
    } else {
        registry
            .with(
                fmt::layer().with_target(false).with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr),
            )
            .init();
    }
    Ok(())
}

/// Collects the metrics of this process; one a process.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
    let handle = builder.install_recorder()?;
    describe();
    Ok(handle)
}

/// Metrics that nothing else in the process sees, for tests that run several servers.
pub fn isolated_metrics() -> PrometheusHandle {
    PrometheusBuilder::new().build_recorder().handle()
}
