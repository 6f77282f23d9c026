//! Exit codes, and the one sentence of an error.

use std::io::{self, BufWriter, Write};
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
    /// A batch that ended before its end.
    EndedEarly = 3,
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

/// Writes a text to stdout; a reader that has gone away is not an error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    print_by(|out| Ok(out.write_all(text.as_bytes())?))
}

/// Writes a result to stdout piece by piece; a reader that has gone away is not an error.
pub(crate) fn print_by(write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write(&mut out).and_then(|()| Ok(out.flush()?));
    match written {
        Err(error) if is_closed_pipe(&error) => Ok(()),
        other => other,
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let of_json = error.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind).or(of_json);
    kind == Some(io::ErrorKind::BrokenPipe)
}
