/*!
The language of a posting, among the languages that signals are read in.

Most of our languages are known by their script. Those that share one are told apart by `whatlang`'s trigrams, and by
function words where it does not know the language (Malay, Swahili) or the text is short. A text that fits none is
[`Language::Unknown`]; nothing in the score depends on the answer by itself.
*/

use rustc_hash::FxHashMap;
use unicode_script::Script;
use whatlang::{Detector, Lang};

use super::chars::{SCRIPTS, properties};
use super::lanes::{BLOCK, Block, Lanes};

/// A language of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Language {
    En,
    ZhHans,
    ZhHant,
    Th,
    Vi,
    Id,
    Ms,
    Tl,
    Hi,
    Ur,
    Bn,
    Ta,
    Ne,
    My,
    Km,
    Lo,
    Ru,
    Pt,
    Es,
    Fr,
    Sw,
    Ar,
    Ja,
    Ko,
    /// None of ours, or too short to say.
    Unknown,
}

impl Language {
    /// Every language, [`Language::Unknown`] last.
    pub const ALL: [Language; 25] = [
        Language::En,
        Language::ZhHans,
        Language::ZhHant,
        Language::Th,
        Language::Vi,
        Language::Id,
        Language::Ms,
        Language::Tl,
        Language::Hi,
        Language::Ur,
        Language::Bn,
        Language::Ta,
        Language::Ne,
        Language::My,
        Language::Km,
        Language::Lo,
        Language::Ru,
        Language::Pt,
        Language::Es,
        Language::Fr,
        Language::Sw,
        Language::Ar,
        Language::Ja,
        Language::Ko,
        Language::Unknown,
    ];

    /// The tag in records: BCP 47, `und` for unknown.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::ZhHans => "zh-Hans",
            Language::ZhHant => "zh-Hant",
            Language::Th => "th",
            Language::Vi => "vi",
            Language::Id => "id",
            Language::Ms => "ms",
            Language::Tl => "tl",
            Language::Hi => "hi",
            Language::Ur => "ur",
            Language::Bn => "bn",
            Language::Ta => "ta",
            Language::Ne => "ne",
            Language::My => "my",
            Language::Km => "km",
            Language::Lo => "lo",
            Language::Ru => "ru",
            Language::Pt => "pt",
            Language::Es => "es",
            Language::Fr => "fr",
            Language::Sw => "sw",
            Language::Ar => "ar",
            Language::Ja => "ja",
            Language::Ko => "ko",
            Language::Unknown => "und",
        }
    }

    /// The language of a tag.
    pub fn from_tag(tag: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|l| l.tag() == tag)
    }
}

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The language, if it could be told.
    pub language: Language,
    /// Whether most letters are of a script that one of our languages uses.
    pub supported_script: bool,
}

/// Letters that decide; more say nothing new.
const SAMPLE: usize = 3000;

/// Words that decide, where function words do.
const MOST_WORDS: usize = 600;

/// Tells languages. Made once, shared by threads.
#[derive(Debug)]
pub struct LanguageDetector {
    latin: Detector,
    /// For each function word, the languages that have it: a bit for each.
    stopwords: FxHashMap<&'static str, u32>,
    /// A bit for the beginning and length of each, by their hash.
    beginnings: [u64; BEGINNINGS / 64],
}

/// How many hashes beginnings have.
const BEGINNINGS: usize = 1 << 12;

/// The place of a word's first two bytes and its length.
#[inline]
fn beginning(word: &str) -> usize {
    let (first, second) = match *word.as_bytes() {
        [first, second, ..] => (first, second),
        [first] => (first, 0),
        [] => (0, 0),
    };
    ((u32::from(first) | u32::from(second) << 8 | (word.len() as u32) << 16).wrapping_mul(0x9e37_79b1) >> 20) as usize
}

impl Default for LanguageDetector {
    fn default() -> LanguageDetector {
        LanguageDetector::new()
    }
}

