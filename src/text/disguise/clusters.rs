/*!
What stands for one letter when letters are set apart: a letter with its marks, and in the scripts of India and of
mainland South-East Asia also the letters that a virama hangs on it.
*/

use unicode_script::Script;

use crate::text::chars::{is_unspaced, properties, script};

/// Scripts among which words are set apart in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Latin and Cyrillic, whose abbreviations are dotted and hardly have vowels.
    Alphabet,
    /// Arabic, whose letters join when nothing parts them.
    Arabic,
    /// The scripts of India.
    Indic,
    /// Korean syllables.
    Hangul,
    /// Scripts without spaces between words.
    Unspaced,
}

impl Class {
    /// The class of a letter, or of a mark that stands by itself in Burmese.
    pub(super) fn of(c: char) -> Option<Class> {
        let of = properties(c);
        if unspaced(c) && (of.is_loose_letter() || of.is_mark()) {
            return Some(Class::Unspaced);
        }
        of.is_loose_letter().then(|| match script(c) {
            Script::Arabic => Class::Arabic,
            Script::Devanagari | Script::Bengali | Script::Tamil => Class::Indic,
            Script::Hangul => Class::Hangul,
            _ => Class::Alphabet,
        })
    }
}

/// Whether words touch in the script of `c`.
pub(super) fn unspaced(c: char) -> bool {
    is_unspaced(c) || c == 'ー'
}

/// The length of the cluster that `s` begins with, and its class; none when `s` begins with no letter of a script in
/// which words are set apart.
pub(super) fn cluster(s: &str) -> Option<(usize, Class)> {
    let mut chars = s.chars();
    let first = chars.next()?;
    let class = Class::of(first)?;
    Some((first.len_utf8() + behind(first, chars.as_str()), class))
}

/// How much of `rest` belongs to the cluster of the letter in front of it.
pub(super) fn behind(letter: char, rest: &str) -> usize {
    if letter.is_ascii() && rest.as_bytes().first().is_none_or(u8::is_ascii) {
        return 0;
    }
    let mut links = properties(letter).links();
    let mut length = 0;
    for c in rest.chars() {
        let of = properties(c);
        if !(of.is_mark() || links && of.is_loose_letter()) {
            break;
        }
        links = of.links();
        length += c.len_utf8();
    }
    length
}

/// Clusters that stand in lists of their own kind, such as the days of the week: set apart they hide nothing.
const LISTED: &str = "甲乙丙丁戊己庚辛壬癸东東西南北中上下左右前后後春夏秋冬金木水火土日月早晚夜男女老少大小红紅黄黃蓝藍绿綠黑白\
                      衣食住行吃穿用听聽说說读讀写寫德智体體美劳勞월화수목금토일수우미양가동서남북상중하갑을병정무국영수사과";

/// Names of Latin letters that are one cluster, of which abbreviations are made.
const LETTER_NAMES: &str = "ए बी सी डी ई जी जे के ओ पी क्यू टी यू वी এ বি সি ডি ই জি জে কে ও পি টি ভি ஏ பி சி டி ஈ ஜி ஜே கே ஓ வி யூ \
                            บี ซี ดี อี จี พี ที ยู วี ບີ ຊີ ດີ ອີ ຈີ ພີ ທີ ວີ ប៊ី ស៊ី ឌី អ៊ី ជី ភី ធី វី ဘီ စီ ဒီ အီ ဂျီ ပီ တီ ယူ ဗီ";

/// Words of one cluster: some stand side by side in ordinary text.
const WORDS: &str = "한 번 더 할 수 그 이 저 때 곳 것 등 및 또 꼭 잘 안 못 두 세 네 중 후 전 월 일 년 시 분 명 원 만 천 백 줄 뿐 데 \
                     다 내 제 본 각 총 약 볼 될 올 쓸 갈 큰 새 첫 몇 왜 좀 막 참 집 돈 밥 방 말 살 땐 건 게 걸 안 해 봐 줘 \
                     के की का में से को ने है हो भी ही तो जो ये वे या न व हूँ हैं दो छह छः सौ मैं हम ও এ যে না কি সে তা বা তো ஓ நீ";

