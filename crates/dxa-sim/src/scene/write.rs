//! A scan as files: a dual-energy pair, a map, or a picture.

use dicom_dictionary_std::{tags, uids};
use serde_json::{Value, json};

use super::acquire::{Acquisition, Exposure, acquire};
use super::scan::{Output, Picture, Polarity, Scale};
use super::{Anatomy, Column, Frame};
use crate::device_numbers::Side;
use crate::dicom_writer::{DataSet, Syntax};
use crate::object::{Expected, Object, little_endian};
use crate::patient::{Series, Study};
use crate::physics::beam::Energy;
use crate::physics::transmission::Transmission;
use crate::physics::wedge::Calibration;
use crate::quantitative::{calibration, dx_modules, real_world_values, words_module};
use crate::random::Random;
use crate::structured_report::Code;

/// Log attenuation of one stored step.
const LOG_STEP: f64 = 2e-4;
/// Density of one stored step of a map, g/cm², and the density of its first step.
const MAP_STEP: f64 = 1e-4;
const MAP_LEAST: f64 = -1.0;
/// Stored value of a map beside the body.
const MAP_PADDING: u16 = 0;
/// What a picture shows: from below to above its own median, g/cm² of bone with a little soft tissue added.
const WINDOW: [f64; 2] = [-0.3, 1.5];
const SOFT_IN_PICTURE: f64 = 0.015;
/// Gray of lines that are burnt in.
const LINE_GRAY: u8 = 64;

/// What the headers of a scan say.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Kind in the words of the contract.
    pub(crate) kind: &'static str,
    /// Names of the files: low, high, map, picture.
    pub(crate) files: [&'static str; 4],
    /// Protocol Name and Series Description.
    pub(crate) protocol: String,
    /// Anatomic Region.
    pub(crate) region: Code,
    /// Side.
    pub(crate) side: Option<Side>,
    /// Manufacturer and model.
    pub(crate) maker: [String; 2],
}

/// Scans an anatomy and writes the files of one output; the truth goes with the first.
pub(crate) fn write_scan(
    study: &Study,
    view: &View,
    anatomy: &dyn Anatomy,
    acquisition: &Acquisition,
    output: Output,
    random: &mut Random,
) -> Vec<(&'static str, Object)> {
    let exposure = acquire(anatomy, acquisition, random);
    let [low, high, map, picture] = view.files;
    let writer =
        Writer { study, view, acquisition, exposure, calibration: Calibration::of_beam(acquisition.beam) };
    let truth = writer.truth(anatomy);
    match output {
        Output::Pair(scale) => vec![
            (low, writer.energy_image(Energy::Low, scale).with("scene", truth)),
            (high, writer.energy_image(Energy::High, scale).expect(|expected| expected.one_scan_with(low))),
        ],
        Output::Map => vec![(map, writer.map(anatomy).with("scene", truth))],
        Output::Display(looks) => vec![(picture, writer.picture(looks, &truth).with("scene", truth))],
    }
}

/// Everything that the files of one scan share.
struct Writer<'a> {
    study: &'a Study,
    view: &'a View,
    acquisition: &'a Acquisition,
    exposure: Exposure,
    calibration: &'static Calibration,
}

