/*!
Reading and scoring the feeds of a queue, in all threads, with progress on stderr.
*/

use std::num::NonZeroUsize;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::common::{counted, warn};
use crate::cli::terminal::one_line;
use crate::feed::{Feed, FeedOptions, RawRecord, Record, Reject};
use crate::review::queue::{Item, Queue};
use crate::score::Scorer;
use crate::score::pipeline::{self, PipelineLimits};

/// What a record takes beside its bytes.
const OVERHEAD: usize = 256;
/// Rejects that are named before the rest is only counted.
const REJECTS_SHOWN: u64 = 3;

/// What was read.
pub(super) struct Loaded {
    pub(super) queue: Queue,
    pub(super) rejects: u64,
}

pub(super) fn read(feeds: &[PathBuf], options: &FeedOptions, scorer: &Scorer) -> anyhow::Result<Loaded> {
    let sizes = feeds.iter().map(|f| std::fs::metadata(f).ok().filter(|m| m.is_file()).map(|m| m.len()));
    // Hidden by itself where stderr is no terminal.
    let (bar, template) = match sizes.sum::<Option<u64>>() {
        Some(total) if total > 0 => (ProgressBar::new(total), "{wide_bar} {bytes}/{total_bytes} {eta}  reading"),
        _ => (ProgressBar::no_length(), "{spinner} {bytes}  reading"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    let mut loaded = Loaded { queue: Queue::default(), rejects: 0 };
    for path in feeds {
        let mut feed = Feed::open(path, options)?;
        let context = feed.context().clone();
        let (bar, mut before) = (&bar, 0);
        let source = std::iter::from_fn(move || {
            let next = feed.next_raw();
            let read = feed.bytes_read().get();
            bar.inc(read - before);
            before = read;
            next
        });
        let work = |batch: Vec<_>| -> Vec<Result<Item, Reject>> {
            let score = |raw: RawRecord| match raw.parse(&context) {
                Record::Posting(posting) => Ok(Item::new(&posting, &scorer.score(&posting))),
                Record::Reject(reject) => Err(reject),
            };
            batch.into_iter().map(score).collect()
        };
        let sink = |done: Vec<Result<Item, Reject>>| {
            for item in done {
                match item {
                    Ok(item) => loaded.queue.push(item),
                    Err(reject) => {
                        loaded.rejects += 1;
                        if loaded.rejects <= REJECTS_SHOWN {
                            let reason = one_line(&reject.reason);
                            bar.suspend(|| warn(format_args!("{}: record {}: {reason}", reject.file, reject.record)));
                        }
                    }
                }
            }
            Ok(())
        };
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        pipeline::run(&PipelineLimits::new(threads), source, |raw| raw.length() as usize + OVERHEAD, work, sink)?;
    }
    bar.finish_and_clear();
    if loaded.rejects > REJECTS_SHOWN {
        warn(format_args!("{} in all", counted(loaded.rejects, "reject")));
    }
    Ok(loaded)
}
