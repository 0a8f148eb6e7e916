/*!
The model: a table of n-gram weights (stage 1), weights of signals and composites (stage 2), the second reading of the text,
thresholds, and the files that hold them.
*/

pub mod artefact;
pub mod names;
pub mod text_stage;
pub mod vacancy;
pub mod verdict_stage;
