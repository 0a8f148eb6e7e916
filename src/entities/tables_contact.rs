/*!
The table of chat services, mail providers and hosts.
*/

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::contact::ContactKind;
use super::link::LinkKind;
use super::vocab::{Side, Vocab};

/// A word that names a chat service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChatWord {
    pub(crate) kind: ContactKind,
    /// It means the service only beside an address.
    pub(crate) needs_id: bool,
    /// It holds the name of a service and means something else: "online" holds "line".
    pub(crate) nothing: bool,
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort_unstable();
    words
}

/// Whether a sorted list has the word.
fn holds(words: &[String], word: &str) -> bool {
    words.binary_search_by(|known| known.as_str().cmp(word)).is_ok()
}

/// All tables of contacts and links.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ContactTables {
    pub(crate) chat_ahead: Vocab<ChatWord>,
    pub(crate) social: Vocab<()>,
    pub(crate) fillers: Vocab<()>,
    pub(crate) phone: Vocab<()>,
    hosts: Vec<(String, ContactKind)>,
    free: Vec<String>,
    shorteners: Vec<String>,
    forms: Vec<String>,
    endings: Vec<String>,
    weak_endings: Vec<String>,
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
    #[serde(default)]
    not: Vec<String>,
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
    /// Reads the data file; the build does this. The words for chat services come beside it, for the dictionary of names.
    pub(crate) fn read(contacts: &str) -> Result<(ContactTables, Vec<(String, ChatWord)>), toml::de::Error> {
        let file: File = toml::from_str(contacts)?;
        let mut chat_words = Vec::new();
        let mut hosts = Vec::new();
        for row in file.chat {
            let kind = row.kind;
            for (words, needs_id, nothing) in
                [(row.words, false, false), (row.needs_id, true, false), (row.not, true, true)]
            {
                chat_words.extend(words.into_iter().map(|word| (word, ChatWord { kind, needs_id, nothing })));
            }
            hosts.extend(row.links.into_iter().map(|host| (host, kind)));
        }
        let plain = |words: Words, side| Vocab::new(side, words.words.into_iter().map(|word| (Cow::Owned(word), ())));
        let tables = ContactTables {
            chat_ahead: Vocab::new(
                Side::End,
                chat_words.iter().map(|(word, value)| (Cow::Owned(word.clone()), *value)),
            ),
            social: plain(file.social, Side::End),
            fillers: plain(file.fillers, Side::Start),
            phone: plain(file.phone, Side::Start),
            hosts,
            free: sorted(file.mail.free),
            shorteners: sorted(file.links.shorteners),
            forms: file.links.forms,
            endings: sorted(file.links.endings),
            weak_endings: sorted(file.links.weak_endings),
        };
        Ok((tables, chat_words))
    }

    /// The chat service that a host belongs to.
    pub(crate) fn chat_host(&self, host: &str) -> Option<ContactKind> {
        let host = plain_host(host);
        self.hosts.iter().find(|(known, _)| known == host).map(|(_, kind)| *kind)
    }

    /// Whether anyone can have an address at this domain.
    pub(crate) fn is_free_mail(&self, domain: &str) -> bool {
        // "live.com" and "live.co.uk", but not "live.nation.com".
        let (first, rest) = domain.split_once('.').unwrap_or((domain, ""));
        let plain = match rest.split_once('.') {
            None => true,
            Some((second, country)) => {
                matches!(second, "com" | "co" | "net" | "org" | "ne" | "or") && !country.contains('.')
            }
        };
        let first = if plain { first } else { domain };
        let two = domain.match_indices('.').nth(1).map_or(domain, |(at, _)| &domain[..at]);
        [first, domain, two].iter().any(|name| holds(&self.free, name))
    }

    /// Whether a bare dotted word with this last label is a domain.
    pub(crate) fn is_ending(&self, label: &str) -> bool {
        holds(&self.endings, label)
    }

    /// Whether the ending is a word too, so that a dotted pair may be a missing space.
    pub(crate) fn is_weak_ending(&self, label: &str) -> bool {
        holds(&self.weak_endings, label)
    }

    /// Whether the host shortens links.
    pub(crate) fn is_shortener(&self, host: &str) -> bool {
        let host = plain_host(host);
        let stem = host.split('.').next().unwrap_or_default();
        holds(&self.shorteners, host)
            || matches!(stem, "shorturl" | "tinyurl" | "tinylink" | "bitlink" | "shortlink" | "short-link")
    }

    /// What an address at this host leads to.
    pub(crate) fn link_kind(&self, host: &str, address: &str) -> LinkKind {
        let address = address.strip_prefix("www.").unwrap_or(address);
        let host = host.strip_prefix("www.").unwrap_or(host);
        if self.is_form(host, address) {
            LinkKind::Form
        } else if self.is_shortener(host) {
            LinkKind::Shortener
        } else {
            LinkKind::Url
        }
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

/// The host without `www.`, and without the ending that keeps an example from leading anywhere.
fn plain_host(host: &str) -> &str {
    let host = host.strip_prefix("www.").unwrap_or(host);
    host.strip_suffix(".example").filter(|plain| plain.contains('.')).unwrap_or(host)
}
