/*!
Scores job postings for recruitment scams.
*/
#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod cli;
pub mod entities;
pub mod eval;
pub mod feed;
pub mod model;
pub mod posting;
pub mod score;
pub mod signals;
pub mod text;
pub mod train;
pub mod verdict;
