//! The settings: alone in a file, and as copies on several nodes. The same operations are carried out in both ways.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod cluster;
mod everything;
mod files;
mod shared_log;
mod support;

mod alone {
    use std::time::Duration;

    use hiveboard_settings::{
        AuditLog, DEFAULT_WORKSPACE, Invitations, KeyKind, Keys, Members, People, Projects, Role, SetUp, Workspaces,
    };
    use hiveboard_wire::{Mode, Scope, Timestamp};

    use crate::support::{alone as settings, person};

    include!("operations.rs");
}

/// Whatever is done on one node is on every other one as well: each file is compared in the end.
mod in_a_cluster {
    use std::time::Duration;

    use hiveboard_settings::{
        AuditLog, DEFAULT_WORKSPACE, Invitations, KeyKind, Keys, Members, People, Projects, Role, SetUp, Workspaces,
    };
    use hiveboard_wire::{Mode, Scope, Timestamp};

    use crate::support::{in_a_cluster as settings, person};

    include!("operations.rs");
}
