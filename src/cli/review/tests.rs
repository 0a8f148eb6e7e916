//! The screen, drawn into memory, against golden texts; and what keys do to the store.
//!
//! After a change that is meant: `LURESCAN_UPDATE_GOLDEN=1 cargo test --lib review`, and read the difference.

use std::sync::{Arc, OnceLock};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Modifier;
use tempfile::TempDir;

use super::app::{App, Plan};
use super::{Show, keys, screen};
use crate::campaigns::join::Ties;
use crate::cli::terminal::Look;
use crate::model::artefact::Artefact;
use crate::model::text_stage::SLOTS;
use crate::model::verdict_stage::VerdictWeights;
use crate::posting::{Field, Posting};
use crate::review::decision::Label;
use crate::review::queue::{Item, Queue};
use crate::review::sample::{Frame, Sample};
use crate::review::store::Store;
use crate::score::{ScoreOptions, Scorer};
use crate::signals::Extractor;
use crate::signals::classifiers::Classifiers;
use crate::text::ngram_table::NgramTable;

/// A model without n-grams and classifiers, whose numbers stay when another model ships.
fn scorer() -> Scorer {
    let mut artefact = Artefact::embedded().unwrap();
    artefact.table = NgramTable::build(&[], SLOTS).unwrap();
    let phrases = Extractor::from_compiled(artefact.lexicon).unwrap();
    artefact.lexicon = phrases.compiled_lexicon(&Classifiers::default()).unwrap().into();
    artefact.manifest.name = "test-1".to_owned();
    (artefact.manifest.review, artefact.manifest.block) = (0.0, 1.5);
    artefact.manifest.verdict = VerdictWeights {
        intercept: -1.5,
        text: 1.0,
        signals: [("free_travel", 1.25), ("free_lodging", 0.75), ("chat_contact", 1.0), ("no_experience", 0.25)]
            .map(|(id, weight): (&str, f64)| (id.to_owned(), weight))
            .to_vec(),
        composites: vec![],
        vacancy: None,
    };
    Scorer::new(artefact, &[], &ScoreOptions::default()).unwrap()
}

fn posting(id: &str, title: &str, text: &str) -> Posting {
    let mut posting = Posting::from_text(id, text);
    posting.set(Field::Title, title);
    posting
}

fn postings() -> Vec<Posting> {
    let lure = "Typists for an office abroad. Free flight and free room, no experience needed. Telegram @jobs_demo0";
    let mut places = posting("lure-1", "Typists", lure);
    places.set(Field::Location, "Poipet");
    vec![
        places,
        posting("lure-2", "Typist", &lure.replace("demo0", "demo1")),
        posting(
            "chinese",
            "",
            "招聘打字员，包机票，无经验可，联系 Telegram @jobs_demo2。工作地点在海边的办公楼，统一安排接机，名额有限。",
        ),
        posting("thai", "", "รับสมัครแอดมินตอบแชท ที่พักฟรี ไม่ต้องมีประสบการณ์ สนใจแอดไลน์ @demo_job00"),
        posting(
            "arabic",
            "",
            "مطلوب موظفين خدمة عملاء، السكن مجانا، تذكرة الطيران مجانا، لا يشترط الخبرة، تواصل واتساب. المكتب في مبنى كبير على البحر \
             والدوام من الصباح حتى المساء",
        ),
        posting(
            "\u{1b}[31mred",
            "Clerk\u{1b}[2J",
            "Office clerk\u{202e} for the mornings\u{7}\r\nwith a pension\u{9b}1m",
        ),
        posting(
            "bakery",
            "Baker",
            &"The bakery is looking for a baker for the early shift, with a pension.\n".repeat(30),
        ),
    ]
}

struct Session {
    app: App,
    dir: TempDir,
}

struct Options {
    show: Show,
    colour: bool,
    blind: bool,
    sample: Option<usize>,
}

const PLAIN: Options = Options { show: Show::Undecided, colour: false, blind: false, sample: None };

impl Session {
    fn new(options: &Options) -> Session {
        Session::of("ana", options, TempDir::new().unwrap())
    }

