/*!
Parts a labelled set into train and test without parting what belongs together.

Near-duplicates, and postings that share a value of the given columns (an author family, an employer), fall on one side.
Of what is left to choose, the sides are chosen so that every label and language has about the same share in the test.
*/

use std::collections::BTreeMap;
use std::fmt;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::labelled::{column, joined};
use super::marked::Split;
use super::reader;
use crate::entities::shingles::near_duplicates;
use crate::posting::{Field, Posting};

/// How to part a set.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitOptions {
    /// The share of the postings that the test wants; above 0 and below 1.
    pub test: f64,
    /// Columns of which no value may stand on both sides.
    pub by: Vec<String>,
    /// Decides among equals.
    pub seed: u64,
}

/// A set that cannot be parted as told.
#[derive(Debug, PartialEq)]
pub struct SplitError(Kind);

#[derive(Debug, PartialEq)]
enum Kind {
    Share(f64),
    NoColumn { name: String, columns: Vec<String> },
    OneGroup { postings: usize },
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Share(share) => write!(f, "--test {share}: the share of the test must be above 0 and below 1"),
            Kind::NoColumn { name, columns } => {
                write!(f, "--by {name}: no posting has such a column; the columns are {}", columns.join(", "))
            }
            Kind::OneGroup { postings } => write!(
                f,
                "all {postings} postings belong to one group, so there is nothing to part; choose another --by, or more postings"
            ),
        }
    }
}

impl std::error::Error for SplitError {}

/// The side of each posting, and how many groups there were.
///
/// # Errors
///
/// When the share is none, a column is on no posting, or all postings belong together.
pub fn split(postings: &[&Posting], options: &SplitOptions) -> Result<(Vec<Split>, usize), SplitError> {
    if !(options.test > 0.0 && options.test < 1.0) {
        return Err(SplitError(Kind::Share(options.test)));
    }
    expect_columns(postings, &options.by)?;
    let near = near_duplicates(&reader(), postings.iter().copied());
    let groups = joined(&near, postings.iter().copied(), &options.by);
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, &group) in groups.iter().enumerate() {
        members.entry(group).or_default().push(i);
    }
    if members.len() < 2 {
        return Err(SplitError(Kind::OneGroup { postings: postings.len() }));
    }
    let count = members.len();
    Ok((deal(members.into_values().collect(), &strata(postings), options), count))
}

/// Refuses a column of `--by` that no posting has: it is a slip of the pen, and would keep nothing together.
///
/// # Errors
///
/// When a column is on no posting.
pub fn expect_columns(postings: &[&Posting], by: &[String]) -> Result<(), SplitError> {
    match by.iter().find(|name| postings.iter().all(|p| column(p, name).is_none())) {
        Some(name) => Err(SplitError(Kind::NoColumn { name: name.clone(), columns: columns(postings) })),
        None => Ok(()),
    }
}

/// The stratum of each posting: label and language.
fn strata(postings: &[&Posting]) -> Vec<usize> {
    let mut numbers: BTreeMap<(Option<bool>, &str), usize> = BTreeMap::new();
    postings
        .iter()
        .map(|p| {
            let next = numbers.len();
            *numbers.entry((p.label, p.get(Field::Language))).or_insert(next)
        })
        .collect()
}

/// Deals groups in falling order of size, each to the side that lacks most of what the group holds.
fn deal(mut groups: Vec<Vec<usize>>, strata: &[usize], options: &SplitOptions) -> Vec<Split> {
    groups.shuffle(&mut ChaCha8Rng::seed_from_u64(options.seed));
    groups.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
    let kinds = strata.iter().max().map_or(0, |m| m + 1);
    let mut totals = vec![0.0f64; kinds];
    for &s in strata {
        totals[s] += 1.0;
    }
    let shares = [(Split::Train, 1.0 - options.test), (Split::Test, options.test)];
    let mut held = [vec![0.0f64; kinds], vec![0.0f64; kinds]];
    let mut sizes = [0.0f64; 2];
    let mut sides = vec![Split::Train; strata.len()];
    for rows in groups {
        let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
        for &i in &rows {
            *counts.entry(strata[i]).or_default() += 1.0;
        }
        // How full a side would be: of the strata of the group, weighed by their share in it, and as a whole.
        let fill = |side: usize| {
            let share = shares[side].1;
            let of_strata: f64 =
                counts.iter().map(|(&s, &n)| n / rows.len() as f64 * (held[side][s] + n) / (totals[s] * share)).sum();
            of_strata + (sizes[side] + rows.len() as f64) / (strata.len() as f64 * share)
        };
        let side = usize::from(fill(1) < fill(0));
        for (&s, &n) in &counts {
            held[side][s] += n;
        }
        sizes[side] += rows.len() as f64;
        for i in rows {
            sides[i] = shares[side].0;
        }
    }
    sides
}

