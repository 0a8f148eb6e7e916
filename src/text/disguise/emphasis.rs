//! Letters drawn out.

use unicode_script::Script;

use crate::text::chars::script;

/// Letters drawn out for emphasis, as few as tell it: `soooo` to `soo`, `ด่วนนนน` to `ด่วน`.
pub(super) fn without_emphasis(word: &str) -> Option<String> {
    if !has_triple(word) || word.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    // `cccd` is an abbreviation.
    if word.is_ascii() && !word.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
        return None;
    }
    // `www`, `xxx` and `iii` are written so.
    let first = word.chars().next()?;
    if word.chars().all(|c| c == first || matches!(c, 'i' | 'v' | 'x')) && first.is_ascii() {
        return None;
    }
    let mut plain = String::with_capacity(word.len());
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        let mut run = 1;
        while chars.next_if_eq(&c).is_some() {
            run += 1;
        }
        let kept = match script(c) {
            Script::Latin | Script::Cyrillic if run >= 3 && c != 'x' => 2,
            Script::Thai | Script::Lao if run >= 3 => 1,
            _ => run,
        };
        plain.extend(std::iter::repeat_n(c, kept));
    }
    (plain.len() < word.len()).then_some(plain)
}

/// Whether some character stands three times in a row.
fn has_triple(s: &str) -> bool {
    if s.is_ascii() {
        return s.as_bytes().windows(3).any(|w| w[0] == w[1] && w[1] == w[2]);
    }
    let mut last = ('\0', '\0');
    s.chars().any(|c| {
        let triple = last == (c, c);
        last = (last.1, c);
        triple
    })
}
