/*!
What moderators decide, and what follows from it.

A [`store::Store`] is one SQLite file of decisions that are only ever added to: who decided what about which text, when,
and what the model said then. From it come a training set ([`labels`]), the agreement of moderators ([`agreement`]), and
precision and recall of the thresholds, estimated from random samples ([`report`]). A [`queue::Queue`] holds the postings
that are to be looked at, in one of several orders, and joins them as [`campaigns`](crate::campaigns) does.

Nothing here knows a terminal or a feed: postings come in as [`Posting`](crate::posting::Posting)s, whoever read them.
*/

pub mod agreement;
pub mod decision;
pub mod error;
pub mod estimate;
pub mod labels;
pub mod queue;
pub mod record;
pub mod report;
pub mod sample;
pub mod schema;
pub mod store;

#[cfg(test)]
mod tests;
