//! Whether a device's numbers agree with each other: BMD = BMC / area, totals = ΣBMC / Σarea, plausible size.

use super::assembly::{Pending, sided};
use super::headings::Quantity;
use super::numbers::Measure;
use crate::findings::{Finding, Severity};
use crate::site::{Lumbar, LumbarSet, Side, Site};

/// Areal densities outside of these, in g/cm², are looked at by a person: an extreme case or a wrong unit.
const PLAUSIBLE_BMD: std::ops::RangeInclusive<f64> = 0.2..=2.5;

/// How far a printed total may lie from ΣBMC / Σarea of its printed parts, in g/cm².
const TOTAL_TOLERANCE: f64 = 0.001;

/// A density outside of these cannot be of bone; its unit or its column is another.
const POSSIBLE_BMD: std::ops::RangeInclusive<f64> = 0.05..=4.0;
/// No person lies this many standard deviations from a reference.
const POSSIBLE_SCORE: f64 = 20.0;

/// A number that was taken out: what it was called, its print, and why.
pub(super) struct Held {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) finding: Finding,
}

/// Takes out what cannot be true and says so.
pub(super) fn hold_impossible(regions: &mut [Pending]) -> Vec<Held> {
    let mut held = Vec::new();
    for region in regions {
        let place = sided(region.site, region.side);
        for (quantity, measure) in
            region.values.extract_if(.., |quantity, measure| !possible(*quantity, *measure))
        {
            let message = format!(
                "The {} {} of {place} cannot be true; it is held back.",
                quantity.name(),
                shown(measure)
            );
            let finding = Finding::new("value_impossible", Severity::Withhold, message);
            held.push(Held {
                key: format!("{place} {}", quantity.name()),
                value: shown(measure),
                finding: finding.at(region.site, region.side),
            });
        }
    }
    held
}

fn possible(quantity: Quantity, measure: Measure) -> bool {
    match quantity {
        Quantity::Bmd => POSSIBLE_BMD.contains(&measure.value),
        Quantity::T | Quantity::Z => measure.value.abs() <= POSSIBLE_SCORE,
        Quantity::Area | Quantity::Bmc => measure.value > 0.0,
        Quantity::Fat | Quantity::Lean | Quantity::Mass | Quantity::FatPercent => measure.value >= 0.0,
    }
}

/// All doubts about these regions.
pub(super) fn checked(regions: &[Pending]) -> Vec<Finding> {
    let own = regions.iter().flat_map(|region| [quotient(region), plausible(region)]);
    let totals = regions.iter().map(|region| total(region, regions));
    own.chain(totals).flatten().collect()
}

/// Whether BMC / area can be the printed BMD, given how all three were rounded.
///
/// # Units
/// BMC in g, area in cm², BMD in g/cm².
pub(super) fn quotient_fits(bmc: Measure, area: Measure, bmd: Measure) -> bool {
    let smallest_area = area.value - area.half_unit;
    if smallest_area <= 0.0 {
        return area.value > 0.0 && bmd.value >= 0.0;
    }
    let low = (bmc.value - bmc.half_unit) / (area.value + area.half_unit) - bmd.half_unit;
    let high = (bmc.value + bmc.half_unit) / smallest_area + bmd.half_unit;
    (low - 1e-9..=high + 1e-9).contains(&bmd.value)
}

fn quotient(region: &Pending) -> Option<Finding> {
    let get = |quantity| region.values.get(&quantity).copied();
    let (bmc, area, bmd) = (get(Quantity::Bmc)?, get(Quantity::Area)?, get(Quantity::Bmd)?);
    (!quotient_fits(bmc, area, bmd)).then(|| {
        let message = format!(
            "Printed BMC {} g and area {} cm² of {} do not give the printed BMD {} g/cm².",
            shown(bmc),
            shown(area),
            sided(region.site, region.side),
            shown(bmd)
        );
        Finding::new("bmd_inconsistent", Severity::Review, message).at(region.site, region.side)
    })
}

fn plausible(region: &Pending) -> Option<Finding> {
    let bmd = region.values.get(&Quantity::Bmd)?;
    (!PLAUSIBLE_BMD.contains(&bmd.value)).then(|| {
        let place = sided(region.site, region.side);
        let message = format!("BMD {} g/cm² of {place} is outside of what is plausible.", shown(*bmd));
        Finding::new("bmd_implausible", Severity::Review, message).at(region.site, region.side)
    })
}

fn total(region: &Pending, regions: &[Pending]) -> Option<Finding> {
    let printed = region.values.get(&Quantity::Bmd)?;
    let parts = parts_of(region.site)?;
    let quotient = quotient_of(&parts, region.side, regions)?;
    let tolerance = TOTAL_TOLERANCE.max(printed.half_unit) + 1e-9;
    ((quotient - printed.value).abs() > tolerance).then(|| {
        let message = format!(
            "Printed BMD {} g/cm² of {} is not ΣBMC / Σarea of its parts, {quotient:.3}.",
            shown(*printed),
            sided(region.site, region.side)
        );
        Finding::new("total_inconsistent", Severity::Review, message).at(region.site, region.side)
    })
}

/// ΣBMC / Σarea of the parts; `None` when one of them lacks either.
fn quotient_of(parts: &[Site], side: Option<Side>, regions: &[Pending]) -> Option<f64> {
    let (mut bmc, mut area) = (0.0, 0.0);
    for part in parts {
        let row = regions.iter().find(|row| row.site == *part && row.side == side)?;
        bmc += row.values.get(&Quantity::Bmc)?.value;
        area += row.values.get(&Quantity::Area)?.value;
    }
    (area > 0.0).then_some(bmc / area)
}

fn parts_of(site: Site) -> Option<Vec<Site>> {
    match site {
        Site::Lumbar(set) if set.len() > 1 => Some(set.iter().filter_map(single).collect()),
        Site::TotalHip => Some(vec![Site::FemoralNeck, Site::Trochanter, Site::Intertrochanter]),
        _ => None,
    }
}

fn single(vertebra: Lumbar) -> Option<Site> {
    LumbarSet::new(&[vertebra]).map(Site::Lumbar)
}

/// A number with as many decimals as its print had.
fn shown(measure: Measure) -> String {
    let decimals = (0..6).find(|n| measure.half_unit * 10f64.powi(*n) > 0.49).unwrap_or(6);
    format!("{:.*}", usize::try_from(decimals).unwrap_or(0), measure.value)
}
