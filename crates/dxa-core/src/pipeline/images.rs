//! From the pixels of each scan to its regions, lines and quality records.

use crate::corrections::Corrections;
use crate::decode::object::ReadObject;
use crate::decode::quantitative::Pixels;
use crate::decode::scans::ReadScan;
use crate::findings::{Finding, Refusal, RefusalCode, Severity};
use crate::geometry::Polygon;
use crate::grade::Person;
use crate::measure::totals::{Part, totals};
use crate::measurement::{DeviceScores, Measurement, OnImage, Origin};
use crate::outline::{Outlines, RegionOutline};
use crate::quality::QualityRecord;
use crate::report::LateralSpine;
use crate::site::Site;
use crate::study::{Scan, ScanKind, Tier};
use crate::units::round_half_away;

use super::corrected::{self, Changed};
use super::lateral;
use super::source::{Source, contained, with_objects};
use super::stages::{self, Image};

/// What came of the image of one scan.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) measured: Vec<Measurement>,
    pub(super) outlines: Outlines,
    pub(super) quality: Vec<QualityRecord>,
    pub(super) findings: Vec<Finding>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) lateral: Option<LateralSpine>,
}

/// Looks at the image of every scan that has one which is measured, in turn: one scan's pixels at a time.
pub(super) fn see(
    scans: &[ReadScan<'_>],
    objects: &[ReadObject],
    source: Source<'_>,
    corrections: &Corrections,
    person: Person,
) -> Vec<Seen> {
    let of_scan = |(index, read): (usize, &ReadScan<'_>)| {
        let seen = contained(|| Ok(look(index, read, objects, source, (corrections, person))));
        let mut seen = seen.unwrap_or_else(|refusal| Seen::without(refusal, true));
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
    (corrections, person): (&Corrections, Person),
) -> Seen {
    let scan = &read.scan;
    let quantitative = scan.tier == Tier::Quantitative;
    if scan.kind == ScanKind::LateralSpine {
        return lateral(index, read, objects, source, (corrections, person));
    }
    if !has_regions(scan.kind) {
        let refusal = quantitative.then(|| Refusal::new(RefusalCode::NotEvaluable, OTHER_ANATOMY));
        return Seen { refusals: refusal.into_iter().collect(), ..Seen::default() };
    }
    let wanted = places(read, objects);
    // A pair without calibration is shown by neither of its images.
    let shown =
        scan.tier == Tier::Display && read.objects.iter().all(|object| object.pixels == Pixels::Display);
    if scan.spacing.is_none() || !(quantitative || shown) {
        return Seen::default();
    }
    let read: Vec<&ReadObject> = wanted.iter().map(|(_, object)| *object).collect();
    match with_objects(source, &wanted, |walked| Ok(stages::image(walked, &read, scan))) {
        Ok(Ok(image)) => regions(index, scan, &image, corrections),
        Ok(Err(refusal)) => Seen::without(refusal, quantitative),
        Err(refusal) => Seen::without(refusal, true),
    }
}

/// The vertebrae of a lateral image; it needs no pixel size, for grades rest on ratios.
fn lateral(
    index: usize,
    read: &ReadScan<'_>,
    objects: &[ReadObject],
    source: Source<'_>,
    (corrections, person): (&Corrections, Person),
) -> Seen {
    let shown =
        read.scan.tier == Tier::Display && read.objects.iter().all(|one| one.pixels == Pixels::Display);
    // A neck from the side has vertebrae too, and none of the levels that are graded.
    let other_levels = read.refusals.iter().any(|(code, _)| *code == RefusalCode::NotEvaluable);
    if !shown || other_levels {
        return Seen::default();
    }
    let wanted = places(read, objects);
    let of_scan: Vec<&ReadObject> = wanted.iter().map(|(_, object)| *object).collect();
    let gray = with_objects(source, &wanted, |walked| stages::stored_gray(walked, &of_scan, &read.scan));
    match gray {
        Ok(field) => {
            let said = corrections.of_scan(index);
            let found = lateral::read(index, &field, read.scan.spacing, person, &said);
            Seen {
                lateral: found.spine,
                findings: found.findings,
                refusals: found.refusal.into_iter().collect(),
                ..Seen::default()
            }
        }
        Err(refusal) => Seen::without(refusal, true),
    }
}

const OTHER_ANATOMY: &str = "These pixels are calibrated, but regions of this anatomy are not measured.";

/// The anatomies whose regions are found.
fn has_regions(kind: ScanKind) -> bool {
    matches!(kind, ScanKind::ApSpine | ScanKind::Hip | ScanKind::Forearm)
}

fn regions(index: usize, scan: &Scan, image: &Image, corrections: &Corrections) -> Seen {
    let said = corrections.of_scan(index);
    let mut seen = Seen { findings: image.findings(), ..Seen::default() };
    let mut outlines = match stages::found(image, scan) {
        Ok(found) => {
            seen.findings.extend(found.findings);
            found.refusal.into_iter().for_each(|refusal| seen.not_found(refusal, image.is_density()));
            found.outlines
        }
        Err(refusal) => {
            seen.not_found(refusal, image.is_density());
            Outlines::default()
        }
    };
    let (mut changed, spacing) = (Changed::default(), image.field().spacing);
    let moved = corrected::lines(&outlines, spacing, &said, &mut changed);
    if let Err(refusal) = stages::recut(&mut outlines, image, &moved) {
        changed.refuse_lines(&refusal.message);
    }
    if let Some(placed) = corrected::neck_box(&outlines, spacing, &said, &mut changed)
        && let Err(refusal) = stages::recut_neck(&mut outlines, image, scan, &placed)
    {
        changed.refuse_neck_box(&refusal.message);
    }
    corrected::outlines(&mut outlines, spacing, scan, &said, &mut changed);
    seen.findings.extend(changed.findings());
    seen.quality = stages::quality(index, image, scan, &outlines);
    let mut parts = Vec::new();
    for region in &outlines.regions {
        let mut part = seen.measure(index, scan, image, region, &outlines, &changed);
        part.measured.excluded = said.excluded(part.measured.site, part.measured.side);
        part.measured.included = said.included(part.measured.site, part.measured.side);
        parts.push(part);
    }
    let totals = totals(&parts);
    seen.measured = parts.into_iter().map(|part| part.measured).chain(totals).map(rounded).collect();
    seen.outlines = outlines;
    seen
}

impl Seen {
    fn without(refusal: Refusal, refused: bool) -> Self {
        let mut seen = Self::default();
        seen.not_found(refusal, refused);
        seen
    }

    /// Where densities were to be had the regions are refused; on a display image they are only missed.
    fn not_found(&mut self, refusal: Refusal, refused: bool) {
        if refused {
            self.refusals.push(refusal);
        } else {
            self.findings.push(Finding::new("regions_not_found", Severity::Note, refusal.message));
        }
    }

    fn measure(
        &mut self,
        index: usize,
        scan: &Scan,
        image: &Image,
        region: &RegionOutline,
        outlines: &Outlines,
        changed: &Changed,
    ) -> Part {
        let area_mm2: f64 = region.outline.iter().map(Polygon::area_mm2).sum();
        let amount = stages::amount(image, region).and_then(|amount| match amount {
            Ok(amount) => Some(amount),
            Err(refusal) => {
                self.refusals.push(refusal);
                None
            }
        });
        let uncertainty_g_cm2 = amount.map(|amount| amount.uncertainty.combined());
        let measured = Measurement {
            scan: index,
            site: region.site,
            side: scan.laterality.filter(|_| scan.kind.is_paired()),
            area_cm2: Some(area_mm2 / MM2_PER_CM2),
            bmc_g: amount.map(|amount| amount.bmc.get()),
            bmd_g_cm2: amount.map(|amount| amount.bmd().get()),
            origin: Origin::Computed,
            method: Some(method(image, outlines, changed, region.site)),
            device: DeviceScores::default(),
            withheld: false,
            on_image: Some(OnImage { uncertainty_g_cm2, outline: region.outline.clone() }),
            excluded: None,
            included: false,
        };
        Part { measured, amount }
    }
}

const MM2_PER_CM2: f64 = 100.0;

/// How a region was measured: source of the values, edge and content, convention of the regions, whose hand.
fn method(image: &Image, outlines: &Outlines, changed: &Changed, site: Site) -> String {
    let by_user = changed.is(site).then_some("corrected by a user");
    let image = image.method();
    let parts = [image.as_str(), outlines.convention, by_user.unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
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
