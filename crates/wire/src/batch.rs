//! The envelope of a batch, and the receipt that answers it.

use serde::{Deserialize, Serialize};

use crate::codes::{EventErrorCode, EventWarningCode};

/// By which way a batch came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// `POST /v1/ingest`, in this format.
    #[default]
    Ingest,
    /// OpenTelemetry: made from spans, log records or metrics.
    Otlp,
}

impl Source {
    pub const ALL: [Self; 2] = [Self::Ingest, Self::Otlp];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Otlp => "otlp",
        }
    }

    /// In stored data; never changes its meaning.
    pub const fn number(self) -> u8 {
        self as u8
    }

    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// Who sent the batch. Shared by all its events; defaults are filled in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Envelope {
    pub agent_id: Box<str>,
    pub agent_type: Box<str>,
    pub agent_version: Option<Box<str>>,
    pub framework: Box<str>,
    pub runtime: Option<Box<str>>,
    pub sdk_version: Option<Box<str>>,
    /// One UUID a process; absent from clients older than it.
    pub instance_id: Option<Box<str>>,
    pub environment: Box<str>,
    pub group: Box<str>,
    /// Said by the server, and by an import of what a server exported; never by agents.
    pub source: Source,
}

/// An event that was not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventProblem {
    /// Place in the batch, from 0.
    pub index: usize,
    /// As sent, when it could be read.
    pub event_id: Option<String>,
    pub error: EventErrorCode,
    pub message: String,
}

/// An event that was stored although something about it was odd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventWarning {
    pub index: usize,
    pub event_id: Option<String>,
    pub warning: EventWarningCode,
    pub message: String,
}

/// Answer to a batch: 200 when `rejected` is 0, else 207. A repeated event counts as accepted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Receipt {
    pub accepted: usize,
    pub rejected: usize,
    pub warnings: Vec<EventWarning>,
    pub errors: Vec<EventProblem>,
}
