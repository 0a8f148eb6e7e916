/*!
What the targets share: reading bytes as a feed, and what has to hold of every record.
*/

use std::io::Cursor;

use lurescan::feed::{Feed, FeedOptions, InputFormat, Limits, Record, TextEncoding};
use lurescan::posting::Posting;

/// Small bounds, so that they are met.
const LIMITS: Limits = Limits { record_bytes: 4096, values: 200, decompression_ratio: 1000 };

/// Records of one input that are looked at.
const MOST: usize = 2000;

/// Reads bytes in a format, hands on the postings, and checks what holds of every feed: records are numbered without a
/// gap, a posting has an id and a text, a reject its reason.
pub fn read(format: InputFormat, encoding: Option<TextEncoding>, bytes: &[u8], mut each: impl FnMut(Posting)) {
    let options = FeedOptions { format, encoding, limits: LIMITS, ..FeedOptions::default() };
    let Ok(mut feed) = Feed::from_reader("fuzz", Box::new(Cursor::new(bytes.to_vec())), &options) else { return };
    let context = feed.context().clone();
    for number in 1..=MOST as u64 {
        let Some(Ok(raw)) = feed.next_raw() else { break };
        assert_eq!(raw.number(), number);
        match raw.parse(&context) {
            Record::Posting(posting) => {
                assert!(!posting.id.is_empty() && !posting.has_no_text());
                each(*posting);
            }
            Record::Reject(reject) => assert!(reject.record == number && !reject.reason.is_empty()),
        }
    }
}
