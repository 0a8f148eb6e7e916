/*!
The table of characters that `chars.rs` answers from, made by the build: Rust source, since the scripts are an enum.

What a character is asked for on the way of a text is put together here once: the tables of Unicode answer by a search,
and most texts ask for most of their characters several times.
*/

use std::collections::HashMap;
use std::fmt::Write;

use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

use super::around::{closes, is_unspaced, opens};

/// Characters in a block; equal blocks are stored once.
const BLOCK: usize = 128;
/// How many characters there may be.
const ALL: u32 = 0x11_0000;

/// The files of `data` that say more of characters than Unicode does.
pub(crate) struct Files<'a> {
    pub(crate) han: &'a str,
    pub(crate) lookalikes: &'a str,
    pub(crate) digits: &'a str,
    pub(crate) homophones: &'a str,
}

/// The source of the tables. The low byte of a property is the number of the script, the bits above are those that
/// `chars.rs` names.
pub(crate) fn source<'a>(files: &Files<'a>) -> String {
    let rows = |file: &'a str| file.lines().filter(|line| !line.starts_with('#'));
    let mut extra: HashMap<char, u32> = HashMap::new();
    let mut mark = |c: char, bit: u32| *extra.entry(c).or_default() |= 1 << bit;
    for line in rows(files.han) {
        if let Some((name, letters)) = line.split_once(": ") {
            letters.chars().for_each(|c| mark(c, if name == "simplified" { 12 } else { 13 }));
        }
    }
    for line in rows(files.lookalikes) {
        line.split_whitespace().skip(1).flat_map(str::chars).for_each(|c| mark(c, 30));
    }
    for line in rows(files.digits) {
        let names = line.split_once(": ").map_or("", |(_, names)| names);
        for name in names.split_whitespace() {
            let mut chars = name.chars();
            if let (Some(c), None) = (chars.next(), chars.next()) {
                mark(c, 31);
            }
        }
    }
    for line in rows(files.homophones) {
        let mut chars = line.chars();
        chars.next().into_iter().for_each(|c| mark(c, 22));
        chars.next().into_iter().for_each(|c| mark(c, 23));
    }
    let mut scripts: Vec<Script> = Vec::new();
    let mut blocks: Vec<Vec<u32>> = Vec::new();
    let mut known: HashMap<Vec<u32>, usize> = HashMap::new();
    let mut index = Vec::new();
    for start in (0..ALL).step_by(BLOCK) {
        let block: Vec<u32> = (start..start + BLOCK as u32)
            .map(|code| {
                char::from_u32(code)
                    .map_or(0, |c| with_extra(properties(c, &mut scripts), *extra.get(&c).unwrap_or(&0)))
            })
            .collect();
        let number = *known.entry(block.clone()).or_insert_with(|| {
            blocks.push(block);
            blocks.len() - 1
        });
        index.push(number);
    }
    let mut out = String::new();
    let names: Vec<String> = scripts.iter().map(|script| format!("Script::{script:?}")).collect();
    // A string takes every write.
    let _ = writeln!(out, "pub(crate) static SCRIPTS: [Script; {}] = [{}];", names.len(), names.join(","));
    let _ = writeln!(out, "static BLOCKS: [u16; {}] = {index:?};", index.len());
    let _ = writeln!(out, "static PROPERTIES: [[u32; {BLOCK}]; {}] = {blocks:?};", blocks.len());
    out
}

/// The properties with those of the files.
fn with_extra(properties: u32, extra: u32) -> u32 {
    let all = properties | extra;
    let plain_latin = all >> 20 & 1 == 1 && all >> 30 & 1 == 0;
    all | u32::from(plain_latin) << 28
}

