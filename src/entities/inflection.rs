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

/// Those of Ukrainian that Russian has not, and of Mongolian.
const OTHER_CYRILLIC: [&str; 21] = [
    "і", "ї", "ії", "ію", "ією", "єю", "ія", "ові", "д", "т", "ад", "од", "эд", "аас", "оос", "ээс", "ийн", "ын", "ыг",
    "ийг", "руу",
];

/// Kazakh and Uzbek case endings; the vowel that Russian writes at the end of a name may stand in front of them.
const TURKIC_CYRILLIC: [&str; 30] = [
    "ға", "ге", "қа", "ке", "га", "да", "де", "та", "те", "дан", "ден", "тан", "тен", "нан", "нен", "ны", "ні", "ды",
    "ді", "ты", "ті", "ның", "нің", "дың", "дің", "ни", "нинг", "дағы", "дегі", "гача",
];

/// Bytes of the Cyrillic stems that take the endings of languages other than Russian; shorter ones make Russian words of
/// them: "маке" + "т".
const LONG_CYRILLIC: usize = 10;

/// Telugu case endings and postpositions.
const TELUGU: [&str; 15] =
    ["లో", "లోని", "లోకి", "లోనూ", "లోనే", "కు", "కి", "కే", "నుండి", "నుంచి", "తో", "ను", "ని", "లోనుంచి", "కోసం"];

/// How Kannada and Malayalam case endings begin; particles follow them freely.
const KANNADA: [&str; 17] =
    ["ನಲ್ಲ", "ಿನಲ್ಲ", "ದಲ್ಲ", "ಯಲ್ಲ", "ಲ್ಲಿ", "ಿಗೆ", "ಗೆ", "ಕ್ಕೆ", "ಿಂದ", "ನಿಂದ", "ದಿಂದ", "ಯಿಂದ", "ಿನಿಂದ", "ಿನ", "ನ", "ದ", "ಯ"];
const MALAYALAM: [&str; 20] = [
    "ിൽ",
    "ിലെ",
    "ിലേ",
    "ിലു",
    "ിലാ",
    "ിന",
    "യിൽ",
    "യിലെ",
    "യിലേ",
    "യിലു",
    "യിലാ",
    "യുടെ",
    "യ്ക്ക",
    "യെ",
    "യും",
    "ത്തിൽ",
    "ലേക്ക",
    "ലെ",
    "ിനു",
    "വിൽ",
];

/// Gujarati postpositions, written together with names.
const GUJARATI: [&str; 10] = ["માં", "મા", "ની", "નો", "ના", "નું", "થી", "ને", "માંથી", "માટે"];

/// Sinhala case endings.
const SINHALA: [&str; 22] = [
    "ේ",
    "ට",
    "හි",
    "ය",
    "යේ",
    "යට",
    "යෙන්",
    "යෙහි",
    "යේදී",
    "ේදී",
    "හිදී",
    "ව",
    "වේ",
    "වට",
    "වෙන්",
    "වේදී",
    "වෙහි",
    "ින්",
    "යි",
    "ෙන්",
    "යේම",
    "ක්",
];

/// Nepali and Marathi case endings and the Hindi postpositions that are written together with names.
const DEVANAGARI: [&str; 34] = [
    "मध्ये",
    "मध्येच",
    "मधील",
    "मधून",
    "तील",
    "ला",
    "चा",
    "चे",
    "च्या",
    "साठी",
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

/// The most letters that an ending of Tamil, Kannada or Malayalam has.
const LONGEST_TAMIL: usize = 10;

/// The end of a word that goes on at byte `at`, behind a name of so many bytes that ends with `last`; none when what
/// follows is no ending.
pub(crate) fn end_of_ending(text: &str, at: usize, length_of_name: usize, last: char) -> Option<usize> {
    let rest = text.get(at..)?;
    let length = rest.find(|c: char| !is_letter(c)).unwrap_or(rest.len());
    let ending = rest.get(..length)?;
    let ends = match last as u32 {
        0x0400..=0x052f => {
            let turkic = |ending: &str| TURKIC_CYRILLIC.contains(&ending);
            SLAVIC.contains(&ending)
                || length_of_name >= LONG_CYRILLIC
                    && (OTHER_CYRILLIC.contains(&ending)
                        || turkic(ending)
                        || ending.strip_prefix(['а', 'я']).is_some_and(turkic))
        }
        0x0900..=0x097f => DEVANAGARI.contains(&ending),
        0x0980..=0x09ff => BENGALI.contains(&ending),
        0x0a80..=0x0aff => GUJARATI.contains(&ending),
        0x0b80..=0x0bff => TAMIL_LINKS.contains(&ending) || begins(ending, &TAMIL),
        0x0c00..=0x0c7f => TELUGU.contains(&ending),
        0x0c80..=0x0cff => begins(ending, &KANNADA),
        0x0d00..=0x0d7f => begins(ending, &MALAYALAM),
        0x0d80..=0x0dff => SINHALA.contains(&ending),
        _ => false,
    };
    ends.then_some(at + length)
}

/// Whether an ending goes on from one of these beginnings and is not too long.
fn begins(ending: &str, beginnings: &[&str]) -> bool {
    ending.chars().count() <= LONGEST_TAMIL && beginnings.iter().any(|beginning| ending.starts_with(beginning))
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
