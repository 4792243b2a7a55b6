use std::process::ExitCode;

/// How it is set up stands in .cargo/config.toml. SQLite and zstd keep the system's.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match hiveboard::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => hiveboard::cli::ended_by(&error),
    }
}
