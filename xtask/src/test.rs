//! `cargo xtask test`: every check of the project in one run; stops at the first that fails.

mod count;
pub(crate) mod tools;

use crate::{reference_data, steps, tidy};
use anyhow::{Context, Result, ensure};
use count::Count;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// One check: its name, and what runs it.
type Step = (&'static str, fn(&Path) -> Result<Count>);

const STEPS: [Step; 9] = [
    ("tools", |root| tools::install(root).map(|()| Count::NOTHING)),
    ("format", |root| cargo(root, &["fmt", "--all", "--check"])),
    ("lints", |root| {
        cargo(root, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
    }),
    ("documentation", documentation),
    ("house rules", house_rules),
    ("tests", tests),
    ("documentation examples", examples),
    ("peers", peers),
    ("reference data", tables),
];

/// Runs all steps and ends with one line, `N passed, N failed`.
pub(crate) fn command(root: &Path) -> Result<ExitCode> {
    let mut total = Count::NOTHING;
    for (name, step) in STEPS {
        println!("==> {name}");
        let start = Instant::now();
        let count = step(root).unwrap_or_else(|error| {
            eprintln!("error: {name}: {error:#}");
            Count::FAILED
        });
        println!("<== {name}: {count} ({:.0} s)", start.elapsed().as_secs_f64());
        total = total + count;
        if count.failed > 0 {
            break;
        }
    }
    println!("{total}");
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn cargo_command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(root).env("CARGO_TERM_COLOR", "never");
    command
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<Count> {
    Ok(Count::of(steps::run(&mut cargo_command(root, arguments))?.success))
}

fn documentation(root: &Path) -> Result<Count> {
    let mut command = cargo_command(root, &["doc", "--workspace", "--no-deps", "--locked"]);
    Ok(Count::of(steps::run(command.env("RUSTDOCFLAGS", "-D warnings"))?.success))
}

fn house_rules(root: &Path) -> Result<Count> {
    Ok(Count::of(tidy::command(root)? == ExitCode::SUCCESS))
}

fn tests(root: &Path) -> Result<Count> {
    let finished = steps::run(&mut cargo_command(
        root,
        &["nextest", "run", "--workspace", "--locked", "--no-fail-fast"],
    ))?;
    count::of_nextest(&finished)
}

fn examples(root: &Path) -> Result<Count> {
    let finished = steps::run(&mut cargo_command(root, &["test", "--doc", "--workspace", "--locked"]))?;
    Ok(count::of_doctests(&finished))
}

/// Runs every script of tests/peers, two at a time, against the `dxa` binary and the Python module just built.
fn peers(root: &Path) -> Result<Count> {
    // Of the whole workspace, as the tests were: other features would be another build of everything.
    let built = cargo(root, &["build", "--workspace", "--lib", "--bins", "--locked"])?;
    ensure!(built.failed == 0, "the binary `dxa` and the Python module do not build");
    let scripts = Mutex::new(peer_scripts(&root.join("tests/peers"))?.into_iter());
    let total = Mutex::new(Count::NOTHING);
    let next = || scripts.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some(script) = next() {
            let finished = peer(root, &script);
            let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
            *total = *total + finished;
        }
    };
    // They wait for servers most of the time.
    std::thread::scope(|scope| (0..PEERS_AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner))
}

const PEERS_AT_ONCE: usize = 2;

fn peer(root: &Path, script: &Path) -> Count {
    let start = Instant::now();
    let mut command = Command::new(tools::python(root));
    command.arg(script).current_dir(root).env("DXA", tools::built_binary(root, "dxa"));
    command.env("DXA_MODULE", tools::built_binary(root, "lib_dxa.so"));
    let finished = steps::run_aside(&mut command);
    // In one piece, so that what each says stands together.
    let lines = finished.as_ref().map(|finished| finished.lines.join("\n")).unwrap_or_default();
    println!("--- {} ({:.0} s)\n{lines}", script.display(), start.elapsed().as_secs_f64());
    finished.map_or_else(
        |error| {
            eprintln!("error: {error:#}");
            Count::FAILED
        },
        |finished| count::of_peer(&finished, script),
    )
}

/// Makes the reference tables again from the survey records and compares every byte.
fn tables(_: &Path) -> Result<Count> {
    if !reference_data::has_records() {
        println!("not checked: the environment says that there are no survey records here");
        return Ok(Count::NOTHING);
    }
    reference_data::run(&["--check".to_owned()]).map(|()| Count::of(true))
}

fn peer_scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut scripts: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    scripts.sort();
    ensure!(!scripts.is_empty(), "{} holds no script", folder.display());
    Ok(scripts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_peer_scripts_is_an_error() {
        assert!(peer_scripts(Path::new("no-such-folder")).is_err());
        assert!(peer_scripts(Path::new(env!("CARGO_MANIFEST_DIR"))).is_err());
    }
}
