//! `lurescan eval --nested --scores`: the rows of a nested evaluation, so that other programs can be measured on them.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::output::write_lines;
use crate::train::corpus::Corpus;
use crate::train::pipeline::{Params, outer_folds};
use crate::train::record::record;

/// One repetition of a nested evaluation; logits have one value a row.
pub(super) struct Repeat {
    pub(super) seed: u64,
    pub(super) logits: Vec<f64>,
}

/// Writes a JSON object a row. Rows of one `group` are in one fold; rows of one `campaign` share its weight in training,
/// and every `stratum` has its own prior there.
pub(super) fn write(path: &Path, corpus: &Corpus, params: &Params, repeats: &[Repeat]) -> anyhow::Result<()> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let groups = params.protocol.groups(corpus, &rows);
    let seeds: Vec<u64> = repeats.iter().map(|r| r.seed).collect();
    let folds: Vec<Vec<usize>> =
        seeds.iter().map(|&seed| outer_folds(corpus, params.protocol, params.folds, seed)).collect();
    let line = |i: usize| {
        let row = &corpus.rows[i];
        let domain = &corpus.domains[row.domain];
        let stratum = match corpus.stratum(row) {
            (_, Some(language)) => format!("{domain} {}", language.tag()),
            (_, None) => domain.clone(),
        };
        let mut record = record(&row.posting);
        record.insert(
            "evaluation".into(),
            json!({
                "domain": domain,
                "stratum": stratum,
                "language": row.language.tag(),
                "weight": row.weight,
                "group": groups[i],
                "campaign": row.campaign,
                "protocol": params.protocol.name(),
                "seeds": seeds,
                "folds": folds.iter().map(|f| f[i]).collect::<Vec<_>>(),
                "logits": repeats.iter().map(|r| r.logits[i]).collect::<Vec<_>>(),
            }),
        );
        Value::Object(record)
    };
    write_lines(path, rows.iter().map(|&i| line(i)))
}
