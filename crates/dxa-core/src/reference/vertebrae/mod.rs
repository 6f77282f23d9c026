//! Normal vertebral shapes by level and sex, and the model that turns deviations into a fracture probability.

mod fracture_model;
mod normals;
mod spine_model;

pub use fracture_model::{Coefficients, FractureModel, Severity, Term};
pub use normals::{Normal, VertebralMeasure, VertebralNormals};
pub use spine_model::{BodyModel, L4, PairModel, ROWS, SpineModel, Spread, T12};

use super::error::TableProblem;
use super::library::SourceFile;
use super::sha256_hex;

/// Id of the bundled table of normals.
pub const NORMALS_ID: &str = "nhanes-2013-2014-normals";
/// Id of the bundled model.
pub const MODEL_ID: &str = "nhanes-2013-2014-fracture-model";
/// Id of the bundled model of the spine's shape.
pub const SPINE_MODEL_ID: &str = "nhanes-2013-2014-spine-model";

/// The rows of `<id>.csv`, when its checksum is the one in `<id>.toml` and its header the expected one.
fn rows(id: &str, files: &[SourceFile<'_>], header: &[&str]) -> Result<Vec<csv::StringRecord>, TableProblem> {
    let find = |ending: &str| files.iter().find(|file| file.name.strip_suffix(ending) == Some(id));
    let csv = find(".csv").ok_or(TableProblem::MissingRows)?;
    let sidecar = find(".toml").ok_or(TableProblem::MissingSidecar)?;
    let expected = super::conversion::checksum(sidecar.bytes)?;
    let found = sha256_hex(csv.bytes);
    if expected != found {
        return Err(TableProblem::Checksum { expected, found });
    }
    let mut reader = csv::Reader::from_reader(csv.bytes);
    let refused = |error: csv::Error| TableProblem::Csv(error.to_string());
    if reader.headers().map_err(refused)?.iter().ne(header.iter().copied()) {
        return Err(TableProblem::Csv("the header differs".to_owned()));
    }
    reader.records().map(|record| record.map_err(refused)).collect()
}

fn number(record: &csv::StringRecord, at: usize) -> Option<f64> {
    record.get(at)?.parse().ok().filter(|number: &f64| number.is_finite())
}
