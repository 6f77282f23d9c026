//! Dual-energy pairs from which no density may come, each with the refusal that is due.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use serde_json::{Value, json};

use crate::SimError;
use crate::dicom_writer::DataSet;
use crate::kinds::{Group, SCANNED};
use crate::object::{Expected, Object, little_endian};
use crate::patient::Study;
use crate::quantitative::lumbar_spine;
use crate::random::Random;
use crate::scene::acquire::Acquisition;
use crate::scene::edge::{Edge, bar_depth};
use crate::scene::scan::{Output, Scale};
use crate::scene::write::{View, write_scan};
use crate::scene::{Anatomy, Column, Frame};
use crate::settings::Settings;
use crate::spine::Spine;

/// Settings of `unusable-pair`, as docs/simulation.md explains them.
pub(crate) const SETTINGS: &[Group] = &[SCANNED, &["beam", "spacing", "photons", "case"]];

/// What is wrong with a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// Soft tissue only.
    NoBone,
    /// A hand on the table.
    Hand,
    /// Every pixel the same.
    Constant,
    /// Every pixel at the last value.
    Saturated,
    /// No calibration.
    Uncalibrated,
    /// Coefficients that are no numbers.
    NotANumber,
    /// Coefficients that give ten thousand g/cm².
    Absurd,
    /// A sign that contradicts the scale.
    Sign,
    /// Two low images.
    TwoLow,
    /// A high image with fewer rows.
    Sizes,
    /// A high image with another spacing.
    Spacing,
    /// A high image of another acquisition.
    Acquisition,
    /// No high image.
    Lone,
}

/// Spacing of a high image that has another one, mm.
const OTHER_SPACING: [f64; 2] = [0.77, 0.66];
const LOW: &str = "unusable-low.dcm";
const CASES: [(&str, Case); 13] = [
    ("no_bone", Case::NoBone),
    ("hand", Case::Hand),
    ("constant", Case::Constant),
    ("saturated", Case::Saturated),
    ("uncalibrated", Case::Uncalibrated),
    ("not_a_number", Case::NotANumber),
    ("absurd", Case::Absurd),
    ("sign", Case::Sign),
    ("two_low", Case::TwoLow),
    ("sizes", Case::Sizes),
    ("spacing", Case::Spacing),
    ("acquisition", Case::Acquisition),
    ("lone", Case::Lone),
];
const EXPECTED: &str = "no_bone, hand, constant, saturated, uncalibrated, not_a_number, absurd, sign, two_low, \
                        sizes, spacing, acquisition or lone";

impl Case {
    /// What a reader ought to say.
    fn expected(self) -> Expected {
        let calibrated = Expected::quantitative("ap_spine");
        match self {
            Self::NoBone | Self::Hand | Self::Constant | Self::Saturated => {
                calibrated.refusing("not_evaluable")
            }
            // Its header looks right.
            Self::Absurd => calibrated.refusing("not_calibrated"),
            Self::Uncalibrated | Self::NotANumber | Self::Sign => Expected::display("ap_spine"),
            Self::TwoLow | Self::Sizes | Self::Spacing | Self::Acquisition | Self::Lone => {
                Expected::refused("ap_spine", "pair_incomplete")
            }
        }
    }

    /// Whether both images still belong together.
    fn is_one_scan(self) -> bool {
        !matches!(self, Self::Sizes | Self::Spacing | Self::Acquisition)
    }
}

/// Simulates one pair.
///
/// # Errors
/// A value that its setting does not take.
pub(crate) fn build(
    study: &Study,
    maker: [String; 2],
    settings: &Settings,
) -> Result<Vec<(&'static str, Object)>, SimError> {
    let case = settings.choice("case", &CASES, EXPECTED)?.unwrap_or(Case::NoBone);
    let mut stream = Random::new(study.seed(), "unusable-pair");
    let spine = Spine::of(study, settings, &mut stream)?;
    let acquisition = Acquisition::of(settings, spine.soft.thickness, spine.height_mm(), &mut stream)?;
    let view = View {
        kind: "ap_spine",
        files: [LOW, "unusable-high.dcm", "", ""],
        protocol: settings.protocol_name.clone().unwrap_or_else(|| "AP Spine".to_owned()),
        region: lumbar_spine(),
        side: None,
        maker,
    };
    let anatomy: Box<dyn Anatomy> = match case {
        Case::NoBone => Box::new(NoBone(spine)),
        Case::Hand => Box::new(Hand),
        _ => Box::new(spine),
    };
    let pair = Output::Pair(Scale::NegativeLog);
    let files = write_scan(study, &view, anatomy.as_ref(), &acquisition, pair, &mut stream);
    Ok(spoilt(case, files))
}

