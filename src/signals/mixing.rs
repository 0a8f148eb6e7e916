/*!
Which languages a posting mixes.

Every lexicon is looked for in every posting, since people mix languages. But plain Latin letters are of many languages:
`sem` is marketing in Chinese ads and "without" in Portuguese. So a wording in such letters counts where its language is
the posting's, or where several wordings of its lexicon stand: one may be chance. English is understood everywhere.
*/

use rustc_hash::FxHashSet;

use super::by_segment;
use super::lexicon::{Lexicon, bit};
use super::matcher::Found;
use crate::entities::reading::{Reading, Segment};
use crate::text::language::Language;

/// Wordings of a lexicon that show that its language is mixed in, of which no two are alike or overlap.
const LEAST: usize = 3;
/// In long postings chance brings more: one more is wanted for so many units.
const UNITS: usize = 200;

/// Whether the words of a phrase may be another language's: they are in plain Latin letters, and the lexicon is not the
/// English one.
pub(super) fn is_of_many_languages(lexicon: &Lexicon, segment: &Segment, f: &Found) -> bool {
    lexicon.home(f.meaning) != Language::En && is_latin(words(segment, f))
}

fn words<'a>(segment: &'a Segment, f: &Found) -> &'a str {
    &segment.text[segment.folded(f.start as usize..f.end as usize)]
}

fn is_latin(words: &str) -> bool {
    words.is_ascii() && words.bytes().any(|b| b.is_ascii_alphabetic())
}

/// A bit for the first letter and the length of words: those of which it differs differ.
fn size_bit(words: &str) -> u64 {
    let first = words.as_bytes().first().copied().unwrap_or_default();
    1 << ((usize::from(first) + 5 * words.len()) % 64)
}

/// The languages whose lexicons speak in a posting: a bit for each. `ends` are where in `found` each segment ends.
pub(super) fn languages(lexicon: &Lexicon, reading: &Reading, found: &[Found], ends: &[usize]) -> u32 {
    let written = reading.written.language;
    let home = |f: &Found| lexicon.home(f.meaning);
    let units: usize = reading.segments.iter().map(|s| s.units.len()).sum();
    let wanted = LEAST + units / UNITS;
    let mut foreign: Vec<(Language, usize, &Segment, &Found)> = Vec::new();
    for (s, segment, found) in by_segment(reading, found, ends) {
        // What was found on the same words lies side by side; what English has too says nothing of another language.
        for same in found.chunk_by(|a, b| (a.start, a.end) == (b.start, b.end)) {
            let of_others = same.iter().filter(|f| home(f) != written).map(|f| (home(f), s, segment, f));
            if same.iter().all(|f| home(f) != Language::En)
                && of_others.clone().next().is_some()
                && is_latin(words(segment, &same[0]))
            {
                foreign.extend(of_others);
            }
        }
    }
    let mut wordings = [0; Language::ALL.len()];
    for (home, ..) in &foreign {
        wordings[*home as usize] += 1;
    }
    foreign.retain(|(home, ..)| wordings[*home as usize] >= wanted);
    if foreign.is_empty() {
        return 0;
    }
    // English may have the same words elsewhere.
    let mut sizes = 0;
    for (_, _, segment, f) in &foreign {
        sizes |= size_bit(words(segment, f));
    }
    let english = by_segment(reading, found, ends)
        .flat_map(|(_, segment, found)| found.iter().filter(|f| home(f) == Language::En).map(|f| words(segment, f)));
    let english: FxHashSet<&str> = english.filter(|words| sizes & size_bit(words) != 0).collect();
    // Of those that overlap the longest of the first counts.
    foreign.sort_unstable_by_key(|&(home, s, _, f)| (home as u8, s, f.start, std::cmp::Reverse(f.end)));
    wordings.fill(0);
    let mut seen: FxHashSet<(Language, &str)> = FxHashSet::default();
    let mut last: Option<(Language, usize, u32)> = None;
    for (home, s, segment, f) in foreign {
        let overlaps = last.is_some_and(|(language, at, end)| language == home && at == s && f.start < end);
        let words = words(segment, f);
        if !overlaps && !english.contains(words) && seen.insert((home, words)) {
            wordings[home as usize] += 1;
            last = Some((home, s, f.end));
        }
    }
    Language::ALL.into_iter().filter(|&l| wordings[l as usize] >= wanted).fold(0, |all, l| all | bit(l))
}

#[cfg(test)]
mod tests {
    use crate::entities::reading::Reader;
    use crate::posting::Posting;
    use crate::signals::{Extractor, Scratch};
    use crate::text::tokenizer::Tokenizer;

    fn fires(reader: &Reader, extractor: &Extractor, id: &str, text: &str) -> bool {
        let reading = reader.read(&Posting::from_text("1", text));
        let evidence = extractor.extract(reader, &reading, &mut Scratch::default());
        evidence.strengths[extractor.catalogue().find(id).unwrap().0 as usize] > 0.0
    }

    #[test]
    fn latin_letters_mean_what_they_mean_where_their_language_is_written() {
        let reader = Reader::new(Tokenizer::default());
        let extractor = Extractor::embedded(&reader);
        let fires = |id, text| fires(&reader, &extractor, id, text);
        assert!(fires(
            "crypto_forex",
            "Serviço de cripto: convide pessoas e venda as moedas da empresa com a nossa equipe"
        ));
        assert!(!fires("crypto_forex", "We are hiring for our cripto office, please apply with your CV on our site"));
        // One Tagalog wording in an English ad is chance; an ad that mixes both has more.
        let mixed = "URGENT hiring! Libre pamasahe, libre ang tirahan at pagkain, hindi kailangan ng karanasan, mag-apply \
                     ka na. Company will assist you with everything in the office.";
        assert!(fires("free_lodging", mixed));
    }
}
