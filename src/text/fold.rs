/*!
Folding: one form for all the ways in which the same words are written, evasion undone.

Two steps. The first goes character by character: NFKC, lower case, digits of all scripts to ASCII, quotes and dashes to
one form, invisible characters and stacked marks dropped. The second (`disguise`) goes word by word and undoes
what only words show: look-alike letters, leet, letters set apart, signs inside words, homophones. Both keep offsets,
and both note what looked like a disguise: innocent uses of the same means (joiners in Indic text and emoji, zero-width
spaces between Khmer or Thai words, bold Unicode letters) are folded without a note.
*/

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, is_nfkc_quick};

use super::chars::is_alphanumeric;
use super::disguise::Undisguiser;
use super::lanes::{BLOCK, Block};
use super::map::OffsetMap;
use super::spelling::{is_reading_mark, letter};

/// A folded text, the way back, and the disguises that were taken off.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// From the folded text to the text that was folded.
    pub map: OffsetMap,
    /// What looked like a disguise, by where it stands in the text that was folded.
    pub disguises: Vec<Disguise>,
}

/// A stretch of text that was written so as to escape a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct Disguise {
    /// Byte range in the text before folding.
    pub source: Range<usize>,
    /// The means.
    pub kind: DisguiseKind,
}

/// The means by which words are disguised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisguiseKind {
    /// An invisible character between letters.
    ZeroWidth,
    /// Combining marks heaped on letters.
    StackedMarks,
    /// Letters of another script that look the same.
    LookAlike,
    /// Letters set apart by spaces, dots or hyphens.
    SetApart,
    /// Digits and signs for letters.
    Leet,
    /// Emoji or other signs inside a word.
    Inside,
    /// aLtErNaTiNg case.
    AlternatingCase,
    /// Another word that sounds like, or stands for, the name of a chat service.
    Homophone,
    /// A telephone number in words.
    SpeltOut,
}

/// Folds texts. Made once, shared by threads.
#[derive(Debug)]
pub struct Folder {
    undisguiser: Undisguiser,
    alone: Alone,
}

impl Default for Folder {
    fn default() -> Folder {
        Folder::new()
    }
}

impl Folder {
    /// Reads the embedded tables.
    pub fn new() -> Folder {
        Folder { undisguiser: Undisguiser::new(), alone: Alone::new() }
    }

    /// Folds `source`.
    pub fn fold(&self, source: &str) -> Folded {
        let mut folded = Folded::default();
        self.fold_into(source, &mut folded);
        folded
    }

    /// As [`Folder::fold`], in the room of a text that was folded before.
    pub fn fold_into(&self, source: &str, folded: &mut Folded) {
        let Folded { text, map, disguises } = folded;
        disguises.clear();
        fold_characters(source, &self.alone, text, map, disguises);
        alternating_case(source, disguises);
        if let Some((undone, second)) = self.undisguiser.undo(text, map, disguises) {
            *text = undone;
            *map = second.then(map);
        }
    }
}

/// What characters fold to where nothing joins them: worked out when each is first met, since hardly any text has more
/// than some hundreds of those that there is room for.
#[derive(Debug)]
struct Alone(Box<[AtomicU32]>);

/// What a character folds to alone: the one character, and the bits below.
#[derive(Clone, Copy)]
struct Form(u32);

impl Form {
    /// It is worked out.
    const KNOWN: u32 = 1 << 31;
    /// It may join what stands before it.
    const CONTINUES: u32 = 1 << 30;
    /// Marks in order behind it, of which the same is true, change nothing.
    const STAYS: u32 = 1 << 29;
    /// It is dropped or becomes several.
    const NO_CHAR: u32 = 0x3f_ffff;

