//! `lurescan eval --nested --scores`: the rows of a nested evaluation, so that other programs can be measured on them.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::dataset::write_lines;
use crate::train::corpus::Corpus;
use crate::train::pipeline::Protocol;
use crate::train::record::record;

/// One repetition of a nested evaluation; folds and logits have one value a row.
pub(super) struct Repeat {
    pub(super) seed: u64,
    pub(super) folds: Vec<usize>,
    pub(super) logits: Vec<f64>,
}

/// Writes a JSON object a row. Rows of one `group` are in one fold; rows of one `campaign` share its weight in training,
/// and every `stratum` has its own prior there.
pub(super) fn write(path: &Path, corpus: &Corpus, protocol: Protocol, repeats: &[Repeat]) -> anyhow::Result<()> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let groups = protocol.groups(corpus, &rows);
    let seeds: Vec<u64> = repeats.iter().map(|r| r.seed).collect();
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
                "protocol": protocol.name(),
                "seeds": seeds,
                "folds": repeats.iter().map(|r| r.folds[i]).collect::<Vec<_>>(),
                "logits": repeats.iter().map(|r| r.logits[i]).collect::<Vec<_>>(),
            }),
        );
        Value::Object(record)
    };
    write_lines(path, rows.iter().map(|&i| line(i)))
}
