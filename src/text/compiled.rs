/*!
The tokenizer of the supported family, compiled by hand.

The classes of characters come from the same tables that the `regex` crate uses, so that both know the same version of
Unicode; what is written here is only the order of the alternatives in [`super::tokenizer::PATTERN`].
*/

use regex_syntax::hir::{Class, HirKind};

use super::tokenizer::{Token, TokenKind};

/// What a character may do in a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    Other,
    Space,
    /// A token by itself.
    Single,
    /// Begins a cluster.
    Cluster,
    Letter,
    Mark,
    Digit,
    Punctuation,
    Sign,
    /// A mark of one of the scripts whose marks do not continue words.
    ClusterMark,
    /// A digit of such a script, likewise.
    ClusterDigit,
    /// A sign of such a script: a token by itself, or the continuation of a run of signs.
    SingleSign,
    /// Punctuation of such a script, likewise.
    SinglePunctuation,
}

const KINDS: [Kind; 13] = [
    Kind::Other,
    Kind::Space,
    Kind::Single,
    Kind::Cluster,
    Kind::Letter,
    Kind::Mark,
    Kind::Digit,
    Kind::Punctuation,
    Kind::Sign,
    Kind::ClusterMark,
    Kind::ClusterDigit,
    Kind::SingleSign,
    Kind::SinglePunctuation,
];

/// What the bytes of ASCII are; the rest, and control characters, are [`Ascii::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ascii {
    Other,
    Space,
    Letter,
    Digit,
    Punctuation,
    Sign,
}

const ASCII: [Ascii; 256] = {
    let mut all = [Ascii::Other; 256];
    let mut byte = 0;
    while byte < 128 {
        all[byte] = match byte as u8 {
            b' ' | b'\t'..=b'\r' => Ascii::Space,
            b'a'..=b'z' | b'A'..=b'Z' => Ascii::Letter,
            b'0'..=b'9' => Ascii::Digit,
            b'$' | b'+' | b'<' | b'=' | b'>' | b'^' | b'`' | b'|' | b'~' => Ascii::Sign,
            b'!'..=b'~' => Ascii::Punctuation,
            _ => Ascii::Other,
        };
        byte += 1;
    }
    all
};

/// Characters from here on are private, unassigned, tags or variation selectors.
const TABLE_END: usize = 0x40000;

/// The compiled tokenizer: a table of classes.
pub(crate) struct Compiled {
    kinds: Box<[u8]>,
    /// Letters that the stacking signs of Khmer and Burmese take below.
    stacked: Vec<(u32, u32)>,
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Compiled")
    }
}

impl Compiled {
    pub(crate) fn new() -> Compiled {
        let mut kinds = vec![Kind::Other as u8; TABLE_END].into_boxed_slice();
        // Later rows win, as earlier alternatives of the pattern do.
        for (class, kind) in [
            (r"\p{S}", Kind::Sign),
            (r"\p{P}", Kind::Punctuation),
            (r"\p{L}", Kind::Letter),
            (r"\p{M}", Kind::Mark),
            (r"\p{Nd}", Kind::Digit),
            (r"[\p{M}&&[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]", Kind::ClusterMark),
            (r"[\p{Nd}&&[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]", Kind::ClusterDigit),
            (r"[[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]&&\p{L}]", Kind::Cluster),
            (r"[\p{Han}\p{Hiragana}\p{Katakana}ー]", Kind::Single),
            (r"\s", Kind::Space),
        ] {
            for (start, end) in ranges(class) {
                let start = (start as usize).min(TABLE_END);
                let end = (end as usize + 1).min(TABLE_END);
                kinds[start..end].fill(kind as u8);
            }
        }
        for (class, kind) in [(r"\p{S}", Kind::SingleSign), (r"\p{P}", Kind::SinglePunctuation)] {
            for (start, end) in ranges(class) {
                let singles = &mut kinds[(start as usize).min(TABLE_END)..(end as usize + 1).min(TABLE_END)];
                singles.iter_mut().filter(|k| **k == Kind::Single as u8).for_each(|k| *k = kind as u8);
            }
        }
        Compiled { kinds, stacked: ranges(r"[[\p{Khmer}\p{Myanmar}]&&\p{L}]") }
    }

    fn kind(&self, c: char) -> Kind {
        match self.kinds.get(c as usize) {
            Some(&kind) => KINDS[kind as usize],
            None if ('\u{e0100}'..='\u{e01ef}').contains(&c) => Kind::Mark,
            None => Kind::Other,
        }
    }

    pub(crate) fn tokens(&self, text: &str, out: &mut Vec<Token>) {
        let mut chars = Cursor { text, at: 0 };
        while let Some(c) = self.next(&mut chars, out) {
            let start = chars.at;
            chars.bump(c);
            let kind = match self.kind(c) {
                Kind::Space => continue,
                Kind::Single | Kind::SingleSign | Kind::SinglePunctuation => TokenKind::Unspaced,
                Kind::Cluster => {
                    self.cluster(&mut chars);
                    TokenKind::Unspaced
                }
                Kind::Digit | Kind::ClusterDigit => {
                    self.number(&mut chars);
                    TokenKind::Number
                }
                Kind::Letter => {
                    self.word(&mut chars);
                    TokenKind::Word
                }
                Kind::Punctuation => {
                    chars.skip_while(|c| matches!(self.kind(c), Kind::Punctuation | Kind::SinglePunctuation));
                    TokenKind::Punctuation
                }
                Kind::Sign => {
                    chars.skip_while(|c| matches!(self.kind(c), Kind::Sign | Kind::SingleSign));
                    TokenKind::Sign
                }
                Kind::Mark | Kind::ClusterMark | Kind::Other => TokenKind::Other,
            };
            out.push(Token { start: start as u32, end: chars.at as u32, kind });
        }
    }

