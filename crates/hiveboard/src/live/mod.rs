//! What is pushed: [`hub`] collects and sends out, [`socket`] is one reader, [`filter`] what a reader wants.

mod filter;
mod frame;
mod hub;
pub mod socket;

pub use frame::Frame;
pub use hub::Hub;
