/*!
Inline marks: `[[signal|the words]]`, nested as needed, several signals on the same words with commas between them.

The marks stand in the text itself, so that an annotation cannot drift from the words it is about; stripping them gives
the text and the places of the words in one pass.
*/

use std::fmt;

/// Characters that a mark covers at most; a mark names the shortest stretch of words that carries the meaning.
pub const MARK_CHARS: usize = 160;
/// Bytes of the list of signals at most, so that a text with many open brackets is read in linear time.
const LIST_BYTES: usize = 240;

/// Words that one or more signals are marked on, by character offsets of the text without marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The signals, as listed.
    pub signals: Vec<String>,
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// The line of the field on which it starts, from 0.
    pub line: usize,
    /// The words.
    pub text: String,
}

/// What is wrong with a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkFault {
    /// No `signal|` follows the opening brackets.
    NoSignal(String),
    /// A list of signals with an empty place or a character that ids do not have.
    BadSignal(String),
    /// The mark covers nothing but white space.
    Empty,
    /// The mark begins or ends with white space.
    Loose(String),
    /// The mark is longer than [`MARK_CHARS`].
    TooLong(usize, String),
    /// The mark is not closed before the field ends.
    NotClosed(String),
    /// Closing brackets where no mark is open.
    NotOpen,
    /// An odd number of brackets in a row, of which no one can say which belong to a mark.
    Ambiguous(usize),
}

impl fmt::Display for MarkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MarkFault::NoSignal(near) => {
                write!(f, "`[[` without a list of signals and a `|` after it, near {near:?}; write [[signal|words]]")
            }
            MarkFault::BadSignal(list) => {
                write!(
                    f,
                    "the list of signals {list:?}; write ids with commas between them, as in [[free_travel,free_lodging|words]]"
                )
            }
            MarkFault::Empty => f.write_str("a mark without words; write [[signal|words]]"),
            MarkFault::Loose(words) => {
                write!(f, "the mark on {words:?} begins or ends with white space; put that outside of the mark")
            }
            MarkFault::TooLong(chars, words) => {
                write!(
                    f,
                    "a mark of {chars} characters, the limit is {MARK_CHARS}: {words:?}...; mark the shortest words that say it"
                )
            }
            MarkFault::NotClosed(list) => write!(f, "the mark of {list} is not closed with `]]` before the field ends"),
            MarkFault::NotOpen => f.write_str("`]]` where no mark is open; two brackets are used for marks only"),
            MarkFault::Ambiguous(n) => {
                write!(
                    f,
                    "{n} brackets in a row: which belong to a mark? Put a space between a mark and a bracket of the text"
                )
            }
        }
    }
}

/// A field without its marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stripped {
    /// The text that a reader of the ad sees.
    pub text: String,
    /// The marks, in the order of their starts, the longer first where two start together.
    pub marks: Vec<Mark>,
    /// What is wrong, by the line of the field, from 0.
    pub faults: Vec<(usize, MarkFault)>,
}

struct Open {
    signals: Vec<String>,
    byte: usize,
    start: usize,
    line: usize,
}

/// Takes the marks off a text. Never fails: what is wrong is in [`Stripped::faults`].
pub fn strip(source: &str) -> Stripped {
    let mut out = Stripped::default();
    let mut open: Vec<Open> = Vec::new();
    let (mut at, mut chars, mut line) = (0, 0, 0);
    while let Some(next) = source[at..].chars().next() {
        let rest = &source[at..];
        let run = |sign: char| rest.chars().take_while(|&c| c == sign).count();
        match next {
            '[' if rest.starts_with("[[") => {
                let brackets = run('[');
                if brackets > 2 {
                    out.faults.push((line, MarkFault::Ambiguous(brackets)));
                    at += brackets;
                    continue;
                }
                match list(rest) {
                    Ok((signals, length)) => {
                        open.push(Open { signals, byte: out.text.len(), start: chars, line });
                        at += length;
                    }
                    Err(fault) => {
                        out.faults.push((line, fault));
                        at += 2;
                    }
                }
            }
            ']' if rest.starts_with("]]") => {
                let brackets = run(']');
                if brackets % 2 == 1 {
                    out.faults.push((line, MarkFault::Ambiguous(brackets)));
                }
                for _ in 0..brackets / 2 {
                    match open.pop() {
                        Some(mark) => close(mark, chars, line, &mut out),
                        None => out.faults.push((line, MarkFault::NotOpen)),
                    }
                }
                at += brackets;
            }
            c => {
                out.text.push(c);
                chars += 1;
                line += usize::from(c == '\n');
                at += c.len_utf8();
            }
        }
    }
    for mark in open {
        out.faults.push((mark.line, MarkFault::NotClosed(mark.signals.join(","))));
    }
    out.marks.sort_by_key(|m| (m.start, std::cmp::Reverse(m.end)));
    out
}

fn close(mark: Open, end: usize, line: usize, out: &mut Stripped) {
    let text = out.text[mark.byte..].to_owned();
    let beginning = || text.chars().take(50).collect::<String>();
    let length = end - mark.start;
    let fault = if text.trim().is_empty() {
        Some(MarkFault::Empty)
    } else if text.trim().len() < text.len() {
        Some(MarkFault::Loose(beginning()))
    } else if length > MARK_CHARS {
        Some(MarkFault::TooLong(length, beginning()))
    } else {
        None
    };
    match fault {
        Some(fault) => out.faults.push((line, fault)),
        None => out.marks.push(Mark { signals: mark.signals, start: mark.start, end, line: mark.line, text }),
    }
}

