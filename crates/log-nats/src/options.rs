//! What can be set about the log.

use std::{path::PathBuf, time::Duration};

/// Where NATS is, how to get in, and what a new cluster's streams are like.
#[derive(Debug, Clone)]
pub struct NatsOptions {
    /// `nats://host:4222` or `tls://host:4222`; servers of one NATS cluster.
    pub urls: Vec<String>,
    pub access: Access,
    /// PEM of the authority that signed the servers' certificates, where it is not one of the system's; asks for TLS.
    pub ca_file: Option<PathBuf>,
    /// How many NATS servers keep each stream and bucket: 1, 3 or 5.
    pub replicas: u8,
    /// Begins the names of all streams, buckets and subjects, so that several clusters can share a NATS.
    pub prefix: String,
    /// Partitions of a new cluster; fixed from then on. `None`: as it was made, or [`NatsOptions::PARTITIONS`].
    pub partitions: Option<u16>,
    /// How long the log holds what arrived. What is not stored by then is lost.
    pub max_age: Duration,
    /// Bytes each partition's stream may hold; above that, ingest is refused until the owner has stored something.
    pub max_bytes: u64,
    /// How long a publish, or any other question, waits for NATS before it is refused.
    pub patience: Duration,
}

/// How to get in. Never shown.
#[derive(Clone, Default)]
pub enum Access {
    #[default]
    Open,
    Password {
        user: String,
        password: String,
    },
    Token(String),
    /// A `.creds` file: a JWT and the seed of its key.
    CredentialsFile(PathBuf),
}

impl std::fmt::Debug for Access {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Open => "Open",
            Self::Password { .. } => "Password(..)",
            Self::Token(_) => "Token(..)",
            Self::CredentialsFile(_) => "CredentialsFile(..)",
        })
    }
}

impl NatsOptions {
    /// Of a cluster that says nothing else.
    pub const PARTITIONS: u16 = 8;
}

impl Default for NatsOptions {
    fn default() -> Self {
        Self {
            urls: vec!["nats://127.0.0.1:4222".to_owned()],
            access: Access::Open,
            ca_file: None,
            replicas: 1,
            prefix: "hiveboard".to_owned(),
            partitions: None,
            max_age: Duration::from_secs(7 * 24 * 3_600),
            max_bytes: 4 << 30,
            patience: Duration::from_secs(5),
        }
    }
}
