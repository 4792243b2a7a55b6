//! A Bloom filter in blocks of one cache line: 16 bits an id, wrong about one in six hundred. Each time it is wrong, a page of the disk is read.

use siphasher::sip::SipHasher13;

use super::super::keys::IdHash;

const BITS_PER_ID: usize = 16;
const BLOCK_WORDS: usize = 8;
/// Bits of a block set by an id. Each takes nine bits of a 64-bit product.
const PROBES: u32 = 6;
const SUM_BYTES: usize = 8;

pub(super) struct Filter {
    blocks: Vec<[u64; BLOCK_WORDS]>,
}

impl Filter {
    pub(super) fn new(ids: u64) -> Self {
        Self { blocks: vec![[0; BLOCK_WORDS]; blocks_for(ids)] }
    }

    /// As it lies in its day's file: the words, then their checksum.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.blocks.len() * BLOCK_WORDS * 8 + SUM_BYTES);
        bytes.extend(self.blocks.iter().flatten().flat_map(|word| word.to_le_bytes()));
        let sum = checksum(&bytes);
        bytes.extend(sum);
        bytes
    }

    /// `None` where these are not the bytes of a filter for so many ids: a bit that was lost would let an event in twice.
    pub(super) fn from_bytes(bytes: &[u8], ids: u64) -> Option<Self> {
        let (words, sum) = bytes.split_last_chunk::<SUM_BYTES>()?;
        if words.len() != blocks_for(ids) * BLOCK_WORDS * 8 || checksum(words) != *sum {
            return None;
        }
        let (words, _) = words.as_chunks::<8>();
        let (blocks, _) = words.as_chunks::<BLOCK_WORDS>();
        Some(Self { blocks: blocks.iter().map(|block| block.map(u64::from_le_bytes)).collect() })
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

const fn blocks_for(ids: u64) -> usize {
    let blocks = (ids as usize * BITS_PER_ID).div_ceil(BLOCK_WORDS * 64);
    if blocks == 0 { 1 } else { blocks }
}

fn checksum(bytes: &[u8]) -> [u8; SUM_BYTES] {
    SipHasher13::new().hash(bytes).to_le_bytes()
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
        assert!(wrong < 150, "{wrong} of 50,000 are held for known");
        let bytes = filter.to_bytes();
        let read = Filter::from_bytes(&bytes, 50_000).expect("it was just written");
        assert!(read.blocks == filter.blocks);
        assert!(Filter::from_bytes(&bytes, 60_000).is_none(), "that is the filter of fewer ids");
        let mut damaged = bytes;
        damaged[4_711] ^= 1;
        assert!(Filter::from_bytes(&damaged, 50_000).is_none(), "a bit is wrong");
    }
}