fn spoilt(case: Case, files: Vec<(&'static str, Object)>) -> Vec<(&'static str, Object)> {
    let kept = if case == Case::Lone { 1 } else { 2 };
    let spoil = |(index, (name, object)): (usize, (&'static str, Object))| {
        let spacing = match (case, index) {
            (Case::Spacing, 1) => OTHER_SPACING,
            _ => object.expected.spacing_mm().unwrap_or_default(),
        };
        let object = if index == 0 { spoilt_low(case, object) } else { spoilt_high(case, object) };
        let expected = case.expected().spacing(spacing, "pixel_spacing");
        let second = index == 1 && case.is_one_scan();
        (name, object.expect(|_| if second { expected.one_scan_with(LOW) } else { expected }))
    };
    files.into_iter().take(kept).enumerate().map(spoil).collect()
}

fn spoilt_low(case: Case, object: Object) -> Object {
    let coefficients = |object: Object, value: f64| {
        object.change(|data| data.private_doubles(Tag(0x0019, 0x1102), &[value; 14]))
    };
    match case {
        Case::Constant => filled(object, 20_000),
        Case::Saturated => filled(object, u16::MAX),
        Case::NotANumber => coefficients(object, f64::NAN),
        Case::Absurd => coefficients(object, 1.0e3),
        Case::Uncalibrated => {
            object.change(|data| data.private_text(Tag(0x0019, 0x0011), VR::LO, "SOMEONE ELSE"))
        }
        Case::Sign => object.change(|data| data.signed_short(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, 1)),
        _ => object,
    }
}

fn spoilt_high(case: Case, object: Object) -> Object {
    match case {
        Case::Constant => filled(object, 14_000),
        Case::Saturated => filled(object, u16::MAX),
        Case::Sign => object.change(|data| data.signed_short(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, 1)),
        Case::TwoLow => object.change(|data| data.text(tags::IMAGE_TYPE, "ORIGINAL\\PRIMARY\\\\LOW_ENERGY")),
        Case::Sizes => shortened(object),
        Case::Spacing => object.change(|data| {
            data.text(tags::PIXEL_SPACING, &format!("{}\\{}", OTHER_SPACING[0], OTHER_SPACING[1]))
        }),
        Case::Acquisition => object.change(|data| data.text(tags::ACQUISITION_NUMBER, "2")),
        _ => object,
    }
}

fn words(object: &Object) -> Vec<u16> {
    let bytes = object.pixels.as_deref().unwrap_or_default();
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
}

fn with_words(object: Object, words: &[u16], change: impl FnOnce(DataSet) -> DataSet) -> Object {
    object.change(|data| change(data.words(tags::PIXEL_DATA, words))).with_pixels(little_endian(words))
}

fn filled(object: Object, word: u16) -> Object {
    let words = vec![word; words(&object).len()];
    with_words(object, &words, |data| data)
}

/// The same image without its last ten rows.
fn shortened(object: Object) -> Object {
    let all = words(&object);
    let number = |key: &str| object.data.written().get(key).and_then(|value| value[0].as_u64()).unwrap_or(0);
    let (rows, columns) = (number("Rows").saturating_sub(10), number("Columns"));
    let kept = all.get(..(rows * columns) as usize).unwrap_or_default();
    with_words(object.clone(), kept, |data| data.shorts(tags::ROWS, &[rows as u16]))
}

/// The soft tissue of a person alone.
struct NoBone(Spine);

impl Anatomy for NoBone {
    fn column(&self, x_mm: f64, y_mm: f64) -> Column {
        self.0.column(x_mm, y_mm).without_bone()
    }

    fn width_mm(&self) -> f64 {
        self.0.width_mm()
    }

    fn height_mm(&self) -> f64 {
        self.0.height_mm()
    }

    fn truth(&self, _frame: &Frame) -> Value {
        json!({ "regions": [] })
    }
}

/// A hand flat on the table: five rays of bones in thin tissue, air around.
struct Hand;

/// Wrist, and the tips of the five rays, mm.
const WRIST: [f64; 2] = [75.0, 165.0];
const TIPS: [[f64; 2]; 5] = [[20.0, 85.0], [45.0, 30.0], [70.0, 18.0], [95.0, 28.0], [118.0, 60.0]];

impl Anatomy for Hand {
    fn column(&self, x_mm: f64, y_mm: f64) -> Column {
        let point = [x_mm, y_mm];
        let depth = |radius: f64| {
            let ray = |tip: &[f64; 2]| bar_depth(point, WRIST, *tip, [radius + 2.0, radius]);
            TIPS.iter().map(ray).fold(f64::MIN, f64::max)
        };
        let flesh = depth(10.0);
        if flesh <= 0.0 {
            return Column::default();
        }
        let tissue = 2.5 * (flesh / 10.0).min(1.0).sqrt();
        let tissue = Column { lean: 0.8 * tissue, fat: 0.2 * tissue, ..Column::default() };
        let bone = depth(4.5);
        tissue.with_bone(if bone > 0.0 { 0.5 * Edge::Curved.share(bone) } else { 0.0 })
    }

    fn width_mm(&self) -> f64 {
        150.0
    }

    fn height_mm(&self) -> f64 {
        190.0
    }

    fn truth(&self, _frame: &Frame) -> Value {
        json!({ "regions": [] })
    }
}
