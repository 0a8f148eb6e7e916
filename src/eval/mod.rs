/*!
Evaluation: metrics under their standard names, intervals over groups, folds that keep groups together.
*/

pub mod bootstrap;
pub mod calibration;
pub mod compare;
pub mod curves;
pub mod folds;
pub mod interval;
pub mod logistic;
pub mod metrics;
pub mod perturb;
pub mod signals;
