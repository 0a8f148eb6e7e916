use super::*;
use crate::posting::{Field, Posting};
use crate::text::tokenizer::Tokenizer;

fn house() -> (Reader, Extractor) {
    let reader = Reader::new(Tokenizer::default());
    let extractor = Extractor::embedded(&reader);
    (reader, extractor)
}

/// The signals of a text with their strengths and words.
fn signals(text: &str) -> Vec<(String, f64, Vec<String>)> {
    thread_local!(static HOUSE: (Reader, Extractor) = house());
    HOUSE.with(|(reader, extractor)| {
        let posting = Posting::from_text("t", text);
        let evidence = extractor.extract(reader, &reader.read(&posting), &mut Scratch::default());
        extractor
            .catalogue()
            .signals()
            .iter()
            .zip(&evidence.strengths)
            .zip(&evidence.spans)
            .filter(|((_, s), _)| **s > 0.0)
            .map(|((d, s), spans)| (d.id.clone(), *s, spans.iter().map(|s| text[s.range.clone()].to_owned()).collect()))
            .collect()
    })
}

fn ids(text: &str) -> Vec<String> {
    signals(text).into_iter().map(|s| s.0).collect()
}

/// The strength of a signal in a posting of these fields.
fn strength(id: &str, fields: &[(Field, &str)]) -> f64 {
    let (reader, extractor) = house();
    let mut posting = Posting::from_text("t", "");
    fields.iter().for_each(|(field, text)| posting.set(*field, *text));
    let evidence = extractor.extract(&reader, &reader.read(&posting), &mut Scratch::default());
    evidence.strengths[extractor.catalogue().find(id).unwrap().0 as usize]
}

