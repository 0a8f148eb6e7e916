/*!
The second step of folding: disguises that only words show.

Everything here is guided by a list of words that lures need and filters look for (`data/watchwords.txt`): `te1egram`
becomes `telegram` and `mp3` stays what it is. Look-alike letters need no list: a word of two scripts whose letters all
look Latin (or all Cyrillic) is written in one of them.
*/

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use unicode_script::{Script, UnicodeScript};

use super::fold::{Disguise, DisguiseKind};
use super::map::OffsetMap;

/// Joined letters longer than this are left alone: no ad spells a longer phrase letter by letter.
const MAX_JOINED: usize = 120;

/// Undoes the disguises of words. Holds the tables.
#[derive(Debug)]
pub(crate) struct Undisguiser {
    watchwords: HashSet<&'static str>,
    to_latin: HashMap<char, char>,
    to_cyrillic: HashMap<char, char>,
    homophones: AhoCorasick,
    homophone_of: Vec<&'static str>,
}

impl Undisguiser {
    pub(crate) fn new() -> Undisguiser {
        let watchwords = lines(include_str!("data/watchwords.txt")).flat_map(str::split_whitespace).collect();
        let mut to_latin = HashMap::new();
        let mut to_cyrillic = HashMap::new();
        for line in lines(include_str!("data/lookalikes.txt")) {
            let mut columns = line.split_whitespace();
            let latin = columns.next().and_then(|c| c.chars().next());
            for c in columns.flat_map(str::chars) {
                if let Some(latin) = latin {
                    to_latin.insert(c, latin);
                    if c.script() == Script::Cyrillic {
                        to_cyrillic.entry(latin).or_insert(c);
                    }
                }
            }
        }
        let (patterns, homophone_of): (Vec<&str>, Vec<&str>) =
            lines(include_str!("data/homophones.txt")).filter_map(|line| line.split_once(" = ")).unzip();
        let homophones = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&patterns)
            .expect("the embedded table is small");
        Undisguiser { watchwords, to_latin, to_cyrillic, homophones, homophone_of }
    }

    /// `text` without its disguises and the map to it; `None` when there is nothing to undo. `base` leads from `text`
    /// to the text before folding, by which disguises are noted.
    pub(crate) fn undo(
        &self,
        text: &str,
        base: &OffsetMap,
        disguises: &mut Vec<Disguise>,
    ) -> Option<(String, OffsetMap)> {
        let mut out = Output { source: text, text: String::new(), map: OffsetMap::new(), copied: 0, changed: false };
        let foreign = self.is_latin_in_disguise(text);
        let mut chunks = Chunks { text, at: 0 }.peekable();
        let mut apart = Vec::new();
        while let Some(chunk) = chunks.next() {
            let letters = &text[chunk.clone()];
            if single_letter(letters) {
                apart.clear();
                apart.push(chunk.clone());
                let mut end = chunk.end;
                while let Some(next) = chunks.next_if(|n| n.start == end + 1 && single_letter(&text[n.clone()])) {
                    end = next.end;
                    apart.push(next);
                }
                if apart.len() >= 4 {
                    let joined: String = apart.iter().map(|r| &text[r.clone()]).collect();
                    if let Some(words) = self.segment(&joined) {
                        let range = apart[0].start..end;
                        disguises.push(note(base, range.clone(), DisguiseKind::SetApart));
                        out.rewrite(range, &words);
                    }
                }
                continue;
            }
            self.undo_chunk(text, chunk, foreign, base, disguises, &mut out);
        }
        out.finish()
    }

    /// Works on one run without white space.
    fn undo_chunk(
        &self,
        text: &str,
        chunk: Range<usize>,
        foreign: bool,
        base: &OffsetMap,
        disguises: &mut Vec<Disguise>,
        out: &mut Output<'_>,
    ) {
        let s = &text[chunk.clone()];
        if s.bytes().all(|b| b.is_ascii_lowercase()) || is_address(s) {
            return;
        }
        if !s.is_ascii() {
            for found in self.homophones.find_iter(s) {
                let range = chunk.start + found.start()..chunk.start + found.end();
                disguises.push(note(base, range.clone(), DisguiseKind::Homophone));
                out.rewrite(range, self.homophone_of[found.pattern().as_usize()]);
            }
        }
        // Set apart or filled in: `t.e.l.e.g.r.a.m`, `tele-gram`, `te💰legram`.
        let core = trim(s);
        let core_range = chunk.start + core.start..chunk.start + core.end;
        if let Some((joined, kind)) = self.join_parts(&text[core_range.clone()]) {
            if let Some(kind) = kind {
                disguises.push(note(base, core_range.clone(), kind));
            }
            out.rewrite(core_range, &joined);
            return;
        }
        for word in words(s) {
            let range = chunk.start + word.start..chunk.start + word.end;
            let original = &text[range.clone()];
            let mut current = None;
            if !original.is_ascii()
                && let Some(plain) = self.one_script(original, foreign)
            {
                disguises.push(note(base, range.clone(), DisguiseKind::LookAlike));
                current = Some(plain);
            }
            if let Some(plain) = self.without_leet(current.as_deref().unwrap_or(original)) {
                disguises.push(note(base, range.clone(), DisguiseKind::Leet));
                current = Some(plain);
            }
            if let Some(plain) = current {
                out.rewrite(range, &plain);
            }
        }
    }

    /// The parts of a chunk joined, when together they are a watched word; and the disguise, if it is one.
    fn join_parts(&self, s: &str) -> Option<(String, Option<DisguiseKind>)> {
        let mut parts = 0;
        let mut longest = 0;
        let mut run = 0;
        let mut hyphens_only = true;
        let mut after_sign = true;
        for c in s.chars() {
            if is_word_char(c) {
                parts += after_sign as usize;
                run = if after_sign { 1 } else { run + 1 };
                longest = longest.max(run);
                after_sign = false;
            } else if fills(c) && s.len() < MAX_JOINED {
                hyphens_only &= c == '-';
                after_sign = true;
            } else {
                return None;
            }
        }
        // In `that's` the sign is spelling.
        if parts < 2 || (parts == 2 && s.contains('\'')) {
            return None;
        }
        let joined: String = s.chars().filter(|&c| is_word_char(c)).collect();
        if parts >= 4 && longest == 1 {
            let words = self.segment(&joined)?;
            return Some((words, Some(DisguiseKind::SetApart)));
        }
        // `on-line`, `e-mail`: a hyphen alone is spelling, several or other signs are not.
        let innocent = hyphens_only && parts == 2;
        self.watched(&joined).then(|| (joined, (!innocent).then_some(DisguiseKind::Inside)))
    }

    /// A word of mixed scripts in one of them, when its letters look alike. `foreign`: the text around it is Latin, and
    /// its Cyrillic or Greek words are made of look-alikes alone.
    fn one_script(&self, word: &str, foreign: bool) -> Option<String> {
        let mut latin = 0;
        let mut other = 0;
        for c in word.chars() {
            match c.script() {
                Script::Latin => latin += (!self.to_latin.contains_key(&c)) as usize,
                Script::Common | Script::Inherited => {}
                _ => other += 1,
            }
            other += (c.script() == Script::Latin && self.to_latin.contains_key(&c)) as usize;
        }
        if other == 0 || (latin == 0 && !(foreign && other >= 2)) {
            return None;
        }
        let all_latin =
            word.chars().all(|c| c.is_ascii() || self.to_latin.contains_key(&c) || c.script() == Script::Latin);
        if all_latin {
            return Some(word.chars().map(|c| *self.to_latin.get(&c).unwrap_or(&c)).collect());
        }
        let cyrillic = word.chars().any(|c| c.script() == Script::Cyrillic);
        let all_cyrillic = word.chars().all(|c| c.script() == Script::Cyrillic || self.to_cyrillic.contains_key(&c));
        (cyrillic && all_cyrillic && latin <= other)
            .then(|| word.chars().map(|c| *self.to_cyrillic.get(&c).unwrap_or(&c)).collect())
    }

    /// Whether the text is Latin and all its Cyrillic and Greek letters look Latin.
    fn is_latin_in_disguise(&self, text: &str) -> bool {
        if text.is_ascii() {
            return false;
        }
        let mut latin = 0;
        for c in text.chars() {
            match c.script() {
                Script::Latin => latin += 1,
                Script::Cyrillic | Script::Greek if !self.to_latin.contains_key(&c) => return false,
                _ => {}
            }
        }
        latin >= 10
    }

    /// `word` with letters for leet signs, when that makes it a watched word.
    fn without_leet(&self, word: &str) -> Option<String> {
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let signs = word.chars().filter(|&c| leet(c).is_some()).count();
        if signs == 0 || letters < 2 || letters + signs < 4 || word.len() > 32 {
            return None;
        }
        // `experience5` is two things run together.
        if signs == 1 && word.ends_with('5') {
            return None;
        }
        let with = |one: char| -> String {
            word.chars().map(|c| if c == '1' || c == '!' || c == '|' { one } else { leet(c).unwrap_or(c) }).collect()
        };
        let known = ['i', 'l'].into_iter().map(with).find(|w| self.watched(w));
        if known.is_some() {
            return known;
        }
        // Two or more signs that no product name has, each between letters, are a disguise whatever the word.
        let chars: Vec<char> = word.chars().collect();
        let between = |i: usize| chars[i - 1].is_alphabetic() && chars[i + 1].is_alphabetic();
        let inner = (1..chars.len().saturating_sub(1))
            .filter(|&i| matches!(chars[i], '$' | '@' | '0' | '1' | '3') && between(i));
        (inner.count() == signs && signs >= 2 && letters >= 2 * signs && chars.iter().any(|c| matches!(c, '$' | '@')))
            .then(|| with('i'))
    }

    /// A watched word, or its plural.
    fn watched(&self, word: &str) -> bool {
        self.watchwords.contains(word) || word.strip_suffix('s').is_some_and(|w| self.watchwords.contains(w))
    }

    /// Letters as watched words with spaces between them, when they can be read so from end to end.
    fn segment(&self, letters: &str) -> Option<String> {
        if letters.len() > MAX_JOINED || !letters.is_ascii() {
            return self.watched(letters).then(|| letters.to_owned());
        }
        let n = letters.len();
        // best[i]: where the last word of a reading of letters[..i] begins; the fewest words win.
        let mut best: Vec<Option<(usize, usize)>> = vec![None; n + 1];
        best[0] = Some((0, 0));
        for end in 1..=n {
            for start in end.saturating_sub(20)..end {
                if let Some((count, _)) = best[start]
                    && (self.watched(&letters[start..end])
                        || matches!(
                            &letters[start..end],
                            "to" | "in" | "on" | "us" | "me" | "we" | "a" | "for" | "and" | "is" | "at" | "no"
                        ))
                    && best[end].is_none_or(|(c, _)| count + 1 < c)
                {
                    best[end] = Some((count + 1, start));
                }
            }
        }
        let mut words = Vec::new();
        let mut end = n;
        while end > 0 {
            let (_, start) = best[end]?;
            words.push(&letters[start..end]);
            end = start;
        }
        words.reverse();
        words.iter().any(|w| w.len() >= 4).then(|| words.join(" "))
    }
}

