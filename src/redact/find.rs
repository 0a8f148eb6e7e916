//! Where a text names what identifies a person.

use super::{Mark, Redactor};
use crate::entities::{Contact, ContactKind, EntityKind, Link, Money, Period};
use crate::text::html;
use crate::text::map::OffsetMap;

/// Digits that are masked wherever they stand.
const DIGITS: usize = 7;

/// Digits of an amount that stays. More are no pay in any currency, but a number behind a price: `$900 000 000 000`.
const LONGEST_AMOUNT: usize = 11;

impl Redactor<'_> {
    /// The marks of a text, in order, none over another.
    pub(super) fn marks(&self, source: &str) -> Vec<Mark> {
        let mut marks = Vec::new();
        if let Some((plain, map)) = html::stripped(source, &|target| self.reader.finder().reaches_someone(target)) {
            self.read(&plain, Some(&map), &mut marks);
        }
        self.read(source, None, &mut marks);
        joined(marks)
    }

    fn read(&self, text: &str, outer: Option<&OffsetMap>, marks: &mut Vec<Mark>) {
        let folded = self.reader.folder.fold(text);
        let map = outer.map_or_else(|| folded.map.clone(), |outer| folded.map.then(outer));
        let text = folded.text.as_str();
        let mut add = |start: usize, end: usize, token: String| {
            let range = map.source(start..end);
            if !range.is_empty() {
                marks.push(Mark { start: range.start, end: range.end, token });
            }
        };
        let mut entities = Vec::new();
        self.reader.finder().find(text, &mut entities);
        let mut amounts = Vec::new();
        for entity in &entities {
            match &entity.kind {
                EntityKind::Contact(contact) if contact.has_identifier() => {
                    add(contact.id_start, contact.id_end, self.contact(text, contact));
                }
                EntityKind::Contact(contact) => {
                    if let Some((start, end)) = behind(text, entity.end) {
                        add(start, end, self.token(service(contact.kind), &text[start..end]));
                    }
                }
                EntityKind::Link(link) => {
                    if let Some((start, token)) = self.link(text, link, entity.end) {
                        add(start, entity.end, token);
                    }
                }
                EntityKind::Money(money) if is_sure(money) => amounts.push(entity.start..entity.end),
                _ => {}
            }
        }
        for (start, end) in addresses(text) {
            let token = match text[start..end].split_once('@') {
                Some(("", handle)) => self.token("telegram", handle),
                _ => self.token("email", &text[start..end]),
            };
            add(start, end, token);
        }
        for (start, end) in numbers(text) {
            let spared = amounts.iter().any(|amount| amount.start <= start && end <= amount.end);
            if !spared || text[start..end].bytes().filter(u8::is_ascii_digit).count() > LONGEST_AMOUNT {
                add(start, end, self.number(&text[start..end]));
            }
        }
    }

    fn number(&self, text: &str) -> String {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        self.token("phone", digits.trim_start_matches('0'))
    }

    /// A number is the same in every service, and with zeros or a plus sign in front.
    fn contact(&self, text: &str, contact: &Contact) -> String {
        let identifier = contact.normalized(text).to_lowercase();
        match contact.kind {
            ContactKind::Email | ContactKind::FreeMail => self.token("email", &identifier),
            ContactKind::Wallet => self.token("wallet", &identifier),
            ContactKind::Phone => self.number(&identifier),
            _ if identifier.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+') => self.number(&identifier),
            _ => self.token(service(contact.kind), &identifier),
        }
    }

    /// The host stays, what stands behind it does not: paths and queries hold names, groups and numbers.
    fn link(&self, text: &str, link: &Link, end: usize) -> Option<(usize, String)> {
        let host = link.host(text);
        let start = link.host_end + 1;
        let path = text.get(start..end).filter(|path| !path.is_empty())?;
        Some((start, self.token("link", &format!("{host}/{path}"))))
    }
}

