//! Which of a span's children are retries of which.

use super::tree::{ROOT, Span, Tree};
use crate::view::{SpanKind, SpanOutcome};

/// Works looked at for the one that a retry announced.
const LOOK_AHEAD: usize = 12;
/// Works looked back at for the failure that a retry answers.
const LOOK_BACK: usize = 8;

/// One go at something, after a retry was announced.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) retry: usize,
    /// The tracked work of this go; `None` when the agent did not track it by itself.
    pub(super) work: Option<usize>,
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) number: u64,
}

/// A failure and the goes that followed it, up to the one that ended it.
#[derive(Debug, Clone)]
pub(super) struct RetryChain {
    /// What failed first; `None` when that was not tracked.
    pub(super) first: Option<usize>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) from: i64,
    pub(super) until: i64,
}

/// The chains among the children of `parent`, in order.
pub(super) fn chains(tree: &Tree<'_>, parent: usize) -> Vec<RetryChain> {
    let children = &tree.spans[parent].children;
    let of = |wanted: &[SpanKind]| -> Vec<usize> {
        children.iter().copied().filter(|place| wanted.contains(&tree.spans[*place].kind)).collect()
    };
    let retries = of(&[SpanKind::Retry]);
    if retries.is_empty() {
        return Vec::new();
    }
    let works = of(&[SpanKind::Action, SpanKind::LlmCall]);
    let span = |place: usize| &tree.spans[place];
    let mut chains: Vec<RetryChain> = Vec::new();
    let mut cursor = 0;
    for (index, place) in retries.iter().enumerate() {
        let retry = span(*place);
        while works.get(cursor).is_some_and(|work| span(*work).from < retry.from) {
            cursor += 1;
        }
        let until = retries.get(index + 1).map_or(i64::MAX, |next| span(*next).from);
        let joined = chains.last().filter(|last| continues(tree, last, retry, &works, cursor));
        let first = joined.map_or_else(|| last_failed(tree, &works, cursor), |last| last.first);
        let work = find_work(tree, &works[cursor..], until, first.map(|first| span(first).name.as_str()));
        let told = joined.map_or(2, |last| last.attempts.len() as u64 + 2);
        let attempt = Attempt {
            retry: *place,
            work,
            from: work.map_or(retry.until, |work| span(work).from),
            until: work.map_or_else(|| retry.until.max(until.min(span(parent).until)), |work| span(work).until),
            number: retry.attempt.unwrap_or(told),
        };
        let (joins, end) = (joined.is_some(), attempt.until);
        match chains.last_mut() {
            Some(last) if joins => {
                last.attempts.push(attempt);
                last.until = end;
            }
            _ => chains.push(RetryChain { first, from: retry.from, until: end, attempts: vec![attempt] }),
        }
    }
    chains
}

fn last_failed(tree: &Tree<'_>, works: &[usize], before: usize) -> Option<usize> {
    let failed = |place: &&usize| tree.spans[**place].outcome == SpanOutcome::Failed;
    works[..before].iter().rev().take(LOOK_BACK).find(failed).copied()
}

/// A retry goes on with a chain unless that chain's last go went well.
fn continues(tree: &Tree<'_>, chain: &RetryChain, retry: &Span<'_>, works: &[usize], cursor: usize) -> bool {
    let Some(last) = chain.attempts.last() else { return false };
    match last.work {
        Some(work) => {
            let work = &tree.spans[work];
            work.outcome == SpanOutcome::Failed || work.until > retry.from
        }
        // Untracked goes: anything that was done in between was something else.
        None => cursor == 0 || tree.spans[works[cursor - 1]].from < tree.spans[last.retry].from,
    }
}

/// The work that a retry announced: the same name first, else whatever came next before the next retry.
fn find_work(tree: &Tree<'_>, works: &[usize], until: i64, name: Option<&str>) -> Option<usize> {
    let coming = works.iter().copied().take(LOOK_AHEAD + 2).take_while(|place| tree.spans[*place].from < until);
    let mut next = None;
    for place in coming {
        if name.is_none_or(|name| tree.spans[place].name == name) {
            return Some(place);
        }
        next = next.or(Some(place));
    }
    next
}

/// Says of the goes at one thing which was which.
pub(super) fn number_attempts(tree: &mut Tree<'_>) {
    let parents = (0..tree.spans.len()).filter(|place| *place == ROOT || tree.spans[*place].kind == SpanKind::Action);
    let numbered: Vec<(usize, u64)> = parents
        .flat_map(|parent| chains(tree, parent))
        .flat_map(|chain| {
            let goes =
                chain.attempts.into_iter().map(|attempt| (attempt.work.unwrap_or(attempt.retry), attempt.number));
            chain.first.map(|first| (first, 1)).into_iter().chain(goes)
        })
        .collect();
    for (place, number) in numbered {
        tree.spans[place].attempt = Some(number);
    }
}
