//! Copies of postings as reposts make them: words changed, or numbers, places and emoji.

use lurescan::entities::EntityKind;
use lurescan::entities::reading::Reader;
use lurescan::posting::{Field, Posting};
use lurescan::text::tokenizer::TokenKind;
use rand::RngExt;
use rand::seq::IndexedRandom;

/// Fields that a campaign is told by.
const BODY: [Field; 2] = [Field::Description, Field::Requirements];
const PLACES: [&str; 5] = ["Manila", "Bangkok", "Phnom Penh", "Dubai", "Kuala Lumpur"];
const HAN_PLACES: [&str; 4] = ["金边", "曼谷", "迪拜", "吉隆坡"];
const EMOJI: [&str; 6] = ["🔥", "✅", "💰", "📢", "✈️", "👉"];

/// What a copy changes: stretches of a field and what stands there instead.
fn replace(posting: &Posting, field: Field, mut changes: Vec<(std::ops::Range<usize>, String)>) -> Posting {
    let mut copy = posting.clone();
    let mut text = posting.get(field).to_owned();
    changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut floor = text.len();
    for (range, new) in changes {
        if range.end <= floor {
            floor = range.start;
            text.replace_range(range, &new);
        }
    }
    copy.set(field, text);
    copy
}

/// A copy in which this share of the words (of a script without spaces, of the characters) are other words of `pool`.
pub fn words(reader: &Reader, posting: &Posting, share: f64, pool: &Pool, rng: &mut impl RngExt) -> Posting {
    let mut copy = posting.clone();
    for field in BODY {
        let text = copy.get(field).to_owned();
        let mut tokens = Vec::new();
        reader.tokenizer.tokens(&text, &mut tokens);
        let mut changes = Vec::new();
        for (kind, others) in [(TokenKind::Word, &pool.words), (TokenKind::Unspaced, &pool.characters)] {
            let of_kind: Vec<_> = tokens.iter().filter(|t| t.kind == kind).collect();
            let count = (of_kind.len() as f64 * share).round() as usize;
            for token in of_kind.sample(rng, count) {
                let other = others.choose(rng).cloned().unwrap_or_default();
                changes.push((token.start as usize..token.end as usize, other));
            }
        }
        copy = replace(&copy, field, changes);
    }
    copy
}

/// A copy with other digits, other places, and emoji strewn in.
pub fn surface(reader: &Reader, posting: &Posting, rng: &mut impl RngExt) -> Posting {
    let mut copy = posting.clone();
    for field in BODY {
        let reading = reader.read(&copy);
        let Some(segment) = reading.segments.iter().find(|s| s.field == field) else { continue };
        let mut changes = Vec::new();
        for entity in segment.entities.iter().filter(|e| matches!(e.kind, EntityKind::Place(_))) {
            let range = segment.map.source(entity.start..entity.end);
            let place = match copy.get(field)[range.clone()].chars().next() {
                Some(c) if c.is_ascii_alphabetic() => PLACES.choose(rng),
                Some('\u{4e00}'..='\u{9fff}') => HAN_PLACES.choose(rng),
                _ => None,
            };
            changes.extend(place.map(|place| (range, (*place).to_owned())));
        }
        copy = replace(&copy, field, changes);
        let mut text = String::new();
        for c in copy.get(field).chars() {
            match c {
                '0'..='9' => text.push(char::from(b'0' + rng.random_range(0..10u8))),
                ' ' if rng.random_bool(0.05) => {
                    text.push_str(&format!(" {} ", EMOJI[rng.random_range(0..EMOJI.len())]))
                }
                c => text.push(c),
            }
        }
        copy.set(field, text);
    }
    copy
}

/// Words to put in the place of others.
#[derive(Default)]
pub struct Pool {
    words: Vec<String>,
    characters: Vec<String>,
}

impl Pool {
    /// The words of these postings.
    pub fn of<'p>(reader: &Reader, postings: impl Iterator<Item = &'p Posting>) -> Pool {
        let mut pool = Pool::default();
        let mut tokens = Vec::new();
        for posting in postings {
            for text in BODY.map(|field| posting.get(field)) {
                tokens.clear();
                reader.tokenizer.tokens(text, &mut tokens);
                for token in &tokens {
                    match token.kind {
                        TokenKind::Word => pool.words.push(token.text(text).to_owned()),
                        TokenKind::Unspaced => pool.characters.push(token.text(text).to_owned()),
                        _ => {}
                    }
                }
            }
        }
        pool
    }
}

/// How well groups agree with the truth. Both give the group of each posting.
#[derive(Clone, Copy, Debug)]
pub struct Agreement {
    /// Over the groups of two and more that were found: the largest share from one true group, averaged.
    pub precision: f64,
    /// Over the true groups of two and more: the largest share in one group that was found, averaged.
    pub recall: f64,
    /// Of the pairs that were joined, the share that belongs together.
    pub pair_precision: f64,
    /// Of the pairs that belong together, the share that was joined.
    pub pair_recall: f64,
}

impl std::fmt::Display for Agreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Agreement { precision, recall, pair_precision, pair_recall } = self;
        write!(f, "precision {precision:.4}, recall {recall:.4}; pairs {pair_precision:.4}, {pair_recall:.4}")
    }
}

impl Agreement {
    pub fn of(found: &[usize], truth: &[usize]) -> Agreement {
        use std::collections::HashMap;
        let mean = |of: &[usize], by: &[usize]| {
            let mut groups: HashMap<usize, HashMap<usize, usize>> = HashMap::new();
            for (group, other) in of.iter().zip(by) {
                *groups.entry(*group).or_default().entry(*other).or_default() += 1;
            }
            let shares: Vec<f64> = groups
                .values()
                .map(|others| (others.values().sum::<usize>(), others.values().copied().max().unwrap_or(0)))
                .filter(|&(size, _)| size > 1)
                .map(|(size, most)| most as f64 / size as f64)
                .collect();
            shares.iter().sum::<f64>() / shares.len() as f64
        };
        let pairs = |keys: &mut dyn Iterator<Item = (usize, usize)>| {
            let mut counts: HashMap<(usize, usize), f64> = HashMap::new();
            keys.for_each(|key| *counts.entry(key).or_default() += 1.0);
            counts.values().map(|n| n * (n - 1.0) / 2.0).sum::<f64>()
        };
        let both = pairs(&mut found.iter().copied().zip(truth.iter().copied()));
        let joined = pairs(&mut found.iter().map(|&f| (f, 0)));
        let belong = pairs(&mut truth.iter().map(|&t| (t, 0)));
        Agreement {
            precision: mean(found, truth),
            recall: mean(truth, found),
            pair_precision: both / joined,
            pair_recall: both / belong,
        }
    }
}
