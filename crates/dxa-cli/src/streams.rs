//! Where a table of numbers comes from and goes to: a file or the standard streams.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use dxa_exchange::csv::TableProblem;
use dxa_exchange::csv::regions::harmless;

/// Opens a file to read; `-` is the standard input.
///
/// # Errors
/// A path that cannot be opened, a folder too.
pub(crate) fn open(path: &Path) -> anyhow::Result<Box<dyn Read + Send>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    if path.is_dir() {
        anyhow::bail!("{} is a folder; name a CSV file", path.display());
    }
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

/// Why a file cannot be `done`, with its name.
pub(crate) fn unusable(path: &Path, done: &str, problem: TableProblem) -> anyhow::Error {
    match problem {
        TableProblem::Header(problem) => anyhow::anyhow!("{} cannot be {done}: {problem}", path.display()),
        TableProblem::Csv(error) => {
            anyhow::Error::new(error).context(format!("cannot read {}", path.display()))
        }
    }
}

/// A cell of a table of results: a number stays one, and no text is a formula for a spreadsheet.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    if text.parse::<f64>().is_ok() { text.into() } else { harmless(text) }
}

/// A result on its way to stdout or to a file, which gets its name only when the result is whole.
pub(crate) struct Sink {
    writer: Box<dyn Write>,
    file: Option<(PathBuf, PathBuf)>,
}

impl Sink {
    /// Opens the sink; `None` is the standard output.
    ///
    /// # Errors
    /// A file that cannot be made.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self { writer: Box::new(BufWriter::new(io::stdout())), file: None });
        };
        let mut name = path.file_name().context("the output is no file name")?.to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let part = path.with_file_name(name);
        let file = File::create(&part).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { writer: Box::new(BufWriter::new(file)), file: Some((part, path.to_owned())) })
    }

    /// Writes; `false` when the reader of stdout has gone away, which ends the work without an error.
    ///
    /// # Errors
    /// A disk that is full and the like.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<bool> {
        went_out(self.writer.write_all(bytes))
    }

    /// Writes what is left and gives the file its name.
    ///
    /// # Errors
    /// As for writing.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        went_out(self.writer.flush())?;
        if let Some((part, path)) = self.file.take() {
            std::fs::rename(part, &path).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

impl Drop for Sink {
    /// A result that was not finished leaves no file behind.
    fn drop(&mut self) {
        if let Some((part, _)) = &self.file {
            // Nothing is lost when it stays.
            let _ = std::fs::remove_file(part);
        }
    }
}

fn went_out(result: io::Result<()>) -> anyhow::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error).context("cannot write the result"),
    }
}
