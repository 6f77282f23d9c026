//! Numbers that cannot be, or hardly: content against area, vertebrae against each other, persons.

use super::Scored;
use super::answer::Answer;
use super::facts::Facts;
use super::input::Input;
use crate::findings::{Finding, Severity};
use crate::measurement::Measurement;
use crate::site::{Lumbar, LumbarSet, Site};

/// Rule `plausibility`: something is not plausible.
pub(super) fn implausible(facts: &Facts<'_>) -> Answer {
    let found = Answer::known(!findings(facts).is_empty());
    let measured = facts.regions.iter().any(|(region, _)| region.bmd_g_cm2.is_some());
    if measured { found } else { found.or(Answer::needs(Input::Densities)) }
}

/// What is not plausible in a case.
pub(super) fn findings(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = facts.regions.iter().flat_map(|(region, _)| of_region(region)).collect();
    let mut scans: Vec<usize> = facts.regions.iter().map(|(region, _)| region.scan).collect();
    scans.sort_unstable();
    scans.dedup();
    findings.extend(scans.into_iter().filter_map(|scan| vertebrae_shrink(facts.regions, scan)));
    findings.extend(impossible_person(facts));
    findings
}

/// Rule `plausibility`, g/cm².
const BMD_RANGE: (f64, f64) = (0.2, 2.5);

/// A printed density may be this far from printed content over printed area, g/cm²: half a unit of its
/// own last digit, and what half a unit of the other two can do.
fn rounding(area: f64, bmc: f64) -> f64 {
    0.0005 + (0.005 / area) * (1.0 + bmc / area) + 1e-9
}

fn of_region(region: &Measurement) -> Vec<Finding> {
    let mut findings = Vec::new();
    if region.bmd_g_cm2.is_some_and(|bmd| bmd < BMD_RANGE.0 || bmd > BMD_RANGE.1) {
        let message = format!("The density of {} is outside 0.2 to 2.5 g/cm².", region.site);
        findings.push(Finding::new("density_implausible", Severity::Review, message));
    }
    if let (Some(area), Some(bmc), Some(bmd)) = (region.area_cm2, region.bmc_g, region.bmd_g_cm2)
        && !(area > 0.0 && (bmc / area - bmd).abs() <= rounding(area, bmc))
    {
        let message = format!("The density of {} is not its content divided by its area.", region.site);
        findings.push(Finding::new("density_inconsistent", Severity::Review, message));
    }
    findings.into_iter().map(|finding| at(finding, region)).collect()
}

fn at(finding: Finding, region: &Measurement) -> Finding {
    Finding { scan: Some(region.scan), ..finding.at(region.site, region.side) }
}

/// Area and content grow from L1 to L4; where they do not, a label may be one level off.
fn vertebrae_shrink(regions: &[Scored], scan: usize) -> Option<Finding> {
    let row = |vertebra: &Lumbar| {
        let site = Site::Lumbar(LumbarSet::new(&[*vertebra])?);
        let mut rows = regions.iter().map(|(region, _)| region);
        rows.find(|region| region.scan == scan && region.site == site)
    };
    let rows: Vec<&Measurement> = Lumbar::ALL.iter().filter_map(row).collect();
    let shrinks = |value: fn(&Measurement) -> Option<f64>| {
        let values: Vec<f64> = rows.iter().filter_map(|row| value(row)).collect();
        !values.is_sorted()
    };
    let what = match (shrinks(|row| row.area_cm2), shrinks(|row| row.bmc_g)) {
        (true, true) => "Area and content do",
        (true, false) => "Area does",
        (false, true) => "Content does",
        (false, false) => return None,
    };
    let message = format!("{what} not grow from L1 to L4; check the levels and the bone edges.");
    let finding = Finding::new("vertebrae_not_growing", Severity::Note, message);
    Some(Finding { scan: Some(scan), ..finding })
}

/// Rule `plausibility`: ages, heights and weights that nobody has.
const AGE_MAX: f64 = 120.0;
const HEIGHT_RANGE: (f64, f64) = (40.0, 250.0);
const WEIGHT_RANGE: (f64, f64) = (2.0, 400.0);

fn impossible_person(facts: &Facts<'_>) -> Option<Finding> {
    let outside = |value: Option<f64>, (least, most): (f64, f64)| {
        value.is_some_and(|value| !(least <= value && value <= most))
    };
    let what = [
        ("age", outside(facts.age, (0.0, AGE_MAX))),
        ("height", outside(facts.height_cm, HEIGHT_RANGE)),
        ("weight", outside(facts.weight_kg, WEIGHT_RANGE)),
    ];
    let named: Vec<&str> = what.into_iter().filter(|(_, outside)| *outside).map(|(name, _)| name).collect();
    if named.is_empty() {
        return None;
    }
    let message = format!("The person's {} cannot be right.", named.join(" and "));
    Some(Finding::new("person_implausible", Severity::Review, message))
}
