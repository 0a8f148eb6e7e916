/*!
Folds that keep groups together.

A random split of job ads tests memory: half the test rows have a near-twin in training. So a fold never parts a group,
and groups join near-duplicates, employers and author families.
*/

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The fold, below `k`, of each row.
///
/// Groups are dealt in falling order of size, after a seeded shuffle, each to the fold where its strata (say, domain and
/// label) are scarcest, so that all folds hold about the same share of every stratum.
pub fn grouped_folds(groups: &[usize], strata: &[usize], k: usize, seed: u64) -> Vec<usize> {
    let kinds = strata.iter().max().map_or(0, |m| m + 1);
    let mut totals = vec![0.0f64; kinds];
    let mut members: std::collections::BTreeMap<usize, Vec<usize>> = Default::default();
    for (i, &g) in groups.iter().enumerate() {
        members.entry(g).or_default().push(i);
        totals[strata[i]] += 1.0;
    }
    let mut order: Vec<Vec<usize>> = members.into_values().collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    order.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
    let mut held = vec![vec![0.0f64; kinds]; k];
    let mut folds = vec![0; groups.len()];
    for rows in order {
        let mut counts = vec![0.0; kinds];
        for &i in &rows {
            counts[strata[i]] += 1.0;
        }
        let load = |fold: &Vec<f64>| -> f64 {
            (0..kinds).filter(|&s| counts[s] > 0.0).map(|s| counts[s] / totals[s] * fold[s] / totals[s]).sum()
        };
        let best = (0..k).min_by(|&a, &b| load(&held[a]).total_cmp(&load(&held[b]))).unwrap_or(0);
        for s in 0..kinds {
            held[best][s] += counts[s];
        }
        for i in rows {
            folds[i] = best;
        }
    }
    folds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stay_together_and_strata_spread() {
        let groups: Vec<usize> = (0..400).map(|i| if i < 80 { 0 } else { i / 3 }).collect();
        let strata: Vec<usize> = (0..400).map(|i| (i % 5 == 0) as usize).collect();
        let folds = grouped_folds(&groups, &strata, 5, 3);
        for i in 0..400 {
            for j in 0..400 {
                assert!(groups[i] != groups[j] || folds[i] == folds[j]);
            }
        }
        for fold in 0..5 {
            let rare = (0..400).filter(|&i| folds[i] == fold && strata[i] == 1).count();
            assert!((10..=22).contains(&rare), "{rare}");
        }
        assert_eq!(folds, grouped_folds(&groups, &strata, 5, 3));
        assert_ne!(folds, grouped_folds(&groups, &strata, 5, 4));
    }
}
