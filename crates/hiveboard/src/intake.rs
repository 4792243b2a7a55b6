//! Where what was admitted goes: into the server's own store, or into the log of a cluster.

use std::sync::Arc;

use hiveboard_store::Batch;

use crate::{caller::CallerId, cluster::intake::LogIntake, error::ApiError, write_path::WritePath};

pub enum Intake {
    Store(Arc<WritePath>),
    Log(LogIntake),
}

impl Intake {
    /// Takes all batches, or none; answers when their events are durable, and every reader from then on finds them. Repeated events change
    /// nothing; where one says something else than the stored event of its id, and that is known already, the answer tells its place in its batch.
    pub(crate) async fn append(&self, caller: CallerId, batches: Vec<Batch>) -> Result<Vec<Vec<usize>>, ApiError> {
        match self {
            Self::Store(write_path) => write_path.append(caller, batches).await,
            Self::Log(log) => log.append(&batches).await.map(|()| Vec::new()),
        }
    }
}
