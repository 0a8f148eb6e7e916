/*!
Contacts: mail addresses, telephone numbers, and addresses in chat services.

A contact keeps the place of its identifier in the text and nothing else; the identifier in a form that two postings can
be compared by is made on request, so that finding contacts allocates nothing.
*/

use serde::{Deserialize, Serialize};

use super::chars::{char_at, char_before, skip_blanks, skip_blanks_back};
use super::mail::plain_mail;
use super::phone::{Telephone, telephone};
use super::tables_contact::{ChatWord, ContactTables};

/// No handle is longer.
const LONGEST_HANDLE: usize = 40;

/// The channel of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactKind {
    /// A mail address at a domain of its own.
    Email,
    /// A mail address at a provider where anyone gets one.
    FreeMail,
    /// A telephone number.
    Phone,
    /// Telegram.
    Telegram,
    /// WhatsApp.
    WhatsApp,
    /// LINE.
    Line,
    /// WeChat.
    WeChat,
    /// QQ.
    Qq,
    /// Zalo.
    Zalo,
    /// Viber.
    Viber,
    /// Facebook Messenger.
    Messenger,
    /// KakaoTalk.
    Kakao,
    /// Another chat service.
    Other,
    /// The address of a crypto wallet.
    Wallet,
}

impl ContactKind {
    /// The name of the class token.
    pub(crate) fn class(self) -> &'static str {
        match self {
            ContactKind::Email => "<email>",
            ContactKind::FreeMail => "<freemail>",
            ContactKind::Phone => "<phone>",
            ContactKind::Telegram => "<telegram>",
            ContactKind::WhatsApp => "<whatsapp>",
            ContactKind::Line => "<line>",
            ContactKind::WeChat => "<wechat>",
            ContactKind::Qq => "<qq>",
            ContactKind::Zalo => "<zalo>",
            ContactKind::Viber => "<viber>",
            ContactKind::Messenger => "<messenger>",
            ContactKind::Kakao => "<kakao>",
            ContactKind::Other => "<chat>",
            ContactKind::Wallet => "<wallet>",
        }
    }
}

/// A way to reach someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The channel.
    pub kind: ContactKind,
    /// First byte of the identifier in the text.
    pub(crate) id_start: usize,
    /// One past its last byte; the same as the first when only the service is named.
    pub(crate) id_end: usize,
}

impl Contact {
    /// A service that is named without an address.
    pub(crate) fn named(kind: ContactKind, at: usize) -> Contact {
        Contact { kind, id_start: at, id_end: at }
    }

    /// Whether an address, number or handle is given, and not only the service named.
    pub fn has_identifier(&self) -> bool {
        self.id_start < self.id_end
    }

    /// The identifier as two postings can be compared by it, from the text that the contact was found in: a mail address
    /// without disguise, the digits of a number with its plus sign, a handle without its at sign. Empty when only the
    /// service is named.
    pub fn normalized(&self, text: &str) -> String {
        let written = text.get(self.id_start..self.id_end).unwrap_or_default();
        let link = self.id_start > 0 && matches!(text.as_bytes()[self.id_start - 1], b'/' | b'?');
        let raw = if link { link_name(written) } else { written };
        let numeric = raw.starts_with(|c: char| c == '+' || c == '(' || c.is_ascii_digit())
            && !raw.contains(|c: char| c.is_ascii_alphabetic() && c != 'x' || c == '_' || c == '@');
        match self.kind {
            ContactKind::Email | ContactKind::FreeMail => plain_mail(raw),
            ContactKind::Wallet => raw.to_owned(),
            _ if numeric => number(raw, link && self.kind == ContactKind::WhatsApp),
            _ => raw.trim_start_matches(['@', ' ']).trim_matches(['.', '-']).to_owned(),
        }
    }
}

/// The digits of a number; `00` in front is a plus sign, and so is nothing where numbers are always `international`.
fn number(raw: &str, international: bool) -> String {
    let plain = raw.replace("(0)", "");
    let digits: String = plain.chars().filter(|c| c.is_ascii_digit() || matches!(c, '+' | 'x' | '*')).collect();
    match digits.strip_prefix("00") {
        Some(rest) if rest.len() >= 8 && !rest.starts_with('0') => format!("+{rest}"),
        _ if international && digits.len() >= 8 && !digits.starts_with(['+', '0']) => format!("+{digits}"),
        _ => digits,
    }
}

