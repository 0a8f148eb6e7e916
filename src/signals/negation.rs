/*!
What takes away what a phrase says: a negation before it or behind it, and the head of a list of other jobs.
*/

use rustc_hash::FxHashSet;

use super::lexicon::{Lexicon, Marker, Meaning};
use super::matcher::Found;
use crate::entities::reading::{Segment, UnitKind};
use crate::text::tokenizer::TokenKind;

/// How far a negation reaches before it and behind it, in half words: a character of an unspaced script is one.
const REACH: (u32, u32) = (8, 4);

/// Where in one segment stand the markers that take away what is said around them: first unit and end unit.
#[derive(Debug)]
pub(super) struct Negations<'a> {
    segment: &'a Segment,
    /// Negations of what follows, in the order of their ends.
    before: Vec<(u32, u32)>,
    /// Negations of what came, in the order of their starts.
    after: Vec<(u32, u32)>,
    /// Words over which no negation reaches, in the order of their ends.
    contrast: Vec<(u32, u32)>,
    /// For each unit, the half words before it; empty where nothing is negated.
    half_words: Vec<u32>,
    /// Where a list of other jobs begins; behind everything when there is none.
    pub(super) side_list: u32,
}

impl<'a> Negations<'a> {
    /// The markers among what was `found`, which is in the order of ends.
    pub(super) fn of(lexicon: &Lexicon, segment: &'a Segment, found: &[Found]) -> Negations<'a> {
        let meaning = |f: &Found| lexicon.meanings[f.meaning as usize];
        let (mut before, mut after, mut contrast) = (Vec::new(), Vec::new(), Vec::new());
        let mut side_list = u32::MAX;
        for f in found {
            let Meaning::Marker(marker) = meaning(f) else { continue };
            match marker {
                Marker::NegationBefore => before.push((f.start, f.end)),
                Marker::NegationAfter => after.push((f.start, f.end)),
                Marker::Contrast => contrast.push((f.start, f.end)),
                Marker::SideList if segment.units[f.start as usize].starts_sentence => {
                    side_list = side_list.min(f.start);
                }
                _ => {}
            }
        }
        // In "no experience, free ticket" the first phrase has used up its "no".
        if !before.is_empty() {
            let starts: FxHashSet<u32> =
                found.iter().filter(|f| matches!(meaning(f), Meaning::Signal(..))).map(|f| f.start).collect();
            before.retain(|n| !starts.contains(&n.0));
        }
        after.sort_unstable();
        let half_words = if before.is_empty() && after.is_empty() { Vec::new() } else { half_words(segment) };
        Negations { segment, before, after, contrast, half_words, side_list }
    }

    /// Whether a negation takes a phrase away.
    pub(super) fn negate(&self, f: &Found) -> bool {
        if self.half_words.is_empty() {
            return false;
        }
        let Negations { before, after, .. } = self;
        let apart = |from: u32, to: u32| self.half_words[to as usize].saturating_sub(self.half_words[from as usize]);
        let near = before.partition_point(|n| n.1 <= f.start && apart(n.1, f.start) > REACH.0)
            ..before.partition_point(|n| n.1 <= f.start);
        let next = after.partition_point(|n| n.0 < f.end)
            ..after.partition_point(|n| n.0 < f.end || apart(f.end, n.0) <= REACH.1);
        before[near].iter().any(|n| self.same_sentence(n.0, f.start))
            || after[next].iter().any(|n| self.same_sentence(f.start, n.0))
    }

    fn same_sentence(&self, a: u32, b: u32) -> bool {
        let contrast = &self.contrast;
        let between = contrast.partition_point(|c| c.1 <= a)..contrast.partition_point(|c| c.1 <= b);
        !self.segment.units[a as usize + 1..=(b as usize).max(a as usize)].iter().any(|u| u.starts_sentence)
            && !contrast[between].iter().any(|c| a < c.0)
    }
}

/// For each unit, the half words before it; one more for the end.
fn half_words(segment: &Segment) -> Vec<u32> {
    let mut sum = 0;
    let mut sums = vec![0];
    sums.extend(segment.units.iter().map(|unit| {
        sum += if unit.kind == UnitKind::Token(TokenKind::Unspaced) { 1 } else { 2 };
        sum
    }));
    sums
}
