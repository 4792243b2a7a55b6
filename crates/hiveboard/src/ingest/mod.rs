//! The way in: a body ([`http`]) becomes events ([`decode`]) that may be stored ([`admission`]).

pub mod admission;
mod decode;
pub(crate) mod http;
pub mod otlp;
