//! The screen: a head, the Hive, tasks or a story, what happens now, and a foot with keys.

use hiveboard_wire::Timestamp;
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Color, Modifier, Style},
    text::{Line, Span, Text},
    widgets::{Block, Borders, Clear, Paragraph},
};

use super::{
    ansi,
    state::{Focus, Top},
};
use crate::{
    cli::ask::{agents, tasks},
    terminal::{clean, event_line, story},
};

/// From here on there is room beside each other, and for what happens as a column of its own.
const WIDE: u16 = 120;
const WIDER: u16 = 170;

const KEYS: [(&str, &str); 13] = [
    ("↑ ↓", "Move between agents; in a story, scroll"),
    ("j k", "Next and previous task"),
    ("Tab", "From the Hive to the tasks and back"),
    ("Enter", "Open the task or agent in focus"),
    ("Esc", "Close the story, release the agent"),
    ("/", "Search agents and tasks"),
    ("g m", "Mission Control"),
    ("g t", "Tasks"),
    ("[", "Fold or unfold the Hive"),
    ("]", "Fold or unfold the Activity Stream"),
    ("PgUp PgDn", "Ten rows"),
    ("?", "This list"),
    ("q", "End"),
];

pub(super) fn draw(frame: &mut Frame, top: &mut Top, now: Timestamp) {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(3), Constraint::Length(1)]).areas(frame.area());
    frame.render_widget(head_line(top, head.width), head);
    let panes = Panes::of(body, top);
    if let Some(area) = panes.hive {
        hive(frame, area, top, now);
    }
    if let Some(area) = panes.center {
        if top.is_story() { draw_story(frame, area, top, now) } else { draw_tasks(frame, area, top, now) }
    }
    if let Some(area) = panes.stream {
        stream(frame, area, top, now);
    }
    frame.render_widget(foot_line(top), foot);
    if top.shows_keys {
        keys(frame);
    }
}

struct Panes {
    hive: Option<Rect>,
    center: Option<Rect>,
    stream: Option<Rect>,
}

impl Panes {
    /// Beside each other where there is room, else below each other; a story has the room of the others where it is short.
    fn of(body: Rect, top: &Top) -> Self {
        if body.width >= WIDE {
            let stream = top.shows_stream && body.width >= WIDER;
            let mut columns = Vec::new();
            if top.shows_hive {
                columns.push(Constraint::Length((body.width / 3).clamp(44, 64)));
            }
            columns.push(Constraint::Min(40));
            if stream {
                columns.push(Constraint::Length((body.width / 4).clamp(40, 70)));
            }
            let areas = Layout::horizontal(columns).spacing(1).split(body);
            let center = usize::from(top.shows_hive);
            let mut panes = Self {
                hive: top.shows_hive.then(|| areas[0]),
                center: Some(areas[center]),
                stream: stream.then(|| areas[center + 1]),
            };
            if !stream && top.shows_stream && !top.is_story() && body.height >= 20 {
                let [above, below] =
                    Layout::vertical([Constraint::Min(8), Constraint::Percentage(30)]).areas(areas[center]);
                (panes.center, panes.stream) = (Some(above), Some(below));
            }
            return panes;
        }
        if top.is_story() {
            return Self { hive: None, center: Some(body), stream: None };
        }
        let agents = u16::try_from(top.shown_agents().len()).unwrap_or(u16::MAX);
        let stream_rows = if top.shows_stream && body.height >= 16 { (body.height / 4).max(5) } else { 0 };
        let hive_rows =
            if top.shows_hive { agents.saturating_add(2).min((body.height - stream_rows) / 2).max(4) } else { 0 };
        let rows = [Constraint::Length(hive_rows), Constraint::Min(3), Constraint::Length(stream_rows)];
        let [hive, center, stream] = Layout::vertical(rows).areas(body);
        Self {
            hive: (hive_rows > 0).then_some(hive),
            center: Some(center),
            stream: (stream_rows > 0).then_some(stream),
        }
    }
}

