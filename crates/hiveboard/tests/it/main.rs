//! The server as its users meet it: real sockets, a real data directory, every route.

mod access;
mod alerts;
mod app;
mod connections;
mod document;
mod errors;
mod export;
mod failures;
mod figures;
mod figures_documented;
mod insights;
mod isolation;
mod lost_projections;
mod otlp;
mod pages;
mod panics;
mod people;
mod prices;
mod projects;
mod search;
mod security_documented;
mod settings_documented;
mod stream;
mod timeline;
