//! Running the program, a small model whose numbers stay, and feeds to score.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use assert_cmd::Command;
use lurescan::model::artefact::Artefact;
use lurescan::model::names;
use lurescan::model::text_stage::SLOTS;
use lurescan::model::verdict_stage::VerdictWeights;
use lurescan::signals::Extractor;
use lurescan::signals::classifiers::Classifiers;
use lurescan::text::ngram_table::NgramTable;
use lurescan::text::ngrams::{extend_hash, token_hash};
use serde_json::Value;
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_lurescan");

/// What a run left behind.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// The standard output as a JSON value a line.
    pub fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// The standard output as one JSON value.
    pub fn json_text(&self) -> Value {
        serde_json::from_str(&self.out).expect(&self.out)
    }

    pub fn ids(&self) -> Vec<String> {
        self.json().iter().map(|v| v["id"].as_str().expect("an id").to_owned()).collect()
    }

    #[track_caller]
    pub fn ok(self) -> Run {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// It could not: exit code 2, nothing on stdout, and these words on stderr.
    #[track_caller]
    pub fn fails(&self, words: &[&str]) {
        assert_eq!(self.code, 2, "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in {:?}", self.err);
        }
    }

    /// (records, verdicts, rejects) of the summary; every record is one of the two.
    #[track_caller]
    pub fn counts(&self) -> (u64, u64, u64) {
        let line = self.err.lines().find(|line| line.contains(" = ")).unwrap_or_else(|| panic!("no summary: {self:?}"));
        let numbers: Vec<u64> =
            line.split_whitespace().filter_map(|word| word.replace(',', "").parse().ok()).take(3).collect();
        assert_eq!(numbers[0], numbers[1] + numbers[2], "{line}");
        (numbers[0], numbers[1], numbers[2])
    }
}

/// Runs the program with these arguments and this stdin.
pub fn with_stdin(args: &[&str], stdin: impl Into<Vec<u8>>) -> Run {
    let output = Command::new(BINARY)
        .args(args)
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env("COLUMNS", "100")
        .write_stdin(stdin)
        .output()
        .expect("the program runs");
    Run {
        code: output.status.code().expect("no signal ended it"),
        out: String::from_utf8(output.stdout).expect("output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("errors are UTF-8"),
    }
}

pub fn run(args: &[&str]) -> Run {
    with_stdin(args, "")
}

/// Scores these bytes on stdin as JSON lines.
pub fn score(input: impl Into<Vec<u8>>) -> Run {
    with_stdin(&["score"], input)
}

/// A directory for one test.
pub struct Dir(TempDir);

impl Dir {
    pub fn new() -> Dir {
        Dir(TempDir::new().expect("a temporary directory"))
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("UTF-8").to_owned()
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.0.path().join(name), content).expect("the file is written");
        self.path(name)
    }

    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .expect("the directory is read")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        names.sort();
        names
    }
}

/// Of the small model: weight and n-gram.
pub const NGRAMS: [(f64, &str); 4] = [(0.9, "telegram"), (0.6, "free flight"), (-0.4, "pension"), (0.2, "typists")];

static SMALL: LazyLock<TempDir> = LazyLock::new(|| {
    let dir = TempDir::new().expect("a temporary directory");
    small_model(dir.path());
    dir
});

/// The directory of a model with a handful of weights, and the arguments that choose it and its lexicon.
pub fn small() -> [&'static str; 4] {
    let lexicon = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/lexicon");
    ["--model", SMALL.path().to_str().expect("UTF-8"), "--lexicon", lexicon]
}

pub fn small_dir() -> &'static Path {
    SMALL.path()
}