/// Writes the new text, copying what lies between the rewritten stretches.
struct Output<'a> {
    source: &'a str,
    text: String,
    map: OffsetMap,
    copied: usize,
    changed: bool,
}

impl Output<'_> {
    fn rewrite(&mut self, range: Range<usize>, with: &str) {
        if range.start < self.copied {
            return;
        }
        self.copy_to(range.start);
        self.text.push_str(with);
        self.copied = range.end;
        self.map.rewritten(range, with.len());
        self.changed = true;
    }

    fn copy_to(&mut self, end: usize) {
        self.text.push_str(&self.source[self.copied..end]);
        self.map.copied(self.copied, end - self.copied);
        self.copied = end;
    }

    fn finish(mut self) -> Option<(String, OffsetMap)> {
        if !self.changed {
            return None;
        }
        self.copy_to(self.source.len());
        Some((self.text, self.map))
    }
}

/// The runs of a text that hold no white space.
struct Chunks<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Chunks<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = &self.text[self.at..];
        let start = self.at + rest.find(|c: char| !c.is_whitespace())?;
        let end = self.text[start..].find(char::is_whitespace).map_or(self.text.len(), |n| start + n);
        self.at = end;
        Some(start..end)
    }
}

/// The stretches of letters and leet signs in a chunk.
fn words(chunk: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let inside = |c: char| is_word_char(c) || leet(c).is_some();
        let start = at + chunk[at..].find(inside)?;
        let end = chunk[start..].find(|c| !inside(c)).map_or(chunk.len(), |n| start + n);
        at = end;
        Some(start..end)
    })
}