#[test]
fn every_example_fires_its_signal_and_no_counter_example_does() {
    let (_, extractor) = house();
    let mut misses = Vec::new();
    for signal in extractor.catalogue().signals() {
        if !ids(&signal.example).contains(&signal.id) {
            misses.push(format!("{} does not fire on {:?}: {:?}", signal.id, signal.example, ids(&signal.example)));
        }
        if ids(&signal.counter_example).contains(&signal.id) {
            misses.push(format!("{} fires on {:?}", signal.id, signal.counter_example));
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn a_plain_compound_lure_shows_what_it_says() {
    let text = "URGENT! Customer service agents for our office in Cambodia. $3,000 a month, no experience needed. \
                Free flight and accommodation. Contact on Telegram @hr_lucky00";
    let found = signals(text);
    let words = |id: &str| found.iter().find(|s| s.0 == id).map(|s| s.2.join("|")).unwrap_or_default();
    assert_eq!(words("urgent_hiring"), "URGENT");
    assert!(words("desk_role").starts_with("Customer service"));
    assert_eq!(words("high_pay"), "$3,000");
    assert!(words("no_experience").starts_with("no experience"));
    assert!(words("free_travel").contains("Free flight"));
    assert!(words("free_lodging").contains("accommodation"));
    assert!(words("chat_contact").contains("@hr_lucky00"));
    assert_eq!(words("relocation_abroad"), "Cambodia");
    assert!(!found.iter().any(|s| s.0 == "warning_context" || s.0 == "upfront_fee"));
}

#[test]
fn negation_takes_away_and_contrast_ends_it() {
    assert!(!ids("There is no placement fee.").contains(&"upfront_fee".into()));
    assert!(!ids("We never ask candidates for a registration fee.").contains(&"upfront_fee".into()));
    assert!(ids("No interview, but a registration fee of $50 applies.").contains(&"upfront_fee".into()));
    assert!(ids("No experience, free ticket.").contains(&"free_travel".into()));
    assert!(ids("No experience. A training fee of $50 is required.").contains(&"upfront_fee".into()));
}

#[test]
fn a_warning_is_told_from_a_protest() {
    for warning in [
        "Is this job a scam? They offered me a free flight to Cambodia and $3000 a month.",
        "The embassy warns citizens of fake job offers in Thailand with free accommodation.",
        "My cousin was trafficked to Myawaddy after answering an ad like this. Stay safe everyone.",
    ] {
        let found = signals(warning);
        assert!(found.iter().any(|s| s.0 == "warning_context" && s.1 >= 0.5), "{warning}: {found:?}");
    }
    let protest = "We are hiring! Beware of scammers, we are genuine. WhatsApp me now, 100% legit, free flight.";
    assert!(ids(protest).contains(&"scam_denial".into()));
    assert!(!ids(protest).contains(&"warning_context".into()));
}

#[test]
fn a_place_is_told_by_what_it_is_spoken_of_as() {
    let abroad = |text: &str| {
        let found = signals(text);
        found.iter().find(|s| s.0 == "relocation_abroad").map(|s| s.2.join("|")).unwrap_or_default()
    };
    let lure =
        "We hire people from Kenya, Uganda and Nigeria to work in Bangkok, Thailand. Free flight, passport needed.";
    assert_eq!(abroad(lure), "Bangkok, Thailand");
    assert_eq!(
        abroad("Waiters for our Thai restaurant in Nairobi, KSh 30,000 a month. Come to the interview in Nairobi."),
        ""
    );
    assert_eq!(abroad("Tuyển phục vụ ở Sài Gòn, biết tiếng Nhật là lợi thế, lương 8 triệu."), "");
    assert_eq!(abroad("Tuyển nhân viên làm việc tại Campuchia, bao vé máy bay, cần hộ chiếu."), "Campuchia");
}

#[test]
fn a_title_that_names_a_trade_leaves_no_other_role_to_the_text() {
    let desk = |title: &str, text: &str| strength("desk_role", &[(Field::Title, title), (Field::Description, text)]);
    let text = "You cook, train helpers and do data entry of the stock. Customer service matters to us.";
    assert_eq!(desk("Chef", text), 0.0);
    let clerks = desk("Urgent hiring!", "Data entry clerks wanted in our office, full time.");
    assert!(clerks > 0.0 && clerks < 0.5, "{clerks}");
}

#[test]
fn guests_from_elsewhere_do_not_move_a_workplace_at_home() {
    let text = "รับพนักงานต้อนรับ ดูแลแขกชาวรัสเซีย มีวีซ่า เงินเดือน 15,000 บาท";
    let abroad = |place: &str| strength("relocation_abroad", &[(Field::Location, place), (Field::Description, text)]);
    assert_eq!(abroad("ภูเก็ต"), 0.0);
    assert!(abroad("พนมเปญ") > 0.0);
}

#[test]
fn many_places_and_exceptions_cost_linear_time() {
    for piece in ["from Kenya to Thailand, ", "free service pick up site Kenya ", "visa, passport, Kenya. "] {
        signals(&piece.repeat(20_000));
    }
}

#[test]
fn an_ordinary_ad_stays_quiet() {
    let text = "Accountant (m/w/d) for our head office in Munich. You close the books, file VAT returns and report to the CFO. \
                Five years of practice, degree in business. Salary EUR 58,000 a year. Apply at careers.firma.example.";
    let found = ids(text);
    for id in ["high_pay", "relocation_abroad", "free_travel", "chat_contact", "desk_role", "vague_role", "upfront_fee"]
    {
        assert!(!found.contains(&id.into()), "{id} in {found:?}");
    }
    assert!(found.contains(&"named_contact_channel".into()));
}

#[test]
fn spans_point_into_the_field_through_html_and_disguise() {
    let found = signals("<p>Free <b>fli</b>ght &amp; visa</p> chat on te1egr@m");
    let words = |id: &str| found.iter().find(|s| s.0 == id).map(|s| s.2.join("|")).unwrap_or_default();
    assert!(words("free_travel").contains("Free <b>fli</b>ght"), "{found:?}");
    assert_eq!(words("obfuscated_text"), "te1egr@m");
    assert!(words("chat_contact").contains("te1egr@m"));
}

#[test]
fn the_shipped_model_was_trained_with_the_lexicons_that_ship() {
    let (_, extractor) = house();
    let artefact = crate::model::artefact::Artefact::load(std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/models/default"
    )))
    .expect("the model that ships verifies");
    assert_eq!(artefact.manifest.lexicon, extractor.lexicon_hash(), "train models/default again");
    let shipped = Extractor::from_compiled(artefact.lexicon.clone()).unwrap();
    let again = extractor.compiled_lexicon(shipped.classifiers()).unwrap();
    assert_eq!(*artefact.lexicon, again, "train models/default again");
}

#[test]
fn other_jobs_that_a_page_lists_are_not_this_one() {
    let ad = "Pastry cook for our bakery in Leeds, early shifts.\n\nSimilar jobs\nData entry clerk, no experience needed\n\
              Chat moderators, relocate to Cambodia, urgent\nPay a 200 pound processing fee to apply";
    let found = ids(ad);
    for id in ["desk_role", "no_experience", "relocation_abroad", "urgent_hiring"] {
        assert!(!found.contains(&id.to_owned()), "{id}: {found:?}");
    }
    assert!(found.contains(&"upfront_fee".to_owned()), "a headline hides nothing that matters: {found:?}");
    let no_headline = "Data entry clerks, no experience needed; who has done similar jobs is welcome";
    assert!(ids(no_headline).contains(&"desk_role".to_owned()));
    assert!(!ids("猜你喜欢\n打字员，无需经验").contains(&"desk_role".to_owned()));
}

#[test]
fn what_stands_on_the_next_line_does_not_make_a_place_a_clientele() {
    let fires = |text: &str| ids(text).iter().any(|id| id == "relocation_abroad");
    assert!(fires("LOWONGAN KERJA KAMBOJA\nCustomer service, gaji 12-20 juta, mess dan makan ditanggung"));
    assert!(!fires("Toko kami di Bandung. Melayani Kamboja customer service, gaji UMR"));
}

#[test]
fn a_foreign_country_that_a_few_lines_name_is_where_the_work_is() {
    let abroad = |text: &str| ids(text).iter().any(|id| id == "relocation_abroad");
    let line = "Laos, libre ang dorm at pagkain, PM lang po, typist";
    assert!(abroad(line));
    let more = "Naghahanap ang aming kumpanya ng mga empleyado para sa opisina, may kontrata at seguro. ".repeat(8);
    assert!(!abroad(&format!("{line}. {more}")), "long ads name countries for other reasons");
    assert!(!abroad("Pasig, libre ang dorm at pagkain, PM lang po, typist"), "a city at home");
    // Who reads English nobody knows: then something must say that one travels.
    assert!(abroad("Typist needed in Laos, 1000 usd, free ticket, whatsapp"));
    assert!(!abroad("Typist for our Laos and France desk, 1000 usd, whatsapp"));
}
