//! What `hiveboard --version` says: the version, and of a release the commit it is built from.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=HIVEBOARD_COMMIT");
    // Where there is no repository (an image, an archive), whoever builds says which commit it is.
    let given = std::env::var("HIVEBOARD_COMMIT").ok().filter(|commit| !commit.is_empty());
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    // Builds of every day are not made anew for each commit.
    let commit = given.or_else(|| is_release.then(commit_of_repository).flatten());
    let version = env!("CARGO_PKG_VERSION");
    let built = match commit {
        Some(commit) => commit,
        None if is_release => "unknown commit".to_owned(),
        None => "development build".to_owned(),
    };
    println!("cargo::rustc-env=HIVEBOARD_VERSION={version} ({built})");
}

/// `1a2b3c4d5e 2026-11-26`
fn commit_of_repository() -> Option<String> {
    // Moves with every commit and checkout.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    println!("cargo::rerun-if-changed={log}");
    git(&["show", "--no-patch", "--format=%h %cs", "--abbrev=10", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let ran = Command::new("git").args(arguments).output().ok().filter(|ran| ran.status.success())?;
    let text = String::from_utf8(ran.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}
