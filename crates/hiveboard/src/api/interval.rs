//! Widths of buckets, and where they start.

use std::{collections::BTreeMap, sync::Arc};

use hiveboard_store::{CallGroup, CallTotals};
use hiveboard_wire::{Timestamp, time::MICROS_PER_SECOND};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        params::Stretch,
        timezone::{Zone, common_width},
    },
    error::ApiError,
};

/// Buckets of one answer, at most.
const MOST_BUCKETS: i64 = 2_000;

/// Width of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Interval {
    #[serde(rename = "1m")]
    Minute,
    #[serde(rename = "5m")]
    FiveMinutes,
    #[serde(rename = "15m")]
    Quarter,
    #[serde(rename = "1h")]
    Hour,
    #[serde(rename = "6h")]
    SixHours,
    #[serde(rename = "1d")]
    Day,
}

impl Interval {
    const fn micros(self) -> i64 {
        MICROS_PER_SECOND
            * match self {
                Self::Minute => 60,
                Self::FiveMinutes => 300,
                Self::Quarter => 900,
                Self::Hour => 3_600,
                Self::SixHours => 6 * 3_600,
                Self::Day => 86_400,
            }
    }

    /// Width in microseconds: as asked for, else so that a chart has 60 to 120 points.
    pub fn pick(asked: Option<Self>, stretch: Stretch) -> Result<i64, ApiError> {
        let span = stretch.end.micros().saturating_sub(stretch.since.micros());
        let by_range = match span / MICROS_PER_SECOND {
            i64::MIN..=4_000 => Self::Minute,
            4_001..=22_000 => Self::FiveMinutes,
            22_001..=90_000 => Self::Quarter,
            90_001..=700_000 => Self::Hour,
            700_001..=2_700_000 => Self::SixHours,
            _ => Self::Day,
        };
        let width = asked.unwrap_or(by_range).micros();
        if span / width <= MOST_BUCKETS {
            return Ok(width);
        }
        if asked.is_some_and(|asked| asked.micros() < Self::Day.micros()) {
            return Err(ApiError::invalid_parameter(
                "interval",
                format!("That makes over {MOST_BUCKETS} buckets; choose a wider `interval` or a shorter time."),
            ));
        }
        // No wider one can be asked for: so many days to a bucket that it fits.
        let day = Self::Day.micros();
        Ok(day * (span / day / MOST_BUCKETS + 1))
    }
}

/// The buckets that touch a stretch, aligned to UTC; those of days to the viewer's midnights.
#[derive(Debug, Clone)]
pub struct Buckets {
    /// What is stamped later than the stretch's end counts in the last one.
    starts: Arc<[Timestamp]>,
    /// Of a bucket, µs; of one of days by 24 hours each.
    pub width: i64,
    /// What the store is asked for: each of its buckets lies within one of these.
    pub grain: i64,
}

impl Buckets {
    pub fn of(stretch: Stretch, width: i64, zone: Option<&Zone>) -> Self {
        let day = Interval::Day.micros();
        let of_zone = zone.filter(|_| width % day == 0);
        if let Some(starts) = of_zone.and_then(|zone| zone.midnights(stretch.since, stretch.end, width / day)) {
            return Self { width, grain: common_width(&starts), starts: starts.into() };
        }
        let first = stretch.since.bucket(width);
        // One at least: a stretch may begin later than now, and a clock that is ahead may have stamped something there.
        let last = stretch.end.plus_micros(-1).bucket(width).max(first);
        let starts = std::iter::successors(Some(first), |start| Some(start.plus_micros(width)));
        Self { starts: starts.take_while(|start| *start <= last).collect(), width, grain: width }
    }

    /// The bucket that a bucket of sums counts for.
    pub fn place(&self, at: Timestamp) -> Timestamp {
        let after = self.starts.partition_point(|start| *start <= at);
        self.starts.get(after.saturating_sub(1)).copied().unwrap_or(at)
    }

    pub const fn starts(&self) -> &Arc<[Timestamp]> {
        &self.starts
    }

    /// Sums by bucket and keys, with what lies ahead in the last bucket.
    pub fn gather(&self, groups: Vec<CallGroup>) -> Vec<CallGroup> {
        let mut gathered: BTreeMap<(Option<Timestamp>, Vec<Option<String>>), CallTotals> = BTreeMap::new();
        for CallGroup { keys, bucket, totals } in groups {
            let one = gathered.entry((bucket.map(|bucket| self.place(bucket)), keys)).or_default();
            one.add(&totals);
        }
        gathered.into_iter().map(|((bucket, keys), totals)| CallGroup { keys, bucket, totals }).collect()
    }
}
