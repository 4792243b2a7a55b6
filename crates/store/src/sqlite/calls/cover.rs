//! How a window of time is covered by kept sums, the coarsest grain that fits first, and by rows where it begins and ends between two.

use std::ops::Range;

/// Parts a window into runs of whole buckets, coarsest first, and what is left at the ends (`None`). `reach` says on which sides
/// the window may be widened.
pub(super) fn cover(window: Range<i64>, reach: (bool, bool), grains: &[i64]) -> Vec<(Option<i64>, Range<i64>)> {
    if window.is_empty() {
        return Vec::new();
    }
    let Some((grain, finer)) = grains.split_first() else { return vec![(None, window)] };
    let down = |at: i64| at.saturating_sub(at.rem_euclid(*grain));
    let up = |at: i64| down(at.saturating_add(grain - 1));
    let start = if reach.0 { down(window.start) } else { up(window.start) };
    let end = if reach.1 { up(window.end) } else { down(window.end) };
    if start >= end {
        return cover(window, reach, finer);
    }
    let mut parts = vec![(Some(*grain), start..end)];
    if window.start < start {
        parts.extend(cover(window.start..start, (reach.0, false), finer));
    }
    if end < window.end {
        parts.extend(cover(end..window.end, (false, reach.1), finer));
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_cover_the_window_once(start in -500_i64..500, length in 0_i64..500, reach in any::<(bool, bool)>(), grains in proptest::sample::subsequence(vec![96_i64, 24, 6], 0..=3)) {
            let window = start..start + length;
            let parts = cover(window.clone(), reach, &grains);
            for at in -700..1200 {
                let covered = parts.iter().filter(|(_, part)| part.contains(&at)).count();
                let may_jut = (at < window.start && reach.0) || (at >= window.end && reach.1);
                prop_assert!(covered == usize::from(window.contains(&at)) || (covered == 1 && may_jut), "{at} {covered} {parts:?}");
            }
            for (grain, part) in parts {
                let width = grain.unwrap_or(1);
                prop_assert!(part.start.rem_euclid(width) == 0 && part.end.rem_euclid(width) == 0);
            }
        }
    }
}
