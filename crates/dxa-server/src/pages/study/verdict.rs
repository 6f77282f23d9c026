//! What the study amounts to, for ten seconds.

use dxa_exchange::record::Study;
use dxa_exchange::text::said;

use super::super::number::{decimals, signed};
use super::super::words::fill;
use super::super::{Chip, Say, category_class};
use crate::work::Summary;

/// The lines on top of the page.
pub(super) struct Verdict {
    pub(super) class: &'static str,
    pub(super) category: String,
    pub(super) lowest: Option<String>,
    pub(super) urgencies: Vec<Chip>,
    pub(super) points: Vec<Point>,
}

/// One of the lines.
pub(super) struct Point {
    pub(super) class: &'static str,
    pub(super) text: String,
}

impl Verdict {
    pub(super) fn of(study: &Study, summary: &Summary, say: Say) -> Self {
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
    if !summary.fractured.is_empty() {
        let text = fill(say.w.point_fracture, &[&summary.fractured.join(", ")]);
        points.push(Point { class: "grave", text });
    }
    for changed in study.comparisons.iter().filter(|comparison| comparison.significant == Some(true)) {
        if is_part(&changed.site) {
            continue;
        }
        let place = said::place(&changed.site, changed.laterality.as_deref(), say.language);
        let since = changed.prior.date.as_deref().unwrap_or_default();
        let percent = signed(changed.change_percent, 1);
        let parts: [&str; 3] = match say.language {
            dxa_exchange::text::Language::English => [&place, &percent, since],
            dxa_exchange::text::Language::Chinese => [&place, since, &percent],
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

/// One vertebra, or a region that never decides.
fn is_part(site: &str) -> bool {
    use dxa_core::site::Site;
    match site.parse() {
        Ok(Site::Lumbar(set)) => set.len() < 4,
        Ok(Site::FemoralNeck | Site::TotalHip) => false,
        _ => true,
    }
}
