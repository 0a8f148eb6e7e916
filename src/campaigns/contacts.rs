/*!
Which contacts join postings, and which do not.

A contact joins all postings that name it, unless

- it is the account or address of a platform (`data/platforms.txt`), which leads to everybody;
- it is no address of one's own: the host of a website, a service named without an account, a number that is masked,
  shorter than [`FEWEST_DIGITS`] digits or made of one or two different ones;
- it is *common*: named in more than [`MOST_SHARE`] of all postings and by more than [`MOST_EMPLOYERS`] different
  employers. A posting that names no employer counts by its near-duplicates. Scammers who clone twenty employers still
  have one account; a portal's hotline is in the feed of hundreds.

Numbers are the same whatever service they are given for (`+00 12…` and `0012…` too), mail addresses whatever their
provider; account names only within their service.
*/

use std::sync::LazyLock;

use rustc_hash::FxHashSet;
use xxhash_rust::xxh3::xxh3_64;

use crate::entities::reading::{Reading, Segment};
use crate::entities::{Contact, ContactKind, Entity, EntityKind, LinkKind};

/// Fewer digits are an extension or a short code.
pub const FEWEST_DIGITS: usize = 7;
/// The share of postings above which a contact may be common.
pub const MOST_SHARE: f64 = 0.005;
/// The number of employers above which a contact may be common.
pub const MOST_EMPLOYERS: usize = 20;

static PLATFORMS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    include_str!("data/platforms.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
});

/// A contact or link, as two postings are compared by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    /// `email`, `freemail`, `phone`, `wallet`, the chat service, `url`, or `domain`.
    pub(super) kind: &'static str,
    /// The address, number, account name, link or host.
    pub(super) value: String,
    /// What it joins by; none when it does not.
    pub(super) key: Option<u64>,
}

/// The contacts and links of a posting, each once.
pub(super) fn of_reading(reading: &Reading) -> Vec<Named> {
    let all = reading.segments.iter().flat_map(|s| s.entities.iter().filter_map(move |e| of_entity(s, e)));
    let mut named: Vec<Named> = all.collect();
    named.sort_unstable();
    named.dedup();
    named
}

fn of_entity(segment: &Segment, entity: &Entity) -> Option<Named> {
    match &entity.kind {
        EntityKind::Contact(contact) if contact.has_identifier() => {
            let value = contact.normalized(&segment.text);
            (!value.is_empty()).then(|| Named { kind: name(contact), key: key(contact.kind, &value), value })
        }
        EntityKind::Link(link) => {
            let host = link.host(&segment.text);
            let host = host.strip_prefix("www.").unwrap_or(host);
            match link.kind {
                _ if host.is_empty() => None,
                // The folded text is in lower case, and the paths of these services are not.
                LinkKind::Form | LinkKind::Shortener => {
                    let address = segment.text.get(entity.start..entity.end)?;
                    let value = if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
                    let path =
                        value.split_once("://").is_some_and(|(_, rest)| rest.trim_end_matches('/').contains('/'));
                    let key = path.then(|| hash("url", &value));
                    Some(Named { kind: "url", value, key })
                }
                LinkKind::Url if is_platform(host) => None,
                LinkKind::Url => Some(Named { kind: "domain", value: host.to_owned(), key: None }),
            }
        }
        _ => None,
    }
}

/// The name of a contact's kind, as the entity layer's class has it.
fn name(contact: &Contact) -> &'static str {
    contact.kind.class().trim_matches(['<', '>'])
}

/// Whether this is the domain, or the name, of a platform.
fn is_platform(domain: &str) -> bool {
    domain.match_indices('.').map(|(at, _)| &domain[at + 1..]).chain([domain]).any(|d| PLATFORMS.contains(d))
}

fn is_platform_account(account: &str) -> bool {
    PLATFORMS.iter().any(|domain| domain.split('.').next() == Some(account))
}

/// What a contact joins by.
fn key(kind: ContactKind, value: &str) -> Option<u64> {
    match kind {
        ContactKind::Email | ContactKind::FreeMail => {
            let domain = value.rsplit('@').next().unwrap_or_default();
            (kind == ContactKind::FreeMail || !is_platform(domain)).then(|| hash("mail", value))
        }
        ContactKind::Wallet => Some(hash("wallet", value)),
        _ if value.starts_with(['+', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) => {
            let number = value.trim_start_matches('+').trim_start_matches("00");
            let is_number = number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'x' | b'*'));
            if !is_number {
                return Some(hash(kind.class(), value));
            }
            let masked = number.contains(['x', '*']);
            let different: FxHashSet<u8> = number.bytes().collect();
            (!masked && number.len() >= FEWEST_DIGITS && different.len() > 2).then(|| hash("number", number))
        }
        // What a data set put in the place of a number.
        ContactKind::Phone => Some(hash("number", value)),
        _ => (!is_platform_account(value)).then(|| hash(kind.class(), value)),
    }
}

fn hash(class: &str, value: &str) -> u64 {
    xxh3_64(format!("{class}\0{value}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::reading::Reader;
    use crate::posting::Posting;
    use crate::text::tokenizer::Tokenizer;

    fn named(text: &str) -> Vec<Named> {
        of_reading(&Reader::new(Tokenizer::default()).read(&Posting::from_text("a", text)))
    }

    fn join(a: &str, b: &str) -> bool {
        let keys = |text: &str| named(text).into_iter().filter_map(|n| n.key).collect::<FxHashSet<u64>>();
        !keys(a).is_disjoint(&keys(b))
    }

    #[test]
    fn the_same_contact_joins_however_it_is_written() {
        for (a, b) in [
            ("Telegram @Demo_HR00", "contact t.me/demo_hr00 now"),
            ("call +855 00 123 456", "WhatsApp: +85500123456"),
            ("call +855 00 123 456", "call 00855 00 123 456"),
            ("write to demo.hr@gmail.com", "write to demo.hr (at) gmail (dot) com"),
            ("write to jobs@corp.example", "jobs@corp.example is our address"),
            ("fill in https://forms.gle/demo00", "apply: forms.gle/demo00"),
            ("USDT 0x00112233445566778899aabbccddeeff00112233", "pay 0x00112233445566778899aabbccddeeff00112233"),
        ] {
            assert!(join(a, b), "{:?} {:?}", named(a), named(b));
        }
    }

    #[test]
    fn what_is_nobodys_own_joins_nothing() {
        for text in [
            "write on Telegram",
            "call 000 000 0000",
            "call +855 xx xxx xxx",
            "apply at https://www.corp.example/jobs",
            "write to support@jobs.indeed.com",
            "see linkedin.com/jobs/view/1",
            "Telegram @jobstreet",
        ] {
            assert!(!join(text, text), "{:?}", named(text));
        }
        assert!(!join("Telegram @demo_hr00", "LINE id: demo_hr00"), "an account name is one's own within its service");
    }
}
