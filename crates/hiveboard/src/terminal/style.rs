//! Colours. They never say anything alone: a word or a mark stands beside each.

use anstyle::{AnsiColor, Style};

pub const PLAIN: Style = Style::new();
pub const DIM: Style = Style::new().dimmed();
pub const BOLD: Style = Style::new().bold();
pub const HEADING: Style = Style::new().dimmed();
pub const GOOD: Style = AnsiColor::Green.on_default();
pub const WORKING: Style = AnsiColor::Blue.on_default();
pub const WAITING: Style = AnsiColor::Yellow.on_default();
pub const BAD: Style = AnsiColor::Red.on_default();
pub const WORST: Style = AnsiColor::Red.on_default().bold();
pub const MODEL: Style = AnsiColor::Magenta.on_default();

/// Of agents, runs, plan steps, spans and alerts alike.
pub fn of_status(status: &str) -> Style {
    match status {
        "stuck" | "critical" => WORST,
        "error" | "failed" | "firing" => BAD,
        "waiting_approval" | "waiting" | "escalated" | "warning" | "warn" => WAITING,
        "processing" | "started" | "open" | "info" => WORKING,
        "completed" | "done" | "resolved" => GOOD,
        "idle" | "gone" | "cancelled" | "skipped" | "pending" | "debug" | "unknown" => DIM,
        _ => PLAIN,
    }
}

/// The same as a mark.
pub fn mark(status: &str) -> &'static str {
    match status {
        "stuck" | "critical" => "✖",
        "error" | "failed" | "firing" => "✗",
        "waiting_approval" | "waiting" | "escalated" | "warning" | "warn" => "?",
        "processing" | "started" | "open" | "info" => "▶",
        "completed" | "done" | "resolved" => "✓",
        "skipped" | "cancelled" => "⊘",
        _ => "·",
    }
}

/// What a status is called in a table.
pub fn word(status: &str) -> &str {
    match status {
        "waiting_approval" => "waiting",
        other => other,
    }
}

/// A text in a style, for whoever strips it where there are no colours.
pub fn paint(style: Style, text: &str) -> String {
    if style.is_plain() || text.is_empty() { text.to_owned() } else { format!("{style}{text}{style:#}") }
}
