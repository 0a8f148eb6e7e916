//! The same postings through every format give the same verdicts, and the sample feeds are read as they are meant.

use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::util::{Dir, hard_postings, lines, run, small, with_stdin};

const FIELDS: [&str; 4] = ["id", "title", "salary", "description"];

fn sample(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("datasets/samples").join(name).to_str().unwrap().to_owned()
}

/// Postings that every format can hold: XML knows no carriage returns.
fn postings() -> Vec<Value> {
    let samples = std::fs::read_to_string(sample("postings.jsonl")).unwrap();
    let mut all: Vec<Value> = samples.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    all.extend(hard_postings(300));
    all
}

fn text<'v>(posting: &'v Value, field: &str) -> &'v str {
    posting[field].as_str().unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A document, in CDATA sections or with entities.
fn xml(postings: &[Value], cdata: bool, declaration: &str) -> String {
    let mut document = format!("{declaration}<source><publisher>P</publisher>\n");
    for posting in postings {
        document += "<job>\n";
        for field in FIELDS {
            let text = text(posting, field);
            document += &match cdata {
                true => format!("  <{field}><![CDATA[{text}]]></{field}>\n"),
                false => format!("<{0}>{1}</{0}>", field.to_uppercase(), escaped(text)),
            };
        }
        document += "</job>";
    }
    document + "</source>"
}

fn table(postings: &[Value], separator: char) -> String {
    let mut table = FIELDS.join(&separator.to_string()) + "\n";
    for posting in postings {
        let cells = FIELDS.map(|field| format!("\"{}\"", text(posting, field).replace('"', "\"\"")));
        table += &(cells.join(&separator.to_string()) + "\n");
    }
    table
}

/// A posting as schema.org has it.
fn job_posting(posting: &Value) -> Value {
    json!({"@context": "https://schema.org", "@type": "JobPosting", "title": text(posting, "title"),
        "identifier": {"@type": "PropertyValue", "name": "Acme", "value": text(posting, "id")},
        "baseSalary": text(posting, "salary"), "description": text(posting, "description")})
}

