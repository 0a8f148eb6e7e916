/*!
HTML to text, with an offset map.

Feeds wrap descriptions in HTML, in escaped HTML, or not at all, and do not say which: so it is recognised by content,
here and nowhere else. A page renderer would be too much and would lose the offsets; what a classifier needs is the
text, line breaks where a block ends, and nothing of scripts, styles and comments. Where a link leads stands in its tag,
before its words, and is kept of links by which someone can be reached: a page has hundreds of others. Named character references come
from `html-escape`'s table.
*/

use std::borrow::Cow;

use html_escape::NAMED_ENTITIES;
use memchr::{memchr, memchr2, memmem};

use super::map::OffsetMap;

/// Tags by which a text is taken for HTML; the second column says what a tag leaves behind.
const TAGS: &[(&str, Leaves)] = &[
    ("a", Leaves::Target),
    ("abbr", Leaves::Nothing),
    ("article", Leaves::Line),
    ("b", Leaves::Nothing),
    ("blockquote", Leaves::Line),
    ("body", Leaves::Line),
    ("br", Leaves::Line),
    ("center", Leaves::Line),
    ("code", Leaves::Nothing),
    ("dd", Leaves::Line),
    ("div", Leaves::Line),
    ("dl", Leaves::Line),
    ("dt", Leaves::Line),
    ("em", Leaves::Nothing),
    ("font", Leaves::Nothing),
    ("footer", Leaves::Line),
    ("h1", Leaves::Line),
    ("h2", Leaves::Line),
    ("h3", Leaves::Line),
    ("h4", Leaves::Line),
    ("h5", Leaves::Line),
    ("h6", Leaves::Line),
    ("head", Leaves::Line),
    ("header", Leaves::Line),
    ("hr", Leaves::Line),
    ("html", Leaves::Line),
    ("i", Leaves::Nothing),
    ("iframe", Leaves::Line),
    ("img", Leaves::Nothing),
    ("label", Leaves::Space),
    ("li", Leaves::Line),
    ("link", Leaves::Nothing),
    ("main", Leaves::Line),
    ("meta", Leaves::Nothing),
    ("ol", Leaves::Line),
    ("option", Leaves::Line),
    ("p", Leaves::Line),
    ("pre", Leaves::Line),
    ("s", Leaves::Nothing),
    ("script", Leaves::Content("</script")),
    ("section", Leaves::Line),
    ("small", Leaves::Nothing),
    ("span", Leaves::Nothing),
    ("strong", Leaves::Nothing),
    ("style", Leaves::Content("</style")),
    ("sub", Leaves::Nothing),
    ("sup", Leaves::Nothing),
    ("svg", Leaves::Content("</svg")),
    ("table", Leaves::Line),
    ("tbody", Leaves::Line),
    ("td", Leaves::Space),
    ("template", Leaves::Content("</template")),
    ("th", Leaves::Space),
    ("thead", Leaves::Line),
    ("title", Leaves::Line),
    ("tr", Leaves::Line),
    ("u", Leaves::Nothing),
    ("ul", Leaves::Line),
];

