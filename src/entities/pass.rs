/*!
The pass over the text that finds every entity.
*/

use super::amount::{digit_run, literal};
use super::chars::{Joins, char_at, char_before, joins};
use super::contact::{self, Calls, Contact, ContactKind};
use super::finder::{Finder, Name};
use super::inflection::after_particle;
use super::link::{self, Dotted, Link, LinkKind};
use super::mail;
use super::money::{self, Context};
use super::tables::CurrencyCode;
use super::vocab::Hit;
use super::{Entity, EntityKind, NumberShape};

/// The least class of each byte that the pass has to know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Byte {
    Plain,
    Letter,
    Digit,
    Sign,
    Wide,
}

const BYTES: [Byte; 256] = {
    let mut classes = [Byte::Plain; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' => Byte::Letter,
            b'0'..=b'9' => Byte::Digit,
            b'@' | b'.' | b':' | b'#' | b'+' | b'(' | b'[' | b'{' => Byte::Sign,
            0x80.. => Byte::Wide,
            _ => Byte::Plain,
        };
        byte += 1;
    }
    classes
};

/// One pass over one text.
pub(super) struct Pass<'f, 't, 'o> {
    finder: &'f Finder,
    text: &'t str,
    bytes: &'t [u8],
    pay_field: bool,
    kana: Option<bool>,
    /// The dollar that was named last, the American one aside.
    dollar: Option<CurrencyCode>,
    /// Dots before this byte have been looked at.
    dotted_until: usize,
    calls: Calls,
    out: &'o mut Vec<Entity>,
}

impl<'f, 't, 'o> Pass<'f, 't, 'o> {
    /// A pass that will fill `out`, which is emptied.
    pub(super) fn new(finder: &'f Finder, text: &'t str, pay_field: bool, out: &'o mut Vec<Entity>) -> Self {
        out.clear();
        Pass {
            finder,
            text,
            bytes: text.as_bytes(),
            pay_field,
            kana: None,
            dollar: None,
            dotted_until: 0,
            calls: Calls::default(),
            out,
        }
    }

    /// Makes the pass.
    pub(super) fn run(&mut self) {
        let mut at = 0;
        while let Some(&byte) = self.bytes.get(at) {
            at = match BYTES[usize::from(byte)] {
                Byte::Plain => at + 1,
                Byte::Letter => self.letters(at, byte),
                Byte::Digit => self.digits(at),
                Byte::Sign => self.sign(at, byte).unwrap_or(at + 1),
                Byte::Wide => self.wide(at, byte),
            };
        }
    }

    /// Where the last entity ended.
    fn floor(&self) -> usize {
        self.out.last().map_or(0, |entity| entity.end)
    }

    /// Adds an entity; what it covers, smaller finds of the same pass, makes room. Returns where to go on.
    fn push(&mut self, start: usize, end: usize, kind: EntityKind) -> usize {
        while self.out.last().is_some_and(|last| last.end > start) {
            self.out.pop();
        }
        self.out.push(Entity { start, end, kind });
        end
    }

    fn push_money(&mut self, found: money::Found) -> usize {
        let dollar = found.money.currency.filter(|code| found.explicit && money::is_dollar(*code));
        self.dollar = dollar.or(self.dollar);
        self.push(found.start, found.end, EntityKind::Money(found.money))
    }

    fn push_contact(&mut self, found: contact::Found) -> usize {
        self.push(found.start, found.end, EntityKind::Contact(found.contact))
    }

    /// A run of ASCII letters: a name may begin here.
    fn letters(&mut self, at: usize, first: u8) -> usize {
        let rest = &self.bytes[at..];
        let length = small_letters(rest);
        if self.finder.names.firsts.may_begin(rest, length)
            && let Some(hit) = self.finder.names.find(self.text, at)
            && let Some(next) = self.name(hit)
        {
            return next;
        }
        // An address of a wallet has digits among its letters.
        if matches!(first, b't' | b'b')
            && rest.get(length).is_some_and(u8::is_ascii_alphanumeric)
            && !char_before(self.text, at).is_some_and(|c| c.is_ascii_alphanumeric())
            && let Some(found) = contact::wallet(self.text, at)
        {
            return self.push_contact(found);
        }
        at + length
    }

