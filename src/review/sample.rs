/*!
Random samples: which texts of a feed are looked at, so that what is found can be said of the whole feed.

A sample is stratified by action, because flagged postings are rare and precision needs many of them, while recall needs
some of those that passed. Each action gets the same number, drawn at random, as far as there are so many; the store
keeps how many there were, so that each counts for what it stands for. The sample is of all texts of the feed, decided or
not: leaving out what was decided before would leave out what the model thought likely.
*/

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rusqlite::{OptionalExtension, TransactionBehavior, params};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::error::{Kind, StoreError};
use super::store::{NOW, Store, action};
use crate::verdict::Action;

/// What a sample is drawn from: every different text of a feed with its action, and what decided the actions.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// Text hash and action, in the order of the feed.
    pub texts: &'a [(&'a str, Action)],
    /// The model.
    pub model: &'a str,
    /// Logits from which on a posting goes to review and to block.
    pub thresholds: (f64, f64),
}

impl Frame<'_> {
    /// The same for the same feed, scored the same.
    fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for (text, action) in self.texts {
            hasher.update(text.as_bytes());
            hasher.update(action.name().as_bytes());
        }
        hasher.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// A drawn sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sample {
    /// Its number in the store.
    pub number: i64,
    /// When it was drawn, in UTC.
    pub at: String,
    /// Who drew it.
    pub moderator: String,
    /// The model whose actions it is of.
    pub model: String,
    /// Logit from which on a posting goes to review.
    pub review_at: f64,
    /// Logit from which on a posting goes to block.
    pub block_at: f64,
    /// The seed it was drawn with.
    pub seed: u64,
    /// How many texts have each action.
    pub populations: Vec<(Action, usize)>,
    /// Text hash and action of those that were drawn, in the order they are to be looked at.
    #[serde(skip)]
    pub drawn: Vec<(String, Action)>,
}

impl Sample {
    /// The share of the texts with this action that was drawn.
    pub fn rate(&self, action: Action) -> f64 {
        let population = self.populations.iter().find(|p| p.0 == action).map_or(0, |p| p.1);
        self.drawn.iter().filter(|d| d.1 == action).count() as f64 / population.max(1) as f64
    }
}

/// Draws places of `actions`: as many of each action as of any other, while there are any, in random order.
pub fn draw(actions: &[Action], size: usize, seed: u64) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut strata: Vec<Vec<usize>> = Action::ALL
        .iter()
        .map(|&action| {
            let mut places: Vec<usize> = (0..actions.len()).filter(|&i| actions[i] == action).collect();
            places.shuffle(&mut rng);
            places
        })
        .collect();
    let mut take = vec![0; strata.len()];
    let mut left = size.min(actions.len());
    while left > 0 {
        for (taken, stratum) in take.iter_mut().zip(&strata) {
            if left > 0 && *taken < stratum.len() {
                *taken += 1;
                left -= 1;
            }
        }
    }
    // Which action comes when is random too; within an action the order is that of the draw.
    let mut turns: Vec<usize> = take.iter().enumerate().flat_map(|(k, &n)| std::iter::repeat_n(k, n)).collect();
    turns.shuffle(&mut rng);
    strata.iter_mut().for_each(|stratum| stratum.reverse());
    turns.into_iter().filter_map(|k| strata[k].pop()).collect()
}