/// What a tag leaves in the text; `Content` drops all up to the closing tag, `Target` leaves where a link leads.
#[derive(Clone, Copy, PartialEq)]
enum Leaves {
    Nothing,
    Space,
    Line,
    Target,
    Content(&'static str),
}

/// A tag longer than this is not a tag; the bound keeps unclosed quotes from costing quadratic time.
const MAX_TAG: usize = 4096;

/// The words of a link are looked at no further than this for what it leads to.
const MAX_WORDS: usize = 256;

/// The text of `source` and the map back to it, without the targets of links. Text that shows no HTML is borrowed as it
/// is.
///
/// Escaped HTML (`&lt;p&gt;`) is undone too: after one round that yields HTML, a second one follows.
pub fn to_text(source: &str) -> (Cow<'_, str>, OffsetMap) {
    match stripped(source, &|_| false) {
        None => (Cow::Borrowed(source), OffsetMap::identity(source.len())),
        Some((text, map)) => (Cow::Owned(text), map),
    }
}

/// As [`to_text`], with the targets of those links that are `kept`; none when the text shows no HTML.
pub(crate) fn stripped(source: &str, kept: &dyn Fn(&str) -> bool) -> Option<(String, OffsetMap)> {
    let (once, map) = strip(source, kept)?;
    match first_tag(&once).and_then(|_| strip(&once, kept)) {
        Some((twice, second)) => Some((twice, second.then(&map))),
        None => Some((once, map)),
    }
}

/// One round; `None` when there is neither a known tag nor a character reference.
fn strip(source: &str, kept: &dyn Fn(&str) -> bool) -> Option<(String, OffsetMap)> {
    let bytes = source.as_bytes();
    memchr2(b'<', b'&', bytes)?;
    let mut text = String::with_capacity(source.len());
    let mut map = OffsetMap::new();
    let mut found = false;
    let mut at = 0;
    while at < bytes.len() {
        let next = memchr2(b'<', b'&', &bytes[at..]).map_or(bytes.len(), |n| at + n);
        text.push_str(&source[at..next]);
        map.copied(at, next - at);
        at = next;
        if at == bytes.len() {
            break;
        }
        if bytes[at] == b'&' {
            if let Some((len, decoded)) = reference(&source[at..]) {
                text.push_str(&decoded);
                map.rewritten(at..at + len, decoded.len());
                at += len;
                found = true;
                continue;
            }
        } else if let Some((len, leaves)) = tag(&source[at..]) {
            found = true;
            let mut end = at + len;
            match leaves {
                Leaves::Nothing => {}
                Leaves::Space => leave(&mut text, &mut map, at..end, ' '),
                Leaves::Line => leave(&mut text, &mut map, at..end, '\n'),
                Leaves::Target => target(source, at..end, kept, &mut text, &mut map),
                Leaves::Content(close) => {
                    // An unclosed script swallows the rest, as in a browser.
                    end = find_ignoring_case(&bytes[end..], close).map_or(bytes.len(), |n| {
                        let from = end + n;
                        memchr(b'>', &bytes[from..]).map_or(bytes.len(), |m| from + m + 1)
                    });
                    leave(&mut text, &mut map, at..end, '\n');
                }
            }
            at = end;
            continue;
        }
        text.push(bytes[at] as char);
        map.copied(at, 1);
        at += 1;
    }
    found.then_some((text, map))
}

/// Leaves one break, not one for each of several tags in a row.
fn leave(text: &mut String, map: &mut OffsetMap, source: std::ops::Range<usize>, mark: char) {
    if !text.ends_with(mark) && !text.is_empty() {
        text.push(mark);
        map.rewritten(source, 1);
    }
}

/// Leaves where the link of the tag leads, if that is kept and its words do not say it.
fn target(
    source: &str,
    tag: std::ops::Range<usize>,
    kept: &dyn Fn(&str) -> bool,
    text: &mut String,
    map: &mut OffsetMap,
) {
    let Some(href) = attribute(&source.as_bytes()[tag.clone()], b"href") else { return };
    let href = tag.start + href.start..tag.start + href.end;
    let address = decoded(&source[href.clone()]);
    if !kept(&address) {
        return;
    }
    let words = &source[tag.end..source.floor_char_boundary(tag.end + MAX_WORDS)];
    let words = find_ignoring_case(words.as_bytes(), "</a").map_or("", |end| &words[..end]);
    let said =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let (_, behind_scheme) = address.split_once(':').unwrap_or(("", &address));
    if said(words).contains(&said(behind_scheme)) {
        return;
    }
    if !text.is_empty() && !text.ends_with([' ', '\n']) {
        text.push(' ');
        map.rewritten(tag.start..href.start, 1);
    }
    match address {
        Cow::Borrowed(_) => map.copied(href.start, href.len()),
        Cow::Owned(ref address) => map.rewritten(href.clone(), address.len()),
    }
    text.push_str(&address);
    text.push(' ');
    map.rewritten(href.end..tag.end, 1);
}

/// A text with its character references in place.
fn decoded(source: &str) -> Cow<'_, str> {
    if memchr(b'&', source.as_bytes()).is_none() {
        return Cow::Borrowed(source);
    }
    let (mut text, mut at) = (String::with_capacity(source.len()), 0);
    while let Some(sign) = memchr(b'&', &source.as_bytes()[at..]).map(|n| at + n) {
        text.push_str(&source[at..sign]);
        let (len, sign_text) = reference(&source[sign..]).unwrap_or((1, Cow::Borrowed("&")));
        text.push_str(&sign_text);
        at = sign + len;
    }
    text.push_str(&source[at..]);
    Cow::Owned(text)
}