    fn of(c: char) -> Form {
        // Most of the characters that there are, and the only ones of which a text has hundreds.
        if is_never_folded(c) {
            return Form(Form::KNOWN | Form::STAYS | c as u32);
        }
        let to = alone(c);
        let quiet = to == Some(c) && !is_overlay_mark(c) && is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes;
        Form(
            Form::KNOWN
                | if continues(c) { Form::CONTINUES } else { 0 }
                | if quiet { Form::STAYS } else { 0 }
                | to.map_or(Form::NO_CHAR, |to| to as u32),
        )
    }

    #[inline]
    fn to(self) -> Option<char> {
        char::from_u32(self.0 & Form::NO_CHAR)
    }

    #[inline]
    fn is_only(self, c: char) -> bool {
        self.0 & Form::NO_CHAR == c as u32
    }

    #[inline]
    fn continues(self) -> bool {
        self.0 & Form::CONTINUES != 0
    }
}

impl Alone {
    /// The plane that nearly all text is written in.
    const PLANE: usize = 0x1_0000;
    /// The emoji of the next one.
    const EMOJI: Range<usize> = 0x1_f000..0x1_fc00;

    fn new() -> Alone {
        Alone((0..Alone::PLANE + Alone::EMOJI.len()).map(|_| AtomicU32::new(0)).collect())
    }

    #[inline]
    fn form(&self, c: char) -> Form {
        match c as usize {
            code @ ..Alone::PLANE => self.held(c, code),
            code if Alone::EMOJI.contains(&code) => self.held(c, Alone::PLANE + code - Alone::EMOJI.start),
            _ => Form::of(c),
        }
    }

    #[inline]
    fn held(&self, c: char, at: usize) -> Form {
        let form = Form(self.0[at].load(Ordering::Relaxed));
        if form.0 == 0 { self.work_out(c, at) } else { form }
    }

    #[cold]
    fn work_out(&self, c: char, at: usize) -> Form {
        let form = Form::of(c);
        self.0[at].store(form.0, Ordering::Relaxed);
        form
    }

    /// Whether a cluster folds to itself: it is normal, and nothing in it is dropped or written otherwise.
    fn stays(&self, cluster: &str) -> bool {
        let mut last = 0;
        cluster.chars().all(|c| {
            let class = canonical_combining_class(c);
            let ordered = class == 0 || last <= class;
            last = class;
            ordered && self.form(c).0 & Form::STAYS != 0
        })
    }
}

