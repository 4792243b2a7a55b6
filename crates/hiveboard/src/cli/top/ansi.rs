//! Lines with colours as other commands print them, for the screen.

use ratatui::{
    style::{Color, Modifier, Style},
    text::{Line, Span},
};

/// Understands what [`crate::terminal::style`] writes; other escapes do not come this far.
pub(super) fn line(text: &str) -> Line<'static> {
    let mut spans = Vec::new();
    let mut style = Style::default();
    for (place, part) in text.split("\u{1b}[").enumerate() {
        let shown = match part.split_once('m') {
            Some((codes, rest)) if place > 0 => {
                for code in codes.split(';') {
                    style = with(style, code);
                }
                rest
            }
            _ => part,
        };
        if !shown.is_empty() {
            spans.push(Span::styled(shown.to_owned(), style));
        }
    }
    Line::from(spans)
}

fn with(style: Style, code: &str) -> Style {
    match code {
        "" | "0" => Style::default(),
        "1" => style.add_modifier(Modifier::BOLD),
        "2" => style.add_modifier(Modifier::DIM),
        "31" => style.fg(Color::Red),
        "32" => style.fg(Color::Green),
        "33" => style.fg(Color::Yellow),
        "34" => style.fg(Color::Blue),
        "35" => style.fg(Color::Magenta),
        _ => style,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::style;

    #[test]
    fn every_style_of_ours_is_understood() {
        let all = [
            style::DIM,
            style::BOLD,
            style::GOOD,
            style::WORKING,
            style::WAITING,
            style::BAD,
            style::WORST,
            style::MODEL,
        ];
        for painted in all {
            let shown = line(&format!("a {} c", style::paint(painted, "b")));
            let texts: Vec<&str> = shown.spans.iter().map(|span| span.content.as_ref()).collect();
            assert_eq!(texts, ["a ", "b", " c"]);
            assert_ne!(shown.spans[1].style, Style::default(), "{painted:?}");
            assert_eq!(shown.spans[2].style, Style::default());
        }
    }
}
