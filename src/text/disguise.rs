/*!
The second step of folding: disguises that only words show.

Everything here is guided by lists of words that lures need and filters look for (`data/watchwords.txt`,
`data/words.txt`): `te1egram` becomes `telegram` and `mp3` stays what it is. Look-alike letters need no list: a word of
two scripts whose letters all look Latin (or all Cyrillic) is written in one of them. The step is repeated until it
changes nothing, since one disguise may lie under another.
*/

mod apart;
mod chunks;
mod clusters;
mod cut;
mod emphasis;
mod heads;
mod inside;
mod letters;
mod output;
mod plain;
mod rows;
mod spelt;
mod words;

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::chars::{is_alphabetic, is_mark};
use super::fold::{Disguise, DisguiseKind};
use super::map::OffsetMap;
use chunks::{Chunk, Chunks};
use cut::{leet_words, words};
use emphasis::without_emphasis;
use inside::Whole;
use letters::{Foreign, LookAlikes, without_leet};
use output::Output;
use plain::{Plain, Walk};
use rows::{Row, Signs};
use spelt::Digits;
use words::Watchwords;

/// Disguises lie upon each other no deeper.
const MOST_LAYERS: usize = 4;

/// Undoes the disguises of words. Holds the tables.
#[derive(Debug)]
pub(crate) struct Undisguiser {
    watchwords: Watchwords,
    look_alikes: LookAlikes,
    digits: Digits,
    homophones: AhoCorasick,
    /// What each stands for, and whether it is a disguise; otherwise it is the ordinary slang word.
    homophone_of: Vec<(&'static str, bool)>,
}

/// A stretch of the text, what it says without disguise, and the disguise, if it was one.
#[derive(Debug)]
struct Edit {
    range: Range<usize>,
    with: String,
    /// The means, and what is shown of it.
    note: Option<(DisguiseKind, Range<usize>)>,
}

impl Edit {
    /// `kind`: the disguise, if it was one.
    fn new(range: Range<usize>, with: String, kind: Option<DisguiseKind>) -> Edit {
        let note = kind.map(|kind| (kind, range.clone()));
        Edit { range, with, note }
    }
}

/// What is worked on while a layer is taken off.
#[derive(Debug, Default)]
struct Work {
    edits: Vec<Edit>,
    whole: Vec<Whole>,
    rows: Vec<Row>,
    /// The signs that set letters apart in this layer.
    signs: Signs,
}

impl Work {
    /// What sets the letters of the rows apart is left out, or their word written, which begins at byte `base`.
    fn undo_rows(&mut self, base: usize) {
        let at = |range: Range<usize>| base + range.start..base + range.end;
        for Row { range, words, gaps, sign, certain, disguise } in self.rows.drain(..) {
            if certain {
                self.signs.note(sign);
            }
            let mut note = disguise.then(|| (DisguiseKind::SetApart, at(range.clone())));
            match words {
                Some(with) => self.edits.push(Edit { range: at(range), with, note }),
                None => {
                    let out = |gap| Edit { range: at(gap), with: String::new(), note: note.take() };
                    self.edits.extend(gaps.into_iter().map(out));
                }
            }
        }
    }
}

impl Undisguiser {
    pub(crate) fn new() -> Undisguiser {
        let mut patterns = Vec::new();
        let mut homophone_of = Vec::new();
        for (written, meant, disguise) in homophones() {
            patterns.push(written);
            homophone_of.push((meant, disguise));
        }
        let homophones = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&patterns)
            .expect("the embedded table is small");
        Undisguiser {
            watchwords: Watchwords::new(),
            look_alikes: LookAlikes::new(),
            digits: Digits::new(),
            homophones,
            homophone_of,
        }
    }

    /// `text` without its disguises and the map to it; `None` when there is nothing to undo. `base` leads from `text`
    /// to the text before folding, by which disguises are noted.
    pub(crate) fn undo(
        &self,
        text: &str,
        base: &OffsetMap,
        disguises: &mut Vec<Disguise>,
    ) -> Option<(String, OffsetMap)> {
        let mut undone: Option<(String, OffsetMap)> = None;
        let mut known = Signs::default();
        for _ in 0..MOST_LAYERS {
            let next = match &undone {
                None => self.layer(text, base, disguises, &mut known),
                Some((text, map)) => self
                    .layer(text, &map.then(base), disguises, &mut known)
                    .map(|(plain, upper)| (plain, upper.then(map))),
            };
            match next {
                Some(next) => undone = Some(next),
                None => break,
            }
        }
        undone
    }

    /// Takes off one layer. `known`: the signs that set letters apart in the layers above, to which those of this one are
    /// added.
    fn layer(
        &self,
        text: &str,
        base: &OffsetMap,
        disguises: &mut Vec<Disguise>,
        known: &mut Signs,
    ) -> Option<(String, OffsetMap)> {
        self.layer_but(text, base, disguises, known, |walk, at, foreign| self.plain(walk, at, foreign))
    }

