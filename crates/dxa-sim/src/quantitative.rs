//! Pixels from which density follows: maps in g/cm², and dual-energy pairs with their calibration.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use serde_json::{Value, json};

use crate::dicom_writer::{DataSet, Syntax};
use crate::object::{Expected, Object, little_endian};
use crate::patient::{STUDY_DATE, Series, Study};
use crate::picture::Canvas;
use crate::random::Random;
use crate::structured_report::Code;

/// Density of one stored step of a map, g/cm².
const MAP_STEP: f64 = 1e-4;
/// Stored value outside the body.
const PADDING: u16 = 0;
/// Stored value of soft tissue without bone, above the padding.
const NO_BONE: f64 = 1.0;

/// In which object a map comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// DX For Presentation, the mapping at top level.
    Dx,
    /// Multi-frame Grayscale Word SC with one frame, the mapping in the shared functional groups.
    MultiFrame,
}

/// Four vertebrae drawn with exact densities, and their sums.
#[derive(Clone, Debug)]
pub(crate) struct BoneField {
    /// Density of every pixel, in steps of the map.
    canvas: Canvas,
    /// Row and column spacing, mm.
    spacing: [f64; 2],
    /// Truth of the four.
    vertebrae: Value,
}

/// Draws L1 to L4 as rounded blocks of one density each.
pub(crate) fn bone_field(columns: u16, rows: u16, spacing: [f64; 2], random: &mut Random) -> BoneField {
    let mut canvas = Canvas::new(columns, rows, 0.0);
    canvas.block(0.5, 0.5, 0.44, 0.6, NO_BONE);
    let mut vertebrae = Vec::new();
    for index in 0u8..4 {
        let level = f64::from(index);
        let steps = random.between(7600, 8800) + 350 * u32::from(index);
        let before = canvas.to_exact_words();
        canvas.block(0.5, 0.16 + 0.22 * level, 0.13 + 0.01 * level, 0.095, f64::from(steps) - NO_BONE);
        let changed = before.iter().zip(canvas.to_exact_words()).filter(|(old, new)| *old != new).count();
        let area = changed as f64 * spacing[0] * spacing[1] / 100.0;
        let bmd = f64::from(steps) * MAP_STEP;
        vertebrae.push(json!({
            "site": format!("L{}", index + 1),
            "pixels": changed,
            "area_cm2": area,
            "bmc_g": area * bmd,
            "bmd_g_cm2": bmd,
        }));
    }
    BoneField { canvas, spacing, vertebrae: Value::Array(vertebrae) }
}

/// A map of bone density.
pub(crate) fn bmd_map(
    study: &Study,
    carrier: Carrier,
    manufacturer: &str,
    model: &str,
    field: &BoneField,
) -> Object {
    let words = field.canvas.to_exact_words();
    let series = Series { label: "map", number: 1 };
    let mapping = real_world_values(MAP_STEP, 0.0, "BMD", &Code::unit("g/cm2"));
    let (sop_class, modality) = match carrier {
        Carrier::Dx => (uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION, "DX"),
        Carrier::MultiFrame => (uids::MULTI_FRAME_GRAYSCALE_WORD_SECONDARY_CAPTURE_IMAGE_STORAGE, "OT"),
    };
    let data = study
        .object(sop_class, modality, &series, 1)
        .text(tags::IMAGE_TYPE, "DERIVED\\PRIMARY")
        .text(tags::CONTENT_DATE, STUDY_DATE)
        .text(tags::CONTENT_TIME, "102000")
        .text(tags::MANUFACTURER, manufacturer)
        .text(tags::MANUFACTURER_MODEL_NAME, model)
        .text(tags::SERIES_DESCRIPTION, "AP Spine BMD")
        .text(tags::PROTOCOL_NAME, "AP Spine")
        .text(tags::BURNED_IN_ANNOTATION, "NO")
        .text(tags::PATIENT_ORIENTATION, "L\\F")
        .text(tags::PIXEL_SPACING, &decimal_pair(field.spacing))
        .shorts(tags::PIXEL_PADDING_VALUE, &[PADDING])
        .text(tags::WINDOW_CENTER, "6000")
        .text(tags::WINDOW_WIDTH, "12000");
    let data = match carrier {
        Carrier::Dx => dx_modules(data, "FOR PRESENTATION", field.spacing, &lumbar_spine())
            .sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![mapping]),
        Carrier::MultiFrame => multi_frame_modules(data, mapping),
    };
    let data = words_module(data, field.canvas.size(), &words);
    let expected = Expected::quantitative("ap_spine").spacing(field.spacing, "pixel_spacing");
    Object::new(data, Syntax::Explicit, expected)
        .with_pixels(little_endian(&words))
        .with("map_regions", field.vertebrae.clone())
}

