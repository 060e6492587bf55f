//! The program `komo`.

use std::process::ExitCode;

use clap::Parser;

/// Small and steady under the load of many short requests, where the system's allocator keeps what it once had.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    komo::cli::run(komo::cli::Cli::parse())
}