/// The signals of `[[a,b|...`, and how many bytes stand before the words.
fn list(source: &str) -> Result<(Vec<String>, usize), MarkFault> {
    let inside = &source[2..];
    let window = &inside[..inside.floor_char_boundary(LIST_BYTES)];
    let end = window.find(['|', '\n', '[', ']']);
    let Some(end) = end.filter(|&end| window.as_bytes()[end] == b'|') else {
        return Err(MarkFault::NoSignal(window.chars().take(40).collect()));
    };
    let signals: Vec<String> = window[..end].split(',').map(|s| s.trim().to_owned()).collect();
    let is_id =
        |s: &String| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if signals.iter().all(is_id) {
        Ok((signals, 2 + end + 1))
    } else {
        Err(MarkFault::BadSignal(window[..end].to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mark(signals: &[&str], start: usize, end: usize, text: &str) -> Mark {
        Mark { signals: signals.iter().map(|s| s.to_string()).collect(), start, end, line: 0, text: text.into() }
    }

    #[test]
    fn nested_marks_and_several_signals() {
        let stripped = strip("ไป [[a,b|ฟรี [[c|ตั๋ว]]]] [x] [[d|[y] z]]!");
        assert_eq!(stripped.text, "ไป ฟรี ตั๋ว [x] [y] z!");
        assert_eq!(stripped.faults, []);
        assert_eq!(
            stripped.marks,
            [mark(&["a", "b"], 3, 11, "ฟรี ตั๋ว"), mark(&["c"], 7, 11, "ตั๋ว"), mark(&["d"], 16, 21, "[y] z")]
        );
    }

    #[test]
    fn faults_say_where_and_what() {
        let faults = |s: &str| strip(s).faults.iter().map(|(l, f)| format!("{l} {f}")).collect::<Vec<_>>().join("; ");
        assert!(faults("a\n[[no bar]] b").starts_with("1 `[[` without a list of signals"));
        assert!(faults("[[a b|x]]").starts_with("0 the list of signals \"a b\""));
        assert!(faults("[[a,|x]]").contains("\"a,\""));
        assert!(faults("[[a| ]]").contains("without words"));
        assert!(faults("[[a|x ]]").contains("white space"));
        assert!(faults("[[a|x]").contains("a is not closed"));
        assert!(faults("x]]").contains("no mark is open"));
        assert!(faults("[[a|[x]]]").contains("3 brackets in a row"));
        assert!(faults("[[[a|x]]").contains("3 brackets in a row"));
        assert!(faults(&format!("[[a|{}]]", "x".repeat(161))).contains("161 characters, the limit is 160"));
        assert_eq!(faults("[[a|x\ny]] [b] ] ["), "");
    }

    /// A text with marks: what is rendered must come back.
    #[derive(Clone, Debug)]
    enum Node {
        Text(String),
        Mark(Vec<String>, Vec<Node>),
    }

    fn node() -> impl Strategy<Value = Node> {
        let text = r"[a-z|,.ก้子é\n👩‍💻 ]{0,6}(\[[a-z]\] )?".prop_map(Node::Text);
        text.prop_recursive(5, 40, 4, |inner| {
            let signals = prop::collection::vec("[a-z_]{1,8}", 1..4);
            (signals, prop::collection::vec(inner, 1..4)).prop_map(|(signals, children)| Node::Mark(signals, children))
        })
    }

    /// Renders the marked source, the plain text and the marks, in the order in which they close.
    fn render(nodes: &[Node], source: &mut String, plain: &mut String, marks: &mut Vec<Mark>) {
        for node in nodes {
            match node {
                Node::Text(text) => {
                    source.push_str(text);
                    plain.push_str(text);
                }
                Node::Mark(signals, children) => {
                    source.push_str(&format!("[[{}|<", signals.join(",")));
                    let (byte, start) = (plain.len(), plain.chars().count());
                    plain.push('<');
                    render(children, source, plain, marks);
                    source.push_str(">]]");
                    plain.push('>');
                    let text = plain[byte..].to_owned();
                    let line = plain[..byte].matches('\n').count();
                    marks.push(Mark { signals: signals.clone(), start, end: plain.chars().count(), line, text });
                }
            }
        }
    }

    proptest! {
        #[test]
        fn rendered_marks_come_back(nodes in prop::collection::vec(node(), 0..6)) {
            let (mut source, mut plain, mut marks) = (String::new(), String::new(), Vec::new());
            render(&nodes, &mut source, &mut plain, &mut marks);
            marks.retain(|m| m.end - m.start <= MARK_CHARS);
            marks.sort_by_key(|m| (m.start, std::cmp::Reverse(m.end)));
            let stripped = strip(&source);
            prop_assert!(stripped.faults.iter().all(|(_, f)| matches!(f, MarkFault::TooLong(..))), "{:?}", stripped.faults);
            prop_assert_eq!(&stripped.text, &plain);
            prop_assert_eq!(&stripped.marks, &marks);
            let chars: Vec<char> = plain.chars().collect();
            for mark in &stripped.marks {
                prop_assert_eq!(&chars[mark.start..mark.end].iter().collect::<String>(), &mark.text);
            }
        }

        #[test]
        fn any_text_is_read_without_panic(source in r"(\[|\]|\[\[|\]\]|a\||,|é|\n| |[a-z]){0,40}") {
            let stripped = strip(&source);
            if stripped.faults.is_empty() && !source.contains("[[") {
                prop_assert_eq!(stripped.text, source);
            }
        }
    }
}
