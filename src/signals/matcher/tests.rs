use super::build::GAP_PLACE;
use super::*;
use crate::signals::pattern::{self, Element, Pattern};
use crate::text::fold::Folder;
use crate::text::ngrams::token_hash;
use crate::text::tokenizer::Tokenizer;

fn seen(word: &str) -> Seen {
    Seen { hash: token_hash(word.trim_start_matches('^')), shape: 0, starts_sentence: word.starts_with('^') }
}

/// What is found in words.
fn find(automaton: &Automaton, words: &[&str], scratch: &mut Scratch) -> Vec<Found> {
    let mut out = Vec::new();
    let look = |at: usize| look(words[at].trim_start_matches('^'));
    automaton.find(words.iter().map(|word| seen(word)), look, scratch, &mut out);
    out
}

fn look(text: &str) -> Look<'_> {
    Look { text, classes: if text == "$" { &[Class::Money] } else { &[] }, transparent: text == "-" }
}

fn found(patterns: &[&str], words: &str) -> Vec<(u32, u32, u32)> {
    let mut builder = Builder::default();
    for (i, p) in patterns.iter().enumerate() {
        builder.add(&pattern::parse(p, &Folder::new(), &Tokenizer::default()).unwrap(), i as u32).unwrap();
    }
    let words: Vec<&str> = words.split(' ').collect();
    let out = find(&builder.build().unwrap(), &words, &mut Scratch::default());
    out.into_iter().map(|f| (f.meaning, f.start, f.end)).collect()
}

#[test]
fn phrases_are_found_where_they_stand() {
    assert_eq!(found(&["free flight", "flight"], "a free flight now"), [(0, 1, 3), (1, 2, 3)]);
    assert_eq!(found(&["free flight"], "free - flight"), [(0, 0, 3)]);
    assert_eq!(found(&["earn <money>"], "earn $"), [(0, 0, 2)]);
    assert_eq!(found(&["train*"], "training trai"), [(0, 0, 1)]);
    assert_eq!(found(&["free flight"], "free the flight"), []);
}

#[test]
fn gaps_end_with_the_sentence_and_with_their_width() {
    assert_eq!(found(&["pick ..2 border"], "pick a b border"), [(0, 0, 4)]);
    assert_eq!(found(&["pick ..2 border"], "pick border"), [(0, 0, 2)]);
    assert_eq!(found(&["pick ..2 border"], "pick a b c border"), []);
    assert_eq!(found(&["pick ..2 border"], "pick a ^border"), []);
    assert_eq!(found(&["pick ..2 border"], "pick a b ^border"), []);
    assert_eq!(found(&["pick border"], "pick ^border"), [(0, 0, 2)]);
    assert_eq!(found(&["pick ..2 [at] ..1 border"], "pick a b c border"), [(0, 0, 5)]);
    assert_eq!(found(&["pick ..2 [at] ..1 border"], "pick border"), [(0, 0, 2)]);
}

#[test]
fn alternatives_and_options_share_their_ends() {
    let pattern = &["(free|paid) [return] (flight|air ticket) [and room]"];
    assert_eq!(found(pattern, "paid return air ticket and room"), [(0, 0, 4), (0, 0, 6)]);
    assert_eq!(found(pattern, "free flight and rooms"), [(0, 0, 2)]);
}

#[test]
fn phrases_that_cannot_be_are_refused() {
    for (p, message) in [
        ("[free]", "it can match nothing at all"),
        ("..3 free", GAP_PLACE),
        ("[a] ..3 free", GAP_PLACE),
        ("free ..3", GAP_PLACE),
        ("free [..3]", GAP_PLACE),
    ] {
        let pattern = pattern::parse(p, &Folder::new(), &Tokenizer::default()).unwrap();
        assert_eq!(Builder::default().add(&pattern, 0).unwrap_err(), message, "{p}");
    }
}

/// All ends of a row of elements from unit `at`, found by trying everything.
fn ends(row: &[Element], units: &[&str], at: usize, gap: Option<u8>) -> Vec<usize> {
    match row {
        [] => vec![at],
        [Element::Gap(wide), rest @ ..] => ends(rest, units, at, Some(gap.unwrap_or(0).saturating_add(*wide))),
        [element, rest @ ..] => {
            let Some(unit) = units.get(at).filter(|unit| gap.is_none() || !unit.starts_with('^')) else {
                return vec![];
            };
            let unit = look(unit.trim_start_matches('^'));
            let fits = match element {
                Element::Exact(text) => unit.text == text,
                Element::Prefix(text) => unit.text.starts_with(text.as_str()),
                Element::Class(class) => unit.classes.contains(class),
                Element::Gap(_) => false,
            };
            let mut found = if fits { ends(rest, units, at + 1, None) } else { vec![] };
            if unit.transparent {
                found.extend(ends(row, units, at + 1, gap));
            } else if let Some(left) = gap.and_then(|gap| gap.checked_sub(1)) {
                found.extend(ends(row, units, at + 1, Some(left)));
            }
            found
        }
    }
}

