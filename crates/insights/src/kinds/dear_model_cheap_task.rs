//! A dear model where a cheaper one ends as well.

use std::collections::BTreeMap;

use super::{of_type, text};
use crate::{
    aggregates::{Aggregates, Name, RunTotals},
    figure::Unit,
    insight::{Examples, Insight, RunsMeant, Verdict},
    kind::{Kind, Severity},
    link::{Link, Seen},
};

/// Ended runs of a type of task with each of two models.
const LEAST: u64 = 20;
/// Price of a token and cost of a run, times those of the cheaper one.
const TIMES_DEARER: f64 = 3.0;
/// How much worse the cheaper one might be and still end as well, at 95 %.
const AS_WELL: f64 = 0.1;
/// What is saved in the window, dollars.
const WORTH: f64 = 0.01;

struct OfModel<'a> {
    model: &'a Name,
    totals: RunTotals,
}

impl OfModel<'_> {
    fn dollars_a_token(&self) -> f64 {
        self.totals.cost.sum / (self.totals.tokens_in + self.totals.tokens_out).max(1) as f64
    }

    fn success(&self) -> f64 {
        f64::from(self.totals.completed) / self.totals.ended().max(1) as f64
    }

    /// Plus one success and one failure, so that few runs without a failure are not taken for certain.
    fn variance(&self) -> f64 {
        let of = self.totals.ended() as f64 + 2.0;
        let rate = (f64::from(self.totals.completed) + 1.0) / of;
        rate * (1.0 - rate) / of
    }
}

/// Of each type of task: a model whose tokens and whose runs cost three times another's or more, where that other one's success rate is at least
/// the dear one's, or lower by less than 10 points with 95 % certainty (`c − d − 1.645·√(var c + var d) > −0.1`, Agresti's variances). Saved:
/// runs × (mean cost − the cheaper one's mean cost). Least sample: 20 ended runs with a cost of two models on one type of task.
pub(super) fn find(all: &Aggregates) -> Verdict {
    let seen = Seen::of(all);
    let mut of_types: BTreeMap<Option<&Name>, BTreeMap<&Name, RunTotals>> = BTreeMap::new();
    for series in &all.runs {
        if let Some(model) = &series.labels.model {
            of_types.entry(series.labels.task_type.as_ref()).or_default().entry(model).or_default().merge(&series.now);
        }
    }
    let (mut looked_at, mut enough, mut insights) = (0, false, Vec::new());
    for (task_type, models) in of_types {
        looked_at += models.values().map(RunTotals::ended).sum::<u64>();
        let models: Vec<OfModel<'_>> = models
            .into_iter()
            .filter(|(_, totals)| totals.ended() >= LEAST && totals.cost.sum > 0.0)
            .map(|(model, totals)| OfModel { model, totals })
            .collect();
        enough |= models.len() > 1;
        for dear in &models {
            let as_well = models.iter().filter(|cheap| {
                let margin = 1.645 * (cheap.variance() + dear.variance()).sqrt();
                dear.dollars_a_token() >= TIMES_DEARER * cheap.dollars_a_token()
                    && cost(&dear.totals) >= TIMES_DEARER * cost(&cheap.totals)
                    && cheap.success() - dear.success() - margin > -AS_WELL
            });
            let best = as_well
                .max_by(|a, b| a.success().total_cmp(&b.success()).then(cost(&b.totals).total_cmp(&cost(&a.totals))));
            if let Some(cheap) = best {
                insights.extend(insight(all, seen, task_type, dear, cheap));
            }
        }
    }
    Verdict::of(looked_at, enough, insights)
}

/// Mean of a run.
fn cost(totals: &RunTotals) -> f64 {
    totals.cost.sum / totals.ended().max(1) as f64
}