/// The name in the path of a link to a chat service: `s/name?before=3`, `send?phone=855...`, `ti/p/~name`.
fn link_name(path: &str) -> &str {
    for key in ["phone=", "number=", "uin=", "domain="] {
        if let Some((_, value)) = path.split_once(key) {
            let value = value.split('&').next().unwrap_or_default();
            return value.strip_prefix("%2b").unwrap_or(value);
        }
    }
    let mut name = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    for step in ["joinchat/", "r/", "ti/p/", "ti/g2/", "s/", "t/", "u/", "chat/", "~", "@"] {
        name = name.strip_prefix(step).unwrap_or(name);
    }
    // An invitation is written with a plus sign or without.
    name.strip_prefix('+').filter(|rest| rest.contains(|c: char| c.is_ascii_alphabetic())).unwrap_or(name)
}

/// The service whose application opens links with this scheme.
pub(crate) fn app_scheme(scheme: &str) -> Option<ContactKind> {
    Some(match scheme {
        "tg" => ContactKind::Telegram,
        "whatsapp" => ContactKind::WhatsApp,
        "viber" => ContactKind::Viber,
        "weixin" => ContactKind::WeChat,
        "line" => ContactKind::Line,
        _ => return None,
    })
}

/// A contact and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) contact: Contact,
}

fn is_handle_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// The contact that a word for a chat service makes with what stands behind it. None when the word alone means nothing.
pub(crate) fn chat(tables: &ContactTables, text: &str, start: usize, end: usize, word: ChatWord) -> Option<Found> {
    let mut at = end;
    let mut marked = false;
    for _ in 0..6 {
        let from = at;
        at = skip_blanks(text, at, 3);
        while let Some(b':' | b'=') = text.as_bytes().get(at) {
            marked = true;
            at = skip_blanks(text, at + 1, 3);
        }
        // In `hr_anna` the first letters belong to the name.
        if let Some(hit) = tables.fillers.find(text, at).filter(|hit| !goes_on(text, hit.end)) {
            let filler = text.get(hit.start..hit.end).unwrap_or_default();
            marked |= matches!(
                filler,
                "id" | "ids" | "id:" | "号" | "號" | "ไอดี" | "아이디" | "handle" | "username" | "帳號" | "账号"
            );
            at = hit.end;
        }
        if at == from {
            break;
        }
    }
    let word_text = text.get(start..end).unwrap_or_default();
    marked |=
        word_text.ends_with(':') || word_text.ends_with("id") || word_text.contains('加') || word_text.ends_with('@');
    let id = identifier(text, at, marked, word);
    match id {
        Some((id_start, id_end)) => {
            Some(Found { start, end: id_end, contact: Contact { kind: word.kind, id_start, id_end } })
        }
        None if word.needs_id => None,
        None => further(text, start, at, word).or(Some(Found { start, end, contact: Contact::named(word.kind, end) })),
    }
}

/// The handle or number at byte `at`, behind a word for a chat service.
fn identifier(text: &str, at: usize, marked: bool, word: ChatWord) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let first = *bytes.get(at)?;
    if first == b'@' {
        let end = handle_end(text, skip_blanks(text, at + 1, 1));
        return (end > at + 3).then_some((at, end));
    }
    // "line 3" and "signal 5" are no addresses: these words need a mark.
    let common = word.needs_id && matches!(word.kind, ContactKind::Line | ContactKind::Other | ContactKind::WeChat);
    if common && !marked && !(word.kind == ContactKind::Line && is_chosen(text, at)) {
        return None;
    }
    let marked = marked || common;
    if matches!(first, b'+' | b'(' | b'0'..=b'9')
        && let Some(Telephone { end, .. }) = telephone(text, at, true)
    {
        return Some((at, end));
    }
    let end = handle_end(text, at);
    let handle = text.get(at..end)?;
    let length = handle.len();
    let digits = handle.bytes().filter(u8::is_ascii_digit).count();
    if digits == length {
        return ((5..=13).contains(&length) && (marked || word.kind == ContactKind::Qq)).then_some((at, end));
    }
    // "imo 9074729" is the number of a ship.
    if word.kind == ContactKind::Other && digits == length && length == 7 {
        return None;
    }
    // A masked number, a handle with a digit or an underscore in it, or a lone word behind a colon.
    let made_up = digits > 0 || handle.contains('_');
    let lone = marked && char_at(text, end).is_none_or(|c| matches!(c, '\n' | '\r' | ')' | ',' | ';' | '|' | '/'));
    let starts = first.is_ascii_alphanumeric() || first == b'_';
    let dotted_link = handle.contains('.') && !is_chosen(text, at) || handle.starts_with("http");
    (starts && (4..=32).contains(&length) && !dotted_link && (made_up && (marked || !word.needs_id) || lone))
        .then_some((at, end))
}

