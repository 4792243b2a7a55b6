//! What follows from an answer: when to try again, what to give up, and what to say.
//!
//! Pure: the moment and the randomness come from outside, so the whole schedule is tested without waiting.

use std::time::Duration;

use super::answer::Answer;
use crate::logger::Level;

/// A server that asks for more patience than this is asked again anyway.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// How long to wait between attempts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// After the first failure; doubled with each further one.
    pub initial: Duration,
    /// The longest wait.
    pub maximum: Duration,
    /// After a refused key or a wrong address.
    pub refused: Duration,
    /// How far a wait may be off, as a fraction: 0.2 makes 1 s anything from 0.8 to 1.2 s.
    pub jitter: f64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            initial: Duration::from_secs(1),
            maximum: Duration::from_secs(60),
            refused: Duration::from_secs(60),
            jitter: 0.2,
        }
    }
}

/// Why nothing is sent for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// After a failure; a flush may cut it short.
    BackOff,
    /// The server asked for it.
    Asked,
    /// The key or the address is refused.
    Refused,
}

/// What becomes of a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verdict {
    /// It is done with: so many events are rejected, the others are stored.
    Settled { rejected: usize },
    /// It is sent again.
    Again { after: Duration, hold: Hold },
    /// It is sent again in halves.
    Halve,
}

impl Verdict {
    pub(crate) fn is_refusal(self) -> bool {
        matches!(self, Self::Again { hold: Hold::Refused, .. })
    }
}

/// Turns answers into verdicts, and remembers how often it has failed.
pub(crate) struct Schedule {
    policy: RetryPolicy,
    failures: u32,
}

