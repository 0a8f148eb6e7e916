//! The command line of lurescan.

/// Takes huge pages where the system gives them, and keeps what is freed: scoring reads tables all over the memory, and takes
/// and frees room for each posting.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    lurescan::cli::run()
}
