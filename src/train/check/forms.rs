/*!
What the form of a posting shows to a classifier that cannot read.

Each function gives the numbers of one artefact classifier: nothing in them may tell a scam from an honest posting, or a
model would learn how the corpus was written. Counts come as log(1 + n), so that one long posting does not rule the fit.
*/

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::entities::reading::Reading;
use crate::entities::{ContactKind, EntityKind, LinkKind};
use crate::posting::{Field, Posting};

/// Marks of punctuation that are counted each by itself, after NFKC: the full-width comma is a comma.
const MARKS: [char; 20] =
    ['.', ',', '!', '?', ':', ';', '-', '/', '(', ')', '"', '\'', '&', '%', '*', '+', '#', '=', '~', '|'];
/// Marks that are counted together with one of [`MARKS`].
const LIKE: [(char, char); 17] = [
    ('。', '.'),
    ('।', '.'),
    ('។', '.'),
    ('။', '.'),
    ('۔', '.'),
    ('、', ','),
    ('،', ','),
    ('၊', ','),
    ('؟', '?'),
    ('؛', ';'),
    ('–', '-'),
    ('—', '-'),
    ('“', '"'),
    ('”', '"'),
    ('«', '"'),
    ('»', '"'),
    ('’', '\''),
];

const CONTACTS: [ContactKind; 14] = [
    ContactKind::Email,
    ContactKind::FreeMail,
    ContactKind::Phone,
    ContactKind::Telegram,
    ContactKind::WhatsApp,
    ContactKind::Line,
    ContactKind::WeChat,
    ContactKind::Qq,
    ContactKind::Zalo,
    ContactKind::Viber,
    ContactKind::Messenger,
    ContactKind::Kakao,
    ContactKind::Other,
    ContactKind::Wallet,
];
const LINKS: [LinkKind; 3] = [LinkKind::Url, LinkKind::Shortener, LinkKind::Form];

fn log(count: usize) -> f64 {
    (count as f64).ln_1p()
}

fn texts(posting: &Posting) -> impl Iterator<Item = &str> {
    Field::READ.into_iter().map(|f| posting.get(f)).filter(|t| !t.is_empty())
}

/// Lengths: characters, words and lines of the whole and of the description, and their squares, as a middling length may
/// tell as much as a great one.
pub fn lengths(posting: &Posting) -> Vec<f64> {
    let description = posting.get(Field::Description);
    let sum = |count: fn(&str) -> usize| texts(posting).map(count).sum::<usize>();
    let words = |text: &str| text.unicode_words().count();
    let logs = [
        log(sum(|t| t.chars().count())),
        log(sum(|t| t.unicode_words().count())),
        log(sum(|t| t.lines().filter(|l| !l.trim().is_empty()).count())),
        log(description.chars().count()),
        log(words(description)),
        log(description.lines().map(|l| l.chars().count()).max().unwrap_or(0)),
    ];
    logs.into_iter().flat_map(|x| [x, x * x]).collect()
}

/// Punctuation and emoji: how many of each mark, how many for the length, and which runs of them. Currency signs and `@`
/// are left out: they are content and contact.
pub fn punctuation(posting: &Posting) -> Vec<f64> {
    let mut counts = [0usize; MARKS.len()];
    let (mut others, mut emoji, mut runs, mut all) = (0, 0, 0, 0);
    for text in texts(posting) {
        let mut before = None;
        for c in text.nfkc() {
            let c = LIKE.iter().find(|&&(like, _)| like == c).map_or(c, |&(_, mark)| mark);
            all += 1;
            match MARKS.iter().position(|&m| m == c) {
                Some(i) => {
                    counts[i] += 1;
                    runs += usize::from(before == Some(c));
                }
                None if is_emoji(c) => emoji += 1,
                None if is_other_mark(c) => others += 1,
                None => {}
            }
            before = Some(c);
        }
    }
    let counts: Vec<usize> = counts.into_iter().chain([others, emoji, runs]).collect();
    let rate = |n: usize| (100.0 * n as f64 / all.max(1) as f64).ln_1p();
    counts.iter().map(|&n| log(n)).chain(counts.iter().map(|&n| rate(n))).collect()
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{23e9}'..='\u{23fa}')
}

fn is_other_mark(c: char) -> bool {
    matches!(c, '_' | '[' | ']' | '{' | '}' | '<' | '>' | '\\' | '^' | '`' | '·' | '¡' | '¿' | '¦' | '§' | '¶')
        || matches!(c, '\u{2010}'..='\u{206f}' | '\u{2190}'..='\u{25ff}' | '\u{3001}'..='\u{301f}' | '\u{30fb}')
}

