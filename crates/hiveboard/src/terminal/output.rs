//! Where lines go: colours on a terminal that has them, none elsewhere or with `NO_COLOR`; a reader that has enough ends the command in peace.

use std::io::{IsTerminal, Write};

/// Standard output of a command that shows something.
pub struct Output {
    out: anstream::AutoStream<std::io::Stdout>,
    width: Option<usize>,
}

/// A terminal of no known width, and pages that people read.
const USUAL_WIDTH: usize = 100;

impl Output {
    pub fn new() -> Self {
        Self { out: anstream::AutoStream::auto(std::io::stdout()), width: width() }
    }

    /// Columns of the terminal; `None` where lines may be as long as they are.
    pub const fn width(&self) -> Option<usize> {
        self.width
    }

    /// Columns for text that is wrapped.
    pub fn text_width(&self) -> usize {
        self.width.unwrap_or(USUAL_WIDTH)
    }

    pub fn line(&mut self, line: impl AsRef<str>) -> std::io::Result<()> {
        writeln!(self.out, "{}", line.as_ref())
    }

    pub fn lines(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) -> std::io::Result<()> {
        lines.into_iter().try_for_each(|line| self.line(line))
    }

    pub fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

impl Default for Output {
    fn default() -> Self {
        Self::new()
    }
}

fn width() -> Option<usize> {
    if std::io::stdout().is_terminal() {
        return terminal_size::terminal_size().map(|(width, _)| usize::from(width.0).max(40));
    }
    // A pager or a test that says how wide it is.
    std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns >= 40)
}
