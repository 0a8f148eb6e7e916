/*!
The endings and particles that names of places carry in running text.

A stem that may go on with any letters finds words that are no places: "до" + "ход", "англи" + "йский". So each script has
the endings that nouns take there, and nothing else ends a name. Endings are written as a folded text shows them.
*/

use super::chars::{char_at, is_letter};

/// Case endings of Russian nouns, the singular and the plural of every declension.
const SLAVIC: [&str; 30] = [
    "а", "я", "у", "ю", "е", "и", "ы", "й", "ь", "о", "ё", "ой", "ей", "ою", "ею", "ом", "ем", "ём", "ам", "ям", "ами",
    "ями", "ах", "ях", "ье", "ья", "ью", "ьи", "ьем", "ией",
];

/// Nepali case endings and the Hindi postpositions that are written together with names.
const DEVANAGARI: [&str; 24] = [
    "मा",
    "को",
    "का",
    "की",
    "कै",
    "मै",
    "ले",
    "लाई",
    "बाट",
    "देखि",
    "सम्म",
    "सँग",
    "भित्र",
    "बाहिर",
    "तिर",
    "तर्फ",
    "स्थित",
    "सहित",
    "लगायत",
    "जाने",
    "में",
    "से",
    "तक",
    "हुँदै",
];

/// Bengali case endings.
const BENGALI: [&str; 22] = [
    "র",
    "ে",
    "এ",
    "ের",
    "এর",
    "য\u{9bc}",
    "য\u{9bc}ে",
    "য\u{9bc}ের",
    "তে",
    "কে",
    "রে",
    "েই",
    "েও",
    "ও",
    "ই",
    "তেও",
    "তেই",
    "গামী",
    "সহ",
    "থেকে",
    "য\u{9bc}ও",
    "স্থ",
];

/// How Tamil case endings begin; particles follow them freely.
const TAMIL: [&str; 30] = [
    "ில",
    "ின",
    "ிற",
    "ை",
    "ால",
    "ோட",
    "ும",
    "ுக",
    "ுட",
    "ு",
    "க்கு",
    "ல்",
    "வில",
    "வின",
    "விற",
    "வுக",
    "வை",
    "வும",
    "யில",
    "யின",
    "யிற",
    "யுக",
    "யை",
    "யும",
    "த்தில",
    "த்தின",
    "த்தை",
    "த்துக",
    "த்திற",
    "ுள்",
];

/// The consonant of the next word, written at the end of this one.
const TAMIL_LINKS: [&str; 4] = ["க்", "ச்", "த்", "ப்"];

/// The most letters that an ending of Tamil has.
const LONGEST_TAMIL: usize = 10;

/// The end of a word that goes on at byte `at`, behind a name that ends with `last`; none when what follows is no ending.
pub(crate) fn end_of_ending(text: &str, at: usize, last: char) -> Option<usize> {
    let rest = text.get(at..)?;
    let length = rest.find(|c: char| !is_letter(c)).unwrap_or(rest.len());
    let ending = rest.get(..length)?;
    let ends = match last as u32 {
        0x0400..=0x052f => SLAVIC.contains(&ending),
        0x0900..=0x097f => DEVANAGARI.contains(&ending),
        0x0980..=0x09ff => BENGALI.contains(&ending),
        0x0b80..=0x0bff => {
            TAMIL_LINKS.contains(&ending)
                || ending.chars().count() <= LONGEST_TAMIL
                    && TAMIL.iter().any(|beginning| ending.starts_with(beginning))
        }
        _ => false,
    };
    ends.then_some(at + length)
}

/// Arabic particles that are written together with the word behind them, and whether they say where or where to.
const PARTICLES: [(&str, bool); 8] =
    [("وب", true), ("ول", true), ("فب", true), ("ب", true), ("ل", true), ("و", false), ("ف", false), ("ك", false)];

/// Where the word goes on behind a particle that it begins with, and whether the particle speaks of places.
pub(crate) fn after_particle(text: &str, at: usize) -> Option<(usize, bool)> {
    let rest = text.get(at..)?;
    let (particle, locative) = PARTICLES.iter().find(|(particle, _)| rest.starts_with(particle))?;
    let end = at + particle.len();
    is_letter(char_at(text, end)?).then_some((end, *locative))
}
