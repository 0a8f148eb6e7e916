use super::*;
use crate::feed::tests::Dribble;
use encoding_rs::{BIG5, EUC_KR, GB18030, GBK, SHIFT_JIS, WINDOWS_1252};
use proptest::prelude::*;

fn read(bytes: &[u8], declared: Option<&'static Encoding>, sizes: Vec<usize>) -> (String, Option<String>) {
    let stream: Stream = Box::new(Dribble::new(bytes.to_vec(), sizes).interrupted());
    let told = Told::default();
    let stream = settled(Peeked::new(stream), None, &told).unwrap();
    let mut text = Vec::new();
    unsettled(stream, declared, &told).read_to_end(&mut text).unwrap();
    (String::from_utf8(text).unwrap(), told.notice())
}

const CHINESE: &str =
    "招聘打字员，包机票，包食宿，工资每月一万五千元，无需经验，联系电报。上班地点在仰光郊区，工作轻松。";
const TRADITIONAL: &str =
    "徵求打字員，提供機票與食宿，月薪五萬元，無經驗可，請聯絡人事部門。工作地點在臺北，週休二日。";
const JAPANESE: &str = "タイピスト募集。航空券と宿泊費は会社が負担します。経験は問いません。お気軽にご連絡ください。";
const KOREAN: &str = "타이피스트 모집합니다. 항공권과 숙소를 제공합니다. 경력은 필요 없습니다. 연락 주세요.";
const FRENCH: &str =
    "Dactylo recherchée : billet d’avion payé, logement gratuit, salaire élevé, aucune expérience exigée.";

#[test]
fn encodings_are_told_by_their_bytes() {
    for (text, encoding, name) in [
        (CHINESE, GB18030, "GBK"),
        (CHINESE, GBK, "GBK"),
        (TRADITIONAL, BIG5, "Big5"),
        (JAPANESE, SHIFT_JIS, "Shift_JIS"),
        (KOREAN, EUC_KR, "EUC-KR"),
        (FRENCH, WINDOWS_1252, "windows-1252"),
    ] {
        let bytes = encoding.encode(&format!("id,text\n1,{text}\n")).0.into_owned();
        let (read, notice) = read(&bytes, None, vec![5, 1]);
        assert_eq!(read, format!("id,text\n1,{text}\n"));
        assert!(notice.as_ref().is_some_and(|n| n.contains(&format!("is read as {name},"))), "{notice:?}");
    }
    assert_eq!(read("id\n1,é\n".as_bytes(), None, vec![1]), ("id\n1,é\n".to_owned(), None));
    assert_eq!(read(b"plain", None, vec![2]), ("plain".to_owned(), None));
}

#[test]
fn utf_16_is_told_by_a_mark_or_by_zeros() {
    let text = "id,text\n1,Tippkräfte 😀 招聘\n";
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [le.clone(), be.clone(), [b"\xff\xfe", &le[..]].concat(), [b"\xfe\xff", &be[..]].concat()] {
        for sizes in [vec![1], vec![3, 2], vec![9000]] {
            assert_eq!(read(&bytes, None, sizes), (text.to_owned(), None));
        }
    }
    let (text, notice) = read(b"\xff\xfea\0\x00\xd8b\0c", None, vec![4]);
    assert_eq!(text, "a\u{fffd}b\u{fffd}");
    assert_eq!(notice.as_deref(), Some("2 byte sequences that are not valid UTF-16LE became U+FFFD"));
}

#[test]
fn what_is_declared_holds_and_what_it_does_not_have_is_counted() {
    let encoding = |text: &str| declared(text.as_bytes()).map(Encoding::name);
    assert_eq!(encoding("<?xml version='1.0' encoding='GB2312'?><a/>"), Some("GBK"));
    assert_eq!(encoding("\n<?xml version=\"1.0\" encoding = \"ISO-8859-1\" ?>"), Some("windows-1252"));
    assert_eq!(encoding("<?xml encoding='utf-16'?>"), Some("UTF-8"));
    for none in ["<?xml version='1.0'?><a encoding='x'/>", "<a/>", "<?xml encoding='martian'?>", "<?xml encoding="] {
        assert_eq!(encoding(none), None, "{none}");
    }
    let (text, notice) = read(b"<a>\xc4\xe3\xff\xba\xc3</a>", Some(GBK), vec![1]);
    assert_eq!(text, "<a>你\u{fffd}好</a>");
    assert_eq!(notice.as_deref(), Some("1 byte sequence that is not valid GBK became U+FFFD"));
}

#[test]
fn pages_declare_their_encoding_in_their_head() {
    let encoding = |page: &str| declared_by_page(page.as_bytes()).map(Encoding::name);
    assert_eq!(encoding("<!DOCTYPE html><meta CHARSET=gb2312>"), Some("GBK"));
    let equivalent = "<meta http-equiv='Content-Type' content='text/html; charset=ISO-8859-1'>";
    assert_eq!(encoding(equivalent), Some("windows-1252"));
    assert_eq!(encoding("<?xml version='1.0' encoding='Big5'?><html>"), Some("Big5"));
    assert_eq!(encoding("<meta charset=\"utf-16\">"), Some("UTF-8"));
    let late = format!("{}<meta charset='big5'>", " ".repeat(CHARSET));
    for none in ["<html>", "<meta charset=", "<meta charset='martian'>", &late] {
        assert_eq!(encoding(none), None, "{none}");
    }
}

#[test]
fn a_few_broken_bytes_do_not_make_it_another_encoding() {
    let bytes = [CHINESE.as_bytes(), b"\xff", CHINESE.as_bytes()].concat();
    let (text, notice) = read(&bytes, None, vec![7]);
    assert_eq!(text, format!("{CHINESE}\u{fffd}{CHINESE}"));
    assert_eq!(notice.as_deref(), Some("1 byte sequence that is not valid UTF-8 became U+FFFD"));
    let long = "é".repeat(SAMPLE);
    assert_eq!(read(format!("x{long}").as_bytes(), None, vec![1000]).1, None, "a sample may end inside a character");
}

#[test]
fn what_is_no_text_is_left_alone() {
    let bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe\x01";
    let stream: Stream = Box::new(&bytes[..]);
    let mut same = Vec::new();
    unsettled(Peeked::new(stream), None, &Told::default()).read_to_end(&mut same).unwrap();
    assert_eq!(same, bytes);
}

#[test]
fn names_of_encodings() {
    for (name, known) in
        [("gb18030", "gb18030"), ("UTF16", "UTF-16LE"), ("latin1", "windows-1252"), ("sjis", "Shift_JIS")]
    {
        assert_eq!(name.parse::<TextEncoding>().unwrap().to_string(), known);
    }
    for name in ["martian", "", "replacement"] {
        assert!(name.parse::<TextEncoding>().unwrap_err().to_string().contains("windows-1252"));
    }
}

proptest! {
    #[test]
    fn how_the_stream_is_cut_does_not_matter(
        bytes in proptest::collection::vec(any::<u8>(), 0..80),
        ascii in "[a-z,\n]{0,20}",
        size in 1usize..9,
    ) {
        let bytes = [ascii.as_bytes(), &bytes].concat();
        let run = |sizes: Vec<usize>| {
            let stream: Stream = Box::new(Dribble::new(bytes.clone(), sizes));
            let told = Told::default();
            let stream = settled(Peeked::new(stream), None, &told).unwrap();
            let mut text = Vec::new();
            unsettled(stream, None, &told).read_to_end(&mut text).unwrap();
            (text, told.notice())
        };
        prop_assert_eq!(run(vec![size, 1]), run(vec![100_000]));
    }
}
