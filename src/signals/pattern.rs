/*!
Phrase patterns: how a lexicon says which token sequences raise a signal.

A pattern is read left to right. Plain words are folded and cut into tokens by the same code as postings are, so that
`包机票` is three elements and `don't` is one. Beside words there are:

| written | matches |
|---|---|
| `(flight\|air ticket)` | one of the alternatives |
| `[the]` | the words, or nothing |
| `train*` | a word that begins so |
| `..3` | up to three tokens, not across the end of a sentence |
| `<money>` | a token of that entity class |
| `\(` | the sign itself |
*/

use unicode_normalization::UnicodeNormalization;

use super::matcher::Class;
use crate::text::fold::Folder;
use crate::text::tokenizer::Tokenizer;

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pattern {
    /// One step.
    Element(Element),
    /// One after another.
    Sequence(Vec<Pattern>),
    /// One of several.
    Either(Vec<Pattern>),
    /// It, or nothing.
    Optional(Box<Pattern>),
}

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Element {
    /// This token.
    Exact(String),
    /// A token that begins so.
    Prefix(String),
    /// An entity of this class.
    Class(Class),
    /// Up to so many tokens of any kind.
    Gap(u8),
}

impl Pattern {
    /// The pattern that also matches where people leave the marks over Latin letters away: `lương cao` as `luong cao`.
    ///
    /// A single word stays as it is: without its marks it is too often another one. So does a phrase of which some words
    /// have their marks.
    pub(crate) fn or_without_marks(self) -> Pattern {
        if matches!(self, Pattern::Element(_)) {
            return self;
        }
        let bare = self.without_marks();
        if bare == self { self } else { Pattern::Either(vec![self, bare]) }
    }

    fn without_marks(&self) -> Pattern {
        let all = |parts: &[Pattern]| parts.iter().map(Pattern::without_marks).collect();
        match self {
            Pattern::Sequence(parts) => Pattern::Sequence(all(parts)),
            Pattern::Either(parts) => Pattern::Either(all(parts)),
            Pattern::Optional(part) => Pattern::Optional(Box::new(part.without_marks())),
            Pattern::Element(element) => Pattern::Element(element.without_marks().unwrap_or_else(|| element.clone())),
        }
    }
}

impl Element {
    /// The same word in plain Latin letters, where that is another spelling.
    fn without_marks(&self) -> Option<Element> {
        let bare = |text: &String| {
            let is_latin =
                |c: char| c.is_ascii() || ('\u{c0}'..'\u{250}').contains(&c) || ('\u{1e00}'..'\u{1f00}').contains(&c);
            if text.is_ascii() || !text.chars().all(is_latin) {
                return None;
            }
            let plain = text.nfd().filter(|c| !('\u{300}'..'\u{370}').contains(c));
            Some(plain.map(|c| if c == 'đ' { 'd' } else { c }).collect::<String>())
        };
        match self {
            Element::Exact(text) => bare(text).map(Element::Exact),
            Element::Prefix(text) => bare(text).map(Element::Prefix),
            Element::Class(_) | Element::Gap(_) => None,
        }
    }
}

/// The widest gap: a wider one joins words that have nothing to do with each other.
const MAX_GAP: u8 = 12;

/// Parses `pattern`, or says what is wrong with it.
pub(crate) fn parse(pattern: &str, folder: &Folder, tokenizer: &Tokenizer) -> Result<Pattern, String> {
    let mut parser = Parser { rest: pattern, folder, tokenizer };
    let parsed = parser.alternatives(0)?;
    if !parser.rest.is_empty() {
        return Err(format!("`{}` is closed but was never opened", &parser.rest[..1]));
    }
    Ok(parsed)
}

struct Parser<'a> {
    rest: &'a str,
    folder: &'a Folder,
    tokenizer: &'a Tokenizer,
}

