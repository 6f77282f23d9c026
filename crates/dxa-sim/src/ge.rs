//! GE Lunar exports: 8-bit display images in Computed Radiography, scale and region only in side notes.

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};

use crate::device_numbers::Side;
use crate::dicom_writer::{DataSet, Syntax};
use crate::object::{Expected, Object};
use crate::patient::{Series, Study};
use crate::picture::Canvas;
use crate::random::Random;

/// The series that one visit's scans share.
const SCANS: Series = Series { label: "ge scans", number: 1 };

/// Retired from the standard, written by every real export.
const TOTAL_NUMBER_OF_EXPOSURES: Tag = Tag(0x0040, 0x0301);
const EXPOSURE_DOSE_SEQUENCE: Tag = Tag(0x0040, 0x030E);

/// A densitometer.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// Manufacturer.
    pub(crate) manufacturer: String,
    /// Model.
    pub(crate) model: String,
    /// Software version.
    pub(crate) software: &'static str,
    /// Tube voltage, kV.
    pub(crate) kilovolts: &'static str,
    /// Export raster, mm.
    pub(crate) raster: f64,
}

impl Machine {
    /// An iDXA.
    pub(crate) fn idxa() -> Self {
        Self {
            manufacturer: "GE Healthcare".to_owned(),
            model: "Lunar iDXA".to_owned(),
            software: "16.20.059",
            kilovolts: "100.0",
            raster: 0.25,
        }
    }

    /// A Prodigy.
    pub(crate) fn prodigy() -> Self {
        Self {
            model: "Prodigy Advance".to_owned(),
            software: "16.00.158",
            kilovolts: "76.0",
            raster: 0.6,
            ..Self::idxa()
        }
    }
}

/// One scan as the operator started it.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    /// Kind in the words of the contract.
    pub(crate) kind: &'static str,
    /// Side.
    pub(crate) side: Option<Side>,
    /// Protocol Name: the only key to the region.
    pub(crate) protocol: String,
    /// Exposed Area in mm, width first; without it there is no scale at all.
    pub(crate) exposed: Option<[u16; 2]>,
    /// Sweeps of the beam: one item of dose each.
    pub(crate) sweeps: u16,
    /// Tube current, µA.
    pub(crate) microamperes: u16,
    /// Entrance dose, mGy.
    pub(crate) dose: &'static str,
}

impl Scan {
    /// AP spine of an iDXA.
    pub(crate) fn ap_spine() -> Self {
        Self {
            kind: "ap_spine",
            side: None,
            protocol: "AP Spine".to_owned(),
            exposed: Some([180, 197]),
            sweeps: 1,
            microamperes: 2500,
            dose: "0.329000",
        }
    }

    /// One hip of an iDXA.
    pub(crate) fn hip(side: Side) -> Self {
        Self {
            kind: "hip",
            side: Some(side),
            protocol: format!("{} Femur", side.word()),
            exposed: Some(side.pick([170, 150], [170, 134])),
            dose: "0.146000",
            ..Self::ap_spine()
        }
    }

    /// Lateral vertebral assessment of an iDXA.
    pub(crate) fn lateral() -> Self {
        Self {
            kind: "lateral_spine",
            protocol: "LVA".to_owned(),
            exposed: Some([200, 438]),
            sweeps: 4,
            dose: "1.316000",
            ..Self::ap_spine()
        }
    }

    /// Whole body of an iDXA.
    pub(crate) fn whole_body() -> Self {
        Self {
            kind: "whole_body",
            protocol: "Total Body".to_owned(),
            exposed: Some([658, 1920]),
            microamperes: 188,
            dose: "0.003000",
            ..Self::ap_spine()
        }
    }

    /// The same scan under another protocol name.
    pub(crate) fn named(self, protocol: &str) -> Self {
        Self { protocol: protocol.to_owned(), ..self }
    }

    /// The same scan with another exposed area.
    pub(crate) fn exposing(self, exposed: Option<[u16; 2]>) -> Self {
        Self { exposed, ..self }
    }

    /// The same scan of another kind.
    pub(crate) fn of_kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }
}

