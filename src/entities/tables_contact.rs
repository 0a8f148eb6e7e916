/*!
The table of chat services, mail providers and hosts.
*/

use std::borrow::Cow;
use std::collections::HashSet;

use serde::Deserialize;

use super::contact::ContactKind;
use super::vocab::{Side, Vocab};

const CONTACTS: &str = include_str!("data/contacts.toml");

/// A word that names a chat service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChatWord {
    pub(crate) kind: ContactKind,
    /// It means the service only beside an address.
    pub(crate) needs_id: bool,
}

/// All tables of contacts and links.
#[derive(Clone, Debug)]
pub(crate) struct ContactTables {
    pub(crate) chat_words: Vec<(String, ChatWord)>,
    pub(crate) chat_ahead: Vocab<ChatWord>,
    pub(crate) social: Vocab<()>,
    pub(crate) fillers: Vocab<()>,
    pub(crate) phone: Vocab<()>,
    hosts: Vec<(String, ContactKind)>,
    free: HashSet<String>,
    shorteners: HashSet<String>,
    forms: Vec<String>,
    endings: HashSet<String>,
    weak_endings: HashSet<String>,
}

#[derive(Deserialize)]
struct File {
    chat: Vec<ChatRow>,
    social: Words,
    fillers: Words,
    phone: Words,
    mail: Mail,
    links: Links,
}

#[derive(Deserialize)]
struct ChatRow {
    kind: ContactKind,
    words: Vec<String>,
    needs_id: Vec<String>,
    links: Vec<String>,
}

#[derive(Deserialize)]
struct Words {
    words: Vec<String>,
}

#[derive(Deserialize)]
struct Mail {
    free: Vec<String>,
}

#[derive(Deserialize)]
struct Links {
    shorteners: Vec<String>,
    forms: Vec<String>,
    endings: Vec<String>,
    weak_endings: Vec<String>,
}

impl ContactTables {
    /// Reads the embedded file.
    pub(crate) fn new() -> Result<ContactTables, toml::de::Error> {
        let file: File = toml::from_str(CONTACTS)?;
        let mut chat_words = Vec::new();
        let mut hosts = Vec::new();
        for row in file.chat {
            let kind = row.kind;
            chat_words.extend(row.words.into_iter().map(|word| (word, ChatWord { kind, needs_id: false })));
            chat_words.extend(row.needs_id.into_iter().map(|word| (word, ChatWord { kind, needs_id: true })));
            hosts.extend(row.links.into_iter().map(|host| (host, kind)));
        }
        let plain = |words: Words, side| Vocab::new(side, words.words.into_iter().map(|word| (Cow::Owned(word), ())));
        Ok(ContactTables {
            chat_ahead: Vocab::new(
                Side::End,
                chat_words.iter().map(|(word, value)| (Cow::Owned(word.clone()), *value)),
            ),
            chat_words,
            social: plain(file.social, Side::End),
            fillers: plain(file.fillers, Side::Start),
            phone: plain(file.phone, Side::Start),
            hosts,
            free: file.mail.free.into_iter().collect(),
            shorteners: file.links.shorteners.into_iter().collect(),
            forms: file.links.forms,
            endings: file.links.endings.into_iter().collect(),
            weak_endings: file.links.weak_endings.into_iter().collect(),
        })
    }

    /// The chat service that a host belongs to.
    pub(crate) fn chat_host(&self, host: &str) -> Option<ContactKind> {
        let host = host.strip_prefix("www.").unwrap_or(host);
        self.hosts.iter().find(|(known, _)| known == host).map(|(_, kind)| *kind)
    }

    /// Whether anyone can have an address at this domain.
    pub(crate) fn is_free_mail(&self, domain: &str) -> bool {
        let first = domain.split('.').next().unwrap_or_default();
        let two = domain.match_indices('.').nth(1).map_or(domain, |(at, _)| &domain[..at]);
        self.free.contains(first) || self.free.contains(domain) || self.free.contains(two)
    }

    /// Whether a bare dotted word with this last label is a domain.
    pub(crate) fn is_ending(&self, label: &str) -> bool {
        self.endings.contains(label)
    }

    /// Whether the ending is a word too, so that a dotted pair may be a missing space.
    pub(crate) fn is_weak_ending(&self, label: &str) -> bool {
        self.weak_endings.contains(label)
    }

    /// Whether the host shortens links.
    pub(crate) fn is_shortener(&self, host: &str) -> bool {
        self.shorteners.contains(host)
    }

    /// Whether the address is a form on a form service.
    pub(crate) fn is_form(&self, host: &str, address: &str) -> bool {
        self.forms.iter().any(|form| {
            address.starts_with(form.as_str())
                || !form.contains('/')
                    && host.ends_with(form.as_str())
                    && host[..host.len() - form.len()].ends_with('.')
        })
    }
}
