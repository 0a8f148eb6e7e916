/*!
The corrected n-grams, merged into the base's table.

The table is hashed and quantised; what it holds can be listed only by the names that lie apart. So every name is hashed
again and its weight looked up, which gives the very weights that the base scores with.
*/

use anyhow::{Context as _, bail};
use rustc_hash::FxHashMap;

use super::correction::Correction;
use crate::entities::reading::Reader;
use crate::model::artefact::Artefact;
use crate::model::names::{self, Named};
use crate::model::text_stage::{CAPACITY, SLOTS};
use crate::model::verdict_stage::VerdictWeights;
use crate::text::ngram_table::NgramTable;
use crate::train::corpus::Corpus;

/// A table with its names.
pub(super) struct Merged {
    pub table: NgramTable,
    pub names: Vec<u8>,
    /// N-grams of the base whose weight changed.
    pub moved: usize,
    /// N-grams that the base did not know.
    pub added: usize,
    /// N-grams of the base that had to go: the weakest, where the table is full.
    pub dropped: usize,
}

struct Entry {
    hash: u64,
    name: String,
    weight: f64,
    /// Of the second reading, which no label of one's own moves.
    second: f64,
    of_base: bool,
}

/// Adds a correction to a base's table, which this verdict will read.
pub(super) fn merge(
    corpus: &Corpus,
    artefact: &Artefact,
    correction: &Correction,
    verdict: &VerdictWeights,
    reader: &Reader,
) -> anyhow::Result<Merged> {
    let (text, vacancy) = (verdict.text, verdict.vacancy);
    if correction.is_none() {
        // The base's very bytes.
        let (table, names) = (artefact.table.clone(), artefact.names.to_vec());
        return Ok(Merged { table, names, moved: 0, added: 0, dropped: 0 });
    }
    let mut entries = of_base(artefact)?;
    let share = correction.base_text() / text;
    let mut places: FxHashMap<u64, usize> = FxHashMap::default();
    for (at, entry) in entries.iter_mut().enumerate() {
        entry.weight *= share;
        places.insert(entry.hash, at);
    }
    let (mut moved, mut new) = (0, Vec::new());
    for (n, &added) in correction.ngrams.iter().enumerate().filter(|(_, d)| **d != 0.0) {
        match places.get(&corpus.vocabulary[n]) {
            Some(&at) => {
                entries[at].weight += added as f64 / text;
                moved += 1;
            }
            None => new.push(n as u32),
        }
    }
    // Only those that have a chance to be kept are named: naming reads the postings again.
    new.sort_by(|&a, &b| {
        let size = |n: u32| correction.ngrams[n as usize].abs();
        size(b).total_cmp(&size(a)).then(a.cmp(&b))
    });
    new.truncate(CAPACITY);
    let names = corpus.names(&new, reader);
    let known = entries.len();
    entries.extend(new.iter().filter_map(|n| {
        Some(Entry {
            hash: corpus.vocabulary[*n as usize],
            name: names.get(n)?.clone(),
            weight: correction.ngrams[*n as usize] as f64 / text,
            second: 0.0,
            of_base: false,
        })
    }));
    let second = vacancy.map_or(0.0, |weights| weights.text);
    // In log-odds, in whichever reading it says more.
    let size = |e: &Entry| (e.weight * text).abs().max((e.second * second).abs());
    let stronger = |a: &Entry, b: &Entry| size(b).total_cmp(&size(a)).then_with(|| a.name.cmp(&b.name));
    // Many weak n-grams of the new postings say much together, so up to half of the table is theirs before the weakest
    // of the base have any of it.
    entries.sort_by(|a, b| a.of_base.cmp(&b.of_base).then_with(|| stronger(a, b)));
    let own = entries.iter().take_while(|e| !e.of_base).count().min(CAPACITY / 2);
    entries[own..].sort_by(stronger);
    entries.truncate(CAPACITY);
    entries.sort_by(stronger);
    let dropped = known - entries.iter().filter(|e| e.of_base).count();
    let weights: Vec<(u64, f64)> = entries.iter().map(|e| (e.hash, e.weight)).collect();
    let table = NgramTable::build(&weights, SLOTS)
        .with_context(|| format!("{} n-grams do not fit into the table", entries.len()))?;
    let table = match vacancy {
        None => table,
        Some(_) => table.with_second(&entries.iter().map(|e| (e.hash, e.second)).collect::<Vec<_>>()),
    };
    let names = names::pack(entries.iter().map(|e| e.name.as_str()).collect())?;
    let added = entries.iter().filter(|e| !e.of_base).count();
    Ok(Merged { table, names, moved, added, dropped })
}

/// The n-grams of a base, with the weights of its table.
fn of_base(artefact: &Artefact) -> anyhow::Result<Vec<Entry>> {
    let entries: Vec<Entry> = names::read(artefact)?
        .into_iter()
        .map(|Named { name, hash, weight, second }| Entry { hash, name, weight, second, of_base: true })
        .collect();
    if entries.len() != artefact.table.len() {
        bail!(
            "model {}: names.txt.xz names {} of the table's {} n-grams; without their names they cannot be carried over to another model",
            artefact.manifest.name,
            entries.len(),
            artefact.table.len()
        );
    }
    Ok(entries)
}