fn head_line(top: &Top, width: u16) -> Line<'static> {
    let light = match &top.lost {
        None => "● live".to_owned(),
        Some(_) => "○ lost, trying again".to_owned(),
    };
    let style = Style::default().fg(if top.lost.is_none() { Color::Green } else { Color::Red });
    let mut spans = vec![Span::styled("HiveBoard ", Style::default().fg(Color::Yellow).add_modifier(Modifier::BOLD))];
    spans.extend(ansi::line(&agents::summary(&top.agents)).spans);
    if top.alerts > 0 {
        let noun = if top.alerts == 1 { "alert" } else { "alerts" };
        let text = format!(", {} {noun}", top.alerts);
        spans.push(Span::styled(text, Style::default().fg(Color::Red).add_modifier(Modifier::BOLD)));
    }
    // Whether it is live is never cut off.
    let room = usize::from(width).saturating_sub(clean::width(&light) + 1);
    if columns(&spans) > room {
        spans.remove(0);
    }
    let mut spans = cut(spans, room);
    let taken = columns(&spans);
    let left = usize::from(width).saturating_sub(taken + clean::width(&light) + 2);
    let server = if left >= 12 { clean::cut(&top.server, left) } else { String::new() };
    let blanks = usize::from(width).saturating_sub(taken + clean::width(&server) + clean::width(&light) + 1);
    spans.push(Span::raw(" ".repeat(blanks)));
    spans.push(Span::styled(format!("{server} "), Style::default().add_modifier(Modifier::DIM)));
    spans.push(Span::styled(light, style));
    Line::from(spans)
}

fn columns(spans: &[Span<'_>]) -> usize {
    spans.iter().map(Span::width).sum()
}

/// The beginning of a line that fits into so many columns.
fn cut(spans: Vec<Span<'static>>, most: usize) -> Vec<Span<'static>> {
    let mut left = most;
    let mut kept = Vec::with_capacity(spans.len());
    for span in spans {
        if left == 0 {
            break;
        }
        let text = clean::cut(&span.content, left);
        left = if text == span.content { left - clean::width(&text) } else { 0 };
        kept.push(Span::styled(text, span.style));
    }
    kept
}

fn foot_line(top: &Top) -> Line<'static> {
    if let Some(text) = &top.typing {
        return Line::from(format!("/{}▏", clean::line(text)));
    }
    if let Some(why) = &top.lost {
        return Line::styled(clean::line(why), Style::default().fg(Color::Red));
    }
    let keys = if top.is_story() {
        "↑ ↓ scroll  j k next task  Esc back  ? keys  q end"
    } else {
        "↑ ↓ agents  j k tasks  Enter open  Esc back  / search  ? keys  q end"
    };
    Line::styled(keys, Style::default().add_modifier(Modifier::DIM))
}

fn pane(title: String, has_focus: bool) -> Block<'static> {
    let style = if has_focus {
        Style::default().fg(Color::Yellow).add_modifier(Modifier::BOLD)
    } else {
        Style::default().add_modifier(Modifier::DIM)
    };
    Block::new()
        .borders(Borders::TOP)
        .border_style(Style::default().add_modifier(Modifier::DIM))
        .title(Span::styled(title, style))
}

/// A table whose row of the cursor is on the screen.
fn rows(frame: &mut Frame, area: Rect, title: String, lines: &[String], row: usize, has_focus: bool) {
    let block = pane(title, has_focus);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let Some((heading, rows)) = lines.split_first() else { return };
    let room = usize::from(inner.height).saturating_sub(1);
    let first = if row < room { 0 } else { row + 1 - room };
    let mut shown = vec![ansi::line(heading)];
    for (place, text) in rows.iter().enumerate().skip(first).take(room) {
        let mut line = ansi::line(text);
        if place == row && has_focus {
            let blanks = usize::from(inner.width).saturating_sub(line.width());
            line.push_span(Span::raw(" ".repeat(blanks)));
            line = line.patch_style(Style::default().add_modifier(Modifier::REVERSED));
        }
        shown.push(line);
    }
    frame.render_widget(Paragraph::new(Text::from(shown)), inner);
}

