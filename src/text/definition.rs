/*!
What scoring takes of a `tokenizer.json`, checked before the `tokenizers` crate sees it.

Scoring asks a tokenizer for pieces of a text and nothing else, so a definition's decoder, post-processor, truncation and
padding are left out: whatever shape they have, they change no verdict. Of what remains the crate takes some things on
trust and panics where they do not hold; those are looked at here, and are errors that say what to change.
*/

use serde_json::{Map, Value};

use super::tokenizer::TokenizerError;

/// What decides where a text is cut.
const NEEDED: [&str; 5] = ["version", "added_tokens", "normalizer", "pre_tokenizer", "model"];

/// The definition with only what cuts a text, as JSON.
pub(super) fn what_cuts(json: &[u8]) -> Result<Vec<u8>, TokenizerError> {
    let mut whole: Map<String, Value> = serde_json::from_slice(json)
        .map_err(|e| TokenizerError::new(format!("is not a tokenizer's JSON: {e}; save the tokenizer again")))?;
    whole.retain(|key, _| NEEDED.contains(&key.as_str()));
    whole.get("normalizer").map_or(Ok(()), |part| each_object(part, &check_normalizer))?;
    whole.get("pre_tokenizer").map_or(Ok(()), |part| each_object(part, &check_pre_tokenizer))?;
    whole.get("model").and_then(Value::as_object).map_or(Ok(()), check_merges)?;
    serde_json::to_vec(&whole).map_err(|e| TokenizerError::new(e.to_string()))
}

/// Parts may hold parts, in `Sequence`.
fn each_object(
    part: &Value,
    check: &impl Fn(&Map<String, Value>) -> Result<(), TokenizerError>,
) -> Result<(), TokenizerError> {
    match part {
        Value::Object(object) => {
            check(object)?;
            object.values().try_for_each(|inner| each_object(inner, check))
        }
        Value::Array(array) => array.iter().try_for_each(|inner| each_object(inner, check)),
        _ => Ok(()),
    }
}

