//! What a client has done so far.

/// Counts of events in this process since the client was made (in a forked child: since the fork).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Waiting, those on their way included.
    pub queued: u64,
    /// Bytes of the events that wait.
    pub queued_bytes: u64,
    /// Accepted by the server.
    pub sent: u64,
    /// Lost before they were sent: the queue was full, `before_send` failed, or the client shut down too early.
    pub dropped: u64,
    /// Refused by the server for what they are (207, 400, 413).
    pub rejected: u64,
    /// Attempts that failed and were repeated.
    pub retries: u64,
    /// Withheld because `before_send` asked for it.
    pub filtered: u64,
}
