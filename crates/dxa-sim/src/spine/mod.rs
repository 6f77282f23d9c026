//! The AP lumbar spine: a person from a seed, the faults that a caller asks for, and the scan of both.

mod anatomy;
mod faults;
mod person;
mod truth;
mod vertebra;

use crate::SimError;
use crate::kinds::{BEAM, BONE, Group, SCANNED, VIEW};
use crate::object::Object;
use crate::patient::Study;
use crate::quantitative::lumbar_spine;
use crate::random::Random;
use crate::scene::Anatomy;
use crate::scene::acquire::Acquisition;
use crate::scene::scan::{Output, visit};
use crate::scene::write::{View, write_scan};
use crate::settings::Settings;

pub(crate) use anatomy::Spine;

/// Settings of `ap-spine`, as docs/simulation.md explains them.
pub(crate) const SETTINGS: &[Group] = &[
    SCANNED,
    VIEW,
    &["burned_in"],
    BEAM,
    BONE,
    &[
        "fat_over_bone",
        "gas",
        "tilt",
        "offset",
        "scoliosis",
        "rotation",
        "lumbar",
        "missing",
        "fracture",
        "osteophyte",
        "outlier",
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
    let visit = visit(settings)?;
    let mut stream = Random::new(study.seed(), &format!("ap-spine visit {visit}"));
    let spine = Spine::of(study, settings, &mut stream)?;
    let acquisition = Acquisition::of(settings, spine.soft.thickness, spine.height_mm(), &mut stream)?;
    let view = View {
        kind: "ap_spine",
        files: ["ap-spine-low.dcm", "ap-spine-high.dcm", "ap-spine-map.dcm", "ap-spine.dcm"],
        protocol: settings.protocol_name.clone().unwrap_or_else(|| "AP Spine".to_owned()),
        region: lumbar_spine(),
        side: None,
        maker,
    };
    Ok(write_scan(study, &view, &spine, &acquisition, Output::of(settings)?, &mut stream))
}
