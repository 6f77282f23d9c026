//! A region over the visits of a patient: densities, what may be compared, and the least significant change.

use std::sync::Arc;

use crate::record::{Comparison, Region, Study};
use crate::text::{self, said};
use dxa_core::assess::Incomparable;
use dxa_core::site::Site;

use super::Say;
use super::curve;
use super::fill;
use super::number::{decimals, years_between};
use super::plot::{Axes, Plot};
use super::treatments;
use dxa_core::context::Treatment;

/// A visit of the patient.
pub struct Visit {
    /// Its newest result.
    pub study: Arc<Study>,
}

/// One density of a region.
struct Point<'a> {
    day: f64,
    date: &'a str,
    bmd: f64,
    is_now: bool,
    uid: Option<&'a str>,
    comparison: Option<&'a Comparison>,
    /// It is of other vertebrae, of the other side or measured in another way than the region of this study.
    unlike: Option<Unlike>,
    lsc: Option<Lsc<'a>>,
}

/// In what the density of another visit is not that of the region.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unlike {
    Vertebrae,
    Side,
    Origin,
}

/// A least significant change, and where it comes from.
#[derive(Clone, Copy, PartialEq)]
struct Lsc<'a> {
    g_cm2: f64,
    source: &'a str,
}

/// The density of a region at another visit.
pub struct Seen {
    /// Age of the patient then.
    pub age: f64,
    /// Density, g/cm².
    pub bmd: f64,
    /// Least significant change, where it is known.
    pub lsc: Option<f64>,
    /// What is said of it.
    pub title: String,
}

/// Densities of this region at other visits.
#[must_use]
pub fn others(region: &Region, study: &Study, visits: &[Visit]) -> Vec<Seen> {
    let all = with(study, visits);
    let other = |visit: &Study| {
        let same = same_region(region, visit)?;
        let bmd = same.bmd_g_cm2?;
        let date = visit.study.date.as_deref().unwrap_or_default();
        let lsc = lsc(same, visit, &all).map(|lsc| lsc.g_cm2);
        let title = format!("{date}: {} g/cm²", decimals(Some(bmd), 3));
        Some(Seen { age: visit.patient.age_years?, bmd, lsc, title })
    };
    besides(study, visits).filter_map(other).collect()
}

/// The least significant change of a region now, where a visit that it can be compared with tells it.
#[must_use]
pub fn lsc_now(region: &Region, study: &Study, visits: &[Visit]) -> Option<f64> {
    lsc(region, study, &with(study, visits)).map(|lsc| lsc.g_cm2)
}

/// The other visits.
fn besides<'a>(study: &'a Study, visits: &'a [Visit]) -> impl Iterator<Item = &'a Study> {
    let others = visits.iter().map(|visit| &*visit.study);
    others.filter(|visit| visit.study.instance_uid != study.study.instance_uid)
}

fn with<'a>(study: &'a Study, visits: &'a [Visit]) -> Vec<&'a Study> {
    besides(study, visits).chain([study]).collect()
}

/// By the comparison of a visit with the one before; the first has none, and takes that of the visit which is
/// compared with it on the same scanner.
fn lsc<'a>(region: &Region, visit: &'a Study, all: &[&'a Study]) -> Option<Lsc<'a>> {
    let known = |comparison: &'a Comparison| {
        let source = comparison.lsc_source.as_deref().unwrap_or_default();
        comparison.lsc_g_cm2.map(|g_cm2| Lsc { g_cm2, source })
    };
    let own = same_region(region, visit).and_then(|own| comparison(own, visit)).and_then(known);
    own.or_else(|| {
        let uid = visit.study.instance_uid.as_ref()?;
        let later = all.iter().filter_map(|later| comparison(same_region(region, later)?, later));
        let mut comparable = later
            .filter(|later| later.prior.study_instance_uid.as_ref() == Some(uid) && later.refused.is_none());
        comparable.find_map(known)
    })
}

