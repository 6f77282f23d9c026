//! Device rows as measurements, and the lumbar total they leave out.

use crate::findings::{Finding, Severity};
use crate::measurement::{DeviceScores, Measurement, Origin};
use crate::reported::{DeviceReport, ReportedRegion};
use crate::site::{Lumbar, LumbarSet, Side, Site};
use crate::study::Scan;
use crate::units::{Cm2, Grams, round_half_away};

/// The measurements that a device's result makes of one scan.
///
/// A row of paired anatomy takes the side of its scan when it states none; a row that states another side
/// than its scan keeps none and is not scored.
#[must_use]
pub fn measurements(index: usize, scan: &Scan, report: &DeviceReport) -> (Vec<Measurement>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut rows: Vec<Measurement> =
        report.regions.iter().map(|row| measurement(index, scan, row, &mut findings)).collect();
    rows.extend(lumbar_total(index, &rows));
    rows.sort_by_key(order);
    (rows, findings)
}

/// The order in which the regions of one scan are listed: site, then left, right, both, none.
pub(crate) fn order(row: &Measurement) -> impl Ord + use<> {
    (row.site.order(), row.side.is_none(), row.side)
}

fn measurement(index: usize, scan: &Scan, row: &ReportedRegion, findings: &mut Vec<Finding>) -> Measurement {
    let contradicted = match (row.side, scan.laterality) {
        (Some(side), Some(of_scan)) => side != Side::Both && side != of_scan,
        _ => false,
    };
    let side = match row.side {
        _ if contradicted => None,
        None if is_paired(row.site) => scan.laterality,
        side => side,
    };
    if contradicted {
        let side = row.side.map_or("", Side::code);
        let message = format!(
            "The device's row for {} states side {side}, its scan another; no side is given and it is not scored.",
            row.site
        );
        findings.push(Finding::new("laterality_conflict", Severity::Withhold, message).at(row.site, None));
    }
    Measurement {
        scan: index,
        site: row.site,
        side,
        area_cm2: row.area_cm2,
        bmc_g: row.bmc_g,
        bmd_g_cm2: row.bmd_g_cm2,
        origin: Origin::DeviceReported,
        method: None,
        device: DeviceScores { t: row.t, z: row.z, reference: row.reference.clone() },
        withheld: contradicted,
        on_image: None,
        excluded: None,
        included: false,
    }
}

fn is_paired(site: Site) -> bool {
    match site {
        Site::Lumbar(_) | Site::TotalBody | Site::TotalBodyLessHead => false,
        Site::FemoralNeck
        | Site::TotalHip
        | Site::Trochanter
        | Site::Intertrochanter
        | Site::Wards
        | Site::Forearm(..) => true,
    }
}

/// Named in results that were summed from the device's rows.
pub const SUM_OF_REPORTED: &str = "sum of device-reported vertebrae: BMC / area";

/// L1–L4 as ΣBMC / Σarea when the device reported all four vertebrae and not their total.
fn lumbar_total(index: usize, rows: &[Measurement]) -> Option<Measurement> {
    let total = Site::Lumbar(LumbarSet::FULL);
    if rows.iter().any(|row| row.site == total) {
        return None;
    }
    let rows: Vec<&Measurement> = rows.iter().collect();
    lumbar_sum(index, &rows, LumbarSet::FULL)
}

/// A set of vertebrae of one scan as ΣBMC / Σarea of its members; `None` when one is missing, or there twice.
///
/// # Units
/// Area cm², content g, density g/cm², each rounded as devices print them (2, 2 and 3 decimals).
#[must_use]
pub fn lumbar_sum(index: usize, rows: &[&Measurement], set: LumbarSet) -> Option<Measurement> {
    let vertebra = |lumbar: Lumbar| {
        let single = Site::Lumbar(LumbarSet::new(&[lumbar])?);
        let is_it = |row: &&&Measurement| row.scan == index && row.site == single && !row.withheld;
        let mut of_level = rows.iter().filter(is_it);
        let row = of_level.next()?;
        let alone = of_level.next().is_none();
        Some((Grams::new(row.bmc_g?)?, Cm2::new(row.area_cm2?)?)).filter(|_| alone)
    };
    let parts: Vec<(Grams, Cm2)> = set.iter().map(vertebra).collect::<Option<_>>()?;
    let bmc: Grams = parts.iter().map(|(bmc, _)| *bmc).sum();
    let area = Cm2::new(parts.iter().map(|(_, area)| area.get()).sum())?;
    Some(Measurement {
        scan: index,
        site: Site::Lumbar(set),
        side: None,
        area_cm2: Some(round_half_away(area.get(), 2)),
        bmc_g: Some(round_half_away(bmc.get(), 2)),
        bmd_g_cm2: Some(round_half_away((bmc / area).get(), 3)),
        origin: Origin::Computed,
        method: Some(SUM_OF_REPORTED.to_owned()),
        device: DeviceScores::default(),
        withheld: false,
        on_image: None,
        excluded: None,
        included: false,
    })
}