/// Whether the letters that end at `at` are the beginning of a longer name.
fn goes_on(text: &str, at: usize) -> bool {
    let byte = |at: usize| text.as_bytes().get(at).copied().unwrap_or_default();
    let joins =
        byte(at) == b'_' || byte(at).is_ascii_digit() || byte(at) == b'.' && byte(at + 1).is_ascii_alphanumeric();
    joins && at > 0 && byte(at - 1).is_ascii_alphabetic()
}

/// Whether the word is a name that somebody made up: letters first, and two digits at its end behind a dot or an
/// underscore, so that it is neither an ordinary word nor a standard (`iso9001`) nor a host.
fn is_chosen(text: &str, at: usize) -> bool {
    let handle = text.get(at..handle_end(text, at)).unwrap_or_default();
    handle.len() >= 6
        && handle.contains(['.', '_'])
        && handle.starts_with(|c: char| c.is_ascii_alphabetic())
        && handle.bytes().rev().take_while(u8::is_ascii_digit).count() >= 2
}

/// What a service is reached by when a few words stand between: "whatsapp madam queeneth +855 ...",
/// "telegram of our desk, @name".
fn further(text: &str, start: usize, at: usize, word: ChatWord) -> Option<Found> {
    const REACH: usize = 40;
    let rest = text.get(at..)?;
    let mut letters = 0;
    for (i, c) in rest.char_indices().take_while(|(i, _)| *i < REACH) {
        let from = at + i;
        let end = match c {
            '@' if rest[..i].ends_with([' ', ':']) => {
                let end = handle_end(text, from + 1);
                (end > from + 5).then_some(end)
            }
            '+' => telephone(text, from, true).map(|number| number.end),
            _ => None,
        };
        if let Some(id_end) = end {
            // Another address of the same kind stands for itself.
            return (letters > 0 || rest[..i].contains(',')).then_some(Found {
                start,
                end: id_end,
                contact: Contact { kind: word.kind, id_start: from, id_end },
            });
        }
        match c {
            ' ' | ',' | ':' => {}
            _ if c.is_alphabetic() || super::chars::is_letter(c) => letters += 1,
            _ => return None,
        }
    }
    None
}

/// The end of the handle that begins at `at`.
fn handle_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = at;
    while end < at + LONGEST_HANDLE && bytes.get(end).copied().is_some_and(is_handle_byte) {
        end += 1;
    }
    while end > at && matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    end
}

/// An `@handle` that stands by itself: Telegram, unless another network is named in front.
pub(crate) fn handle(tables: &ContactTables, text: &str, at: usize) -> Option<Found> {
    if char_before(text, at).is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '@')) {
        return None;
    }
    let end = handle_end(text, at + 1);
    let name = text.get(at + 1..end)?;
    // Telegram gives no shorter ones.
    let fits = (5..=32).contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !fits || name.contains('.') && tables.is_free_mail(name) {
        return None;
    }
    let mut edge = skip_blanks_back(text, at, 2);
    if matches!(char_before(text, edge), Some(':' | '-' | '/' | '=' | '(')) {
        edge = skip_blanks_back(text, edge - 1, 2);
    }
    for link in [" at", " on", " us", " id"] {
        let from = edge - usize::from(text[..edge].ends_with(link)) * link.len();
        edge = skip_blanks_back(text, from, 2);
    }
    if tables.social.find(text, edge).is_some() || text[..edge].ends_with("follow") {
        return None;
    }
    let kind = tables
        .chat_ahead
        .find(text, edge)
        .filter(|hit| !hit.value.nothing)
        .map_or(ContactKind::Telegram, |hit| hit.value.kind);
    Some(Found { start: at, end, contact: Contact { kind, id_start: at, id_end: end } })
}