/// The trend of a region; `None` with one visit only.
#[must_use]
pub fn of(
    region: &Region,
    study: &Study,
    visits: &[Visit],
    treatments: &[Treatment],
    say: Say,
) -> Option<Plot> {
    let points = points(region, study, visits);
    if points.len() < 2 {
        return None;
    }
    let (first, last) = (points.first()?.day, points.last()?.day);
    let values = points.iter().flat_map(|point| {
        let half = point.lsc.map_or(0.0, |lsc| lsc.g_cm2);
        [point.bmd - half, point.bmd + half]
    });
    let axes = Axes::over((first.floor(), last.floor() + 1.0), values)?;
    let mut plot = axes.plot(if last - first > 8.0 { 2.0 } else { 1.0 });
    let name = said::place(&region.site, region.laterality.as_deref(), say.language);
    plot.title = fill(say.w.trend_of, &[&name]);
    plot.said = points
        .iter()
        .map(|point| format!("{}: {}", point.date, decimals(Some(point.bmd), 3)))
        .collect::<Vec<_>>()
        .join("; ");
    plot.marks = treatments::marks(treatments, &axes, say);
    for pair in points.windows(2) {
        let [before, after] = pair else { continue };
        let why = why_apart(before, after, say);
        let class = if why.is_some() { "apart" } else { "together" };
        plot.paths.push(axes.line(class, &[(before.day, Some(before.bmd)), (after.day, Some(after.bmd))]));
        plot.notes.extend(why.map(|why| format!("{}: {why}", after.date)));
    }
    let mut told: Vec<Lsc<'_>> = Vec::new();
    for point in &points {
        let title = format!("{}: {} g/cm²", point.date, decimals(Some(point.bmd), 3));
        let (class, r) = match (point.is_now, point.unlike) {
            (true, _) => ("now", 5.0),
            (false, None) => ("visit", 4.0),
            (false, Some(_)) => ("visit unlike", 4.0),
        };
        plot.paths.extend(point.lsc.map(|lsc| axes.bar((point.day, point.bmd), lsc.g_cm2)));
        // Visits mostly share one precision; it is told once.
        if let Some(lsc) = point.lsc.filter(|lsc| !told.contains(lsc)) {
            told.push(lsc);
            let source = said::word(lsc.source, say.language);
            plot.notes.push(fill(say.w.trend_bar, &[&decimals(Some(lsc.g_cm2), 3), &source]));
        }
        plot.dots.push(axes.dot(class, (point.day, point.bmd), r, title));
    }
    Some(plot)
}

/// Why a visit is not joined to the one that is drawn before it; `None` where it was compared with that one.
fn why_apart(before: &Point<'_>, after: &Point<'_>, say: Say) -> Option<String> {
    let apart = |why: &str| fill(say.w.trend_apart, &[why]);
    if before.unlike != after.unlike {
        let unlike = after.unlike.or(before.unlike)?;
        return Some(apart(match unlike {
            Unlike::Vertebrae => text::incomparable(Incomparable::OtherVertebrae, say.language),
            Unlike::Side => text::incomparable(Incomparable::OtherSide, say.language),
            Unlike::Origin => say.w.trend_other_origin,
        }));
    }
    let Some(comparison) = after.comparison else { return Some(apart(say.w.trend_not_compared)) };
    if comparison.prior.study_instance_uid.as_deref() != before.uid {
        let with = comparison.prior.date.as_deref().unwrap_or_default();
        return Some(fill(say.w.trend_other_prior, &[with, before.date]));
    }
    let refused = comparison.refused.as_ref()?;
    Some(apart(said::incomparable(&refused.code, &refused.message, say.language)))
}

fn points<'a>(region: &Region, study: &'a Study, visits: &'a [Visit]) -> Vec<Point<'a>> {
    let all = with(study, visits);
    let of = |visit: &'a Study| {
        let (own, unlike) = at_place(region, visit)?;
        let date = visit.study.date.as_deref()?;
        let uid = visit.study.instance_uid.as_deref();
        let (comparison, lsc) = (comparison(own, visit), lsc(own, visit, &all));
        let is_now = std::ptr::eq(visit, study);
        Some(Point { day: year(date)?, date, bmd: own.bmd_g_cm2?, is_now, uid, comparison, unlike, lsc })
    };
    let mut points: Vec<Point<'_>> = all.iter().filter_map(|visit| of(visit)).collect();
    points.sort_by(|one, other| one.day.total_cmp(&other.day));
    points
}

