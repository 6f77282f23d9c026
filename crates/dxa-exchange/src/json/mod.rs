//! The JSON document `dxa.analysis/1`: names and shapes are fixed, and every key is always there.

mod assessment;
mod comparisons;
mod regions;
mod study;

use dxa_core::report::{Analysis, History};
use serde::Serialize;
use serde_json::Value;

use crate::Refused;

/// Renders studies and the files that made none.
///
/// Studies are ordered by UID, then Patient ID; errors by path.
///
/// # Errors
/// When a value cannot be written as JSON, which no value of these types is.
pub fn document(analyses: &[Analysis], refused: &[Refused], run: &Run<'_>) -> serde_json::Result<Value> {
    let mut studies: Vec<&Analysis> = analyses.iter().collect();
    studies.sort_by_key(|analysis| (analysis.study_instance_uid.clone(), analysis.patient.id.clone()));
    let mut errors: Vec<&Refused> = refused.iter().collect();
    errors.sort();
    let history = History::of(analyses);
    let studies = studies
        .into_iter()
        .map(|analysis| study::Study::of(analysis, comparisons::of(&history, analysis), run))
        .collect();
    serde_json::to_value(Document { schema: SCHEMA, studies, errors })
}

/// Name and version of the document.
const SCHEMA: &str = "dxa.analysis/1";

/// Where the settings of a run came from.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// `option`, `config` or `default`.
    pub profile_source: &'a str,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    studies: Vec<study::Study<'a>>,
    errors: Vec<&'a Refused>,
}

/// A number for JSON: rounded as shown, never −0.0; `None` where there is none.
fn rounded(value: Option<f64>, decimals: i32) -> Option<f64> {
    value.map(|value| dxa_core::units::round_half_away(value, decimals))
}
