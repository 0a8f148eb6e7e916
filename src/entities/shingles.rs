/*!
What near-duplicates are told by: the words of a posting's body with all that a repost changes taken out.

Numbers, amounts of money, contacts, links and places become signs, and equal signs in a row become one; punctuation,
currency signs and emoji are dropped. A script without spaces counts by its characters, as everywhere in the house. Digits
are evened out before anything is recognised: whether a number looks like a telephone number must not decide about the
words around it, or a copy with other digits would be another text.
*/

use rayon::prelude::*;

use super::EntityKind;
use super::reading::{Reader, Reading};
use crate::posting::{Field, Posting};
use crate::text::near_duplicates::{self, Sketch};
use crate::text::ngrams::token_hash;
use crate::text::tokenizer::{Token, TokenKind};

/// Fewer words than this, two characters of an unspaced script counting as one, are no text to know again: "see our
/// site" is on the postings of many.
const FEWEST_WORDS: usize = 6;
/// What stands for a number, whatever its digits.
const NUMBER: &str = "1000";

/// What a word became.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Number,
    Contact,
    Place,
}

impl Sign {
    fn of(kind: &EntityKind) -> Sign {
        match kind {
            EntityKind::Money(_) | EntityKind::Number(_) => Sign::Number,
            EntityKind::Contact(_) | EntityKind::Link(_) => Sign::Contact,
            EntityKind::Place(_) => Sign::Place,
        }
    }

    fn hash(self) -> u64 {
        token_hash(match self {
            Sign::Number => "<number>",
            Sign::Contact => "<contact>",
            Sign::Place => "<place>",
        })
    }
}

impl Reader {
    /// What near-duplicates of a posting are told by: its description and requirements, or all that is read where it
    /// has neither. Title, company and pay are what reposts change first. Empty when the text says too little.
    pub fn sketch(&self, reading: &Reading) -> Sketch {
        let is_body = |field| matches!(field, Field::Description | Field::Requirements);
        let has_body = reading.segments.iter().any(|s| is_body(s.field) && !s.units.is_empty());
        let mut words = Vec::new();
        let mut halves = 0;
        for segment in reading.segments.iter().filter(|s| !has_body || is_body(s.field)) {
            self.words(&segment.text, &mut words, &mut halves);
        }
        if halves < 2 * FEWEST_WORDS { Sketch::default() } else { near_duplicates::sketch(&words) }
    }

    fn words(&self, folded: &str, words: &mut Vec<u64>, halves: &mut usize) {
        let text = without_digits(folded);
        let (mut entities, mut tokens): (Vec<_>, Vec<Token>) = Default::default();
        self.finder().find(&text, &mut entities);
        self.tokenizer.tokens(&text, &mut tokens);
        let mut entities = entities.iter().peekable();
        let mut last = None;
        for token in &tokens {
            let (start, end) = (token.start as usize, token.end as usize);
            while entities.next_if(|entity| entity.end <= start).is_some() {}
            let sign = match (entities.peek().filter(|entity| entity.start < end), token.kind) {
                (Some(entity), _) => Some(Sign::of(&entity.kind)),
                (None, TokenKind::Number) => Some(Sign::Number),
                (None, TokenKind::Word | TokenKind::Unspaced) => None,
                (None, TokenKind::Punctuation | TokenKind::Sign | TokenKind::Other) => continue,
            };
            match sign {
                Some(sign) if last == Some(sign) => continue,
                Some(sign) => words.push(sign.hash()),
                None => {
                    *halves += if token.kind == TokenKind::Unspaced { 1 } else { 2 };
                    words.push(token_hash(token.text(&text)));
                }
            }
            last = sign;
        }
    }
}

/// The text with every number the same; groups of digits that one sign or space parts are one number.
fn without_digits(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_numeric()) {
        out.push_str(&rest[..at]);
        out.push_str(NUMBER);
        rest = rest[at..].trim_start_matches(char::is_numeric);
        while let Some(more) = rest.strip_prefix([' ', '.', ',', ':', '/', '-', '\''])
            && more.starts_with(char::is_numeric)
        {
            rest = more.trim_start_matches(char::is_numeric);
        }
    }
    out.push_str(rest);
    out
}