fn columns(postings: &[&Posting]) -> Vec<String> {
    let fields = Field::ALL.into_iter().filter(|&f| postings.iter().any(|p| !p.get(f).is_empty()));
    let mut out: Vec<String> = fields.map(|f| f.name().to_owned()).collect();
    let mut extra: Vec<&String> = postings.iter().flat_map(|p| p.extra.keys()).collect();
    extra.sort_unstable();
    extra.dedup();
    out.extend(extra.into_iter().take(40).cloned());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::ngrams::token_hash;
    use proptest::prelude::*;

    fn set(rows: &[(usize, bool, &str)]) -> Vec<Posting> {
        let make = |(i, &(group, label, language)): (usize, &(usize, bool, &str))| {
            // Words of letters only, different in every row: near-duplicates mask digits.
            let word = |k: usize| -> String {
                format!("{:x}", token_hash(&format!("{i} {k}"))).bytes().map(|b| char::from(b'a' + b % 26)).collect()
            };
            let mut posting = Posting::from_text(format!("{i}"), (0..12).map(word).collect::<Vec<_>>().join(" "));
            posting.label = Some(label);
            posting.set(Field::Language, language);
            posting.extra.insert("group".into(), format!("g{group}").into());
            posting
        };
        rows.iter().enumerate().map(make).collect()
    }

    fn parted(postings: &[Posting], test: f64, by: &[&str], seed: u64) -> Result<(Vec<Split>, usize), SplitError> {
        let by = by.iter().map(|b| b.to_string()).collect();
        split(&postings.iter().collect::<Vec<_>>(), &SplitOptions { test, by, seed })
    }

    #[test]
    fn shares_hold_in_every_stratum() {
        let rows: Vec<(usize, bool, &str)> =
            (0..600).map(|i| (i / 10, i % 9 < 4, if (i / 10) % 3 == 0 { "th" } else { "en" })).collect();
        let postings = set(&rows);
        let (sides, groups) = parted(&postings, 0.35, &["group"], 1).unwrap();
        assert_eq!(groups, 60);
        for (label, language) in [(true, "en"), (false, "en"), (true, "th"), (false, "th")] {
            let of: Vec<usize> = (0..600).filter(|&i| rows[i].1 == label && rows[i].2 == language).collect();
            let share = of.iter().filter(|&&i| sides[i] == Split::Test).count() as f64 / of.len() as f64;
            assert!((share - 0.35).abs() < 0.08, "{label} {language}: {share}");
        }
        assert_ne!(sides, parted(&postings, 0.35, &["group"], 2).unwrap().0);
    }

    #[test]
    fn near_duplicates_stay_together_without_a_column() {
        let mut postings = set(&[(0, true, "en"), (1, false, "en"), (2, true, "en"), (3, false, "en")]);
        let text = "waiter for our garden restaurant, evening shifts, tips are shared and meals are free";
        postings[1].set(Field::Description, text);
        postings[2].set(Field::Description, format!("{text} today"));
        let (sides, groups) = parted(&postings, 0.5, &[], 0).unwrap();
        assert_eq!(groups, 3);
        assert_eq!(sides[1], sides[2]);
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let postings = set(&[(0, true, "en"), (0, false, "en")]);
        let message = |r: Result<(Vec<Split>, usize), SplitError>| r.unwrap_err().to_string();
        assert!(message(parted(&postings, 1.0, &[], 0)).contains("--test 1: the share of the test must be above 0"));
        assert!(
            message(parted(&postings, 0.3, &["family"], 0)).contains("the columns are description, language, group")
        );
        assert!(message(parted(&postings, 0.3, &["group"], 0)).contains("all 2 postings belong to one group"));
        assert!(parted(&postings, f64::NAN, &[], 0).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn no_group_is_parted(groups in prop::collection::vec(0usize..12, 2..60), seed in 0u64..50) {
            let rows: Vec<(usize, bool, &str)> = groups.iter().map(|&g| (g, g % 2 == 0, "en")).collect();
            if let Ok((sides, _)) = parted(&set(&rows), 0.35, &["group"], seed) {
                for i in 0..rows.len() {
                    for j in 0..i {
                        prop_assert!(groups[i] != groups[j] || sides[i] == sides[j]);
                    }
                }
                prop_assert!(sides.contains(&Split::Train));
            }
        }
    }
}
