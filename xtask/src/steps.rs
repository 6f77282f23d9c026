//! Running other programs: their output is passed on as it comes or at their end, and kept to be counted.

use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;

/// What a finished program said on both outputs, and whether it succeeded.
pub(crate) struct Finished {
    pub(crate) success: bool,
    pub(crate) lines: Vec<String>,
}

/// Runs the command to its end and passes its output on as it comes.
pub(crate) fn run(command: &mut Command) -> Result<Finished> {
    run_showing(command, |line| println!("{line}"), |line| eprintln!("{line}"))
}

/// Runs the command to its end beside others; its output is for the caller to show.
pub(crate) fn run_aside(command: &mut Command) -> Result<Finished> {
    run_showing(command, |_| {}, |_| {})
}

fn run_showing(
    command: &mut Command,
    show: impl Fn(&str),
    show_error: impl Fn(&str) + Send + 'static,
) -> Result<Finished> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{name}` cannot be started"))?;
    let stderr = child.stderr.take().map(|stream| thread::spawn(move || pass_on(stream, show_error)));
    let mut lines = child.stdout.take().map(|stream| pass_on(stream, show)).unwrap_or_default();
    if let Some(reader) = stderr {
        lines.extend(reader.join().unwrap_or_default());
    }
    let status = child.wait().with_context(|| format!("`{name}` was lost"))?;
    Ok(Finished { success: status.success(), lines })
}

/// Whether the command can be started and succeeds; its output is dropped.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn pass_on(stream: impl Read, show: impl Fn(&str)) -> Vec<String> {
    let mut lines = Vec::new();
    for bytes in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        show(&line);
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_outputs_and_the_status_are_kept() {
        let finished = run(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"])).unwrap();
        assert_eq!(finished.lines, ["out", "err"]);
        assert!(!finished.success);
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error_with_its_name() {
        let error = run(&mut Command::new("no-such-program-anywhere")).err().unwrap();
        assert!(error.to_string().contains("no-such-program-anywhere"));
        assert!(!succeeds("no-such-program-anywhere", &[]));
    }
}
