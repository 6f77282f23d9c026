//! Embeds every file of reference-data/, so that adding a table is adding two files.

#![expect(clippy::disallowed_methods, reason = "a build script reads files; the library does not")]

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const FOLDERS: [(&str, &str); 4] = [
    ("TABLES", "tables"),
    ("CONVERSIONS", "conversions"),
    ("PROFILES", "profiles"),
    ("VERTEBRAE", "vertebrae"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference-data");
    let mut code = String::new();
    for (constant, folder) in FOLDERS {
        let folder = root.join(folder);
        println!("cargo:rerun-if-changed={}", folder.display());
        embed(&mut code, constant, &files(&folder)?)?;
    }
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(Path::new(&out).join("reference_data.rs"), code)?;
    Ok(())
}

/// The files of a folder, by name, so that the build does not depend on the file system's order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "csv" || extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn embed(code: &mut String, constant: &str, paths: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    writeln!(code, "pub(super) const {constant}: &[SourceFile<'static>] = &[")?;
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a file name is not UTF-8")?;
        println!("cargo:rerun-if-changed={}", path.display());
        let path = path.to_str().ok_or("a path is not UTF-8")?;
        writeln!(code, "    SourceFile {{ name: {name:?}, bytes: include_bytes!({path:?}) }},")?;
    }
    writeln!(code, "];")?;
    Ok(())
}
