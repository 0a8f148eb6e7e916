/*!
Scores job postings for recruitment scams, and says why.

A posting flows one way through the house: [`feed`] reads records, [`text`] makes folded tokens of them with the way back
to the original kept, [`entities`] finds money, contacts, links and places, [`signals`] finds what a posting says and
where, [`model`] turns that into log-odds, and [`score`] into a verdict. [`campaigns`] groups what belongs together. [`eval`]
measures, [`train`] fits. The library
knows no terminal and no globals; a [`score::Scorer`] is made once and shared by threads.

```
use lurescan::posting::Posting;
use lurescan::score::Scorer;
use lurescan::verdict::Action;

let scorer = Scorer::embedded()?;
let posting = Posting::from_text(
    "post-1",
    "URGENT customer service agents for Cambodia, $3,000 a month, no experience. \
     Free flight and accommodation. Telegram @lucky_hr00",
);
let verdict = scorer.score(&posting);
assert_ne!(verdict.action, Action::Clear);
let flight = verdict.signals.iter().find(|s| s.id == "free_travel").expect("it offers a flight");
assert!(flight.spans[0].text.starts_with("Free flight"));
# Ok::<(), Box<dyn std::error::Error>>(())
```
*/
#![deny(missing_docs)]
// They panic when the stream is closed or full.
#![deny(clippy::print_stdout, clippy::print_stderr)]
#![forbid(unsafe_code)]

pub mod campaigns;
pub mod cli;
pub mod dsa;
pub mod entities;
pub mod eval;
pub mod feed;
pub mod model;
pub mod posting;
pub mod redact;
pub mod review;
pub mod score;
pub mod signals;
pub mod text;
pub mod train;
pub mod verdict;
