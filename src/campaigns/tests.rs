use std::sync::LazyLock;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::seq::SliceRandom;

use super::*;
use crate::posting::{Field, Posting};
use crate::score::Scorer;

static SCORER: LazyLock<Scorer> = LazyLock::new(|| Scorer::embedded().expect("the model that ships is whole"));

const LURE: &str = "Hiring customer service agents for our office. Free flight and free accommodation, no experience \
    needed, two meals a day and a bonus every month. Message our manager today because places are few.";
const BAKERY: &str = "The bakery on the market square is looking for a shop assistant for the mornings, with a pension, \
    thirty days of holiday and a discount on bread. Please send your CV by post to the owner.";

fn posting(id: &str, text: &str) -> Posting {
    Posting::from_text(id, text)
}

fn campaigns(postings: &[Posting]) -> Vec<Campaign> {
    let mut collector = Collector::default();
    postings.iter().for_each(|p| collector.add(Facts::of(&SCORER, p)));
    collector.finish(&SCORER)
}

fn members(campaigns: &[Campaign]) -> Vec<&[String]> {
    campaigns.iter().map(|c| c.members.as_slice()).collect()
}

#[test]
fn copies_and_shared_contacts_make_campaigns() {
    let postings = [
        posting("a", &format!("{LURE} Pay $900, Bangkok. Telegram @demo_hr00")),
        posting("b", &format!("🔥{LURE} Pay $1,500, Manila! Telegram @demo_hr11")),
        posting("c", "Typists wanted at once for a new company, good pay, write to Telegram @demo_hr11 now"),
        posting("d", BAKERY),
        posting("e", "short"),
    ];
    let found = campaigns(&postings);
    assert_eq!(members(&found), [["a", "b", "c"]]);
    let campaign = &found[0];
    assert_eq!(campaign.size, 3);
    assert_eq!(campaign.languages, [("en", 3)]);
    assert_eq!(campaign.contacts[0].value, "demo_hr11");
    assert_eq!((campaign.contacts[0].postings, campaign.contacts[0].joins), (2, true));
    assert!(campaign.places.iter().any(|p| p.name == "Bangkok" && p.country == "TH" && p.postings == 1));
    assert!(campaign.signals.iter().any(|s| s == &("free_travel".to_owned(), 2)));
    assert!(["a", "b"].contains(&campaign.representative.id.as_str()));
    let mut by_text = Collector::by_text_alone();
    postings.iter().for_each(|p| by_text.add(Facts::of(&SCORER, p)));
    assert_eq!(members(&by_text.finish(&SCORER)), [["a", "b"]]);
}

#[test]
fn times_span_from_first_to_last() {
    let mut postings = ["a", "b", "c"].map(|id| posting(id, LURE));
    postings[0].set(Field::PostedAt, "2026-03-04");
    postings[1].set(Field::PostedAt, "long ago");
    postings[2].set(Field::PostedAt, "2026-02-01T12:00:00+07:00");
    let campaign = campaigns(&postings).remove(0);
    let text = |time: Option<jiff::Timestamp>| time.map(|t| t.to_string()).unwrap_or_default();
    assert_eq!(text(campaign.first_seen), "2026-02-01T05:00:00Z");
    assert_eq!(text(campaign.last_seen), "2026-03-04T00:00:00Z");
}

/// Texts of which no two are alike.
fn different(n: usize, contact: &str) -> String {
    let word = |i: usize| {
        let digit = |d: usize| char::from(b'a' + (d % 20) as u8);
        let x = (n * 31 + i * 7919) % 8000;
        [digit(x), digit(x / 20), digit(x / 400), digit(n), digit(n / 20)].iter().collect::<String>()
    };
    format!("{} {contact}", (0..12).map(word).collect::<Vec<_>>().join(" "))
}

#[test]
fn a_portals_hotline_joins_nobody() {
    let feed = |employers: usize, named: bool| -> Vec<Posting> {
        (0..30)
            .map(|n| {
                let mut posting = posting(&format!("p{n:02}"), &different(n, "call +855 00 123 456"));
                if named {
                    posting.set(Field::Company, format!("Employer {}", n % employers));
                }
                posting
            })
            .collect()
    };
    assert_eq!(campaigns(&feed(30, true)).len(), 0, "thirty employers have one number in common");
    assert_eq!(campaigns(&feed(30, false)).len(), 0, "as many different texts name no employer");
    let cloned = campaigns(&feed(20, true));
    assert_eq!(cloned.len(), 1, "twenty employers may be cloned by one hand");
    assert_eq!(cloned[0].size, 30);
}