impl LanguageDetector {
    /// Reads the embedded tables.
    pub fn new() -> LanguageDetector {
        // Neighbours that are not ours are let in so that they are told from ours.
        let latin = Detector::with_allowlist(vec![
            Lang::Eng,
            Lang::Vie,
            Lang::Ind,
            Lang::Tgl,
            Lang::Por,
            Lang::Spa,
            Lang::Fra,
            Lang::Deu,
            Lang::Ita,
            Lang::Nld,
            Lang::Pol,
            Lang::Tur,
            Lang::Ron,
        ]);
        let mut stopwords = FxHashMap::default();
        for (tag, words) in include_str!("data/stopwords.txt").lines().filter_map(|l| l.split_once(':')) {
            let Some(language) = Language::from_tag(tag) else { continue };
            for word in words.split_whitespace() {
                *stopwords.entry(word).or_default() |= 1 << language as u32;
            }
        }
        let mut beginnings = [0; BEGINNINGS / 64];
        for word in stopwords.keys() {
            beginnings[beginning(word) / 64] |= 1 << (beginning(word) % 64);
        }
        LanguageDetector { latin, stopwords, beginnings }
    }

    /// What the folded texts of a posting's fields, read one after another, are written in.
    pub fn detect<'a>(&self, texts: impl Iterator<Item = &'a str> + Clone) -> Written {
        let mut letters = Letters { by_script: [0; 256], simplified: 0, traditional: 0, urdu: 0 };
        let mut left = SAMPLE;
        for text in texts.clone() {
            left = letters.add(text, left);
        }
        let count = Counts::of(&letters);
        let letters = count.latin + count.unspaced() + count.other_ours + count.foreign;
        if letters == 0 {
            return Written { language: Language::Unknown, supported_script: false };
        }
        let supported_script = count.foreign * 2 < letters;
        // One character of an unspaced script says as much as three letters.
        let language = match count.leading() {
            Some((language, weight)) if weight * 3 > count.latin => self.within_script(language, texts, &count),
            _ if count.latin * 2 >= letters => self.latin_language(texts),
            _ => Language::Unknown,
        };
        Written { language, supported_script }
    }

    /// Tells apart the languages that share the leading script.
    fn within_script<'a>(
        &self,
        language: Language,
        texts: impl Iterator<Item = &'a str> + Clone,
        count: &Counts,
    ) -> Language {
        match language {
            Language::ZhHans if count.kana > 0 && count.kana * 4 > count.han => Language::Ja,
            Language::ZhHans if count.traditional > count.simplified => Language::ZhHant,
            Language::Hi => self.by_stopwords(texts, &[Language::Hi, Language::Ne]).unwrap_or(Language::Hi),
            Language::Ar if count.urdu * 50 > count.arabic => Language::Ur,
            other => other,
        }
    }

    fn latin_language<'a>(&self, texts: impl Iterator<Item = &'a str> + Clone) -> Language {
        const LATIN: [Language; 9] = [
            Language::En,
            Language::Vi,
            Language::Id,
            Language::Ms,
            Language::Tl,
            Language::Pt,
            Language::Es,
            Language::Fr,
            Language::Sw,
        ];
        if let Some(language) = self.by_stopwords(texts.clone(), &LATIN) {
            return language;
        }
        let mut sample = String::new();
        for text in texts {
            sample.extend(text.chars().take(SAMPLE - sample.len().min(SAMPLE)));
            sample.push(' ');
        }
        let Some(info) = self.latin.detect(&sample).filter(|i| i.confidence() > 0.5 || sample.len() > 200) else {
            return Language::Unknown;
        };
        match info.lang() {
            Lang::Eng => Language::En,
            Lang::Vie => Language::Vi,
            Lang::Ind => Language::Id,
            Lang::Tgl => Language::Tl,
            Lang::Por => Language::Pt,
            Lang::Spa => Language::Es,
            Lang::Fra => Language::Fr,
            _ => Language::Unknown,
        }
    }

    /// The language whose function words are the most frequent, when it leads clearly.
    fn by_stopwords<'a>(&self, texts: impl Iterator<Item = &'a str>, among: &[Language]) -> Option<Language> {
        let mut hits = [0usize; Language::ALL.len()];
        let mut words = 0;
        'texts: for text in texts {
            for word in Words::new(text) {
                words += 1;
                if words > MOST_WORDS {
                    break 'texts;
                }
                let at = beginning(word);
                let may = self.beginnings[at / 64] >> (at % 64) & 1 == 1;
                let mut languages = if may { self.stopwords.get(word).copied().unwrap_or(0) } else { 0 };
                while languages != 0 {
                    hits[languages.trailing_zeros() as usize] += 1;
                    languages &= languages - 1;
                }
            }
        }
        // The one with the most, of equal ones the first, and then the best of the others.
        let best = |but: Option<Language>| {
            let others = among.iter().filter(|&&l| Some(l) != but).map(|&l| (hits[l as usize], l));
            others.reduce(|best, next| if next.0 > best.0 { next } else { best })
        };
        let first = best(None)?;
        let second = best(Some(first.1))?;
        (first.0 >= 2 && first.0 * 4 > second.0 * 5).then_some(first.1)
    }
}

