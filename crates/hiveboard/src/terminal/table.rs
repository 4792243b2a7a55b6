//! Tables that fit: what is wide is cut, what matters least goes first.

use anstyle::Style;

use super::{clean, style};

/// Blanks between columns.
const GAP: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

#[derive(Debug, Clone, Copy)]
pub struct Column {
    name: &'static str,
    align: Align,
    /// Wider cells may be cut to this; `None`: never cut.
    least: Option<usize>,
    /// Where room is short, those with the greatest go first; 0 stays.
    gives_way: u8,
}

impl Column {
    pub const fn text(name: &'static str) -> Self {
        Self { name, align: Align::Left, least: None, gives_way: 0 }
    }

    pub const fn figure(name: &'static str) -> Self {
        Self { name, align: Align::Right, least: None, gives_way: 0 }
    }

    /// May be cut, to no less than so many columns.
    #[must_use]
    pub const fn cut_to(self, least: usize) -> Self {
        Self { least: Some(least), ..self }
    }

    #[must_use]
    pub const fn gives_way(self, rank: u8) -> Self {
        Self { gives_way: rank, ..self }
    }
}

#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// Text of any origin; it is shown as one line.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self { text: clean::line(text.as_ref()), style: style::PLAIN }
    }

    #[must_use]
    pub fn styled(self, style: Style) -> Self {
        Self { style, ..self }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// A cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<Cell> = cells.into_iter().collect();
        assert_eq!(cells.len(), self.columns.len(), "a cell for each column");
        self.rows.push(cells);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Lines with their colours; `None` for as wide as it is.
    pub fn lines(&self, most: Option<usize>) -> Vec<String> {
        let widths = self.fit(most);
        let shown = || widths.iter().enumerate().filter_map(|(at, width)| Some((at, (*width)?)));
        let last = shown().next_back().map_or(0, |(at, _)| at);
        let line = |cell: &dyn Fn(usize) -> (String, Style)| {
            let mut out = String::new();
            for (place, (at, width)) in shown().enumerate() {
                if place > 0 {
                    out.push_str(&" ".repeat(GAP));
                }
                let (text, style) = cell(at);
                let text = clean::cut(&text, width);
                let blanks = " ".repeat(width - clean::width(&text));
                let painted = style::paint(style, &text);
                match self.columns[at].align {
                    Align::Right => out.extend([blanks.as_str(), painted.as_str()]),
                    Align::Left if at == last => out.push_str(&painted),
                    Align::Left => out.extend([painted.as_str(), blanks.as_str()]),
                }
            }
            out.truncate(out.trim_end().len());
            out
        };
        let mut lines = vec![line(&|at| (self.columns[at].name.to_owned(), style::HEADING))];
        lines.extend(self.rows.iter().map(|row| line(&|at| (row[at].text.clone(), row[at].style))));
        lines
    }

    /// How wide each column becomes; `None` where it had to go.
    fn fit(&self, most: Option<usize>) -> Vec<Option<usize>> {
        let natural = |at: usize| {
            let cells = self.rows.iter().map(|row| clean::width(&row[at].text));
            cells.max().unwrap_or(0).max(clean::width(self.columns[at].name))
        };
        let mut widths: Vec<Option<usize>> = (0..self.columns.len()).map(|at| Some(natural(at))).collect();
        // A column in which nothing stands says nothing.
        for (at, width) in widths.iter_mut().enumerate() {
            let is_blank = self.columns[at].gives_way > 0
                && !self.rows.is_empty()
                && self.rows.iter().all(|row| row[at].text.is_empty());
            if is_blank {
                *width = None;
            }
        }
        let Some(most) = most else { return widths };
        loop {
            let total = |widths: &[Option<usize>]| {
                let shown: Vec<usize> = widths.iter().flatten().copied().collect();
                shown.iter().sum::<usize>() + GAP * shown.len().saturating_sub(1)
            };
            let over = total(&widths).saturating_sub(most);
            if over == 0 {
                return widths;
            }
            let room = |at: usize, width: usize| width.saturating_sub(self.columns[at].least.unwrap_or(width));
            let to_give: usize = widths.iter().enumerate().filter_map(|(at, width)| Some(room(at, (*width)?))).sum();
            if to_give >= over {
                // The widest gives, a column at a time, until all fits.
                for _ in 0..over {
                    let widest = (0..widths.len()).filter(|at| widths[*at].is_some_and(|width| room(*at, width) > 0));
                    if let Some(at) = widest.max_by_key(|at| widths[*at]) {
                        widths[at] = widths[at].map(|width| width - 1);
                    }
                }
                return widths;
            }
            let first = (0..widths.len()).filter(|at| widths[*at].is_some() && self.columns[*at].gives_way > 0);
            let Some(at) = first.max_by_key(|at| self.columns[*at].gives_way) else {
                for (at, width) in widths.iter_mut().enumerate() {
                    *width = width.map(|width| width.min(self.columns[at].least.unwrap_or(width)));
                }
                return widths;
            };
            widths[at] = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let columns = [
            Column::text("NAME").cut_to(6),
            Column::figure("COST"),
            Column::text("NOTE").cut_to(4).gives_way(1),
            Column::text("TYPE").gives_way(2),
        ];
        let mut table = Table::new(columns);
        table.row([
            "a-very-long-name".into(),
            Cell::new("$1.00").styled(style::BAD),
            "something".into(),
            "general".into(),
        ]);
        table.row(["日本".into(), "$12.00".into(), Cell::new(""), "x\u{1b}[2J".into()]);
        table
    }

    fn plain(most: Option<usize>) -> Vec<String> {
        table().lines(most).iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn what_has_room_is_whole() {
        let lines = plain(None);
        assert_eq!(lines[0], "NAME                COST  NOTE       TYPE");
        assert_eq!(lines[1], "a-very-long-name   $1.00  something  general");
        assert_eq!(lines[2], "日本              $12.00             x·[2J");
    }

    #[test]
    fn what_has_none_is_cut_and_goes() {
        assert_eq!(plain(Some(36))[1], "a-very-l…   $1.00  somethi…  general");
        assert_eq!(plain(Some(22))[1], "a-ver…   $1.00  somet…");
        assert_eq!(plain(Some(14))[1], "a-ver…   $1.00");
        for most in 14..60 {
            assert!(plain(Some(most)).iter().all(|line| clean::width(line) <= most), "{most}");
        }
    }
}
