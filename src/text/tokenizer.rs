/*!
Tokens, as `tokenizer.json` defines them.

The definition is a Hugging Face tokenizer file: WordLevel, no normalizer (folding came before), and a `Split`
pre-tokenizer with [`PATTERN`]: one Han or kana character, one grapheme cluster of Thai, Lao, Khmer or Burmese, a
number, a word, a run of punctuation, a run of signs. A file of that family is run by the compiled path, which gives the
same tokens as the `tokenizers` crate at many times the speed; any other file is run by the crate itself.
*/

use serde::Deserialize;
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer, SplitDelimiterBehavior};

use super::compiled::Compiled;
use super::definition;

/// The pattern of the `Split` pre-tokenizer of the supported family, in the syntax of the `regex` crate.
pub const PATTERN: &str = concat!(
    r"[\p{Han}\p{Hiragana}\p{Katakana}ー]",
    r"|[[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]&&\p{L}](?:[\x{17D2}\x{1039}][[\p{Khmer}\p{Myanmar}]&&\p{L}]|\p{M})*",
    r"|\p{Nd}+(?:[.,:/]\p{Nd}+)*",
    r"|[\p{L}&&[^\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー]]",
    r"[[\p{L}\p{M}\p{Nd}]&&[^\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー]]*",
    r"(?:'[\p{L}&&[^\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー]]",
    r"[[\p{L}\p{M}]&&[^\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー]]*)*",
    r"|\p{P}+",
    r"|\p{S}+",
    r"|\S",
);

/// What kind of text a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters of a script that sets words apart.
    Word,
    /// One character or cluster of a script that does not.
    Unspaced,
    /// Digits with separators between them.
    Number,
    /// A run of punctuation.
    Punctuation,
    /// A run of signs: currency, mathematical, emoji.
    Sign,
    /// Anything else that is not white space.
    Other,
}

/// A token: a byte range of the folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is made of.
    pub kind: TokenKind,
}

impl Token {
    /// The token's text.
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        &source[self.start as usize..self.end as usize]
    }
}

/// Splits folded text into tokens. Made once, shared by threads.
#[derive(Debug)]
pub struct Tokenizer {
    engine: Engine,
}

#[derive(Debug)]
enum Engine {
    Compiled(Compiled),
    Crate(Box<tokenizers::Tokenizer>),
}

/// A `tokenizer.json` that cannot be used.
#[derive(Debug)]
pub struct TokenizerError(String);

impl std::fmt::Display for TokenizerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "tokenizer.json: {}", self.0)
    }
}

impl std::error::Error for TokenizerError {}

impl TokenizerError {
    pub(super) fn new(message: String) -> TokenizerError {
        TokenizerError(message)
    }
}

/// The parts of a tokenizer file that decide whether it is of the supported family; the vocabulary is not read.
#[derive(Deserialize)]
struct Family {
    normalizer: Option<serde::de::IgnoredAny>,
    pre_tokenizer: Option<FamilySplit>,
    model: FamilyModel,
}

#[derive(Deserialize)]
struct FamilySplit {
    #[serde(rename = "type")]
    kind: String,
    pattern: Option<FamilyPattern>,
    behavior: Option<String>,
    invert: Option<bool>,
}

#[derive(Deserialize)]
struct FamilyPattern {
    #[serde(rename = "Regex")]
    regex: Option<String>,
}

