/*!
What the targets share: reading bytes as a feed, and what has to hold of every record.
*/

use std::io::Cursor;
use std::path::Path;

use lurescan::feed::{Feed, FeedOptions, InputFormat, Limits, Record, TextEncoding};
use lurescan::posting::Posting;

/// Small bounds, so that they are met.
const LIMITS: Limits = Limits { record_bytes: 4096, values: 200, decompression_ratio: 1000 };

/// Records of one input that are looked at.
const MOST: usize = 2000;

/// Reads bytes in a format, hands on the postings, and checks what holds of every feed: records are numbered without a
/// gap, a posting has an id and a text, a reject its reason.
pub fn read(format: InputFormat, encoding: Option<TextEncoding>, bytes: &[u8], each: impl FnMut(Posting)) {
    let options = FeedOptions { format, encoding, limits: LIMITS, ..FeedOptions::default() };
    if let Ok(feed) = Feed::from_reader("fuzz", Box::new(Cursor::new(bytes.to_vec())), &options) {
        read_all(feed, each);
    }
}

/// The same of a file.
pub fn open(format: InputFormat, path: &Path, each: impl FnMut(Posting)) {
    let options = FeedOptions { format, limits: LIMITS, ..FeedOptions::default() };
    if let Ok(feed) = Feed::open(path, &options) {
        read_all(feed, each);
    }
}

fn read_all(mut feed: Feed, mut each: impl FnMut(Posting)) {
    let mut last = (0, 0);
    for _ in 0..MOST {
        let Some(Ok(raw)) = feed.next_raw() else { break };
        let next = if feed.member() == last.0 { last.1 + 1 } else { 1 };
        assert!(feed.member() >= last.0 && raw.number() == next);
        last = (feed.member(), next);
        match raw.parse(feed.context()) {
            Record::Posting(posting) => {
                assert!(!posting.id.is_empty() && !posting.has_no_text());
                each(*posting);
            }
            Record::Reject(reject) => assert!(reject.record == next && !reject.reason.is_empty()),
        }
    }
}
