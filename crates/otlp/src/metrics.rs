//! Metrics tell that an agent is alive, and nothing else: tokens and cost come from its calls, which would be counted twice.

use std::collections::BTreeSet;

use hiveboard_wire::{EventType, Scope, Severity, Timestamp};
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{AggregationTemporality, Metric, metric::Data},
};

use crate::{Mapped, agent, attributes::Attributes, draft::Draft, memory::Memory, spans::time};

/// Who reports such metrics is an agent. Others are services beside one.
const OF_AGENTS: &[&str] =
    &["gen_ai.", "claude_code.", "codex.", "gemini_cli.", "qwen-code.", "llm.", "hiveboard.", "traceloop.", "agent."];

const STEADY: &[&str] = &["gemini-cli", "qwen-code"];

impl Memory {
    /// Maps the metrics of a request: those that are sent again and again, also by an idle process, are its heartbeat.
    pub fn metrics(&self, _scope: Scope, request: &ExportMetricsServiceRequest) -> Mapped {
        let mut mapped = Mapped::default();
        for resource in &request.resource_metrics {
            let attributes = Attributes::of(resource.resource.as_ref().map_or(&[], |one| &one.attributes));
            let scopes = resource.scope_metrics.iter().filter_map(|one| Some(one.scope.as_ref()?.name.as_str()));
            let identity = agent::identity(attributes, scopes);
            let metrics = || resource.scope_metrics.iter().flat_map(|group| &group.metrics);
            let is_agent = attributes.text("hiveboard.agent_id").is_some()
                || metrics().any(|metric| OF_AGENTS.iter().any(|prefix| metric.name.starts_with(prefix)));
            // The coding agents send nothing while they wait for their person, apart from those that send all the time.
            let is_steady = identity.agent_type != "coding" || STEADY.contains(&identity.framework.as_str());
            // What is sent by change is silent while nothing happens: no sign of life is expected of it.
            let latest = metrics().filter(|metric| is_cumulative(metric)).filter_map(latest).max();
            let (true, Some(at)) = (is_agent && is_steady, latest) else { continue };
            let names: BTreeSet<&str> = metrics().map(|metric| metric.name.as_str()).take(50).collect();
            let process = identity.instance_id.as_deref().unwrap_or("");
            let beat = Draft::new(
                format!("otlp:{}:{process}:{}:alive", identity.agent_id, at.micros()),
                EventType::Heartbeat,
                at,
            );
            let beat = beat
                .severe(Severity::Debug)
                .with("kind", "otlp_metrics")
                .with("data", serde_json::json!({"metrics": names}));
            mapped.add(&identity, &[beat]);
        }
        mapped
    }
}

fn is_cumulative(metric: &Metric) -> bool {
    let temporality = match &metric.data {
        Some(Data::Sum(sum)) => sum.aggregation_temporality,
        Some(Data::Histogram(histogram)) => histogram.aggregation_temporality,
        Some(Data::ExponentialHistogram(histogram)) => histogram.aggregation_temporality,
        // Read anew each time.
        Some(Data::Gauge(_)) => return true,
        _ => return false,
    };
    temporality == AggregationTemporality::Cumulative as i32
}

fn latest(metric: &Metric) -> Option<Timestamp> {
    let times: Vec<u64> = match metric.data.as_ref()? {
        Data::Sum(sum) => sum.data_points.iter().map(|point| point.time_unix_nano).collect(),
        Data::Gauge(gauge) => gauge.data_points.iter().map(|point| point.time_unix_nano).collect(),
        Data::Histogram(histogram) => histogram.data_points.iter().map(|point| point.time_unix_nano).collect(),
        Data::ExponentialHistogram(histogram) => {
            histogram.data_points.iter().map(|point| point.time_unix_nano).collect()
        }
        Data::Summary(summary) => summary.data_points.iter().map(|point| point.time_unix_nano).collect(),
    };
    times.into_iter().max().and_then(time)
}