/// What the boards of applicant-tracking systems make of postings, after their documentation.
fn boards(postings: &[Value]) -> [(&'static str, Value); 4] {
    let jobs = |job: fn(&Value) -> Value| postings.iter().map(job).collect::<Vec<Value>>();
    let greenhouse = jobs(|p| {
        json!({"absolute_url": "https://boards.example.com/1", "internal_job_id": 1, "location": {"name": ""},
            "requisition_id": "R-1", "id": text(p, "id"), "title": text(p, "title"), "content": text(p, "description")})
    });
    let lever = jobs(|p| {
        json!({"additional": "", "categories": {"location": "", "team": "A"}, "createdAt": 1790668800000u64,
            "description": text(p, "description"), "id": text(p, "id"), "lists": [], "text": text(p, "title"),
            "hostedUrl": "https://jobs.example.com/1"})
    });
    let ashby = jobs(|p| {
        json!({"id": text(p, "id"), "title": text(p, "title"), "location": "", "isListed": true,
            "descriptionHtml": text(p, "description"), "compensation": {"compensationTierSummary": null}})
    });
    let workable = jobs(|p| {
        json!({"title": text(p, "title"), "shortcode": text(p, "id"), "country": "", "locations": [],
            "description": text(p, "description")})
    });
    [
        ("greenhouse", json!({"jobs": greenhouse, "meta": {"total": 1}})),
        ("lever", json!(lever)),
        ("ashby", json!({"apiVersion": "1", "jobs": ashby})),
        ("workable", json!({"name": "Acme", "description": null, "jobs": workable})),
    ]
}

/// A page with these values in scripts of JSON-LD.
fn page(values: &[Value]) -> String {
    let script = |value: &Value| {
        let json = value.to_string().replace("</", "<\\/").replace("<!--", "\\u003c!--");
        format!("<script type=\"application/ld+json\">{json}</script>\n")
    };
    let scripts: String = values.iter().map(script).collect();
    format!("<!DOCTYPE html>\n<html><head><title>Jobs</title>{scripts}</head><body>Jobs &amp; more</body></html>")
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What is scored of a posting, and nothing else: contacts and companies are in some of the samples.
fn core(postings: &[Value]) -> Vec<Value> {
    let core = |p: &Value| FIELDS.iter().map(|f| ((*f).to_owned(), Value::from(text(p, f)))).collect();
    postings.iter().map(|p| Value::Object(core(p))).collect()
}

#[track_caller]
fn scores_alike(dir: &Dir, expected: &str, name: &str, content: impl AsRef<[u8]>) {
    let file = dir.file(name, content);
    let [a, b, c, d] = small();
    let run = run(&["score", &file, "--threads", "2", a, b, c, d]).ok();
    assert!(run.out == expected, "{name}: verdicts differ from those of JSON lines: {}", run.err);
}

#[test]
fn every_format_gives_the_same_verdicts() {
    let postings = core(&postings());
    let dir = Dir::new();
    let [a, b, c, d] = small();
    let expected = run(&["score", &dir.file("a.jsonl", lines(&postings)), a, b, c, d]).ok().out;
    assert_eq!(expected.lines().count(), postings.len());
    let document = xml(&postings, true, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    scores_alike(&dir, &expected, "cdata.xml", &document);
    scores_alike(&dir, &expected, "without-extension", &document);
    scores_alike(&dir, &expected, "entities.xml", xml(&postings, false, "\u{feff}"));
    scores_alike(&dir, &expected, "utf-16.xml", utf_16(&xml(&postings, false, "\u{feff}<?xml encoding='utf-16'?>")));
    scores_alike(&dir, &expected, "zipped.xml.gz", gzip(document.as_bytes()));
    for (name, separator) in [("comma.csv", ','), ("semicolon.csv", ';'), ("bar.csv", '|'), ("tab.csv", '\t')] {
        scores_alike(&dir, &expected, name, table(&postings, separator));
    }
    scores_alike(&dir, &expected, "utf-16.csv", utf_16(&table(&postings, ',')));
    scores_alike(&dir, &expected, "utf-16.jsonl", utf_16(&format!("\u{feff}{}", lines(&postings))));
}

#[test]
fn job_postings_in_json_ld_give_the_same_verdicts() {
    let postings = core(&postings());
    let dir = Dir::new();
    let [a, b, c, d] = small();
    let expected = run(&["score", &dir.file("a.jsonl", lines(&postings)), a, b, c, d]).ok().out;
    let jobs: Vec<Value> = postings.iter().map(job_posting).collect();
    scores_alike(&dir, &expected, "lines.jsonl", lines(&jobs));
    scores_alike(&dir, &expected, "array.json", json!(jobs).to_string());
    scores_alike(&dir, &expected, "graph.json", json!({"@context": "https://schema.org", "@graph": jobs}).to_string());
    let items: Vec<Value> = jobs.iter().map(|job| json!({"@type": "ListItem", "item": job})).collect();
    let list = json!({"@type": "ItemList", "itemListElement": items});
    scores_alike(&dir, &expected, "list.json", list.to_string());
    scores_alike(&dir, &expected, "page.html", page(&jobs));
    scores_alike(&dir, &expected, "page-without-extension", page(&[json!({"@type": "WebSite"}), list]));
    scores_alike(&dir, &expected, "page.html.gz", gzip(page(&jobs).as_bytes()));
}

#[test]
fn job_boards_give_the_same_verdicts() {
    let mut postings = core(&postings());
    postings.iter_mut().for_each(|posting| posting["salary"] = json!(""));
    let dir = Dir::new();
    let [a, b, c, d] = small();
    let expected = run(&["score", &dir.file("a.jsonl", lines(&postings)), a, b, c, d]).ok().out;
    for (name, board) in boards(&postings) {
        scores_alike(&dir, &expected, &format!("{name}.json"), board.to_string());
        scores_alike(&dir, &expected, name, serde_json::to_string_pretty(&board).unwrap());
    }
}

#[test]
fn a_page_without_a_posting_is_set_aside_with_the_reason() {
    let dir = Dir::new();
    let file = dir.file("a.html", page(&[json!({"@type": "Organization", "name": "Acme"})]));
    let result = run(&["score", &file]).ok();
    assert_eq!(result.counts(), (1, 0, 1));
    assert!(result.err.contains("the page holds no JobPosting in JSON-LD, only Organization"), "{}", result.err);
    assert_eq!(run(&["score", "--input-format", "text", &file]).ok().ids(), ["a.html#1"]);
    let crawl =
        lines(&[json!({"@type": "WebSite", "description": "Jobs"}), json!({"@graph": [job_posting(&json!({}))]})]);
    let result = run(&["score", &dir.file("crawl.jsonl", crawl)]).ok();
    assert_eq!(result.counts(), (2, 0, 2));
    assert!(result.err.contains("a schema.org WebSite, which is no JobPosting"), "{}", result.err);
}

/// (id, probability) of the postings of samples, and what was said on stderr.
fn verdicts(files: &[&str]) -> (Vec<(String, f64)>, String) {
    let files: Vec<String> = files.iter().map(|file| sample(file)).collect();
    let args: Vec<&str> = ["score", "--strict"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let run = run(&args).ok();
    let verdict = |v: &Value| (v["id"].as_str().unwrap().to_owned(), v["probability"].as_f64().unwrap());
    (run.json().iter().map(verdict).collect(), run.err)
}

/// The first posting of each sample is honest, the second a scam.
#[track_caller]
fn honest_then_scam(files: &[&str]) {
    for file in files {
        let (verdicts, _) = verdicts(&[file]);
        let [(_, honest), (_, scam)] = &verdicts[..] else { panic!("{file}: {verdicts:?}") };
        assert!(scam > honest, "{file}: {verdicts:?}");
    }
}

#[test]
fn the_samples_in_xml_are_read_as_they_are_meant() {
    let files = ["indeed", "linkedin", "ziprecruiter", "talroo", "jobrapido", "careerjet", "rss"];
    let files = files.map(|name| format!("xml/{name}.xml"));
    honest_then_scam(&files.each_ref().map(String::as_str));
    let ids: Vec<String> = verdicts(&files.each_ref().map(String::as_str)).0.into_iter().map(|(id, _)| id).collect();
    assert_eq!(
        ids,
        [
            "HG-20118", "HG-20131", "cb-7741", "cb-7752", "ZR-50-1", "ZR-50-2", "bw-3301", "bw-3302", "JR-0012",
            "JR-0013", "4410", "4411", "hb-190", "hb-191"
        ]
    );
}

#[test]
fn the_samples_of_schema_org_are_read_as_they_are_meant() {
    honest_then_scam(&["jsonld/array.json", "jsonld/lines.jsonl", "jsonld/listing.html"]);
    let files = ["array.json", "lines.jsonl", "listing.html", "page.html"].map(|name| format!("jsonld/{name}"));
    let ids: Vec<String> = verdicts(&files.each_ref().map(String::as_str)).0.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["SW-2026-14", "TY-0012", "4471", "GT-88", "KK-31", "PA-7", "RW-3"]);
}

#[test]
fn the_samples_of_job_boards_are_read_as_they_are_meant() {
    let files = ["greenhouse", "lever", "ashby", "workable", "smartrecruiters", "recruitee", "usajobs"];
    let files = files.map(|name| format!("boards/{name}.json"));
    honest_then_scam(&files.each_ref().map(String::as_str));
    let ids: Vec<String> = verdicts(&files.each_ref().map(String::as_str)).0.into_iter().map(|(id, _)| id).collect();
    let (lever, ashby) = ("5b7c1d90-0000-4000-8000-00000000000", "0c1e7f10-0000-4000-8000-00000000000");
    let [l1, l2, a1, a2] = [(lever, 1), (lever, 2), (ashby, 0xa), (ashby, 0xb)].map(|(id, n)| format!("{id}{n:x}"));
    assert_eq!(
        ids,
        [
            "4021001",
            "4021002",
            &l1,
            &l2,
            &a1,
            &a2,
            "A1B2C3D4E5",
            "F6G7H8I9J0",
            "7440000000000001",
            "7440000000000002",
            "880101",
            "880102",
            "900000101",
            "900000102"
        ]
    );
}

#[test]
fn the_sample_of_an_archive_gives_the_verdicts_of_its_members() {
    let files = ["xml/indeed.xml", "boards/workable.json", "jsonld/page.html"].map(sample);
    let (archive, [a, b, c]) = (sample("archives/partners.zip"), &files);
    let of_members = run(&["score", a, b, c]).ok();
    let of_archive = run(&["score", &archive]).ok();
    assert_eq!(of_archive.out, of_members.out);
    assert!(of_archive.err.contains("partners.zip: members skipped, of no known format: NOTES"), "{}", of_archive.err);
    assert_eq!(run(&["score", &sample("archives")]).ok().out, of_members.out, "a directory with an archive in it");
    with_stdin(&["score", "-"], std::fs::read(&archive).unwrap())
        .fails(&["stdin: is a zip archive", "name the archive as a FILE"]);
}

#[test]
fn the_samples_of_tables_are_read_and_their_encoding_is_told() {
    let files = ["gb18030.csv", "big5.csv", "windows-1252.csv", "utf-16.tsv", "euc-kr.csv", "bars.psv"];
    let files = files.map(|name| format!("tables/{name}"));
    honest_then_scam(&files.each_ref().map(String::as_str));
    for (file, name) in [
        ("tables/gb18030.csv", "GBK"),
        ("tables/big5.csv", "Big5"),
        ("tables/shift_jis.csv", "Shift_JIS"),
        ("tables/euc-kr.csv", "EUC-KR"),
        ("tables/windows-1252.csv", "windows-1252"),
    ] {
        let err = verdicts(&[file]).1;
        assert_eq!(err.matches(&format!("is read as {name},")).count(), 1, "{file}: {err}");
    }
    assert!(!verdicts(&["tables/utf-16.tsv"]).1.contains("warning"), "a byte order mark is no assumption");
}

#[test]
fn the_encoding_can_be_said_and_what_is_lost_is_counted() {
    let dir = Dir::new();
    let file = dir.file("a.csv", b"id,title\n1,Caf\xe9 cook\n2,\xc0\xbe\xff\n");
    let run = |args: &[&str]| crate::util::run(&[&["score", "--extra", &file], args].concat()).ok();
    assert!(run(&["--encoding", "windows-1252"]).err.lines().all(|line| !line.contains("warning")));
    let lossy = run(&["--encoding", "utf-8"]).err;
    assert!(lossy.contains("a.csv: 4 byte sequences that are not valid UTF-8 became U+FFFD"), "{lossy}");
    assert!(!run(&["--encoding", "utf-8", "--quiet"]).err.contains("U+FFFD"));
    crate::util::run(&["score", "--encoding", "martian", &file]).fails(&["\"martian\" is no encoding"]);
}

#[test]
fn hostile_documents_cost_no_more_than_themselves() {
    let dir = Dir::new();
    let entities: String =
        (1..20).map(|i| format!("<!ENTITY l{i} \"{}\">", format!("&l{};", i - 1).repeat(10))).collect();
    let laughs = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE jobs [<!ENTITY l0 \"lol\">{entities}<!ENTITY f SYSTEM \"file:///etc/hostname\">]>\
         <jobs><job><title>&l19;</title></job><job><title>&f;</title></job><job><id>ok</id><title>Typist</title></job></jobs>"
    );
    let result = run(&["score", &dir.file("laughs.xml", laughs)]).ok();
    assert_eq!((result.counts(), result.ids()), ((3, 1, 2), vec!["ok".to_owned()]));
    assert!(result.err.contains("the entity &l19; is not one of XML or HTML"), "{}", result.err);
    let deep = format!(
        "<jobs><job><title>x</title>{}</job><job><id>ok</id><title>y</title></job></jobs>",
        "<a>".repeat(100_000)
    );
    assert_eq!(run(&["score", &dir.file("deep.xml", deep)]).ok().counts(), (2, 1, 1));
    run(&["score", &dir.file("unknown.xml", "<a><b>x</b></a>")]).fails(&["no element", "<a>, <b>", "description: "]);
    let columns = format!("title{}\n", ",x".repeat(1_000_000));
    run(&["score", &dir.file("wide.csv", columns)]).fails(&["more than 100000 columns"]);
}
