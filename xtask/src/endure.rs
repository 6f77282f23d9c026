//! `cargo xtask endure [ROUNDS]`: the long form of the tests that kill, crowd and repeat, which `cargo xtask test` runs
//! in a short one.

use crate::steps;
use crate::test::tools;
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::{Command, ExitCode};

/// Kills of the service at different moments, and repeated analyses; the tests of every run have ten.
const ROUNDS: u32 = 100;

/// Runs the tests of crashes and of determinism with many rounds, and the senders with many connections.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode> {
    let rounds = match arguments.first() {
        Some(rounds) => rounds.parse().with_context(|| format!("`{rounds}` is no number of rounds"))?,
        None => ROUNDS,
    };
    ensure!(rounds > 0, "the number of rounds must be above zero");
    let rounds = rounds.to_string();
    let tests = ["test", "--locked", "-p", "dxa-server", "--test", "crash", "--test", "determinism"];
    let mut kills = Command::new(env!("CARGO"));
    kills.args(tests).args(["--", "--nocapture"]).current_dir(root);
    kills.env("DXA_CRASH_ROUNDS", &rounds).env("DXA_REPEATS", &rounds);
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--locked", "--bin", "dxa"]).current_dir(root);
    tools::virtual_environment(root)?;
    let mut crowds = Command::new(tools::python(root));
    crowds.arg(root.join("tests/peers/service_endures.py")).current_dir(root);
    crowds.env("DXA_ENDURE", "1").env("DXA", tools::built_binary(root, "dxa"));
    for mut step in [kills, build, crowds] {
        if !steps::run(&mut step)?.success {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