/// The region of the same name, side and origin in another result.
fn same_region<'a>(region: &Region, study: &'a Study) -> Option<&'a Region> {
    let standing = curve::standing_for(study);
    standing.into_iter().find(|other| {
        other.site == region.site
            && other.laterality == region.laterality
            && other.provenance == region.provenance
    })
}

/// The same region in another result, else what that one has in its place and how it differs.
fn at_place<'a>(region: &Region, study: &'a Study) -> Option<(&'a Region, Option<Unlike>)> {
    if let Some(same) = same_region(region, study) {
        return Some((same, None));
    }
    let is_spine = |site: &str| matches!(site.parse(), Ok(Site::Lumbar(_)));
    let differs = |other: &Region| {
        if other.site != region.site {
            return (is_spine(&other.site) && is_spine(&region.site)).then_some(Unlike::Vertebrae);
        }
        Some(if other.laterality == region.laterality { Unlike::Origin } else { Unlike::Side })
    };
    let found = curve::standing_for(study).into_iter().filter_map(|other| Some((other, differs(other)?)));
    // The region of the same side comes before that of the other.
    let found = found.min_by_key(|(_, unlike)| *unlike == Unlike::Side);
    found.map(|(other, unlike)| (other, Some(unlike)))
}

fn comparison<'a>(region: &Region, study: &'a Study) -> Option<&'a Comparison> {
    let same = |comparison: &&Comparison| {
        comparison.scan == region.scan
            && comparison.site == region.site
            && comparison.laterality == region.laterality
    };
    study.comparisons.iter().find(same)
}

