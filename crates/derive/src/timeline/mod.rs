//! One run from its events.
