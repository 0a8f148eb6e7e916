//! A text while it is written anew, and the way back.

use std::ops::Range;

use crate::text::map::OffsetMap;

/// Writes the new text, copying what lies between the rewritten stretches.
pub(super) struct Output<'a> {
    source: &'a str,
    text: String,
    map: OffsetMap,
    copied: usize,
    changed: bool,
}

impl Output<'_> {
    /// Of which nothing is written yet.
    pub(super) fn of(source: &str) -> Output<'_> {
        Output { source, text: String::new(), map: OffsetMap::new(), copied: 0, changed: false }
    }

    /// Writes `with` in the place of a stretch, unless some of it has been written already.
    pub(super) fn rewrite(&mut self, range: Range<usize>, with: &str) -> bool {
        if range.start < self.copied {
            return false;
        }
        self.copy_to(range.start);
        self.text.push_str(with);
        self.copied = range.end;
        self.map.rewritten(range, with.len());
        self.changed = true;
        true
    }

    pub(super) fn copy_to(&mut self, end: usize) {
        self.text.push_str(&self.source[self.copied..end]);
        self.map.copied(self.copied, end - self.copied);
        self.copied = end;
    }

    pub(super) fn finish(mut self) -> Option<(String, OffsetMap)> {
        if !self.changed {
            return None;
        }
        self.copy_to(self.source.len());
        Some((self.text, self.map))
    }
}
