//! Against a real nats-server, which these tests start, stop, and let stand still.

mod leases;
mod log;
mod server;
mod settings;
