//! Who asks.

/// Whom rates are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallerId {
    Key(u128),
    Session(u128),
}