impl Parser<'_> {
    /// Alternatives up to a closing bracket or the end.
    fn alternatives(&mut self, depth: usize) -> Result<Pattern, String> {
        if depth > 8 {
            return Err("brackets are nested deeper than 8".into());
        }
        let mut all = Vec::new();
        let mut current = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            let Some(c) = self.rest.chars().next() else { break };
            match c {
                ')' | ']' => break,
                '|' => {
                    self.rest = &self.rest[1..];
                    all.push(sequence(std::mem::take(&mut current))?);
                }
                '(' | '[' => {
                    self.rest = &self.rest[1..];
                    let inner = self.alternatives(depth + 1)?;
                    let close = if c == '(' { ')' } else { ']' };
                    self.rest = self
                        .rest
                        .strip_prefix(close)
                        .ok_or_else(|| format!("`{c}` is opened and not closed by `{close}`"))?;
                    current.push(if c == '[' { Pattern::Optional(Box::new(inner)) } else { inner });
                }
                _ => current.extend(self.piece()?.into_iter().map(Pattern::Element)),
            }
        }
        all.push(sequence(current)?);
        Ok(if all.len() == 1 { all.remove(0) } else { Pattern::Either(all) })
    }

    /// A word, a class or a gap.
    fn piece(&mut self) -> Result<Vec<Element>, String> {
        if let Some(rest) = self.rest.strip_prefix('<') {
            let (name, after) = rest.split_once('>').ok_or("`<` is opened and not closed by `>`")?;
            let class = Class::from_name(name)
                .ok_or_else(|| format!("<{name}> is no class; there are {}", Class::names().join(", ")))?;
            self.rest = after;
            return Ok(vec![Element::Class(class)]);
        }
        if let Some(rest) = self.rest.strip_prefix("..") {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let wide: u8 = rest[..digits].parse().map_err(|_| "`..` wants a number: `..3`")?;
            if wide == 0 || wide > MAX_GAP {
                return Err(format!("the gap `..{wide}` is not between 1 and {MAX_GAP}"));
            }
            self.rest = &rest[digits..];
            return Ok(vec![Element::Gap(wide)]);
        }
        let mut word = String::new();
        let mut prefix = false;
        let mut chars = self.rest.char_indices();
        let mut end = self.rest.len();
        while let Some((i, c)) = chars.next() {
            match c {
                '\\' => word.extend(chars.next().map(|(_, c)| c)),
                '*' => {
                    prefix = true;
                    end = i + 1;
                    break;
                }
                '(' | ')' | '[' | ']' | '|' | '<' => {
                    end = i;
                    break;
                }
                c if c.is_whitespace() => {
                    end = i;
                    break;
                }
                c => word.push(c),
            }
        }
        self.rest = &self.rest[end..];
        let folded = self.folder.fold(&word).text;
        let mut tokens = Vec::new();
        self.tokenizer.tokens(&folded, &mut tokens);
        let mut elements: Vec<Element> = tokens.iter().map(|t| Element::Exact(t.text(&folded).to_owned())).collect();
        if prefix {
            match elements.pop() {
                Some(Element::Exact(stem)) if stem.chars().count() >= 2 => elements.push(Element::Prefix(stem)),
                _ => return Err(format!("`{word}*` has too short a stem: two letters at least")),
            }
        }
        if elements.is_empty() {
            return Err(format!("`{word}` folds to nothing"));
        }
        Ok(elements)
    }
}

fn sequence(mut parts: Vec<Pattern>) -> Result<Pattern, String> {
    match parts.len() {
        0 => Err("an alternative is empty; write `[...]` for what may be missing".into()),
        1 => Ok(parts.remove(0)),
        _ => Ok(Pattern::Sequence(parts)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pattern: &str) -> Result<Pattern, String> {
        super::parse(pattern, &Folder::new(), &Tokenizer::default())
    }

    fn show(pattern: &Pattern) -> String {
        let join = |parts: &[Pattern], by: &str| parts.iter().map(show).collect::<Vec<_>>().join(by);
        match pattern {
            Pattern::Element(Element::Exact(t)) => t.clone(),
            Pattern::Element(Element::Prefix(t)) => format!("{t}*"),
            Pattern::Element(Element::Class(c)) => format!("<{c:?}>"),
            Pattern::Element(Element::Gap(n)) => format!("..{n}"),
            Pattern::Sequence(parts) => join(parts, " "),
            Pattern::Either(parts) => format!("({})", join(parts, "|")),
            Pattern::Optional(part) => format!("[{}]", show(part)),
        }
    }

    #[test]
    fn patterns_are_parsed() {
        for (pattern, parsed) in [
            ("free (flight|air ticket)", "free (flight|air ticket)"),
            ("[the] Visa ..3 train* <money>", "[the] visa ..3 train* <Money>"),
            ("包(吃|食)住", "包 (吃|食) 住"),
            (r"don't \(pay\)", "don't ( pay )"),
        ] {
            assert_eq!(show(&parse(pattern).unwrap()), parsed);
        }
    }

    #[test]
    fn marks_over_latin_letters_may_be_left_away_in_phrases_of_several_words() {
        for (pattern, parsed) in [
            ("lương cao", "(lương cao|luong cao)"),
            ("(vé|ticket) đi", "((vé|ticket) đi|(ve|ticket) di)"),
            ("bán", "bán"),
            ("работа есть", "работа есть"),
        ] {
            assert_eq!(show(&parse(pattern).unwrap().or_without_marks()), parsed);
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (pattern, message) in [
            ("free (flight", "`(` is opened and not closed by `)`"),
            ("free flight]", "`]` is closed but was never opened"),
            ("a ..99 b", "the gap `..99` is not between 1 and 12"),
            ("free ()", "an alternative is empty; write `[...]` for what may be missing"),
            ("a*", "`a*` has too short a stem: two letters at least"),
        ] {
            assert_eq!(parse(pattern).unwrap_err(), message);
        }
        assert!(parse("<mony>").unwrap_err().starts_with("<mony> is no class; there are "));
    }
}