    /// A character that is not ASCII: a name may begin here.
    fn wide(&mut self, at: usize, first: u8) -> usize {
        let rest = &self.bytes[at..];
        // Where spaces stand between words, no name begins inside one.
        let spaced = |c: Option<char>| c.is_some_and(|c| joins(c) == Joins::Spaced);
        if may_begin(self.finder, self.text, at)
            && !(spaced(char_at(self.text, at)) && spaced(char_before(self.text, at)))
            && let Some(next) = self.finder.names.find(self.text, at).and_then(|hit| self.name(hit))
        {
            return next;
        }
        let mut next = at + wide(first);
        // The other letters of a spaced word.
        if is_spaced(rest) {
            while let Some(more) = self.bytes.get(next..).filter(|more| is_spaced(more)) {
                next += wide(more[0]);
            }
        }
        next
    }

    /// A name of the dictionary; none when it is not meant here.
    fn name(&mut self, hit: Hit<Name>) -> Option<usize> {
        match hit.value {
            Name::Place(place) => {
                // A dotted word is a host, and no place ("dubai.example").
                if self.bytes.get(hit.end) == Some(&b'.')
                    && self.bytes.get(hit.end + 1).is_some_and(u8::is_ascii_alphanumeric)
                {
                    return None;
                }
                Some(self.push(hit.start, hit.end, EntityKind::Place(place.id)))
            }
            Name::Chat(word) if word.nothing => Some(hit.end),
            Name::Chat(word) => {
                // The name of a service in a host or an address is part of that.
                let joined = matches!(char_before(self.text, hit.start), Some('.' | '@' | '/' | '_' | '-'))
                    && self.text[..hit.start].chars().rev().nth(1).is_some_and(|c| c.is_ascii_alphanumeric());
                let host = self.bytes.get(hit.end) == Some(&b'.')
                    && self.bytes.get(hit.end + 1).is_some_and(u8::is_ascii_alphanumeric)
                    || self.bytes.get(hit.end) == Some(&b'@')
                        && self.bytes.get(hit.end + 1).is_some_and(u8::is_ascii_alphanumeric)
                        && word.kind == ContactKind::Qq;
                if host || joined && self.bytes.get(hit.start.wrapping_sub(1)) != Some(&b'/') {
                    return None;
                }
                contact::chat(&self.finder.contacts, self.text, hit.start, hit.end, word)
                    .map(|found| self.push_contact(found))
            }
            Name::Number => {
                let context = self.context();
                money::money_at(&self.finder.tables, self.text, hit.start, context).map(|found| self.push_money(found))
            }
            Name::MailAt(sign) => {
                mail::spelled_mail(&self.finder.contacts, self.text, hit.start, hit.start + usize::from(sign))
                    .map(|found| self.push_contact(found))
            }
        }
    }

    /// What the text so far says about an amount that may come.
    fn context(&mut self) -> Context {
        let kana = *self.kana.get_or_insert_with(|| has_kana(self.bytes));
        Context { pay_field: self.pay_field, floor: self.floor(), kana, dollar: self.dollar }
    }

    /// A digit: money, a telephone number, or just a number.
    fn digits(&mut self, at: usize) -> usize {
        let behind_letter = char_before(self.text, at).is_some_and(|c| c.is_ascii_alphabetic());
        if !behind_letter
            && self.bytes.get(at + 1) == Some(&b'x')
            && let Some(found) = contact::wallet(self.text, at)
        {
            return self.push_contact(found);
        }
        let context = self.context();
        let tables = &self.finder.tables;
        let phone = if behind_letter { None } else { self.phone(at) };
        let sure = phone.is_some_and(|_| self.bytes[at] == b'0');
        if !sure
            && let Some(found) = money::money_at(tables, self.text, at, context)
            && (phone.is_none() || found.explicit)
        {
            return self.push_money(found);
        }
        if let Some(found) = phone {
            return self.push_contact(found);
        }
        let end = self.number_end(at);
        if !behind_letter {
            let shape = NumberShape::of(&self.text[at..end]);
            return self.push(at, end, EntityKind::Number(shape));
        }
        end
    }

    /// The telephone number at `at`, which the finder's own dictionary tells the service of.
    fn phone(&mut self, at: usize) -> Option<contact::Found> {
        let (finder, text) = (self.finder, self.text);
        let chats = |at: usize| match finder.names.find(text, at) {
            Some(Hit { end, value: Name::Chat(word), .. }) if !word.nothing => Some((end, word)),
            _ => None,
        };
        contact::phone(&finder.contacts, &chats, &mut self.calls, text, at)
    }

    /// The end of a number with the marks inside it: 24/7, 9:00, 1.2.3.
    fn number_end(&self, at: usize) -> usize {
        let mut end = literal(self.text, at).map_or(at + 1, |number| number.end);
        while let Some(b'.' | b',' | b':' | b'/' | b'\'') = self.bytes.get(end) {
            let run = digit_run(self.bytes, end + 1);
            if run == 0 {
                break;
            }
            end += 1 + run;
        }
        end
    }

