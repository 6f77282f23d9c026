//! Exit codes, and the one sentence of an error.

use std::io::{self, Write};
use std::process::ExitCode;

/// How a command ended; the numbers are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done; a study with nothing but refusals is a result too.
    Done = 0,
    /// Nothing could be read, or a check failed.
    NothingRead = 1,
    /// Wrong usage, missing path or configuration.
    WrongUsage = 2,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome as u8)
    }
}

/// Says what went wrong, in one line on stderr.
pub(crate) fn complain(error: &anyhow::Error) {
    // Nothing can be done when even stderr is closed.
    let _ = writeln!(io::stderr(), "dxa: {error:#}");
}

/// Writes a result to stdout; a reader that has gone away is not an error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