impl Store {
    /// The sample of this frame, size and seed: the one that was drawn before, or a new one.
    ///
    /// # Errors
    ///
    /// When the store cannot be read or written, or the seed does not fit it.
    pub fn sample(&mut self, moderator: &str, frame: &Frame<'_>, size: usize, seed: u64) -> Result<Sample, StoreError> {
        let path = self.path.clone();
        let failed = |e| StoreError::sqlite(&path, e);
        let as_number = |n: u64| {
            i64::try_from(n)
                .map_err(|_| self.error(Kind::Refused(format!("seed {n} is above the limit of {}", i64::MAX))))
        };
        let (stored_seed, hash) = (as_number(seed)?, frame.hash());
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let key = params![hash, stored_seed, size as i64, frame.model];
        let found: Option<i64> = transaction
            .query_row(
                "SELECT number FROM sample WHERE frame = ?1 AND seed = ?2 AND size = ?3 AND model = ?4",
                key,
                |row| row.get(0),
            )
            .optional()
            .map_err(failed)?;
        let number = match found {
            Some(number) => number,
            None => {
                let (review, block) = frame.thresholds;
                transaction
                    .execute(
                        &format!(
                            "INSERT INTO sample (at, moderator, model, frame, seed, size, review_at, block_at)
                             VALUES ({NOW}, ?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                        ),
                        params![moderator, frame.model, hash, stored_seed, size as i64, review, block],
                    )
                    .map_err(failed)?;
                let number = transaction.last_insert_rowid();
                for action in Action::ALL {
                    let population = frame.texts.iter().filter(|t| t.1 == action).count() as i64;
                    transaction
                        .execute("INSERT INTO stratum VALUES (?1, ?2, ?3)", params![number, action.name(), population])
                        .map_err(failed)?;
                }
                let actions: Vec<Action> = frame.texts.iter().map(|t| t.1).collect();
                for (position, place) in (0i64..).zip(draw(&actions, size, seed)) {
                    let (text, action) = frame.texts[place];
                    transaction
                        .execute(
                            "INSERT INTO drawn VALUES (?1, ?2, ?3, ?4)",
                            params![number, position, action.name(), text],
                        )
                        .map_err(failed)?;
                }
                number
            }
        };
        transaction.commit().map_err(failed)?;
        self.read_sample(number)
    }

    /// All samples, the oldest first.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn samples(&self) -> Result<Vec<Sample>, StoreError> {
        let mut statement =
            self.connection.prepare("SELECT number FROM sample ORDER BY number").map_err(|e| self.failed(e))?;
        let numbers: Vec<i64> =
            statement.query_map([], |row| row.get(0)).and_then(|rows| rows.collect()).map_err(|e| self.failed(e))?;
        numbers.into_iter().map(|number| self.read_sample(number)).collect()
    }

    fn read_sample(&self, number: i64) -> Result<Sample, StoreError> {
        let failed = |e| self.failed(e);
        let action_of = |name: String| {
            action(&name).map_err(|reason| self.error(Kind::Record { row: format!("sample {number}"), reason }))
        };
        let pairs = |sql: &str| -> Result<Vec<(String, i64, String)>, StoreError> {
            let mut statement = self.connection.prepare(sql).map_err(failed)?;
            let rows =
                statement.query_map([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(failed)?;
            rows.collect::<Result<_, _>>().map_err(failed)
        };
        let mut populations: Vec<(Action, usize)> =
            pairs("SELECT action, population, '' FROM stratum WHERE sample = ?1")?
                .into_iter()
                .map(|(name, population, _)| Ok((action_of(name)?, population as usize)))
                .collect::<Result<_, StoreError>>()?;
        populations.sort_unstable();
        let drawn = pairs("SELECT action, position, text_hash FROM drawn WHERE sample = ?1 ORDER BY position")?
            .into_iter()
            .map(|(name, _, text)| Ok((text, action_of(name)?)))
            .collect::<Result<_, StoreError>>()?;
        self.connection
            .query_row(
                "SELECT at, moderator, model, review_at, block_at, seed FROM sample WHERE number = ?1",
                [number],
                |row| {
                    Ok(Sample {
                        number,
                        at: row.get(0)?,
                        moderator: row.get(1)?,
                        model: row.get(2)?,
                        review_at: row.get(3)?,
                        block_at: row.get(4)?,
                        seed: row.get::<_, i64>(5)? as u64,
                        populations,
                        drawn,
                    })
                },
            )
            .map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_gets_its_turn_and_the_draw_is_repeatable() {
        let actions: Vec<Action> =
            (0..1000).map(|i| if i % 100 == 0 { Action::Block } else { Action::Clear }).collect();
        let drawn = draw(&actions, 60, 7);
        assert_eq!(drawn, draw(&actions, 60, 7));
        assert_ne!(drawn, draw(&actions, 60, 8));
        assert_eq!(drawn.iter().filter(|&&i| actions[i] == Action::Block).count(), 10, "all that there are");
        assert_eq!(drawn.len(), 60);
        let mut places = draw(&actions, 5_000, 7);
        places.sort_unstable();
        assert!(places.into_iter().eq(0..1000));
        assert!(draw(&[], 5, 7).is_empty());
    }

    #[test]
    fn a_larger_sample_begins_with_the_same_texts_of_each_action() {
        let actions = [Action::Clear; 50];
        assert_eq!(draw(&actions, 40, 3)[..10], draw(&actions, 10, 3));
    }
}