/// Whether an amount says that it is one. Beside a word for pay any number reads as an amount, a telephone number too.
fn is_sure(money: &Money) -> bool {
    money.currency.is_some() || money.period != Period::Unknown
}

fn service(kind: ContactKind) -> &'static str {
    kind.class().trim_matches(['<', '>'])
}

/// What stands behind the name of a service and is no word: a handle of a form that could be a host or a number, and that
/// the reading for signals rather leaves out.
fn behind(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let start = at + rest.len() - rest.trim_start_matches([' ', ':', '=', '-']).len();
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let length = text.as_bytes()[start..].iter().take_while(|byte| inside(byte)).count();
    let handle = text.get(start..start + length)?.trim_end_matches(['.', '-']);
    let made_up = handle.contains(['.', '_', '-']) || handle.bytes().any(|byte| byte.is_ascii_digit());
    (handle.len() >= 4 && made_up).then_some((start, start + handle.len()))
}

/// Sorts marks and joins those that overlap; the token of the longest stays.
fn joined(mut marks: Vec<Mark>) -> Vec<Mark> {
    marks.sort_by_key(|mark| (mark.start, std::cmp::Reverse(mark.end)));
    let mut out: Vec<Mark> = Vec::with_capacity(marks.len());
    for mark in marks {
        match out.last_mut().filter(|last| mark.start < last.end) {
            Some(last) => last.end = last.end.max(mark.end),
            None => out.push(mark),
        }
    }
    out
}

/// Everything around an `@` that may be an address or a handle.
fn addresses(text: &str) -> Vec<(usize, usize)> {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    let mut out = Vec::new();
    for (at, _) in text.match_indices('@') {
        let start = at - text[..at].chars().rev().take_while(|&c| inside(c)).map(char::len_utf8).sum::<usize>();
        let behind = text[at + 1..].chars().take_while(|&c| inside(c)).map(char::len_utf8).sum::<usize>();
        if behind >= 3 && text[at + 1..].starts_with(char::is_alphanumeric) {
            out.push((start, at + 1 + behind));
        }
    }
    out
}

/// Runs of at least so many digits, with at most three separators between them, that are no date.
fn numbers(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let (mut end, mut digits, mut gap) = (at, 0, 0);
        let mut groups = Vec::new();
        while at < bytes.len() && gap <= 3 {
            match bytes[at] {
                b'0'..=b'9' => {
                    if gap > 0 || groups.is_empty() {
                        groups.push(0);
                    }
                    if let Some(group) = groups.last_mut() {
                        *group += 1;
                    }
                    (digits, gap, end) = (digits + 1, 0, at + 1);
                }
                b' ' | b'-' | b'.' | b'(' | b')' | b'/' => gap += 1,
                _ => break,
            }
            at += 1;
        }
        at = end;
        let date = matches!(groups[..], [4, 1 | 2, 1 | 2] | [1 | 2, 1 | 2, 4]);
        if digits >= DIGITS && !date {
            out.push((start, end));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_digits() {
        let found = |text: &str| numbers(text).iter().map(|&(s, e)| text[s..e].to_owned()).collect::<Vec<_>>();
        assert_eq!(found("id 12345678, +00 (555) 01 00-99 x 123456"), ["12345678", "00 (555) 01 00-99"]);
        assert_eq!(found("2026-01-31, 31.01.2026, 1/2/2026"), Vec::<String>::new());
        assert_eq!(found("1234567"), ["1234567"]);
    }

    #[test]
    fn around_an_at() {
        let found = |text: &str| addresses(text).iter().map(|&(s, e)| text[s..e].to_owned()).collect::<Vec<_>>();
        assert_eq!(
            found("write jobs.a+b@mail.example.com, or @demo_x; 5 @ 9 a@b"),
            ["jobs.a+b@mail.example.com", "@demo_x"]
        );
        assert_eq!(found("é@exämple.org @"), ["é@exämple.org"]);
    }
}
