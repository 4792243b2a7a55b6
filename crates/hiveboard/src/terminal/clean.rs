//! What agents say is shown as text, whatever is in it: control characters would move the cursor, set titles, or hide what follows.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Control characters, those that turn the direction of writing, and those that nobody sees but programs and models read.
fn acts_on_the_screen(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || matches!(sign, '\u{ad}' | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2064}' | '\u{e0000}'..='\u{e0fff}')
        || matches!(sign, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// One line of plain text: breaks become blanks, what would act on the screen or is not to be seen becomes `·`.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.trim().chars() {
        match sign {
            '\n' | '\r' | '\t' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            sign if acts_on_the_screen(sign) => out.push('·'),
            sign => out.push(sign),
        }
    }
    out
}

/// Plain text of any lines: what would act on the screen becomes `·`.
pub fn lines(text: &str) -> String {
    let shown = |sign| if acts_on_the_screen(sign) && !matches!(sign, '\n' | '\t') { '·' } else { sign };
    text.chars().map(shown).collect()
}

/// Columns that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The beginning of a text that fits into so many columns, with `…` where something is missing.
pub fn cut(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut taken = 0;
    for sign in text.chars() {
        let columns = sign.width().unwrap_or(0);
        if taken + columns + 1 > most {
            break;
        }
        taken += columns;
        out.push(sign);
    }
    if most > 0 {
        out.push('…');
    }
    out
}

/// Words in lines of at most so many columns; a longer word is broken.
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    let most = most.max(8);
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let columns = word.width();
        if taken > 0 && taken + 1 + columns > most {
            lines.push(String::new());
            taken = 0;
        }
        let line = lines.last_mut().expect("there is one");
        if taken > 0 {
            line.push(' ');
            taken += 1;
        }
        if columns <= most {
            line.push_str(word);
            taken += columns;
            continue;
        }
        for sign in word.chars() {
            let wide = sign.width().unwrap_or(0);
            if taken + wide > most {
                lines.push(String::new());
                taken = 0;
            }
            lines.last_mut().expect("there is one").push(sign);
            taken += wide;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_on_the_screen_is_shown_instead() {
        assert_eq!(line("a\u{1b}[2Jb\u{7}\u{9b}c\r\n d\u{202e}e\n"), "a·[2Jb··c  d·e");
        assert_eq!(line("a\u{200b}b\u{e0041}c"), "a·b·c");
        assert_eq!(lines("a\u{1b}[2J\r\n\tb\u{202e}"), "a·[2J·\n\tb·");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("abcd", 0), "");
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_it_may_be(text in "\\PC{0,60}", most in 8_usize..40) {
            prop_assert!(cut(&text, most).width() <= most);
            for one in wrap(&text, most) {
                prop_assert!(one.width() <= most, "{one:?}");
            }
        }

        #[test]
        fn no_line_holds_a_control_character(text in any::<String>()) {
            prop_assert!(!line(&text).chars().any(acts_on_the_screen));
        }
    }
}