/// The number at byte `at`, with the word for a chat service that may stand behind it.
pub(crate) fn phone(
    tables: &ContactTables,
    chats: &impl Fn(usize) -> Option<(usize, ChatWord)>,
    calls: &mut Calls,
    text: &str,
    at: usize,
) -> Option<Found> {
    // What is a number by itself needs no word in front of it, and most digits are none even so.
    let number = match telephone(text, at, false) {
        None => telephone(text, at, true).filter(|_| calls.stand_before(tables, text, at))?,
        number => number?,
    };
    let mut found = Found {
        start: at,
        end: number.end,
        contact: Contact { kind: ContactKind::Phone, id_start: at, id_end: number.end },
    };
    let mut behind = skip_blanks(text, number.end, 2);
    if matches!(char_at(text, behind), Some('(' | '/' | '-' | '[' | ',')) {
        behind = skip_blanks(text, behind + 1, 2);
    }
    for link in ["on ", "via ", "by ", "use "] {
        if text.get(behind..).is_some_and(|rest| rest.starts_with(link)) {
            behind = skip_blanks(text, behind + link.len(), 1);
        }
    }
    if let Some((end, word)) = chats(behind) {
        // "0912 345 678, telegram @x": the word belongs to what follows it.
        let next = char_at(text, skip_blanks(text, end, 2));
        if !matches!(next, Some(':' | '@' | '+' | '=')) {
            let closes = text.get(number.end..behind).is_some_and(|between| between.contains('('))
                && text.as_bytes().get(end) == Some(&b')');
            found.end = end + usize::from(closes);
            found.contact.kind = word.kind;
        }
    }
    Some(found)
}

/// The words for calling that a pass over a text has met.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    /// Words that begin before this byte are known.
    known: usize,
    /// Where the last of them begins.
    last: Option<usize>,
}

impl Calls {
    /// How far, in bytes, such a word may stand before a number.
    const REACH: usize = 28;

    /// Whether such a word stands before the number at `at`, within reach and on the same line. Positions come in order;
    /// each stretch of the text is looked through once.
    pub(super) fn stand_before(&mut self, tables: &ContactTables, text: &str, at: usize) -> bool {
        let from = super::chars::floor_boundary(text, at.saturating_sub(Calls::REACH));
        let Some(before) = text.get(from..at) else { return false };
        let line = before.rfind('\n').map_or(from, |newline| from + newline + 1);
        if at < self.known {
            return tables.phone.find_last_in(text, line, at).is_some();
        }
        let start = self.known.max(line);
        let mut known = at;
        for (offset, _) in text.get(start..at).unwrap_or_default().char_indices() {
            match tables.phone.find(text, start + offset) {
                Some(hit) if hit.end <= at => self.last = Some(start + offset),
                // It reaches over the number, and may stand before another one.
                Some(_) => known = known.min(start + offset),
                None => {}
            }
        }
        self.known = known;
        self.last.is_some_and(|last| last >= line)
    }
}

/// The wallet address that begins at byte `at`, at the start of a word.
pub(crate) fn wallet(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let rest = bytes.get(at..)?;
    let run = rest.iter().take(64).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let word = rest.get(..run)?;
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    let fits = match word {
        [b'0', b'x', hex @ ..] => hex.len() == 40 && hex.iter().all(u8::is_ascii_hexdigit),
        [b'b', b'c', b'1', ..] => (26..=62).contains(&run) && digits >= 4,
        [b't', ..] => run == 34 && digits >= 4,
        _ => false,
    };
    fits.then_some(Found {
        start: at,
        end: at + run,
        contact: Contact { kind: ContactKind::Wallet, id_start: at, id_end: at + run },
    })
}
