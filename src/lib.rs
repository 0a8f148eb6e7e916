/*!
Scores job postings for recruitment scams.
*/
#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod entities;
pub mod eval;
pub mod feed;
pub mod model;
pub mod posting;
pub mod signals;
pub mod text;