    /// Takes the tokens that are plain to see: ASCII words, numbers and single signs, as long as what follows cannot
    /// belong to them. Returns the first character of a token that has to be looked at more closely.
    #[inline]
    fn next(&self, chars: &mut Cursor<'_>, out: &mut Vec<Token>) -> Option<char> {
        let bytes = chars.text.as_bytes();
        let mut at = chars.at;
        loop {
            let first = *bytes.get(at)?;
            let start = at;
            let kind = match ASCII[usize::from(first)] {
                Ascii::Space => {
                    at += 1;
                    continue;
                }
                Ascii::Letter => {
                    at += 1;
                    while bytes.get(at).is_some_and(|&b| matches!(ASCII[usize::from(b)], Ascii::Letter | Ascii::Digit))
                    {
                        at += 1;
                    }
                    match bytes.get(at) {
                        Some(b'\'' | 0x80..) => None,
                        _ => Some(TokenKind::Word),
                    }
                }
                Ascii::Digit => {
                    at += 1;
                    while bytes.get(at).is_some_and(|&b| ASCII[usize::from(b)] == Ascii::Digit) {
                        at += 1;
                    }
                    match bytes.get(at) {
                        Some(b'.' | b',' | b':' | b'/' | 0x80..) => None,
                        _ => Some(TokenKind::Number),
                    }
                }
                class @ (Ascii::Punctuation | Ascii::Sign) => {
                    at += 1;
                    match bytes.get(at).map(|&b| ASCII[usize::from(b)]) {
                        Some(Ascii::Other) => None,
                        Some(next) if next == class => None,
                        _ if class == Ascii::Sign => Some(TokenKind::Sign),
                        _ => Some(TokenKind::Punctuation),
                    }
                }
                Ascii::Other => None,
            };
            match kind {
                Some(kind) => out.push(Token { start: start as u32, end: at as u32, kind }),
                None => {
                    chars.at = start;
                    return chars.peek();
                }
            }
        }
    }

    fn cluster(&self, chars: &mut Cursor<'_>) {
        while let Some(c) = chars.peek() {
            if !self.is_mark(c) {
                break;
            }
            chars.bump(c);
            if matches!(c, '\u{17d2}' | '\u{1039}')
                && let Some(below) = chars.peek()
                && self.stacked.iter().any(|&(a, b)| (a..=b).contains(&(below as u32)))
            {
                chars.bump(below);
            }
        }
    }

    /// Any mark, of whatever script; some marks of Han and kana are [`Kind::Single`] by script.
    fn is_mark(&self, c: char) -> bool {
        matches!(self.kind(c), Kind::Mark | Kind::ClusterMark)
            || matches!(c, '\u{302a}'..='\u{302f}' | '\u{3099}' | '\u{309a}' | '\u{16ff0}' | '\u{16ff1}')
    }

    fn number(&self, chars: &mut Cursor<'_>) {
        let digit = |c| matches!(self.kind(c), Kind::Digit | Kind::ClusterDigit);
        loop {
            chars.skip_while(digit);
            let before = chars.at;
            match chars.peek() {
                Some(c @ ('.' | ',' | ':' | '/')) => chars.bump(c),
                _ => return,
            }
            if !chars.peek().is_some_and(digit) {
                chars.at = before;
                return;
            }
        }
    }

    fn word(&self, chars: &mut Cursor<'_>) {
        chars.skip_while(|c| matches!(self.kind(c), Kind::Letter | Kind::Mark | Kind::Digit));
        while chars.peek() == Some('\'') {
            let before = chars.at;
            chars.bump('\'');
            if !chars.peek().is_some_and(|c| self.kind(c) == Kind::Letter) {
                chars.at = before;
                return;
            }
            chars.skip_while(|c| matches!(self.kind(c), Kind::Letter | Kind::Mark));
        }
    }
}

/// The kind of a token that another tokenizer cut, by its first character.
pub(crate) fn kind_of(token: &str) -> TokenKind {
    thread_local!(static TABLE: Compiled = Compiled::new());
    TABLE.with(|table| match token.chars().next().map(|c| table.kind(c)) {
        Some(Kind::Single | Kind::SingleSign | Kind::SinglePunctuation | Kind::Cluster) => TokenKind::Unspaced,
        Some(Kind::Digit | Kind::ClusterDigit) => TokenKind::Number,
        Some(Kind::Letter) => TokenKind::Word,
        Some(Kind::Punctuation) => TokenKind::Punctuation,
        Some(Kind::Sign) => TokenKind::Sign,
        _ => TokenKind::Other,
    })
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn bump(&mut self, c: char) {
        self.at += c.len_utf8();
    }

    fn skip_while(&mut self, mut test: impl FnMut(char) -> bool) {
        while let Some(c) = self.peek().filter(|&c| test(c)) {
            self.bump(c);
        }
    }
}

/// The code points of a class, by the tables of the `regex` crate.
fn ranges(class: &str) -> Vec<(u32, u32)> {
    let hir = regex_syntax::parse(class).expect("the classes are constants");
    match hir.into_kind() {
        HirKind::Class(Class::Unicode(class)) => class.iter().map(|r| (r.start() as u32, r.end() as u32)).collect(),
        _ => Vec::new(),
    }
}
