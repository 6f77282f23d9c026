//! What the benches and the peer comparison time: one function a task, each from a path to what was seen.

pub mod clock;
pub mod study;

use std::fs::File;
use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};

use dicom_core::VR;
use dxa_core::decode::text::CharacterSet;
use dxa_core::decode::{header, object, scans};
use dxa_core::guard::{self, Elements, Leniency, Limits, Object, Rejection};

/// Reads a file's header, as far as the pixel data, and classifies it.
///
/// Returns how many elements were read, those in sequences included, group 0002 not: the number pydicom's
/// `Dataset.iterall` gives after `dcmread(stop_before_pixels=True)`.
///
/// # Errors
/// When the file cannot be read.
pub fn read_header(file: &Path) -> io::Result<usize> {
    with_object(file, |object| {
        let read = object::read(object).map_err(|error| error.to_string())?;
        std::hint::black_box(scans::scans(std::slice::from_ref(&read)));
        Ok(count(object.root()) - usize::from(read.header.image.has_pixels))
    })
}

/// Reads a whole structured report and turns the value of every element into its type.
///
/// Returns how many elements were touched, counted as in [`read_header`].
///
/// # Errors
/// When the file cannot be read.
pub fn touch_every_element(file: &Path) -> io::Result<usize> {
    with_object(file, |object| Ok(touch(object.root(), &CharacterSet::of(object.root()))))
}

fn with_object<T>(path: &Path, read: impl Fn(&Object<'_>) -> Result<T, String>) -> io::Result<T> {
    let file = File::open(path)?;
    let total = file.metadata()?.len();
    let refused = |error: Refused| io::Error::other(error.0);
    guard::open_head_first(file, total, Leniency::Tolerant, &Limits::DEFAULT, |object| {
        read(object).map_err(Refused)
    })?
    .map_err(refused)
}

/// A file that was not let through, as a sentence.
struct Refused(String);

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self(rejection.to_string())
    }
}

fn count(data_set: Elements<'_>) -> usize {
    data_set.iter().map(|element| 1 + element.items().map(count).sum::<usize>()).sum()
}

fn touch(data_set: Elements<'_>, set: &CharacterSet) -> usize {
    let mut touched = 0;
    for element in data_set.iter() {
        touched += 1;
        match element.vr() {
            VR::SQ => touched += element.items().map(|item| touch(item, set)).sum::<usize>(),
            VR::DS => drop(black_box(header::decimals(&element))),
            VR::IS => drop(black_box(header::integer(&element))),
            VR::DA => drop(black_box(header::date(&element))),
            VR::US | VR::SS | VR::OW => drop(black_box(element.u16s())),
            VR::FD | VR::OD => drop(black_box(element.f64s())),
            VR::PN | VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC => {
                drop(black_box(set.decode(element.text_bytes())));
            }
            _ => drop(black_box(header::code(&element))),
        }
    }
    touched
}

/// The folders in a folder, in order of name.
///
/// # Errors
/// When the folder cannot be read.
pub fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut folders: Vec<PathBuf> = entries.collect::<io::Result<_>>()?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    Ok(folders)
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
