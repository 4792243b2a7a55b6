//! Sums of calls by bucket of time, kept in the commit that brings the calls.

use std::collections::HashMap;

use hiveboard_wire::{CallCost, CostSource};
use rusqlite::{Connection, params};

use crate::{Result, sqlite::calls::GRAINS};

/// The texts of a call, as dictionary numbers; zero for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Texts {
    pub(super) agent: i64,
    pub(super) project: i64,
    pub(super) task_type: i64,
    pub(super) model: i64,
    pub(super) environment: i64,
    pub(super) group: i64,
    pub(super) version: i64,
}

#[derive(Default)]
struct Sums {
    calls: i64,
    cost: i64,
    estimated_cost: i64,
    tokens_in: i64,
    tokens_out: i64,
}

/// What one append adds, a row of the finest grain.
#[derive(Default)]
pub(super) struct Totals {
    sums: HashMap<(u32, i64, Texts), Sums>,
}

impl Totals {
    pub(super) fn begin(&mut self) {
        self.sums.clear();
    }

    pub(super) fn add(&mut self, scope: u32, timestamp: i64, texts: Texts, cost: CallCost, tokens: (i64, i64)) {
        let finest = GRAINS[GRAINS.len() - 1];
        let sums = self.sums.entry((scope, floor(timestamp, finest), texts)).or_default();
        sums.calls += 1;
        sums.cost = sums.cost.saturating_add(cost.amount.0);
        if cost.source == CostSource::Estimated {
            sums.estimated_cost = sums.estimated_cost.saturating_add(cost.amount.0);
        }
        sums.tokens_in = sums.tokens_in.saturating_add(tokens.0);
        sums.tokens_out = sums.tokens_out.saturating_add(tokens.1);
    }

    pub(super) fn write(&self, connection: &Connection) -> Result<()> {
        if self.sums.is_empty() {
            return Ok(());
        }
        // Integers that overflow turn into reals in SQLite; min() brings them back.
        let mut statement = connection.prepare_cached(
            "INSERT INTO call_total VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT DO UPDATE SET
                calls = calls + excluded.calls,
                cost = min(cost + excluded.cost, 1 << 62),
                estimated_cost = min(estimated_cost + excluded.estimated_cost, 1 << 62),
                tokens_in = min(tokens_in + excluded.tokens_in, 1 << 62),
                tokens_out = min(tokens_out + excluded.tokens_out, 1 << 62)",
        )?;
        for grain in GRAINS {
            for ((scope, bucket, texts), sums) in &self.sums {
                statement.execute(params![
                    scope,
                    grain,
                    floor(*bucket, grain),
                    texts.agent,
                    texts.project,
                    texts.task_type,
                    texts.model,
                    texts.environment,
                    texts.group,
                    texts.version,
                    sums.calls,
                    sums.cost.min(1 << 62),
                    sums.estimated_cost.min(1 << 62),
                    sums.tokens_in.min(1 << 62),
                    sums.tokens_out.min(1 << 62)
                ])?;
            }
        }
        Ok(())
    }
}

fn floor(timestamp: i64, grain: i64) -> i64 {
    timestamp - timestamp.rem_euclid(grain)
}