fn note(base: &OffsetMap, range: Range<usize>, kind: DisguiseKind) -> Disguise {
    Disguise { source: base.source(range), kind }
}

fn is_word_char(c: char) -> bool {
    c.is_alphabetic()
}

fn single_letter(s: &str) -> bool {
    let mut chars = s.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() && matches!(c.script(), Script::Latin | Script::Cyrillic))
        && chars.next().is_none()
}

/// Signs that are put inside words: separators and emoji, not the ones that join words.
fn fills(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | '*' | '~' | '\'' | '·' | '•' | '|' | '^' | '=' | '`')
        || matches!(c, '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// The letter that a sign stands for in leet; `1`, `!` and `|` may also be an `l`.
fn leet(c: char) -> Option<char> {
    Some(match c {
        '$' | '5' => 's',
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '7' => 't',
        _ => return None,
    })
}

/// Links, mail addresses and handles are spelt as they must be.
fn is_address(s: &str) -> bool {
    s.contains("://")
        || s.starts_with("www.")
        || s.starts_with('@')
        || s.starts_with('#')
        || s.find('@').is_some_and(|at| s[at..].contains('.'))
}

/// The chunk without punctuation around it.
fn trim(s: &str) -> Range<usize> {
    let inside = |c: char| is_word_char(c) || c.is_ascii_digit();
    let start = s.find(inside).unwrap_or(0);
    let end = s.rfind(inside).map_or(s.len(), |i| i + s[i..].chars().next().map_or(0, char::len_utf8));
    start..end.max(start)
}

/// The lines of a data file that are neither blank nor comments.
fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("# "))
}