/// Plain Han and Hangul syllables, which most text that is not ASCII is made of: they stay, and continue nothing.
fn is_never_folded(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// The one character that `c` folds to.
fn alone(c: char) -> Option<char> {
    let mut text = String::new();
    let mut source = [0; 4];
    let source = c.encode_utf8(&mut source);
    fold_cluster(source, 0..source.len(), &mut text, &mut OffsetMap::new(), &mut Vec::new());
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// The first step: character by character.
fn fold_characters(source: &str, alone: &Alone, text: &mut String, map: &mut OffsetMap, disguises: &mut Vec<Disguise>) {
    let bytes = source.as_bytes();
    text.clear();
    text.reserve(source.len());
    map.clear();
    let mut at = 0;
    while at < bytes.len() {
        // ASCII that no mark can attach to is folded by bytes.
        if begins_ascii(&bytes[at..]) {
            let run = at + ascii_length(&bytes[at..]);
            let plain_end = if run < bytes.len() { run - 1 } else { run };
            push_ascii(&source[at..plain_end], at, text, map);
            at = plain_end;
            continue;
        }
        // Characters that stand alone. What stays as it is is copied by the run.
        let (mut same, mut mapped) = (at, at);
        let mut chars = source[at..].chars();
        let mut next = chars.next().map(|c| (c, alone.form(c)));
        while let Some((c, form)) = next {
            let following = chars.next().map(|c| (c, alone.form(c)));
            if following.is_some_and(|(_, form)| form.continues()) {
                break;
            }
            let end = at + c.len_utf8();
            if !form.is_only(c) {
                let Some(to) = form.to() else { break };
                text.push_str(&source[same..at]);
                text.push(to);
                same = end;
                if to.len_utf8() != end - at {
                    map.copied(mapped, at - mapped);
                    map.rewritten(at..end, to.len_utf8());
                    mapped = end;
                }
            }
            at = end;
            next = following.filter(|(c, _)| !c.is_ascii() || !begins_ascii(&bytes[at..]));
        }
        text.push_str(&source[same..at]);
        map.copied(mapped, at - mapped);
        if next.is_none() {
            continue;
        }
        let end = cluster_end(source, at, alone);
        if alone.stays(&source[at..end]) {
            text.push_str(&source[at..end]);
            map.rewritten(at..end, end - at);
        } else {
            fold_cluster(source, at..end, text, map, disguises);
        }
        at = end;
    }
}

/// Whether `bytes` begin with as much ASCII as is worth going by bytes.
#[inline]
fn begins_ascii(bytes: &[u8]) -> bool {
    let is_ascii = |first: &[u8; 8]| u64::from_le_bytes(*first) & 0x8080_8080_8080_8080 == 0;
    bytes.first_chunk().map_or_else(|| bytes.is_ascii(), is_ascii)
}

/// How much of `bytes` is ASCII before the first byte that is not.
fn ascii_length(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let mut length = 0;
    while let Some(block) = bytes[length..].first_chunk::<BLOCK>()
        && block.is_ascii()
    {
        length += BLOCK;
    }
    length + bytes[length..].iter().position(|b| !b.is_ascii()).unwrap_or(bytes.len() - length)
}

fn push_ascii(s: &str, at: usize, text: &mut String, map: &mut OffsetMap) {
    let from = text.len();
    text.push_str(s);
    text[from..].make_ascii_lowercase();
    map.copied(at, s.len());
}

/// The end of the stretch from `at` that normalizes by itself: nothing after it composes with anything in it.
fn cluster_end(source: &str, at: usize, alone: &Alone) -> usize {
    let mut chars = source[at..].char_indices();
    chars.next();
    chars.find(|&(_, c)| !alone.form(c).continues()).map_or(source.len(), |(i, _)| at + i)
}

/// Whether normalization may join `c` to what stands before it.
fn continues(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    if canonical_combining_class(c) != 0 || is_ignorable(c) {
        return true;
    }
    let mut first = None;
    decompose_compatible(c, |d| {
        first.get_or_insert(d);
    });
    let first = first.unwrap_or(c);
    canonical_combining_class(first) != 0 || is_nfkc_quick(std::iter::once(first)) == IsNormalized::Maybe
}

fn fold_cluster(
    source: &str,
    range: Range<usize>,
    text: &mut String,
    map: &mut OffsetMap,
    disguises: &mut Vec<Disguise>,
) {
    let from = text.len();
    let mut base = None;
    let mut dropped = 0;
    let cluster = &source[range.clone()];
    for c in cluster.chars().filter(|&c| !is_ignorable(c)).nfkc().flat_map(char::to_lowercase) {
        let c = letter(one_form(c));
        if is_overlay_mark(c) && base.is_some_and(takes_no_loose_marks) || is_reading_mark(c) {
            dropped += is_overlay_mark(c) as usize;
            // Of a heap of marks the first may have composed with the letter: it is heaped like the rest.
            if let Some(bare) = base.and_then(|letter| under_heap(letter, c))
                && text[from..].ends_with(base.unwrap_or_default())
            {
                text.pop();
                text.push(bare);
                base = Some(bare);
            }
            continue;
        }
        if canonical_combining_class(c) == 0 {
            base = Some(c);
        }
        text.push(c);
    }
    if dropped > 1 {
        disguises.push(Disguise { source: range.clone(), kind: DisguiseKind::StackedMarks });
    }
    if let Some((i, _)) = cluster.char_indices().find(|&(_, c)| is_zero_width(c)) {
        let at = range.start + i;
        // A mark may stand between the letter and the sign; looking further would cost more than linear time.
        let before = source[..at].char_indices().rev().take(4).find(|&(_, c)| !is_ignorable(c) && !is_reading_mark(c));
        let after = source[at..].chars().take(8).find(|&c| !is_ignorable(c));
        let sign = source[at..].chars().next().unwrap_or_default();
        if let (Some((start, b)), Some(a)) = (before, after)
            && hides_between(b, sign)
            && hides_between(a, sign)
            // Where two lines were run together the sign is what is left of the break.
            && !(b.is_lowercase() && a.is_uppercase())
        {
            disguises.push(Disguise { source: word_around(source, start..range.end), kind: DisguiseKind::ZeroWidth });
        }
    }
    let folded = &text[from..];
    if folded.len() == cluster.len() && folded.chars().count() == 1 {
        map.copied(range.start, cluster.len());
    } else {
        let len = folded.len();
        map.rewritten(range, len);
    }
}

/// Characters that show nothing: dropped wherever they stand.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{640}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The ignorable characters that can hide inside a word. Soft hyphens are left out: typesetters put them there.
fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}')
}

