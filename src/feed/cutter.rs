/*!
Where a JSON value ends.

The [`Cutter`] sees a value byte by byte, in pieces of any size, and follows strings and brackets. It says where the value
ends, or that the value is an object around a list of postings, as soon as that list begins.
*/

use super::alias::{self, Target};
use super::reject::Fault;
use crate::posting::Field;

/// Levels that the parser of a record follows.
const MAX_DEPTH: u64 = 127;

/// Open brackets that are remembered by kind; deeper ones are counted.
const REMEMBERED: usize = 1024;

/// Objects in objects down to the list of postings.
const MAX_WRAPPERS: usize = 4;

/// Bytes of a key that are looked at.
pub(super) const KEY_KEPT: usize = 64;

/// Members that hold the postings and nothing else.
const LISTS: [&[u8]; 9] = [
    b"jobs",
    b"postings",
    b"job_postings",
    b"vacancies",
    b"listings",
    b"messages",
    b"@graph",
    b"itemListElement",
    b"SearchResultItems",
];

/// Members that hold the postings where the object around them is none itself.
const MAYBE_LISTS: [&[u8]; 11] = [
    b"data",
    b"results",
    b"items",
    b"records",
    b"content",
    b"list",
    b"hits",
    b"docs",
    b"entries",
    b"offers",
    b"elements",
];

/// Objects that hold such a member.
const AROUND: [&[u8]; 8] =
    [b"data", b"result", b"results", b"response", b"payload", b"chats", b"hits", b"SearchResult"];

/// Whether a member of this name is the text of a posting.
pub(super) fn is_text(key: &[u8]) -> bool {
    let target = std::str::from_utf8(key).ok().and_then(alias::resolve);
    target == Some(Target::Whole(Field::Description)) && !is_list(key)
}

/// Whether an object with a member of this name may be a posting.
fn is_of_posting(key: &[u8]) -> bool {
    let target = std::str::from_utf8(key).ok().and_then(alias::resolve);
    matches!(target, Some(Target::Whole(Field::Title | Field::Description)))
}

/// Whether a member of this name may be a list of postings.
pub(super) fn is_list(key: &[u8]) -> bool {
    LISTS.contains(&key) || MAYBE_LISTS.contains(&key)
}

/// Where the cutter stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The value goes on.
    More,
    /// The value has ended, or broke off where something else certainly begins.
    End,
    /// A list of postings has begun, inside so many objects.
    List { wrappers: usize },
    /// The value wrapped a list without postings.
    EmptyList,
}

/// Follows one value.
pub(super) struct Cutter {
    stack: Vec<u8>,
    /// Brackets open beyond those of the stack.
    over: u64,
    deepest: u64,
    in_string: bool,
    escaped: bool,
    /// The last byte outside strings that is no white space.
    last: u8,
    /// Levels of objects that may wrap; members are looked at on the innermost only.
    around: usize,
    at_top: bool,
    key: Vec<u8>,
    key_is_open: bool,
    /// A `[` was read that may begin the list; its first item decides.
    list_is_near: bool,
    is_posting: bool,
    has_title: bool,
    has_text: bool,
    had_empty_list: bool,
    /// The level of a list under a name that is none of a list of postings, while it is open.
    beside: Option<usize>,
    beside_key: Vec<u8>,
    beside_is_unread: bool,
}

impl Cutter {
    /// Follows a list that stands under this name beside the list of postings.
    pub(super) fn beside(key: &[u8]) -> Cutter {
        Cutter { beside: Some(0), beside_key: key.to_vec(), ..Cutter::new(false, false) }
    }

    /// `may_wrap`: the value may wrap a list; `at_top`: nothing is around it.
    pub(super) fn new(may_wrap: bool, at_top: bool) -> Cutter {
        Cutter {
            stack: Vec::new(),
            over: 0,
            deepest: 0,
            in_string: false,
            escaped: false,
            last: 0,
            around: usize::from(may_wrap),
            at_top,
            key: Vec::new(),
            key_is_open: false,
            list_is_near: false,
            is_posting: false,
            has_title: false,
            has_text: false,
            had_empty_list: false,
            beside: None,
            beside_key: Vec::new(),
            beside_is_unread: false,
        }
    }

    /// Whether a string is open.
    pub(super) fn is_in_string(&self) -> bool {
        self.in_string
    }

    /// Whether the value has a text of its own.
    pub(super) fn has_text(&self) -> bool {
        self.has_text
    }

    /// The name of the first list beside that of the postings whose objects have a title or a text.
    pub(super) fn unread_list(&self) -> Option<&[u8]> {
        self.beside_is_unread.then_some(self.beside_key.as_slice())
    }

    /// The fault of a value that no parser should follow.
    pub(super) fn too_deep(&self) -> Option<Fault> {
        (self.deepest > MAX_DEPTH).then(|| {
            Fault::new(format!("the record is nested {} levels deep; the limit is {MAX_DEPTH} levels", self.deepest))
        })
    }

