//! Insights as pure functions over typed aggregates: what the figures of a workspace say that nobody asked for.
//!
//! Reading order: [`kind`] (what may be found), [`aggregates`] (what it is found in), `kinds/` (a file a kind: formula, least sample, words),
//! `statistics` (how sure), [`fold`] (how events become aggregates). No I/O and no clock: `now` is part of the aggregates.
//!
//! An insight names suspects and never a cause: where people annotated the decisive step of failed runs, simple rules (first error, last
//! error, repeated call, slowest turn) hit it in under 27 % of them.

pub mod aggregates;
mod figure;
pub mod fold;
mod insight;
pub mod kind;
mod kinds;
mod link;
mod statistics;

pub use aggregates::Aggregates;
pub use insight::{Checked, CheckedResult, Evidence, Examples, Insight, RunsMeant};
pub use kind::{Kind, Severity};
pub use kinds::cost_spike::{Candidate as CostSpikeCandidate, candidate as cost_spike_candidate};

/// What was found, the most severe first and of these the dearest, and what was looked at for each kind asked for.
pub fn compute(all: &Aggregates, wanted: &[Kind]) -> (Vec<Insight>, Vec<Checked>) {
    let (mut found, mut checked) = (Vec::new(), Vec::new());
    for kind in Kind::ALL.iter().filter(|kind| wanted.contains(kind)) {
        let verdict = kinds::find(*kind, all);
        checked.push(Checked { kind: *kind, result: verdict.result(), looked_at: verdict.looked_at });
        found.extend(verdict.insights);
    }
    found.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then(b.dollars.total_cmp(&a.dollars)).then_with(|| a.title.cmp(&b.title))
    });
    (found, checked)
}