/// The forms of contact: which channels are named, which with an address, which kinds of link, and how many in all; and
/// the bare shapes of numbers, addresses and handles, whatever the finder of contacts makes of them.
pub fn contact_forms(posting: &Posting, reading: &Reading) -> Vec<f64> {
    let mut named = [0.0; CONTACTS.len()];
    let mut addressed = [0.0; CONTACTS.len()];
    let mut links = [0.0; LINKS.len()];
    let (mut contacts, mut all_links) = (0, 0);
    for entity in reading.segments.iter().flat_map(|s| &s.entities) {
        match &entity.kind {
            EntityKind::Contact(contact) => {
                contacts += 1;
                if let Some(i) = CONTACTS.iter().position(|&k| k == contact.kind) {
                    named[i] = 1.0;
                    if contact.has_identifier() {
                        addressed[i] = 1.0;
                    }
                }
            }
            EntityKind::Link(link) => {
                all_links += 1;
                if let Some(i) = LINKS.iter().position(|&k| k == link.kind) {
                    links[i] = 1.0;
                }
            }
            _ => {}
        }
    }
    let (mut at_signs, mut mails, mut numbers, mut hosts) = (0, 0, 0, 0);
    for word in texts(posting).flat_map(str::split_whitespace) {
        let at = word.find('@');
        at_signs += usize::from(at.is_some());
        mails += usize::from(at.is_some_and(|at| at > 0 && word[at..].contains('.')));
        hosts += usize::from(at.is_none() && (word.contains("://") || is_host_like(word)));
    }
    for text in texts(posting) {
        numbers += long_numbers(text);
    }
    let counts = [contacts, all_links, at_signs, mails, numbers, hosts];
    let presence = counts.iter().map(|&n| f64::from(n > 0));
    named.into_iter().chain(addressed).chain(links).chain(counts.iter().map(|&n| log(n))).chain(presence).collect()
}

/// A dot between letters, and only what stands in addresses.
fn is_host_like(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let parts: Vec<&str> = word.split('/').next().unwrap_or_default().split('.').collect();
    parts.len() > 1
        && parts.iter().all(|p| p.len() > 1 && p.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        && parts.last().is_some_and(|p| p.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// Numbers of seven digits or more, spaces, dots and hyphens between them allowed: the shape of a telephone number.
fn long_numbers(text: &str) -> usize {
    let (mut found, mut digits) = (0, 0);
    for c in text.chars().chain(['\n']) {
        if c.is_numeric() || (digits > 0 && matches!(c, 'x' | 'X')) {
            digits += 1;
        } else if !matches!(c, ' ' | '-' | '.' | '(' | ')' | '+' | '\u{a0}') {
            found += usize::from(digits >= 7);
            digits = 0;
        }
    }
    found
}

/// Which fields hold text, and how many.
pub fn fields(posting: &Posting) -> Vec<f64> {
    let present = Field::READ.into_iter().chain([Field::EmploymentType]).map(|f| f64::from(!posting.get(f).is_empty()));
    let mut out: Vec<f64> = present.collect();
    out.push(out.iter().sum());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::reading::Reader;
    use crate::text::tokenizer::Tokenizer;

    #[test]
    fn full_width_marks_count_as_their_narrow_ones() {
        let of = |text: &str| punctuation(&Posting::from_text("1", text));
        assert_eq!(of("a,b!!"), of("a，b！！"));
        assert_eq!(of("ก。"), of("ก."));
        assert_ne!(of("a b"), of("a b \u{1f600}"));
        assert_eq!(of("pay $5 @x"), of("pay 55 xx"));
    }

    #[test]
    fn contact_shapes_are_seen() {
        let reader = Reader::new(Tokenizer::default());
        let of = |text: &str| {
            let posting = Posting::from_text("1", text);
            contact_forms(&posting, &reader.read(&posting))
        };
        let none = of("Cooks wanted. Come by, ask for Rosa.");
        assert!(none.iter().all(|&x| x == 0.0), "{none:?}");
        for text in ["write to hr@firm.example", "Telegram @hr_demo", "call +44 7700 900123", "see firm.example/jobs"] {
            assert!(of(text).iter().sum::<f64>() > 1.0, "{text}");
        }
        assert_eq!(long_numbers("+44 (0) 7700-900 123, 12 345, 2024"), 1);
        assert!(is_host_like("(jobs.firm.example/x)") && !is_host_like("3.500") && !is_host_like("etc."));
    }

    #[test]
    fn lengths_and_fields_are_those_of_the_posting() {
        let mut posting = Posting::from_text("1", "one two\n\nthree");
        posting.set(Field::Title, "four");
        // Words, lines, words of the description: log(1 + n), each followed by its square.
        assert_eq!(lengths(&posting)[2], 4f64.ln_1p());
        assert_eq!(lengths(&posting)[4], 3f64.ln_1p());
        assert_eq!(lengths(&posting)[8], 3f64.ln_1p());
        assert_eq!(fields(&posting).last(), Some(&2.0));
    }
}