impl Schedule {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self { policy, failures: 0 }
    }

    /// Decides about a batch of `count` events; `random` is from 0 to 1. Also gives the line to say, if any.
    pub(crate) fn decide(&mut self, answer: Answer, count: usize, random: f64) -> (Verdict, Option<(Level, String)>) {
        match answer {
            Answer::Accepted => (Verdict::Settled { rejected: 0 }, self.recovered()),
            Answer::Partly { rejected, reasons } => {
                self.failures = 0;
                let rejected = rejected.min(count);
                let line = format!("the server rejected {rejected} of {count} events: {reasons}");
                (Verdict::Settled { rejected }, Some((Level::Warning, line)))
            }
            Answer::Faulty { status, message } => {
                self.failures = 0;
                let line =
                    format!("the server refused a batch of {count} events, which is dropped: {status} {message}");
                (Verdict::Settled { rejected: count }, Some((Level::Error, line)))
            }
            Answer::TooLarge if count > 1 => {
                self.failures = 0;
                (Verdict::Halve, None)
            }
            Answer::TooLarge => {
                self.failures = 0;
                let line = "an event is too large for the server, and is dropped".to_owned();
                (Verdict::Settled { rejected: count }, Some((Level::Warning, line)))
            }
            Answer::Refused { status, message } => {
                let cure = match status {
                    403 => "use a key that may write (hb_live_… or hb_test_…)",
                    407 => "check the proxy's user and password",
                    _ => "check api_key (HIVELOOP_API_KEY) against the server's keys",
                };
                self.refuse(&format!("the server refuses the key ({status} {message}): {cure}"))
            }
            Answer::Misplaced { status, message } => self.refuse(&format!(
                "no HiveBoard at this address ({status} {message}): check endpoint (HIVELOOP_ENDPOINT)"
            )),
            // "At once", or a moment that is over: no server wants to be asked without a pause.
            Answer::Busy { status, retry_after: Some(after) } if !after.is_zero() => {
                let after = after.min(LONGEST_RETRY_AFTER);
                let line = format!("the server is busy ({status}); going on in {:.1} s", after.as_secs_f64());
                (Verdict::Again { after, hold: Hold::Asked }, Some((Level::Debug, line)))
            }
            Answer::Busy { status, .. } => self.back_off(&format!("the server is busy ({status})"), random),
            Answer::Failed { reason } => self.back_off(&reason, random),
        }
    }

    /// Decides about a batch that failed together with one that has been decided about.
    pub(crate) fn repeat(answer: &Answer) -> Verdict {
        let hold = match answer {
            Answer::Refused { .. } | Answer::Misplaced { .. } => Hold::Refused,
            Answer::Busy { .. } => Hold::Asked,
            _ => Hold::BackOff,
        };
        Verdict::Again { after: Duration::ZERO, hold }
    }

    fn recovered(&mut self) -> Option<(Level, String)> {
        let failures = std::mem::take(&mut self.failures);
        (failures > 0).then(|| (Level::Info, format!("events are delivered again after {failures} failed attempts")))
    }

    fn refuse(&mut self, line: &str) -> (Verdict, Option<(Level, String)>) {
        self.failures = self.failures.saturating_add(1);
        let after = self.policy.refused;
        (Verdict::Again { after, hold: Hold::Refused }, Some((Level::Error, line.to_owned())))
    }

    fn back_off(&mut self, reason: &str, random: f64) -> (Verdict, Option<(Level, String)>) {
        let doublings = self.failures.min(20);
        self.failures = self.failures.saturating_add(1);
        let base = self.policy.initial.saturating_mul(1 << doublings).min(self.policy.maximum);
        let factor = 1.0 + self.policy.jitter * (2.0 * random - 1.0);
        let after = base.mul_f64(factor).min(self.policy.maximum);
        // Said when it begins; an outage of hours is one line, and one more when it ends.
        let level = if doublings == 0 { Level::Warning } else { Level::Debug };
        let line = format!("cannot deliver events, trying again in {:.1} s: {reason}", after.as_secs_f64());
        (Verdict::Again { after, hold: Hold::BackOff }, Some((level, line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> Answer {
        Answer::Failed { reason: "connection refused".into() }
    }

    fn busy(seconds: u64) -> Answer {
        Answer::Busy { status: 429, retry_after: Some(Duration::from_secs(seconds)) }
    }

    fn waits(schedule: &mut Schedule, count: usize, random: f64) -> Vec<f64> {
        (0..count)
            .map(|_| match schedule.decide(failed(), 1, random).0 {
                Verdict::Again { after, hold: Hold::BackOff } => after.as_secs_f64(),
                other => panic!("a failure is tried again, not {other:?}"),
            })
            .collect()
    }

    #[test]
    fn waits_double_up_to_a_minute_for_as_long_as_it_takes() {
        let mut schedule = Schedule::new(RetryPolicy::default());
        assert_eq!(waits(&mut schedule, 9, 0.5), [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]);
        assert_eq!(waits(&mut schedule, 1000, 0.5).last(), Some(&60.0));
    }

    #[test]
    fn jitter_spreads_waits_by_a_fifth() {
        assert_eq!(waits(&mut Schedule::new(RetryPolicy::default()), 2, 0.0), [0.8, 1.6]);
        assert_eq!(waits(&mut Schedule::new(RetryPolicy::default()), 2, 1.0), [1.2, 2.4]);
        assert_eq!(waits(&mut Schedule::new(RetryPolicy::default()), 12, 1.0).last(), Some(&60.0));
    }

    #[test]
    fn success_starts_the_schedule_anew_and_is_said_once() {
        let mut schedule = Schedule::new(RetryPolicy::default());
        waits(&mut schedule, 5, 0.5);
        let (verdict, line) = schedule.decide(Answer::Accepted, 10, 0.5);
        assert_eq!(verdict, Verdict::Settled { rejected: 0 });
        assert!(line.expect("the end of an outage is said").1.contains("after 5 failed attempts"));
        assert_eq!(schedule.decide(Answer::Accepted, 10, 0.5).1, None);
        assert_eq!(waits(&mut schedule, 1, 0.5), [1.0]);
    }

    #[test]
    fn an_outage_is_one_warning() {
        let mut schedule = Schedule::new(RetryPolicy::default());
        let levels: Vec<Level> =
            (0..5).map(|_| schedule.decide(failed(), 1, 0.5).1.expect("each failure has a line").0).collect();
        assert_eq!(levels, [Level::Warning, Level::Debug, Level::Debug, Level::Debug, Level::Debug]);
    }

    #[test]
    fn a_server_that_asks_for_patience_gets_it() {
        let mut schedule = Schedule::new(RetryPolicy::default());
        let (verdict, _) = schedule.decide(busy(7), 10, 0.5);
        assert_eq!(verdict, Verdict::Again { after: Duration::from_secs(7), hold: Hold::Asked });
        let (verdict, _) = schedule.decide(busy(1_000_000), 10, 0.5);
        assert_eq!(verdict, Verdict::Again { after: LONGEST_RETRY_AFTER, hold: Hold::Asked });
        let (verdict, _) = schedule.decide(Answer::Busy { status: 503, retry_after: None }, 10, 0.5);
        assert_eq!(verdict, Verdict::Again { after: Duration::from_secs(1), hold: Hold::BackOff });
    }

    #[test]
    fn a_busy_server_that_says_at_once_is_not_asked_without_a_pause() {
        let mut schedule = Schedule::new(RetryPolicy::default());
        let waits: Vec<Verdict> = (0..3).map(|_| schedule.decide(busy(0), 10, 0.5).0).collect();
        let again = |seconds| Verdict::Again { after: Duration::from_secs(seconds), hold: Hold::BackOff };
        assert_eq!(waits, [again(1), again(2), again(4)]);
    }

    #[test]
    fn refusals_are_tried_once_a_minute_with_the_cure() {
        let mut schedule = Schedule::new(RetryPolicy::default());
        for (status, cure) in [(401, "check api_key"), (403, "a key that may write"), (407, "proxy")] {
            let (verdict, line) = schedule.decide(Answer::Refused { status, message: "no".into() }, 10, 0.5);
            assert_eq!(verdict, Verdict::Again { after: Duration::from_secs(60), hold: Hold::Refused });
            assert!(verdict.is_refusal() && line.expect("a refusal is said").1.contains(cure));
        }
    }

    #[test]
    fn batches_too_large_are_halved_and_single_events_given_up() {
        let mut schedule = Schedule::new(RetryPolicy::default());
        assert_eq!(schedule.decide(Answer::TooLarge, 2, 0.5).0, Verdict::Halve);
        assert_eq!(schedule.decide(Answer::TooLarge, 1, 0.5).0, Verdict::Settled { rejected: 1 });
    }

    #[test]
    fn a_faulty_batch_is_dropped_with_the_servers_words() {
        let answer = Answer::Faulty { status: 400, message: "no envelope".into() };
        let (verdict, line) = Schedule::new(RetryPolicy::default()).decide(answer, 10, 0.5);
        assert_eq!(verdict, Verdict::Settled { rejected: 10 });
        assert!(line.expect("a dropped batch is said").1.contains("400 no envelope"));
    }
}