fn insight(
    all: &Aggregates,
    seen: &Seen,
    task_type: Option<&Name>,
    dear: &OfModel<'_>,
    cheap: &OfModel<'_>,
) -> Option<Insight> {
    let saved = dear.totals.ended() as f64 * (cost(&dear.totals) - cost(&cheap.totals));
    if saved < WORTH {
        return None;
    }
    let severity = if saved >= 0.25 * all.runs.iter().map(|series| series.now.cost.sum).sum::<f64>() {
        Severity::Warning
    } else {
        Severity::Info
    };
    let mut insight = Insight::new(Kind::DearModelCheapTask, severity, all);
    insight.task_type = text(task_type);
    insight.model = Some((**dear.model).to_owned());
    let runs = Link::tasks(seen).of_type(task_type.map(|name| &**name)).with("sort", "cost");
    let calls = |model: &str| {
        let link = Link::cost(seen).with("model", model);
        task_type.map_or(link.clone(), |name| link.with("type", name))
    };
    let (of_dear_model, of_cheap_model) = (calls(dear.model), calls(cheap.model));
    let of_dear =
        insight.figure("cost of a run with the dear model", cost(&dear.totals), Unit::Dollars, of_dear_model.clone());
    let of_cheap = insight.figure(
        "cost of a run with the cheaper one",
        cost(&cheap.totals),
        Unit::Dollars,
        of_cheap_model.clone(),
    );
    let dear_ends = insight.figure("success with the dear model", dear.success() * 100.0, Unit::Percent, runs.clone());
    let cheap_ends = insight.figure("success with the cheaper one", cheap.success() * 100.0, Unit::Percent, runs);
    insight.figure("runs with the dear model", dear.totals.ended() as f64, Unit::Count("runs"), of_dear_model.clone());
    insight.figure("runs with the cheaper one", cheap.totals.ended() as f64, Unit::Count("runs"), of_cheap_model);
    let saving = insight.figure("what the cheaper one would have saved", saved, Unit::Dollars, of_dear_model);
    insight.title = format!(
        "{} with “{}” costs {of_dear} a run and succeeds in {dear_ends}; “{}” costs {of_cheap} and succeeds in {cheap_ends}: {saving} in this period",
        of_type(task_type),
        dear.model,
        cheap.model
    );
    insight.stands_out(cost(&dear.totals), Some(cost(&cheap.totals)), Unit::Dollars);
    insight.dollars = saved;
    insight.suggestion = format!(
        "Try “{}” for this type of task, on a part of it first: the runs of both models need not have been equally hard.",
        cheap.model
    );
    insight.examples =
        Examples::Runs(RunsMeant { task_type: text(task_type), dearest_first: true, ..RunsMeant::default() });
    Some(insight)
}

#[cfg(test)]
mod tests {
    use crate::kinds::testing::{Made, assert_enough_for_nothing, assert_too_little, only};

    use super::*;

    fn made(dear_cost: f64, dear_ok: u32, cheap_ok: u32, runs: u32) -> Aggregates {
        let mut made = Made::default();
        made.runs("a", "triage").model("large").now(dear_ok, runs - dear_ok).costs(dear_cost, dear_cost).tokens(1_000);
        made.runs("b", "triage").model("small").now(cheap_ok, runs - cheap_ok).costs(0.02, 0.02).tokens(1_000);
        made.all()
    }

    #[test]
    fn a_dear_model_without_need_is_found() {
        let found = only(find(&made(0.4, 95, 95, 100)));
        assert_eq!(
            found.title,
            "“triage” with “large” costs $0.41 a run and succeeds in 95 %; “small” costs $0.021 and succeeds in 95 %: $38.95 in this period"
        );
        assert!(found.evidence[0].link.ends_with("&model=large&type=triage"), "{}", found.evidence[0].link);
        assert_eq!((found.model.as_deref(), found.task_type.as_deref()), (Some("large"), Some("triage")));
    }

    #[test]
    fn one_that_pays_or_is_hardly_dearer_is_not() {
        assert_enough_for_nothing(find(&made(0.2, 95, 80, 100)));
        assert_enough_for_nothing(find(&made(0.05, 95, 95, 100)));
    }

    #[test]
    fn few_runs_say_nothing() {
        assert_too_little(find(&made(0.2, 19, 19, 19)));
    }
}
