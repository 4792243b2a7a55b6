//! How long events are kept, where it differs from the server's default.

use hiveboard_wire::Scope;

use crate::Result;

pub trait Retentions {
    /// Days after the day of arrival, for those workspaces and modes that say so.
    fn retentions(&self) -> Result<Vec<(Scope, u16)>>;

    /// `None` goes back to the server's default.
    fn set_retention(&self, scope: Scope, days: Option<u16>) -> Result<()>;
}