/// The words of a text: by blocks of bytes while it is ASCII.
struct Words<'a> {
    text: &'a str,
    at: usize,
    /// Of the bytes from `at` on, those that are letters or digits of ASCII, and those that are no ASCII.
    plain: u64,
    wide: u64,
    /// How many bytes the masks tell of.
    left: u32,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Words<'a> {
        Words { text, at: 0, plain: 0, wide: 0, left: 0 }
    }

    /// Reads the masks of the block that begins here; none is read of the last few bytes.
    fn load(&mut self) {
        if let Some(block) = self.text.as_bytes()[self.at..].first_chunk().map(Block::new) {
            let plain = |v: Lanes| v.between(b'a', b'z') | v.between(b'0', b'9') | v.between(b'A', b'Z');
            (self.plain, self.wide, self.left) = (block.mask(plain), block.wide(), BLOCK as u32);
        }
    }

    /// Goes on by fewer bytes than the masks tell of.
    #[inline]
    fn forward(&mut self, bytes: u32) {
        self.at += bytes as usize;
        self.left -= bytes;
        self.plain >>= bytes;
        self.wide >>= bytes;
    }

    /// Goes on to a byte, however far.
    fn forward_to(&mut self, at: usize) {
        match u32::try_from(at - self.at) {
            Ok(bytes) if bytes < self.left => self.forward(bytes),
            _ => (self.at, self.left) = (at, 0),
        }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        loop {
            if self.left == 0 {
                self.load();
            }
            let gap = (self.plain | self.wide).trailing_zeros();
            if gap >= self.left && self.left > 0 {
                self.forward_to(self.at + self.left as usize);
                continue;
            }
            if self.left > 0 {
                self.forward(gap);
                let length = self.plain.trailing_ones();
                if length > 0 && length < self.left && self.wide >> length & 1 == 0 {
                    let word = &self.text[self.at..self.at + length as usize];
                    self.forward(length);
                    return Some(word);
                }
            }
            // Whatever is not plain to see.
            let start = edge(self.text, self.at, true)?;
            let end = edge(self.text, start, false).unwrap_or(self.text.len());
            self.forward_to(end);
            return Some(&self.text[start..end]);
        }
    }
}

/// The first character from byte `at` on that belongs to a word, or that does not.
#[inline]
fn edge(text: &str, mut at: usize, of_word: bool) -> Option<usize> {
    loop {
        let byte = *text.as_bytes().get(at)?;
        if byte < 0x80 {
            if byte.is_ascii_alphanumeric() == of_word {
                return Some(at);
            }
            at += 1;
        } else {
            let c = text[at..].chars().next()?;
            let of = properties(c);
            // Devanagari signs and all marks join words though they are no letters.
            let joins = of.is_alphanumeric() || of.is_mark() || of.script() == Script::Devanagari;
            if joins == of_word {
                return Some(at);
            }
            at += c.len_utf8();
        }
    }
}