#[cfg(test)]
mod tests {
    use super::super::fold::{DisguiseKind, Folder};

    fn fold(s: &str) -> (String, Vec<DisguiseKind>) {
        let folded = Folder::new().fold(s);
        (folded.text, folded.disguises.into_iter().map(|d| d.kind).collect())
    }

    #[test]
    fn disguises_are_undone_and_noted() {
        use DisguiseKind::*;
        for (source, plain, kind) in [
            ("w h a t s a p p", "whatsapp", SetApart),
            ("F R E E F L I G H T", "free flight", SetApart),
            ("t.e.l.e.g.r.a.m", "telegram", SetApart),
            ("t-e-l-e-g-r-a-m", "telegram", SetApart),
            ("te1egr@m", "telegram", Leet),
            ("h1gh $alary", "high salary", Leet),
            ("c0mm1ssi0n", "commission", Leet),
            ("tele💰gram", "telegram", Inside),
            ("what*s*app", "whatsapp", Inside),
            ("Теlеgrаm", "telegram", LookAlike),
            ("wοrk frοm hοme", "work from home", LookAlike),
            ("зapплaтa", "зарплата", LookAlike),
            ("加賴", "加line", Homophone),
            ("薇信", "微信", Homophone),
        ] {
            let (text, kinds) = fold(source);
            assert_eq!(text, plain, "{source}");
            assert!(kinds.contains(&kind), "{source}: {kinds:?}");
        }
    }

    #[test]
    fn innocent_look_alikes_stay() {
        for source in [
            "mp3 b2b web3 h1b 401k covid19 c++ c# .net i18n s3 l10n",
            "u.s.a. p.o.e.a. e.g. i.e. n.y.",
            "s$3,000 us$500 a$ap nt$100k",
            "on-site part-time full-time co-op",
            "jobs@acme.example @handle01 https://t.me/w0rk",
            "москва работа вконтакте",
            "🏠work from home🏠apply now",
            "kpi's 3d 4k 5s 24/7 1-on-1",
            "grade a b c and d",
            "that's today's visa's food5 experience5",
        ] {
            let (text, kinds) = fold(source);
            assert_eq!(text, source);
            assert!(kinds.is_empty(), "{source}: {kinds:?}");
        }
    }

    #[test]
    fn a_hyphenated_word_is_joined_without_suspicion() {
        let (text, kinds) = fold("on-line whats-app");
        assert_eq!(text, "online whatsapp");
        assert!(kinds.is_empty());
    }

    #[test]
    fn long_rows_of_letters_cost_linear_time_and_stay() {
        let row = "x ".repeat(50_000);
        assert_eq!(fold(&row).0, row);
        let dots = "x.".repeat(50_000);
        assert_eq!(fold(&dots).0, dots);
    }
}