/// Whether the clusters are a list or an abbreviation, so that nobody hides a word by setting them apart.
pub(super) fn are_listed<'a>(clusters: impl Iterator<Item = &'a str> + Clone) -> bool {
    let first = |s: &str| s.chars().next().unwrap_or_default();
    clusters.clone().all(is_letter_name)
        || clusters.clone().all(|s| LISTED.contains(s) || properties(first(s)).is_digit_word())
        || in_order(clusters.map(first))
}

/// Whether letters stand in the order of their alphabet and near to each other.
fn in_order(mut letters: impl Iterator<Item = char> + Clone) -> bool {
    let all = letters.clone();
    let (Some(first), Some(last)) = (letters.next(), letters.last()) else { return false };
    all.clone().is_sorted() && (last as u32 - first as u32) as usize <= 2 * all.count()
}

/// Whether it is the name of a Latin letter.
pub(super) fn is_letter_name(cluster: &str) -> bool {
    LETTER_NAMES.split_ascii_whitespace().any(|name| name == cluster)
}

/// Whether most of the clusters are words by themselves.
pub(super) fn are_words<'a>(clusters: impl Iterator<Item = &'a str>) -> bool {
    let (mut words, mut all) = (0, 0);
    for cluster in clusters {
        words += usize::from(WORDS.split_ascii_whitespace().any(|word| word == cluster));
        all += 1;
    }
    words * 3 > all
}

/// Whether it is a consonant alone, as abbreviations in Thai, Lao, Khmer and Burmese have them.
pub(super) fn is_bare_consonant(cluster: &str) -> bool {
    let mut chars = cluster.chars();
    let first = chars.next();
    chars.next().is_none()
        && matches!(first, Some('ก'..='ฮ' | '\u{e81}'..='\u{eae}' | '\u{1780}'..='\u{17a2}' | '\u{1000}'..='\u{1021}'))
}

/// Whether so many of the letters are vowels that they are no abbreviation.
pub(super) fn has_vowels(letters: &str) -> bool {
    let (mut vowels, mut all) = (0, 0);
    for c in letters.chars().filter(|&c| properties(c).is_alphabetic()) {
        let mut base = None;
        unicode_normalization::char::decompose_canonical(c, |c| {
            base.get_or_insert(c);
        });
        vowels += usize::from("aeiouyæøœıаеиоуыэюяієөүұә".contains(base.unwrap_or(c)));
        all += 1;
    }
    vowels * 5 >= all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_what_hangs_on_a_virama_belong_to_the_letter() {
        let clusters = |mut s: &'static str| {
            let mut all = Vec::new();
            while let Some((length, _)) = cluster(s) {
                all.push(&s[..length]);
                s = &s[length..];
            }
            all
        };
        assert_eq!(clusters("né"), ["n", "é"]);
        assert_eq!(clusters("स्टेशन"), ["स्टे", "श", "न"]);
        assert_eq!(clusters("អន្តរ"), ["អ", "ន្ត", "រ"]);
        assert_eq!(clusters("น\u{e49}\u{e4d}าใจ"), ["น\u{e49}\u{e4d}า", "ใ", "จ"]);
        assert_eq!(clusters("စာရင်း"), ["စာ", "ရ", "င်း"]);
        assert_eq!(clusters("အက္ခရာ"), ["အ", "က္ခ", "ရာ"]);
        assert_eq!(cluster("5"), None);
        assert_eq!(cluster("းခ").map(|(length, _)| length), Some(3));
    }

    #[test]
    fn lists_and_abbreviations_are_told_from_words() {
        let listed = |s: &str| are_listed(s.split('.'));
        for list in
            ["一.二.三.四.五", "월.화.수.목.금", "あ.い.う.え.お", "a.b.c.d.e", "पी.जी.डी.सी.ए", "月.火.水.木.金"]
        {
            assert!(listed(list), "{list}");
        }
        for word in ["招.聘.客.服", "안.녕.하.세.요", "का.न.पु.र"] {
            assert!(!listed(word), "{word}");
        }
        assert!(are_words("한 번 더 볼 수".split(' ')) && !are_words("채 용 공 고".split(' ')));
        assert!(is_bare_consonant("ก") && !is_bare_consonant("กี") && !is_bare_consonant("า"));
        assert!(has_vowels("résumé") && has_vowels("nghĩ") && !has_vowels("dskf"));
    }
}
