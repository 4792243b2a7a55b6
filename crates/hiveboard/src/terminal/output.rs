//! Where lines go: colours on a terminal that has them, none elsewhere or with `NO_COLOR`; a reader that has enough ends the command in peace.

use std::io::{self, IsTerminal, Write};

/// Whoever read the standard output has seen enough: `hiveboard tasks | head`. Told apart from other pipes that break.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the standard output any more")]
pub struct HungUp;

/// What became of writing to the standard output.
///
/// # Errors
/// The same; where its reader is gone, one that [`is_hung_up`] knows.
pub fn to_reader<T>(written: io::Result<T>) -> io::Result<T> {
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => io::Error::new(io::ErrorKind::BrokenPipe, HungUp),
        _ => error,
    })
}

/// Whether it is the standard output whose reader is gone.
pub fn is_hung_up(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<HungUp>)
}

/// The standard output, for what writes by itself.
#[derive(Debug)]
pub struct Reader(pub io::Stdout);

impl Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        to_reader(self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        to_reader(self.0.flush())
    }
}

/// Standard output of a command that shows something.
pub struct Output {
    out: anstream::AutoStream<io::Stdout>,
    width: Option<usize>,
}

/// A terminal of no known width, and pages that people read.
const USUAL_WIDTH: usize = 100;

impl Output {
    pub fn new() -> Self {
        Self { out: anstream::AutoStream::auto(io::stdout()), width: width() }
    }

    /// Columns of the terminal; `None` where lines may be as long as they are.
    pub const fn width(&self) -> Option<usize> {
        self.width
    }

    /// Columns for text that is wrapped.
    pub fn text_width(&self) -> usize {
        self.width.unwrap_or(USUAL_WIDTH)
    }

    pub fn line(&mut self, line: impl AsRef<str>) -> io::Result<()> {
        to_reader(writeln!(self.out, "{}", line.as_ref()))
    }

    pub fn lines(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) -> io::Result<()> {
        lines.into_iter().try_for_each(|line| self.line(line))
    }

    pub fn flush(&mut self) -> io::Result<()> {
        to_reader(self.out.flush())
    }
}

impl Default for Output {
    fn default() -> Self {
        Self::new()
    }
}

fn width() -> Option<usize> {
    if io::stdout().is_terminal() {
        return terminal_size::terminal_size().map(|(width, _)| usize::from(width.0).max(40));
    }
    // A pager or a test that says how wide it is.
    std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns >= 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_hung_up_is_told_from_any_other_pipe_that_breaks() {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_hung_up(&to_reader::<()>(Err(broken())).expect_err("it is passed on")));
        assert!(!is_hung_up(&broken()), "the connection to a server, say");
        let full = to_reader::<()>(Err(io::ErrorKind::StorageFull.into())).expect_err("it is passed on");
        assert_eq!((full.kind(), is_hung_up(&full)), (io::ErrorKind::StorageFull, false));
    }
}
