//! The lateral picture as a DICOM object: exports of densitometers and ordinary radiographs.

use dicom_dictionary_std::{tags, uids};
use serde_json::Value;

use super::choices::Choices;
use super::raster::Raster;
use crate::dicom_writer::{DataSet, Syntax};
use crate::ge::{self, Machine, Scan};
use crate::object::{Expected, Object};
use crate::patient::{Series, Study};
use crate::settings::Settings;

/// Which object holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    /// Computed Radiography, as GE exports it.
    Cr,
    /// Digital X-Ray for presentation.
    Dx,
    /// Secondary Capture.
    Sc,
}

/// Where the header has the size of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScaleFrom {
    ExposedArea,
    PixelSpacing,
    ImagerPixelSpacing,
    Nothing,
}

/// How the picture is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) carrier: Carrier,
    pub(super) scale_from: ScaleFrom,
    /// MONOCHROME1.
    pub(super) is_inverse: bool,
}

impl Form {
    /// Gray values, bone bright: even ones up to 252 as GE has them, else all of 8 bits.
    pub(super) fn gray(&self, shown: &[f64]) -> Vec<u8> {
        let gray = |value: &f64| match self.carrier {
            Carrier::Cr => (value * 252.0 + 0.5) as u8 & !1,
            _ => (value * 255.0 + 0.5) as u8,
        };
        shown.iter().map(gray).collect()
    }
}

/// Writes it.
pub(super) fn object(
    study: &Study,
    settings: &Settings,
    choices: &Choices,
    raster: &Raster,
    mut gray: Vec<u8>,
    scene: Value,
) -> Object {
    let form = choices.form;
    if choices.facing_left {
        gray.chunks_mut(raster.columns).for_each(<[u8]>::reverse);
    }
    if form.is_inverse {
        let top = if form.carrier == Carrier::Cr { 252 } else { 255 };
        gray.iter_mut().for_each(|value| *value = top - *value);
    }
    let data = match form.carrier {
        Carrier::Cr => lunar(study, settings, raster, form),
        Carrier::Dx => radiograph(study, settings),
        Carrier::Sc => capture(study, settings),
    };
    let data = scaled(data, raster, form)
        .shorts(tags::SAMPLES_PER_PIXEL, &[1])
        .text(tags::PHOTOMETRIC_INTERPRETATION, if form.is_inverse { "MONOCHROME1" } else { "MONOCHROME2" })
        .shorts(tags::ROWS, &[raster.rows as u16])
        .shorts(tags::COLUMNS, &[raster.columns as u16])
        .shorts(tags::BITS_ALLOCATED, &[8])
        .shorts(tags::BITS_STORED, &[8])
        .shorts(tags::HIGH_BIT, &[7])
        .shorts(tags::PIXEL_REPRESENTATION, &[0])
        .bytes(tags::PIXEL_DATA, gray.clone());
    let syntax = if form.carrier == Carrier::Cr { Syntax::Implicit } else { Syntax::Explicit };
    Object::new(data, syntax, expected(raster, form)).with_pixels(gray).with("scene", scene)
}

fn exposed(raster: &Raster) -> [u16; 2] {
    raster.size().map(|length| (length + 0.5) as u16)
}

fn lunar(study: &Study, settings: &Settings, raster: &Raster, form: Form) -> DataSet {
    let usual = Machine::idxa();
    let machine = Machine {
        manufacturer: settings.manufacturer.clone().unwrap_or(usual.manufacturer.clone()),
        model: settings.model.clone().unwrap_or(usual.model.clone()),
        ..usual
    };
    let has_area = form.scale_from == ScaleFrom::ExposedArea;
    let scan = Scan::lateral().exposing(has_area.then(|| exposed(raster)));
    let scan = match &settings.protocol_name {
        Some(name) => scan.named(name),
        None => scan,
    };
    ge::header(study, &machine, &scan, 1)
}

const LATERAL: Series = Series { label: "lateral", number: 1 };

fn radiograph(study: &Study, settings: &Settings) -> DataSet {
    let named = |given: &Option<String>, usual: &str| given.clone().unwrap_or_else(|| usual.to_owned());
    let name = named(&settings.protocol_name, "Lateral Spine VFA");
    study
        .object(uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION, "DX", &LATERAL, 1)
        .text(tags::IMAGE_TYPE, "DERIVED\\PRIMARY")
        .text(tags::MANUFACTURER, &named(&settings.manufacturer, "HOLOGIC"))
        .text(tags::MANUFACTURER_MODEL_NAME, &named(&settings.model, "Horizon A"))
        .text(tags::PROTOCOL_NAME, &name)
        .text(tags::SERIES_DESCRIPTION, &name)
        .text(tags::BODY_PART_EXAMINED, "SPINE")
        .text(tags::VIEW_POSITION, "LL")
        .text(tags::PRESENTATION_INTENT_TYPE, "FOR PRESENTATION")
        .text(tags::WINDOW_CENTER, "128")
        .text(tags::WINDOW_WIDTH, "256")
}

fn capture(study: &Study, settings: &Settings) -> DataSet {
    let named = |given: &Option<String>, usual: &str| given.clone().unwrap_or_else(|| usual.to_owned());
    let name = named(&settings.protocol_name, "IVA");
    study
        .object(uids::SECONDARY_CAPTURE_IMAGE_STORAGE, "OT", &LATERAL, 1)
        .text(tags::MANUFACTURER, &named(&settings.manufacturer, "HOLOGIC"))
        .text(tags::MANUFACTURER_MODEL_NAME, &named(&settings.model, "Horizon A"))
        .text(tags::PROTOCOL_NAME, &name)
        .text(tags::SERIES_DESCRIPTION, &name)
        .text(tags::CONVERSION_TYPE, "WSD")
}

fn scaled(data: DataSet, raster: &Raster, form: Form) -> DataSet {
    let spacing = format!("{:.6}\\{:.6}", raster.spacing[0], raster.spacing[1]);
    match form.scale_from {
        ScaleFrom::PixelSpacing => data.text(tags::PIXEL_SPACING, &spacing),
        ScaleFrom::ImagerPixelSpacing => data.text(tags::IMAGER_PIXEL_SPACING, &spacing),
        ScaleFrom::ExposedArea | ScaleFrom::Nothing => data,
    }
}

fn expected(raster: &Raster, form: Form) -> Expected {
    let expected = Expected::display("lateral_spine");
    let written = raster.spacing.map(|value| libm::round(value * 1e6) / 1e6);
    match (form.scale_from, form.carrier) {
        (ScaleFrom::PixelSpacing, _) => expected.spacing(written, "pixel_spacing"),
        (ScaleFrom::ImagerPixelSpacing, _) => expected.spacing(written, "imager_pixel_spacing"),
        (ScaleFrom::ExposedArea, Carrier::Cr) => {
            let [width, height] = exposed(raster).map(f64::from);
            expected.spacing([height / raster.rows as f64, width / raster.columns as f64], "exposed_area")
        }
        (_, Carrier::Cr) => expected.spacing([Machine::idxa().raster; 2], "model_default"),
        _ => expected.refusing("no_spacing"),
    }
}
