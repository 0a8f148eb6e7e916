//! What is added to a posting or changed throughout.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::words::{EMOJI, parts};
use crate::posting::{Field, Posting};
use crate::text::chars::is_unspaced;
use crate::text::homophones as pairs;
use crate::text::language::Language;

/// Words of padding.
const PADDING: usize = 200;
/// Emoji stand after so many of the runs between white space.
const SPRINKLED: f64 = 0.125;

/// Contact words, and all that is written for each.
static CONTACTS: LazyLock<(AhoCorasick, Vec<Vec<&str>>)> = LazyLock::new(|| {
    let mut words: Vec<&str> = Vec::new();
    let mut written: Vec<Vec<&str>> = Vec::new();
    for (disguise, meant, _) in pairs() {
        match words.iter().position(|&w| w == meant) {
            Some(i) => written[i].push(disguise),
            None => {
                words.push(meant);
                written.push(vec![disguise]);
            }
        }
    }
    let finder = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(&words)
        .expect("the embedded table is small");
    (finder, written)
});

/// Contact words replaced by what is written for them.
pub(super) fn homophones(text: &str, rng: &mut impl Rng) -> String {
    let (finder, written) = &*CONTACTS;
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for found in finder.find_iter(text) {
        let (before, after) = (text[..found.start()].chars().next_back(), text[found.end()..].chars().next());
        // No part of a longer Latin word, of a handle or of an address.
        if before.is_some_and(|c| is_letter(c) || matches!(c, '@' | '.' | '/'))
            || after.is_some_and(|c| is_letter(c) || matches!(c, '.' | '/'))
        {
            continue;
        }
        out.push_str(&text[copied..found.start()]);
        out.push_str(written[found.pattern().as_usize()].choose(rng).expect("every word has one"));
        copied = found.end();
    }
    out.push_str(&text[copied..]);
    out
}

/// The text in capitals but for addresses, handles and tags, in which case may matter.
pub(super) fn upper_case(text: &str) -> String {
    parts(text).map(|(part, is_plain)| if is_plain { part.to_uppercase() } else { part.to_owned() }).collect()
}

/// Emoji after some of the runs between white space.
pub(super) fn emoji(text: &str, rng: &mut impl Rng) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (part, is_plain) in parts(text) {
        out.push_str(part);
        if is_plain && rng.random_bool(SPRINKLED) {
            out.push(' ');
            out.push_str(EMOJI.choose(rng).expect("there are some"));
        }
    }
    out
}

/// The first words of the descriptions of honest postings; two characters of an unspaced script count as one.
pub(super) fn padding<'a>(donors: impl Iterator<Item = &'a Posting>) -> String {
    let mut out = String::new();
    let mut halves = 2 * PADDING;
    for donor in donors {
        for word in donor.get(Field::Description).split_whitespace() {
            if !out.is_empty() {
                out.push(' ');
            }
            let unspaced = word.chars().filter(|&c| is_unspaced(c)).count();
            match unspaced {
                n if n > halves => out.extend(word.chars().take(halves)),
                _ => out.push_str(word),
            }
            halves = halves.saturating_sub(unspaced.max(2));
            if halves == 0 {
                return out;
            }
        }
    }
    out
}

/// What looks honest, in the language or else in English.
pub(super) fn exculpatory(language: Language) -> &'static str {
    let table = include_str!("../data/exculpatory.txt");
    let of = |tag: &str| table.lines().filter_map(|l| l.split_once(" = ")).find(|(t, _)| *t == tag).map(|(_, p)| p);
    of(language.tag()).or_else(|| of("en")).unwrap_or_default()
}
