//! Which time the blocks of a day tell of, some dozens at a time: a window of an hour is found without going through the rows of a whole day, and
//! calls and failures need no index by time.
//!
//! Learnt from the rows of blocks when first asked for, and kept: 32 bytes for so many blocks.

use std::{
    ops::Range,
    sync::{Mutex, PoisonError},
};

use rusqlite::Connection;

use super::search::SeqRange;
use crate::Result;

/// Blocks that are told of together.
const BLOCKS: usize = 16;

#[derive(Default)]
pub(super) struct Zones(Mutex<Vec<Zone>>);

/// Blocks that follow on each other, of whatever scopes; those that went meanwhile count in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Zone {
    first_id: i64,
    /// The first block that is not in it.
    end_id: i64,
    least_timestamp: i64,
    greatest_timestamp: i64,
}

/// Numbers in a row, and the time in which everything happened that has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) first_seq: i64,
    pub(super) last_seq: i64,
    pub(super) least_timestamp: i64,
    pub(super) greatest_timestamp: i64,
}

impl Zones {
    /// Learns anew what it is asked for next.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Stretches outside of which nothing of a scope happened in that time, ascending: whole zones where they lie within it, and single
    /// blocks where it begins and ends.
    pub(super) fn stretches(&self, connection: &Connection, scope: u32, time: &Range<i64>) -> Result<Vec<Stretch>> {
        let (meant, rest) = {
            let mut zones = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            learn(connection, &mut zones)?;
            let meant: Vec<Zone> = zones.iter().filter(|zone| zone.tells_of(time)).copied().collect();
            (meant, zones.last().map_or(0, |last| last.end_id))
        };
        let mut blocks = connection.prepare_cached(
            "SELECT id, last_seq, least_timestamp, greatest_timestamp FROM block
                WHERE id >= ?1 AND id < ?2 AND scope = ?3 AND greatest_timestamp >= ?4 AND least_timestamp < ?5 ORDER BY id",
        )?;
        let mut stretches = Vec::new();
        let mut add_blocks = |from: i64, end: i64, stretches: &mut Vec<Stretch>| -> Result<()> {
            let found = blocks.query_map((from, end, scope, time.start, time.end), |row| {
                Ok(Stretch {
                    first_seq: row.get(0)?,
                    last_seq: row.get(1)?,
                    least_timestamp: row.get(2)?,
                    greatest_timestamp: row.get(3)?,
                })
            })?;
            for stretch in found {
                stretches.push(stretch?);
            }
            Ok(())
        };
        for zone in meant {
            if zone.least_timestamp >= time.start && zone.greatest_timestamp < time.end {
                stretches.push(Stretch {
                    first_seq: zone.first_id,
                    last_seq: zone.end_id - 1,
                    least_timestamp: zone.least_timestamp,
                    greatest_timestamp: zone.greatest_timestamp,
                });
            } else {
                add_blocks(zone.first_id, zone.end_id, &mut stretches)?;
            }
        }
        add_blocks(rest, i64::MAX, &mut stretches)?;
        Ok(stretches)
    }

    /// The parts of a range of `seq`, ascending, outside of which nothing happened in that time. The newest blocks, too few for a zone, are
    /// always among them.
    pub(super) fn within(&self, connection: &Connection, range: SeqRange, time: Range<i64>) -> Result<Vec<SeqRange>> {
        let mut zones = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        learn(connection, &mut zones)?;
        let rest = zones.last().map_or(0, |last| last.end_id as u64);
        let meant = zones.iter().filter(|zone| zone.tells_of(&time));
        let meant = meant.map(|zone| (zone.first_id as u64, zone.end_id as u64 - 1)).chain([(rest, u64::MAX)]);
        let mut parts: Vec<SeqRange> = Vec::new();
        for (first, last) in meant.map(|(first, last)| (first.max(range.0), last.min(range.1))) {
            match parts.last_mut() {
                _ if first > last => {}
                Some(before) if before.1 + 1 == first => before.1 = last,
                _ => parts.push((first, last)),
            }
        }
        Ok(parts)
    }
}

impl Zone {
    const fn tells_of(&self, time: &Range<i64>) -> bool {
        self.greatest_timestamp >= time.start && self.least_timestamp < time.end
    }
}

