use std::process::ExitCode;

fn main() -> ExitCode {
    qinghe::command::run()
}
