//! Money: integers, so that sums do not depend on the order of addition.

use serde::{Deserialize, Serialize, Serializer};

/// Nano-dollars to two places: the integer counts hundredths of 10⁻⁹ US dollars, for a token of a cheap model costs a fraction of one, and ten
/// thousand of them are a figure. Serialised as a JSON number of dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
#[serde(transparent)]
pub struct NanoDollars(pub i64);

/// The largest cost taken from a single event, in dollars; more is a malformed figure.
pub const MAX_COST_DOLLARS: f64 = 1_000_000.0;

impl NanoDollars {
    /// How many make a dollar.
    pub const PER_DOLLAR: f64 = 1e11;

    /// `None` for what cannot be a cost: negative, not finite, or above [`MAX_COST_DOLLARS`].
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        (dollars.is_finite() && (0.0..=MAX_COST_DOLLARS).contains(&dollars))
            .then(|| Self((dollars * Self::PER_DOLLAR).round() as i64))
    }

    pub fn dollars(self) -> f64 {
        self.0 as f64 / Self::PER_DOLLAR
    }
}

impl std::ops::AddAssign for NanoDollars {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}

impl std::iter::Sum for NanoDollars {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self(iter.fold(0, |total, one| total.saturating_add(one.0)))
    }
}

impl Serialize for NanoDollars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.dollars())
    }
}

/// Where the cost of a call comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum CostSource {
    /// The agent said it.
    Reported,
    /// The server multiplied tokens with its price table.
    Estimated,
    /// Neither; the amount is zero and shown as absent.
    Unknown,
}

/// What a model call cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCost {
    pub amount: NanoDollars,
    pub source: CostSource,
}