/// Where the value of an attribute stands in a tag, without blanks around it.
fn attribute(tag: &[u8], name: &[u8]) -> Option<std::ops::Range<usize>> {
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let skip = |at: usize, pass: &dyn Fn(&u8) -> bool| at + tag[at..].iter().take_while(|byte| pass(byte)).count();
    let close = tag.len() - 1;
    let mut at = 1;
    while at < close {
        let start = skip(at, &|byte| blank(byte) || *byte == b'/');
        let end = skip(start, &|byte| !blank(byte) && !matches!(byte, b'=' | b'>' | b'/'));
        let sign = skip(end, &blank);
        if tag.get(sign) != Some(&b'=') {
            at = end.max(start + 1);
            continue;
        }
        let value = skip(sign + 1, &blank);
        let range = match tag.get(value) {
            Some(quote @ (b'"' | b'\'')) => value + 1..skip(value + 1, &|byte| byte != quote).min(close),
            _ => value..skip(value, &|byte| !blank(byte) && *byte != b'>'),
        };
        if tag[start..end].eq_ignore_ascii_case(name) {
            let inner = &tag[range.clone()];
            let from = range.start + (inner.len() - inner.trim_ascii_start().len());
            return Some(from..from + inner.trim_ascii().len());
        }
        at = range.end.max(value) + 1;
    }
    None
}

/// The length of the tag or comment at the start of `s` and what it leaves, when it is one we know.
fn tag(s: &str) -> Option<(usize, Leaves)> {
    let bytes = s.as_bytes();
    if bytes.starts_with(b"<!--") {
        let end = memmem::find(&bytes[4..], b"-->").map_or(bytes.len(), |n| n + 7);
        return Some((end, Leaves::Nothing));
    }
    if bytes.len() > 9 && bytes[..9].eq_ignore_ascii_case(b"<!doctype") {
        return tag_end(bytes).map(|end| (end, Leaves::Nothing));
    }
    let closing = bytes.get(1) == Some(&b'/');
    let name_at = 1 + closing as usize;
    let name_len = bytes[name_at..].iter().take(12).take_while(|b| b.is_ascii_alphanumeric()).count();
    let name = s[name_at..name_at + name_len].to_ascii_lowercase();
    let leaves = TAGS.binary_search_by(|(tag, _)| (*tag).cmp(name.as_str())).ok().map(|i| TAGS[i].1)?;
    match bytes.get(name_at + name_len) {
        Some(b'>' | b'/' | b' ' | b'\t' | b'\n' | b'\r') => {}
        _ => return None,
    }
    let end = tag_end(bytes)?;
    let leaves = match leaves {
        Leaves::Content(_) if closing => Leaves::Line,
        Leaves::Target if closing => Leaves::Nothing,
        leaves => leaves,
    };
    Some((end, leaves))
}

/// The end of the tag at the start of `bytes`, quoted attribute values skipped.
fn tag_end(bytes: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (i, &b) in bytes.iter().enumerate().take(MAX_TAG) {
        match (quote, b) {
            (None, b'>') => return Some(i + 1),
            (None, b'"' | b'\'') if bytes[i - 1] == b'=' => quote = Some(b),
            (Some(q), _) if q == b => quote = None,
            _ => {}
        }
    }
    None
}

/// The character reference at the start of `s`: its length and what it stands for.
fn reference(s: &str) -> Option<(usize, Cow<'static, str>)> {
    let bytes = s.as_bytes();
    let end = memchr(b';', &bytes[..bytes.len().min(34)])?;
    let name = &bytes[1..end];
    if let [b'#', digits @ ..] = name {
        let code = match digits {
            [b'x' | b'X', hex @ ..] => u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?,
            _ => std::str::from_utf8(digits).ok()?.parse().ok()?,
        };
        let c = char::from_u32(code).filter(|&c| c != '\0').unwrap_or('\u{fffd}');
        return Some((end + 1, Cow::Owned(c.to_string())));
    }
    Some((end + 1, Cow::Borrowed(named(name)?)))
}

/// What HTML means by `&name;`.
pub(crate) fn named(name: &[u8]) -> Option<&'static str> {
    let at = NAMED_ENTITIES.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    Some(NAMED_ENTITIES[at].1)
}

/// Where the first known tag stands.
fn first_tag(s: &str) -> Option<usize> {
    let bytes = s.as_bytes();
    memchr::memchr_iter(b'<', bytes).find(|&i| tag(&s[i..]).is_some())
}

