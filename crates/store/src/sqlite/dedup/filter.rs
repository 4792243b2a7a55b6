//! A Bloom filter in blocks of one cache line: 12 bits an id, wrong about one in two hundred.

use super::super::keys::IdHash;

const BITS_PER_ID: usize = 12;
const BLOCK_WORDS: usize = 8;
/// Bits of a block set by an id. Each takes nine bits of a 64-bit product.
const PROBES: u32 = 6;

pub(super) struct Filter {
    blocks: Vec<[u64; BLOCK_WORDS]>,
}

impl Filter {
    pub(super) fn new(ids: u64) -> Self {
        let blocks = (ids as usize * BITS_PER_ID).div_ceil(BLOCK_WORDS * 64).max(1);
        Self { blocks: vec![[0; BLOCK_WORDS]; blocks] }
    }

    pub(super) fn insert(&mut self, hash: IdHash) {
        let block = self.block(hash);
        for (word, bit) in probes(hash) {
            self.blocks[block][word] |= bit;
        }
    }

    /// Never wrong when it says no.
    pub(super) fn may_hold(&self, hash: IdHash) -> bool {
        let block = &self.blocks[self.block(hash)];
        probes(hash).all(|(word, bit)| block[word] & bit != 0)
    }

    pub(super) fn bytes(&self) -> u64 {
        (self.blocks.len() * BLOCK_WORDS * 8) as u64
    }

    /// By the upper of the hash's 48 bits.
    fn block(&self, hash: IdHash) -> usize {
        ((u128::from(hash.0) * self.blocks.len() as u128) >> 48) as usize
    }
}

fn probes(hash: IdHash) -> impl Iterator<Item = (usize, u64)> {
    // Fibonacci hashing spreads the bits that chose the block as well.
    let mixed = hash.0.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (0..PROBES).map(move |probe| {
        let place = (mixed >> (probe * 9 + 10)) & 511;
        ((place >> 6) as usize, 1 << (place & 63))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_all_that_was_put_in_and_little_else() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut draw = || IdHash(random.u64(..1 << 48));
        let mut filter = Filter::new(50_000);
        let inside: Vec<IdHash> = (0..50_000).map(|_| draw()).collect();
        for hash in &inside {
            filter.insert(*hash);
        }
        assert!(inside.iter().all(|hash| filter.may_hold(*hash)));
        let wrong = (0..50_000).filter(|_| filter.may_hold(draw())).count();
        assert!(wrong < 750, "{wrong} of 50,000 are held for known");
    }
}
