//! What needs somebody, and what the figures say by themselves.

use hiveboard_wire::Timestamp;

use super::{
    Source,
    arguments::{self, MOST_ROWS},
    lists::{agent_line, alert_line, every_agent, waiting_runs},
    text::{link, quoted},
};
use crate::{
    api::params::Range,
    remote::{
        Fault,
        answers::{Alert, Insight, Insights},
    },
    terminal::figures,
};

/// Insights of one answer, and figures of one insight.
const INSIGHTS: usize = 8;
const EVIDENCE: usize = 4;

pub(super) async fn what_needs_attention(
    source: &Source,
    asked: &arguments::WhatNeedsAttention,
) -> Result<Vec<String>, Fault> {
    let narrow = asked.narrow.query();
    let troubled = narrow.clone().each("status", ["stuck", "error", "waiting_approval"]);
    let agents = every_agent(source, &troubled).await?;
    let query = narrow.clone().with("state", "firing").with("limit", MOST_ROWS);
    let firing = source.page("/v1/alerts", &query).await?;
    let alerts: Vec<Alert> = firing.read()?;
    let insights: Insights = source.read("/v1/insights", &narrow).await?;
    let severe: Vec<&Insight> = insights.data.iter().filter(|insight| insight.severity != "info").collect();
    let waiting = waiting_runs(source, &narrow).await?;
    let now = Timestamp::now();
    let mut lines = Vec::new();
    if agents.is_empty() && waiting.is_empty() && alerts.is_empty() && severe.is_empty() {
        lines.push(format!("Nothing needs anybody now. {}", link("board", &source.link("/"))));
        return Ok(lines);
    }
    section(
        &mut lines,
        "Agents that need somebody",
        agents.iter().map(|agent| agent_line(source, agent, now)).collect(),
    );
    section(&mut lines, "Runs that wait for a person, the oldest first", waiting);
    let all = firing.total.unwrap_or_default();
    let fires = if firing.has_more {
        format!("Alerts that fire (the first {} of {all})", alerts.len())
    } else {
        "Alerts that fire".to_owned()
    };
    section(&mut lines, &fires, alerts.iter().map(alert_line).collect());
    section(
        &mut lines,
        "Insights of the last 24 hours",
        severe.iter().flat_map(|insight| insight_lines(source, insight)).collect(),
    );
    Ok(lines)
}

/// A heading with what stands below it, cut where it would be too long to read.
fn section(lines: &mut Vec<String>, heading: &str, mut rows: Vec<String>) {
    const MOST: usize = 20;
    if rows.is_empty() {
        return;
    }
    lines.push(format!("{heading}:"));
    let left = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    lines.extend(rows);
    if left > 0 {
        lines.push(format!("… and {left} more lines: ask fleet_status, alerts or insights."));
    }
}

pub(super) async fn insights(source: &Source, asked: &arguments::Insights) -> Result<Vec<String>, Fault> {
    let query = asked.narrow.query().each("kinds", &asked.kinds).maybe("range", asked.range.map(Range::as_str));
    let found: Insights = source.read("/v1/insights", &query).await?;
    let skipped = asked.skip as usize;
    let shown = found.data.iter().skip(skipped).take(INSIGHTS);
    let mut lines: Vec<String> = shown.flat_map(|insight| insight_lines(source, insight)).collect();
    let left = found.data.len().saturating_sub(skipped + INSIGHTS);
    if left > 0 {
        lines.push(format!("There are {left} more: ask again with skip {}.", skipped + INSIGHTS));
    }
    let of = |result: &str| found.checked.iter().filter(|checked| checked.result == result).count();
    let range = asked.range.map_or("24h", Range::as_str);
    lines.push(format!(
        "Looked at the last {range}: insights found: {}; kinds that found nothing: {}, that had too little data to say anything: {}. {}",
        found.data.len(),
        of("nothing"),
        of("not_enough_data"),
        link("insights", &source.link(&format!("/insights?range={range}")))
    ));
    Ok(lines)
}

/// The sentence, what to do, and the figures behind it.
pub(super) fn insight_lines(source: &Source, insight: &Insight) -> Vec<String> {
    let mut lines = vec![format!(
        "- {} {}: {}. {}",
        insight.severity,
        insight.kind,
        quoted(&insight.title),
        quoted(&insight.suggestion)
    )];
    // Figures of one page of the board share its link.
    let shown = &insight.evidence[..insight.evidence.len().min(EVIDENCE)];
    for together in shown.chunk_by(|one, next| one.link == next.link) {
        let told: Vec<String> = together
            .iter()
            .map(|figure| {
                let value = figures::quantity(figure.value, figure.unit.as_deref().unwrap_or(""));
                format!("{}: {value}", quoted(&figure.label))
            })
            .collect();
        lines.push(format!("  - {} {}", told.join("; "), link("evidence", &source.link(&together[0].link))));
    }
    if !insight.task_ids.is_empty() {
        let tasks: Vec<String> = insight.task_ids.iter().take(3).map(|id| quoted(id)).collect();
        lines.push(format!("  - tasks that show it: {}", tasks.join(", ")));
    }
    lines
}
