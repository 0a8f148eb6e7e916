/*!
The report of `lurescan dataset check`, for a terminal and for a datasheet.
*/

use std::io::{self, Write};

use super::common::{by_number, counted, grouped};
use super::terminal::one_line;
use crate::train::check::artefacts::Area;
use crate::train::check::{Artefact, Count, Group, LabelError, Report};

/// Entries of a list that are printed before the rest is only counted; `--json` has them all.
const SHOWN: usize = 20;
/// What stands in the place of a figure, or of its interval.
const TOO_FEW: &str = "too few groups";

/// Prints the report to be read.
pub(super) fn print_text(report: &Report, label_errors: usize, out: &mut impl Write) -> io::Result<()> {
    let total = &report.balance.total;
    let (postings, scams) = (counted(report.postings as u64, "posting"), counted(total.scams as u64, "scam"));
    writeln!(out, "{postings}: {scams}, {} honest", grouped(total.honest as u64))?;
    if total.unlabelled > 0 {
        let n = total.unlabelled as u64;
        writeln!(out, "{} {} no label", grouped(n), by_number(n, "has", "have"))?;
    }
    list(out, "Faults", &report.faults, |fault| fault.clone())?;
    list(out, "Ids used more than once", &report.twice.ids, |(id, places)| format!("{id}: {}", places.join(", ")))?;
    let families = !report.balance.families.is_empty();
    list(out, "The same text", &report.twice.texts, |g| members(g, families))?;
    list(out, "Near-duplicates", &report.twice.near, |g| members(g, families))?;
    list(out, "Repeated sentences", &report.twice.sentences, |r| {
        format!("{} ({}): {}", counted(r.ids.len() as u64, "posting"), shortened(&r.ids), r.sentence)
    })?;
    let balance = &report.balance;
    let tables = [
        ("split", &balance.splits),
        ("kind", &balance.kinds),
        ("language", &balance.languages),
        ("family", &balance.families),
    ];
    for (name, counts) in tables {
        if !counts.is_empty() {
            writeln!(out, "\n{name:<24}{:>8}{:>8}{:>8}{:>8}", "all", "scams", "honest", "test")?;
            for c in counts.iter().take(if name == "family" && !report.marked { SHOWN } else { usize::MAX }) {
                writeln!(out, "{:<24}{:>8}{:>8}{:>8}{:>8}", clipped(&c.name), c.all(), c.scams, c.honest, c.test)?;
            }
        }
    }
    writeln!(out, "\n{:<24}{:>8}{:>8}", "field", "scams", "honest")?;
    for f in &balance.fields {
        writeln!(out, "{:<24}{:>6.1} %{:>6.1} %", f.field, 100.0 * f.scams, 100.0 * f.honest)?;
    }
    if !balance.signals.is_empty() {
        writeln!(out, "\n{:<24}{:>8}{:>8}{:>8}", "signal, postings", "scams", "honest", "marks")?;
        for s in &balance.signals {
            writeln!(out, "{:<24}{:>8}{:>8}{:>8}", s.id, s.scams, s.honest, s.spans)?;
        }
    }
    if !report.artefacts.is_empty() {
        writeln!(out, "\n{:<20}{:<24}{:<24}limit", "area under ROC", "all (95 % interval)", "English")?;
        for a in &report.artefacts {
            let limit = a.limit.map_or("none".into(), |l| format!("{l:.2}{}", if a.is_over() { "  over" } else { "" }));
            writeln!(out, "{:<20}{:<24}{:<24}{limit}", a.name, area(a.overall), area(a.english))?;
        }
        let groups = report.fold_groups as u64;
        let are = by_number(groups, "is", "are");
        writeln!(out, "Out of fold; {} {are} kept together.", counted(groups, "group"))?;
    }
    if label_errors > 0 {
        print_label_errors(&report.label_errors, label_errors, out)?;
    }
    match report.findings.len() {
        0 => writeln!(out, "\nNo findings."),
        n => {
            writeln!(out, "\n{}:", counted(n as u64, "finding"))?;
            report.findings.iter().try_for_each(|f| writeln!(out, "- {f}"))
        }
    }
}

fn print_label_errors(errors: &[LabelError], most: usize, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\nProbable label errors: {}", errors.len())?;
    for e in errors.iter().take(most) {
        let named = |ids: &[String]| if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        let (id, place) = (one_line(&e.id), one_line(&e.place));
        writeln!(out, "- {id}: label {}, probability of a scam {:.3} ({place})", e.label, e.probability)?;
        writeln!(out, "    lure signals: {}; for the ad: {}", named(&e.lure_signals), named(&e.signals_for_the_ad))?;
    }
    if errors.len() > most {
        writeln!(out, "- and {} more (--json lists all)", errors.len() - most)?;
    }
    Ok(())
}

