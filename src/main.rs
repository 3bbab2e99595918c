use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    qinghe::command::Cli::parse().run()
}
