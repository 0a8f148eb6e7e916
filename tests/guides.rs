//! The guides of docs/guide: every command in them is run, in order, with the samples they speak of.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::terminal::Terminal;
use crate::util::{BINARY, Dir, run};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What stands above a command that fills the screen: the keys that are pressed in the test.
const KEYS: &str = "# keys: ";

/// Part of a guide.
#[derive(Debug, PartialEq)]
enum Step {
    /// Commands for a shell.
    Shell(String),
    /// `lurescan` with these arguments on a full screen, and keys for it.
    Screen { args: Vec<String>, keys: Vec<String> },
}

/// The commands of the `sh` blocks.
fn steps(guide: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = guide.lines();
    while lines.by_ref().any(|line| line == "```sh") {
        let mut script = String::new();
        let mut keys: Option<Vec<String>> = None;
        for line in lines.by_ref().take_while(|line| *line != "```") {
            if let Some(told) = line.strip_prefix(KEYS) {
                keys = Some(told.split_whitespace().map(str::to_owned).collect());
            } else if let Some(keys) = keys.take() {
                let mut args = line.split_whitespace().map(str::to_owned);
                assert_eq!(args.next().as_deref(), Some("lurescan"), "keys are for lurescan: {line}");
                if !script.trim().is_empty() {
                    steps.push(Step::Shell(std::mem::take(&mut script)));
                }
                steps.push(Step::Screen { args: args.collect(), keys });
            } else {
                script.push_str(line);
                script.push('\n');
            }
        }
        assert!(keys.is_none(), "keys without a command: {script}");
        if !script.trim().is_empty() {
            steps.push(Step::Shell(script));
        }
    }
    steps
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory is made");
    for entry in fs::read_dir(from).expect("a directory") {
        let path = entry.expect("an entry").path();
        let copied = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, copied).expect("the file is copied");
        }
    }
}

/// Runs commands as a reader would paste them; the first that fails ends them.
fn shell(dir: &Path, script: &str) {
    let mut paths = vec![PathBuf::from(BINARY).parent().expect("a directory").to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let output = Command::new("sh")
        .args(["-euc", script])
        .current_dir(dir)
        .env("PATH", std::env::join_paths(paths).expect("a path"))
        .env("LURESCAN_MODERATOR", "nobody")
        .stdin(Stdio::null())
        .output()
        .expect("a shell runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("error:"), "{script}\n{said}");
}

/// Decides on a full screen as the keys say; each decision is waited for.
fn screen(dir: &Path, args: &[String], keys: &[String]) {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut terminal = Terminal::start_in(dir, &args, 100, 30);
    terminal.wait_for(" 0 decided");
    let mut decided = 0;
    for key in keys {
        terminal.press(key);
        if key == "q" {
            continue;
        }
        assert!(key.starts_with(['s', 'h', 'u']), "{key:?} decides nothing");
        decided += 1;
        terminal.wait_for(&format!(" {decided} decided"));
    }
    assert_eq!(terminal.code(), 0, "{}", terminal.screen());
}

/// Runs a guide from its first command to its last.
fn run_guide(name: &str, least: usize) {
    let guide = fs::read_to_string(Path::new(ROOT).join("docs/guide").join(name)).expect(name);
    let dir = Dir::new();
    let place = PathBuf::from(dir.path("datasets"));
    copy(&Path::new(ROOT).join("datasets"), &place);
    let here = place.parent().expect("a directory");
    let steps = steps(&guide);
    let commands = guide.lines().filter(|line| line.trim_start().starts_with("lurescan ")).count();
    assert!(commands >= least, "{name}: {commands} commands were found");
    assert!(!guide.contains("\n    lurescan"), "{name}: a command outside of a block is not run");
    for step in &steps {
        match step {
            Step::Shell(script) => shell(here, script),
            Step::Screen { args, keys } => screen(here, args, keys),
        }
    }
}

#[test]
fn blocks_are_parted_at_full_screens() {
    let guide = "Text\n```sh\na\n# keys: s1 q\nlurescan review x\nb\n```\n\n```json\nno\n```\n```sh\nc\n```\n";
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let shell = |text: &str| Step::Shell(text.to_owned());
    let screen = Step::Screen { args: words("review x"), keys: words("s1 q") };
    assert_eq!(steps(guide), [shell("a\n"), screen, shell("b\n"), shell("c\n")]);
}

#[test]
fn the_guide_for_feed_engineers() {
    run_guide("feed-engineer.md", 8);
}

#[test]
fn the_guide_for_moderators() {
    run_guide("moderator.md", 8);
}

#[test]
fn the_guide_for_analysts() {
    run_guide("analyst.md", 10);
}

#[test]
fn the_commands_for_the_samples() {
    let readme = fs::read_to_string(Path::new(ROOT).join("datasets/samples/README.md")).expect("it ships");
    let commands: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("    lurescan ")).collect();
    assert_eq!(commands.len(), 2);
    for command in commands {
        let args: Vec<&str> = command.split_whitespace().collect();
        let out = run(&args).ok().out;
        // A record that is taken for prose is explained too, with its braces.
        assert!(args[0] != "explain" || out.contains("title") && !out.contains("{\"id\""), "{command}\n{out}");
    }
}
