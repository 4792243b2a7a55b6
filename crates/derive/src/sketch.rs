//! Quantiles of durations within half a percent.
//!
//! A `DDSketch` in its plain sparse form. Libraries of it cannot take a value out again, which a figure needs that follows a run whose
//! end changes when a later end arrives; and theirs are dense, which a bucket a minute and agent cannot afford.

use serde::{Deserialize, Serialize};

/// Relative error of a quantile.
const ACCURACY: f64 = 0.005;
/// Each is looked up by itself where there are fewer than one of so many.
const FEW: usize = 16;

/// A multiset of durations. Content depends only on what is in it, never on the order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Durations {
    count: u64,
    sum_micros: i64,
    /// `(bucket, count)`, by bucket; zero durations are in `i16::MIN`.
    buckets: Vec<(i16, u32)>,
}

fn gamma_ln() -> f64 {
    ((1.0 + ACCURACY) / (1.0 - ACCURACY)).ln()
}

pub(crate) fn bucket_of(micros: i64) -> i16 {
    if micros <= 0 {
        return i16::MIN;
    }
    ((micros as f64).ln() / gamma_ln()).ceil().clamp(-32_000.0, 32_000.0) as i16
}

fn micros_of(bucket: i16) -> f64 {
    if bucket == i16::MIN {
        return 0.0;
    }
    // The middle of the bucket, by relative error.
    (f64::from(bucket) * gamma_ln()).exp() * (1.0 - ACCURACY)
}

impl Durations {
    pub(crate) fn add(&mut self, micros: i64) {
        self.add_in_bucket(micros, bucket_of(micros));
    }

    /// The same where the bucket is known: its logarithm costs more than the rest.
    pub(crate) fn add_in_bucket(&mut self, micros: i64, bucket: i16) {
        self.count += 1;
        self.sum_micros = self.sum_micros.saturating_add(micros);
        self.add_to_bucket(bucket, 1);
    }

    /// Bytes on the heap.
    pub(crate) fn bytes(&self) -> usize {
        self.buckets.capacity() * size_of::<(i16, u32)>()
    }

    /// Takes a duration out that was added before.
    pub(crate) fn remove(&mut self, micros: i64) {
        let bucket = bucket_of(micros);
        let Ok(at) = self.buckets.binary_search_by_key(&bucket, |(key, _)| *key) else { return };
        self.count = self.count.saturating_sub(1);
        self.sum_micros = self.sum_micros.saturating_sub(micros);
        self.buckets[at].1 -= 1;
        if self.buckets[at].1 == 0 {
            self.buckets.remove(at);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_micros = self.sum_micros.saturating_add(other.sum_micros);
        if other.buckets.len() * FEW < self.buckets.len() {
            for (bucket, count) in &other.buckets {
                self.add_to_bucket(*bucket, *count);
            }
        } else {
            self.merge_buckets(&other.buckets);
        }
    }

    /// In one pass over both. Most buckets are known to both, and those that are not move the others once.
    fn merge_buckets(&mut self, other: &[(i16, u32)]) {
        let (mut at, mut new) = (0, 0);
        for (bucket, count) in other {
            while self.buckets.get(at).is_some_and(|(key, _)| key < bucket) {
                at += 1;
            }
            match self.buckets.get_mut(at) {
                Some((key, known)) if key == bucket => *known += count,
                _ => new += 1,
            }
        }
        if new == 0 {
            return;
        }
        // From the end: what is known moves up by as many as are still to come below it.
        let (mut known, mut to) = (self.buckets.len(), self.buckets.len() + new);
        self.buckets.resize(to, (0, 0));
        for (bucket, count) in other.iter().rev() {
            while known > 0 && self.buckets[known - 1].0 > *bucket {
                (known, to) = (known - 1, to - 1);
                self.buckets[to] = self.buckets[known];
            }
            if known == 0 || self.buckets[known - 1].0 != *bucket {
                to -= 1;
                self.buckets[to] = (*bucket, *count);
            }
            if known == to {
                break;
            }
        }
    }

    /// Takes out what was merged before.
    pub(crate) fn subtract(&mut self, other: &Self) {
        self.count = self.count.saturating_sub(other.count);
        self.sum_micros = self.sum_micros.saturating_sub(other.sum_micros);
        for (bucket, count) in &other.buckets {
            if let Ok(at) = self.buckets.binary_search_by_key(bucket, |(key, _)| *key) {
                self.buckets[at].1 = self.buckets[at].1.saturating_sub(*count);
            }
        }
        self.buckets.retain(|(_, count)| *count > 0);
    }

    fn add_to_bucket(&mut self, bucket: i16, count: u32) {
        match self.buckets.binary_search_by_key(&bucket, |(key, _)| *key) {
            Ok(at) => self.buckets[at].1 += count,
            Err(at) => self.buckets.insert(at, (bucket, count)),
        }
    }

    pub(crate) fn mean_ms(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_micros as f64 / self.count as f64 / 1000.0)
    }

