//! The prices in force: the shared table, and before it what each workspace set for itself.

use std::{collections::HashMap, sync::Arc};

use hiveboard_prices::{OwnPrice, PriceTable, Rows, parse};
use hiveboard_settings::{OwnPriceRecord, Settings};
use hiveboard_wire::{Body, CallCost, WorkspaceId};
use parking_lot::RwLock;

pub struct Prices {
    settings: Arc<dyn Settings>,
    tables: RwLock<HashMap<WorkspaceId, Arc<PriceTable>>>,
    /// The updated shared table, as text and read: settings change far more often than it.
    updated: RwLock<Option<(String, Arc<Rows>)>>,
}

impl Prices {
    pub fn new(settings: Arc<dyn Settings>) -> Self {
        Self { settings, tables: RwLock::default(), updated: RwLock::default() }
    }

    /// The table of a workspace. Where the settings cannot be read, the shipped prices hold, and it is tried again.
    pub fn of(&self, workspace: WorkspaceId) -> Arc<PriceTable> {
        if let Some(known) = self.tables.read().get(&workspace) {
            return Arc::clone(known);
        }
        match self.load(workspace) {
            Ok(table) => {
                let table = Arc::new(table);
                self.tables.write().insert(workspace, Arc::clone(&table));
                table
            }
            Err(error) => {
                tracing::warn!(%error, "a workspace's own prices could not be read; the shipped ones hold meanwhile");
                Arc::new(PriceTable::shipped())
            }
        }
    }

    fn load(&self, workspace: WorkspaceId) -> hiveboard_settings::Result<PriceTable> {
        let shared = self.shared()?;
        let own = self.settings.own_prices(workspace)?;
        Ok(shared.with_own(own.iter().filter_map(read_own).collect()))
    }

    /// The table before any workspace's own prices.
    fn shared(&self) -> hiveboard_settings::Result<PriceTable> {
        let Some(text) = self.settings.price_table()? else { return Ok(PriceTable::shipped()) };
        if let Some((known, rows)) = &*self.updated.read()
            && *known == text
        {
            return Ok(PriceTable::of(Arc::clone(rows)));
        }
        match parse(&text) {
            Ok(rows) => {
                let rows = Arc::new(rows);
                *self.updated.write() = Some((text, Arc::clone(&rows)));
                Ok(PriceTable::of(rows))
            }
            Err(error) => {
                tracing::warn!(%error, "the updated price table cannot be read; the shipped one holds");
                Ok(PriceTable::shipped())
            }
        }
    }

    /// Forgets what was read, when the settings were changed.
    pub fn forget(&self) {
        self.tables.write().clear();
    }

    /// The cost of a model call; `None` for anything else.
    pub fn cost_of(&self, workspace: WorkspaceId, body: &Body) -> Option<CallCost> {
        match body {
            Body::LlmCall(call) => Some(self.of(workspace).cost(call)),
            _ => None,
        }
    }
}

fn read_own(record: &OwnPriceRecord) -> Option<OwnPrice> {
    let rates = serde_json::from_str(&record.rates).ok()?;
    let as_of = record.changed_at.to_string().get(..10)?.to_owned();
    Some(OwnPrice { pattern: record.pattern.clone(), rates, as_of })
}
