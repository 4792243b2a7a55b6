//! How sure a difference is. Distributions come from `statrs`; what is here puts strata together, so that a change of the mix (another
//! weekday, another task) is not taken for a change of the work.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal};

/// Durations and costs are lognormal, more or less: their logarithms are what is compared.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct LogSums {
    pub count: u32,
    pub sum: f64,
    log_sum: f64,
    log_squares: f64,
}

impl LogSums {
    /// What is not above zero has no logarithm and is left out.
    pub fn add(&mut self, value: f64) {
        if value > 0.0 && value.is_finite() {
            let log = value.ln();
            self.count += 1;
            self.sum += value;
            self.log_sum += log;
            self.log_squares += log * log;
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.log_sum += other.log_sum;
        self.log_squares += other.log_squares;
    }

    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }

    /// The geometric mean: of lognormal figures the median.
    pub fn typical(&self) -> Option<f64> {
        (self.count > 0).then(|| self.log_mean().exp())
    }

    fn log_mean(&self) -> f64 {
        self.log_sum / f64::from(self.count.max(1))
    }

    fn log_variance(&self) -> f64 {
        let count = f64::from(self.count);
        if self.count < 2 {
            return 0.0;
        }
        ((self.log_squares - self.log_sum * self.log_sum / count) / (count - 1.0)).max(0.0)
    }

    /// The value that one in so many exceeds: mean and so many standard deviations on the logarithms.
    pub(crate) fn above_mean(&self, deviations: f64) -> Option<f64> {
        (self.count > 1).then(|| (self.log_mean() + deviations * self.log_variance().sqrt()).exp())
    }
}

/// Chance of a deviation of `z` or more to either side, if nothing differs.
pub(crate) fn two_sided(z: f64) -> f64 {
    if !z.is_finite() {
        return 0.0;
    }
    2.0 * Normal::standard().sf(z.abs())
}

/// How two sides differ, like for like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LogDifference {
    /// Second over first.
    pub(crate) ratio: f64,
    pub(crate) p: f64,
    /// Geometric means over the same strata.
    pub(crate) first: f64,
    pub(crate) second: f64,
    pub(crate) counts: (u64, u64),
}

/// Observations a side that a stratum needs to be compared.
const LEAST_OF_A_STRATUM: u32 = 5;

/// Welch's comparison on logarithms in each stratum, the strata weighted by how much each can say (`n·m / (n + m)`).
pub(crate) fn compare_logs(strata: impl IntoIterator<Item = (LogSums, LogSums)>) -> Option<LogDifference> {
    let (mut weights, mut first, mut second, mut variance, mut counts) = (0.0, 0.0, 0.0, 0.0, (0, 0));
    for (a, b) in strata {
        if a.count < LEAST_OF_A_STRATUM || b.count < LEAST_OF_A_STRATUM {
            continue;
        }
        let (n, m) = (f64::from(a.count), f64::from(b.count));
        let weight = n * m / (n + m);
        weights += weight;
        first += weight * a.log_mean();
        second += weight * b.log_mean();
        variance += weight * weight * (a.log_variance() / n + b.log_variance() / m);
        counts.0 += u64::from(a.count);
        counts.1 += u64::from(b.count);
    }
    if weights == 0.0 {
        return None;
    }
    let (first, second) = (first / weights, second / weights);
    let deviation = (variance.sqrt() / weights).max(1e-9);
    Some(LogDifference {
        ratio: (second - first).exp(),
        p: two_sided((second - first) / deviation),
        first: first.exp(),
        second: second.exp(),
        counts,
    })
}

/// How often something happened, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Share {
    pub(crate) hits: u64,
    pub(crate) of: u64,
}

impl Share {
    pub(crate) const fn new(hits: u64, of: u64) -> Self {
        Self { hits, of }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.hits += other.hits;
        self.of += other.of;
    }