/// A character map of SentencePiece is a table of offsets into itself, which the crate follows wherever they lead.
fn check_normalizer(part: &Map<String, Value>) -> Result<(), TokenizerError> {
    if part.contains_key("precompiled_charsmap") || part.get("type").is_some_and(|kind| kind == "Precompiled") {
        return Err(TokenizerError::new(
            "normalizer: a Precompiled one is not run; text is folded before it comes here, so take it out or put NFKC \
             in its place"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Pieces of no length would never end.
fn check_pre_tokenizer(part: &Map<String, Value>) -> Result<(), TokenizerError> {
    if part.get("length").is_some_and(|length| length == 0) {
        return Err(TokenizerError::new("pre_tokenizer: length 0 is below 1; say how long a piece is".to_owned()));
    }
    Ok(())
}

/// Merges of a byte-pair encoding: the crate writes what two tokens make into room for the longest token that there is,
/// and cuts the prefix off the second without looking whether it has it.
fn check_merges(model: &Map<String, Value>) -> Result<(), TokenizerError> {
    if model.get("type").is_some_and(|kind| kind != "BPE") {
        return Ok(());
    }
    let (Some(Value::Object(vocab)), Some(Value::Array(merges))) = (model.get("vocab"), model.get("merges")) else {
        return Ok(());
    };
    let prefix = model.get("continuing_subword_prefix").and_then(Value::as_str).unwrap_or_default();
    for (number, merge) in merges.iter().enumerate() {
        let pair = match merge {
            Value::String(line) => line.split_once(' '),
            Value::Array(pair) => match pair.as_slice() {
                [Value::String(a), Value::String(b)] => Some((a.as_str(), b.as_str())),
                _ => None,
            },
            _ => None,
        };
        // What is no pair at all is an error of the crate's own.
        let Some((first, second)) = pair else { continue };
        let made = second.strip_prefix(prefix).map(|rest| format!("{first}{rest}"));
        if !made.is_some_and(|made| [first, second, &made].iter().all(|token| vocab.contains_key(*token))) {
            return Err(TokenizerError::new(format!(
                "model: merge {} of {first:?} and {second:?} needs both, and what they make, in the vocabulary, and \
                 the second to begin with {prefix:?}; save the tokenizer again",
                number + 1
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tokenizer::Tokenizer;
    use super::*;

    fn definition(parts: Value) -> Vec<u8> {
        let mut whole = json!({
            "version": "1.0",
            "pre_tokenizer": {"type": "Whitespace"},
            "model": {"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"}
        });
        whole.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
        whole.to_string().into_bytes()
    }

    fn pieces(json: &[u8], text: &str) -> Vec<String> {
        let mut out = Vec::new();
        Tokenizer::from_json(json).unwrap().tokens(text, &mut out);
        out.iter().map(|t| t.text(text).to_owned()).collect()
    }

    #[test]
    fn parts_that_cut_nothing_may_have_any_shape() {
        let plain = pieces(&definition(json!({})), "free flight");
        assert_eq!(plain, ["free", "flight"]);
        for part in ["decoder", "post_processor", "truncation", "padding", "unheard_of"] {
            for shape in [json!(1e300), json!("x"), json!([[]]), json!({"type": "Later"}), json!({"max_length": 1})] {
                assert_eq!(pieces(&definition(json!({part: shape})), "free flight"), plain, "{part} {shape}");
            }
        }
        let truncated = json!({"truncation": {"direction": "Right", "max_length": 1, "strategy": "LongestFirst", "stride": 0},
            "normalizer": {"type": "Lowercase"}});
        assert_eq!(pieces(&definition(truncated), "free flight"), plain);
    }

    #[test]
    fn json_that_breaks_off_within_a_decoder_is_an_error() {
        let whole = String::from_utf8(definition(json!({}))).unwrap();
        for decoder in ["{\"type\":", "1e999", "\"\\ud800\"", "[1,]"] {
            let broken = format!("{}, \"decoder\": {decoder}}}", &whole[..whole.len() - 1]);
            let error = Tokenizer::from_json(broken.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("tokenizer.json: is not a tokenizer's JSON: "), "{error}");
        }
    }

    #[test]
    fn what_the_crate_takes_on_trust_is_looked_at() {
        let bpe = |merges: Value, prefix: &str| {
            json!({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "##b": 2, "ab": 3, "é": 4}, "merges": merges,
                "continuing_subword_prefix": prefix}})
        };
        let sequence =
            |part: Value| json!({"type": "Sequence", "normalizers": [part.clone()], "pretokenizers": [part]});
        for (parts, words) in [
            (json!({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "!"}}), "Precompiled"),
            (
                json!({"normalizer": sequence(json!({"type": "Precompiled", "precompiled_charsmap": ""}))}),
                "Precompiled",
            ),
            (json!({"normalizer": {"precompiled_charsmap": "AAAA"}}), "Precompiled"),
            (json!({"pre_tokenizer": {"type": "FixedLength", "length": 0}}), "length 0"),
            (json!({"pre_tokenizer": sequence(json!({"type": "FixedLength", "length": 0}))}), "length 0"),
            (bpe(json!([["ab", "ab"]]), ""), "merge 1 of \"ab\" and \"ab\""),
            (bpe(json!(["a ##b", "a b"]), "##"), "merge 2 of \"a\" and \"b\""),
            (bpe(json!([["a", "é"]]), "x"), "merge 1 of \"a\" and \"é\""),
        ] {
            let error = Tokenizer::from_json(&definition(parts.clone())).unwrap_err().to_string();
            assert!(error.starts_with("tokenizer.json: ") && error.contains(words), "{parts}: {error}");
        }
        assert_eq!(pieces(&definition(bpe(json!([["a", "##b"]]), "##")), "ab b"), ["ab", "b"]);
        let fixed = json!({"pre_tokenizer": {"type": "FixedLength", "length": 2}});
        assert_eq!(pieces(&definition(fixed), "abc"), ["ab", "c"]);
    }

    #[test]
    fn a_space_is_no_part_of_a_piece() {
        let byte_level = json!({
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
            "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true},
            "model": {"type": "BPE", "vocab": {"a": 0, "Ġ": 1, "Ġa": 2}, "merges": [["Ġ", "a"]]}
        });
        assert_eq!(pieces(&definition(byte_level), "a a"), ["a", "a"]);
    }
}
