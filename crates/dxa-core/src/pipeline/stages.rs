//! Which functions of calibrate, segment and measure apply to which scan.

use crate::calibrate::{self, Calibrated};
use crate::decode::object::ReadObject;
use crate::decode::phantom::is_phantom;
use crate::decode::pixels;
use crate::decode::quantitative::{DensityMap, Energy, EnergyImage, Pixels, ulna_length_mm};
use crate::field::Field;
use crate::findings::{Finding, Refusal, RefusalCode};
use crate::geometry::{Polygon, Segment};
use crate::guard::Object;
use crate::measure::acquisition;
use crate::measure::region::{self, RegionMeasure};
use crate::outline::{Outlines, RegionOutline};
use crate::quality::QualityRecord;
use crate::reference::{Device, Maker};
use crate::segment::edge::{self, Bone, EdgeRule};
use crate::segment::hip::NeckConvention;
use crate::segment::spine::Subject;
use crate::segment::{forearm, hip, spine};
use crate::site::{ForearmPart, Site};
use crate::study::{PixelSpacing, Scan, ScanKind};

/// The image of a scan, ready for its regions.
#[derive(Debug)]
pub(super) struct Image {
    values: Values,
    ulna_length_mm: Option<f64>,
    subject: Subject,
}

/// What the pixels are.
#[derive(Debug)]
enum Values {
    Gray(Field),
    Density { calibrated: Calibrated, bone: Box<Bone> },
}

impl Image {
    /// One value for each pixel.
    pub(super) fn field(&self) -> &Field {
        match &self.values {
            Values::Gray(field) => field,
            Values::Density { calibrated, .. } => &calibrated.field,
        }
    }

    /// Where the bone is, of an image of densities.
    fn bone(&self) -> Option<&Bone> {
        match &self.values {
            Values::Gray(_) => None,
            Values::Density { bone, .. } => Some(bone),
        }
    }

    pub(super) fn is_density(&self) -> bool {
        matches!(self.values, Values::Density { .. })
    }

    /// What a reader should know of the calibration.
    pub(super) fn findings(&self) -> Vec<Finding> {
        match &self.values {
            Values::Gray(_) => Vec::new(),
            Values::Density { calibrated, .. } => calibrated.findings.clone(),
        }
    }

    /// Where the values come from, and the rules of edge and content, for `method`.
    pub(super) fn method(&self) -> String {
        match &self.values {
            Values::Gray(_) => "display image".to_owned(),
            Values::Density { calibrated, bone } => {
                format!("{}; {}; {}", calibrated.method, bone.rule.name(), region::RULE)
            }
        }
    }
}

/// Regions as they were found, doubts about them, and why some are missing.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) outlines: Outlines,
    pub(super) findings: Vec<Finding>,
    pub(super) refusal: Option<Refusal>,
}