    /// Follows a piece; says how much of it belongs to the value.
    pub(super) fn run(&mut self, piece: &[u8]) -> (usize, Step) {
        let mut at = 0;
        while let Some(&byte) = piece.get(at) {
            if self.in_string {
                at += self.string(&piece[at..]);
                continue;
            }
            if byte.is_ascii_whitespace() {
                at += 1;
                continue;
            }
            if std::mem::take(&mut self.list_is_near) {
                match byte {
                    b'{' => return (at, Step::List { wrappers: self.around }),
                    b']' => self.had_empty_list = true,
                    _ => {}
                }
            }
            match byte {
                b'"' => {
                    self.in_string = true;
                    self.key_is_open = (self.looks() || self.looks_beside()) && matches!(self.last, b'{' | b',');
                    if self.key_is_open {
                        self.key.clear();
                    }
                }
                // An object where a key must stand: the brace before it is missing, and this is the next record.
                b'{' if self.depth() == 1 && self.stack[0] == b'{' && matches!(self.last, b'{' | b',') => {
                    return (at, Step::End);
                }
                b'{' | b'[' => self.open(byte),
                b'}' | b']' => match self.close(byte) {
                    Closed::Inner => {}
                    Closed::Outermost => return (at + 1, self.ended()),
                    Closed::Foreign => return (at, Step::End),
                },
                _ => {}
            }
            self.last = byte;
            at += 1;
        }
        (at, Step::More)
    }

    fn ended(&self) -> Step {
        if self.had_empty_list && !self.is_posting && !self.has_title { Step::EmptyList } else { Step::End }
    }

    /// Whether members of the current object are looked at.
    fn looks(&self) -> bool {
        self.around > 0 && self.stack.len() == self.around && self.stack.last() == Some(&b'{')
    }

    /// Whether members of the current object are those of a list beside; the first that is unread is told.
    fn looks_beside(&self) -> bool {
        self.beside.is_some() && !self.beside_is_unread && self.over == 0 && self.stack.last() == Some(&b'{')
    }

    fn depth(&self) -> u64 {
        self.stack.len() as u64 + self.over
    }

    /// Follows a string; says how many bytes it used.
    fn string(&mut self, piece: &[u8]) -> usize {
        if self.escaped {
            self.escaped = false;
            self.keep(&piece[..1]);
            return 1;
        }
        let Some(found) = memchr::memchr3(b'"', b'\\', b'\n', piece) else {
            self.keep(piece);
            return piece.len();
        };
        self.keep(&piece[..found]);
        match piece[found] {
            b'\\' => {
                self.escaped = true;
                self.keep(b"\\");
            }
            b'"' => self.close_string(),
            // No string goes over a line: its closing quote is missing, and brackets count again from here. What was
            // swallowed may have held the comma before a next record.
            _ => {
                self.close_string();
                self.last = b',';
            }
        }
        found + 1
    }

    fn keep(&mut self, piece: &[u8]) {
        if self.key_is_open {
            let room = KEY_KEPT.saturating_sub(self.key.len());
            self.key.extend_from_slice(&piece[..room.min(piece.len())]);
        }
    }

    fn close_string(&mut self) {
        self.in_string = false;
        self.last = b'"';
        if !std::mem::take(&mut self.key_is_open) {
            return;
        }
        if self.beside.is_some() {
            self.beside_is_unread = is_of_posting(&self.key);
            return;
        }
        let target = std::str::from_utf8(&self.key).ok().and_then(alias::resolve);
        // `content` and `data` are names of texts as well as of lists; what comes after them decides.
        if target.is_some_and(|t| t == Target::Id || t == Target::Whole(Field::Description)) && !is_list(&self.key) {
            self.is_posting = true;
        }
        self.has_title |= target == Some(Target::Whole(Field::Title));
        self.has_text |= is_text(&self.key);
    }

    fn open(&mut self, byte: u8) {
        if self.looks() && self.last == b':' {
            let key = self.key.as_slice();
            let is_list = LISTS.contains(&key) || self.at_top && !self.is_posting && MAYBE_LISTS.contains(&key);
            if byte == b'[' {
                self.list_is_near = is_list;
                if !is_list {
                    self.beside = Some(self.stack.len());
                    if !self.beside_is_unread {
                        self.beside_key.clone_from(&self.key);
                    }
                }
            } else if self.at_top && self.around < MAX_WRAPPERS && AROUND.contains(&key) {
                self.around += 1;
            }
        }
        if self.stack.len() < REMEMBERED {
            self.stack.push(byte);
        } else {
            self.over += 1;
        }
        self.deepest = self.deepest.max(self.depth());
    }

    fn close(&mut self, byte: u8) -> Closed {
        if self.over > 0 {
            self.over -= 1;
            return Closed::Inner;
        }
        let opening = if byte == b'}' { b'{' } else { b'[' };
        // A bracket that closes an outer one closes those inside it too: theirs are missing.
        let Some(level) = self.stack.iter().rposition(|open| *open == opening) else {
            return Closed::Foreign;
        };
        self.stack.truncate(level);
        self.beside = self.beside.filter(|list| *list < level);
        if level > 0 {
            self.around = self.around.min(level);
            return Closed::Inner;
        }
        Closed::Outermost
    }
}

enum Closed {
    Inner,
    Outermost,
    Foreign,
}
