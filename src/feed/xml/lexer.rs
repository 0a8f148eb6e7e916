/*!
Where markup begins and ends, byte by byte.

A parser needs a whole token in memory, and a feed may hold a comment of a gigabyte. This automaton needs none of it: it
takes the stream in whatever pieces it comes and tells only where tags are and what they are called. What the tags mean,
and whether they fit together, is asked of quick-xml once a record is cut out.

It gives way where markup is broken, so that one bad record does not swallow the rest: a `<` inside a tag begins a new
tag, because no attribute may hold one.
*/

use memchr::{memchr, memchr2, memchr3};

/// Bytes of a name that are kept; a longer one is no name of ours.
const NAME_KEPT: usize = 64;
/// Bytes of a tag that are kept.
const TAG_KEPT: usize = 64 * 1024;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// The next byte is a `<`.
    Open,
    /// A start tag ended.
    Start,
    /// A tag ended that has no content: `<job/>`.
    Empty,
    /// An end tag ended.
    End,
    /// A document type declaration ended; true when it declares entities.
    Doctype(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    /// Before the `<` that was announced.
    Opening,
    /// After `<`.
    Opened,
    /// In the name of a start tag, or of an end tag.
    Name {
        end: bool,
    },
    /// After the name. `slash` is whether the last byte was one.
    Tag {
        end: bool,
        quote: u8,
        slash: bool,
    },
    /// After `<!` and so many bytes of `--` or `[CDATA[`.
    Bang,
    /// In a comment, after so many of the dashes that end it.
    Comment(u8),
    /// In a CDATA section, after so many of the brackets that end it.
    Cdata(u8),
    /// In a processing instruction; whether the last byte was a `?`.
    Instruction(bool),
    Declaration {
        quote: u8,
        brackets: u32,
    },
}

/// The automaton.
pub(super) struct Lexer {
    state: State,
    /// The name of the tag, without prefix, as it is written; or what followed a `<!`.
    name: Vec<u8>,
    /// The bytes of the tag.
    tag: Vec<u8>,
    entities: bool,
}

impl Lexer {
    pub(super) fn new() -> Lexer {
        Lexer { state: State::Text, name: Vec::with_capacity(NAME_KEPT), tag: Vec::new(), entities: false }
    }

    /// Begins anew between tags.
    pub(super) fn reset(&mut self) {
        self.state = State::Text;
    }

    /// Leaves what has no end in sight. A tag has one: the next `<`.
    pub(super) fn leave_section(&mut self) {
        if !matches!(self.state, State::Opening | State::Opened | State::Name { .. } | State::Tag { .. }) {
            self.state = State::Text;
        }
    }

    /// True when the last byte taken was inside of markup.
    pub(super) fn in_markup(&self) -> bool {
        self.state != State::Text
    }

    /// The name of the last tag without its prefix.
    pub(super) fn name(&self) -> &[u8] {
        &self.name
    }

    /// The bytes of the last tag, as far as they are kept.
    pub(super) fn tag(&self) -> &[u8] {
        &self.tag
    }

    /// Takes bytes up to the end of the next token, and says how many; without a token all were taken.
    pub(super) fn next(&mut self, input: &[u8]) -> (usize, Option<Token>) {
        if self.state == State::Text {
            return match memchr(b'<', input) {
                Some(at) => {
                    self.state = State::Opening;
                    self.tag.clear();
                    (at, Some(Token::Open))
                }
                None => (input.len(), None),
            };
        }
        let (taken, token) = self.markup(input);
        let room = TAG_KEPT.saturating_sub(self.tag.len());
        self.tag.extend_from_slice(&input[..taken.min(room)]);
        (taken, token)
    }