/// Log attenuation of 1 g/cm² of bone mineral and of soft tissue: hydroxyapatite and water at 40 and 70 keV,
/// total mass attenuation in cm²/g, computed with xraydb 4.5.8.
const BONE: (f64, f64) = (0.9876, 0.3131);
const SOFT: (f64, f64) = (0.2683, 0.1929);
/// Thickness of soft tissue behind every pixel of the body, g/cm².
const SOFT_DENSITY: f64 = 18.0;
/// Log attenuation of one stored step.
const LOG_STEP: f64 = 1.2e-4;

/// Which image of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Energy {
    /// The low one; it carries the calibration.
    Low,
    /// The high one.
    High,
}

/// One image of a pair: −ln(I/I₀) of bone and soft tissue, each with one coefficient an energy.
pub(crate) fn energy_image(
    study: &Study,
    energy: Energy,
    manufacturer: &str,
    model: &str,
    field: &BoneField,
) -> Object {
    let (name, kilovolts, instance) = match energy {
        Energy::Low => ("LOW_ENERGY", "100", 1),
        Energy::High => ("HIGH_ENERGY", "140", 2),
    };
    let words = attenuation(energy, field);
    let series = Series { label: "pair", number: 1 };
    let mapping = real_world_values(LOG_STEP, 0.0, "NEGLOG", &Code::unit("1"));
    let data = study
        .object(uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PROCESSING, "DX", &series, instance)
        .text(tags::IMAGE_TYPE, &format!("ORIGINAL\\PRIMARY\\\\{name}"))
        .text(tags::CONTENT_DATE, STUDY_DATE)
        .text(tags::CONTENT_TIME, "102000")
        .text(tags::MANUFACTURER, manufacturer)
        .text(tags::MANUFACTURER_MODEL_NAME, model)
        .text(tags::SERIES_DESCRIPTION, "AP Spine dual energy")
        .text(tags::PROTOCOL_NAME, "AP Spine")
        .text(tags::KVP, kilovolts)
        .text(tags::ACQUISITION_NUMBER, "1")
        .text(tags::BURNED_IN_ANNOTATION, "NO")
        .text(tags::PATIENT_ORIENTATION, "L\\F")
        .text(tags::PIXEL_SPACING, &decimal_pair(field.spacing))
        .sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![mapping]);
    let data = dx_modules(data, "FOR PROCESSING", field.spacing, &lumbar_spine());
    let data = if energy == Energy::Low {
        calibration(data, "SIM-LINEAR-1", &polynomial(bone_terms()), &polynomial(soft_terms()))
    } else {
        data
    };
    let data = words_module(data, field.canvas.size(), &words);
    let expected = Expected::quantitative("ap_spine").spacing(field.spacing, "pixel_spacing");
    Object::new(data, Syntax::Explicit, expected)
        .with_pixels(little_endian(&words))
        .with("map_regions", field.vertebrae.clone())
        .with("calibration", json!({ "bone": polynomial(bone_terms()), "soft": polynomial(soft_terms()) }))
}

fn attenuation(energy: Energy, field: &BoneField) -> Vec<u16> {
    let (bone, soft) = match energy {
        Energy::Low => (BONE.0, SOFT.0),
        Energy::High => (BONE.1, SOFT.1),
    };
    let steps = field.canvas.to_exact_words();
    let stored = |steps: u16| {
        let bone_density = (f64::from(steps) - NO_BONE).max(0.0) * MAP_STEP;
        let soft_density = if steps == PADDING { 0.0 } else { SOFT_DENSITY };
        ((bone * bone_density + soft * soft_density) / LOG_STEP + 0.5) as u16
    };
    steps.into_iter().map(stored).collect()
}

/// Coefficients of L and H that give bone mineral: the inverse of the two-by-two system.
fn bone_terms() -> (f64, f64) {
    let determinant = BONE.0 * SOFT.1 - BONE.1 * SOFT.0;
    (SOFT.1 / determinant, -SOFT.0 / determinant)
}