/// Takes in zones that are complete by now.
fn learn(connection: &Connection, zones: &mut Vec<Zone>) -> Result<()> {
    let from = zones.last().map_or(0, |last| last.end_id);
    let mut statement = connection.prepare_cached(
        "SELECT id, last_seq, least_timestamp, greatest_timestamp FROM block WHERE id >= ?1 ORDER BY id",
    )?;
    let mut rows = statement.query([from])?;
    let mut open: Option<(usize, Zone)> = None;
    while let Some(row) = rows.next()? {
        let zone = Zone {
            first_id: row.get(0)?,
            end_id: row.get::<_, i64>(1)? + 1,
            least_timestamp: row.get(2)?,
            greatest_timestamp: row.get(3)?,
        };
        let (blocks, all) = open.get_or_insert((0, zone));
        *blocks += 1;
        all.end_id = zone.end_id;
        all.least_timestamp = all.least_timestamp.min(zone.least_timestamp);
        all.greatest_timestamp = all.greatest_timestamp.max(zone.greatest_timestamp);
        if *blocks == BLOCKS {
            zones.extend(open.take().map(|(_, zone)| zone));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_block_of_the_time_is_left_out(
            times in proptest::collection::vec((0_i64..1_000, 0_i64..50), 0..400), start in 0_i64..1_000, length in 1_i64..300,
            (first, last) in (0_u64..1_200, 0_u64..1_200), known in 0_usize..400,
        ) {
            let connection = Connection::open_in_memory().unwrap();
            connection.execute_batch("CREATE TABLE block(id INTEGER PRIMARY KEY, last_seq, least_timestamp, greatest_timestamp, scope DEFAULT 1)").unwrap();
            let zones = Zones::default();
            for (number, (least, span)) in (0_i64..).zip(&times) {
                if number as usize == known {
                    zones.within(&connection, (0, u64::MAX), 0..1).unwrap();
                }
                // Numbers that no block has any more lie between.
                connection.execute("INSERT INTO block VALUES (?1, ?2, ?3, ?4, 1)", (number * 3 + 1, number * 3 + 2, least, least + span)).unwrap();
            }
            let parts = zones.within(&connection, (first, last), start..start + length).unwrap();
            prop_assert!(parts.windows(2).all(|two| two[0].1 < two[1].0) && parts.iter().all(|(from, to)| from <= to && *from >= first && *to <= last));
            for (number, (least, span)) in (0_u64..).zip(&times) {
                let is_meant = least + span >= start && *least < start + length;
                for seq in [number * 3 + 1, number * 3 + 2].into_iter().filter(|seq| (first..=last).contains(seq)) {
                    prop_assert!(!is_meant || parts.iter().any(|(from, to)| (from..=to).contains(&&seq)), "{seq}");
                }
            }
            let stretches = zones.stretches(&connection, 1, &(start..start + length)).unwrap();
            prop_assert!(stretches.windows(2).all(|two| two[0].last_seq < two[1].first_seq));
            for (number, (least, span)) in (0_i64..).zip(&times) {
                let is_meant = least + span >= start && *least < start + length;
                let its = |stretch: &&Stretch| stretch.first_seq <= number * 3 + 1 && stretch.last_seq >= number * 3 + 2;
                match stretches.iter().find(its) {
                    Some(stretch) => prop_assert!(stretch.least_timestamp <= *least && stretch.greatest_timestamp >= least + span),
                    None => prop_assert!(!is_meant, "{number}"),
                }
            }
            prop_assert!(zones.stretches(&connection, 2, &(0..1)).unwrap().iter().all(|stretch| stretch.least_timestamp < 1));
            if times.len() >= 2 * BLOCKS && (first, last) == (0, 1_199) {
                prop_assert!(!parts.is_empty());
            }
        }
    }

    #[test]
    fn a_window_leads_to_its_part_of_the_day() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE block(id INTEGER PRIMARY KEY, last_seq, least_timestamp, greatest_timestamp, scope DEFAULT 1)")
            .unwrap();
        for number in 0..1_000_i64 {
            connection.execute("INSERT INTO block VALUES (?1, ?2, ?1, ?2, 1)", (number * 10, number * 10 + 9)).unwrap();
        }
        let parts = Zones::default().within(&connection, (0, u64::MAX), 3_000..3_100).unwrap();
        assert_eq!(parts, [(2_880, 3_199), (9_920, u64::MAX)]);
        // At its ends block by block, and zones whole between.
        let stretches = Zones::default().stretches(&connection, 1, &(3_195..3_875)).unwrap();
        let ends = |stretch: &Stretch| (stretch.first_seq, stretch.last_seq);
        assert_eq!(
            stretches.iter().map(ends).take(3).collect::<Vec<_>>(),
            [(3_190, 3_199), (3_200, 3_359), (3_360, 3_519)]
        );
        assert_eq!(stretches.last().map(ends), Some((3_870, 3_879)));
    }
}
