//! From the objects of a study to its scans: what belongs to one acquisition, what it shows, what is refused.

use crate::findings::{Finding, RefusalCode, Severity};
use crate::site::Side;
use crate::study::{Scan, ScanKind, Tier};

use super::anatomy::{self, Anatomy, Laterality};
use super::form::Form;
use super::object::ReadObject;
use super::quantitative::{Energy, Pixels};
use super::spacing::{self, Spacing};

/// A scan with the objects it is made of and what was refused of it.
#[derive(Clone, Debug)]
pub struct ReadScan<'o> {
    /// The scan.
    pub scan: Scan,
    /// Its objects, in the order of their instance numbers.
    pub objects: Vec<&'o ReadObject>,
    /// Refusals, as code and sentence.
    pub refusals: Vec<(RefusalCode, String)>,
    /// Doubts about what it is.
    pub findings: Vec<Finding>,
}

/// Groups the objects of one study into scans and classifies each.
///
/// Scans are ordered by Series Number, Series Instance UID, Instance Number and SOP Instance UID of their
/// first object, missing numbers last.
#[must_use]
pub fn scans(objects: &[ReadObject]) -> Vec<ReadScan<'_>> {
    let mut ordered: Vec<&ReadObject> = objects.iter().collect();
    ordered.sort_by_key(|object| order(object));
    let mut groups: Vec<Vec<&ReadObject>> = Vec::new();
    for object in ordered {
        match groups.iter_mut().find(|group| is_same_acquisition(group[0], object)) {
            Some(group) => group.push(object),
            None => groups.push(vec![object]),
        }
    }
    groups.into_iter().map(classify).collect()
}

fn order(object: &ReadObject) -> impl Ord + use<> {
    let identity = &object.header.identity;
    let last = |number: Option<i64>| (number.is_none(), number);
    (
        last(identity.series_number),
        (identity.series.is_none(), identity.series.clone()),
        last(identity.instance_number),
        (identity.sop_instance.is_none(), identity.sop_instance.clone()),
    )
}

/// Two renderings of one whole-body acquisition, or partners of dual-energy acquisitions of one series.
fn is_same_acquisition(first: &ReadObject, other: &ReadObject) -> bool {
    let (a, b) = (&first.header, &other.header);
    let same_frame = a.identity.series == b.identity.series
        && a.identity.acquisition_number == b.identity.acquisition_number
        && (a.image.rows, a.image.columns) == (b.image.rows, b.image.columns)
        && a.image.pixel_spacing == b.image.pixel_spacing;
    if !same_frame || a.identity.series.is_none() {
        return false;
    }
    match (first.pixels, other.pixels) {
        (Pixels::Energy { .. }, Pixels::Energy { .. }) => {
            a.image.imager_pixel_spacing == b.image.imager_pixel_spacing
        }
        (Pixels::Display, Pixels::Display) => {
            is_whole_body_picture(first)
                && is_whole_body_picture(other)
                && a.identity.acquisition_time == b.identity.acquisition_time
                && a.identity.scan_date == b.identity.scan_date
                && a.naming.protocol == b.naming.protocol
                && a.image.exposed_area_mm == b.image.exposed_area_mm
        }
        _ => false,
    }
}

fn is_whole_body_picture(object: &ReadObject) -> bool {
    object.anatomy == Some(Anatomy::Kind(ScanKind::WholeBody))
        && object.is_densitometry
        && !object.has_numbers()
        && !is_page(object)
}

/// A capture in color, or with text burned in, is the picture of a page and not of a patient.
fn is_page(object: &ReadObject) -> bool {
    let image = &object.header.image;
    let color = image.samples.unwrap_or(1) > 1 || image.photometric.as_deref() == Some("PALETTE COLOR");
    object.form == Form::SecondaryCapture && (color || image.burned_in)
}

fn classify(objects: Vec<&ReadObject>) -> ReadScan<'_> {
    let first = objects[0];
    let image = &first.header.image;
    let device = &first.header.device;
    let scan = Scan {
        kind: ScanKind::Unsupported,
        laterality: None,
        tier: Tier::None,
        sop_instance_uids: objects
            .iter()
            .filter_map(|object| object.header.identity.sop_instance.clone())
            .collect(),
        manufacturer: device.manufacturer.clone(),
        model: device.model.clone(),
        software: device.software.clone(),
        rows: image.rows,
        columns: image.columns,
        spacing: None,
        spacing_source: spacing::Spacing::NONE.source,
    };
    let mut read = ReadScan { scan, objects, refusals: Vec::new(), findings: Vec::new() };
    match first.form {
        Form::Ultrasound => read.refuse(RefusalCode::Ultrasound, ULTRASOUND_SENTENCE),
        Form::OtherModality => read.other_modality(),
        Form::StructuredReport | Form::Message => read.report(ScanKind::StructuredReport),
        Form::Pdf => read.report(ScanKind::Document),
        Form::Image | Form::SecondaryCapture => read.image(),
    }
    read
}