#[derive(Deserialize)]
struct FamilyModel {
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Default for Tokenizer {
    fn default() -> Tokenizer {
        Tokenizer { engine: Engine::Compiled(Compiled::new()) }
    }
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    pub fn from_json(json: &[u8]) -> Result<Tokenizer, TokenizerError> {
        let of_family = serde_json::from_slice::<Family>(json).is_ok_and(|family| {
            family.normalizer.is_none()
                && family.model.kind.as_deref() == Some("WordLevel")
                && family.pre_tokenizer.is_some_and(|split| {
                    split.kind == "Split"
                        && split.behavior.as_deref() == Some("Removed")
                        && split.invert == Some(true)
                        && split.pattern.and_then(|p| p.regex).as_deref() == Some(PATTERN)
                })
        });
        if of_family {
            return Ok(Tokenizer::default());
        }
        Tokenizer::through_the_crate(json)
    }

    /// Reads a `tokenizer.json` and runs it by the `tokenizers` crate whatever its family: the reference of the tests.
    pub fn through_the_crate(json: &[u8]) -> Result<Tokenizer, TokenizerError> {
        let inner = tokenizers::Tokenizer::from_bytes(definition::what_cuts(json)?)
            .map_err(|e| TokenizerError(format!("{e}; save the tokenizer with version 1.0 of the format")))?;
        Ok(Tokenizer { engine: Engine::Crate(Box::new(inner)) })
    }

    /// Whether the file is of the family that is run by the compiled path.
    pub fn is_compiled(&self) -> bool {
        matches!(self.engine, Engine::Compiled(_))
    }

    /// Appends the tokens of `text` to `out`.
    pub fn tokens(&self, text: &str, out: &mut Vec<Token>) {
        match &self.engine {
            Engine::Compiled(compiled) => compiled.tokens(text, out),
            Engine::Crate(tokenizer) => crate_tokens(tokenizer, text, out),
        }
    }
}

/// The tokens that the crate gives: pre-tokens for a word-level model, whose tokens they are (its vocabulary only
/// numbers them), and the model's pieces for any other.
fn crate_tokens(tokenizer: &tokenizers::Tokenizer, text: &str, out: &mut Vec<Token>) {
    let word_level = matches!(tokenizer.get_model(), tokenizers::ModelWrapper::WordLevel(_));
    let mut push = |start: usize, end: usize| {
        if start < end && text.is_char_boundary(start) && text.is_char_boundary(end) {
            out.push(Token { start: start as u32, end: end as u32, kind: super::compiled::kind_of(&text[start..end]) });
        }
    };
    if word_level && tokenizer.get_normalizer().is_none() {
        let mut pre = PreTokenizedString::from(text);
        match tokenizer.get_pre_tokenizer().map_or(Ok(()), |p| p.pre_tokenize(&mut pre)) {
            Ok(()) => pre
                .get_splits(OffsetReferential::Original, OffsetType::Byte)
                .into_iter()
                .for_each(|(_, (start, end), _)| push(start, end)),
            // A pattern may give up on a hostile text; the text then counts as one token that no model knows.
            Err(_) => push(0, text.len()),
        }
        return;
    }
    match tokenizer.encode_char_offsets(text, false) {
        Ok(encoding) => {
            let bytes: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
            for &(start, end) in encoding.get_offsets() {
                let (start, end) = (bytes[start.min(bytes.len() - 1)], bytes[end.min(bytes.len() - 1)]);
                // Pieces of some models begin with the space before a word, which is no part of it.
                let piece = text.get(start..end).unwrap_or_default();
                let before = piece.len() - piece.trim_start().len();
                push(start + before, start + before + piece.trim().len());
            }
        }
        Err(_) => push(0, text.len()),
    }
}

/// Trains the vocabulary of a word-level tokenizer of the supported family and returns its `tokenizer.json`.
///
/// `texts` are folded texts. The vocabulary numbers the tokens for other users of the file; scoring hashes the token
/// strings and does not need it, so it is kept small.
pub fn train<'a>(texts: impl Iterator<Item = &'a str>, vocabulary: usize) -> Result<String, TokenizerError> {
    let compiled = Compiled::new();
    let mut counts = std::collections::HashMap::<&str, u64>::new();
    let mut tokens = Vec::new();
    for text in texts {
        tokens.clear();
        compiled.tokens(text, &mut tokens);
        for token in &tokens {
            *counts.entry(token.text(text)).or_default() += 1;
        }
    }
    let mut ranked: Vec<(&str, u64)> = counts.into_iter().collect();
    ranked.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let vocab = std::iter::once("[UNK]")
        .chain(ranked.iter().map(|r| r.0).filter(|t| t.len() <= 40).take(vocabulary))
        .enumerate()
        .map(|(i, t)| (t.to_owned(), i as u32))
        .collect();
    let problem = |e: tokenizers::Error| TokenizerError(e.to_string());
    let model = WordLevel::builder()
        .vocab(vocab)
        .unk_token("[UNK]".to_owned())
        .build()
        .map_err(|e| TokenizerError(e.to_string()))?;
    let split =
        Split::new(SplitPattern::Regex(PATTERN.to_owned()), SplitDelimiterBehavior::Removed, true).map_err(problem)?;
    let mut tokenizer = tokenizers::Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(split));
    tokenizer.to_string(true).map_err(problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn both() -> (Tokenizer, Tokenizer) {
        let json = train(["free flight"].into_iter(), 10).unwrap();
        let compiled = Tokenizer::from_json(json.as_bytes()).unwrap();
        assert!(compiled.is_compiled());
        (compiled, Tokenizer::through_the_crate(json.as_bytes()).unwrap())
    }

    fn split<'a>(tokenizer: &Tokenizer, text: &'a str) -> Vec<&'a str> {
        let mut out = Vec::new();
        tokenizer.tokens(text, &mut out);
        out.iter().map(|t| t.text(text)).collect()
    }

    #[test]
    fn tokens_are_what_the_definition_says() {
        let (compiled, reference) = both();
        for (text, tokens) in [
            ("don't pay $3,500/month!!!", vec!["don't", "pay", "$", "3,500", "/", "month", "!!!"]),
            ("包机票 ok", vec!["包", "机", "票", "ok"]),
            ("ที่พัก", vec!["ที่", "พั", "ก"]),
            ("ខ្មែរ", vec!["ខ្មែ", "រ"]),
            ("1st web3 24/7 18-35", vec!["1", "st", "web3", "24/7", "18", "-", "35"]),
            ("🔥🔥apply [UNK]", vec!["🔥🔥", "apply", "[", "unk", "]"]),
            ("カー 'n' a'1", vec!["カ", "ー", "'", "n", "'", "a", "'", "1"]),
        ] {
            let text = text.to_lowercase();
            assert_eq!(split(&compiled, &text), tokens);
            assert_eq!(split(&reference, &text), tokens);
        }
    }

    #[test]
    fn another_family_goes_through_the_crate() {
        let json = train(["a"].into_iter(), 1).unwrap().replace("\"Removed\"", "\"Isolated\"");
        let other = Tokenizer::from_json(json.as_bytes()).unwrap();
        assert!(!other.is_compiled());
        assert_eq!(split(&other, "a b"), ["a", " ", "b"]);
        assert!(Tokenizer::from_json(b"{}").unwrap_err().to_string().starts_with("tokenizer.json: "));
    }

    proptest! {
        #[test]
        fn the_compiled_path_gives_the_tokens_of_the_crate(
            text in "\\PC{0,40}|[\\s\\S]{0,20}|[a-z0-9'.,:/ !$ก-๛ກ-ໟក-៿က-႟一-丏ぁ-ヿ\u{300}-\u{305}_-]{0,60}"
        ) {
            thread_local!(static BOTH: (Tokenizer, Tokenizer) = both());
            BOTH.with(|(compiled, reference)| {
                let (mut a, mut b) = (Vec::new(), Vec::new());
                compiled.tokens(&text, &mut a);
                reference.tokens(&text, &mut b);
                prop_assert_eq!(a, b);
                Ok(())
            })?;
        }
    }
}
