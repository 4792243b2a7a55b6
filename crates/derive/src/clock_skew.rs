//! How far an agent's clock is off, as far as arrivals tell.

use hiveboard_wire::Timestamp;
use serde::{Deserialize, Serialize};

/// Arrivals looked at.
const SAMPLES: usize = 9;
/// Batches are sent every few seconds: less than this is no clock that is off.
const SMALL_MS: i64 = 10_000;

/// The latest arrivals: of events that arrived together, the newest one tells.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct ClockSkew {
    /// Microseconds of arrival, and arrival minus timestamp in milliseconds; by arrival.
    samples: Vec<(i64, i64)>,
}

impl ClockSkew {
    pub(crate) fn fold(&mut self, received_at: Timestamp, timestamp: Timestamp) {
        let arrived = received_at.micros();
        let skew_ms = arrived.saturating_sub(timestamp.micros()) / 1_000;
        let place = self.samples.partition_point(|(at, _)| *at < arrived);
        if let Some((_, known)) = self.samples.get_mut(place).filter(|(at, _)| *at == arrived) {
            *known = skew_ms.min(*known);
        } else if self.samples.len() < SAMPLES {
            self.samples.insert(place, (arrived, skew_ms));
        } else if place > 0 {
            self.samples.remove(0);
            self.samples.insert(place - 1, (arrived, skew_ms));
        }
    }

    /// The median; negative when the agent's clock is ahead, `None` while it is small.
    pub(crate) fn median_ms(&self) -> Option<i64> {
        let mut sorted: Vec<i64> = self.samples.iter().map(|(_, skew_ms)| *skew_ms).collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().filter(|ms| ms.abs() >= SMALL_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skew(arrivals: &[(i64, i64)]) -> Option<i64> {
        let mut skew = ClockSkew::default();
        for (received_ms, timestamp_ms) in arrivals {
            skew.fold(Timestamp(received_ms * 1_000), Timestamp(timestamp_ms * 1_000));
        }
        skew.median_ms()
    }

    #[test]
    fn a_clock_ten_minutes_ahead_is_told_and_a_batch_that_waited_is_not() {
        assert_eq!(skew(&[(1_000, 601_000), (2_000, 602_000), (3_000, 602_999)]), Some(-600_000));
        assert_eq!(skew(&[(10_000, 5_000), (20_000, 16_000)]), None);
        // An hour offline, sent at once: the newest event of the batch is fresh.
        assert_eq!(skew(&[(3_600_000, 0), (3_600_000, 1_800_000), (3_600_000, 3_599_000)]), None);
    }
}
