//! A panic on purpose in the middle of a fold, so that a test can look at what is left of it. Debug builds alone know it.

/// Holds the `seq` of the event after whose fold the writer panics.
#[cfg(debug_assertions)]
const VARIABLE: &str = "HIVEBOARD_TEST_PANIC_AFTER_SEQ";

#[derive(Default)]
pub(super) struct Trip {
    #[cfg(debug_assertions)]
    after_seq: Option<u64>,
}

#[cfg(debug_assertions)]
impl Trip {
    pub(super) fn from_environment() -> Self {
        Self { after_seq: std::env::var(VARIABLE).ok().and_then(|seq| seq.parse().ok()) }
    }

    /// That event is folded in.
    pub(super) fn folded(&self, seq: u64) {
        assert!(self.after_seq != Some(seq), "{VARIABLE} asks for a panic after event {seq}");
    }
}

#[cfg(not(debug_assertions))]
#[expect(clippy::unused_self, reason = "the debug build looks at it")]
impl Trip {
    pub(super) fn from_environment() -> Self {
        Self::default()
    }

    pub(super) const fn folded(&self, _seq: u64) {}
}
