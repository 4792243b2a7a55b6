use std::process::ExitCode;

fn main() -> ExitCode {
    match hiveboard::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => hiveboard::cli::ended_by(&error),
    }
}
