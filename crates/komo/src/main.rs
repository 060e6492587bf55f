//! The program `komo`.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    komo::cli::run(komo::cli::Cli::parse())
}