/// The rows of elements that a pattern stands for.
fn rows(pattern: &Pattern) -> Vec<Vec<Element>> {
    match pattern {
        Pattern::Element(element) => vec![vec![element.clone()]],
        Pattern::Either(parts) => parts.iter().flat_map(rows).collect(),
        Pattern::Optional(part) => rows(part).into_iter().chain([vec![]]).collect(),
        Pattern::Sequence(parts) => parts.iter().fold(vec![vec![]], |heads, part| {
            let tails = rows(part);
            heads.iter().flat_map(|head| tails.iter().map(|tail| [head.clone(), tail.clone()].concat())).collect()
        }),
    }
}

proptest::proptest! {
    #[test]
    fn finds_what_trying_everything_finds(
        patterns in proptest::collection::vec("(a|b|ab\\*|\\(a\\|b c\\|<money>\\))( \\[(a|b|\\.\\.1|ab\\*)\\]| \\.\\.[123]| (a|b|ab|<money>|ab\\*)){0,4}( (a|b|c))", 1..6),
        words in proptest::collection::vec("\\^?(a|b|ab|abc|c|-|\\$)", 0..12),
        before in 180_usize..260,
    ) {
        // Other words before them, so that the units that lie near at once end anywhere.
        let words = [vec!["x".to_owned(); before], words].concat();
        let parsed: Vec<Pattern> =
            patterns.iter().map(|p| pattern::parse(p, &Folder::new(), &Tokenizer::default()).unwrap()).collect();
        let mut builder = Builder::default();
        for (i, pattern) in parsed.iter().enumerate() {
            builder.add(pattern, i as u32).unwrap();
        }
        let units: Vec<&str> = words.iter().map(String::as_str).collect();
        let automaton = builder.build().unwrap();
        // The second time what each word leads to is remembered.
        let mut scratch = Scratch::default();
        let [out, again] = [(); 2].map(|()| find(&automaton, &units, &mut scratch));
        proptest::prop_assert_eq!(&out, &again);
        let mut wanted = Vec::new();
        for (i, pattern) in parsed.iter().enumerate() {
            for row in rows(pattern) {
                for start in 0..units.len() {
                    // A phrase begins with its first word, not with a sign before it.
                    let first = ends(&row[..1], &units[..start + 1], start, None);
                    if first.contains(&(start + 1)) {
                        let found = ends(&row[1..], &units, start + 1, None).into_iter();
                        wanted.extend(found.map(|end| Found { end: end as u32, start: start as u32, meaning: i as u32 }));
                    }
                }
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        proptest::prop_assert_eq!(out, wanted);
    }
}

#[test]
fn phrases_reach_over_many_transparent_units_wherever_they_stand() {
    for before in (0..300).step_by(13) {
        let text = format!("{}pick {}a {}border", "x ".repeat(before), "- ".repeat(50), "- ".repeat(7));
        let wanted = [(0, before as u32, before as u32 + 60)];
        assert_eq!(found(&["pick ..2 border"], &text), wanted);
        assert_eq!(found(&["pick a border"], &text), wanted);
    }
}

#[test]
fn words_with_many_symbols_are_whole() {
    let patterns = ["ab* x", "abc* x", "abcd* x", "abcde* x", "abcdef* x", "abcdefg* x", "abcdefgh x"];
    assert_eq!(found(&patterns, "abcdefgh x abcdefghi x").len(), 7 + 6);
    assert_eq!(found(&patterns, "a abcdefgh abcdefgh x")[0], (0, 2, 4));
}

#[test]
fn more_words_than_are_kept_change_nothing() {
    let mut builder = Builder::default();
    builder.add(&pattern::parse("free flight", &Folder::new(), &Tokenizer::default()).unwrap(), 0).unwrap();
    let automaton = builder.build().unwrap();
    let mut scratch = Scratch::default();
    for text in 0..200_u32 {
        let words: Vec<String> = (0..1000).map(|n| format!("{text}w{n}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).chain(["free", "flight", "free"]).collect();
        assert_eq!(find(&automaton, &words, &mut scratch), [Found { start: 1000, end: 1002, meaning: 0 }]);
    }
}

#[test]
fn repetition_does_not_multiply_the_work() {
    let text = "free ".repeat(20_000);
    assert_eq!(found(&["free ..12 flight", "free free ..12 flight"], text.trim()), []);
}

#[test]
fn signs_in_a_row_do_not_multiply_the_work_either() {
    // Each of them begins the phrase, and reaches over those behind it as far as any may.
    let signs = "- ".repeat(20_000);
    assert_eq!(found(&["- flight"], &format!("{signs}visa")), []);
    let reached = found(&["- flight"], &format!("{signs}flight"));
    assert_eq!(reached.len(), step::MOST_REACHED_OVER + 1);
    assert_eq!(reached.last(), Some(&(0, 19_999, 20_001)));
}
