//! Radius and ulna above the wrist: a person from a seed, and the scan of it.

mod bones;
mod metal;
mod scene;
mod strips;

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use crate::SimError;
use crate::device_numbers::Side;
use crate::dicom_writer::DataSet;
use crate::kinds::{BEAM, BONE, Group, SCANNED, VIEW};
use crate::object::Object;
use crate::patient::Study;
use crate::random::Random;
use crate::scene::Anatomy;
use crate::scene::acquire::Acquisition;
use crate::scene::scan::{Output, visit};
use crate::scene::write::{View, write_scan};
use crate::settings::Settings;
use crate::structured_report::Code;

use scene::ForearmScene;

/// Settings of `forearm`.
pub(crate) const SETTINGS: &[Group] = &[
    SCANNED,
    &["side"],
    VIEW,
    BEAM,
    BONE,
    &["ulna_length", "tilt", "above_styloid", "below_site", "artefact"],
];

/// The block that carries calibrations and the length of the ulna, and that length within it.
const BLOCK: Tag = Tag(0x0019, 0x0011);
const ULNA_LENGTH: Tag = Tag(0x0019, 0x1110);

/// Simulates one scan.
///
/// # Errors
/// A value that its setting does not take.
pub(crate) fn build(
    study: &Study,
    maker: [String; 2],
    settings: &Settings,
) -> Result<Vec<(&'static str, Object)>, SimError> {
    let side = settings.side.unwrap_or(Side::Left);
    let visit = visit(settings)?;
    let mut person = Random::new(study.seed(), "forearm person");
    let mut stream = Random::new(study.seed(), &format!("forearm visit {visit}"));
    let scene = ForearmScene::drawn(settings, side, &mut person, &mut stream)?;
    let acquisition = Acquisition::of(settings, scene.soft_tissue(), scene.height_mm(), &mut stream)?;
    let view = View {
        kind: "forearm",
        files: ["forearm-low.dcm", "forearm-high.dcm", "forearm-map.dcm", "forearm.dcm"],
        protocol: settings
            .protocol_name
            .clone()
            .unwrap_or_else(|| side.pick("Left Forearm", "Right Forearm").to_owned()),
        region: Code::new("14975008", "SCT", "Forearm"),
        side: Some(side),
        maker,
    };
    let objects = write_scan(study, &view, &scene, &acquisition, Output::of(settings)?, &mut stream);
    let typed = scene.typed_length();
    Ok(objects
        .into_iter()
        .map(|(name, object)| (name, object.change(|data| with_length(data, typed))))
        .collect())
}

/// What a person typed in, for programs and for people.
fn with_length(data: DataSet, length_mm: Option<f64>) -> DataSet {
    let Some(length_mm) = length_mm else { return data };
    data.private_text(BLOCK, VR::LO, "DXA OPEN 1.0")
        .private_doubles(ULNA_LENGTH, &[length_mm])
        .text(tags::IMAGE_COMMENTS, &format!("Ulna length {length_mm:.1} mm"))
}