fn list<T>(out: &mut impl Write, what: &str, entries: &[T], show: impl Fn(&T) -> String) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{what}: {}", entries.len())?;
    for entry in entries.iter().take(SHOWN) {
        writeln!(out, "- {}", show(entry))?;
    }
    if entries.len() > SHOWN {
        writeln!(out, "- and {} more (--json lists all)", entries.len() - SHOWN)?;
    }
    Ok(())
}

fn members(group: &Group, families: bool) -> String {
    let across = match (group.across_splits, group.across_families && families) {
        (true, _) => "across splits: ",
        (false, true) => "across families: ",
        (false, false) => "",
    };
    format!("{across}{}", shortened(&group.members))
}

fn shortened(names: &[String]) -> String {
    const NAMED: usize = 5;
    let mut out = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        out.push_str(&format!(" and {} more", names.len() - NAMED));
    }
    out
}

fn clipped(name: &str) -> String {
    name.chars().take(23).collect()
}

fn area(area: Option<Area>) -> String {
    area.map_or(TOO_FEW.into(), |a| match a.interval() {
        Some((low, high)) => format!("{:.3} ({low:.3} to {high:.3})", a.value),
        None => format!("{:.3} ({TOO_FEW})", a.value),
    })
}

/// Prints the tables that a datasheet holds: counts, then artefact figures.
pub(super) fn print_markdown(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let balance = &report.balance;
    let total = std::slice::from_ref(&balance.total);
    table(out, "Split", balance.splits.iter().chain(total))?;
    table(out, "Kind", balance.kinds.iter())?;
    table(out, "Language", balance.languages.iter())?;
    table(out, "Family", balance.families.iter())?;
    writeln!(out, "| Field | scams that have it | honest that have it |\n|---|---:|---:|")?;
    for f in &balance.fields {
        writeln!(out, "| {} | {:.1} % | {:.1} % |", f.field, 100.0 * f.scams, 100.0 * f.honest)?;
    }
    if !balance.signals.is_empty() {
        writeln!(out, "\n| Signal | scams | honest | marks |\n|---|---:|---:|---:|")?;
        for s in &balance.signals {
            writeln!(out, "| {} | {} | {} | {} |", s.id, s.scams, s.honest, s.spans)?;
        }
    }
    if !report.artefacts.is_empty() {
        writeln!(out, "\n| Classifier | AUC, all languages | AUC, English | limit |\n|---|---:|---:|---:|")?;
        let limit = |a: &Artefact| a.limit.map_or("none".into(), |l| format!("{l:.2}"));
        for a in &report.artefacts {
            writeln!(out, "| {} | {} | {} | {} |", a.name, area(a.overall), area(a.english), limit(a))?;
        }
    }
    Ok(())
}

fn table<'c>(out: &mut impl Write, name: &str, counts: impl Iterator<Item = &'c Count>) -> io::Result<()> {
    writeln!(out, "| {name} | all | scams | honest | test |\n|---|---:|---:|---:|---:|")?;
    for c in counts {
        writeln!(out, "| {} | {} | {} | {} | {} |", c.name, c.all(), c.scams, c.honest, c.test)?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::catalogue::Catalogue;
    use crate::train::check::{CheckOptions, check};
    use crate::train::labelled::read;

    /// The datasheet's tables are what the check prints now; when they are not, print and paste them anew.
    #[test]
    fn the_datasheet_counts_what_is_there() {
        let lures = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/lures"));
        let catalogue = Catalogue::embedded();
        let options = CheckOptions { artefacts: false, ..CheckOptions::default() };
        let report = check(&read(&[lures.join("marked")], &catalogue).unwrap(), &catalogue, &options);
        let mut printed = Vec::new();
        print_markdown(&report, &mut printed).unwrap();
        let sheet = std::fs::read_to_string(lures.join("README.md")).unwrap().replace("\r\n", "\n");
        let (_, after) = sheet
            .split_once("<!-- counts: lurescan dataset check datasets/lures/marked --no-artefacts --markdown -->\n")
            .unwrap();
        let (tables, _) = after.split_once("<!-- end of counts -->").unwrap();
        assert_eq!(String::from_utf8(printed).unwrap().trim(), tables.trim());
    }

    #[test]
    fn long_lists_are_cut_and_say_so() {
        let mut out = Vec::new();
        list(&mut out, "Faults", &(0..30).collect::<Vec<u32>>(), |n| n.to_string()).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("\nFaults: 30\n- 0\n") && text.ends_with("- 19\n- and 10 more (--json lists all)\n"));
        let names: Vec<String> = (0..7).map(|n| n.to_string()).collect();
        assert_eq!(shortened(&names), "0, 1, 2, 3, 4 and 2 more");
    }
}
