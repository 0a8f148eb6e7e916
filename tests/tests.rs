/*!
The program as its users meet it: one binary that runs `lurescan` with real arguments, files and pipes.
*/

mod perturb;
mod terminal;
mod util;

mod adapting;
mod bad_input;
mod campaigns;
mod chats;
mod checkpoint;
mod commands;
mod explain;
mod figures;
mod formats;
mod golden;
mod guides;
mod hostile;
mod labels;
mod lexicons;
mod models;
mod parquet;
mod perturbing;
mod pipes;
mod privacy;
mod reports;
mod review;
mod rival_rows;
mod score;
mod statements;
mod training;