    pub(crate) fn rate(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.hits as f64 / self.of as f64 }
    }

    /// Lower end of Wilson's interval, `z` standard deviations wide to each side.
    pub(crate) fn wilson_low(self, z: f64) -> f64 {
        self.wilson(z, -1.0)
    }

    /// Upper end of it.
    pub(crate) fn wilson_high(self, z: f64) -> f64 {
        self.wilson(z, 1.0)
    }

    fn wilson(self, z: f64, side: f64) -> f64 {
        if self.of == 0 {
            return if side < 0.0 { 0.0 } else { 1.0 };
        }
        let (n, p) = (self.of as f64, self.rate());
        let middle = p + z * z / (2.0 * n);
        let width = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        ((middle + side * width) / (1.0 + z * z / n)).clamp(0.0, 1.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ShareDifference {
    /// Second minus first, like for like (Mantel and Haenszel's weights).
    pub(crate) difference: f64,
    pub(crate) p: f64,
    /// All strata together.
    pub(crate) first: Share,
    pub(crate) second: Share,
}

/// Cochran's, Mantel's and Haenszel's test of two proportions over strata, with the correction for continuity.
pub(crate) fn compare_shares(strata: impl IntoIterator<Item = (Share, Share)>) -> Option<ShareDifference> {
    let (mut surplus, mut variance, mut difference, mut weights) = (0.0, 0.0, 0.0, 0.0);
    let (mut first, mut second) = (Share::default(), Share::default());
    for (a, b) in strata {
        let (n, m) = (a.of as f64, b.of as f64);
        let all = n + m;
        if a.of == 0 || b.of == 0 || all < 2.0 {
            continue;
        }
        let hits = (a.hits + b.hits) as f64;
        surplus += b.hits as f64 - m * hits / all;
        variance += n * m * hits * (all - hits) / (all * all * (all - 1.0));
        let weight = n * m / all;
        difference += weight * (b.rate() - a.rate());
        weights += weight;
        first.add(a);
        second.add(b);
    }
    if weights == 0.0 {
        return None;
    }
    let p = if variance > 0.0 { two_sided((surplus.abs() - 0.5).max(0.0) / variance.sqrt()) } else { 1.0 };
    Some(ShareDifference { difference: difference / weights, p, first, second })
}

/// Chance of so many hits or more, where each of the tries hits at `rate`.
pub(crate) fn tail(share: Share, rate: f64) -> f64 {
    match (share.hits.checked_sub(1), Binomial::new(rate, share.of)) {
        (Some(below), Ok(hits)) => hits.sf(below),
        _ => 1.0,
    }
}

/// Which of many comparisons hold, if at most the share `q` of those that are said to hold may be chance (Benjamini and Hochberg).
pub(crate) fn benjamini_hochberg(chances: &[f64], q: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|a, b| chances[*a].total_cmp(&chances[*b]));
    let last = (0..order.len()).rev().find(|place| {
        let limit = q * (*place as f64 + 1.0) / chances.len() as f64;
        chances[order[*place]] <= limit
    });
    let mut holds = vec![false; chances.len()];
    for place in order.into_iter().take(last.map_or(0, |last| last + 1)) {
        holds[place] = true;
    }
    holds
}

/// Mann's and Kendall's test of a trend: the standard score, positive when it goes up.
pub(crate) fn trend(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    if values.len() < 4 {
        return 0.0;
    }
    let mut score = 0.0;
    for (place, value) in values.iter().enumerate() {
        for later in &values[place + 1..] {
            score += (later - value).partial_cmp(&0.0).map_or(0.0, |order| f64::from(order as i8));
        }
    }
    let variance = count * (count - 1.0) * (2.0 * count + 5.0) / 18.0;
    score / variance.sqrt()
}

pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    Some(if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(values: &[f64]) -> LogSums {
        let mut sums = LogSums::default();
        for value in values {
            sums.add(*value);
        }
        sums
    }

    fn about(value: f64, wanted: f64) {
        assert!((value - wanted).abs() < 1e-3, "{value} is not {wanted}");
    }

    #[test]
    fn logs_are_compared_in_their_strata() {
        let small = sums(&[1.0, 1.1, 0.9, 1.0, 1.2, 0.8]);
        let large = sums(&[10.0, 11.0, 9.0, 10.0, 12.0, 8.0]);
        let doubled = sums(&[2.0, 2.2, 1.8, 2.0, 2.4, 1.6]);
        // Only the mix differs: nothing is compared, for no stratum has both.
        assert!(compare_logs([(small, LogSums::default()), (LogSums::default(), large)]).is_none());
        let found = compare_logs([(small, doubled), (large, large)]).unwrap();
        about(found.ratio, 2_f64.sqrt());
        let found = compare_logs([(small, doubled)]).unwrap();
        about(found.ratio, 2.0);
        assert!(found.p < 1e-6);
        assert!((compare_logs([(small, small)]).unwrap().p - 1.0).abs() < 1e-9);
    }

    #[test]
    fn shares_agree_with_figures_worked_out_by_hand() {
        // 10 of 100 against 30 of 100: |30 - 20| - 0.5 over sqrt(100·100·40·160 / (200²·199)) = 9.5 / 2.8356 = 3.3503.
        let found = compare_shares([(Share::new(10, 100), Share::new(30, 100))]).unwrap();
        about(found.difference, 0.2);
        about(found.p, two_sided(3.3503));
        // Simpson: worse in neither stratum, though worse together.
        let found = compare_shares([(Share::new(1, 100), Share::new(0, 10)), (Share::new(5, 10), Share::new(50, 100))]);
        assert!(found.unwrap().difference <= 0.0);
        // Wilson, 10 of 100 at 95 %: 0.0552 to 0.1744.
        about(Share::new(10, 100).wilson_low(1.96), 0.0552);
        about(Share::new(10, 100).wilson_high(1.96), 0.1744);
    }

    #[test]
    fn a_few_hits_of_many_are_chance() {
        // 1 - 0.99^10, and 1 - 0.99^10 - 10 · 0.01 · 0.99^9.
        about(tail(Share::new(1, 10), 0.01), 0.0956);
        about(tail(Share::new(2, 10), 0.01), 0.0043);
        about(tail(Share::new(0, 10), 0.01), 1.0);
    }

    #[test]
    fn of_many_comparisons_few_hold() {
        assert_eq!(benjamini_hochberg(&[0.04, 0.001, 0.5, 0.012], 0.05), [false, true, false, true]);
        assert_eq!(benjamini_hochberg(&[0.04, 0.04, 0.04, 0.5], 0.05), [false; 4]);
        assert!(benjamini_hochberg(&[], 0.05).is_empty());
    }

    #[test]
    fn a_trend_is_told_from_an_up_and_down() {
        // 8 in a row: 28 pairs up; variance 8·7·21/18 = 65.333.
        about(trend(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]), 28.0 / 65.333_f64.sqrt());
        assert!(trend(&[1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]).abs() < 1.0);
    }
}
