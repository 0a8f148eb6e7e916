//! The command line of lurescan.

fn main() -> std::process::ExitCode {
    lurescan::cli::run()
}
