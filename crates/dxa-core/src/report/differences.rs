//! Where the device's scores and ours, or two device results of one study, do not agree.

use crate::assess::Scored;
use crate::findings::{Finding, Severity};
use crate::measurement::{Measurement, Origin};
use crate::score::{RegionScores, ScoreKind};

/// A larger difference between the device's score and ours is a finding.
const SCORE_DIFFERENCE: f64 = 0.1;

/// Findings for every region whose device score is more than 0.1 from ours, and for every site of which two
/// device results of the study give different values.
pub(crate) fn device_differences(regions: &[Scored]) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        regions.iter().flat_map(|(region, scores)| scores_differ(region, scores)).collect();
    findings.extend(reported_values_differ(regions));
    findings.extend(device_differs(regions));
    findings
}

/// A density that we measured is held against the device's of the same region, in whatever scan that came.
fn device_differs(regions: &[Scored]) -> Vec<Finding> {
    let rows = || regions.iter().map(|(region, _)| region).filter(|region| !region.withheld);
    let ours = rows().filter(|region| region.on_image.is_some());
    let differs = |region: &Measurement| {
        let of_region = |other: &&Measurement| {
            other.origin == Origin::DeviceReported && (other.site, other.side) == (region.site, region.side)
        };
        let ours = region.bmd_g_cm2?;
        let device = rows().filter(of_region).filter_map(|device| device.bmd_g_cm2);
        let furthest = device.max_by(|a, b| (a - ours).abs().total_cmp(&(b - ours).abs()))?;
        ((furthest - ours).abs() > DENSITY_DIFFERENCE * furthest + PRINTED_DENSITY).then(|| {
            let message = format!(
                "The device gives {} {furthest:.3} g/cm², the pixels give {ours:.3}; both are listed.",
                place(region)
            );
            finding("device_differs", region, message)
        })
    };
    ours.filter_map(differs).collect()
}

/// Twice the error that a density measured here may have: what is further apart was measured differently.
const DENSITY_DIFFERENCE: f64 = 0.02;

fn scores_differ(region: &Measurement, scores: &RegionScores) -> Vec<Finding> {
    let device = |kind| match kind {
        ScoreKind::T => region.device.t.map(|t| ("T", t)),
        ScoreKind::Z => region.device.z.map(|z| ("Z", z)),
    };
    let differs = |score: &crate::score::Score| {
        let (name, printed) = device(score.kind)?;
        // Both are printed to one decimal; the margin is for their binary form only.
        ((printed - score.value).abs() > SCORE_DIFFERENCE + 1e-9).then(|| {
            let message = format!(
                "The device's {name}-score of {} is {printed:?} against {}; ours is {:.1} against {}.",
                place(region),
                region.device.reference.as_deref().unwrap_or("a reference it does not name"),
                score.value,
                score.reference.id,
            );
            finding("device_score_differs", region, message)
        })
    };
    scores.scores.iter().filter_map(differs).collect()
}

fn reported_values_differ(regions: &[Scored]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, (region, _)) in regions.iter().enumerate() {
        let rows = regions[..at].iter().map(|(earlier, _)| earlier);
        let of_region: Vec<&Measurement> = rows
            .filter(|earlier| {
                earlier.scan != region.scan
                    && earlier.on_image.is_none()
                    && region.on_image.is_none()
                    && (earlier.site, earlier.side) == (region.site, region.side)
            })
            .collect();
        let mut add = |code, differing: fn(&Measurement, &Measurement) -> Vec<&'static str>| {
            let mut different = of_region.iter().map(|earlier| (earlier, differing(earlier, region)));
            let Some((earlier, names)) = different.find(|(_, names)| !names.is_empty()) else { return };
            let (one, other, place) = (earlier.scan, region.scan, place(region));
            let names = names.join(", ");
            let message = format!("Scans {one} and {other} of this study give {place} different {names}.");
            findings.push(finding(code, region, message));
        };
        add("reported_values_differ", densities);
        add("reported_numbers_differ", other_numbers);
    }
    findings
}

fn densities(one: &Measurement, other: &Measurement) -> Vec<&'static str> {
    let differ = differ(one.bmd_g_cm2, other.bmd_g_cm2, PRINTED_DENSITY);
    if differ { vec!["densities"] } else { Vec::new() }
}

/// What beside the density two device results of a region give differently.
fn other_numbers(one: &Measurement, other: &Measurement) -> Vec<&'static str> {
    let quantities = [
        ("contents", one.bmc_g, other.bmc_g),
        ("areas", one.area_cm2, other.area_cm2),
        ("T-scores", one.device.t, other.device.t),
        ("Z-scores", one.device.z, other.device.z),
    ];
    let differing = quantities.into_iter().filter(|(_, one, other)| differ(*one, *other, PRINTED_TENTH));
    differing.map(|(name, ..)| name).collect()
}

fn differ(one: Option<f64>, other: Option<f64>, margin: f64) -> bool {
    one.zip(other).is_some_and(|(one, other)| (one - other).abs() > margin)
}

/// Densities are printed to 0.001 g/cm²; less than that apart is rounding.
const PRINTED_DENSITY: f64 = 0.001 + 1e-9;
/// Scores are printed to 0.1, areas and contents by some devices too: half of that apart is rounding.
const PRINTED_TENTH: f64 = 0.05 + 1e-9;

fn place(region: &Measurement) -> String {
    let side = region.side.map(|side| format!(" {}", side.code())).unwrap_or_default();
    format!("{}{side}", region.site)
}

fn finding(code: &'static str, region: &Measurement, message: String) -> Finding {
    let mut finding =
        Finding { code, severity: Severity::Review, scan: None, site: None, side: None, message };
    finding.scan = Some(region.scan);
    finding.at(region.site, region.side)
}
