//! Prices of models: a workspace's own, and the table that all share where it was updated.

use hiveboard_wire::{Timestamp, WorkspaceId};

use crate::Result;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPriceRecord {
    /// Lower case; `*` stands for any text.
    pub pattern: String,
    /// JSON, opaque to the settings.
    pub rates: String,
    pub changed_at: Timestamp,
}

pub trait Prices {
    /// By pattern.
    fn own_prices(&self, workspace: WorkspaceId) -> Result<Vec<OwnPriceRecord>>;

    fn set_own_price(&self, workspace: WorkspaceId, price: &OwnPriceRecord) -> Result<()>;

    /// `false` when there was none.
    fn remove_own_price(&self, workspace: WorkspaceId, pattern: &str) -> Result<bool>;

    /// The table that replaces the shipped one for all workspaces; `None` where it was never updated.
    fn price_table(&self) -> Result<Option<String>>;

    fn set_price_table(&self, text: Option<&str>) -> Result<()>;
}
