//! The blocks that references lead to: what is recent from memory, the rest from the table, page by page.

use std::fmt::Write;

use rusqlite::{Connection, ToSql};

use crate::{Result, sqlite::day::Day};

const FIRST_PAGE: i64 = 64;
const LARGEST_PAGE: i64 = 4096;

/// Ids of blocks in one direction.
pub(super) struct ListedBlocks<'p> {
    sets: &'p [Vec<i64>],
    newest_first: bool,
    /// Where the table goes on: below (newest first), or from (oldest first).
    bound: i64,
    /// Blocks from here on were in memory.
    recent_from: i64,
    recent: Vec<i64>,
    /// Ids at hand, the next one last.
    at_hand: Vec<i64>,
    page: i64,
    table_is_done: bool,
}

impl<'p> ListedBlocks<'p> {
    /// `bound`: exclusive when newest first, otherwise inclusive. To be made before the table is read: what leaves memory is in the table by then.
    pub(super) fn new(day: &Day, sets: &'p [Vec<i64>], newest_first: bool, bound: i64) -> Self {
        let (recent_from, mut recent) = day.recent.blocks(sets);
        recent.retain(|block| if newest_first { *block < bound } else { *block >= bound });
        let bound = if newest_first { bound.min(recent_from) } else { bound };
        let mut listed = Self {
            sets,
            newest_first,
            bound,
            recent_from,
            recent,
            at_hand: Vec::new(),
            page: FIRST_PAGE,
            table_is_done: false,
        };
        if newest_first {
            listed.at_hand = std::mem::take(&mut listed.recent);
        }
        listed
    }

    pub(super) fn next(&mut self, connection: &Connection) -> Result<Option<i64>> {
        loop {
            if let Some(block) = self.at_hand.pop() {
                return Ok(Some(block));
            }
            if !self.table_is_done {
                self.read_page(connection)?;
            } else if self.recent.is_empty() {
                return Ok(None);
            } else {
                self.recent.reverse();
                self.at_hand = std::mem::take(&mut self.recent);
            }
        }
    }

    fn read_page(&mut self, connection: &Connection) -> Result<()> {
        let sizes: Vec<usize> = self.sets.iter().map(Vec::len).collect();
        let mut statement = connection.prepare_cached(&page_statement(&sizes, self.newest_first))?;
        let mut parameters: Vec<&dyn ToSql> = vec![&self.bound, &self.recent_from, &self.page];
        parameters.extend(self.sets.iter().flatten().map(|key| key as &dyn ToSql));
        let mut blocks: Vec<i64> =
            statement.query_map(parameters.as_slice(), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        drop(parameters);
        self.table_is_done = (blocks.len() as i64) < self.page;
        if let Some(last) = blocks.last() {
            self.bound = if self.newest_first { *last } else { *last + 1 };
        }
        self.page = (self.page * 4).min(LARGEST_PAGE);
        blocks.reverse();
        self.at_hand = blocks;
        Ok(())
    }
}

/// A page of blocks listed under one of the first set, and one of the second where there is one. `?1`: the bound, `?2`: the end of the table,
/// `?3`: how many; then the references.
pub(in crate::sqlite) fn page_statement(sizes: &[usize], newest_first: bool) -> String {
    let (from, direction) = if newest_first { ("block < ?1", "DESC") } else { ("block >= ?1", "ASC") };
    let first = sizes.first().copied().unwrap_or(0);
    let mut also = String::new();
    if let Some(second) = sizes.get(1) {
        let keys: Vec<String> = (0..*second).map(|place| format!("?{}", 4 + first + place)).collect();
        let _infallible = write!(
            also,
            " AND EXISTS (SELECT 1 FROM reference s WHERE s.key IN ({}) AND s.block = r.block)",
            keys.join(", ")
        );
    }
    let selects: Vec<String> = (0..first)
        .map(|place| {
            format!("SELECT block FROM reference r WHERE key = ?{} AND {from} AND block < ?2{also}", 4 + place)
        })
        .collect();
    format!("{} ORDER BY block {direction} LIMIT ?3", selects.join(" UNION "))
}