    fn markup(&mut self, input: &[u8]) -> (usize, Option<Token>) {
        let mut at = 0;
        while at < input.len() {
            let byte = input[at];
            let rest = &input[at..];
            match self.state {
                State::Text => return (at, None),
                State::Opening => {
                    self.state = State::Opened;
                    at += 1;
                }
                State::Opened => {
                    self.name.clear();
                    self.state = match byte {
                        b'/' => State::Name { end: true },
                        b'!' => State::Bang,
                        b'?' => State::Instruction(false),
                        b'a'..=b'z' | b'A'..=b'Z' | b'_' | b':' | 0x80.. => {
                            self.name.push(byte);
                            State::Name { end: false }
                        }
                        // A `<` that stands for itself, which is wrong and frequent.
                        _ => return self.ended(at),
                    };
                    at += 1;
                }
                State::Name { end } => match byte {
                    b'>' => return self.tag_end(at + 1, end, false),
                    // A tag breaks off where the next one begins.
                    b'<' => return self.tag_end(at, end, false),
                    b'/' | b' ' | b'\t' | b'\r' | b'\n' => {
                        self.state = State::Tag { end, quote: 0, slash: byte == b'/' };
                        at += 1;
                    }
                    b':' => {
                        self.name.clear();
                        at += 1;
                    }
                    _ => {
                        if self.name.len() < NAME_KEPT {
                            self.name.push(byte);
                        }
                        at += 1;
                    }
                },
                State::Tag { end, quote: 0, slash } => match byte {
                    b'>' => return self.tag_end(at + 1, end, slash),
                    b'<' => return self.tag_end(at, end, false),
                    b'"' | b'\'' => {
                        self.state = State::Tag { end, quote: byte, slash: false };
                        at += 1;
                    }
                    _ => {
                        self.state = State::Tag { end, quote: 0, slash: byte == b'/' };
                        at += 1;
                    }
                },
                State::Tag { end, quote, .. } => match memchr2(quote, b'<', rest) {
                    Some(found) if rest[found] == b'<' => return self.tag_end(at + found, end, false),
                    Some(found) => {
                        self.state = State::Tag { end, quote: 0, slash: false };
                        at += found + 1;
                    }
                    None => at = input.len(),
                },
                State::Bang => {
                    at += 1;
                    self.name.push(byte);
                    match &self.name[..] {
                        b"--" => self.state = State::Comment(0),
                        b"[CDATA[" => self.state = State::Cdata(0),
                        b"-" => {}
                        name if b"[CDATA[".starts_with(name) => {}
                        _ => {
                            self.state = State::Declaration { quote: 0, brackets: 0 };
                            self.entities = false;
                            at -= 1;
                            self.name.pop();
                        }
                    }
                }
                State::Comment(0) => match memchr(b'-', rest) {
                    Some(found) => {
                        self.state = State::Comment(1);
                        at += found + 1;
                    }
                    None => at = input.len(),
                },
                State::Comment(dashes) => {
                    at += 1;
                    self.state = match byte {
                        b'>' if dashes == 2 => return self.ended(at),
                        b'-' => State::Comment(2),
                        _ => State::Comment(0),
                    };
                }
                State::Cdata(0) => match memchr(b']', rest) {
                    Some(found) => {
                        self.state = State::Cdata(1);
                        at += found + 1;
                    }
                    None => at = input.len(),
                },
                State::Cdata(brackets) => {
                    at += 1;
                    self.state = match byte {
                        b'>' if brackets == 2 => return self.ended(at),
                        b']' => State::Cdata(2),
                        _ => State::Cdata(0),
                    };
                }
                State::Instruction(mark) => {
                    at += 1;
                    if mark && byte == b'>' {
                        return self.ended(at);
                    }
                    self.state = State::Instruction(byte == b'?');
                }
                State::Declaration { quote: 0, brackets } => {
                    at += 1;
                    match byte {
                        b'>' if brackets == 0 => {
                            self.state = State::Text;
                            return (at, Some(Token::Doctype(self.entities)));
                        }
                        b'"' | b'\'' => self.state = State::Declaration { quote: byte, brackets },
                        b'[' => self.state = State::Declaration { quote: 0, brackets: brackets.saturating_add(1) },
                        b']' => self.state = State::Declaration { quote: 0, brackets: brackets.saturating_sub(1) },
                        _ => {}
                    }
                    self.see_declared(byte);
                }
                State::Declaration { quote, brackets } => match memchr3(quote, b'<', b'\n', rest) {
                    Some(found) if rest[found] == quote => {
                        self.state = State::Declaration { quote: 0, brackets };
                        at += found + 1;
                    }
                    Some(found) => at += found + 1,
                    None => at = input.len(),
                },
            }
        }
        (at, None)
    }

    /// Looks for `ENTITY` among the letters of a declaration.
    fn see_declared(&mut self, byte: u8) {
        if byte.is_ascii_alphabetic() {
            if self.name.len() < NAME_KEPT {
                self.name.push(byte.to_ascii_uppercase());
            }
        } else {
            self.name.clear();
        }
        self.entities |= self.name == b"ENTITY";
    }

    fn tag_end(&mut self, taken: usize, end: bool, slash: bool) -> (usize, Option<Token>) {
        self.state = State::Text;
        let token = match (end, slash) {
            (true, _) => Token::End,
            (false, true) => Token::Empty,
            (false, false) => Token::Start,
        };
        (taken, Some(token))
    }

    /// Markup that is no tag ended.
    fn ended(&mut self, taken: usize) -> (usize, Option<Token>) {
        self.state = State::Text;
        (taken, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The tags of a text, as `+name`, `-name` and `name`, when it comes in pieces of this size.
    fn tags(text: &str, size: usize) -> Vec<String> {
        let mut lexer = Lexer::new();
        let mut found = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            let mut at = 0;
            while at < piece.len() {
                let (taken, token) = lexer.next(&piece[at..]);
                at += taken;
                let name = String::from_utf8_lossy(lexer.name()).into_owned();
                match token {
                    Some(Token::Start) => found.push(format!("+{name}")),
                    Some(Token::End) => found.push(format!("-{name}")),
                    Some(Token::Empty) => found.push(name),
                    Some(Token::Doctype(entities)) => found.push(format!("!{entities}")),
                    Some(Token::Open) | None => {}
                }
            }
        }
        found
    }

    #[test]
    fn tags_are_told_from_what_looks_like_them() {
        for (text, expected) in [
            ("<a><b c='>' d=\"/>\">x</b><e/></a>", "+a +b -b e -a"),
            ("<ns:job id='1' >1 < 2 <3</ns:job>", "+job -job"),
            ("<a><!-- <b> -- > --><![CDATA[ <c> ]] > ]]]></a>", "+a -a"),
            ("<?xml version='1.0'?><?x <b> ?><a/>", "a"),
            ("<!DOCTYPE a SYSTEM 'x>'><a/>", "!false a"),
            ("<!DOCTYPE a [<!ENTITY b '<c>'> <!ELEMENT a (#PCDATA)>]><a/>", "!true a"),
            ("<a b='1><c>x</c></a>", "+a +c -c -a"),
            ("<a <b>x</b>", "+a +b -b"),
            ("<job>x</ job>", "+job -"),
        ] {
            for size in [1, 2, 3, 100] {
                assert_eq!(tags(text, size).join(" "), expected, "{text} in pieces of {size}");
            }
        }
    }

    proptest! {
        #[test]
        fn how_the_stream_is_cut_does_not_matter(text in "[<>/a\"'!\\-\\[\\]CDAT?& =:]{0,60}", size in 1usize..9) {
            prop_assert_eq!(tags(&text, size), tags(&text, 1000));
        }
    }
}
