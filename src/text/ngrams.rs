/*!
N-grams: hashes of one, two and three tokens in a row, and of how long words begin.

A token is hashed by its string (XXH3, 64 bits), a longer n-gram by the hashes of its tokens, so that nothing needs the
strings at run time; names are kept apart and read only to explain.

A word of more than [`BEGINNING`] characters is met by its beginning too, so that what is known of *recruiter* and
*recruiting* says something about *recruitment*: most of the languages read here bend their words, and postings to learn
from are few.
*/

use xxhash_rust::xxh3::xxh3_64;

/// The longest n-gram.
pub const ORDER: usize = 3;

/// The characters of a word's beginning.
pub const BEGINNING: usize = 5;

/// A posting of fewer distinct n-grams, a dozen words, is taken for one of so many: one word by itself would say all that it only
/// hints at among others.
const LEAST: usize = 45;

/// What a sum of weights over so many distinct n-grams is divided by: their root, known or not, so that long postings say no more
/// than short ones.
#[inline]
pub fn root(distinct: usize) -> f64 {
    (distinct.max(LEAST) as f64).sqrt()
}

/// A sum of quantised weights, of which one unit stands for `scale`, over the [`root`] of so many distinct n-grams.
#[inline]
pub fn over_root(sum: i64, scale: f64, distinct: usize) -> f64 {
    sum as f64 * scale / root(distinct)
}

/// What stands for the rest of a word, in the names and the hashes of beginnings. A token of letters never holds it.
const REST: char = '…';

/// The beginning of a word that goes on after it.
#[inline]
pub fn beginning(word: &str) -> Option<&str> {
    if word.len() <= BEGINNING {
        return None;
    }
    let end = match word.as_bytes()[..BEGINNING].is_ascii() {
        true => BEGINNING,
        false => word.char_indices().nth(BEGINNING)?.0,
    };
    Some(&word[..end])
}

/// The name of a word's beginning.
pub fn beginning_name(beginning: &str) -> String {
    format!("{beginning}{REST}")
}

/// The hash of a word's beginning, which is that of its name ([`name_hash`]).
#[inline]
pub fn beginning_hash(beginning: &str) -> u64 {
    extend_hash(token_hash(beginning), REST as u64)
}

/// The hash of a token.
pub fn token_hash(token: &str) -> u64 {
    bytes_hash(token.as_bytes())
}

/// As [`token_hash`], of the bytes of a token.
#[inline]
pub(crate) fn bytes_hash(token: &[u8]) -> u64 {
    xxh3_64(token)
}

/// The hash of an n-gram, from the hash of all but its last token and the hash of the last.
///
/// The multiplication by an odd constant and the shift spread the sum over all bits; order matters because the first
/// operand is rotated.
#[inline]
pub fn extend_hash(before: u64, token: u64) -> u64 {
    let x = before.rotate_left(23).wrapping_add(token).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^ (x >> 29)
}

/// The hash of an n-gram by its name: its tokens with spaces between them, or the beginning of a word and what stands for
/// the rest of it.
///
/// The class of a number keeps the spaces that the number is written with (`<number:00 000>`); it is one token.
pub fn name_hash(name: &str) -> u64 {
    if let Some(beginning) = name.strip_suffix(REST).filter(|b| b.starts_with(char::is_alphabetic) && !b.contains(' '))
    {
        return beginning_hash(beginning);
    }
    let mut hash = None;
    let mut rest = name;
    loop {
        let within = if rest.starts_with("<number:") { rest.find('>').unwrap_or(0) } else { 0 };
        let end = rest[within..].find(' ').map_or(rest.len(), |at| within + at);
        let token = token_hash(&rest[..end]);
        let so_far = hash.map_or(token, |before| extend_hash(before, token));
        match rest.get(end + 1..) {
            Some(more) => (hash, rest) = (Some(so_far), more),
            None => return so_far,
        }
    }
}

/// Calls `each` with the hash, the first position and the length of every n-gram of `tokens`.
#[inline]
pub fn for_each(tokens: &[u64], mut each: impl FnMut(u64, usize, usize)) {
    const { assert!(ORDER == 3) };
    let mut rest = tokens;
    let mut at = 0;
    while let [first, more @ ..] = rest {
        each(*first, at, 1);
        if let [second, more @ ..] = more {
            let two = extend_hash(*first, *second);
            each(two, at, 2);
            if let [third, ..] = more {
                each(extend_hash(two, *third), at, 3);
            }
        }
        rest = more;
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_word_has_a_beginning_and_a_hash_that_its_name_tells() {
        assert_eq!(beginning("recruiter"), Some("recru"));
        assert_eq!(beginning("вакансия"), Some("вакан"));
        for whole in ["", "work", "works", "труд", "труда"] {
            assert_eq!(beginning(whole), None, "{whole}");
        }
        assert_eq!(name_hash(&beginning_name("recru")), beginning_hash("recru"));
        assert_ne!(beginning_hash("recru"), token_hash("recru"));
        for punctuation in ["…", "!…", "recru …"] {
            assert_ne!(name_hash(punctuation), beginning_hash("recru"));
        }
        assert_eq!(name_hash("!…"), token_hash("!…"));
    }

    #[test]
    fn every_ngram_once_and_order_matters() {
        let tokens: Vec<u64> = ["a", "b", "c"].iter().map(|t| token_hash(t)).collect();
        let mut seen = Vec::new();
        for_each(&tokens, |hash, at, n| seen.push((at, n, hash)));
        assert_eq!(
            seen.iter().map(|&(at, n, _)| (at, n)).collect::<Vec<_>>(),
            [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (2, 1)]
        );
        let mut hashes: Vec<u64> = seen.iter().map(|s| s.2).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 6);
        assert_eq!(seen[2].2, name_hash("a b c"));
        let number = token_hash("<number:00 000>");
        assert_eq!(name_hash("<number:00 000>"), number);
        assert_eq!(name_hash("a <number:00 000> b"), extend_hash(extend_hash(tokens[0], number), tokens[1]));
        assert_ne!(extend_hash(tokens[0], tokens[1]), extend_hash(tokens[1], tokens[0]));
    }
}
