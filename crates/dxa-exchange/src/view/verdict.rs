//! What the study amounts to, for ten seconds.

use crate::record::Study;
use crate::text::said;

use super::number::{decimals, signed};
use super::{Say, Summary, Words, category_class, fill};

/// The lines on top of the page.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Verdict {
    /// Style of the category.
    pub class: &'static str,
    /// The category.
    pub category: String,
    /// The score that decides.
    pub lowest: Option<String>,
    /// Why it should be looked at before others.
    pub urgencies: Vec<Chip>,
    /// What else must be seen first.
    pub points: Vec<Point>,
}

/// One of the lines.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Point {
    /// Style.
    pub class: &'static str,
    /// The line.
    pub text: String,
}

/// The word and the style of what makes a study urgent.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Chip {
    /// Style.
    pub class: &'static str,
    /// The word.
    pub word: &'static str,
}

impl Chip {
    /// Of a code of [`super::URGENT`].
    #[must_use]
    pub fn of(code: &str, w: &'static Words) -> Self {
        let (class, word) = match code {
            "very_high_risk" => ("grave", w.very_high_risk),
            "new_fracture" => ("grave", w.new_fracture),
            "suspected_fracture" => ("grave", w.suspected_fracture),
            "to_confirm" => ("doubt", w.to_confirm),
            _ => ("doubt", w.quality_problem),
        };
        Self { class, word }
    }
}

impl Verdict {
    /// Of a result.
    #[must_use]
    pub fn of(study: &Study, summary: &Summary, say: Say) -> Self {
        let category = summary.category.as_deref();
        let lowest = study.assessment.lowest.as_ref().map(|lowest| {
            let place = said::place(&lowest.site, lowest.laterality.as_deref(), say.language);
            let against = fill(say.w.compared_with, &[&lowest.reference]);
            format!("{} ({against})", fill(say.w.lowest_at, &[&decimals(Some(lowest.t), 1), &place]))
        });
        Self {
            class: category_class(category),
            category: category
                .map_or_else(|| say.w.no_category.to_owned(), |code| said::word(code, say.language)),
            lowest,
            urgencies: summary.urgent.iter().map(|code| Chip::of(code, say.w)).collect(),
            points: points(study, summary, say),
        }
    }
}

fn points(study: &Study, summary: &Summary, say: Say) -> Vec<Point> {
    let mut points = Vec::new();
    if study.regions.is_empty() && study.vertebrae.is_empty() && !study.refusals.is_empty() {
        points.push(Point { class: "doubt", text: say.w.point_only_refusals.to_owned() });
    }
    let suspected = summary.fractured.iter().filter(|one| !summary.confirmed.contains(one));
    let suspected: Vec<&str> = suspected.map(String::as_str).collect();
    let confirmed: Vec<&str> = summary.confirmed.iter().map(String::as_str).collect();
    for (sentence, levels) in [(say.w.point_confirmed, confirmed), (say.w.point_fracture, suspected)] {
        if !levels.is_empty() {
            points.push(Point { class: "grave", text: fill(sentence, &[&levels.join(", ")]) });
        }
    }
    let used = super::curve::spine_site(study);
    for changed in study.comparisons.iter().filter(|comparison| comparison.significant == Some(true)) {
        if is_part(&changed.site, used.as_deref()) {
            continue;
        }
        let place = said::place(&changed.site, changed.laterality.as_deref(), say.language);
        let since = changed.prior.date.as_deref().unwrap_or_default();
        let percent = signed(changed.change_percent, 1);
        let parts: [&str; 3] = match say.language {
            crate::text::Language::English => [&place, &percent, since],
            crate::text::Language::Chinese => [&place, since, &percent],
        };
        points.push(Point { class: "changed", text: fill(say.w.point_changed, &parts) });
    }
    let doubts = study.findings.iter().filter(|finding| finding.severity != "note").count();
    if doubts > 0 {
        points.push(Point { class: "doubt", text: fill(say.w.point_doubts, &[&doubts.to_string()]) });
    }
    if !study.refusals.is_empty() {
        let count = study.refusals.len().to_string();
        points.push(Point { class: "doubt", text: fill(say.w.point_refusals, &[&count]) });
    }
    points
}

/// A set of vertebrae other than the one that is used, or a region that never decides.
fn is_part(site: &str, used: Option<&str>) -> bool {
    use dxa_core::site::Site;
    match site.parse() {
        Ok(Site::Lumbar(_)) => used != Some(site),
        Ok(Site::FemoralNeck | Site::TotalHip) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Comparison, Excluded, Region};

    /// A vertebra is left out: the change of the others is what is told, and not that of all.
    #[test]
    fn the_change_of_the_vertebrae_that_are_used_is_told() {
        let region = |site: &str, excluded: bool| Region {
            site: site.to_owned(),
            bmd_g_cm2: Some(0.9),
            excluded: excluded.then(|| Excluded { reason: "manual".to_owned(), by: "user".to_owned() }),
            ..Region::default()
        };
        let change = |site: &str, percent: f64| Comparison {
            site: site.to_owned(),
            change_percent: Some(percent),
            significant: Some(true),
            ..Comparison::default()
        };
        let study = serde_json::json!({"study": {}, "patient": {}, "scans": [],
            "assessment": {"profile": "x", "diagnosis": {}, "rules": []},
            "provenance": {"software": "dxa", "protocol_sha256": ""}});
        let mut study: Study = serde_json::from_value(study).unwrap();
        study.regions = vec![
            region("L3", true),
            region("L1-L2,L4", false),
            region("L1-L4", false),
            region("total_hip", false),
        ];
        study.comparisons = vec![change("L1-L2,L4", -7.5), change("L1-L4", -6.0), change("total_hip", -5.5)];
        let told = points(&study, &Summary::default(), Say::of(crate::text::Language::English));
        let told: Vec<&str> =
            told.iter().filter(|point| point.class == "changed").map(|point| &*point.text).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("L1-L2,L4") && told[0].contains("7.5"), "{told:?}");
    }
}