impl Writer<'_> {
    fn frame(&self) -> Frame {
        self.exposure.frame
    }

    /// What is true of the anatomy and of how it was scanned.
    fn truth(&self, anatomy: &dyn Anatomy) -> Value {
        let mut truth = anatomy.truth(&self.frame());
        let scan = self.acquisition;
        let jerk = |jerk: &super::acquire::Jerk| {
            let to_mm = jerk.to_mm.min(anatomy.height_mm());
            json!({ "from_mm": jerk.from_mm, "to_mm": to_mm, "shift_mm": jerk.shift_mm })
        };
        let acquisition = json!({
            "rows": self.frame().rows,
            "columns": self.frame().columns,
            "pixel_spacing_mm": scan.spacing,
            "beam": scan.beam.name(),
            "photons_per_mm2": scan.photons,
            "blur_mm": scan.blur_mm,
            "motion": scan.motion.iter().map(jerk).collect::<Vec<_>>(),
            "magnification": scan.magnification(),
        });
        if let Value::Object(entries) = &mut truth {
            entries.insert("acquisition".to_owned(), acquisition);
        }
        truth
    }

    fn object(&self, sop_class: &str, series: &Series, instance: u32) -> DataSet {
        let [manufacturer, model] = &self.view.maker;
        self.study
            .object(sop_class, "DX", series, instance)
            .text(tags::CONTENT_DATE, self.study.date())
            .text(tags::CONTENT_TIME, "102000")
            .text(tags::MANUFACTURER, manufacturer)
            .text(tags::MANUFACTURER_MODEL_NAME, model)
            .text(tags::SERIES_DESCRIPTION, &self.view.protocol)
            .text(tags::PROTOCOL_NAME, &self.view.protocol)
            .text(tags::BURNED_IN_ANNOTATION, "NO")
            .text(tags::PATIENT_ORIENTATION, "L\\F")
            .text(tags::PIXEL_SPACING, &spacing(self.frame()))
    }

    fn modules(&self, data: DataSet, intent: &str) -> DataSet {
        dx_modules(data, intent, self.frame().spacing, &self.view.region)
            .text(tags::IMAGER_PIXEL_SPACING, &spacing(self.frame()))
            .text(tags::IMAGE_LATERALITY, self.view.side.map_or("U", Side::code))
    }

    fn expected(&self, expected: Expected) -> Expected {
        expected.side(self.view.side.map(Side::code)).spacing(self.frame().spacing, "pixel_spacing")
    }

    fn size(&self) -> [u16; 2] {
        [self.frame().rows, self.frame().columns]
    }

    fn energy_image(&self, energy: Energy, scale: Scale) -> Object {
        let (name, instance) = match energy {
            Energy::Low => ("LOW_ENERGY", 1),
            Energy::High => ("HIGH_ENERGY", 2),
        };
        let stored = stored(scale, &self.exposure.transmission[instance as usize - 1]);
        let mapping = real_world_values(stored.step, 0.0, stored.label, &Code::unit("1"));
        let series = Series { label: "pair", number: 1 };
        let data = self
            .object(uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PROCESSING, &series, instance)
            .text(tags::IMAGE_TYPE, &format!("ORIGINAL\\PRIMARY\\\\{name}"))
            .text(tags::KVP, self.acquisition.beam.kilovolts(energy))
            .text(tags::ACQUISITION_NUMBER, "1")
            .sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![mapping]);
        let data = self
            .modules(data, "FOR PROCESSING")
            .text(tags::PIXEL_INTENSITY_RELATIONSHIP, stored.relationship)
            .signed_short(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, stored.sign);
        let data = if energy == Energy::Low { self.calibrated(data) } else { data };
        let data = words_module(data, self.size(), &stored.words);
        let expected = self.expected(Expected::quantitative(self.view.kind));
        Object::new(data, Syntax::Explicit, expected).with_pixels(little_endian(&stored.words))
    }

    fn calibrated(&self, data: DataSet) -> DataSet {
        let id = format!("SIM-{}-1", self.acquisition.beam.name().to_uppercase());
        calibration(data, &id, &self.calibration.bone, &self.calibration.soft)
    }

    /// Bone and soft tissue of every pixel as the scanner's own calibration has them.
    fn calibrated_pixels(&self) -> impl Iterator<Item = [f64; 2]> {
        let [low, high] = &self.exposure.transmission;
        let log = |share: &f64| -libm::log(share.max(1e-9));
        low.iter().zip(high).map(move |(low, high)| self.calibration.invert([log(low), log(high)]))
    }

    /// A map as an ideal scanner makes it: what soft tissue alone would show is taken off every pixel.
    fn map(&self, anatomy: &dyn Anatomy) -> Object {
        let transmission = Transmission::of_beam(self.acquisition.beam);
        let soft = self.soft_tissue(anatomy);
        let words = self.calibrated_pixels().zip(soft).map(|([bone, _], soft)| {
            if soft == Column::default() {
                return MAP_PADDING;
            }
            let [offset, _] = self.calibration.invert(transmission.of(&soft).map(|share| -libm::log(share)));
            ((bone - offset - MAP_LEAST) / MAP_STEP + 0.5).clamp(1.0, 65_535.0) as u16
        });
        let words: Vec<u16> = words.collect();
        let series = Series { label: "map", number: 1 };
        let mapping = real_world_values(MAP_STEP, MAP_LEAST, "BMD", &Code::unit("g/cm2"));
        let data = self
            .object(uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION, &series, 1)
            .text(tags::IMAGE_TYPE, "DERIVED\\PRIMARY")
            .shorts(tags::PIXEL_PADDING_VALUE, &[MAP_PADDING])
            .text(tags::WINDOW_CENTER, "16000")
            .text(tags::WINDOW_WIDTH, "14000")
            .sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![mapping]);
        let data = words_module(self.modules(data, "FOR PRESENTATION"), self.size(), &words);
        let expected = self.expected(Expected::quantitative(self.view.kind));
        Object::new(data, Syntax::Explicit, expected).with_pixels(little_endian(&words))
    }

    /// What would lie at the middle of every pixel without bone and metal.
    fn soft_tissue(&self, anatomy: &dyn Anatomy) -> impl Iterator<Item = Column> {
        let frame = self.frame();
        let Frame { rows, columns, spacing, .. } = frame;
        let at = move |index: u16, step: f64| (f64::from(index) + 0.5) * step;
        let points = (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)));
        points.map(move |(row, column)| {
            anatomy.column(frame.behind(at(column, spacing[1])), at(row, spacing[0])).without_bone()
        })
    }

    fn picture(&self, Picture { polarity, has_lines }: Picture, truth: &Value) -> Object {
        let shown: Vec<f64> =
            self.calibrated_pixels().map(|[bone, soft]| bone + SOFT_IN_PICTURE * soft).collect();
        let background = median(&shown);
        let gray = |shown: &f64| {
            let part = (shown - background - WINDOW[0]) / (WINDOW[1] - WINDOW[0]);
            let gray = (part * 255.0 + 0.5).clamp(0.0, 255.0) as u8;
            if polarity == Polarity::Bright { gray } else { 255 - gray }
        };
        let mut pixels: Vec<u8> = shown.iter().map(gray).collect();
        if has_lines {
            burn_in(&mut pixels, &self.frame(), truth);
        }
        let series = Series { label: "picture", number: 1 };
        let photometric = if polarity == Polarity::Monochrome1 { "MONOCHROME1" } else { "MONOCHROME2" };
        let shape = if polarity == Polarity::Monochrome1 { "INVERSE" } else { "IDENTITY" };
        let data = self
            .object(uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION, &series, 1)
            .text(tags::IMAGE_TYPE, "DERIVED\\PRIMARY")
            .text(tags::BURNED_IN_ANNOTATION, if has_lines { "YES" } else { "NO" })
            .text(tags::WINDOW_CENTER, "128")
            .text(tags::WINDOW_WIDTH, "256");
        let data = self
            .modules(data, "FOR PRESENTATION")
            .text(tags::PRESENTATION_LUT_SHAPE, shape)
            .shorts(tags::SAMPLES_PER_PIXEL, &[1])
            .text(tags::PHOTOMETRIC_INTERPRETATION, photometric)
            .shorts(tags::ROWS, &[self.frame().rows])
            .shorts(tags::COLUMNS, &[self.frame().columns])
            .shorts(tags::BITS_ALLOCATED, &[8])
            .shorts(tags::BITS_STORED, &[8])
            .shorts(tags::HIGH_BIT, &[7])
            .shorts(tags::PIXEL_REPRESENTATION, &[0])
            .bytes(tags::PIXEL_DATA, pixels.clone());
        let expected = self.expected(Expected::display(self.view.kind));
        Object::new(data, Syntax::Explicit, expected).with_pixels(pixels)
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    let middle = values.len() / 2;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(middle, f64::total_cmp).1 }
}

