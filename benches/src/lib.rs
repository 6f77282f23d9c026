//! What the benches and the peer comparison time: one function a task, each from a path to what was seen.

pub mod clock;

use std::io;
use std::path::{Path, PathBuf};

/// Reads a file's header, as far as the pixel data, and classifies it.
///
/// Returns how many elements were read, those in sequences included, group 0002 not: the number pydicom's
/// `Dataset.iterall` gives after `dcmread(stop_before_pixels=True)`.
///
/// # Errors
/// When the file cannot be read.
pub fn read_header(file: &Path) -> io::Result<usize> {
    bytes_only(file)
}

/// Reads a whole structured report and turns the value of every element into its type.
///
/// Returns how many elements were touched, counted as in [`read_header`].
///
/// # Errors
/// When the file cannot be read.
pub fn touch_every_element(file: &Path) -> io::Result<usize> {
    bytes_only(file)
}

/// Stands where the reader of dxa-core goes: it reads the file and counts no element, so that the peer
/// comparison, which demands equal counts, cannot mistake it for a result.
fn bytes_only(file: &Path) -> io::Result<usize> {
    std::hint::black_box(std::fs::read(file)?);
    Ok(0)
}

/// The `.dcm` files of a folder, in order of name.
///
/// # Errors
/// When the folder cannot be read.
pub fn dicom_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    let mut files: Vec<PathBuf> = entries
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "dcm"))
        .collect();
    files.sort();
    Ok(files)
}
