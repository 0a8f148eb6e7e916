use super::alone::alone;
use super::case::turn;
use super::*;
use proptest::prelude::*;

fn fold(s: &str) -> Folded {
    Folder::new().fold(s)
}

fn kinds(s: &str) -> Vec<DisguiseKind> {
    fold(s).disguises.into_iter().map(|d| d.kind).collect()
}

#[test]
fn case_width_digits_and_quotes_have_one_form() {
    assert_eq!(fold("ＦＲＥＥ Flight — “Ok” ‘it’s’").text, "free flight - \"ok\" 'it's'");
    assert_eq!(fold("৳২০,০০০ ๓๐๐๐ ٥٠٠ ५०").text, "৳20,000 3000 500 50");
    assert_eq!(fold("𝗪𝗵𝗮𝘁𝘀𝗔𝗽𝗽 🅵🅾🅾").text, "whatsapp foo");
    assert_eq!(fold("cafe\u{301} İstanbul").text, "café istanbul");
    assert!(fold("𝗪𝗵𝗮𝘁𝘀𝗔𝗽𝗽 Ｔｅｌ").disguises.is_empty(), "styled letters are fashion, not disguise");
}

#[test]
fn letters_that_are_written_for_each_other_are_one() {
    assert_eq!(fold("Ședință și țară").text, fold("Şedinţă şi ţară").text);
    for (written, otherwise) in [("ሠራተኛ", "ሰራተኛ"), ("ዓለም", "አለም"), ("ኃላፊ", "ሀላፊ"), ("ፀሐይ", "ጸሀይ"), ("ሕግ", "ህግ")]
    {
        assert_eq!(fold(written).text, fold(otherwise).text, "{written}");
    }
    assert_ne!(fold("ሰላም").text, fold("ሸላም").text);
}

#[test]
fn invisible_characters_are_noted_only_where_they_hide() {
    assert_eq!(fold("tele\u{200b}gram").text, "telegram");
    assert_eq!(kinds("tele\u{200b}gram"), [DisguiseKind::ZeroWidth]);
    assert_eq!(kinds("ការងារ\u{200b}ល្អ"), []);
    assert_eq!(kinds("👨\u{200d}👩\u{200d}👧 क\u{94d}\u{200d}ष"), []);
    assert_eq!(kinds("Work \u{200b}here\u{feff}"), []);
}

#[test]
fn heaped_marks_go_and_spelling_marks_stay() {
    assert_eq!(fold("t\u{335}\u{336}e\u{335}\u{337}l").text, "tel");
    assert!(kinds("t\u{335}\u{336}e\u{335}\u{337}l").contains(&DisguiseKind::StackedMarks));
    assert_eq!(fold("t\u{323}e\u{323}\u{320}l\u{324}\u{316}e\u{302}\u{303}\u{330}").text, "ṭele");
    assert_eq!(fold("Ọ̀yọ́ ẹ́").text, "ọyọ ẹ");
    assert_eq!(fold("việc nhẹ lương cao").text, "việc nhẹ lương cao");
    assert_eq!(fold("ที่พักฟรี").text, "ที่พักฟรี");
    assert!(kinds("việc nhẹ lương cao ที่พักฟรี").is_empty());
}

#[test]
fn alternating_case_is_noted_camel_case_is_not() {
    assert_eq!(kinds("tElEgRaM"), [DisguiseKind::AlternatingCase]);
    assert_eq!(kinds("JavaScript iPhone LinkedIn YouTubeTV MySQLServer NhenTrangBaGoc DocDocDoc"), []);
}

proptest! {
    #[test]
    fn turns_are_found_in_order(text in "[a-bA-B .]{0,8}|[a .]{55,75}[A-Ba-b]{0,4}[a .]{50,80}[A-B]{0,2}[a-b ]{0,70}", from in 0..9usize) {
        let bytes = text.as_bytes();
        let from = from.min(bytes.len());
        let turns = |at: &usize| bytes[*at].is_ascii_lowercase() && bytes[*at + 1].is_ascii_uppercase();
        prop_assert_eq!(turn(bytes, from), (from..bytes.len().saturating_sub(1)).find(turns));
    }
}

#[test]
fn spans_lead_back_through_what_was_dropped() {
    let source = "Add Te\u{200b}leg\u{200b}ram now";
    let folded = fold(source);
    let at = folded.text.find("telegram").unwrap();
    assert_eq!(&source[folded.map.source(at..at + 8)], "Te\u{200b}leg\u{200b}ram");
}

#[test]
fn what_is_never_folded_is_folded_to_itself() {
    for c in ('\u{4e00}'..='\u{9fff}').chain('\u{ac00}'..='\u{d7a3}') {
        assert_eq!(alone(c), Some(c), "{c:?}");
        assert!(!continues(c) && !is_overlay_mark(c), "{c:?}");
        assert_eq!(is_nfkc_quick(std::iter::once(c)), IsNormalized::Yes, "{c:?}");
    }
}

proptest! {
    #[test]
    fn any_text_maps_back_onto_char_boundaries(s in "\\PC{0,40}|[a-zA-Z0-9 .@$а-я\u{200b}\u{301}ก-๛가-힣]{0,60}") {
        let folded = fold(&s);
        prop_assert_eq!(folded.map.derived_len(), folded.text.len());
        for (i, c) in folded.text.char_indices() {
            let range = folded.map.source(i..i + c.len_utf8());
            prop_assert!(s.is_char_boundary(range.start) && s.is_char_boundary(range.end), "{:?}", range);
        }
        for d in &folded.disguises {
            prop_assert!(s.get(d.source.clone()).is_some());
        }
    }

    #[test]
    fn clusters_normalize_as_the_whole_text_does(s in "\\PC{0,30}") {
        let mut text = String::new();
        fold_characters(&s, &Alone::new(), &mut text, &mut OffsetMap::new(), &mut Vec::new());
        let whole: String = s
            .chars().filter(|&c| !is_ignorable(c)).nfkc().flat_map(char::to_lowercase).map(one_form).map(letter)
            .filter(|&c| !is_reading_mark(c)).collect();
        // Which marks are heaped is told letter by letter: what stands beneath them is compared.
        let bare = |text: &str| -> String { text.nfd().filter(|&c| !is_overlay_mark(c)).collect() };
        prop_assert_eq!(bare(&text), bare(&whole));
    }
}
