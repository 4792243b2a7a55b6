//! The ids of one day in memory: about nine bytes each, and no pause for growing.

use super::super::keys::IdHash;

const SHARD_BITS: u32 = 16;
const FINGERPRINT_BITS: u32 = 32;

/// Ids as 48-bit hashes, each with the place of its event. The upper 16 bits choose a shard; a shard is a sorted list of
/// (lower 32 bits, place since the day's first `seq`).
pub(in crate::sqlite) struct DaySet {
    day: i64,
    first_seq: u64,
    len: u64,
    shards: Vec<Vec<u64>>,
}

impl DaySet {
    pub(in crate::sqlite) fn new(day: i64, first_seq: u64) -> Self {
        Self { day, first_seq, len: 0, shards: vec![Vec::new(); 1 << SHARD_BITS] }
    }

    pub(in crate::sqlite) const fn day(&self) -> i64 {
        self.day
    }

    pub(in crate::sqlite) const fn len(&self) -> u64 {
        self.len
    }

    pub(in crate::sqlite) const fn first_seq(&self) -> u64 {
        self.first_seq
    }

    /// One above the greatest `seq` inside; the first one's when empty.
    pub(in crate::sqlite) const fn end_seq(&self) -> u64 {
        // Numbers of a set have no gaps.
        self.first_seq + self.len
    }

    /// All ids with their `seq`, by hash.
    pub(in crate::sqlite) fn sorted(&self) -> impl Iterator<Item = (IdHash, u64)> {
        let first_seq = self.first_seq;
        self.shards.iter().enumerate().flat_map(move |(shard, list)| {
            list.iter().map(move |entry| {
                let hash = IdHash((shard as u64) << FINGERPRINT_BITS | entry >> FINGERPRINT_BITS);
                (hash, first_seq + (entry & u64::from(u32::MAX)))
            })
        })
    }

    pub(in crate::sqlite) fn bytes(&self) -> u64 {
        let lists: usize = self.shards.iter().map(Vec::capacity).sum();
        (lists * size_of::<u64>() + self.shards.len() * size_of::<Vec<u64>>()) as u64
    }

    /// Adds the places of all events with this hash to `into`.
    pub(in crate::sqlite) fn find(&self, hash: IdHash, into: &mut Vec<u64>) {
        into.extend(self.entries(hash).map(|entry| self.first_seq + (entry & u64::from(u32::MAX))));
    }

    pub(in crate::sqlite) fn holds(&self, hash: IdHash) -> bool {
        self.entries(hash).next().is_some()
    }

    fn entries(&self, hash: IdHash) -> impl Iterator<Item = u64> {
        let (shard, fingerprint) = Self::place(hash);
        let list = &self.shards[shard];
        let from = list.partition_point(|entry| *entry < fingerprint);
        let alike = move |entry: &u64| *entry >> FINGERPRINT_BITS == fingerprint >> FINGERPRINT_BITS;
        list[from..].iter().copied().take_while(alike)
    }

    /// Takes in many at once: each list is sorted when all are there, where [`Self::insert`] looks for the place of each.
    pub(in crate::sqlite) fn extend(&mut self, ids: &[(IdHash, u64)]) {
        let mut more = vec![0_u32; self.shards.len()];
        for (hash, _) in ids {
            more[Self::place(*hash).0] += 1;
        }
        for (list, more) in self.shards.iter_mut().zip(more) {
            let len = list.len() + more as usize;
            list.reserve_exact(more as usize + len / 8 + 4);
        }
        for (hash, seq) in ids {
            let (shard, entry) = self.entry(*hash, *seq);
            self.shards[shard].push(entry);
        }
        self.shards.iter_mut().for_each(|list| list.sort_unstable());
        self.len += ids.len() as u64;
    }

    /// `seq` lies at or above the day's first and less than 2³² above it.
    pub(in crate::sqlite) fn insert(&mut self, hash: IdHash, seq: u64) {
        let (shard, entry) = self.entry(hash, seq);
        let list = &mut self.shards[shard];
        if list.len() == list.capacity() {
            // Doubling would leave a third of the memory unused.
            list.reserve_exact(list.len() / 8 + 4);
        }
        let at = list.partition_point(|other| *other < entry);
        list.insert(at, entry);
        self.len += 1;
    }

    /// Takes back an insert.
    pub(in crate::sqlite) fn remove(&mut self, hash: IdHash, seq: u64) {
        let (shard, entry) = self.entry(hash, seq);
        if let Ok(at) = self.shards[shard].binary_search(&entry) {
            self.shards[shard].remove(at);
            self.len -= 1;
        }
    }

    fn entry(&self, hash: IdHash, seq: u64) -> (usize, u64) {
        let (shard, fingerprint) = Self::place(hash);
        let offset = u32::try_from(seq - self.first_seq).expect("a day holds less than 2^32 events");
        (shard, fingerprint | u64::from(offset))
    }

    const fn place(hash: IdHash) -> (usize, u64) {
        ((hash.0 >> FINGERPRINT_BITS) as usize, (hash.0 & u32::MAX as u64) << FINGERPRINT_BITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_all_with_the_hash_and_forgets_what_was_removed() {
        let mut set = DaySet::new(0, 100);
        let (hash, other) = (IdHash(0xffff_0000_0001), IdHash(0xffff_0000_0002));
        set.insert(hash, 100);
        set.insert(other, 101);
        set.insert(hash, 102);
        let mut found = Vec::new();
        set.find(hash, &mut found);
        assert_eq!(found, [100, 102]);
        set.remove(hash, 100);
        found.clear();
        set.find(hash, &mut found);
        assert_eq!((found.as_slice(), set.len()), ([102].as_slice(), 2));
    }

    #[test]
    fn many_at_once_are_as_if_one_by_one() {
        let mut random = fastrand::Rng::with_seed(1);
        let ids: Vec<(IdHash, u64)> = (0..200_000).map(|seq| (IdHash(random.u64(..1 << 48)), seq)).collect();
        let (mut singly, mut at_once) = (DaySet::new(0, 0), DaySet::new(0, 0));
        for (hash, seq) in &ids {
            singly.insert(*hash, *seq);
        }
        let (first, second) = ids.split_at(150_000);
        at_once.extend(first);
        at_once.extend(second);
        assert!(singly.sorted().eq(at_once.sorted()));
        assert_eq!(at_once.len(), 200_000);
        assert!(ids.iter().all(|(hash, _)| at_once.holds(*hash)));
    }
}