#[derive(Default)]
struct Counts {
    latin: usize,
    han: usize,
    kana: usize,
    hangul: usize,
    simplified: usize,
    traditional: usize,
    thai: usize,
    lao: usize,
    khmer: usize,
    myanmar: usize,
    devanagari: usize,
    bengali: usize,
    tamil: usize,
    arabic: usize,
    urdu: usize,
    cyrillic: usize,
    other_ours: usize,
    foreign: usize,
}

/// The letters of a posting.
struct Letters {
    /// By the number of the script.
    by_script: [u32; 256],
    /// Han that only the simplified or only the traditional way of writing has.
    simplified: usize,
    traditional: usize,
    /// Arabic letters that Urdu has and Arabic has not.
    urdu: usize,
}

impl Letters {
    /// Adds those of a text, so many at most. Returns how many more may follow.
    fn add(&mut self, text: &str, mut left: usize) -> usize {
        let latin = usize::from(properties('a').script_number());
        let mut rest = text;
        while left > 0 && !rest.is_empty() {
            // Letters of plain ASCII are counted by the block.
            if let Some(block) = rest.as_bytes().first_chunk::<BLOCK>()
                && left >= BLOCK
                && block.is_ascii()
            {
                let letters = |v: Lanes| v.between(b'a', b'z') | v.between(b'A', b'Z');
                let letters = Block::new(block).mask(letters).count_ones();
                self.by_script[latin] += letters;
                left -= letters as usize;
                rest = &rest[BLOCK..];
                continue;
            }
            let mut chars = rest.chars();
            for c in chars.by_ref().take(BLOCK) {
                let of = properties(c);
                if !of.is_alphabetic() {
                    continue;
                }
                self.by_script[usize::from(of.script_number())] += 1;
                self.simplified += usize::from(of.is_simplified());
                self.traditional += usize::from(of.is_traditional());
                self.urdu += usize::from(matches!(c, 'ٹ' | 'ڈ' | 'ڑ' | 'ں' | 'ے' | 'ہ' | 'ھ' | 'گ' | 'چ' | 'پ'));
                left -= 1;
                if left == 0 {
                    return 0;
                }
            }
            rest = chars.as_str();
        }
        left
    }
}

impl Counts {
    /// What letters of the scripts there are.
    fn of(letters: &Letters) -> Counts {
        let mut count = Counts {
            simplified: letters.simplified,
            traditional: letters.traditional,
            urdu: letters.urdu,
            ..Counts::default()
        };
        for (&script, &letters) in SCRIPTS.iter().zip(&letters.by_script) {
            *match script {
                Script::Latin => &mut count.latin,
                Script::Han => &mut count.han,
                Script::Hiragana | Script::Katakana => &mut count.kana,
                Script::Hangul => &mut count.hangul,
                Script::Thai => &mut count.thai,
                Script::Lao => &mut count.lao,
                Script::Khmer => &mut count.khmer,
                Script::Myanmar => &mut count.myanmar,
                Script::Devanagari => &mut count.devanagari,
                Script::Bengali => &mut count.bengali,
                Script::Tamil => &mut count.tamil,
                Script::Arabic => &mut count.arabic,
                Script::Cyrillic => &mut count.cyrillic,
                Script::Common | Script::Inherited => &mut count.other_ours,
                _ => &mut count.foreign,
            } += letters as usize;
        }
        count
    }

    fn unspaced(&self) -> usize {
        self.leading_counts().iter().map(|(_, n)| n).sum()
    }

    fn leading_counts(&self) -> [(Language, usize); 11] {
        [
            (Language::ZhHans, self.han + self.kana),
            (Language::Ko, self.hangul),
            (Language::Th, self.thai),
            (Language::Lo, self.lao),
            (Language::Km, self.khmer),
            (Language::My, self.myanmar),
            (Language::Hi, self.devanagari),
            (Language::Bn, self.bengali),
            (Language::Ta, self.tamil),
            (Language::Ar, self.arabic),
            (Language::Ru, self.cyrillic),
        ]
    }

