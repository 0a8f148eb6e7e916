/*!
Offset maps: which stretch of a source text a stretch of a derived text came from.

Every step that rewrites text (HTML to text, folding) returns one, and maps compose, so that a span found in the last
text can be shown in the first, tags and disguises included.
*/

use std::ops::Range;

/// A map from byte ranges of a derived text to byte ranges of its source.
///
/// Runs are sorted by their place in both texts: no step moves text about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetMap {
    runs: Vec<Run>,
    derived_len: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    derived: u32,
    source: u32,
    source_len: u32,
    /// Copied byte for byte: positions inside the run are exact. Otherwise the run stands for its source as a whole.
    verbatim: bool,
}

impl OffsetMap {
    /// A map with nothing in it yet; [`OffsetMap::copied`] and [`OffsetMap::rewritten`] extend it.
    pub fn new() -> OffsetMap {
        OffsetMap::default()
    }

    /// Empties the map and keeps its room.
    pub(super) fn clear(&mut self) {
        self.runs.clear();
        self.derived_len = 0;
    }

    /// The map of a text onto itself.
    pub fn identity(len: usize) -> OffsetMap {
        let mut map = OffsetMap::new();
        map.copied(0, len);
        map
    }

    /// Records that the next `len` bytes of the derived text are bytes `source..source + len` of the source.
    pub fn copied(&mut self, source: usize, len: usize) {
        if len == 0 {
            return;
        }
        if let Some(last) = self.runs.last_mut()
            && last.verbatim
            && last.source + last.source_len == source as u32
        {
            last.source_len += len as u32;
        } else {
            self.runs.push(Run {
                derived: self.derived_len,
                source: source as u32,
                source_len: len as u32,
                verbatim: true,
            });
        }
        self.derived_len += len as u32;
    }

    /// Records that the next `len` bytes of the derived text stand for `source` as a whole.
    pub fn rewritten(&mut self, source: Range<usize>, len: usize) {
        if len == 0 {
            return;
        }
        self.runs.push(Run {
            derived: self.derived_len,
            source: source.start as u32,
            source_len: source.len() as u32,
            verbatim: false,
        });
        self.derived_len += len as u32;
    }

    /// The length in bytes of the derived text.
    pub fn derived_len(&self) -> usize {
        self.derived_len as usize
    }

    /// The source bytes that the derived bytes `range` came from, from the start of the first to the end of the last.
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        if self.runs.is_empty() {
            return 0..0;
        }
        if range.is_empty() {
            let run = self.run_at(range.start);
            let at = if run.verbatim {
                (run.source + (range.start as u32 - run.derived).min(run.source_len)) as usize
            } else {
                run.source as usize
            };
            return at..at;
        }
        let first = self.run_at(range.start);
        let start = if first.verbatim { first.source + (range.start as u32 - first.derived) } else { first.source };
        let last = self.run_at(range.end - 1);
        let end =
            if last.verbatim { last.source + (range.end as u32 - last.derived) } else { last.source + last.source_len };
        start as usize..(end.max(start)) as usize
    }

    fn run_at(&self, derived: usize) -> Run {
        let i = self.runs.partition_point(|r| r.derived as usize <= derived);
        self.runs[i.saturating_sub(1)]
    }

    /// The map that leads through `self` and then through `inner`, whose derived text is the source of `self`.
    pub fn then(&self, inner: &OffsetMap) -> OffsetMap {
        let mut out = OffsetMap { runs: Vec::with_capacity(self.runs.len()), derived_len: self.derived_len };
        for (i, run) in self.runs.iter().enumerate() {
            let end = self.runs.get(i + 1).map_or(self.derived_len, |next| next.derived);
            if !run.verbatim {
                let source = inner.source(run.source as usize..(run.source + run.source_len) as usize);
                out.runs.push(Run {
                    derived: run.derived,
                    source: source.start as u32,
                    source_len: source.len() as u32,
                    verbatim: false,
                });
                continue;
            }
            // A verbatim stretch may lie over several runs of the inner map: each keeps its own exactness.
            let mut derived = run.derived;
            let mut at = run.source;
            let mut k = inner.runs.partition_point(|r| r.derived <= at).saturating_sub(1);
            while derived < end {
                let inner_run = inner.runs[k];
                let inner_end = inner.runs.get(k + 1).map_or(inner.derived_len, |next| next.derived);
                let len = (inner_end - at).min(end - derived);
                let (source, source_len) = if inner_run.verbatim {
                    (inner_run.source + (at - inner_run.derived), len)
                } else {
                    (inner_run.source, inner_run.source_len)
                };
                out.runs.push(Run { derived, source, source_len, verbatim: inner_run.verbatim });
                derived += len;
                at += len;
                k += 1;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rewrites a text by a script of small edits, and returns the map.
    fn edit(source_len: usize, script: &[u8]) -> OffsetMap {
        let mut map = OffsetMap::new();
        let mut at = 0;
        for &op in script {
            if at >= source_len {
                break;
            }
            let take = (1 + op as usize / 4 % 5).min(source_len - at);
            match op % 4 {
                0 | 1 => map.copied(at, take),
                2 => map.rewritten(at..at + take, 1 + op as usize % 3),
                _ => {}
            }
            at += take;
        }
        map
    }

    proptest! {
        #[test]
        fn composition_is_application_in_turn(
            a in proptest::collection::vec(any::<u8>(), 0..40),
            b in proptest::collection::vec(any::<u8>(), 0..40),
            cut in any::<(u16, u16)>(),
        ) {
            let inner = edit(60, &a);
            let outer = edit(inner.derived_len(), &b);
            let both = outer.then(&inner);
            prop_assert_eq!(both.derived_len(), outer.derived_len());
            if outer.derived_len() > 0 {
                let (x, y) = (cut.0 as usize % outer.derived_len(), cut.1 as usize % outer.derived_len());
                let range = x.min(y)..x.max(y) + 1;
                prop_assert_eq!(both.source(range.clone()), inner.source(outer.source(range)));
            }
        }
    }

    #[test]
    fn a_rewritten_run_stands_for_its_source_as_a_whole() {
        let mut map = OffsetMap::new();
        map.copied(0, 3);
        map.rewritten(3..8, 1);
        map.copied(8, 2);
        assert_eq!(map.source(0..3), 0..3);
        assert_eq!(map.source(2..4), 2..8);
        assert_eq!(map.source(3..4), 3..8);
        assert_eq!(map.source(4..6), 8..10);
    }
}
