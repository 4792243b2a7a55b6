//! Whoever was told that events are stored finds them, whichever node is asked: a reader waits until the fold has passed what the log
//! held when it came.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use hiveboard_log_nats::{Log, place};
use hiveboard_store::Position;
use metrics::counter;
use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout_at},
};

/// With an answer that may lack what was acknowledged: how many batches wait to be folded in, or `unknown`.
pub(super) const BEHIND: HeaderName = HeaderName::from_static("x-hiveboard-behind");
/// How long a reader waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// How an answer stands to what was acknowledged before it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    Whole,
    /// So many batches are missing.
    Behind(u64),
    /// The log does not say.
    Unknown,
}

/// The log's end as it was answered, and the number of the question.
type Answered = (u64, Option<Position>);

pub(super) struct Waiting {
    /// Questions that were begun.
    begun: AtomicU64,
    asked: Notify,
    answered: watch::Sender<Answered>,
    /// All up to here is folded in.
    folded: watch::Sender<Position>,
    /// The store does not take anything: waiting would help nobody.
    is_stalled: watch::Sender<bool>,
}

impl Waiting {
    pub(super) fn new(folded: Position) -> Self {
        Self {
            begun: AtomicU64::new(0),
            asked: Notify::new(),
            answered: watch::Sender::new((0, None)),
            folded: watch::Sender::new(folded),
            is_stalled: watch::Sender::new(false),
        }
    }

    pub(super) fn folded(&self, position: Position) {
        self.is_stalled.send_if_modified(|stalled| std::mem::replace(stalled, false));
        self.folded.send_replace(position);
    }

    pub(super) fn stalled(&self) {
        self.is_stalled.send_if_modified(|stalled| !std::mem::replace(stalled, true));
    }

    pub(super) fn is_stalled(&self) -> bool {
        *self.is_stalled.borrow()
    }

    pub(super) fn position(&self) -> Position {
        *self.folded.borrow()
    }

    /// Asks the log for its end, once for all readers that came before the question was begun. Runs until it is dropped.
    pub(super) async fn ask(&self, log: &Log, partition: u16) {
        loop {
            self.asked.notified().await;
            let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
            let last = log.last_of_partition(partition).await.ok();
            self.answered.send_replace((number, last));
        }
    }

    /// Waits for what was acknowledged before now.
    pub(super) async fn catch_up(&self) -> Freshness {
        let until = Instant::now() + PATIENCE;
        let before = self.position();
        let wanted = self.begun.load(Ordering::SeqCst) + 1;
        let mut answers = self.answered.subscribe();
        self.asked.notify_one();
        let answered = timeout_at(until, answers.wait_for(|(number, _)| *number >= wanted)).await;
        let Ok(Some((_, Some(last)))) = answered.map(|answer| answer.ok().map(|answer| *answer)) else {
            return Freshness::Unknown;
        };
        if place::sequence_of(last) < place::sequence_of(before) {
            // It was made anew, or has lost its end: what is new in it cannot be told by its places.
            return Freshness::Unknown;
        }
        let mut folded = self.folded.subscribe();
        let mut is_stalled = self.is_stalled.subscribe();
        tokio::select! {
            _ = folded.wait_for(|folded| *folded >= last) => {}
            _ = is_stalled.wait_for(|stalled| *stalled) => {}
            () = tokio::time::sleep_until(until) => {}
        }
        let folded = self.position();
        if folded >= last {
            return Freshness::Whole;
        }
        Freshness::Behind(place::sequence_of(last).saturating_sub(place::sequence_of(folded)))
    }
}

/// The layer before every route that reads.
pub(super) async fn wait(State(waiting): State<Arc<Waiting>>, request: Request, next: Next) -> Response {
    let freshness = waiting.catch_up().await;
    let mut response = next.run(request).await;
    let behind = match freshness {
        Freshness::Whole => return response,
        Freshness::Behind(batches) => HeaderValue::from(batches),
        Freshness::Unknown => HeaderValue::from_static("unknown"),
    };
    counter!("hiveboard_reads_behind_total").increment(1);
    response.headers_mut().insert(BEHIND, behind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers one question as the log would.
    fn answer(waiting: &Waiting, last: Option<Position>) {
        let number = waiting.begun.fetch_add(1, Ordering::SeqCst) + 1;
        waiting.answered.send_replace((number, last));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_waits_for_a_question_begun_after_it_came_and_for_the_fold() {
        let waiting = Arc::new(Waiting::new(place::end_of(3)));
        answer(&waiting, Some(place::start_of(3)));
        let reader = tokio::spawn({
            let waiting = Arc::clone(&waiting);
            async move { waiting.catch_up().await }
        });
        waiting.asked.notified().await;
        assert!(!reader.is_finished(), "what was answered before it came is not enough");
        answer(&waiting, Some(place::start_of(5)));
        waiting.folded(place::end_of(4));
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!reader.is_finished());
        waiting.folded(place::end_of(5));
        assert_eq!(reader.await.unwrap(), Freshness::Whole);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever_nor_for_a_store_that_is_away() {
        let waiting = Arc::new(Waiting::new(place::end_of(3)));
        let ask = || {
            let waiting = Arc::clone(&waiting);
            tokio::spawn(async move { waiting.catch_up().await })
        };
        let reader = ask();
        waiting.asked.notified().await;
        assert_eq!(reader.await.unwrap(), Freshness::Unknown, "the log says nothing");
        let reader = ask();
        waiting.asked.notified().await;
        answer(&waiting, Some(place::start_of(2)));
        assert_eq!(reader.await.unwrap(), Freshness::Unknown, "the log is another one");
        let reader = ask();
        waiting.asked.notified().await;
        answer(&waiting, Some(place::start_of(7)));
        assert_eq!(reader.await.unwrap(), Freshness::Behind(4));
        waiting.stalled();
        let began = Instant::now();
        let reader = ask();
        waiting.asked.notified().await;
        answer(&waiting, Some(place::start_of(7)));
        assert_eq!(reader.await.unwrap(), Freshness::Behind(4));
        assert!(began.elapsed() < Duration::from_millis(100), "it is told at once");
    }
}