fn find_ignoring_case(haystack: &[u8], needle: &str) -> Option<usize> {
    memchr::memchr_iter(b'<', haystack)
        .find(|&i| haystack.get(i..i + needle.len()).is_some_and(|part| part.eq_ignore_ascii_case(needle.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_tables_are_sorted_for_binary_search() {
        assert!(TAGS.is_sorted_by_key(|(tag, _)| *tag));
        assert!(NAMED_ENTITIES.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn plain_text_is_borrowed_even_with_signs_in_it() {
        for s in ["a < b & c", "R&D", "I <3 my job", "if x<y>z", "AT&T; more", "<unknown>tag</unknown>"] {
            assert!(matches!(to_text(s), (Cow::Borrowed(t), _) if t == s), "{s}");
        }
    }

    #[test]
    fn blocks_become_lines_and_spans_point_at_the_source() {
        let source = "<p>Free <b>fli</b>ght &amp; room</p><ul><li>One</li><li>Two</li></ul><script>x()</script>end";
        let (text, map) = to_text(source);
        assert_eq!(text, "Free flight & room\nOne\nTwo\nend");
        let at = text.find("flight & room").unwrap();
        assert_eq!(&source[map.source(at..at + 13)], "fli</b>ght &amp; room");
    }

    #[test]
    fn escaped_html_is_undone_and_the_maps_compose() {
        let source = "&lt;p&gt;Work &amp;amp; travel&lt;/p&gt;&lt;br/&gt;now";
        let (text, map) = to_text(source);
        assert_eq!(text, "Work & travel\nnow");
        assert_eq!(&source[map.source(5..6)], "&amp;amp;");
    }

    #[test]
    fn unclosed_things_end_with_the_text() {
        assert_eq!(to_text("a<script>b").0, "a\n");
        assert_eq!(to_text("a<!-- b").0, "a");
        assert_eq!(to_text("a<p class=\"b").0, "a<p class=\"b");
        assert_eq!(to_text("x &#0; &#x110000; &nbsp;").0, "x \u{fffd} \u{fffd} \u{a0}");
    }

    fn with_targets(source: &str) -> (String, OffsetMap) {
        stripped(source, &|target| target.contains("t.me") || target.starts_with("tel:")).expect("HTML")
    }

    #[test]
    fn targets_that_are_kept_stand_before_the_words() {
        let source = "<p>Write us:<A class=b HREF = 'https://t.me/hr?a=1&amp;b' >here</A> or <a href=/x>there</a></p>";
        let (text, map) = with_targets(source);
        assert_eq!(text, "Write us: https://t.me/hr?a=1&b here or there\n");
        let at = text.find("https").unwrap();
        assert_eq!(&source[map.source(at..at + 21)], "https://t.me/hr?a=1&amp;b");
        let at = text.find("here").unwrap();
        assert_eq!(&source[map.source(at..at + 4)], "here");
        let source = "&lt;a data-href=x href=&quot;https://t.me/hr&quot;&gt;go&lt;/a&gt;";
        let (text, map) = with_targets(source);
        assert_eq!((text.as_str(), &source[map.source(0..15)]), ("https://t.me/hr go", "https://t.me/hr"));
    }

    #[test]
    fn targets_that_the_words_say_are_not_repeated() {
        for source in [
            "<a href=\"https://t.me/hr\">t.me/HR</a>",
            "<a href=\"tel:+85512345678\">call <b>+855 12-345-678</b></a>",
            "<a href=\"https://a.example\">a</a>",
            "<a name=\"t.me\">a</a>",
            "<a href>a</a>",
            "<a =href= t.me>a</a>",
        ] {
            let (text, _) = with_targets(source);
            assert_eq!(text, to_text(source).0, "{source}");
        }
    }

    proptest! {
        #[test]
        fn any_link_maps_back_onto_char_boundaries(s in "([<>&;/a-z\"'= #x0-9é]|<a|<a href=|href|</a>|&amp;|&lt;|&gt;|&quot;){0,60}") {
            let Some((text, map)) = stripped(&s, &|_| true) else { return Ok(()) };
            prop_assert_eq!(map.derived_len(), text.len());
            let mut last = 0;
            for (i, c) in text.char_indices() {
                let range = map.source(i..i + c.len_utf8());
                prop_assert!(s.is_char_boundary(range.start) && s.is_char_boundary(range.end));
                prop_assert!(last <= range.start, "no step moves text about");
                last = range.start;
            }
        }

        #[test]
        fn any_text_maps_back_onto_char_boundaries(s in "([<>&;/a-z\"'= #x0-9é]|<p>|&amp;|<br/>|&lt;|&gt;){0,60}") {
            let (text, map) = to_text(&s);
            prop_assert_eq!(map.derived_len(), text.len());
            for (i, c) in text.char_indices() {
                let range = map.source(i..i + c.len_utf8());
                prop_assert!(s.is_char_boundary(range.start) && s.is_char_boundary(range.end));
            }
        }
    }
}