fn properties(c: char, scripts: &mut Vec<Script>) -> u32 {
    let script = c.script();
    let common = matches!(script, Script::Common | Script::Inherited);
    let number = scripts.iter().position(|known| *known == script).unwrap_or_else(|| {
        scripts.push(script);
        scripts.len() - 1
    });
    let flags = [c.is_alphabetic(), c.is_numeric(), c.is_whitespace(), is_combining_mark(c)];
    let signs =
        [is_pictograph(c), fills(c), is_in_piece(c), common, script == Script::Latin, script == Script::Cyrillic];
    let loose = is_loose_letter(c, script);
    let neither = !loose && !separates(c) && !is_combining_mark(c) && !opens(c) && !closes(c);
    let of_runs = [loose, separates(c), neither, is_sign(c)];
    let all = flags.into_iter().zip(8..).chain(signs.into_iter().zip(16..)).chain(of_runs.into_iter().zip(24..));
    let others = [(is_of_urdu(c), 14), (is_strange(c), 15), (links(c), 29)];
    all.chain(others).fold(number as u32, |all, (set, bit)| all | u32::from(set) << bit)
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{25a0}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Signs that are put inside words: separators and emoji, not the ones that join words.
fn fills(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | '*' | '~' | '·' | '•' | '|' | '^' | '=' | '`' | '/' | '۔' | '〇') || is_pictograph(c)
}

/// The letters of which words are set apart letter by letter.
fn is_loose_letter(c: char, script: Script) -> bool {
    c.is_ascii_lowercase()
        || c == 'ー'
        || !c.is_ascii()
            && c.is_alphabetic()
            && !is_combining_mark(c)
            && (matches!(
                script,
                Script::Latin
                    | Script::Cyrillic
                    | Script::Arabic
                    | Script::Devanagari
                    | Script::Bengali
                    | Script::Tamil
                    | Script::Hangul
            ) || is_unspaced(script))
}

/// What joins the letter behind it to itself or to the one before: viramas that stack, the ring of the vowel am in Thai
/// and Lao, whose other half is a letter, and the Lao ho, which is written as one with some of the letters behind it.
fn links(c: char) -> bool {
    matches!(
        c,
        '\u{94d}'
            | '\u{9cd}'
            | '\u{acd}'
            | '\u{b4d}'
            | '\u{c4d}'
            | '\u{d4d}'
            | '\u{e4d}'
            | '\u{ecd}'
            | '\u{1039}'
            | '\u{17d2}'
            | 'ຫ'
    )
}

/// Letters that Urdu has and Arabic has not.
fn is_of_urdu(c: char) -> bool {
    matches!(c, 'ٹ' | 'ڈ' | 'ڑ' | 'ں' | 'ے' | 'ہ' | 'ھ')
}

/// Whether none of our languages that share the script of the letter has it: those of Polish, Czech, Turkish, German,
/// Romanian, the Nordic and Baltic languages, and of Persian, which has no others than Urdu, but none of the many that only
/// Urdu has. Of Cyrillic those of
/// Ukrainian, Kazakh, Uzbek and Mongolian.
#[rustfmt::skip]
fn is_strange(c: char) -> bool {
    matches!(
        c,
        'ä' | 'å' | 'ö' | 'ø' | 'ü' | 'ß' | 'ð' | 'þ' | 'ą' | 'ć' | 'č' | 'ď' | 'ę' | 'ě' | 'ė' | 'ğ'
            | 'ģ' | 'į' | 'ı' | 'ķ' | 'ľ' | 'ļ' | 'ł' | 'ń' | 'ň' | 'ņ' | 'ő' | 'ř' | 'ś' | 'š' | 'ş' | 'ș'
            | 'ť' | 'ţ' | 'ț' | 'ů' | 'ű' | 'ų' | 'ź' | 'ż' | 'ž' | 'گ' | 'چ' | 'پ' | 'ژ'
            | 'ə' | 'і' | 'ї' | 'є' | 'ґ' | 'ә' | 'ғ' | 'қ' | 'ң' | 'ө' | 'ұ' | 'ү' | 'һ' | 'ў' | 'ҳ'
    )
}

/// What stands between letters that are set apart.
fn separates(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | '*' | '/' | '\\' | '|' | '~' | '·' | '•' | '+' | '=' | '۔')
}

/// What may hide something wherever it stands: signs inside words, signs and digits for letters, and wide white space.
fn is_sign(c: char) -> bool {
    fills(c)
        || matches!(c, '0' | '1' | '3' | '4' | '5' | '7' | '$' | '@' | '!' | '|' | 'A'..='Z' | '\0'..='\x20')
        || c.is_whitespace()
}

/// What the parts of a word between such signs are made of.
fn is_in_piece(c: char) -> bool {
    c.is_alphanumeric() && c != '〇' || matches!(c, '@' | '$') || is_combining_mark(c)
}
