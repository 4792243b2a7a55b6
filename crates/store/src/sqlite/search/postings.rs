//! Sets of small numbers in few bits: the stretches of events in which a row is set.

use super::super::varint::{Broken, Cursor, put};

/// Stretches an index segment covers at most.
pub(super) const MOST_STRETCHES: usize = 1024;

/// Which stretches, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretches(pub(super) [u64; MOST_STRETCHES / 64]);

impl Stretches {
    /// The first `count`.
    pub(super) fn first(count: usize) -> Self {
        let mut all = Self([0; MOST_STRETCHES / 64]);
        (0..count).for_each(|one| all.set(one));
        all
    }

    pub(super) fn set(&mut self, one: usize) {
        self.0[one / 64] |= 1 << (one % 64);
    }

    pub(super) fn has(&self, one: usize) -> bool {
        self.0[one / 64] >> (one % 64) & 1 != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0 == [0; MOST_STRETCHES / 64]
    }

    /// Each member `times` over, as far as `total`: 1 becomes 4, 5, 6, 7 by four.
    pub(super) fn widened(&self, times: usize, total: usize) -> Self {
        let mut wide = Self::first(0);
        (0..total).filter(|one| self.has(one / times)).for_each(|one| wide.set(one));
        wide
    }

    pub(super) fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
    }
}

/// Appends a set of at least one: its size, then the gaps of its members in Rice's code, or, where it holds more than half of `total`,
/// of those that it lacks.
pub(super) fn write(members: &[u16], total: usize, out: &mut Vec<u8>) {
    put(out, members.len() as u64);
    if members.len() * 2 > total {
        let lacking = members.iter().copied().chain([total as u16]).scan(0, |next, member| {
            let before = *next..member;
            *next = member + 1;
            Some(before)
        });
        write_gaps(lacking.flatten(), total - members.len(), total, out);
    } else {
        write_gaps(members.iter().copied(), members.len(), total, out);
    }
}

fn write_gaps(members: impl Iterator<Item = u16>, count: usize, total: usize, out: &mut Vec<u8>) {
    let shift = shift_for(count, total);
    let mut bits = BitWriter { out, held: 0, count: 0 };
    let mut next = 0;
    for one in members {
        let gap = u64::from(one - next);
        let mut ones = (gap >> shift) as u32;
        while ones > 16 {
            bits.put(0xffff, 16);
            ones -= 16;
        }
        // The ones, a zero, and the low bits.
        let low = gap & ((1 << shift) - 1);
        bits.put(((1 << ones) - 1) | low << (ones + 1), ones + 1 + shift);
        next = one + 1;
    }
    bits.end();
}

/// Reads what [`write`] wrote, and goes past it.
pub(super) fn read(cursor: &mut Cursor<'_>, total: usize) -> Result<Stretches, Broken> {
    let size = cursor.size()?;
    if size == 0 || size > total || total > MOST_STRETCHES {
        return Err(Broken);
    }
    let is_lacking = size * 2 > total;
    let coded = if is_lacking { total - size } else { size };
    let shift = shift_for(coded, total);
    let mut listed = Stretches::first(0);
    let mut bits = BitReader { cursor, held: 0, count: 0 };
    let mut next = 0;
    for _ in 0..coded {
        let mut gap = 0;
        while bits.take(1)? == 1 {
            gap += 1 << shift;
            if gap > total {
                return Err(Broken);
            }
        }
        let one = next + gap + bits.take(shift)? as usize;
        if one >= total {
            return Err(Broken);
        }
        listed.set(one);
        next = one + 1;
    }
    if is_lacking {
        let mut all = Stretches::first(total);
        all.0.iter_mut().zip(listed.0).for_each(|(word, lacking)| *word &= !lacking);
        return Ok(all);
    }
    Ok(listed)
}

/// Low bits of a gap that are written as they are: about log2 of 0.7 of the mean gap.
fn shift_for(coded: usize, total: usize) -> u32 {
    (total * 7 / (coded.max(1) * 10)).max(1).ilog2()
}

struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    held: u64,
    count: u32,
}

impl BitWriter<'_> {
    /// At most 32 at a time.
    fn put(&mut self, bits: u64, count: u32) {
        self.held |= bits << self.count;
        self.count += count;
        if self.count >= 32 {
            self.out.extend_from_slice(&(self.held as u32).to_le_bytes());
            self.held >>= 32;
            self.count -= 32;
        }
    }

    fn end(self) {
        self.out.extend_from_slice(&self.held.to_le_bytes()[..self.count.div_ceil(8) as usize]);
    }
}

struct BitReader<'c, 'a> {
    cursor: &'c mut Cursor<'a>,
    held: u32,
    count: u32,
}

impl BitReader<'_, '_> {
    fn take(&mut self, count: u32) -> Result<u32, Broken> {
        while self.count < count {
            self.held |= u32::from(self.cursor.byte()?) << self.count;
            self.count += 8;
        }
        let bits = self.held & ((1 << count) - 1);
        self.held >>= count;
        self.count -= count;
        Ok(bits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sets_round_trip(total in 1_usize..=MOST_STRETCHES, part in 1_u32..100, seed in any::<u64>()) {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut sets: Vec<Vec<u16>> = (0..4)
                .map(|_| (0..total as u16).filter(|_| random.u32(..100) < part).collect())
                .collect();
            sets.push((0..total as u16).collect());
            sets.retain(|set| !set.is_empty());
            let mut out = Vec::new();
            for set in &sets {
                write(set, total, &mut out);
            }
            let mut cursor = Cursor(&out);
            for set in &sets {
                let found = read(&mut cursor, total);
                let mut right = Stretches::first(0);
                for one in set {
                    right.set(usize::from(*one));
                }
                prop_assert_eq!(found, Ok(right));
            }
            prop_assert!(cursor.0.is_empty());
        }

        #[test]
        fn damaged_sets_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), total in 1_usize..=MOST_STRETCHES) {
            let _any = read(&mut Cursor(&bytes), total);
        }
    }
}
