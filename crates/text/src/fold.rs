//! The folding rule.

use std::borrow::Cow;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

const CASES: CaseMapperBorrowed<'static> = CaseMapper::new();
const DECOMPOSE: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfd();
const COMPOSE: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

/// A text as it is compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// A text with its accents joined to their letters wherever there are such letters (NFC): the form in which most keyboards write.
pub fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { COMPOSE.normalize(text) }
}

/// Appends a text as it is compared.
pub fn fold_into(text: &str, out: &mut String) {
    let mut rest = text;
    while !rest.is_empty() {
        // What joins with nothing before it needs no tables, up to the last one before something that does.
        let plain =
            rest.char_indices().find(|(_, one)| !one.is_ascii() && !is_inert(*one)).map_or(rest.len(), |(at, _)| at);
        let kept =
            if plain < rest.len() { rest[..plain].char_indices().next_back().map_or(0, |(at, _)| at) } else { plain };
        let from = out.len();
        out.push_str(&rest[..kept]);
        out[from..].make_ascii_lowercase();
        let end = rest[plain..].char_indices().find(|(_, one)| one.is_ascii() || is_inert(*one));
        let end = end.map_or(rest.len(), |(at, _)| plain + at);
        if kept < end {
            by_the_book(&rest[kept..end], out);
        }
        rest = &rest[end..];
    }
}

fn by_the_book(text: &str, out: &mut String) {
    // Composed at the end, so that an "e" does not match the first half of a decomposed "é".
    let decomposed = DECOMPOSE.normalize(text);
    let caseless = CASES.fold_string(&decomposed);
    out.push_str(&COMPOSE.normalize(&caseless));
}

/// Whether a character has neither cases nor parts, nor joins with one before it: most of what is not letters of Europe.
const fn is_inert(one: char) -> bool {
    matches!(one,
        '\u{a0}'..='\u{a7}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203a}' | '\u{2190}'..='\u{2199}' | '\u{2500}'..='\u{25ff}'
        | '\u{3001}'..='\u{3020}' | '\u{3042}' | '\u{3044}' | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff20}'
        | '\u{1f300}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rule without its short cuts.
    fn whole(text: &str) -> String {
        let mut out = String::new();
        super::by_the_book(text, &mut out);
        out
    }

    #[test]
    fn alike_to_a_reader_is_alike() {
        for (one, other) in [
            ("caf\u{e9}", "CAFE\u{301}"),
            ("Straße", "STRASSE"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ПРИВЕТ", "привет"),
            ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
            ("ﬁnal", "FINAL"),
            ("\u{212a}elvin", "kelvin"),
            ("İ", "i\u{307}"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        assert_ne!(fold("cafe"), fold("café"));
        assert!(!fold("cafe\u{301}").contains("cafe"));
    }

    #[test]
    fn every_character_with_a_short_cut_folds_to_itself() {
        for one in ('\0'..=char::MAX).filter(|one| is_inert(*one)) {
            for text in [one.to_string(), format!("a{one}"), format!("{one}{one}e")] {
                assert_eq!(whole(&text), text, "U+{:04X}", u32::from(one));
            }
        }
    }

    proptest! {
        #[test]
        fn short_cuts_change_nothing(text in "(\\PC|[a-cA-C中！éÉЖſßİ\u{301}\u{327}\u{3099}がは\u{1161}\u{11a8}가ᄀ]){0,20}") {
            prop_assert_eq!(fold(&text), whole(&text));
        }

        #[test]
        fn folding_twice_is_folding_once(text in "[a-zA-ZäÄéÉßΣςа-яА-Я\u{300}-\u{304}\u{1100}-\u{1112}\u{1161}-\u{1175}中文カガ ]{0,16}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
