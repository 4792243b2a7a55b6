//! The price table in force.

use hiveboard_derive::pricing::PriceTable;
use hiveboard_wire::{Body, CallCost};

pub struct Prices {
    table: PriceTable,
}

impl Prices {
    pub fn shipped() -> Self {
        Self { table: PriceTable::shipped() }
    }

    /// The cost of a model call; `None` for anything else.
    pub fn cost_of(&self, body: &Body) -> Option<CallCost> {
        match body {
            Body::LlmCall(call) => Some(self.table.cost(call)),
            _ => None,
        }
    }
}
