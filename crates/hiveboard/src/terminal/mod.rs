//! Text for people at a terminal: figures, colours, tables, and nothing that an agent's words could do to the screen.

pub mod clean;
pub mod event_line;
pub mod figures;
pub mod output;
pub mod story;
pub mod style;
pub mod table;
