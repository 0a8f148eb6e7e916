/*!
Scores job postings for recruitment scams.
*/
#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod entities;
pub mod posting;
