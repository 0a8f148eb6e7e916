/*!
Reading and scoring the feeds of a queue, in all threads, with progress on stderr.
*/

use std::path::PathBuf;

use crate::campaigns::join::Ties;
use crate::cli::common::{ThreadArgs, counted, warn};
use crate::cli::score::report::{Counts, Manner, Report};
use crate::cli::score::source::{Cut, Records};
use crate::cli::score::work::{Done, SHOWN};
use crate::feed::{FeedOptions, Record};
use crate::review::queue::{Item, Queue};
use crate::score::Scorer;
use crate::score::pipeline::{self, PipelineLimits};

/// What was read.
pub(super) struct Loaded {
    pub(super) queue: Queue,
    pub(super) rejects: u64,
}

pub(super) fn read(feeds: &[PathBuf], options: FeedOptions, scorer: &Scorer) -> anyhow::Result<Loaded> {
    let records = Records::of_files(feeds.to_vec(), options);
    let mut report = Report::new(Manner::default(), records.progress(), Counts::default());
    let mut queue = Queue::default();
    let work = |batch: Vec<Cut>| {
        let (mut items, mut done) = (Vec::with_capacity(batch.len()), Done::default());
        for cut in batch {
            match cut.raw.parse(&cut.context) {
                Record::Posting(posting) => {
                    let reading = scorer.reader().read(&posting);
                    let verdict = scorer.score_reading(&posting, &reading);
                    done.actions[verdict.action as usize] += 1;
                    let ties = Ties::of(scorer.reader(), &posting, &reading);
                    items.push((Item::new(&posting, &verdict), ties));
                }
                Record::Reject(reject) => done.reject(reject, false),
            }
        }
        (items, done)
    };
    let sink = |(items, done): (Vec<(Item, Ties)>, Done)| {
        items.into_iter().for_each(|(item, ties)| queue.push(item, ties));
        report.count(done);
        Ok(())
    };
    let read = pipeline::run(&PipelineLimits::new(ThreadArgs::default().count()?), records, Records::weigh, work, sink);
    report.end();
    read?;
    let rejects = report.counts().rejects();
    if rejects > SHOWN as u64 {
        warn(format_args!("{} in all", counted(rejects, "reject")));
    }
    Ok(Loaded { queue, rejects })
}