/// Draws every line of the truth into a picture, as exports of reports have them.
fn burn_in(pixels: &mut [u8], frame: &Frame, truth: &Value) {
    let point = |end: &Value| Some([end.get(0)?.as_f64()?, end.get(1)?.as_f64()?]);
    let lines = truth.get("landmarks").and_then(Value::as_array).into_iter().flatten();
    for (from, to) in lines.filter_map(|line| Some((point(&line["from_px"])?, point(&line["to_px"])?))) {
        let steps = libm::ceil((to[0] - from[0]).abs().max((to[1] - from[1]).abs())) as u32;
        for step in 0..=steps {
            let part = f64::from(step) / f64::from(steps.max(1));
            let [x, y] = [0, 1].map(|axis: usize| from[axis] + part * (to[axis] - from[axis]));
            let inside =
                (0.0..f64::from(frame.columns)).contains(&x) && (0.0..f64::from(frame.rows)).contains(&y);
            let index = y as usize * usize::from(frame.columns) + x as usize;
            if let (true, Some(pixel)) = (inside, pixels.get_mut(index)) {
                *pixel = LINE_GRAY;
            }
        }
    }
}

/// One image of a pair as it is stored.
struct Stored {
    words: Vec<u16>,
    step: f64,
    label: &'static str,
    relationship: &'static str,
    sign: i16,
}

/// Transmission as stored values.
///
/// As logarithms the last value stands for pixels without counts; as transmission the steps are as fine as the
/// brightest tissue allows, and the open beam is cut off at the last value.
fn stored(scale: Scale, transmission: &[f64]) -> Stored {
    match scale {
        Scale::NegativeLog => {
            let word = |share: &f64| {
                if *share > 0.0 {
                    (-libm::log(*share) / LOG_STEP + 0.5).clamp(0.0, 65_535.0) as u16
                } else {
                    u16::MAX
                }
            };
            let words = transmission.iter().map(word).collect();
            Stored { words, step: LOG_STEP, label: "NEGLOG", relationship: "LOG", sign: -1 }
        }
        Scale::Transmission => {
            let brightest = transmission.iter().filter(|share| **share < 0.5).fold(0.0_f64, |a, b| a.max(*b));
            let step = if brightest > 0.0 { brightest / 65_000.0 } else { 1.0 / 65_535.0 };
            let word = |share: &f64| (share / step + 0.5).clamp(0.0, 65_535.0) as u16;
            let words = transmission.iter().map(word).collect();
            Stored { words, step, label: "TRANSMISSION", relationship: "LIN", sign: 1 }
        }
    }
}

/// Pixel Spacing.
fn spacing(frame: Frame) -> String {
    let [row, column] = frame.spacing;
    format!("{row}\\{column}")
}