const ULTRASOUND_SENTENCE: &str =
    "This comes from an ultrasound device; densitometry scores do not apply to ultrasound and none is given.";

/// Fewer rows or columns than this cannot show the anatomy of any densitometry scan.
const SMALLEST_SIDE: u16 = 32;

impl ReadScan<'_> {
    fn refuse(&mut self, code: RefusalCode, message: &str) {
        self.refusals.push((code, message.to_owned()));
    }

    fn first(&self) -> &ReadObject {
        self.objects[0]
    }

    fn other_modality(&mut self) {
        let modality = self.first().header.identity.modality.clone().unwrap_or_default();
        let is_code =
            (1..=16).contains(&modality.len()) && modality.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let name = match modality.as_str() {
            "CT" => "computed tomography (CT)".to_owned(),
            "MR" => "magnetic resonance (MR)".to_owned(),
            "MG" => "mammography (MG)".to_owned(),
            other if is_code => format!("modality {other}"),
            _ => "not a projection image".to_owned(),
        };
        let message =
            format!("This object is {name}; only densitometry and lateral spine radiographs are analyzed.");
        self.refuse(RefusalCode::UnsupportedModality, &message);
    }

    /// A structured report or document: numbers, or the reason why there are none.
    fn report(&mut self, form: ScanKind) {
        self.scan.kind = form;
        if self.first().has_numbers() {
            self.reported(form);
            return;
        }
        if form == ScanKind::Document {
            let message = "This document has no text from which numbers can be read with certainty; a person must \
                           confirm what it says.";
            self.refuse(RefusalCode::NeedsConfirmation, message);
        } else {
            self.refuse(
                RefusalCode::NotEvaluable,
                "This report carries no densitometry numbers that can be used.",
            );
        }
    }

    fn image(&mut self) {
        if self.objects.iter().any(|object| object.has_numbers()) {
            if self.first().pixels == Pixels::Display {
                self.reported(ScanKind::ReportPage);
            } else {
                self.reported_and_calibrated();
            }
            return;
        }
        if is_page(self.first()) && self.first().is_densitometry {
            self.scan.kind = ScanKind::ReportPage;
            if self.unusable_pixels() {
                return;
            }
            self.display();
            let message = "This is the picture of a report; its numbers are not read from pixels until a person \
                           confirms them.";
            self.refuse(RefusalCode::NeedsConfirmation, message);
            return;
        }
        if !self.admit() {
            self.unusable_pixels();
            return;
        }
        self.name_anatomy();
        self.scale();
        if self.unusable_pixels() {
            return;
        }
        self.calibrated();
    }

    /// Numbers of the device beside pixels that may carry density themselves: the higher tier holds, and both
    /// are given, each with its provenance.
    fn reported_and_calibrated(&mut self) {
        self.name_anatomy();
        self.scale();
        if !self.unusable_pixels() {
            self.calibrated();
        }
        if self.scan.tier == Tier::Quantitative {
            return;
        }
        // What the pixels lack does not take the device's numbers away.
        let named = self.scan.kind;
        self.refusals.retain(|(code, _)| *code == RefusalCode::PairIncomplete);
        self.reported(if named == ScanKind::Unsupported { ScanKind::ReportPage } else { named });
    }

    /// Pixels that carry density: a map or a pair.
    fn calibrated(&mut self) {
        match self.first().pixels {
            Pixels::Display => self.display(),
            Pixels::DensityMap => self.density_map(),
            Pixels::Energy { .. } => self.energy_pair(),
        }
    }

    /// The device's numbers came with it: the kind is the one anatomy they speak of, else the form.
    fn reported(&mut self, form: ScanKind) {
        use crate::reported::ReportedAnatomy::{Forearm, Hip, Spine, WholeBody};
        let reports = || self.objects.iter().filter_map(|object| object.reported.as_ref());
        let told = reports().find_map(|report| report.anatomy).map(|anatomy| match anatomy {
            Spine => ScanKind::ApSpine,
            Hip => ScanKind::Hip,
            Forearm => ScanKind::Forearm,
            WholeBody => ScanKind::WholeBody,
        });
        self.scan.kind = told.unwrap_or(form);
        self.scan.tier = Tier::Reported;
        if self.scan.kind.is_paired() {
            self.name_side();
            if self.scan.laterality.is_none() {
                self.scan.laterality = self.side_of_numbers();
            }
        }
    }

    /// The side on which all of the device's rows agree.
    fn side_of_numbers(&self) -> Option<Side> {
        let reports = self.objects.iter().filter_map(|object| object.reported.as_ref());
        let mut sides = reports.flat_map(|report| &report.regions).map(|region| region.side);
        let first = sides.next()??;
        (first != Side::Both && sides.all(|side| side == Some(first))).then_some(first)
    }

    /// Whether the image is densitometry, or a lateral spine of any maker.
    fn admit(&mut self) -> bool {
        let object = self.first();
        let lateral = object.named_kind() == Some(ScanKind::LateralSpine);
        if object.is_densitometry || lateral {
            return true;
        }
        let message = "Neither maker nor wording says that this image is densitometry, and a plain radiograph \
                       carries no density.";
        self.refuse(RefusalCode::UnsupportedDevice, message);
        false
    }

    fn name_anatomy(&mut self) {
        match self.first().anatomy {
            Some(Anatomy::Kind(kind)) => self.scan.kind = kind,
            Some(Anatomy::CervicalLateral) => {
                self.scan.kind = ScanKind::LateralSpine;
                self.refuse(
                    RefusalCode::NotEvaluable,
                    "This shows the cervical spine; levels T4 to L4 are graded.",
                );
            }
            Some(Anatomy::Other) => {
                self.refuse(
                    RefusalCode::NotEvaluable,
                    "The anatomy named in this object is not one that is measured.",
                );
            }
            // What a densitometer calls lateral and nothing else is the spine.
            None if anatomy::is_lateral(&self.first().header.naming) => {
                self.scan.kind = ScanKind::LateralSpine
            }
            None => {
                let message = "Nothing in this object says which part of the body it shows; its protocol name may \
                               have been removed.";
                self.refuse(RefusalCode::NotEvaluable, message);
            }
        }
        if self.scan.kind.is_paired() {
            self.name_side();
        }
    }

    fn name_side(&mut self) {
        let Laterality { side, contradicted } = anatomy::laterality(&self.first().header.naming);
        self.scan.laterality = side;
        if contradicted {
            let message = "The attributes of this object name different sides; the first of laterality attribute, \
                           protocol and series is given.";
            let finding = Finding::new("laterality_doubtful", Severity::Review, message.to_owned());
            self.findings.push(finding);
        }
    }

    fn scale(&mut self) {
        let Spacing { spacing, source, anisotropic } = spacing::spacing(&self.first().header, self.scan.kind);
        self.scan.spacing = spacing;
        self.scan.spacing_source = source;
        if spacing.is_some() {
            return;
        }
        let message = if anisotropic {
            "The exposed area gives rows and columns of different size, which it cannot prove; no lengths, areas or \
             densities are given, ratios along one axis are."
        } else {
            "No attribute gives the size of a pixel; no lengths, areas or densities are given, ratios are."
        };
        self.refuse(RefusalCode::NoSpacing, message);
    }

    /// Refuses scans with an image whose pixels are missing, too few, or cannot be decoded.
    fn unusable_pixels(&mut self) -> bool {
        let refusal = self.objects.iter().find_map(|object| unusable_pixels(object));
        let unusable = refusal.is_some();
        self.refusals.extend(refusal);
        unusable
    }

    fn display(&mut self) {
        self.scan.tier = Tier::Display;
        let message = "These are display pixels; bone density cannot be computed from them.";
        self.refuse(RefusalCode::NotCalibrated, message);
    }

    fn density_map(&mut self) {
        if self.scan.spacing_source == crate::study::SpacingSource::PixelSpacing {
            self.scan.tier = Tier::Quantitative;
        } else if self.scan.spacing.is_some() {
            let message =
                "A density map needs Pixel Spacing; a size from another attribute is not exact enough.";
            self.refuse(RefusalCode::NoSpacing, message);
        }
    }

    fn energy_pair(&mut self) {
        let count = |wanted: Energy| {
            let of = |object: &&&ReadObject| matches!(object.pixels, Pixels::Energy { energy, .. } if energy == wanted);
            self.objects.iter().filter(of).count()
        };
        if (count(Energy::Low), count(Energy::High)) != (1, 1) {
            let message = "A dual-energy scan needs exactly one low-energy and one high-energy image of equal geometry.";
            self.refuse(RefusalCode::PairIncomplete, message);
            return;
        }
        let calibrated = self
            .objects
            .iter()
            .any(|object| matches!(object.pixels, Pixels::Energy { calibrated: true, .. }));
        if !calibrated {
            self.scan.tier = Tier::Display;
            let message =
                "This dual-energy pair carries no usable calibration, so no density can be computed from it.";
            self.refuse(RefusalCode::NotCalibrated, message);
        } else if self.scan.spacing.is_some() {
            self.scan.tier = Tier::Quantitative;
        }
    }
}

/// Why nothing can be done with the pixels of an image object.
fn unusable_pixels(object: &ReadObject) -> Option<(RefusalCode, String)> {
    let image = &object.header.image;
    let smallest = image.rows.unwrap_or(0).min(image.columns.unwrap_or(0));
    if !image.has_pixels {
        return Some((RefusalCode::NoPixelData, "This image object carries no pixel data.".to_owned()));
    }
    if smallest < SMALLEST_SIDE {
        let message = format!("An image side of {smallest} pixels cannot show the anatomy.");
        return Some((RefusalCode::ImageTooSmall, message));
    }
    let message = || format!("Pixels in transfer syntax {} cannot be decoded.", object.transfer_syntax);
    (!object.is_decodable).then(|| (RefusalCode::UnsupportedTransferSyntax, message()))
}
