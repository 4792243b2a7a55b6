//! The table of kinds: the 13 event types, severities, and the well-known payload kinds of `custom` events.

use serde::{Deserialize, Serialize};

macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident => $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// `None` for a text that is not one of these.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }

            /// The number it is stored as; see [`Self::from_number`].
            pub const fn number(self) -> u8 {
                self as u8
            }

            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.get(usize::from(number)).copied()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

text_enum! {
    /// The 13 event types. Stored by number: only ever append.
    EventType {
        AgentRegistered => "agent_registered",
        Heartbeat => "heartbeat",
        TaskStarted => "task_started",
        TaskCompleted => "task_completed",
        TaskFailed => "task_failed",
        ActionStarted => "action_started",
        ActionCompleted => "action_completed",
        ActionFailed => "action_failed",
        Escalated => "escalated",
        ApprovalRequested => "approval_requested",
        ApprovalReceived => "approval_received",
        RetryStarted => "retry_started",
        Custom => "custom",
    }
}

text_enum! {
    /// Ordered: debug < info < warn < error.
    Severity {
        Debug => "debug",
        Info => "info",
        Warn => "warn",
        Error => "error",
    }
}

text_enum! {
    /// Well-known payload kinds (`payload.kind`). Stored by number: only ever append.
    Kind {
        LlmCall => "llm_call",
        PlanCreated => "plan_created",
        PlanStep => "plan_step",
        QueueSnapshot => "queue_snapshot",
        Todo => "todo",
        Scheduled => "scheduled",
        Issue => "issue",
        HeartbeatStatus => "heartbeat_status",
    }
}

/// Longest identifiers and labels, in characters.
pub mod limits {
    pub const EVENT_ID_CHARS: usize = 128;
    pub const AGENT_ID_CHARS: usize = 256;
    pub const ENVIRONMENT_CHARS: usize = 64;
    pub const GROUP_CHARS: usize = 128;
    /// Every other identifier and label of an event or envelope.
    pub const LABEL_CHARS: usize = 256;
    /// A payload, serialised compactly as UTF-8.
    pub const PAYLOAD_BYTES: usize = 32 * 1024;
    pub const PAYLOAD_DEPTH: usize = 64;
    pub const BATCH_EVENTS: usize = 500;
    /// A request body after decompression.
    pub const BATCH_BYTES: usize = 1024 * 1024;
    /// How far ahead of the server a timestamp may lie.
    pub const FUTURE_SECONDS: i64 = 24 * 3600;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_round_trip() {
        for one in EventType::ALL {
            assert_eq!(EventType::from_number(one.number()), Some(*one));
            assert_eq!(EventType::parse(one.as_str()), Some(*one));
        }
        for one in Kind::ALL {
            assert_eq!(Kind::from_number(one.number()), Some(*one));
            assert_eq!(Kind::parse(one.as_str()), Some(*one));
        }
        assert_eq!(EventType::ALL.len(), 13);
        assert!(Severity::Debug < Severity::Error);
    }
}
