//! How often scoring allocates once it is warm: a scorer keeps the room that it works in, so what is left is the verdict
//! itself and what undoes HTML and disguises.

use std::path::PathBuf;

use allocation_counter::measure;
use lurescan::posting::{Field, Posting};
use lurescan::score::Scorer;
use lurescan::signals::catalogue::Catalogue;
use lurescan::train::marked;

/// Postings of the families that training may see.
fn corpus() -> Vec<Posting> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("datasets/lures/marked");
    let parsed = marked::read(&[dir], &Catalogue::embedded()).expect("the corpus ships");
    parsed.postings.into_iter().filter(|m| m.split == marked::Split::Train).map(|m| m.posting).take(300).collect()
}

fn plain() -> Posting {
    let mut posting = Posting::from_text(
        "1",
        "We run a bakery with four shops and look for a baker who likes the early shift. You knead, shape and bake our \
         breads, keep the bench clean and train the apprentices. The shift begins at four, five days a week, and every \
         second Sunday is free. There is breakfast for all, a locker room and a place for your bicycle.",
    );
    posting.set(Field::Title, "Baker for the early shift");
    posting
}

/// Allocations while `work` runs.
fn count(work: impl FnOnce()) -> u64 {
    measure(work).count_total
}

#[test]
fn a_plain_posting_is_judged_with_next_to_no_allocation() {
    let scorer = Scorer::embedded().expect("the model that ships verifies");
    let posting = plain();
    for _ in 0..3 {
        scorer.judge(&posting);
        scorer.score(&posting);
    }
    let judged = count(|| assert!(scorer.judge(&posting).0.is_finite()));
    let scored = count(|| drop(scorer.score(&posting)));
    println!("a plain posting: {judged} allocations to judge, {scored} with the verdict");
    assert!(judged <= 16, "{judged}");
    assert!(scored <= judged + 24, "{scored}");
}

#[test]
fn warm_scoring_allocates_by_the_posting_and_not_by_the_word() {
    let scorer = Scorer::embedded().expect("the model that ships verifies");
    let postings = corpus();
    assert!(postings.len() == 300);
    let all = |work: &dyn Fn(&Posting)| count(|| postings.iter().for_each(work)) as f64 / postings.len() as f64;
    for posting in &postings {
        scorer.judge(posting);
    }
    let judged = all(&|posting| assert!(scorer.judge(posting).0.is_finite()));
    let scored = all(&|posting| drop(scorer.score(posting)));
    println!("the corpus: {judged:.1} allocations a posting to judge, {scored:.1} with the verdict");
    assert!(judged <= 80.0, "{judged}");
    assert!(scored <= 130.0, "{scored}");
    // Eight times the text shows eight times the evidence: only the lists of it grow.
    let (once, mut eightfold) = (plain(), plain());
    let text = once.get(Field::Description).to_owned();
    eightfold.set(Field::Description, format!("{text} {text} {text} {text} {text} {text} {text} {text}"));
    scorer.judge(&eightfold);
    let judging = |posting: &Posting| count(|| assert!(scorer.judge(posting).0.is_finite()));
    let (short, long) = (judging(&once), judging(&eightfold));
    assert!(long <= 3 * short, "{short}, {long}");
}