/// The group of near-duplicates of each posting, numbered by its first member.
pub fn near_duplicates<'p>(reader: &Reader, postings: impl Iterator<Item = &'p Posting>) -> Vec<usize> {
    let postings: Vec<&Posting> = postings.collect();
    let sketches: Vec<Sketch> = postings.par_iter().map(|p| reader.sketch(&reader.read(p))).collect();
    near_duplicates::groups(&sketches)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::text::tokenizer::Tokenizer;

    static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(Tokenizer::default()));

    fn sketch(text: &str) -> Sketch {
        READER.sketch(&READER.read(&Posting::from_text("a", text)))
    }

    #[test]
    fn what_a_repost_changes_is_no_difference() {
        for (a, b) in [
            (
                "Typists wanted at once, pay 3500 a month, two meals a day",
                "typists wanted at once! Pay 21 a month; two meals a day",
            ),
            (
                "Typists wanted in Bangkok, Thailand with two meals a day, call",
                "Typists wanted in Manila with two meals a day, call",
            ),
            (
                "Typists wanted 🔥🔥 with two meals a day, call us now",
                "⭐Typists wanted with ✅ two meals a day, call us now",
            ),
            (
                "Typists get $3,500 a month and two meals a day, call now",
                "Typists get 900 USD a month and two meals a day, call now",
            ),
            (
                "Typists wanted with two meals a day, Telegram @demo_hr00",
                "Typists wanted with two meals a day, Telegram @demo_boss77",
            ),
            (
                "Typists wanted with two meals a day, call +00 00 000 0001",
                "Typists wanted with two meals a day, call 0000000002",
            ),
            (
                "招聘打字员，月薪20000元，包吃住包机票，工作地点曼谷",
                "招聘打字员🔥月薪15000元 包吃住包机票。工作地点金边",
            ),
        ] {
            assert!(!sketch(a).is_empty(), "{a}");
            assert_eq!(sketch(a), sketch(b), "{a} | {b}");
        }
    }

    #[test]
    fn other_words_are_a_difference() {
        assert_ne!(sketch("typists wanted with two meals a day"), sketch("typists wanted with two rooms a day"));
    }

    #[test]
    fn unspaced_scripts_have_a_shingle_for_every_four_characters() {
        assert_eq!(sketch("招聘打字员包吃住包机票加我们").len(), 11);
        assert!(sketch("รับสมัครพนักงานคีย์ข้อมูลที่พักฟรี").len() > 10);
    }

    #[test]
    fn little_text_is_no_text_to_know_again() {
        assert!(sketch("see our site for 12 details").is_empty());
        assert!(sketch("招聘打字员包吃住").is_empty());
        let mut titled = Posting::default();
        titled.set(Field::Title, "Typists wanted at once with two meals a day");
        assert!(!READER.sketch(&READER.read(&titled)).is_empty(), "a title alone is what there is");
    }

    #[test]
    fn digits_are_evened_out() {
        assert_eq!(without_digits("pay 3,500 or 20-25 a day, +855 12 345 678; web3, ٣"), {
            "pay 1000 or 1000 a day, +1000; web1000, 1000"
        });
        assert_eq!(without_digits("1. 2 3"), "1000. 1000");
    }

    proptest! {
        #[test]
        fn other_digits_never_make_another_text(
            text in "([a-z]{1,8}|[0-9]{1,9}|[$€+@#]|[0-9]{1,3},[0-9]{3}|usd|baht|k|%|[a-z]{2,4}[0-9]{1,3}|[.,:/()-]|招聘|元|万){1,40}",
            spaces in prop::collection::vec(0usize..3, 60),
            shift in 1u32..9,
        ) {
            // Pieces of the text with spaces strewn in, so that numbers touch words or stand alone.
            let mut spaces = spaces.into_iter();
            let text: String = text.chars().flat_map(|c| [Some(c), (spaces.next() == Some(0)).then_some(' ')]).flatten().collect();
            let other: String = text.chars().map(|c| match c.to_digit(10) {
                Some(digit) => char::from_digit((digit + shift) % 10, 10).unwrap_or(c),
                None => c,
            }).collect();
            let mut words = [Vec::new(), Vec::new()];
            READER.words(&text, &mut words[0], &mut 0);
            READER.words(&other, &mut words[1], &mut 0);
            prop_assert_eq!(&words[0], &words[1]);
        }
    }
}
