//! The visits of a patient as results, where their studies were analyzed together.

use dxa_core::report::{Analysis, History};
use serde::de::Error as _;

use super::trend::Visit;
use crate::json::{self, Run};
use crate::record;

/// The earlier visits of the patient of a study, the latest first, each as its own result.
///
/// # Errors
/// Never for what [`json::write_study`] writes; a defect of ours otherwise.
pub fn earlier(analysis: &Analysis, analyses: &[Analysis], run: &Run<'_>) -> serde_json::Result<Vec<Visit>> {
    let mut visits = Vec::new();
    for visit in History::of(analyses).earlier(analysis) {
        let mut document = Vec::new();
        json::write_study(&mut document, visit, analyses, run)?;
        let read = record::read(&document).map_err(serde_json::Error::custom)?;
        visits.extend(read.into_iter().map(|study: record::Study| Visit { study: study.into() }));
    }
    Ok(visits)
}
