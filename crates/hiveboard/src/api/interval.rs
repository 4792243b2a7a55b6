//! Widths of buckets, and where they start.

use hiveboard_wire::{Timestamp, time::MICROS_PER_SECOND};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;

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
    pub fn pick(asked: Option<Self>, since: Timestamp, until: Timestamp) -> Result<i64, ApiError> {
        let span = until.micros().saturating_sub(since.micros());
        let width = asked
            .unwrap_or(match span / MICROS_PER_SECOND {
                i64::MIN..=4_000 => Self::Minute,
                4_001..=22_000 => Self::FiveMinutes,
                22_001..=90_000 => Self::Quarter,
                90_001..=700_000 => Self::Hour,
                700_001..=2_700_000 => Self::SixHours,
                _ => Self::Day,
            })
            .micros();
        if span / width > MOST_BUCKETS {
            return Err(ApiError::invalid_parameter(
                "interval",
                format!("That makes over {MOST_BUCKETS} buckets; choose a wider `interval` or a shorter time."),
            ));
        }
        Ok(width)
    }
}

/// Starts of the aligned buckets that touch the window.
pub fn buckets(since: Timestamp, until: Timestamp, width: i64) -> impl Iterator<Item = Timestamp> {
    let mut next = since.bucket(width);
    std::iter::from_fn(move || {
        let start = next;
        next = next.plus_micros(width);
        (start < until).then_some(start)
    })
}