/// Letters of scripts that have no use for invisible characters between them.
fn hides_between(c: char, sign: char) -> bool {
    // Joiners spell in Persian, Urdu and Indic words; Thai and Lao know only the space of no width.
    if matches!(sign, '\u{200b}' | '\u{2060}' | '\u{feff}')
        && matches!(c, '\u{620}'..='\u{6d3}' | '\u{900}'..='\u{bff}')
    {
        return true;
    }
    if sign != '\u{200b}' && matches!(c, '\u{e01}'..='\u{eff}') {
        return true;
    }
    c.is_ascii_alphanumeric()
        || matches!(c, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{52f}' | '\u{1e00}'..='\u{1eff}' | '\u{3040}'..='\u{30ff}'
            | '\u{4e00}'..='\u{9fff}')
}

/// The range with the rest of the word, as far as a word reaches.
fn word_around(source: &str, range: Range<usize>) -> Range<usize> {
    const REACH: usize = 20;
    let inside = |c: &char| is_alphanumeric(*c) || is_ignorable(*c) || canonical_combining_class(*c) != 0;
    let before: usize = source[..range.start].chars().rev().take(REACH).take_while(inside).map(char::len_utf8).sum();
    let behind: usize = source[range.end..].chars().take(REACH).take_while(inside).map(char::len_utf8).sum();
    range.start - before..range.end + behind
}

/// Marks that decorate or strike through; the ones that spell have composed with their letter before.
pub(super) fn is_overlay_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20f0}' | '\u{fe20}'..='\u{fe2f}')
}

/// The letter without its marks when one more is heaped on it; none where languages write both (Yoruba `ọ̀`, `ẹ́`).
fn under_heap(letter: char, mark: char) -> Option<char> {
    if !is_overlay_mark(mark) || matches!((letter, mark), ('ẹ' | 'ọ', '\u{300}' | '\u{301}' | '\u{304}')) {
        return None;
    }
    let mut bare = None;
    decompose_compatible(letter, |c| {
        bare.get_or_insert(c);
    });
    bare.filter(|&bare| bare != letter)
}

fn takes_no_loose_marks(base: char) -> bool {
    base.is_ascii() || matches!(base, '\u{80}'..='\u{52f}' | '\u{1e00}'..='\u{1fff}' | '\u{2000}'..='\u{2bff}')
}

/// Digits to ASCII, quotes, dashes and separators to one form each, styled capitals that NFKC leaves alone to letters.
fn one_form(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2bc}' | '\u{2032}' | '\u{60}' | '\u{b4}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2033}' | '\u{300e}' | '\u{300f}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' => '-',
        '\u{2028}' | '\u{2029}' | '\u{85}' => '\n',
        '\u{2044}' | '\u{2215}' => '/',
        // Negative circled and squared capitals have no compatibility mapping.
        '\u{1f150}'..='\u{1f169}' => capital(c as u32 - 0x1f150),
        '\u{1f170}'..='\u{1f189}' => capital(c as u32 - 0x1f170),
        _ => decimal(c).unwrap_or(c),
    }
}

