//! Prices in `settings.db`.

use hiveboard_wire::{Timestamp, WorkspaceId};
use rusqlite::{OptionalExtension, params};

use super::SqliteSettings;
use crate::{OwnPriceRecord, Prices, Result};

impl Prices for SqliteSettings {
    fn own_prices(&self, workspace: WorkspaceId) -> Result<Vec<OwnPriceRecord>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT pattern, rates, changed_at FROM own_prices WHERE workspace = ?1 ORDER BY pattern",
        )?;
        let rows = statement.query_map([workspace.0], |row| {
            Ok(OwnPriceRecord { pattern: row.get(0)?, rates: row.get(1)?, changed_at: Timestamp(row.get(2)?) })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn set_own_price(&self, workspace: WorkspaceId, price: &OwnPriceRecord) -> Result<()> {
        self.write(|writing| {
            writing.execute(
                "INSERT OR REPLACE INTO own_prices(workspace, pattern, rates, changed_at) VALUES (?1, ?2, ?3, ?4)",
                params![workspace.0, price.pattern, price.rates, price.changed_at.0],
            )
        })?;
        self.changed();
        Ok(())
    }

    fn remove_own_price(&self, workspace: WorkspaceId, pattern: &str) -> Result<bool> {
        let sql = "DELETE FROM own_prices WHERE workspace = ?1 AND pattern = ?2";
        let removed = self.write(|writing| writing.execute(sql, params![workspace.0, pattern]))?;
        self.changed();
        Ok(removed == 1)
    }

    fn price_table(&self) -> Result<Option<String>> {
        Ok(self.reading().query_row("SELECT text FROM price_table", [], |row| row.get(0)).optional()?)
    }

    fn set_price_table(&self, text: Option<&str>) -> Result<()> {
        self.write(|writing| match text {
            Some(text) => {
                writing.execute("INSERT OR REPLACE INTO price_table(only_one, text) VALUES (1, ?1)", params![text])
            }
            None => writing.execute("DELETE FROM price_table", &[]),
        })?;
        self.changed();
        Ok(())
    }
}
