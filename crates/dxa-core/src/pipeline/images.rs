//! From the pixels of each scan to its regions, lines and quality records.

use crate::corrections::Corrections;
use crate::decode::object::ReadObject;
use crate::decode::scans::ReadScan;
use crate::field::Quantity;
use crate::findings::{Finding, Refusal, RefusalCode, Severity};
use crate::measure::totals::totals;
use crate::measurement::{DeviceScores, Measurement, OnImage, Origin};
use crate::outline::{Outlines, RegionOutline};
use crate::quality::QualityRecord;
use crate::study::{Scan, ScanKind, Tier};
use crate::units::round_half_away;

use super::corrected::{self, Changed};
use super::source::{Source, with_objects};
use super::stages::{self, Calibrated};

/// What came of the image of one scan.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) measured: Vec<Measurement>,
    pub(super) outlines: Outlines,
    pub(super) quality: Vec<QualityRecord>,
    pub(super) findings: Vec<Finding>,
    pub(super) refusals: Vec<Refusal>,
}

/// Looks at the image of every scan that has one which is measured, in turn: one scan's pixels at a time.
pub(super) fn see(
    scans: &[ReadScan<'_>],
    objects: &[ReadObject],
    source: Source<'_>,
    corrections: &Corrections,
) -> Vec<Seen> {
    let of_scan = |(index, read): (usize, &ReadScan<'_>)| {
        let mut seen = look(index, read, objects, source, corrections);
        seen.findings.iter_mut().for_each(|finding| finding.scan = Some(index));
        seen.refusals.iter_mut().for_each(|refusal| refusal.scan = Some(index));
        seen
    };
    scans.iter().enumerate().map(of_scan).collect()
}

/// Index of each object of a scan among those of its study.
pub(super) fn places<'o>(read: &ReadScan<'o>, objects: &[ReadObject]) -> Vec<(usize, &'o ReadObject)> {
    let place = |object: &&'o ReadObject| objects.iter().position(|other| std::ptr::eq(other, *object));
    read.objects.iter().filter_map(|object| Some((place(object)?, *object))).collect()
}

fn look(
    index: usize,
    read: &ReadScan<'_>,
    objects: &[ReadObject],
    source: Source<'_>,
    corrections: &Corrections,
) -> Seen {
    let scan = &read.scan;
    let quantitative = scan.tier == Tier::Quantitative;
    if !has_regions(scan.kind) {
        let refusal = quantitative.then(|| Refusal::new(RefusalCode::NotEvaluable, OTHER_ANATOMY));
        return Seen { refusals: refusal.into_iter().collect(), ..Seen::default() };
    }
    if scan.spacing.is_none() || !(quantitative || scan.tier == Tier::Display) {
        return Seen::default();
    }
    let wanted = places(read, objects);
    let field = with_objects(source, &wanted, |walked| stages::field(walked, &wanted, scan));
    match field {
        Ok(field) => regions(index, scan, &field, corrections),
        Err(refusal) => Seen { refusals: vec![refusal], ..Seen::default() },
    }
}

const OTHER_ANATOMY: &str = "These pixels are calibrated, but regions of this anatomy are not measured.";

/// The anatomies whose regions are found.
fn has_regions(kind: ScanKind) -> bool {
    matches!(kind, ScanKind::ApSpine | ScanKind::Hip | ScanKind::Forearm)
}

fn regions(index: usize, scan: &Scan, seen: &Calibrated, corrections: &Corrections) -> Seen {
    let field = &seen.field;
    let said = corrections.of_scan(index);
    let mut found = Seen::default();
    let mut outlines = match stages::outlines(field, scan) {
        Ok((outlines, findings)) => {
            found.findings = findings;
            outlines
        }
        Err(refusal) => {
            found.not_found(refusal, field.quantity);
            Outlines::default()
        }
    };
    let changed = corrected::apply(&mut outlines, field, scan, &said);
    if changed.any() {
        found.findings.push(Finding::new("regions_corrected", Severity::Note, changed.sentence()));
    }
    found.quality = stages::quality(index, field, scan, &outlines);
    let mut parts = Vec::new();
    for region in &outlines.regions {
        let part = found.measure(index, scan, seen, region, &outlines, &changed);
        parts.push(Measurement { excluded: said.excluded(part.site, part.side), ..part });
    }
    let totals = totals(&parts);
    found.measured = parts.into_iter().chain(totals).map(rounded).collect();
    found.outlines = outlines;
    found
}

impl Seen {
    /// Where densities were to be had the regions are refused; on a display image they are only missed.
    fn not_found(&mut self, refusal: Refusal, quantity: Quantity) {
        match quantity {
            Quantity::BoneDensity => self.refusals.push(refusal),
            Quantity::Gray => {
                self.findings.push(Finding::new("regions_not_found", Severity::Note, refusal.message));
            }
        }
    }

    fn measure(
        &mut self,
        index: usize,
        scan: &Scan,
        seen: &Calibrated,
        region: &RegionOutline,
        outlines: &Outlines,
        changed: &Changed,
    ) -> Measurement {
        let area = region.outline.iter().map(crate::geometry::Polygon::area_mm2).sum::<f64>() / MM2_PER_CM2;
        let mut measured = Measurement {
            scan: index,
            site: region.site,
            side: scan.laterality.filter(|_| scan.kind.is_paired()),
            area_cm2: Some(area),
            bmc_g: None,
            bmd_g_cm2: None,
            origin: Origin::Computed,
            method: Some(method(seen, outlines, changed.is(region.site))),
            device: DeviceScores::default(),
            withheld: false,
            on_image: Some(OnImage { outline: region.outline.clone(), ..OnImage::default() }),
            excluded: None,
        };
        if seen.field.quantity == Quantity::Gray {
            return measured;
        }
        match stages::amount(&seen.field, region) {
            Ok(amount) => {
                measured.area_cm2 = Some(amount.area_cm2);
                measured.bmc_g = Some(amount.bmc_g);
                measured.bmd_g_cm2 = Some(amount.bmc_g / amount.area_cm2);
                let uncertainty = amount.uncertainty_g_cm2;
                measured.on_image.iter_mut().for_each(|on_image| on_image.uncertainty_g_cm2 = uncertainty);
            }
            Err(refusal) => self.refusals.push(refusal),
        }
        measured
    }
}

const MM2_PER_CM2: f64 = 100.0;

/// How a region was measured: edge, convention of the regions, source of the densities, and by whose hand.
fn method(seen: &Calibrated, outlines: &Outlines, by_user: bool) -> String {
    let mut parts = vec![stages::EDGE_RULE, outlines.convention, seen.calibration.as_str()];
    if by_user {
        parts[0] = "outline by user";
    }
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

/// Four decimals: a tenth of what is shown, so that rounding never adds to the error.
fn rounded(mut measured: Measurement) -> Measurement {
    let round = |value: Option<f64>| value.map(|value| round_half_away(value, 4));
    measured.area_cm2 = round(measured.area_cm2);
    measured.bmc_g = round(measured.bmc_g);
    measured.bmd_g_cm2 = round(measured.bmd_g_cm2);
    if let Some(on_image) = &mut measured.on_image {
        on_image.uncertainty_g_cm2 = round(on_image.uncertainty_g_cm2);
    }
    measured
}