/// Coefficients of L and H that give soft tissue.
fn soft_terms() -> (f64, f64) {
    let determinant = BONE.0 * SOFT.1 - BONE.1 * SOFT.0;
    (-BONE.1 / determinant, BONE.0 / determinant)
}

/// The fourteen terms `L^i·H^j`, i before j; only H (the first) and L (the fifth) are not zero.
fn polynomial((low, high): (f64, f64)) -> [f64; 14] {
    let mut terms = [0.0; 14];
    terms[0] = high;
    terms[4] = low;
    terms
}

/// The private calibration of the low image, in the second private block of its group.
pub(crate) fn calibration(data: DataSet, id: &str, bone: &[f64; 14], soft: &[f64; 14]) -> DataSet {
    data.private_text(Tag(0x0019, 0x0011), VR::LO, "DXA OPEN 1.0")
        .private_text(Tag(0x0019, 0x1101), VR::LO, id)
        .private_doubles(Tag(0x0019, 0x1102), bone)
        .private_doubles(Tag(0x0019, 0x1103), soft)
}

/// The item that gives stored values a unit.
pub(crate) fn real_world_values(slope: f64, intercept: f64, label: &str, unit: &Code) -> DataSet {
    DataSet::item()
        .text(tags::LUT_EXPLANATION, label)
        .text(tags::LUT_LABEL, label)
        .sequence(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![unit.item()])
        .shorts(tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, &[0])
        .shorts(tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED, &[u16::MAX])
        .doubles(tags::REAL_WORLD_VALUE_INTERCEPT, &[intercept])
        .doubles(tags::REAL_WORLD_VALUE_SLOPE, &[slope])
}

/// Elements that Digital X-Ray asks for beyond those of any image; pixels that grow with attenuation.
pub(crate) fn dx_modules(data: DataSet, intent: &str, detector: [f64; 2], region: &Code) -> DataSet {
    data.text(tags::PRESENTATION_INTENT_TYPE, intent)
        .sequence(tags::ANATOMIC_REGION_SEQUENCE, vec![region.item()])
        .text(tags::IMAGE_LATERALITY, "U")
        .sequence(tags::ACQUISITION_CONTEXT_SEQUENCE, vec![])
        .text(tags::DETECTOR_TYPE, "")
        .text(tags::IMAGER_PIXEL_SPACING, &decimal_pair(detector))
        .text(tags::PIXEL_INTENSITY_RELATIONSHIP, "LOG")
        .signed_short(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, -1)
        .text(tags::PRESENTATION_LUT_SHAPE, "IDENTITY")
        .text(tags::LOSSY_IMAGE_COMPRESSION, "00")
        .text(tags::RESCALE_INTERCEPT, "0")
        .text(tags::RESCALE_SLOPE, "1")
        .text(tags::RESCALE_TYPE, "US")
}

/// Where maps and pairs are taken.
pub(crate) fn lumbar_spine() -> Code {
    Code::new("122496007", "SCT", "Lumbar spine")
}

fn multi_frame_modules(data: DataSet, mapping: DataSet) -> DataSet {
    let shared = DataSet::item().sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![mapping]);
    data.text(tags::CONVERSION_TYPE, "WSD")
        .text(tags::LATERALITY, "")
        .text(tags::NUMBER_OF_FRAMES, "1")
        .text(tags::PRESENTATION_LUT_SHAPE, "IDENTITY")
        .text(tags::RESCALE_INTERCEPT, "0")
        .text(tags::RESCALE_SLOPE, "1")
        .text(tags::RESCALE_TYPE, "US")
        .sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared])
        .sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, vec![DataSet::item()])
}

/// Image pixels of 16 bits.
pub(crate) fn words_module(data: DataSet, [rows, columns]: [u16; 2], words: &[u16]) -> DataSet {
    data.shorts(tags::SAMPLES_PER_PIXEL, &[1])
        .text(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")
        .shorts(tags::ROWS, &[rows])
        .shorts(tags::COLUMNS, &[columns])
        .shorts(tags::BITS_ALLOCATED, &[16])
        .shorts(tags::BITS_STORED, &[16])
        .shorts(tags::HIGH_BIT, &[15])
        .shorts(tags::PIXEL_REPRESENTATION, &[0])
        .words(tags::PIXEL_DATA, words)
}

fn decimal_pair([row, column]: [f64; 2]) -> String {
    format!("{row:.2}\\{column:.2}")
}
