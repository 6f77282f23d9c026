//! A region over the visits of a patient: densities, what may be compared, and the least significant change.

use crate::record::{Comparison, Region, Study};
use crate::text::said;

use super::Say;
use super::curve;
use super::fill;
use super::number::{decimals, years_between};
use super::plot::{Axes, Path, Plot};
use super::treatments;
use dxa_core::context::Treatment;

/// A visit of the patient.
pub struct Visit {
    /// Its newest result.
    pub study: Study,
}

/// One density of a region.
struct Point<'a> {
    day: f64,
    date: &'a str,
    bmd: f64,
    is_now: bool,
    comparison: Option<&'a Comparison>,
}

/// Densities of this region at other visits: age, density, and what is said of them.
#[must_use]
pub fn others(region: &Region, study: &Study, visits: &[Visit]) -> Vec<(f64, f64, String)> {
    let other = |visit: &Visit| {
        let same = same_region(region, &visit.study)?;
        let bmd = same.bmd_g_cm2?;
        let date = visit.study.study.date.clone().unwrap_or_default();
        Some((visit.study.patient.age_years?, bmd, format!("{date}: {} g/cm²", decimals(Some(bmd), 3))))
    };
    visits
        .iter()
        .filter(|visit| visit.study.study.instance_uid != study.study.instance_uid)
        .filter_map(other)
        .collect()
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
    let own = comparison(region, study);
    let lsc = own.and_then(|own| own.lsc_g_cm2);
    let values = points.iter().flat_map(|point| {
        let half = lsc.filter(|_| point.is_now).unwrap_or(0.0);
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
        let refused = after.comparison.and_then(|comparison| comparison.refused.as_ref());
        let class = if refused.is_some() || after.comparison.is_none() { "apart" } else { "together" };
        plot.paths.push(axes.line(class, &[(before.day, Some(before.bmd)), (after.day, Some(after.bmd))]));
        if let Some(refused) = refused {
            let why = said::incomparable(&refused.code, &refused.message, say.language);
            plot.notes.push(format!("{}: {}", after.date, fill(say.w.trend_apart, &[why])));
        }
    }
    for point in &points {
        let title = format!("{}: {} g/cm²", point.date, decimals(Some(point.bmd), 3));
        let (class, r) = if point.is_now { ("now", 5.0) } else { ("visit", 4.0) };
        if let (true, Some(lsc)) = (point.is_now, lsc) {
            plot.paths.push(bar(&axes, point, lsc));
            let source = own.and_then(|own| own.lsc_source.as_deref()).unwrap_or_default();
            let source = said::word(source, say.language);
            plot.notes.push(fill(say.w.trend_bar, &[&decimals(Some(lsc), 3), &source]));
        }
        plot.dots.push(axes.dot(class, (point.day, point.bmd), r, title));
    }
    Some(plot)
}

fn bar(axes: &Axes, point: &Point<'_>, lsc: f64) -> Path {
    axes.line("lsc", &[(point.day, Some(point.bmd - lsc)), (point.day, Some(point.bmd + lsc))])
}

fn points<'a>(region: &Region, study: &'a Study, visits: &'a [Visit]) -> Vec<Point<'a>> {
    let of = |visit: &'a Study, is_now| {
        let own = same_region(region, visit)?;
        let date = visit.study.date.as_deref()?;
        let comparison = comparison(own, visit);
        Some(Point { day: year(date)?, date, bmd: own.bmd_g_cm2?, is_now, comparison })
    };
    let others = visits.iter().map(|visit| &visit.study);
    let others = others.filter(|visit| visit.study.instance_uid != study.study.instance_uid);
    let mut points: Vec<Point<'_>> =
        others.filter_map(|visit| of(visit, false)).chain(of(study, true)).collect();
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