    /// A sign that may begin something, or stand inside it.
    fn sign(&mut self, at: usize, byte: u8) -> Option<usize> {
        let contacts = &self.finder.contacts;
        match byte {
            b'@' => {
                let found =
                    mail::mail_at(contacts, self.text, at).or_else(|| contact::handle(contacts, self.text, at))?;
                Some(self.push_contact(found))
            }
            b':' => self.scheme(at),
            b'.' => self.bare_host(at),
            b'#' => self.placeholder(at),
            b'+' => {
                let digit = self.bytes.get(at + 1..at + 3)?.iter().any(u8::is_ascii_digit);
                if !digit {
                    return None;
                }
                self.phone(at).map(|found| self.push_contact(found))
            }
            _ => {
                let inside = self.text.get(at + 1..)?;
                let inside = inside.trim_start_matches(' ');
                if inside.starts_with("at") || inside.starts_with('@') {
                    let close = inside.trim_start_matches("at").trim_start_matches('@').trim_start_matches(' ');
                    if close.starts_with([')', ']', '}']) {
                        let behind = self.text.len() - close.len() + 1;
                        if behind - at <= 12
                            && let Some(found) = mail::spelled_mail(contacts, self.text, at, behind)
                        {
                            return Some(self.push_contact(found));
                        }
                    }
                }
                if byte == b'(' && self.bytes.get(at + 1).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'+') {
                    return self
                        .phone(at)
                        .filter(|found| self.text[found.start..found.end].contains(')'))
                        .map(|found| self.push_contact(found));
                }
                None
            }
        }
    }

    /// `http://...` around the colon at `at`.
    fn scheme(&mut self, at: usize) -> Option<usize> {
        if self.bytes.get(at + 1..at + 3) != Some(b"//") {
            return None;
        }
        let letters = self.bytes[..at].iter().rev().take(8).take_while(|byte| byte.is_ascii_lowercase()).count();
        let start = at - letters;
        let scheme = self.text.get(start..at)?;
        let app = contact::app_scheme(scheme);
        if app.is_none() && !matches!(scheme, "http" | "https" | "ftp" | "hxxp" | "hxxps") {
            return None;
        }
        let host_start = at + 3;
        let run = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let length = self.bytes.get(host_start..)?.iter().take(253).take_while(|byte| run(byte)).count();
        let mut host_end = host_start + length;
        while host_end > host_start && !self.bytes[host_end - 1].is_ascii_alphanumeric() {
            host_end -= 1;
        }
        if host_end == host_start {
            return None;
        }
        Some(self.link(start, app, Dotted { start: host_start, end: host_end }))
    }

    /// A link from `start`, whose host is known: an address of a chat service, by the scheme of its `app` or by the host,
    /// or any other.
    fn link(&mut self, start: usize, app: Option<ContactKind>, host: Dotted) -> usize {
        let end = link::path_end(self.text, host.end);
        let name = self.text.get(host.start..host.end).unwrap_or_default();
        if let Some(kind) = app.or_else(|| self.finder.contacts.chat_host(name)) {
            let id_start = (host.end + 1).min(end);
            let contact = Contact { kind, id_start, id_end: end };
            return self.push(start, end, EntityKind::Contact(contact));
        }
        let kind = link::kind(&self.finder.contacts, self.text, host, end);
        self.push(start, end, EntityKind::Link(Link { kind, host_start: host.start, host_end: host.end }))
    }

    /// A host without a scheme, around the dot at `at`.
    fn bare_host(&mut self, at: usize) -> Option<usize> {
        let inside = |at: usize| self.bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
        if at < self.dotted_until || at == 0 || !inside(at - 1) || !inside(at + 1) {
            return None;
        }
        let dotted = link::dotted(self.text, at, self.dotted_until);
        self.dotted_until = dotted.end.max(at + 1);
        let host = self.text.get(dotted.start..dotted.end)?;
        // The local part of a mail address; the `@` will come.
        if self.bytes.get(dotted.end) == Some(&b'@') || char_before(self.text, dotted.start) == Some('@') {
            return None;
        }
        let named = host.starts_with("www.") || self.finder.contacts.chat_host(host).is_some();
        let ending = host.rsplit('.').next().unwrap_or_default();
        let path = self.bytes.get(dotted.end) == Some(&b'/') && inside(dotted.end + 1);
        let weak = self.finder.contacts.is_weak_ending(ending)
            && !path
            && host.matches('.').count() < 2
            && !host.contains(|c: char| c.is_ascii_digit() || c == '-')
            && !matches!(ending, "example" | "test" | "co" | "ai" | "net" | "app" | "info");
        if !(named || link::is_host(&self.finder.contacts, host) && !weak) {
            return None;
        }
        // A provider of mail and the name of a product or a degree are no links: "asp.net", "b.com".
        if !path && (self.finder.contacts.is_free_mail(host) || link::is_title(host)) {
            return None;
        }
        if self.finder.contacts.is_shortener(host) && !path && host.len() < 6 {
            return None;
        }
        Some(self.link(dotted.start, None, dotted))
    }

    /// `#url_0a1b...#`: what a data set put in the place of an address.
    fn placeholder(&mut self, at: usize) -> Option<usize> {
        let rest = self.text.get(at + 1..)?;
        let (word, hex) =
            ["url_", "email_", "phone_"].iter().find_map(|word| Some((*word, rest.strip_prefix(word)?)))?;
        let digits = hex.bytes().take(80).take_while(u8::is_ascii_hexdigit).count();
        if digits < 8 {
            return None;
        }
        let close = usize::from(hex.as_bytes().get(digits) == Some(&b'#'));
        let end = at + 1 + word.len() + digits + close;
        let contact = |kind| EntityKind::Contact(Contact { kind, id_start: at, id_end: end });
        let kind = match word {
            "url_" => EntityKind::Link(Link { kind: LinkKind::Url, host_start: end, host_end: end }),
            "email_" => contact(ContactKind::Email),
            _ => contact(ContactKind::Phone),
        };
        Some(self.push(at, end, kind))
    }
}