fn small_model(dir: &Path) {
    let mut model = Artefact::embedded().expect("the model that ships is whole");
    let hash = |name: &str| {
        let mut tokens = name.split(' ').map(token_hash);
        let first = tokens.next().expect("a token");
        tokens.fold(first, extend_hash)
    };
    let entries: Vec<(u64, f64)> = NGRAMS.iter().map(|&(weight, name)| (hash(name), weight)).collect();
    model.table = NgramTable::build(&entries, SLOTS).expect("a few n-grams fit");
    let phrases = Extractor::from_compiled(model.lexicon).expect("its lexicon is whole");
    model.lexicon = phrases.compiled_lexicon(&Classifiers::default()).expect("it compiles").into();
    let names = names::pack(NGRAMS.map(|(_, name)| name).to_vec()).expect("memory takes it");
    model.names = names.into();
    let weight = |(id, weight): (&str, f64)| (id.to_owned(), weight);
    model.manifest.name = "small-1".to_owned();
    model.manifest.prior = 0.05;
    model.manifest.review = 0.0;
    model.manifest.block = 1.5;
    model.manifest.verdict = VerdictWeights {
        intercept: -1.5,
        text: 1.5,
        signals: [
            ("free_travel", 1.25),
            ("free_lodging", 0.75),
            ("desk_role", 0.5),
            ("chat_contact", 1.0),
            ("no_experience", 0.25),
            ("licensed_recruiter", -1.0),
        ]
        .map(weight)
        .to_vec(),
        composites: vec![],
        vacancy: None,
    };
    model.manifest.training = serde_json::json!({"postings": 4, "note": "made by hand for the tests"});
    model.manifest.lexicon = lexicon_hash(&model);
    model.save(dir).expect("the model is written");
}

fn lexicon_hash(model: &Artefact) -> String {
    use lurescan::entities::reading::Reader;
    use lurescan::signals::Extractor;
    use lurescan::text::tokenizer::Tokenizer;
    let reader = Reader::new(Tokenizer::from_json(&model.tokenizer).expect("a tokenizer"));
    let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/lexicon"));
    Extractor::with_lexicons(&reader, &[dir]).expect("the tests' lexicon compiles").lexicon_hash().to_owned()
}

/// Postings with all that makes spans hard: emoji, HTML, disguises, many scripts, several fields.
pub fn hard_postings(count: u64) -> Vec<Value> {
    const PIECES: &[&str] = &[
        "Hiring typists now",
        "free flight and free room",
        "no experience needed",
        "Telegram @jobs_demo0",
        "T.e.l.e.g.r.a.m @jobs_demo1",
        "fr\u{200b}ee fli\u{ad}ght",
        "𝐟𝐫𝐞𝐞 𝐟𝐥𝐢𝐠𝐡𝐭",
        "<p>free&nbsp;<b>flight</b></p>",
        "<ul><li>Free visa</li><li>$3,500 a month</li></ul>",
        "👩‍🚀👨‍👩‍👧‍👦🇰🇭",
        "e\u{301}a\u{308}",
        "招聘打字员，包机票，包食宿，加飞机号",
        "รับสมัครพนักงานคีย์ข้อมูล ตั๋วเครื่องบินฟรี",
        "Tuyển nhân viên, bao vé máy bay, Zalo 0900000000",
        "Нужен оператор чата, билет за счёт фирмы",
        "&lt;b&gt; not bold &amp; free meals",
        "wh@tsapp +855 00 000 000",
        "\u{202e}thgilf eerf\u{202c}",
        "licence number 4711",
        "\n\n",
        "tele\u{fe0f}gram",
        "frее flight with Cyrillic letters",
        "work in Myawaddy, pick-up at the airport in Bangkok",
        "\u{feff}data entry\u{1f}",
    ];
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut next = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n as u64) as usize
    };
    let mut text = |most: usize| {
        let pieces = 1 + next(most);
        (0..pieces).map(|_| PIECES[next(PIECES.len())]).collect::<Vec<_>>().join(" ")
    };
    (0..count)
        .map(|i| {
            let (title, salary, description) = (text(2), text(1), text(12));
            serde_json::json!({"id": format!("p{i}"), "title": title, "salary": salary, "description": description, "kept": i})
        })
        .collect()
}

pub fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}
