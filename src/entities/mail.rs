/*!
Mail addresses, plain and spelled out.
*/

use super::chars::{skip_blanks, skip_blanks_back};
use super::contact::{Contact, ContactKind, Found};
use super::tables_contact::ContactTables;

/// No local part of a mail address is longer.
const LONGEST_LOCAL: usize = 64;

/// A mail address without the words that stood for its signs.
pub(crate) fn plain_mail(raw: &str) -> String {
    if raw.starts_with('#') {
        return raw.to_owned();
    }
    let mut plain = String::with_capacity(raw.len());
    for piece in raw.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '{' | '}')) {
        match piece {
            "" => {}
            "at" => plain.push('@'),
            "dot" => plain.push('.'),
            piece => plain.push_str(piece),
        }
    }
    plain
}

fn is_local_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
}

/// The start of the local part that ends at byte `end`.
fn local_start(text: &str, end: usize) -> usize {
    let bytes = text.as_bytes();
    let mut start = end;
    while start > 0 && end - start < LONGEST_LOCAL && is_local_byte(bytes[start - 1]) {
        start -= 1;
    }
    while start < end && !bytes[start].is_ascii_alphanumeric() {
        start += 1;
    }
    start
}

/// The end of the word of host characters that begins at `at`.
fn host_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = at;
    while end < at + 253
        && bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    {
        end += 1;
    }
    while end > at && !bytes[end - 1].is_ascii_alphanumeric() {
        end -= 1;
    }
    end
}

/// The mail address around the `@` at byte `at`.
pub(crate) fn mail_at(tables: &ContactTables, text: &str, at: usize) -> Option<Found> {
    // "anna @ gmail.com": with blanks on either side only a provider of mail is meant, not a place.
    let blank = |at: usize| text.as_bytes().get(at) == Some(&b' ');
    let apart = blank(at + 1) && at > 0 && blank(at - 1);
    let (local_end, domain_start) = if apart { (at - 1, at + 2) } else { (at, at + 1) };
    let start = local_start(text, local_end);
    let end = host_end(text, domain_start);
    if start == local_end || end == domain_start {
        return None;
    }
    let domain = text.get(domain_start..end)?;
    if apart && !(domain.contains('.') && tables.is_free_mail(domain)) {
        return None;
    }
    let ending = domain.rsplit('.').next()?;
    let whole = domain.contains('.') && ending.len() >= 2 && ending.bytes().any(|byte| byte.is_ascii_alphabetic());
    let free = tables.is_free_mail(domain);
    if !whole && !free || domain.starts_with('.') || domain.contains("..") {
        return None;
    }
    let kind = if free { ContactKind::FreeMail } else { ContactKind::Email };
    Some(Found { start, end, contact: Contact { kind, id_start: start, id_end: end } })
}

/// The mail address whose `@` is spelled out from byte `at` to byte `behind`: "name (at) domain (dot) com". Without
/// brackets, and without an ending behind the provider's name, it is a sentence ("we meet at gmail").
pub(crate) fn spelled_mail(tables: &ContactTables, text: &str, at: usize, behind: usize) -> Option<Found> {
    let bracketed = text.as_bytes().get(at) != Some(&b'a');
    let local_end = skip_blanks_back(text, at, 2);
    let start = local_start(text, local_end);
    if start == local_end {
        return None;
    }
    let bytes = text.as_bytes();
    let mut end = skip_blanks(text, behind, 2);
    let domain_start = end;
    let mut labels = 0;
    for _ in 0..5 {
        let from = end;
        while end < from + 63 && bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
            end += 1;
        }
        if end == from {
            return None;
        }
        labels += 1;
        match dot_end(text, end) {
            Some(next) => end = next,
            None => break,
        }
    }
    let first = text.get(domain_start..)?.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next()?;
    let raw = text.get(domain_start..end)?;
    let free = tables.is_free_mail(first) || tables.is_free_mail(&plain_mail(raw));
    if labels < 2 && !(free && bracketed) {
        return None;
    }
    let kind = if free { ContactKind::FreeMail } else { ContactKind::Email };
    Some(Found { start, end, contact: Contact { kind, id_start: start, id_end: end } })
}

/// The end of a dot, plain or spelled out, when a label follows.
fn dot_end(text: &str, at: usize) -> Option<usize> {
    let letter = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric);
    if text.as_bytes().get(at) == Some(&b'.') && letter(at + 1) {
        return Some(at + 1);
    }
    let from = skip_blanks(text, at, 2);
    let rest = text.get(from..)?;
    for dot in ["(dot)", "[dot]", "{dot}", "( dot )", "[ dot ]", "(.)", "[.]"] {
        if rest.starts_with(dot) {
            return Some(skip_blanks(text, from + dot.len(), 2)).filter(|&end| letter(end));
        }
    }
    (from > at && rest.starts_with("dot ")).then(|| skip_blanks(text, from + 4, 2)).filter(|&end| letter(end))
}