fn hive(frame: &mut Frame, area: Rect, top: &Top, now: Timestamp) {
    let shown = top.shown_agents();
    let title = match (top.search(), top.narrowed_to()) {
        ("", None) => "The Hive ".to_owned(),
        ("", Some(agent)) => format!("The Hive, narrowed to {} ", clean::line(agent)),
        (search, _) => format!("The Hive, {} of {} with {search:?} ", shown.len(), top.agents.len()),
    };
    let lines = agents::table(shown.iter().copied(), now).lines(Some(area.width.into()));
    rows(frame, area, title, &lines, top.agent_row(), top.focus == Focus::Hive);
}

fn draw_tasks(frame: &mut Frame, area: Rect, top: &Top, now: Timestamp) {
    let of = top.narrowed_to().map_or_else(String::new, |agent| format!(" of {}", clean::line(agent)));
    let title = format!("Tasks{of} ");
    let lines = tasks::table(&top.tasks, now).lines(Some(area.width.into()));
    rows(frame, area, title, &lines, top.task_row(), top.focus == Focus::Tasks);
}

fn draw_story(frame: &mut Frame, area: Rect, top: &mut Top, now: Timestamp) {
    let block = pane("Story ".to_owned(), true);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let Some(timeline) = &top.story else {
        frame.render_widget(Paragraph::new("…"), inner);
        return;
    };
    let how = story::How { width: inner.width.into(), verbose: true, now };
    let lines = story::lines(timeline, how);
    let room = usize::from(inner.height);
    let scrolled = top.scrolled.min(lines.len().saturating_sub(room));
    top.scrolled = scrolled;
    let shown: Vec<Line> = lines.iter().skip(scrolled).take(room).map(|line| ansi::line(line)).collect();
    frame.render_widget(Paragraph::new(Text::from(shown)), inner);
}

fn stream(frame: &mut Frame, area: Rect, top: &Top, now: Timestamp) {
    let block = pane("Activity Stream ".to_owned(), false);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let shown: Vec<Line> = top
        .shown_events()
        .take(inner.height.into())
        .map(|event| ansi::line(&event_line::line(event, now, Some(inner.width.into()))))
        .collect();
    let text =
        if shown.is_empty() { Text::styled("Nothing has happened yet.", Modifier::DIM) } else { Text::from(shown) };
    frame.render_widget(Paragraph::new(text), inner);
}

fn keys(frame: &mut Frame) {
    let area = frame.area();
    let (width, height) = (60.min(area.width), (KEYS.len() as u16 + 2).min(area.height));
    let place = Rect::new((area.width - width) / 2, (area.height - height) / 2, width, height);
    let lines: Vec<Line> = KEYS
        .iter()
        .map(|(keys, does)| Line::from(vec![Span::styled(format!(" {keys:<11}"), Modifier::BOLD), Span::raw(*does)]))
        .collect();
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(Text::from(lines)).block(Block::bordered().title(" Keys ")), place);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_is_too_long_ends_early() {
        let spans = || vec![Span::raw("14 agents: "), Span::raw("1 stuck"), Span::raw(", 2 alerts")];
        let shown = |most| cut(spans(), most).iter().map(|span| span.content.to_string()).collect::<Vec<_>>();
        assert_eq!(shown(28), ["14 agents: ", "1 stuck", ", 2 alerts"]);
        assert_eq!(shown(16), ["14 agents: ", "1 st…"]);
        assert_eq!(shown(11), ["14 agents: "]);
        assert_eq!(shown(0), [""; 0]);
    }
}
