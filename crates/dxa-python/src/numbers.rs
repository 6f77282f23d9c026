//! Tables of numbers without DICOM, as CSV texts: the same rows as `dxa grade` and `dxa score`.

use dxa_core::grade::Grader;
use dxa_core::reference::{Library, Profile};
use dxa_exchange::csv::grade;
use dxa_exchange::csv::score::{Scheme, Scored};

use crate::analysis::Wrong;

/// Six-point morphometry: heights, losses, grades and probabilities.
pub(crate) fn graded(text: &str) -> Result<String, Wrong> {
    let graded = grade::graded(text.as_bytes(), &Grader::bundled()).map_err(Wrong::because)?;
    String::from_utf8(graded.csv()).map_err(Wrong::because)
}

/// T- and Z-scores of densities, by a profile or against tables by name.
pub(crate) fn scored(text: &str, profile: Option<&str>, references: &[String]) -> Result<String, Wrong> {
    let profile = profile.unwrap_or(Profile::DEFAULT);
    let scheme = Scheme::chosen(profile, references, Library::bundled()).map_err(Wrong::because)?;
    let scored = Scored::of(text.as_bytes(), scheme).map_err(Wrong::because)?;
    let table = scored.collect::<Result<Vec<_>, _>>().map_err(Wrong::because)?.concat();
    String::from_utf8(table).map_err(Wrong::because)
}
