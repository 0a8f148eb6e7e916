//! The table of written contacts, read as postings are: folded first.

use super::{EntityKind, Finder, LinkKind};
use crate::text::fold::Folder;

/// The kind and the identifier of what a text states.
fn stated(finder: &Finder, folder: &Folder, text: &str) -> Vec<(String, String)> {
    let folded = folder.fold(text).text;
    let mut found = Vec::new();
    finder.find(&folded, &mut found);
    found
        .iter()
        .filter_map(|entity| match &entity.kind {
            EntityKind::Contact(contact) => {
                let kind = format!("{:?}", contact.kind).to_lowercase();
                let identifier = if contact.has_identifier() { contact.normalized(&folded) } else { "-".to_owned() };
                Some((kind, identifier))
            }
            EntityKind::Link(link) => {
                let kind = match link.kind {
                    LinkKind::Url => "url",
                    LinkKind::Shortener => "shortener",
                    LinkKind::Form => "form",
                };
                Some((kind.to_owned(), link.host(&folded).to_owned()))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn written_contacts_of_all_languages() {
    let finder = Finder::new().expect("the embedded tables are read");
    let folder = Folder::new();
    let table = include_str!("../../tests/data/contacts.tsv");
    let mut misses = Vec::new();
    let (mut rows, mut none) = (0, 0);
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        rows += 1;
        let cells: Vec<&str> = line.split('\t').collect();
        let [text, kind, identifier, _language] = cells[..] else { panic!("bad row: {line}") };
        let got = stated(&finder, &folder, text);
        let right = match kind {
            "-" => {
                none += 1;
                got.is_empty()
            }
            _ => got.len() == 1 && got[0].0 == kind && got[0].1 == identifier,
        };
        if !right {
            misses.push(format!("{line}\n    got {got:?}"));
        }
    }
    assert!(rows >= 150 && none >= 40, "only {rows} rows, {none} without a contact");
    assert!(misses.is_empty(), "{} of {rows} missed:\n{}", misses.len(), misses.join("\n"));
}

#[test]
fn words_for_calling_are_known_wherever_the_pass_stands() {
    use super::contact::Calls;

    let finder = Finder::new().expect("the embedded tables decode");
    let text = "call 12345678, 22345678 or write to us and\nring 5 6 call 7 7 7 8 callers 9 phone: 9 8 7 6 5 4 3 2 1 0";
    let mut calls = Calls::default();
    for (at, _) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        let fresh = Calls::default().stand_before(&finder.contacts, text, at);
        assert_eq!(calls.stand_before(&finder.contacts, text, at), fresh, "{at}");
    }
}
