//! Project chores: `cargo xtask CHORE …`.

mod reference_data;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let chore = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let done = match chore.as_str() {
        "reference-data" => reference_data::run(&rest),
        _ => Err(anyhow::anyhow!("unknown chore `{chore}`; known: reference-data")),
    };
    report(done)
}

#[expect(clippy::print_stderr, reason = "a chore speaks to the person who runs it")]
fn report(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
