//! Rows as CSV that a spreadsheet cannot take for formulas.

use std::{borrow::Cow, io};

use serde::Serialize;

use super::columns::{Cell, Column, Holds};

pub(super) struct CsvRows<W: io::Write> {
    columns: &'static [Column],
    writer: csv::Writer<W>,
}

impl<W: io::Write> CsvRows<W> {
    pub(super) fn new(columns: &'static [Column], out: W) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(columns.iter().map(|(name, _)| name))?;
        Ok(Self { columns, writer })
    }

    pub(super) fn add(&mut self, row: &impl Serialize) -> io::Result<()> {
        for ((_, holds), cell) in self.columns.iter().zip(Cell::of_row(self.columns, row)?) {
            let text = cell.as_ref().map_or(Cow::Borrowed(""), Cell::text);
            let written = if *holds == Holds::Text { harmless(&text) } else { Cow::Borrowed(&*text) };
            self.writer.write_field(&*written)?;
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// With an apostrophe before what spreadsheets take for a formula.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn formulas_are_texts() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["", "a=1", "1-2", "{\"a\":\"=1\"}", " =1"] {
            assert_eq!(harmless(text), text);
        }
    }
}