    fn of(moderator: &str, options: &Options, dir: TempDir) -> Session {
        let mut store = Store::open(&dir.path().join("labels.db")).unwrap();
        let scorer = scorer();
        let mut queue = Queue::default();
        for posting in postings() {
            let reading = scorer.reader().read(&posting);
            let ties = Ties::of(scorer.reader(), &posting, &reading);
            queue.push(Item::new(&posting, &scorer.score_reading(&posting, &reading)), ties);
        }
        let mut order = queue.by_probability();
        let mut sample: Option<Sample> = None;
        if let Some(size) = options.sample {
            let texts: Vec<_> = queue.items().iter().map(|i| (&*i.text_hash, i.scored.action)).collect();
            let frame = Frame { texts: &texts, model: scorer.model_name(), thresholds: scorer.thresholds() };
            let drawn = store.sample(moderator, &frame, size, 1).unwrap();
            order = drawn.drawn.iter().map(|d| queue.find(&d.0).unwrap()).collect();
            sample = Some(drawn);
        }
        let groups = Arc::new(OnceLock::from(queue.groups()));
        let plan = Plan {
            moderator: moderator.to_owned(),
            order_name: "by probability",
            show: options.show,
            blind: options.blind,
            look: Look { colour: options.colour, width: 80 },
            sample,
        };
        Session { app: App::new(plan, scorer, store, Arc::new(queue), groups, order).unwrap(), dir }
    }

    fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '\u{8}' => KeyCode::Backspace,
                '→' => KeyCode::Right,
                '←' => KeyCode::Left,
                '↓' => KeyCode::Down,
                '⇟' => KeyCode::End,
                '\t' => KeyCode::Tab,
                c => KeyCode::Char(c),
            };
            keys::press(&mut self.app, KeyEvent::new(code, KeyModifiers::NONE));
        }
    }

    fn drawn(&mut self, columns: u16, lines: u16) -> Terminal<TestBackend> {
        let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
        terminal.draw(|frame| screen::draw(frame, &mut self.app)).unwrap();
        terminal
    }

    /// The screen as text, without blanks at the ends of lines.
    fn screen(&mut self, columns: u16, lines: u16) -> String {
        let terminal = self.drawn(columns, lines);
        let buffer = terminal.backend().buffer();
        let mut out = String::new();
        for y in 0..lines {
            let mut line = String::new();
            let mut x = 0;
            while x < columns {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                x += crate::cli::terminal::width(symbol).max(1) as u16;
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    fn id(&self) -> String {
        self.app.shown.as_ref().map_or("end".to_owned(), |s| s.verdict.id.clone())
    }

    /// What stands in the store: id, label, reason, sampling.
    fn standing(&self) -> Vec<String> {
        let store = Store::open_existing(&self.dir.path().join("labels.db")).unwrap();
        let standing = store.standing().unwrap();
        standing
            .iter()
            .map(|d| {
                let reason = d.reason.map_or("-", |r| r.name());
                format!("{} {} {} {reason} {}", d.moderator, d.posting_id, d.label, d.chosen.sampling)
            })
            .collect()
    }
}

#[track_caller]
fn golden(name: &str, found: &str) {
    let path = format!("{}/tests/golden/review-{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("LURESCAN_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{name} is not as it was");
}

#[test]
fn golden_screens() {
    let mut session = Session::new(&PLAIN);
    golden("first", &session.screen(80, 24));
    session.press("s");
    golden("reason", &session.screen(80, 24));
    session.press("\u{1b}c");
    golden("campaign", &session.screen(80, 24));
    session.press("s1");
    golden("confirm", &session.screen(80, 24));
    session.press("y");
    golden("saved", &session.screen(80, 24));
    session.press("?");
    golden("help", &session.screen(80, 24));
    session.press("\u{1b}/pension\n");
    golden("search", &session.screen(80, 24));
    session.press("f");
    golden("filter", &session.screen(80, 24));
    let mut wide = Session::new(&PLAIN);
    golden("wide", &wide.screen(120, 40));
    let mut blind = Session::new(&Options { blind: true, ..PLAIN });
    golden("blind", &blind.screen(80, 24));
}

#[test]
fn scripts_of_all_kinds_and_hostile_postings_stay_within_the_screen() {
    let mut session = Session::new(&PLAIN);
    for _ in 0..postings().len() {
        for (columns, lines) in [(80, 24), (40, 10), (41, 30), (120, 40), (250, 60), (20, 5), (1, 1)] {
            let screen = session.screen(columns, lines);
            let hostile = |c: char| c != '\n' && crate::cli::terminal::harmless(c) != c;
            assert!(!screen.contains(hostile), "{screen:?}");
            assert!(screen.lines().all(|line| crate::cli::terminal::width(line) <= usize::from(columns)), "{screen}");
        }
        session.press("→");
    }
    for (words, name) in [("打字", "chinese"), ("แอดมิน", "thai"), ("الطيران", "arabic"), ("clerk", "hostile")]
    {
        session.press(&format!("/{}{words}\n", "\u{8}".repeat(20)));
        golden(name, &session.screen(80, 24));
    }
}

#[test]
fn marks_are_coloured_by_family_and_underlined_without_colour() {
    for colour in [true, false] {
        let mut session = Session::new(&Options { colour, ..PLAIN });
        let terminal = session.drawn(80, 24);
        let cells = terminal.backend().buffer().content();
        let underlined: Vec<_> = cells.iter().filter(|c| c.modifier.contains(Modifier::UNDERLINED)).collect();
        assert!(underlined.len() > 10);
        let coloured = |c: &ratatui::buffer::Cell| c.fg != ratatui::style::Color::Reset;
        assert_eq!(underlined.iter().all(|c| coloured(c)), colour);
        assert_eq!(cells.iter().any(coloured), colour);
    }
}

#[test]
fn a_decision_its_reason_its_note_and_its_undoing() {
    let mut session = Session::new(&PLAIN);
    assert_eq!(session.id(), "lure-1");
    session.press("ncalls itself n\u{8}N\ns1");
    assert_eq!(session.standing(), ["ana lure-1 scam compound_lure queue"]);
    assert_eq!(session.id(), "lure-2");
    session.press("h\n");
    assert_eq!(session.standing()[1], "ana lure-2 honest - queue");
    session.press("z");
    assert_eq!((session.standing().len(), session.id()), (1, "lure-2".to_owned()));
    assert!(session.app.note.is_empty(), "a note belongs to one decision");
    session.press("zz");
    assert!(session.standing().is_empty() && session.app.message.contains("nothing to undo"));
    // Keys that are no reason do nothing; Escape takes the decision back before it is made.
    session.press("s9x0");
    assert!(session.standing().is_empty());
    session.press("\u{1b}s\n");
    assert_eq!(session.standing(), ["ana lure-1 scam - queue"]);
    // Going back to it and deciding again is a change of mind.
    session.press("←u1");
    assert_eq!(session.standing(), ["ana lure-1 unsure unreadable queue"]);
}

#[test]
fn a_campaign_is_decided_whole_only_after_asking() {
    let mut session = Session::new(&PLAIN);
    session.press("cs1");
    assert!(session.standing().is_empty());
    session.press("n");
    session.press("s1y");
    let expected = ["ana lure-1 scam compound_lure queue", "ana lure-2 scam compound_lure campaign"];
    assert_eq!(session.standing(), expected);
    session.press("z");
    assert!(session.standing().is_empty());
    assert_eq!((session.id().as_str(), session.app.count), ("lure-1", 0));
}

#[test]
fn a_queue_goes_on_where_it_was_and_others_take_part() {
    let mut ana = Session::new(&PLAIN);
    ana.press("s1 h\n");
    let skipped = "lure-2";
    assert_eq!(ana.standing().len(), 2);
    let mut again = Session::of("ana", &PLAIN, ana.dir);
    assert_eq!(again.id(), skipped, "what was skipped comes again");
    // Ben works on the same store while this session is open, and what he decides is passed over.
    let store = again.dir.path().join("labels.db");
    let mut other = Store::open(&store).unwrap();
    let next = again.app.visible.iter().copied().filter(|&p| !again.app.decided[p]).nth(1).unwrap();
    let item = again.app.queue.items()[next].clone();
    let subject = crate::review::store::Subject { text_hash: &item.text_hash, id: &item.id, record: &item.record };
    let decision = crate::review::decision::Decision {
        label: Label::Scam,
        reason: None,
        note: String::new(),
        scored: item.scored.clone(),
        chosen: crate::review::decision::Chosen::by(crate::review::decision::Sampling::Queue),
    };
    other.add("ben", &[(subject, decision)]).unwrap();
    again.press("s1");
    assert_ne!(again.id(), &*item.id);
    assert!(again.app.message.contains("1 decided by others meanwhile"), "{}", again.app.message);
    let dir = again.dir;
    // For agreement Ben sees what only Ana decided, and not what she said.
    let mut ben = Session::of("ben", &Options { show: Show::NotMine, ..PLAIN }, dir);
    assert_eq!(ben.app.left(), postings().len() - 1);
    assert!(!ben.screen(80, 24).contains("ana says"));
    let mut all = Session::of("eva", &Options { show: Show::All, ..PLAIN }, ben.dir);
    assert!(all.screen(80, 24).contains("[ana says scam]"));
    all.press("q");
    assert!(all.app.has_ended());
}

#[test]
fn filters_and_search_narrow_the_queue() {
    let mut session = Session::new(&PLAIN);
    session.press("/PENSION\n");
    assert_eq!(session.app.visible.len(), 2);
    session.press("\u{1b}");
    assert_eq!(session.app.visible.len(), postings().len());
    session.press("fblock free_t\n");
    assert!(session.app.message.starts_with(&format!("{} of 7", session.app.visible.len())));
    assert_eq!(session.app.filter.signal.as_deref(), Some("free_travel"));
    session.press("f nonsense\n");
    assert!(session.app.message.contains("no action, no language"), "{}", session.app.message);
    session.press("/no such words\n");
    assert!(session.app.message.contains("nothing is like that"));
    let mut thai = Session::new(&PLAIN);
    thai.press("fth\n");
    assert_eq!((thai.app.visible.len(), thai.id().as_str()), (1, "thai"));
}

#[test]
fn members_of_a_random_sample_carry_its_rate() {
    let mut session = Session::new(&Options { sample: Some(6), ..PLAIN });
    session.press("s1h1");
    let store = Store::open_existing(&session.dir.path().join("labels.db")).unwrap();
    let standing = store.standing().unwrap();
    let sample = session.app.plan.sample.as_ref().unwrap();
    for decision in &standing {
        let (number, rate) = decision.chosen.sample.unwrap();
        assert_eq!((number, rate), (sample.number, sample.rate(decision.scored.action)));
        assert!(rate > 0.0 && rate <= 1.0);
    }
    assert_eq!(standing.len(), 2);
}

#[test]
fn the_end_says_what_is_left() {
    let mut session = Session::new(&PLAIN);
    session.press("s1 ");
    session.press(&"h1".repeat(postings().len() - 2));
    assert_eq!(session.id(), "end");
    golden("end", &session.screen(80, 24));
    session.press("g");
    assert_eq!(session.id(), "lure-2");
    session.press("u\n");
    assert!(session.screen(80, 24).contains("All 7 texts are decided."));
}

#[test]
fn long_texts_scroll_and_tab_gives_signals_room() {
    let mut session = Session::new(&PLAIN);
    session.press("/early shift\n");
    let top = session.screen(80, 24);
    assert!(top.contains("more lines ↓"), "{top}");
    session.press("↓↓");
    assert!(session.screen(80, 24).contains("2 lines above ↑"));
    session.press("⇟");
    let end = session.screen(80, 24);
    assert!(end.contains("above ↑ ─") && !end.contains("↓"), "{end}");
    let mut signals = Session::new(&PLAIN);
    let before = signals.screen(80, 12);
    signals.press("\t");
    assert!(signals.screen(80, 12).matches("+").count() >= before.matches("+").count());
}