    fn leading(&self) -> Option<(Language, usize)> {
        self.leading_counts().into_iter().max_by_key(|&(_, n)| n).filter(|&(_, n)| n > 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::chars::{is_alphanumeric, is_mark};

    fn detect(s: &str) -> &'static str {
        LanguageDetector::new().detect(std::iter::once(s)).language.tag()
    }

    #[test]
    fn languages_of_short_ads() {
        for (tag, text) in [
            ("en", "we are hiring customer service for our office, free flight and lodging"),
            ("zh-Hans", "招聘客服 包吃住 包机票 月薪过万 联系我们"),
            ("zh-Hant", "徵客服人員 包吃住 包機票 免經驗 請聯繫"),
            ("th", "รับสมัครงานแอดมิน เงินเดือน 30000 มีที่พักฟรี"),
            ("vi", "tuyển nhân viên việc nhẹ lương cao, bao ăn ở, không cần bằng cấp"),
            (
                "id",
                "lowongan kerja admin di kamboja, gaji 15 juta, tanpa pengalaman, tiket ditanggung yang berminat hubungi kami",
            ),
            (
                "ms",
                "kerja kosong operator, gaji rm3000 sebulan, penginapan disediakan, berminat boleh whatsapp kami sekarang",
            ),
            ("tl", "naghahanap po kami ng data encoder sa thailand, libreng ticket at bahay para sa inyo"),
            ("hi", "डाटा एंट्री की नौकरी, वेतन अच्छा है, कोई अनुभव नहीं चाहिए"),
            ("ne", "डाटा इन्ट्रीको काम छ, तलब राम्रो छ, अनुभव चाहिँदैन, सम्पर्क गर्नुहोस्"),
            ("ur", "ڈیٹا انٹری کی نوکری ہے، تنخواہ اچھی ہے، رابطہ کریں"),
            ("ar", "مطلوب موظفين خدمة عملاء في دبي، السكن والتذاكر مجانا"),
            ("bn", "কম্পিউটার অপারেটর নিয়োগ, বেতন ভালো"),
            ("ta", "டேட்டா என்ட்ரி வேலை, நல்ல சம்பளம்"),
            ("my", "အလုပ်ခေါ်စာ လစာကောင်း"),
            ("km", "ជ្រើសរើសបុគ្គលិក ប្រាក់ខែខ្ពស់"),
            ("lo", "ຮັບສະໝັກພະນັກງານ ເງິນເດືອນດີ"),
            ("ru", "требуется оператор, работа в таиланде, билет и жилье оплачиваем"),
            ("pt", "vaga para atendente, salário em dólar, não precisa de experiência, passagem paga"),
            ("es", "buscamos personal para atención al cliente, sin experiencia, con vuelo y alojamiento"),
            ("fr", "nous recrutons des agents pour le service client, billet et logement offerts"),
            ("sw", "nafasi za kazi ya huduma kwa wateja nchini thailand, tiketi na malazi bure, piga simu"),
            ("ja", "タイでのカスタマーサポート募集、航空券と寮を無料で提供します"),
            ("ko", "캄보디아 고객센터 직원 모집, 항공권 숙소 제공"),
            ("und", "wir suchen einen buchhalter in münchen mit guten kenntnissen der deutschen sprache"),
            ("und", "🔥🔥🔥 123"),
        ] {
            assert_eq!(detect(text), tag, "{text}");
        }
    }

    proptest! {
        #[test]
        fn words_are_letters_digits_and_what_joins_them(text in "([a-z0-9]{0,9}[ .,-]{0,2}){0,30}|[a-cA-C0é\u{301}काम ँ.ж一-]{0,150}|\\PC{0,80}") {
            let of_word = |c: char| {
                is_alphanumeric(c) || !c.is_ascii() && (properties(c).script() == Script::Devanagari || is_mark(c))
            };
            let words: Vec<&str> = text.split(|c| !of_word(c)).filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(Words::new(&text).collect::<Vec<_>>(), words);
        }
    }

    #[test]
    fn scripts_of_other_languages_are_not_supported() {
        let detector = LanguageDetector::new();
        assert!(!detector.detect(std::iter::once("დიდი ხელფასი")).supported_script);
        assert!(!detector.detect(std::iter::once("12 !!")).supported_script);
        assert!(detector.detect(std::iter::once("buchhalter")).supported_script);
    }
}