/// Decode → calibrate.
///
/// # Errors
/// Pixels that cannot be decoded, calibrated, or hold no bone.
pub(super) fn image(objects: &[Object<'_>], read: &[&ReadObject], scan: &Scan) -> Result<Image, Refusal> {
    let (Some(object), Some(first), Some(spacing)) = (objects.first(), read.first(), scan.spacing) else {
        return Err(Refusal::new(RefusalCode::NoSpacing, "No attribute gives the size of a pixel."));
    };
    let ulna_length_mm = ulna_length_mm(object.root());
    let subject = if is_phantom(&first.header) { Subject::Phantom } else { Subject::Person };
    let calibrated = match first.pixels {
        Pixels::Display => {
            let (field, _) = calibrate::display(&pixels::read(object)?, spacing)?;
            return Ok(Image { values: Values::Gray(field), ulna_length_mm, subject });
        }
        Pixels::DensityMap => calibrate::density_map(&DensityMap::read(object)?, spacing)?,
        Pixels::Energy { .. } => pair(objects, read, spacing)?,
    };
    let bone = match scan.kind {
        ScanKind::ApSpine => spine::bone(&calibrated.field, subject)?,
        _ => edge::bone(&calibrated.field, EdgeRule::HalfStep)?,
    };
    Ok(Image { values: Values::Density { calibrated, bone: Box::new(bone) }, ulna_length_mm, subject })
}

fn pair(objects: &[Object<'_>], read: &[&ReadObject], spacing: PixelSpacing) -> Result<Calibrated, Refusal> {
    let low = EnergyImage::read(of_energy(objects, read, Energy::Low)?)?;
    let high = EnergyImage::read(of_energy(objects, read, Energy::High)?)?;
    calibrate::pair(&low, &high, spacing)
}

fn of_energy<'o, 'f>(
    objects: &'o [Object<'f>],
    read: &[&ReadObject],
    wanted: Energy,
) -> Result<&'o Object<'f>, Refusal> {
    let is_it = |read: &&ReadObject| matches!(read.pixels, Pixels::Energy { energy, .. } if energy == wanted);
    let found = read.iter().position(is_it).and_then(|at| objects.get(at));
    found.ok_or_else(|| Refusal::new(RefusalCode::PairIncomplete, "One image of the pair is missing."))
}

/// Segment: the regions of the scan's anatomy.
///
/// # Errors
/// The anatomy was not found.
pub(super) fn found(image: &Image, scan: &Scan) -> Result<Found, Refusal> {
    match scan.kind {
        ScanKind::ApSpine => spine_regions(image),
        ScanKind::Hip => hip_regions(image, scan),
        _ => forearm_regions(image),
    }
}

fn spine_regions(image: &Image) -> Result<Found, Refusal> {
    let outlines = match &image.values {
        Values::Gray(field) => spine::find_for(field, image.subject)?,
        Values::Density { calibrated, bone } => spine::find_in(&calibrated.field, bone, image.subject)?,
    };
    let findings = spine::label_finding(&outlines).into_iter().collect();
    Ok(Found { outlines, findings, refusal: None })
}

/// Cuts the vertebrae beside moved discs anew.
///
/// # Errors
/// Lines between which there is no vertebra.
pub(super) fn recut(
    outlines: &mut Outlines,
    image: &Image,
    moved: &[(&'static str, Segment)],
) -> Result<(), Refusal> {
    if !moved.is_empty() {
        *outlines = spine::find_with(image.field(), image.subject, moved)?;
    }
    Ok(())
}

/// The hip with its neck box where it is found, or where a user placed it.
fn hip_outlines(image: &Image, scan: &Scan, placed: Option<&Polygon>) -> Result<Outlines, Refusal> {
    hip::find_with(image.field(), image.bone(), convention(scan), placed)
        .map_err(|error| Refusal::new(RefusalCode::NotEvaluable, error.to_string()))
}

fn hip_regions(image: &Image, scan: &Scan) -> Result<Found, Refusal> {
    let outlines = hip_outlines(image, scan, None)?;
    let finding = acquisition::hip::contradicted_side(0, scan.laterality, &outlines);
    Ok(Found { outlines, findings: finding.into_iter().collect(), refusal: None })
}

/// Cuts the hip anew with the neck box where a user placed it.
///
/// # Errors
/// A box that lies across no neck.
pub(super) fn recut_neck(
    outlines: &mut Outlines,
    image: &Image,
    scan: &Scan,
    placed: &Polygon,
) -> Result<(), Refusal> {
    *outlines = hip_outlines(image, scan, Some(placed))?;
    Ok(())
}

/// The neck box as the maker of the scan places it; of other makers, and of unknown ones, as Hologic does.
fn convention(scan: &Scan) -> NeckConvention {
    let device = Device::from_texts(scan.manufacturer.as_deref(), None, None);
    match device.maker {
        Some(Maker::Lunar) => NeckConvention::Lunar,
        Some(Maker::Hologic | Maker::Norland) | None => NeckConvention::Hologic,
    }
}

fn forearm_regions(image: &Image) -> Result<Found, Refusal> {
    let refused =
        |missing: forearm::ForearmRefusal| Refusal::new(RefusalCode::NotEvaluable, missing.to_string());
    let found = forearm::find(image.field(), image.bone(), image.ulna_length_mm).map_err(refused)?;
    let mut outlines = found.outlines;
    // Totals are sums of what is listed, here as everywhere.
    outlines.regions.retain(|region| !matches!(region.site, Site::Forearm(_, ForearmPart::Total)));
    Ok(Found { outlines, findings: Vec::new(), refusal: found.missing.map(refused) })
}

/// Measure: one region; `None` where the image carries no density.
pub(super) fn amount(image: &Image, region: &RegionOutline) -> Option<Result<RegionMeasure, Refusal>> {
    match &image.values {
        Values::Gray(_) => None,
        Values::Density { calibrated, bone } => Some(region::measure(calibrated, bone, region)),
    }
}

/// The checks of how the scan was taken.
pub(super) fn quality(index: usize, image: &Image, scan: &Scan, outlines: &Outlines) -> Vec<QualityRecord> {
    match scan.kind {
        ScanKind::ApSpine => acquisition::spine::records(index, image.field(), outlines),
        ScanKind::Hip => acquisition::hip::records(index, image.field(), outlines),
        _ => acquisition::forearm::records(index, image.field(), outlines, image.ulna_length_mm),
    }
}

/// A display image as gray from 0 to 1, bone bright, as its pixels are stored.
///
/// # Errors
/// Pixels that cannot be decoded, or that are all the same.
pub(super) fn stored_gray(
    objects: &[Object<'_>],
    read: &[&ReadObject],
    scan: &Scan,
) -> Result<Field, Refusal> {
    let (Some(object), Some(_)) = (objects.first(), read.first()) else {
        return Err(Refusal::new(RefusalCode::NoPixelData, "There is no image."));
    };
    let spacing = scan.spacing.unwrap_or(PixelSpacing { row_mm: 1.0, column_mm: 1.0 });
    Ok(calibrate::display(&pixels::read(object)?, spacing)?.0)
}

/// A scan as gray from 0 to 1 for looking at: display pixels as they are, densities with soft tissue dark, the
/// low-energy image of a pair, in which soft tissue shows best.
///
/// # Errors
/// Pixels that cannot be decoded.
pub(super) fn gray(objects: &[Object<'_>], read: &[&ReadObject], scan: &Scan) -> Result<Field, Refusal> {
    let (Some(object), Some(first)) = (objects.first(), read.first()) else {
        return Err(Refusal::new(RefusalCode::NoPixelData, "There is no image."));
    };
    let spacing = scan.spacing.unwrap_or(PixelSpacing { row_mm: 1.0, column_mm: 1.0 });
    let field = match first.pixels {
        Pixels::Display => calibrate::display(&pixels::read(object)?, spacing)?.0,
        Pixels::DensityMap => calibrate::density_map(&DensityMap::read(object)?, spacing)?.field,
        Pixels::Energy { .. } => {
            let low = EnergyImage::read(of_energy(objects, read, Energy::Low)?)?;
            calibrate::attenuation(&low, spacing)
        }
    };
    Ok(calibrate::windowed(field))
}
