//! What a posting's passages say, each read as if it were all of it.

use super::Scorer;
use crate::entities::passages::{Passages, Place, place};
use crate::entities::reading::Reading;
use crate::model::verdict_stage::{Contributions, spoken_by_passage};
use crate::signals::Evidence;
use crate::text::ngrams::over_root;

/// Room for the work of one posting, kept from posting to posting.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    passages: Passages,
    places: Vec<Place>,
    evidence: Evidence,
    parts: Contributions,
}

/// A passage, weighed.
pub(super) struct Passage<'a> {
    /// Where it stands: a field, and bytes of its text.
    pub(super) places: &'a [Place],
    pub(super) evidence: &'a Evidence,
    pub(super) text_logit: f64,
    /// Distinct n-grams.
    pub(super) ngrams: usize,
    /// What it makes the posting's logit at least.
    pub(super) logit: f64,
}

impl Scorer {
    /// Weighs the passages of the posting that was weighed last, which shows this evidence, and calls with those that say
    /// anything.
    pub(super) fn each_passage(
        &self,
        reading: &Reading,
        evidence: &Evidence,
        scratch: &mut super::Scratch,
        mut each: impl FnMut(Passage),
    ) {
        let super::Scratch { signals, weights, passages: scratch, .. } = scratch;
        let Scratch { passages, places, evidence: left, parts } = scratch;
        let bag = signals.bag();
        passages.fill(reading);
        for runs in passages.iter() {
            places.clear();
            places.extend(runs.clone().map(|run| place(reading, run)));
            self.extractor.within(evidence, places, left);
            let (mut sum, mut ngrams) = (0, 0);
            bag.each_within(runs, |ngram| {
                sum += i64::from(weights[ngram as usize]);
                ngrams += 1;
            });
            let text_logit = over_root(sum, self.table.scale(), ngrams);
            self.verdict.contributions_into(text_logit, ngrams, left, parts);
            if let Some(logit) = spoken_by_passage(parts.logit) {
                each(Passage { places, evidence: left, text_logit, ngrams, logit });
            }
        }
    }

    /// The logit of the strongest passage of the posting that was weighed last, if it is above this one, and where it stands.
    pub(super) fn stronger_passage(
        &self,
        reading: &Reading,
        evidence: &Evidence,
        logit: f64,
        scratch: &mut super::Scratch,
    ) -> Option<(f64, Vec<Place>)> {
        let mut strongest = None;
        self.each_passage(reading, evidence, scratch, |passage| {
            if passage.logit > strongest.as_ref().map_or(logit, |(held, _)| *held) {
                strongest = Some((passage.logit, passage.places.to_vec()));
            }
        });
        strongest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::artefact::Artefact;
    use crate::posting::{Field, Posting};
    use crate::score::ScoreOptions;
    use crate::verdict::Action;

    const LURE: &str = "Hiring typists for an office in Myawaddy, no experience, free flight and dormitory, USD 3,000 a month, \
        income guaranteed, passport needed, Telegram @jobs_demo0, few places left, hired at once without interview.";

    /// What an ordinary vacancy says.
    const DUTIES: [&str; 16] = [
        "We run four bakeries and look for a baker who likes the early shift.",
        "You knead, shape and bake our breads and keep the bench clean.",
        "The apprentices learn from you, one at a time.",
        "You check deliveries of flour against the order and sign the note.",
        "The shift begins at four on five days a week.",
        "Every second Sunday is off, and so are the holidays of the city.",
        "There is breakfast for all, a locker room and a place for your bicycle.",
        "You have finished your training as a baker and worked for three years.",
        "Ovens with steam are nothing new to you.",
        "You write a tidy list of what is left at noon.",
        "We pay by the tariff of the guild, with a share of the profit in December.",
        "Your work clothes are washed by us every week.",
        "The main shop lies two stops from the station.",
        "Send your papers by post or bring them to the counter.",
        "We answer everybody within two weeks.",
        "The place is free from the first of May.",
    ];

    fn scorer(explain: bool) -> Scorer {
        let options = ScoreOptions { explain, ..ScoreOptions::default() };
        Scorer::new(Artefact::embedded().unwrap(), &[], &options).unwrap()
    }

    fn padded() -> Posting {
        let text = format!("{}\n{LURE}\n{}", DUTIES[..8].join(" "), DUTIES[8..].join(" "));
        Posting::from_text("a", text)
    }

    #[test]
    fn a_lure_among_the_duties_of_an_ordinary_job_is_found_and_shown() {
        let scorer = scorer(true);
        let posting = padded();
        let verdict = scorer.score(&posting);
        assert!(verdict.action >= Action::Review, "{verdict:?}");
        let [passage] = verdict.passage.as_slice() else { panic!("{:?}", verdict.passage) };
        assert!(passage.text.contains("Myawaddy") && passage.text.len() < 600, "{}", passage.text);
        let shown: String =
            posting.get(Field::Description).chars().skip(passage.start).take(passage.end - passage.start).collect();
        assert_eq!(shown, passage.text);
        let terms: f64 = verdict.terms.iter().flatten().map(|t| t.contribution).sum();
        let signals: f64 = verdict.signals.iter().map(|s| s.contribution).sum();
        let sum = verdict.intercept.unwrap() + signals + terms;
        assert!((sum - verdict.logit.unwrap()).abs() < 1e-4, "{sum}");
        assert!(verdict.terms.iter().flatten().any(|t| t.kind == "passage" && t.contribution > 0.0));
    }

    #[test]
    fn the_duties_alone_and_the_lure_alone_are_read_as_a_whole() {
        let scorer = scorer(false);
        for (text, action) in [(DUTIES.join(" "), Action::Clear), (LURE.to_owned(), Action::Block)] {
            let verdict = scorer.score(&Posting::from_text("a", text));
            assert_eq!((verdict.action, verdict.passage), (action, Vec::new()));
        }
    }

    #[test]
    fn what_would_have_to_be_absent_is_so_in_the_passage_too() {
        let scorer = scorer(false);
        let found = scorer.for_clear(&padded()).expect("it is flagged");
        assert!(!found.sets.is_empty());
        for set in found.sets {
            assert!(set.logit < scorer.thresholds().0, "{set:?}");
        }
    }

    #[test]
    fn a_posting_weighs_as_its_strongest_passage_does_by_itself() {
        let scorer = scorer(false);
        let reading = scorer.reader().read(&padded());
        scorer.with_scratch(|scratch| {
            let weighed = scorer.weigh(&reading, scratch);
            let mut logits = Vec::new();
            scorer.each_passage(&reading, &weighed.evidence, scratch, |passage| {
                let stage = &scorer.verdict;
                let logit = stage.contributions(passage.text_logit, passage.ngrams, passage.evidence).logit;
                assert_eq!(Some(passage.logit), spoken_by_passage(logit));
                logits.push(passage.logit);
            });
            assert_eq!(weighed.logit, logits.into_iter().fold(weighed.parts.logit, f64::max));
        });
    }
}