/// The export of one scan. The grain of the picture depends on the visit and the instance.
pub(crate) fn export(
    study: &Study,
    machine: &Machine,
    scan: &Scan,
    instance: u32,
    picture: &Canvas,
) -> Object {
    let label = format!("{} grain {instance}", study.patient.id);
    let pixels = picture.to_even_grey(&mut Random::new(study.seed(), &label));
    let data = header(study, machine, scan, instance)
        .shorts(tags::SAMPLES_PER_PIXEL, &[1])
        .text(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")
        .shorts(tags::ROWS, &[picture.rows])
        .shorts(tags::COLUMNS, &[picture.columns])
        .shorts(tags::BITS_ALLOCATED, &[8])
        .shorts(tags::BITS_STORED, &[8])
        .shorts(tags::HIGH_BIT, &[7])
        .shorts(tags::PIXEL_REPRESENTATION, &[0])
        .bytes(tags::PIXEL_DATA, pixels.clone());
    Object::new(data, Syntax::Implicit, expected(machine, scan, picture)).with_pixels(pixels)
}

/// Everything of an export but its pixels.
pub(crate) fn header(study: &Study, machine: &Machine, scan: &Scan, instance: u32) -> DataSet {
    let data = study.object(uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE, "CR", &SCANS, instance);
    let date = study.date();
    dose(procedure(equipment(data, machine, date), scan, date), machine, scan)
}

fn equipment(data: DataSet, machine: &Machine, date: &str) -> DataSet {
    data.text(tags::ACQUISITION_DATE, date)
        .text(tags::ACQUISITION_TIME, "101730")
        .text(tags::MANUFACTURER, &machine.manufacturer)
        .text(tags::INSTITUTION_NAME, "Synthetic Clinic")
        .text(tags::STATION_NAME, "SIMULATOR")
        .text(tags::STUDY_DESCRIPTION, "DXA Exam")
        .text(tags::SERIES_DESCRIPTION, "DXA Images")
        .text(tags::MANUFACTURER_MODEL_NAME, &machine.model)
        .text(tags::DEVICE_SERIAL_NUMBER, "000000")
        .text(tags::SOFTWARE_VERSIONS, machine.software)
}

/// Region and side are in the protocol name alone; the elements meant for them are there and empty.
fn procedure(data: DataSet, scan: &Scan, date: &str) -> DataSet {
    data.text(tags::BODY_PART_EXAMINED, "")
        .text(tags::PROTOCOL_NAME, &scan.protocol)
        .text(tags::VIEW_POSITION, "")
        .text(tags::PATIENT_ORIENTATION, "L\\F")
        .text(tags::LATERALITY, "")
        .text(tags::PERFORMED_PROCEDURE_STEP_START_DATE, date)
        .text(tags::PERFORMED_PROCEDURE_STEP_START_TIME, "101500")
        .text(tags::PERFORMED_PROCEDURE_STEP_DESCRIPTION, &scan.protocol)
}

fn dose(data: DataSet, machine: &Machine, scan: &Scan) -> DataSet {
    let sweep = |number: u16| {
        DataSet::item()
            .text(tags::KVP, machine.kilovolts)
            .text(tags::EXPOSURE_TIME, &(29_547 + 611 * u32::from(number)).to_string())
            .text(tags::X_RAY_TUBE_CURRENT_INU_A, &scan.microamperes.to_string())
    };
    let data = data
        .shorts(TOTAL_NUMBER_OF_EXPOSURES, &[scan.sweeps])
        .sequence(EXPOSURE_DOSE_SEQUENCE, (0..scan.sweeps).map(sweep).collect())
        .text(tags::ENTRANCE_DOSE_INM_GY, scan.dose);
    match scan.exposed {
        Some(exposed) => data.shorts(tags::EXPOSED_AREA, &exposed),
        None => data,
    }
}

fn expected(machine: &Machine, scan: &Scan, picture: &Canvas) -> Expected {
    let expected = Expected::display(scan.kind).side(scan.side.map(Side::code));
    match scan.exposed {
        Some([width, height]) => {
            let row = f64::from(height) / f64::from(picture.rows);
            expected.spacing([row, f64::from(width) / f64::from(picture.columns)], "exposed_area")
        }
        None => expected.spacing([machine.raster; 2], "model_default"),
    }
}
