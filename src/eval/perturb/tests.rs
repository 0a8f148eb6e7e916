use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::eval::compare::Side;
use crate::verdict::Action;

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Disguises of words, which leave short words, addresses and tags alone.
fn disguises() -> impl Iterator<Item = Perturbation> {
    Perturbation::ALL.into_iter().take_while(|&p| p != Perturbation::Homophone)
}

#[test]
fn every_disguise_changes_latin_words() {
    let text = "Massive earnings available, please message recruiters immediately about positions";
    for how in disguises() {
        let other = how.disguise(text, &mut rng(1));
        assert_ne!(other, text, "{}", how.name());
    }
    assert_eq!(Perturbation::UpperCase.disguise("Big pay", &mut rng(1)), "BIG PAY");
    assert!(Perturbation::Emoji.disguise(&"so ".repeat(99), &mut rng(1)).contains('🔥'));
}

#[test]
fn about_half_of_the_words_are_disguised() {
    let text = "letters ".repeat(1000);
    let spaced = Perturbation::Dotted.disguise(&text, &mut rng(7));
    let disguised = spaced.split(' ').filter(|word| *word == "l.e.t.t.e.r.s").count();
    assert!((450..550).contains(&disguised), "{disguised}");
    assert_eq!(spaced.split(' ').filter(|word| *word == "letters").count(), 1000 - disguised);
}

#[test]
fn short_words_addresses_and_tags_stay() {
    let text =
        "<p class=\"wide\">Go to www.jobs.example.com or mail@example.com, @handle_one, or 555-0100 &nbsp; now</p>";
    for how in disguises() {
        for seed in 0..20 {
            assert_eq!(how.disguise(text, &mut rng(seed)), text, "{}", how.name());
        }
    }
}

#[test]
fn scripts_without_spaces_are_disguised_between_characters() {
    let text = "招聘客服人员包吃住工资高";
    let parted = Perturbation::ZeroWidth.disguise(text, &mut rng(3));
    assert_ne!(parted, text);
    assert_eq!(parted.replace(['\u{200b}', '\u{2060}', '\u{feff}'], ""), text);
    for how in [Perturbation::FullWidth, Perturbation::AlternatingCase, Perturbation::Leet, Perturbation::StackedMarks]
    {
        assert_eq!(how.disguise(text, &mut rng(3)), text, "{}", how.name());
    }
}

#[test]
fn contact_words_become_homophones() {
    assert!(!Perturbation::Homophone.disguise("请加微信", &mut rng(1)).contains("加微信"));
    assert_eq!(
        Perturbation::Homophone.disguise("telegramer, a@telegram.com", &mut rng(1)),
        "telegramer, a@telegram.com"
    );
}

#[test]
fn padding_is_200_words_of_donors_and_exculpation_of_the_language() {
    let posting = Posting::from_text("a", "Text.");
    let donors = [Posting::from_text("b", "one two ".repeat(60)), Posting::from_text("c", "three ".repeat(900))];
    let padded = Perturbation::Padding.apply(&posting, Language::En, donors.iter(), &mut rng(1));
    let added = padded.get(Field::Description).strip_prefix("Text.\n").expect("the posting comes first");
    assert_eq!(added.split(' ').count(), 200);
    assert_eq!(added.split(' ').filter(|w| *w == "three").count(), 80);
    let han = [Posting::from_text("d", "招聘".repeat(900))];
    let padded = Perturbation::Padding.apply(&posting, Language::ZhHans, han.iter(), &mut rng(1));
    assert_eq!(padded.get(Field::Description).chars().count(), 6 + 400);
    for (language, word) in [(Language::Es, "estafas"), (Language::Ko, "사기"), (Language::Km, "scams")] {
        let posting = Perturbation::Exculpatory.apply(&posting, language, std::iter::empty(), &mut rng(1));
        assert!(posting.get(Field::Description).contains(word), "{language:?}");
    }
}

#[test]
fn a_model_that_reads_capitals_only_loses_what_is_put_in_capitals() {
    let posting = |id: &str, text: &str| Posting::from_text(id, text);
    let postings = [posting("a", "easy money"), posting("b", "HONEST"), posting("c", "easy")];
    let case = |i: usize, label: bool, domain: usize| Case {
        posting: &postings[i],
        label,
        weight: 1.0,
        domain,
        language: Language::En,
    };
    let cases = [case(0, true, 0), case(1, false, 0), case(2, true, 1)];
    let score = |p: &Posting| match p.get(Field::Description).contains("easy") {
        true => Side { logit: 2.0, action: Action::Review },
        false => Side { logit: -1.0, action: Action::Clear },
    };
    let rows = measure(&cases, 2, &[Perturbation::UpperCase], 1, score);
    let [first, second] = &rows[0].domains[..] else { panic!("{rows:?}") };
    assert_eq!((first.postings, first.changed, first.points_lost()), (2, 1, Some(100.0)));
    assert_eq!((first.before.roc_auc, first.after.roc_auc), (Some(1.0), Some(0.5)));
    assert_eq!((first.scam_change(), first.honest_change()), (Some(-3.0), Some(0.0)));
    assert_eq!((second.before.recall, second.after.recall, second.after.honest_flagged), (Some(1.0), Some(0.0), None));
}

proptest! {
    #[test]
    fn one_seed_gives_one_posting_and_nothing_but_text_changes(
        title in "\\PC{0,40}",
        text in "(\\PC{0,8}|[a-zA-Zа-яก-ฮ招聘微信]{1,12}|[ \n<>/@.&]){0,30}",
        seed in any::<u64>(),
        label in any::<Option<bool>>(),
    ) {
        let mut posting = Posting::from_text("the id", text);
        posting.set(Field::Title, title);
        posting.set(Field::Source, "some source");
        posting.set(Field::Url, "https://jobs.example.com/massive-earnings");
        posting.label = label;
        let donor = Posting::from_text("donor", "honest words of another");
        for how in Perturbation::ALL {
            let apply = || how.apply(&posting, Language::En, [&donor].into_iter(), &mut rng(seed));
            let perturbed = apply();
            prop_assert_eq!(&perturbed, &apply());
            prop_assert_eq!((&perturbed.id, perturbed.label), (&posting.id, posting.label));
            for field in Field::ALL.into_iter().filter(|field| !Field::READ.contains(field)) {
                prop_assert_eq!(perturbed.get(field), posting.get(field));
            }
        }
    }
}
