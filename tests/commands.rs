//! The small commands, and help.

use crate::util::run;

#[test]
fn the_catalogue() {
    let json = run(&["signals", "--json"]).ok();
    let signals: Vec<serde_json::Value> = serde_json::from_str(&json.out).unwrap();
    let page = run(&["signals"]).ok().out;
    for signal in &signals {
        let id = signal["id"].as_str().unwrap();
        assert!(page.contains(&format!("  {id} ")), "{id}");
        for key in ["family", "kind", "fires_when", "not_when", "example", "counter_example"] {
            assert!(signal[key].as_str().is_some_and(|text| !text.is_empty()), "{id}: {key}");
        }
    }
    assert!(signals.iter().any(|signal| signal["id"] == "hotspot_place"));
    assert!(page.ends_with("not what the posting is.\n"));
}

#[test]
fn the_version_names_the_model() {
    let out = run(&["--version"]).ok().out;
    let expected = format!("lurescan {} (model ", env!("CARGO_PKG_VERSION"));
    assert!(out.starts_with(&expected) && out.ends_with(")\n"), "{out}");
    let name = out.trim_end().trim_end_matches(')').rsplit(' ').next().unwrap().to_owned();
    assert_eq!(
        run(&["score", "--text", "free flight"]).ok().json()[0]["model"].as_str().unwrap().split('+').next(),
        Some(name.as_str())
    );
}

#[test]
fn help_and_manuals() {
    for args in
        [&["--help"][..], &["score", "--help"], &["explain", "-h"], &["model", "--help"], &["signals", "--help"]]
    {
        let run = run(args).ok();
        assert!(run.out.contains("Usage: lurescan") && run.err.is_empty());
        assert!(run.out.lines().all(|line| line.chars().count() <= 100), "{}", run.out);
    }
    assert_eq!(run(&[]).code, 2);
    assert_eq!(run(&["no-such-command"]).code, 2);
    for (args, title) in [
        (&["man"][..], "LURESCAN"),
        (&["man", "score"], "LURESCAN-SCORE"),
        (&["man", "model", "show"], "LURESCAN-MODEL-SHOW"),
    ] {
        let page = run(args).ok().out;
        assert!(
            page.contains(&format!(".TH {title} ").replace('-', "\\-")) || page.contains(&format!(".TH {title} ")),
            "{page}"
        );
    }
    run(&["man", "nothing"]).fails(&["there is no command \"nothing\""]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(run(&["completions", shell]).ok().out.contains("max-record-bytes"), "{shell}");
    }
}