fn capital(n: u32) -> char {
    (b'a' + n as u8) as char
}

/// The zeros of the decimal digits that our scripts and their neighbours use.
const ZEROS: [u32; 22] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0,
];

fn decimal(c: char) -> Option<char> {
    let code = c as u32;
    if !(0x660..=0x19d9).contains(&code) {
        return None;
    }
    let zero = ZEROS[ZEROS.partition_point(|&z| z <= code).checked_sub(1)?];
    (code - zero < 10).then(|| (b'0' + (code - zero) as u8) as char)
}

/// Notes words like `tElEgRaM`: hardly two letters in a row are of one case. Camel case has longer stretches.
fn alternating_case(source: &str, disguises: &mut Vec<Disguise>) {
    let bytes = source.as_bytes();
    let mut at = 0;
    while let Some(turned) = turn(bytes, at) {
        let before = bytes[..turned].iter().rposition(|b| !b.is_ascii_alphabetic()).map_or(0, |n| n + 1);
        let end = bytes[turned..].iter().position(|b| !b.is_ascii_alphabetic()).map_or(bytes.len(), |n| turned + n);
        at = before;
        let word = &bytes[at..end];
        let turns = word.windows(2).filter(|w| w[0].is_ascii_lowercase() != w[1].is_ascii_lowercase()).count();
        if (7..=24).contains(&word.len()) && turns * 8 > word.len() * 7 - 7 {
            disguises.push(Disguise { source: at..end, kind: DisguiseKind::AlternatingCase });
        }
        at = end;
    }
}

