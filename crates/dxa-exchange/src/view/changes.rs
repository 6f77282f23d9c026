//! What changed since the study before.

use crate::record::{Comparison, LevelChange, Study};
use crate::text::said;

use super::Say;
use super::curve::spine_site;
use super::number::{decimals, or_nothing, signed, years_between};
use super::regions::is_shown;

/// A region or a level with its change.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Row {
    /// Style.
    pub class: &'static str,
    /// Region or level.
    pub name: String,
    /// Date of the earlier study.
    pub since: String,
    /// Change of density, or percent of height lost.
    pub change: String,
    /// Change of density in percent.
    pub percent: String,
    /// The same a year.
    pub per_year: String,
    /// Least significant change.
    pub lsc: String,
    /// What it means.
    pub meaning: String,
}

/// The regions that were compared, or could not be.
#[must_use]
pub fn regions(study: &Study, say: Say) -> Vec<Row> {
    let used = spine_site(study);
    let shown = study.comparisons.iter().filter(|comparison| is_shown(&comparison.site, used.as_deref()));
    shown.map(|comparison| region(study, comparison, say)).collect()
}

fn region(study: &Study, comparison: &Comparison, say: Say) -> Row {
    let since = comparison.prior.date.as_deref();
    let years = since.zip(study.study.date.as_deref()).and_then(|(from, to)| years_between(from, to));
    let per_year = comparison.change_percent.zip(years.filter(|years| *years > LEAST_YEARS));
    let (class, meaning) = match (&comparison.refused, comparison.significant) {
        (Some(refused), _) => {
            ("refused", said::incomparable(&refused.code, &refused.message, say.language).to_owned())
        }
        (None, Some(true)) => ("significant", say.w.significant.to_owned()),
        (None, Some(false)) => ("", say.w.not_significant.to_owned()),
        (None, None) => ("", say.w.cannot_tell.to_owned()),
    };
    let source = comparison.lsc_source.as_deref().map(|source| said::word(source, say.language));
    Row {
        class,
        name: said::place(&comparison.site, comparison.laterality.as_deref(), say.language),
        since: or_nothing(since),
        change: signed(comparison.change_g_cm2, 3),
        percent: signed(comparison.change_percent, 1),
        per_year: signed(per_year.map(|(percent, years)| percent / years), 1),
        lsc: decimals(comparison.lsc_g_cm2, 3),
        meaning: match (source, comparison.refused.is_some()) {
            (Some(source), false) => format!("{meaning} · {source}"),
            _ => meaning,
        },
    }
}

/// A rate over less time is the error of two measurements.
const LEAST_YEARS: f64 = 0.5;

/// The levels that were compared.
#[must_use]
pub fn levels(study: &Study, say: Say) -> Vec<Row> {
    let row = |change: &LevelChange| Row {
        class: if matches!(change.change.as_str(), "new_fracture" | "worse") { "significant" } else { "" },
        name: change.level.clone(),
        since: or_nothing(change.prior.date.as_deref()),
        change: signed(change.loss_gained_percent, 1),
        percent: String::new(),
        per_year: String::new(),
        lsc: String::new(),
        meaning: said::level_change(&change.change, say.language).to_owned(),
    };
    study.vertebra_comparisons.iter().map(row).collect()
}
