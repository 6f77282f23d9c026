//! A proximal femur with its pelvis beside and partly over it: a person from a seed, and the scan of it.

mod femur;
mod landmarks;
mod metal;
mod pelvis;
mod regions;
mod scene;

use crate::SimError;
use crate::device_numbers::Side;
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

use scene::HipScene;

/// Settings of `hip`.
pub(crate) const SETTINGS: &[Group] = &[
    SCANNED,
    &["side"],
    VIEW,
    BEAM,
    BONE,
    &[
        "fat_over_bone",
        "panniculus",
        "skin",
        "abduction",
        "rotation",
        "head_margin",
        "below_lesser_trochanter",
        "ischium",
        "artefact",
    ],
];

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
    let mut person = Random::new(study.seed(), "hip person");
    let mut stream = Random::new(study.seed(), &format!("hip visit {visit}"));
    let scene = HipScene::drawn(settings, side, &mut person, &mut stream)?;
    let acquisition = Acquisition::of(settings, scene.soft_tissue(), scene.height_mm(), &mut stream)?;
    let view = View {
        kind: "hip",
        files: ["hip-low.dcm", "hip-high.dcm", "hip-map.dcm", "hip.dcm"],
        protocol: settings
            .protocol_name
            .clone()
            .unwrap_or_else(|| side.pick("Left Hip", "Right Hip").to_owned()),
        region: Code::new("29836001", "SCT", "Hip region"),
        side: Some(side),
        maker,
    };
    Ok(write_scan(study, &view, &scene, &acquisition, Output::of(settings)?, &mut stream))
}
