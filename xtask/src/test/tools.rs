//! The tools the checks need: found, or installed, or named in an error.

use crate::steps;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Version installed where nextest is missing; any version present is used as it is.
const NEXTEST: &str = "0.9.143";

/// What the peers need from PyPI.
const REQUIREMENTS: &str = "tests/requirements.txt";

/// Makes sure that every tool is there.
pub(super) fn install(root: &Path) -> Result<()> {
    rust_components()?;
    nextest()?;
    dcmtk()?;
    dicom3tools()?;
    postgresql()?;
    orthanc()?;
    chromium()?;
    letters(root)?;
    faketime()?;
    virtual_environment(root)
}

/// The interpreter that has the peers installed.
pub(crate) fn python(root: &Path) -> PathBuf {
    root.join(".venv/bin/python")
}

/// A binary of the dev profile.
pub(crate) fn built_binary(root: &Path, name: &str) -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    target.join("debug").join(name)
}

fn rust_components() -> Result<()> {
    if steps::succeeds("cargo", &["fmt", "--version"]) && steps::succeeds("cargo", &["clippy", "--version"]) {
        return Ok(());
    }
    run(Command::new("rustup").args(["component", "add", "rustfmt", "clippy"]))
}

fn nextest() -> Result<()> {
    if steps::succeeds("cargo", &["nextest", "--version"]) {
        return Ok(());
    }
    run(Command::new("cargo").args(["install", "--locked", "cargo-nextest", "--version", NEXTEST]))
}

/// DCMTK, the reference implementation, decodes what pydicom cannot.
fn dcmtk() -> Result<()> {
    if steps::succeeds("dcmdjpeg", &["--version"]) {
        return Ok(());
    }
    system_packages(&["dcmtk"])
}

/// dicom3tools holds the validator of what we write; it has no option that only asks for its version.
fn dicom3tools() -> Result<()> {
    if Command::new("dciodvfy").arg("-h").output().is_ok() {
        return Ok(());
    }
    system_packages(&["dicom3tools"])
}

/// PostgreSQL, which tests of the store start for themselves.
fn postgresql() -> Result<()> {
    let is_there = |folder: std::fs::DirEntry| folder.path().join("bin/initdb").exists();
    let mut versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    if versions.any(is_there) || steps::succeeds("initdb", &["--version"]) {
        return Ok(());
    }
    system_packages(&["postgresql"])
}

/// Orthanc, the archive that forwards to us and receives from us.
fn orthanc() -> Result<()> {
    if steps::succeeds("Orthanc", &["--version"]) {
        return Ok(());
    }
    system_packages(&["orthanc"])
}

/// Chromium, in which the pages are used.
fn chromium() -> Result<()> {
    if steps::succeeds("chromium", &["--version"]) || steps::succeeds("chromium-browser", &["--version"]) {
        return Ok(());
    }
    system_packages(&["chromium"])
}

/// The fonts of the container: reports of tests are printed with what users have.
fn letters(root: &Path) -> Result<()> {
    let container = std::fs::read_to_string(root.join(CONTAINER)).context(CONTAINER)?;
    let fonts: Vec<&str> = container.split_whitespace().filter(|word| word.starts_with("fonts-")).collect();
    if fonts.iter().all(|package| steps::succeeds("dpkg", &["-s", package])) {
        return Ok(());
    }
    system_packages(&fonts)
}

/// The recipe of the container, which names its packages.
const CONTAINER: &str = "packaging/Containerfile";

/// A clock that is wrong on purpose: certificates of another year are made with it.
fn faketime() -> Result<()> {
    if steps::succeeds("faketime", &["--version"]) {
        return Ok(());
    }
    system_packages(&["faketime"])
}

/// Makes `.venv` and installs the pinned peers, again whenever the list has changed.
pub(crate) fn virtual_environment(root: &Path) -> Result<()> {
    let wanted = std::fs::read_to_string(root.join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let stamp = root.join(".venv/installed-requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if !steps::succeeds("python3", &["-c", "import venv, ensurepip"]) {
        system_packages(&["python3", "python3-venv"])?;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear", ".venv"]).current_dir(root))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS];
    run(Command::new(python(root)).args(install).current_dir(root))?;
    std::fs::write(&stamp, wanted).with_context(|| format!("{} cannot be written", stamp.display()))
}

fn system_packages(names: &[&str]) -> Result<()> {
    let list = names.join(" ");
    let is_root =
        Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if !is_root || !steps::succeeds("apt-get", &["--version"]) {
        bail!("please install: {list}");
    }
    run(Command::new("apt-get").args(["update", "--quiet"]))?;
    run(Command::new("apt-get").args(["install", "--yes", "--no-install-recommends"]).args(names))
}

fn run(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    ensure!(steps::run(command)?.success, "{shown} failed");
    Ok(())
}