#[test]
fn the_same_campaign_has_the_same_id_in_another_feed() {
    let copies = |days: std::ops::Range<usize>| -> Vec<Posting> {
        let words: Vec<&str> = LURE.split(' ').collect();
        days.map(|day| {
            let changed = words.iter().enumerate().map(|(i, w)| if i % 37 == day % 37 { "indeed" } else { w });
            posting(&format!("day-{day}"), &changed.collect::<Vec<_>>().join(" "))
        })
        .collect()
    };
    let (today, tomorrow) = (campaigns(&copies(0..8)), campaigns(&copies(11..30)));
    assert_eq!((today.len(), tomorrow.len()), (1, 1));
    assert_eq!(today[0].id, tomorrow[0].id);
    assert_ne!(today[0].id, campaigns(&[posting("x", BAKERY), posting("y", BAKERY)])[0].id);
}

#[test]
fn stix_says_what_the_campaign_says() {
    let found = campaigns(&[
        posting("a", &format!("{LURE} Telegram @demo_hr00, see www.corp.example")),
        posting("b", &format!("{LURE} Telegram @demo_hr00")),
    ]);
    let now = jiff::Timestamp::from_second(1_772_600_767).unwrap();
    let bundle = stix::bundle(&found, now);
    let of = |kind: &str| {
        let all = bundle["objects"].as_array().unwrap();
        all.iter().filter(|o| o["type"] == kind).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of("campaign").len(), 1);
    assert_eq!(of("campaign")[0]["modified"], "2026-03-04T05:06:07.000Z");
    assert_eq!(of("observed-data")[0]["number_observed"], 2);
    assert_eq!((of("user-account").len(), of("domain-name").len()), (1, 1));
    assert_eq!(of("relationship").len(), 2);
    assert_eq!(
        of("indicator")[0]["pattern"],
        "[user-account:account_type = 'telegram' AND user-account:user_id = 'demo_hr00']"
    );
    assert_eq!(bundle, stix::bundle(&found, now));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_order_of_the_feed_changes_nothing(
        picks in prop::collection::vec((0usize..6, 0usize..4, 0usize..3, any::<bool>()), 2..30), seed in 0u64..1_000,
    ) {
        let postings: Vec<Posting> = picks
            .iter()
            .enumerate()
            .map(|(n, &(text, contact, emoji, repeated))| {
                let contact = ["", "Telegram @demo_hr00", "call +855 00 123 456", "write to demo00@gmail.com"][contact];
                let text = match text {
                    0 => LURE.to_owned(),
                    1 => LURE.replace("two meals", "three meals"),
                    2 => BAKERY.to_owned(),
                    3 => "see our site".to_owned(),
                    n => different(n, ""),
                };
                let id = if repeated { "same".to_owned() } else { format!("p{n}") };
                posting(&id, &format!("{}{text} {contact}", ["", "🔥", "✅ "][emoji]))
            })
            .collect();
        let mut shuffled = postings.clone();
        shuffled.shuffle(&mut rand_chacha::ChaCha8Rng::seed_from_u64(seed));
        prop_assert_eq!(campaigns(&postings), campaigns(&shuffled));
    }

    #[test]
    fn a_copy_with_other_digits_always_joins(
        words in prop::collection::vec("[a-z]{2,9}|[0-9]{1,6}|\\$[0-9]{3,5}|\\+855 00 [0-9]{3} [0-9]{3}|[a-z]{3}[0-9]{2}", 16..60),
        shift in 1u32..9,
    ) {
        let text = words.join(" ");
        prop_assume!(words.iter().filter(|w| w.chars().all(|c| c.is_ascii_lowercase())).count() > 8);
        let other: String =
            text.chars().map(|c| c.to_digit(10).and_then(|d| char::from_digit((d + shift) % 10, 10)).unwrap_or(c)).collect();
        let found = campaigns(&[posting("a", &text), posting("b", &other)]);
        prop_assert_eq!(members(&found), [["a", "b"]]);
    }
}