/// A day as a year with its fraction.
pub(super) fn year(date: &str) -> Option<f64> {
    let first: f64 = date.get(..4)?.parse().ok()?;
    Some(first + years_between(&format!("{}-01-01", date.get(..4)?), date)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Excluded, Prior, RefusedComparison};
    use crate::text::Language;
    use serde_json::{Value, json};

    /// A visit with one region; `prior` is the visit that it was compared with.
    fn visit(date: &str, site: &str, side: Option<&str>, prior: Option<&str>) -> Study {
        let study = serde_json::json!({"study": {"instance_uid": date, "date": date}, "patient": {}, "scans": [],
            "assessment": {"profile": "x", "diagnosis": {}, "rules": []},
            "provenance": {"software": "dxa", "protocol_sha256": ""}});
        let mut study: Study = serde_json::from_value(study).unwrap();
        let (site, laterality) = (site.to_owned(), side.map(str::to_owned));
        let prior = prior
            .map(|date| Prior { study_instance_uid: Some(date.to_owned()), date: Some(date.to_owned()) });
        study.comparisons = prior
            .map(|prior| Comparison {
                site: site.clone(),
                laterality: laterality.clone(),
                prior,
                ..Comparison::default()
            })
            .into_iter()
            .collect();
        // The set that stands for a spine is what is left when vertebrae are left out.
        let out = Excluded { reason: "artefact".to_owned(), by: "user".to_owned() };
        let first = Region { site: "L1".to_owned(), excluded: Some(out), ..Region::default() };
        study.regions = (site == "L2-L4").then_some(first).into_iter().collect();
        study.regions.push(Region { site, laterality, bmd_g_cm2: Some(0.9), ..Region::default() });
        study
    }

    fn trend(visits: Vec<Study>) -> Plot {
        let now = visits.last().unwrap().clone();
        let visits: Vec<Visit> =
            visits.into_iter().map(|study: Study| Visit { study: study.into() }).collect();
        of(&now.regions[0], &now, &visits, &[], Say::of(Language::English)).unwrap()
    }

    fn lines(plot: &Plot) -> Vec<&str> {
        let lines = plot.paths.iter().map(|path| path.class);
        lines.filter(|class| ["apart", "together"].contains(class)).collect()
    }

    #[test]
    fn every_visit_is_drawn_and_what_is_apart_has_its_reason() {
        let (a, b, c, d) = ("2018-05-01", "2020-05-01", "2022-05-01", "2024-05-01");
        let whole = |date, prior| visit(date, "L1-L4", None, prior);
        let plot = trend(vec![whole(a, None), whole(b, Some(a)), whole(d, Some(b))]);
        assert_eq!((lines(&plot), plot.notes.len()), (vec!["together"; 2], 0));
        // A visit of other vertebrae between: all three are drawn, and the last one was compared with the first.
        let plot = trend(vec![whole(a, None), visit(c, "L2-L4", None, None), whole(d, Some(a))]);
        assert_eq!((plot.dots.len(), lines(&plot)), (3, vec!["apart"; 2]));
        assert!(plot.notes.iter().all(|note| note.contains("another set of vertebrae")), "{:?}", plot.notes);
        // Compared with another visit than the one that is drawn before it.
        let plot = trend(vec![whole(a, None), whole(c, None), whole(d, Some(a))]);
        assert_eq!(lines(&plot), ["apart"; 2]);
        assert!(plot.notes[1].contains(a) && plot.notes[1].contains(c), "{:?}", plot.notes);
        let hips = vec![visit(a, "total_hip", Some("R"), None), visit(d, "total_hip", Some("L"), None)];
        assert!(trend(hips).notes[0].contains("other side"));
        let mut refused = whole(d, Some(a));
        refused.comparisons[0].refused =
            Some(RefusedComparison { code: "other_model".to_owned(), message: String::new() });
        assert!(trend(vec![whole(a, None), refused]).notes[0].contains("another model"));
    }

    fn study(uid: &str, date: &str, bmd: f64, comparison: &Value) -> Study {
        serde_json::from_value(json!({
            "study": { "instance_uid": uid, "date": date },
            "patient": { "sex": "F", "age_years": 60.0 },
            "regions": [{ "scan": 0, "site": "total_hip", "bmd_g_cm2": bmd, "provenance": "computed" }],
            "scans": [], "assessment": { "profile": "x" }, "provenance": { "software": "dxa", "protocol_sha256": "" },
            "comparisons": if comparison.is_null() { json!([]) } else { json!([comparison]) },
        }))
        .unwrap()
    }

    fn comparison(prior: &str, lsc: Option<f64>, refused: &Value) -> Value {
        json!({ "scan": 0, "site": "total_hip", "prior": { "study_instance_uid": prior },
            "lsc_g_cm2": lsc, "lsc_source": "default", "refused": refused })
    }

    fn bars(now: &Study, visits: &[Visit]) -> (usize, usize) {
        let plot = of(&now.regions[0], now, visits, &[], Say::of(Language::English)).unwrap();
        let bars = plot.paths.iter().filter(|path| path.class == "lsc").count();
        (bars, plot.notes.iter().filter(|note| note.starts_with("Bar:")).count())
    }

    #[test]
    fn every_visit_of_known_precision_has_its_bar_and_the_precision_is_told_once() {
        let visits = [
            Visit { study: study("1.1", "2018-01-01", 0.82, &Value::Null).into() },
            Visit {
                study: study("1.2", "2020-01-01", 0.81, &comparison("1.1", Some(0.03), &Value::Null)).into(),
            },
        ];
        let now = study("1.3", "2022-01-01", 0.80, &comparison("1.2", Some(0.03), &Value::Null));
        assert_eq!(bars(&now, &visits), (3, 1));
        let seen: Vec<_> = others(&now.regions[0], &now, &visits).iter().map(|seen| seen.lsc).collect();
        assert_eq!(seen, [Some(0.03), Some(0.03)]);
        assert_eq!(lsc_now(&now.regions[0], &now, &visits), Some(0.03));
    }

    #[test]
    fn another_scanner_says_nothing_of_the_precision_of_a_visit() {
        let visits = [Visit { study: study("1.1", "2018-01-01", 0.82, &Value::Null).into() }];
        let refused = json!({ "code": "other_scanner", "message": "Another scanner." });
        let now = study("1.3", "2022-01-01", 0.80, &comparison("1.1", None, &refused));
        assert_eq!(bars(&now, &visits), (0, 0));
        let now = study("1.3", "2022-01-01", 0.80, &comparison("1.1", Some(0.03), &refused));
        assert_eq!(bars(&now, &visits), (1, 1), "its own alone");
    }
}