    /// Takes off one layer, and passes over what `plain` tells to hide nothing.
    fn layer_but<'a>(
        &'a self,
        text: &'a str,
        base: &OffsetMap,
        disguises: &mut Vec<Disguise>,
        known: &mut Signs,
        plain: impl Fn(&mut Walk<'a>, usize, &Foreign<'a>) -> Plain,
    ) -> Option<(String, OffsetMap)> {
        let mut out = Output::of(text);
        let foreign = Foreign::new(&self.look_alikes, text);
        let mut apart: Vec<Chunk> = Vec::new();
        let mut work = Work { signs: known.clone(), ..Work::default() };
        let mut previous = 0..0;
        let mut walk = Walk::new(text);
        let mut at = 0;
        loop {
            let passed = plain(&mut walk, at, &foreign);
            if let Some(last) = passed.last {
                previous = last;
            }
            let mut chunks = Chunks::new(text, passed.end);
            let Some(chunk) = chunks.next() else { break };
            let range = chunk.range();
            at = range.end;
            if let Some((edit, end)) = self.spelt(text, chunk) {
                work.edits.push(edit);
                at = end;
            } else if apart::is_loose(&text[range.clone()]) {
                apart::run(text, chunk, &mut chunks, &mut apart);
                at = apart.last().map_or(chunk.end, |last| last.end);
                self.apart(text, &apart, &foreign, known, &mut work);
            } else {
                self.chunk(text, chunk, &foreign, previous, known, &mut work);
            }
            previous = range;
            if work.edits.is_empty() {
                continue;
            }
            work.edits.sort_by_key(|e| (e.range.start, std::cmp::Reverse(e.range.end)));
            for edit in work.edits.drain(..) {
                if out.rewrite(edit.range, &edit.with)
                    && let Some((kind, shown)) = edit.note
                {
                    disguises.push(Disguise { source: base.source(shown), kind });
                }
            }
        }
        *known = work.signs;
        out.finish()
    }

    /// Works on loose runs that follow each other. One that is a word by itself parts those before it from those behind.
    fn apart(&self, text: &str, run: &[Chunk], foreign: &Foreign<'_>, known: &Signs, work: &mut Work) {
        if run.len() > 1 && self.is_one_word(text, run) {
            return self.joined(text, run, foreign, known, work);
        }
        let mut from = 0;
        for (i, chunk) in run.iter().enumerate() {
            let s = &text[chunk.range()];
            rows::rows(&self.watchwords, s, known, &mut work.rows);
            let found = !work.rows.is_empty();
            work.undo_rows(chunk.start);
            if found || run.len() > 1 && rows::is_words(s) {
                self.joined(text, &run[from..i], foreign, known, work);
                if !found {
                    self.joined(text, &run[i..=i], foreign, known, work);
                }
                from = i + 1;
            }
        }
        self.joined(text, &run[from..], foreign, known, work);
    }

    /// Whether loose runs are one of the few words that filters look for, in parts.
    fn is_one_word(&self, text: &str, run: &[Chunk]) -> bool {
        let letters =
            run.iter().flat_map(|chunk| text[chunk.range()].chars()).filter(|&c| is_alphabetic(c) || is_mark(c));
        self.watchwords.is_first(&letters.collect::<String>())
    }

    /// Joins loose runs, or works on each.
    fn joined(&self, text: &str, run: &[Chunk], foreign: &Foreign<'_>, known: &Signs, work: &mut Work) {
        if let Some(row) = apart::join(&self.watchwords, &self.look_alikes, text, run, known) {
            work.rows.push(row);
            work.undo_rows(0);
        } else {
            for &chunk in run {
                self.chunk(text, chunk, foreign, 0..0, known, work);
            }
        }
    }

    /// A number or an address in words that begins with this chunk, and where it ends.
    fn spelt(&self, text: &str, chunk: Chunk) -> Option<(Edit, usize)> {
        let words = || Chunks::new(text, chunk.start).map(|c| c.range());
        if let Some((number, taken)) = self.number(text, chunk.range()) {
            let end = words().nth(taken - 1).map_or(chunk.end, |last| last.end);
            return Some((Edit::new(chunk.start..end, number, Some(DisguiseKind::SpeltOut)), end));
        }
        if spelt::may_begin_at(&text[chunk.end..])
            && let Some((address, taken)) = self.mail(text, chunk.start)
        {
            let last = words().nth(taken - 1)?;
            let end = last.start + text[last].trim_end_matches(['.', ',', '!', ')', ';']).len();
            return Some((Edit::new(chunk.start..end, address, None), end));
        }
        None
    }

    /// The number in words that begins with this chunk, and how many chunks it takes.
    fn number(&self, text: &str, chunk: Range<usize>) -> Option<(String, usize)> {
        let words = Chunks::new(text, chunk.start).map(|c| &text[c.range()]);
        self.digits.begins(&text[chunk]).then(|| self.digits.number(words)).flatten()
    }

    /// The address in words that begins with the chunk at byte `at`, and how many chunks it takes.
    fn mail(&self, text: &str, at: usize) -> Option<(String, usize)> {
        spelt::mail(Chunks::new(text, at).map(|c| &text[c.range()]))
    }

    /// Works on one run without white space. `previous` is the run in front of it, which may announce a name that
    /// somebody chose.
    fn chunk(
        &self,
        text: &str,
        chunk: Chunk,
        foreign: &Foreign<'_>,
        previous: Range<usize>,
        known: &Signs,
        work: &mut Work,
    ) {
        let edits = &mut work.edits;
        let s = &text[chunk.range()];
        let may = chunk.may_be(s);
        if may.nothing() {
            return;
        }
        let at = |range: Range<usize>| chunk.start + range.start..chunk.start + range.end;
        if may.homophones {
            // A mark on its last character makes another of it, and would stand on the word's last letter.
            let is_whole = |end: usize| !text[chunk.start + end..].starts_with(is_mark);
            for found in self.homophones.find_iter(s).filter(|found| is_whole(found.end())) {
                let (meant, disguise) = self.homophone_of[found.pattern().as_usize()];
                let kind = disguise.then_some(DisguiseKind::Homophone);
                edits.push(Edit::new(at(found.start()..found.end()), meant.to_owned(), kind));
            }
        }
        if may.rows
            && let Some((range, number)) = self.digits.rows(s)
        {
            edits.push(Edit::new(at(range), number, Some(DisguiseKind::SpeltOut)));
        }
        let mixed = may.mixed || may.foreign && foreign.is_so();
        let signs = may.leet || may.triple;
        if !(may.inside || signs || mixed) {
            return;
        }
        let address = is_address(s);
        if may.inside && !(address && s.is_ascii()) {
            rows::rows(&self.watchwords, s, known, &mut work.rows);
            if !work.rows.is_empty() {
                work.undo_rows(chunk.start);
                return;
            }
            work.whole.clear();
            inside::whole_words(&self.watchwords, s, &mut work.whole);
            for word in work.whole.drain(..) {
                let kind = word.disguise.then_some(DisguiseKind::Inside);
                edits.push(Edit::new(at(word.range), word.word, kind));
            }
        }
        if !(signs || mixed) {
            return;
        }
        let fixed = address || is_host(s) || s.contains('_') || is_name_ahead(&text[previous]);
        if fixed && !mixed {
            return;
        }
        if !mixed && !may.triple {
            for word in leet_words(s) {
                if let Some(with) = without_leet(&self.watchwords, &s[word.clone()], known.tell_leet()) {
                    let with = without_emphasis(&with).unwrap_or(with);
                    edits.push(Edit::new(at(word), with, Some(DisguiseKind::Leet)));
                    work.signs.note_leet();
                }
            }
            return;
        }
        for word in words(s) {
            let original = &s[word.clone()];
            let mut current = None;
            let mut kind = None;
            if mixed
                && !original.is_ascii()
                && let Some(plain) = self.look_alikes.one_script(original, foreign.is_so(), &self.watchwords)
            {
                kind = Some(DisguiseKind::LookAlike);
                current = Some(plain);
            }
            if !fixed {
                if let Some(plain) =
                    without_leet(&self.watchwords, current.as_deref().unwrap_or(original), known.tell_leet())
                {
                    kind = kind.or(Some(DisguiseKind::Leet));
                    current = Some(plain);
                    work.signs.note_leet();
                }
                if let Some(plain) = without_emphasis(current.as_deref().unwrap_or(original)) {
                    current = Some(plain);
                }
            }
            if let Some(with) = current {
                edits.push(Edit::new(at(word), with, kind));
            }
        }
    }
}

