/*!
The language of a posting, among the languages that signals are read in.

Most of our languages are known by their script. Those that share one are told apart by `whatlang`'s trigrams, and by
function words where it does not know the language (Malay, Swahili) or the text is short. A text that fits none is
[`Language::Unknown`]; nothing in the score depends on the answer by itself.
*/

use rustc_hash::FxHashMap;
use unicode_script::Script;
use whatlang::{Detector, Lang};

use super::chars::{is_alphabetic, is_alphanumeric, is_mark, is_simplified, is_traditional, script};

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
    /// The set of their lengths.
    lengths: u32,
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
        let lengths = stopwords.keys().fold(0, |all, word| all | 1 << word.len().min(31));
        LanguageDetector { latin, stopwords, lengths }
    }

    /// What the folded texts of a posting's fields, read one after another, are written in.
    pub fn detect<'a>(&self, texts: impl Iterator<Item = &'a str> + Clone) -> Written {
        let mut count = Counts::default();
        let mut left = SAMPLE;
        for text in texts.clone() {
            left = count.letters(text, left);
        }
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
            let mut rest = text;
            while let Some(word) = next_word(&mut rest) {
                words += 1;
                if words > MOST_WORDS {
                    break 'texts;
                }
                let may = self.lengths >> word.len().min(31) & 1 == 1;
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

/// Cuts the next word off.
fn next_word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let is_of_word = |c: char| is_alphanumeric(c) || joins_words(c);
    let start = rest.find(is_of_word)?;
    let from = &rest[start..];
    // Most words end at a space or a stop, and are ASCII until then.
    let plain = from.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let end = match from.as_bytes().get(plain) {
        Some(0x80..) => from.find(|c| !is_of_word(c)).unwrap_or(from.len()),
        _ => plain,
    };
    let (word, after) = from.split_at(end);
    *rest = after;
    Some(word)
}

/// Whether `c` belongs to a word though it is no letter: Devanagari signs and all marks.
fn joins_words(c: char) -> bool {
    !c.is_ascii() && (script(c) == Script::Devanagari || is_mark(c))
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

impl Counts {
    /// Adds the letters of a text, so many at most. Returns how many more may follow.
    fn letters(&mut self, text: &str, mut left: usize) -> usize {
        const BLOCK: usize = 64;
        let mut rest = text;
        while left > 0 && !rest.is_empty() {
            // Letters of plain ASCII are counted by the block.
            if let Some(block) = rest.as_bytes().first_chunk::<BLOCK>()
                && left >= BLOCK
                && block.is_ascii()
            {
                let letters = usize::from(block.iter().map(|b| u8::from(b.is_ascii_alphabetic())).sum::<u8>());
                self.latin += letters;
                left -= letters;
                rest = &rest[BLOCK..];
                continue;
            }
            let mut chars = rest.chars();
            for c in chars.by_ref().take(BLOCK) {
                if is_alphabetic(c) {
                    self.add(c);
                    left -= 1;
                    if left == 0 {
                        return 0;
                    }
                }
            }
            rest = chars.as_str();
        }
        left
    }

    fn add(&mut self, c: char) {
        match script(c) {
            Script::Latin => self.latin += 1,
            Script::Han => {
                self.han += 1;
                self.simplified += is_simplified(c) as usize;
                self.traditional += is_traditional(c) as usize;
            }
            Script::Hiragana | Script::Katakana => self.kana += 1,
            Script::Hangul => self.hangul += 1,
            Script::Thai => self.thai += 1,
            Script::Lao => self.lao += 1,
            Script::Khmer => self.khmer += 1,
            Script::Myanmar => self.myanmar += 1,
            Script::Devanagari => self.devanagari += 1,
            Script::Bengali => self.bengali += 1,
            Script::Tamil => self.tamil += 1,
            Script::Arabic => {
                self.arabic += 1;
                // Letters that Urdu has and Arabic has not.
                self.urdu += matches!(c, 'ٹ' | 'ڈ' | 'ڑ' | 'ں' | 'ے' | 'ہ' | 'ھ' | 'گ' | 'چ' | 'پ') as usize;
            }
            Script::Cyrillic => self.cyrillic += 1,
            Script::Common | Script::Inherited => self.other_ours += 1,
            _ => self.foreign += 1,
        }
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
    use super::*;

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

    #[test]
    fn scripts_of_other_languages_are_not_supported() {
        let detector = LanguageDetector::new();
        assert!(!detector.detect(std::iter::once("დიდი ხელფასი")).supported_script);
        assert!(!detector.detect(std::iter::once("12 !!")).supported_script);
        assert!(detector.detect(std::iter::once("buchhalter")).supported_script);
    }
}
