/*!
Training: labelled postings, how they are checked and parted, and the solvers.
*/

pub mod check;
pub mod labelled;
pub mod marked;
pub mod record;
pub mod sparse;
pub mod split;
