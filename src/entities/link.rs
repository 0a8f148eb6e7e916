/*!
Links: addresses with a scheme or `www.`, and bare domains with a known ending.

A dotted word is looked at once, as a whole, so that a text of nothing but dots and letters costs no more than any other.
*/

use super::tables_contact::ContactTables;

/// No host name is longer.
const LONGEST_HOST: usize = 253;

/// What a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// Any address.
    Url,
    /// A shortening service, or a page of links: the target is not seen.
    Shortener,
    /// An application form on a form service.
    Form,
}

/// A link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it leads to.
    pub kind: LinkKind,
    /// First byte of the host in the text.
    pub(crate) host_start: usize,
    /// One past its last byte.
    pub(crate) host_end: usize,
}

impl Link {
    /// The host, as written in the text that the link was found in; empty for a link whose host the source had removed.
    pub fn host<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.host_start..self.host_end).unwrap_or_default()
    }
}

/// A dotted word, which may be a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dotted {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' || byte == b'_'
}

/// The dotted word around the dot at byte `dot`, from `floor` on. Its dots stand between letters or digits.
pub(crate) fn dotted(text: &str, dot: usize, floor: usize) -> Dotted {
    let bytes = text.as_bytes();
    let mut start = dot;
    while start > floor && is_host_byte(bytes[start - 1]) {
        start -= 1;
    }
    let mut end = dot + 1;
    while bytes.get(end).copied().is_some_and(is_host_byte) {
        end += 1;
    }
    while end > start && !bytes[end - 1].is_ascii_alphanumeric() {
        end -= 1;
    }
    while start < end && !bytes[start].is_ascii_alphanumeric() {
        start += 1;
    }
    Dotted { start, end }
}

/// Whether a dotted word is a host name: labels that are not empty, and an ending that the table knows.
pub(crate) fn is_host(tables: &ContactTables, host: &str) -> bool {
    if host.len() > LONGEST_HOST || !host.contains('.') {
        return false;
    }
    let ending = host.rsplit('.').next().unwrap_or_default();
    let labels_fit = host.split('.').all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-'));
    let letters = host.bytes().any(|byte| byte.is_ascii_alphabetic());
    labels_fit
        && letters
        && tables.is_ending(ending)
        && host.rsplit('.').nth(1).is_some_and(|label| label.len() > 1 || ending.len() > 1)
}

/// Whether a dotted word names a degree or a product, and no host.
pub(crate) fn is_title(host: &str) -> bool {
    matches!(host, "asp.net" | "vb.net" | "ado.net" | "b.com" | "m.com" | "b.tech" | "m.tech" | "b.pro" | "socket.io")
}

/// The end of path, query and fragment from `at` on.
pub(crate) fn path_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = at;
    if let Some(b':') = bytes.get(end) {
        let digits = bytes[end + 1..].iter().take_while(|byte| byte.is_ascii_digit()).take(5).count();
        if digits > 0 {
            end += 1 + digits;
        }
    }
    if !matches!(bytes.get(end), Some(b'/' | b'?' | b'#')) {
        return end;
    }
    while let Some(&byte) = bytes.get(end) {
        if byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"' | b'\\' | b'^' | b'`' | b'{' | b'}' | b'|') {
            end += 1;
        } else {
            break;
        }
    }
    while end > at && matches!(bytes[end - 1], b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']' | b'\'' | b'*') {
        end -= 1;
    }
    end
}

/// What the link with this host and the rest of its address leads to.
pub(crate) fn kind(tables: &ContactTables, text: &str, host: Dotted, end: usize) -> LinkKind {
    let address = text.get(host.start..end).unwrap_or_default();
    let host = text.get(host.start..host.end).unwrap_or_default();
    tables.link_kind(host, address)
}
