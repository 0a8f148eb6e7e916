/*!
Passages of a posting: rows of sentences, each of which can be read as if it were all of it.

Who pads a lure with the text of an honest vacancy, or hides it between its duties and benefits, changes what most of the
words say, and not what the lure says. A passage is some two sentences long, and the next one begins in its middle, so that
what is said in a few lines stands in one of them as a whole.
*/

use std::ops::Range;

use super::reading::{Reading, Segment, Unit, UnitKind};
use crate::posting::Field;
use crate::text::tokenizer::TokenKind;

/// Lexical units of a passage: it is as long as so many, and at most a sentence longer.
const SIZE: usize = 35;
/// A posting of fewer lexical units than this is read as a whole only: its passages would be most of it.
const LEAST: usize = 60;

/// Units of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Number of the segment.
    pub segment: usize,
    /// Its units.
    pub units: Range<usize>,
}

/// A sentence, or a part of a long one.
#[derive(Debug)]
struct Sentence {
    run: Run,
    /// In halves of a lexical unit.
    halves: usize,
}

/// The passages of a posting, in room that is kept.
#[derive(Debug, Default)]
pub struct Passages {
    sentences: Vec<Sentence>,
    /// Numbers of sentences.
    passages: Vec<Range<usize>>,
}

impl Passages {
    /// Takes up a posting, and forgets the one before.
    pub fn fill(&mut self, reading: &Reading) {
        let Passages { sentences, passages } = self;
        sentences.clear();
        passages.clear();
        if reading.lexical_units < LEAST {
            return;
        }
        for (number, segment) in reading.segments.iter().enumerate() {
            cut(number, segment, sentences);
        }
        let mut start = 0;
        while start < sentences.len() {
            let end = reach(sentences, start, 2 * SIZE);
            passages.push(start..end);
            if end == sentences.len() {
                break;
            }
            start = reach(&sentences[..end], start, SIZE);
        }
    }

    /// Each passage by the runs of units that it is made of, of each field one.
    pub fn iter(&self) -> impl Iterator<Item = impl Iterator<Item = Run> + Clone> {
        self.passages.iter().map(|passage| {
            let same_field = |a: &Sentence, b: &Sentence| a.run.segment == b.run.segment;
            self.sentences[passage.clone()].chunk_by(same_field).map(|sentences| Run {
                segment: sentences[0].run.segment,
                units: sentences[0].run.units.start..sentences[sentences.len() - 1].run.units.end,
            })
        })
    }
}

/// The sentence behind those from `start` on that are so many halves long together; one at least lies between them.
fn reach(sentences: &[Sentence], start: usize, halves: usize) -> usize {
    let mut sum = 0;
    let enough = sentences[start..].iter().position(|sentence| {
        sum += sentence.halves;
        sum >= halves
    });
    enough.map_or(sentences.len(), |at| start + at + 1)
}

/// Cuts a segment where sentences and lines begin, and where one has grown to half a passage.
fn cut(number: usize, segment: &Segment, sentences: &mut Vec<Sentence>) {
    let mut sentence = Sentence { run: Run { segment: number, units: 0..0 }, halves: 0 };
    for (at, unit) in segment.units.iter().enumerate() {
        if at > sentence.run.units.start && (unit.starts_sentence || sentence.halves >= SIZE) {
            let next = Sentence { run: Run { segment: number, units: at..at }, halves: 0 };
            sentences.push(std::mem::replace(&mut sentence, next));
        }
        sentence.run.units.end = at + 1;
        sentence.halves += halves(unit);
    }
    if !sentence.run.units.is_empty() {
        sentences.push(sentence);
    }
}

/// A field, and bytes of it as the feed gave it.
pub type Place = (Field, Range<usize>);

/// The place of a run.
pub fn place(reading: &Reading, run: Run) -> Place {
    let segment = &reading.segments[run.segment];
    (segment.field, segment.source(run.units))
}

/// Halves of a lexical unit that a unit counts: words and entities count one unit, characters of unspaced scripts a half.
pub(super) fn halves(unit: &Unit) -> usize {
    match unit.kind {
        UnitKind::Token(TokenKind::Word) | UnitKind::Entity(_) => 2,
        UnitKind::Token(TokenKind::Unspaced) => 1,
        UnitKind::Token(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::reading::Reader;
    use crate::posting::Posting;
    use crate::text::tokenizer::Tokenizer;
    use proptest::prelude::*;

    fn passages(posting: &Posting) -> (Reading, Vec<Vec<Run>>) {
        let reading = Reader::new(Tokenizer::default()).read(posting);
        let mut passages = Passages::default();
        passages.fill(&reading);
        let runs = passages.iter().map(Iterator::collect).collect();
        (reading, runs)
    }

    #[test]
    fn a_short_posting_has_none() {
        let (reading, runs) = passages(&Posting::from_text("a", "We sell bread. ".repeat(19)));
        assert_eq!((reading.lexical_units, runs.len()), (57, 0));
        assert!(!passages(&Posting::from_text("a", "We sell bread. ".repeat(20))).1.is_empty());
    }

    #[test]
    fn fields_are_read_on_into_each_other_and_a_row_of_words_without_an_end_is_cut() {
        let mut posting = Posting::from_text("a", "word ".repeat(120));
        posting.set(Field::Title, "Baker");
        let (reading, runs) = passages(&posting);
        assert_eq!(runs[0].len(), 2);
        assert_eq!(runs[0][0], Run { segment: 0, units: 0..1 });
        assert_eq!(place(&reading, runs[0][0].clone()), (Field::Title, 0..5));
        assert!(runs.len() > 3 && runs.iter().flatten().all(|run| run.units.len() <= 2 * SIZE));
    }

    proptest! {
        #[test]
        fn every_unit_stands_in_a_passage_and_none_in_many(
            words in proptest::collection::vec(prop_oneof!["[a-z]{1,6}", Just(".".to_owned()), Just("\n".to_owned()), Just("工".to_owned())], 100..400),
        ) {
            let (reading, runs) = passages(&Posting::from_text("a", words.join(" ")));
            prop_assume!(reading.lexical_units >= LEAST);
            for (number, segment) in reading.segments.iter().enumerate() {
                for at in 0..segment.units.len() {
                    let of = runs.iter().flatten().filter(|r| r.segment == number && r.units.contains(&at)).count();
                    prop_assert!((1..=3).contains(&of), "{of}");
                }
            }
        }
    }
}