/// Where, from byte `at` on, a small letter stands before a capital, which most texts do not have at all.
fn turn(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(block) = bytes[at..].first_chunk().map(Block::new) {
        let (small, capital) = (block.mask(|v| v.between(b'a', b'z')), block.mask(|v| v.between(b'A', b'Z')));
        match small & capital >> 1 {
            0 => at += BLOCK - 1,
            turns => return Some(at + turns.trailing_zeros() as usize),
        }
    }
    let rest = &bytes[at..];
    rest.windows(2).position(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).map(|n| at + n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fold(s: &str) -> Folded {
        Folder::new().fold(s)
    }

    fn kinds(s: &str) -> Vec<DisguiseKind> {
        fold(s).disguises.into_iter().map(|d| d.kind).collect()
    }

    #[test]
    fn case_width_digits_and_quotes_have_one_form() {
        assert_eq!(fold("ＦＲＥＥ Flight — “Ok” ‘it’s’").text, "free flight - \"ok\" 'it's'");
        assert_eq!(fold("৳২০,০০০ ๓๐๐๐ ٥٠٠ ५०").text, "৳20,000 3000 500 50");
        assert_eq!(fold("𝗪𝗵𝗮𝘁𝘀𝗔𝗽𝗽 🅵🅾🅾").text, "whatsapp foo");
        assert_eq!(fold("cafe\u{301} İstanbul").text, "café istanbul");
        assert!(fold("𝗪𝗵𝗮𝘁𝘀𝗔𝗽𝗽 Ｔｅｌ").disguises.is_empty(), "styled letters are fashion, not disguise");
    }

    #[test]
    fn invisible_characters_are_noted_only_where_they_hide() {
        assert_eq!(fold("tele\u{200b}gram").text, "telegram");
        assert_eq!(kinds("tele\u{200b}gram"), [DisguiseKind::ZeroWidth]);
        assert_eq!(kinds("ការងារ\u{200b}ល្អ"), []);
        assert_eq!(kinds("👨\u{200d}👩\u{200d}👧 क\u{94d}\u{200d}ष"), []);
        assert_eq!(kinds("Work \u{200b}here\u{feff}"), []);
    }

    #[test]
    fn heaped_marks_go_and_spelling_marks_stay() {
        assert_eq!(fold("t\u{335}\u{336}e\u{335}\u{337}l").text, "tel");
        assert!(kinds("t\u{335}\u{336}e\u{335}\u{337}l").contains(&DisguiseKind::StackedMarks));
        assert_eq!(fold("t\u{323}e\u{323}\u{320}l\u{324}\u{316}e\u{302}\u{303}\u{330}").text, "ṭele");
        assert_eq!(fold("Ọ̀yọ́ ẹ́").text, "ọyọ ẹ");
        assert_eq!(fold("việc nhẹ lương cao").text, "việc nhẹ lương cao");
        assert_eq!(fold("ที่พักฟรี").text, "ที่พักฟรี");
        assert!(kinds("việc nhẹ lương cao ที่พักฟรี").is_empty());
    }

    #[test]
    fn alternating_case_is_noted_camel_case_is_not() {
        assert_eq!(kinds("tElEgRaM"), [DisguiseKind::AlternatingCase]);
        assert_eq!(kinds("JavaScript iPhone LinkedIn YouTubeTV MySQLServer NhenTrangBaGoc DocDocDoc"), []);
    }

    proptest! {
        #[test]
        fn turns_are_found_in_order(text in "[a-bA-B .]{0,8}|[a .]{55,75}[A-Ba-b]{0,4}[a .]{50,80}[A-B]{0,2}[a-b ]{0,70}", from in 0..9usize) {
            let bytes = text.as_bytes();
            let from = from.min(bytes.len());
            let turns = |at: &usize| bytes[*at].is_ascii_lowercase() && bytes[*at + 1].is_ascii_uppercase();
            prop_assert_eq!(turn(bytes, from), (from..bytes.len().saturating_sub(1)).find(turns));
        }
    }

    #[test]
    fn spans_lead_back_through_what_was_dropped() {
        let source = "Add Te\u{200b}leg\u{200b}ram now";
        let folded = fold(source);
        let at = folded.text.find("telegram").unwrap();
        assert_eq!(&source[folded.map.source(at..at + 8)], "Te\u{200b}leg\u{200b}ram");
    }

    #[test]
    fn what_is_never_folded_is_folded_to_itself() {
        for c in ('\u{4e00}'..='\u{9fff}').chain('\u{ac00}'..='\u{d7a3}') {
            assert_eq!(alone(c), Some(c), "{c:?}");
            assert!(!continues(c) && !is_overlay_mark(c), "{c:?}");
            assert_eq!(is_nfkc_quick(std::iter::once(c)), IsNormalized::Yes, "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_maps_back_onto_char_boundaries(s in "\\PC{0,40}|[a-zA-Z0-9 .@$а-я\u{200b}\u{301}ก-๛가-힣]{0,60}") {
            let folded = fold(&s);
            prop_assert_eq!(folded.map.derived_len(), folded.text.len());
            for (i, c) in folded.text.char_indices() {
                let range = folded.map.source(i..i + c.len_utf8());
                prop_assert!(s.is_char_boundary(range.start) && s.is_char_boundary(range.end), "{:?}", range);
            }
            for d in &folded.disguises {
                prop_assert!(s.get(d.source.clone()).is_some());
            }
        }

        #[test]
        fn clusters_normalize_as_the_whole_text_does(s in "\\PC{0,30}") {
            let mut text = String::new();
            fold_characters(&s, &Alone::new(), &mut text, &mut OffsetMap::new(), &mut Vec::new());
            let whole: String = s
                .chars().filter(|&c| !is_ignorable(c)).nfkc().flat_map(char::to_lowercase).map(one_form).map(letter)
                .filter(|&c| !is_reading_mark(c)).collect();
            // Which marks are heaped is told letter by letter: what stands beneath them is compared.
            let bare = |text: &str| -> String { text.nfd().filter(|&c| !is_overlay_mark(c)).collect() };
            prop_assert_eq!(bare(&text), bare(&whole));
        }
    }
}
