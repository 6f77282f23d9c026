//! The JSON document `dxa.analysis/1`: names and shapes are fixed, and every key is always there.

mod assessment;
mod comparisons;
mod images;
mod points;
mod regions;
mod study;
mod vertebrae;

use std::io::Write;

use dxa_core::assess::SitePrecision;
use dxa_core::report::{Analysis, History};
use serde::{Serialize, Serializer};

use crate::Refused;

pub use points::grade_points;

/// Writes studies and the files that made none, without a copy of the document in memory.
///
/// Studies are ordered by UID, then Patient ID; errors by path.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(
    out: impl Write,
    analyses: &[Analysis],
    refused: &[Refused],
    run: &Run<'_>,
) -> serde_json::Result<()> {
    let mut studies: Vec<&Analysis> = analyses.iter().collect();
    studies.sort_by_key(|analysis| (&analysis.study_instance_uid, &analysis.patient.id));
    let mut errors: Vec<&Refused> = refused.iter().collect();
    errors.sort();
    let studies = Studies { studies, history: History::of(analyses), run };
    serde_json::to_writer_pretty(out, &Document { schema: SCHEMA, studies, errors })
}

/// Writes one of the studies, compared with the others of its patient.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_study(
    out: impl Write,
    analysis: &Analysis,
    analyses: &[Analysis],
    run: &Run<'_>,
) -> serde_json::Result<()> {
    let studies = Studies { studies: vec![analysis], history: History::of(analyses), run };
    serde_json::to_writer_pretty(out, &Document { schema: SCHEMA, studies, errors: Vec::new() })
}

/// Name and version of the document.
pub(crate) const SCHEMA: &str = "dxa.analysis/1";

/// Where the settings of a run came from.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// `option`, `config` or `default`.
    pub profile_source: &'a str,
    /// The site's own precision; where it has none, changes are judged by the default.
    pub precision: &'a [SitePrecision],
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    studies: Studies<'a>,
    errors: Vec<&'a Refused>,
}

/// Studies that take the shape of the document one by one, while they are written.
struct Studies<'a> {
    studies: Vec<&'a Analysis>,
    history: History<'a>,
    run: &'a Run<'a>,
}

impl Serialize for Studies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of_study = |analysis| {
            let changes = study::Changes {
                regions: comparisons::of(&self.history, analysis, self.run.precision),
                levels: vertebrae::LevelChange::all(&self.history, analysis),
            };
            study::Study::of(analysis, changes, self.run)
        };
        serializer.collect_seq(self.studies.iter().map(|analysis| of_study(analysis)))
    }
}

/// A number for JSON: rounded as shown, never −0.0; `None` where there is none.
fn rounded(value: Option<f64>, decimals: i32) -> Option<f64> {
    value.map(|value| dxa_core::units::round_half_away(value, decimals))
}
