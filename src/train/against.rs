/*!
A new model against the one in use: out-of-fold logits on the one side, scores on the other.

The new model has seen every row that it was trained on, so its own scores prove nothing; each row is judged by the model
that was fitted without it.
*/

use rayon::prelude::*;
use serde_json::Value;

use super::corpus::Corpus;
use crate::eval::compare::{Pair, Side};
use crate::model::artefact::Manifest;
use crate::score::Scorer;
use crate::verdict::Action;

/// Both sides of every row. `logits` are the out-of-fold ones of the model of this manifest.
pub fn pairs(corpus: &Corpus, model: &Manifest, logits: &[f64], in_use: &Scorer) -> Vec<Pair> {
    corpus
        .rows
        .par_iter()
        .zip(logits)
        .map(|(row, &logit)| {
            let other = Side::from(in_use.judge(&row.posting));
            // Models abstain for want of text, script and signals, whatever their weights: where one does, so does the
            // other.
            let action = match other.action {
                Action::Abstain => Action::Abstain,
                _ if logit >= model.block => Action::Block,
                _ if logit >= model.review => Action::Review,
                _ => Action::Clear,
            };
            Pair {
                model: Side { logit, action },
                other,
                label: row.label,
                weight: row.weight,
                group: row.group,
                domain: row.domain,
            }
        })
        .collect()
}

/// Names of the data of a corpus that a model was trained on, by checksum; copies under another form are not noticed.
pub fn seen(corpus: &Corpus, model: &Manifest) -> Vec<String> {
    let trained = model.training.get("data").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let same = |a: &Value, b: &Value| {
        let split = |data: &Value| data.get("split").and_then(Value::as_str).map(str::to_owned);
        // Two named splits of one directory share no family; without a name it is the whole of it.
        let apart = split(a).zip(split(b)).is_some_and(|(a, b)| a != b);
        a.get("sha256").is_some_and(|sum| sum.is_string() && Some(sum) == b.get("sha256")) && !apart
    };
    let known = corpus.provenance.iter().filter(|data| trained.iter().any(|known| same(data, known)));
    known.map(|data| data.get("path").and_then(Value::as_str).unwrap_or("this data").to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::artefact::Artefact;

    #[test]
    fn data_is_known_by_its_checksum_and_splits_are_told_apart() {
        let mut manifest = Artefact::embedded().unwrap().manifest;
        manifest.training = json!({ "data": [
            { "path": "old-name.csv", "sha256": "aa" },
            { "path": "marked", "sha256": "bb", "split": "train" },
            { "path": "store" },
        ]});
        let of = |provenance: Value| seen(&Corpus { provenance: vec![provenance], ..Corpus::default() }, &manifest);
        assert_eq!(of(json!({ "path": "new-name.csv", "sha256": "aa" })), ["new-name.csv"]);
        assert_eq!(of(json!({ "path": "m", "sha256": "bb", "split": "train" })), ["m"]);
        assert_eq!(of(json!({ "path": "m", "sha256": "bb", "split": null })), ["m"]);
        assert!(of(json!({ "path": "m", "sha256": "bb", "split": "test" })).is_empty());
        assert!(of(json!({ "path": "store" })).is_empty(), "no checksum is not the same checksum");
        manifest.training = json!({});
        let corpus = Corpus { provenance: vec![json!({ "sha256": "aa" })], ..Corpus::default() };
        assert!(seen(&corpus, &manifest).is_empty());
    }
}
