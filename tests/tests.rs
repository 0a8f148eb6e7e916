/*!
The program as its users meet it: one binary that runs `lurescan` with real arguments, files and pipes.
*/

mod util;

mod bad_input;
mod checkpoint;
mod commands;
mod explain;
mod golden;
mod lexicons;
mod models;
mod pipes;
mod privacy;
mod score;
mod statements;
mod training;
