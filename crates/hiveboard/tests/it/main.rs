//! The server as its users meet it: real sockets, a real data directory, every route.

mod access;
mod app;
mod document;
mod errors;
mod export;
mod figures;
mod insights;
mod otlp;
mod pages;
mod panics;
mod prices;
mod search;
mod stream;
mod timeline;
