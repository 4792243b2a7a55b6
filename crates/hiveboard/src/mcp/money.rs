//! What it cost, against the period before, and what the figures say of it.

use hiveboard_wire::Timestamp;

use super::{
    Source,
    arguments::{self, USUAL_ROWS},
    attention::insight_lines,
    lists::of_calls,
    text::{link, quoted},
};
use crate::{
    api::params::Range,
    remote::{
        Fault,
        answers::{Cost, CostGroup, Insights},
    },
    terminal::figures,
};

/// Kinds of insights that speak of money.
const KINDS: [&str; 8] = [
    "cost_spike",
    "cost_outlier",
    "dear_model_cheap_task",
    "prompt_bloat",
    "loop",
    "rate_limited",
    "cost_per_task_trend",
    "deploy_regression",
];

pub(super) async fn cost(source: &Source, asked: &arguments::Cost) -> Result<Vec<String>, Fault> {
    let range = asked.range.unwrap_or(Range::Day);
    let rows = asked.limit.unwrap_or(USUAL_ROWS);
    let by = asked.by.as_deref().unwrap_or("agent");
    let query = asked.narrow.query().maybe("model", asked.model.as_ref());
    let now = Timestamp::now();
    let (since, before) = (now.plus_seconds(-range.seconds()), now.plus_seconds(-2 * range.seconds()));
    let grouped = query.clone().with("group_by", by);
    let spent: Cost = source.read("/v1/cost", &grouped.clone().with("limit", rows).with("since", since)).await?;
    let earlier: Cost =
        source.read("/v1/cost", &grouped.with("limit", 1_000).with("since", before).with("until", since)).await?;
    let totals = spent.totals;
    let mut lines = vec![format!(
        "{} in the last {} ({}), {}, {} tokens in, {} out{}. {}",
        figures::money(Some(totals.cost)),
        range.as_str(),
        against(totals.cost, earlier.totals.cost),
        of_calls(totals.call_count),
        figures::count(Some(totals.tokens_in)),
        figures::count(Some(totals.tokens_out)),
        if totals.estimated_cost > 0.0 {
            format!("; {} of it estimated", figures::money(Some(totals.estimated_cost)))
        } else {
            String::new()
        },
        link("cost", &source.link(&page(asked, range, None)))
    )];
    for group in &spent.groups {
        let was =
            earlier.groups.iter().find(|other| other.name() == group.name()).map_or(0.0, |other| other.totals.cost);
        let share = if totals.cost > 0.0 { Some(group.totals.cost / totals.cost) } else { None };
        lines.push(format!(
            "- {}: {} ({} of all; {}), {} at {} each, {} → {} tokens. {}",
            quoted(&group.name()),
            figures::money(Some(group.totals.cost)),
            figures::share(share),
            against(group.totals.cost, was),
            of_calls(group.totals.call_count),
            figures::money(group.avg_cost_per_call),
            figures::count(Some(group.totals.tokens_in)),
            figures::count(Some(group.totals.tokens_out)),
            link("calls", &source.link(&page(asked, range, Some(group))))
        ));
    }
    if let Some(other) = spent.other {
        lines.push(format!(
            "- {} others: {} together.",
            figures::count(Some(other.group_count)),
            figures::money(Some(other.totals.cost))
        ));
    }
    let why: Insights =
        source.read("/v1/insights", &asked.narrow.query().each("kinds", KINDS).with("range", range.as_str())).await?;
    if why.data.is_empty() {
        lines.push(
            "No insight explains it: nothing about money stands out, or there is too little to compare with."
                .to_owned(),
        );
    } else {
        lines.push("What stands out, and why:".to_owned());
        lines.extend(why.data.iter().take(5).flat_map(|insight| insight_lines(source, insight)));
    }
    Ok(lines)
}

/// The page of what was asked, narrowed to a group where one is given, as far as it can be.
fn page(asked: &arguments::Cost, range: Range, group: Option<&CostGroup>) -> String {
    let narrow = &asked.narrow;
    let parts = [
        ("agent", group.and_then(|group| group.agent.as_ref()), narrow.agent_id.as_ref()),
        ("project", group.and_then(|group| group.project.as_ref()), narrow.project_id.as_ref()),
        ("environment", group.and_then(|group| group.environment.as_ref()), narrow.environment.as_ref()),
        ("group", None, narrow.group.as_ref()),
        ("model", group.and_then(|group| group.model.as_ref()), asked.model.as_ref()),
        ("type", group.and_then(|group| group.task_type.as_ref()), None),
    ];
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("range", range.as_str());
    for (name, own, asked) in parts {
        if let Some(value) = own.or(asked).filter(|value| !value.is_empty()) {
            query.append_pair(name, value);
        }
    }
    format!("/cost?{}", query.finish())
}

/// `+40 % against the period before`
fn against(now: f64, before: f64) -> String {
    if before <= 0.0 {
        return if now > 0.0 { "nothing in the period before".to_owned() } else { "as before".to_owned() };
    }
    let change = (now / before - 1.0) * 100.0;
    format!("{change:+.0} % against the period before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_against_something() {
        assert_eq!(against(1.4, 1.0), "+40 % against the period before");
        assert_eq!(against(0.5, 1.0), "-50 % against the period before");
        assert_eq!(against(0.5, 0.0), "nothing in the period before");
    }
}