/// Whether what follows is a name that somebody chose, spelt as it must be.
fn is_name_ahead(chunk: &str) -> bool {
    matches!(
        chunk.trim_end_matches([':', '=']),
        "id" | "telegram" | "tg" | "line" | "wechat" | "whatsapp" | "skype" | "qq" | "zalo" | "vx" | "wx" | "微信"
    )
}

/// Links, mail addresses and handles are spelt as they must be.
fn is_address(s: &str) -> bool {
    memchr::memchr_iter(b':', s.as_bytes()).any(|at| s[at..].starts_with("://"))
        || s.starts_with("www.")
        || s.starts_with('@')
        || s.starts_with('#')
        || memchr::memchr(b'@', s.as_bytes()).is_some_and(|at| s[at..].contains('.'))
}

/// Whether it is a host name, with a path or without.
fn is_host(s: &str) -> bool {
    let host = s.split('/').next().unwrap_or_default().trim_end_matches(['.', ',', ')', '!']);
    let ending = host.rsplit('.').next().unwrap_or_default();
    host.len() > ending.len() && (2..=8).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_lowercase())
}

/// What is written for contact words, what is meant, and whether that is a disguise or the ordinary slang word.
pub(crate) fn homophones() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    lines(include_str!("data/homophones.txt")).filter_map(|line| {
        let (disguise, slang) = (line.split_once(" = "), line.split_once(" ~ "));
        let (written, meant) = disguise.or(slang)?;
        Some((written, meant, disguise.is_some()))
    })
}

/// The lines of a data file that are neither blank nor comments.
fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("# "))
}

#[cfg(test)]
mod tests;