/// Whether a name may begin with the character at byte `at`, which is not ASCII; "no" is sure.
#[inline]
pub(super) fn may_begin(finder: &Finder, text: &str, at: usize) -> bool {
    let firsts = &finder.names.firsts;
    let bytes = text.as_bytes();
    // Arabic particles are written together with the name.
    let behind = || after_particle(text, at).and_then(|(name, _)| bytes.get(name..));
    firsts.may_begin_wide(&bytes[at..])
        || matches!(bytes[at], 0xd8 | 0xd9) && behind().is_some_and(|name| firsts.may_begin_wide(name))
}

/// How many small ASCII letters stand at the start of this; one at least is known to.
#[inline]
fn small_letters(text: &[u8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let mut length = 0;
    while let Some(chunk) = text[length..].first_chunk::<8>() {
        let bytes = u64::from_le_bytes(*chunk);
        // With the highest bits away, no sum of bytes reaches into the next byte.
        let low = bytes & !HIGH;
        let letter = (low + (0x80 - u64::from(b'a')) * EACH) & !(low + (0x7f - u64::from(b'z')) * EACH) & !bytes & HIGH;
        let other = letter ^ HIGH;
        if other != 0 {
            return length + other.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length + text[length..].iter().take_while(|byte| byte.is_ascii_lowercase()).count()
}

/// Whether this begins with a character that is certainly a letter of a script with spaces between words: Latin,
/// Cyrillic, Indic.
#[inline]
fn is_spaced(text: &[u8]) -> bool {
    match *text {
        [0xc4..=0xca | 0xd0 | 0xd1, ..] => true,
        [0xc3, second, ..] => !matches!(second, 0x97 | 0xb7),
        [0xe0, 0xa5, third, ..] => !matches!(third, 0xa4 | 0xa5 | 0xb0),
        [0xe0, second, ..] => matches!(second, 0xa4 | 0xa6 | 0xa8..=0xaa | 0xac..=0xae | 0xb0..=0xb6),
        _ => false,
    }
}

/// How long the character of this leading byte is.
fn wide(byte: u8) -> usize {
    match byte {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

/// Whether hiragana or katakana occur.
fn has_kana(bytes: &[u8]) -> bool {
    memchr::memchr_iter(0xe3, bytes).any(|at| matches!(bytes.get(at + 1), Some(0x81..=0x83)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_letters_are_counted() {
        for byte in 0..=u8::MAX {
            for before in 1..20 {
                let text = [vec![b'a'; before - 1], b"z".to_vec(), vec![byte], b"abcdefghijkl".to_vec()].concat();
                let plain = text.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
                assert_eq!(small_letters(&text), plain, "{byte} {before}");
                assert_eq!(small_letters(&text[..=before]), plain.min(before + 1), "{byte} {before}");
            }
        }
    }

    #[test]
    fn what_is_told_by_its_first_byte_is_a_letter_of_a_spaced_script() {
        for c in '\u{80}'..'\u{2000}' {
            assert!(!is_spaced(c.to_string().as_bytes()) || joins(c) == Joins::Spaced, "{c:?}");
        }
    }
}
