//! The stream of verdicts, whatever the batches.

use std::path::Path;

use super::*;

fn parts(dir: &Path, size: PartSize) -> Target {
    Target::Parts { directory: dir.to_owned(), extension: "jsonl", size }
}

fn read(dir: &Path) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|e| (e.file_name().into_string().unwrap(), std::fs::read_to_string(e.path()).unwrap()))
        .collect();
    files.sort();
    files
}

fn named(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

const BATCHES: Frame = Frame::Batches { open: b"[", close: b"]\n", most: 2 };

#[test]
fn parts_are_full_whatever_the_batches() {
    for step in 1..=5 {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("part-00007.jsonl"), "old").unwrap();
        std::fs::write(dir.path().join("part-7.jsonl"), "mine").unwrap();
        let mut verdicts = Verdicts::create(parts(dir.path(), PartSize::Records(3)), BATCHES).unwrap();
        for chunk in b"abcde".chunks(step) {
            let bytes: Vec<u8> = chunk.iter().flat_map(|&b| [b, b'\n']).collect();
            let ends: Vec<usize> = (1..=chunk.len()).map(|n| n * 2).collect();
            verdicts.write(&bytes, &ends).unwrap();
        }
        verdicts.close().unwrap();
        verdicts.finish().unwrap();
        let expected =
            [("part-00000.jsonl", "[a,b]\n[c]\n"), ("part-00001.jsonl", "[d,e]\n"), ("part-7.jsonl", "mine")];
        assert_eq!(read(dir.path()), named(&expected), "{step}");
    }
}

#[test]
fn parts_by_bytes_hold_whole_records_and_headers() {
    let dir = tempfile::tempdir().unwrap();
    let frame = Frame::Header { text: b"h\n".to_vec(), always: true };
    let mut verdicts = Verdicts::create(parts(dir.path(), PartSize::Bytes(7)), frame).unwrap();
    verdicts.write(b"aa\nbbbbbbbbb\nc\n", &[3, 13, 15]).unwrap();
    verdicts.finish().unwrap();
    let expected =
        [("part-00000.jsonl", "h\naa\n"), ("part-00001.jsonl", "h\nbbbbbbbbb\n"), ("part-00002.jsonl", "h\nc\n")];
    assert_eq!(read(dir.path()), named(&expected));
}

#[test]
fn a_part_that_was_filled_after_the_checkpoint_is_taken_up_again() {
    let dir = tempfile::tempdir().unwrap();
    let target = parts(dir.path(), PartSize::Records(2));
    let mut verdicts = Verdicts::create(target.clone(), BATCHES).unwrap();
    verdicts.write(b"a\n", &[2]).unwrap();
    verdicts.sync().unwrap();
    let left = verdicts.written();
    verdicts.write(b"b\nc\n", &[2, 4]).unwrap();
    verdicts.flush().unwrap();
    drop(verdicts);
    let mut verdicts = Verdicts::resume(target.clone(), BATCHES, left).unwrap();
    verdicts.write(b"b\nc\n", &[2, 4]).unwrap();
    verdicts.close().unwrap();
    verdicts.sync().unwrap();
    let end = verdicts.written();
    drop(verdicts);
    Verdicts::complete(&target, end).unwrap();
    assert_eq!(read(dir.path()), named(&[("part-00000.jsonl", "[a,b]\n"), ("part-00001.jsonl", "[c]\n")]));
}

#[test]
fn a_table_without_rows_has_no_header() {
    let dir = tempfile::tempdir().unwrap();
    let frame = Frame::Header { text: b"h\n".to_vec(), always: false };
    let target = Target::File(dir.path().join("t.txt"));
    Verdicts::create(target.clone(), frame.clone()).unwrap().finish().unwrap();
    assert_eq!(read(dir.path()), named(&[("t.txt", "")]));
    let mut verdicts = Verdicts::create(target, frame).unwrap();
    verdicts.write(b"a\nb\n", &[2, 4]).unwrap();
    verdicts.write(b"c\n", &[2]).unwrap();
    verdicts.finish().unwrap();
    assert_eq!(read(dir.path()), named(&[("t.txt", "h\na\nb\nc\n")]));
}
