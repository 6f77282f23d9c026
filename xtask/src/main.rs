//! Project chores: house rules, every check there is, reference tables from raw records.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks on its output")]

mod accuracy;
mod endure;
mod reference_data;
mod sbom;
mod simulated_spines;
mod steps;
mod test;
mod tidy;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str =
    "usage: cargo xtask <tidy | test | reference-data | simulated-spines | accuracy | sbom | endure>";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = arguments.get(1..).unwrap_or_default();
    let outcome = match arguments.first().map(String::as_str) {
        Some("tidy") => tidy::command(repository()),
        Some("test") => test::command(repository()),
        Some("reference-data") => reference_data::run(rest).map(|()| ExitCode::SUCCESS),
        Some("simulated-spines") => simulated_spines::run(repository(), rest).map(|()| ExitCode::SUCCESS),
        Some("endure") => endure::run(repository(), rest),
        Some("sbom") => sbom::run(repository()).map(|()| ExitCode::SUCCESS),
        Some("accuracy") => accuracy::run(repository(), rest).map(|()| ExitCode::SUCCESS),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// The root of the checkout: the folder above this package.
fn repository() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}
