//! `cargo xtask endure`: the long form of the tests that kill the service while it receives.

use crate::steps;
use anyhow::Result;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Kills of the service at different moments; the tests of every run have ten.
const ROUNDS: &str = "100";

/// Runs the crash tests of the service with many kills.
pub(crate) fn run(root: &Path) -> Result<ExitCode> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--locked", "-p", "dxa-server", "--test", "crash", "--", "--nocapture"]);
    let finished = steps::run(command.current_dir(root).env("DXA_CRASH_ROUNDS", ROUNDS))?;
    Ok(if finished.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