    /// `quantile` in 0–1. A single duration is given exactly.
    pub(crate) fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        if self.count <= 1 {
            return self.mean_ms();
        }
        let rank = (quantile * (self.count - 1) as f64).round() as u64;
        let mut seen = 0;
        for (bucket, count) in &self.buckets {
            seen += u64::from(*count);
            if seen > rank {
                return Some(micros_of(*bucket) / 1000.0);
            }
        }
        None
    }

    pub(crate) fn figures(&self) -> crate::view::DurationFigures {
        crate::view::DurationFigures {
            avg_duration_ms: self.mean_ms(),
            p50_duration_ms: self.quantile_ms(0.50),
            p95_duration_ms: self.quantile_ms(0.95),
            p99_duration_ms: self.quantile_ms(0.99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_within_the_accuracy() {
        let mut durations = Durations::default();
        for ms in 1..=1000 {
            durations.add(ms * 1000);
        }
        for (quantile, wanted) in [(0.5, 500.5), (0.95, 950.0), (0.99, 990.0), (1.0, 1000.0)] {
            let got = durations.quantile_ms(quantile).unwrap();
            assert!((got / wanted - 1.0).abs() < 0.0075, "{quantile}: {got} for {wanted}");
        }
        assert_eq!(durations.mean_ms(), Some(500.5));
    }

    #[test]
    fn one_duration_is_exact_and_none_is_none() {
        let mut durations = Durations::default();
        assert_eq!(durations.quantile_ms(0.5), None);
        durations.add(1_234_567);
        assert_eq!(durations.quantile_ms(0.99), Some(1234.567));
        durations.add(0);
        assert_eq!(durations.quantile_ms(0.0), Some(0.0));
    }

    proptest::proptest! {
        #[test]
        fn order_and_removal_leave_no_trace(kept in proptest::collection::vec(0_i64..10_000_000_000, 0..40), passing in proptest::collection::vec(0_i64..10_000_000_000, 0..40)) {
            let mut one = Durations::default();
            for micros in kept.iter().chain(&passing) { one.add(*micros); }
            for micros in &passing { one.remove(*micros); }
            let (mut left, mut right) = (Durations::default(), Durations::default());
            for (at, micros) in kept.iter().rev().enumerate() {
                if at % 2 == 0 { left.add(*micros) } else { right.add(*micros) }
            }
            let mut other_way = right.clone();
            other_way.merge(&left);
            left.merge(&right);
            proptest::prop_assert_eq!(&one, &left);
            proptest::prop_assert_eq!(one, other_way);
        }

        #[test]
        fn whichever_way_they_are_merged_nothing_is_lost(
            some in proptest::collection::vec(0_i64..60_000, 0..80), few in proptest::collection::vec(0_i64..60_000, 0..4),
        ) {
            let of = |all: &[i64]| {
                let mut durations = Durations::default();
                for micros in all {
                    durations.add(*micros);
                }
                durations
            };
            let whole = of(&[&some[..], &few].concat());
            for (one, other) in [(&some, &few), (&few, &some)] {
                let mut merged = of(one);
                merged.merge(&of(other));
                proptest::prop_assert_eq!(&merged, &whole);
            }
        }
    }
}
