//! What text search means, once for all lists: two texts are alike when they are alike to a reader.
//!
//! [`fold`] is the rule: Unicode's canonical caseless matching (full case folding, composed and decomposed forms alike). A text is found
//! where the folded [`Needle`] stands in a folded value. A payload's values are its strings, numbers and literals, not the names of its
//! members, and whatever escapes its JSON is written with.

mod fold;
mod needle;
mod values;

pub use fold::{composed, fold, fold_into};
pub use needle::Needle;
pub use values::{RawValue, RawValues, for_each_folded_value, unescape};

/// Longest text that is looked for, in characters.
pub const MOST_CHARACTERS: usize = 200;
