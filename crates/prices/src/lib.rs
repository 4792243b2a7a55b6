//! What model calls cost where the agent did not say: the table, matching, kinds of tokens, and the explanation.
//!
//! A model is priced by its own row or not at all: a name matches a row exactly, or after parts that do not change the model (provider,
//! region, date) were taken off its ends. Rows of the workspace's own come before the shipped ones.

mod estimate;
mod names;
mod rates;
mod table;
mod usage;

pub use estimate::{Explanation, MatchedRow, Share, explain};
pub use names::{Anchor, matches};
pub use rates::{LongContext, Rates, TokenKind};
pub use table::{
    BadTable, Difference, Found, OwnPrice, PriceTable, Row, Rows, Source, difference, merged, parse, write,
};
pub use usage::Usage;
