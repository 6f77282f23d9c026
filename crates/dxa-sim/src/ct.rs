//! An AP spine projected from a labelled CT: real shapes, with a truth as coarse as the CT is.

mod nifti;
mod spine;
mod tissue;

use std::path::Path;

use crate::SimError;
use crate::kinds::{BEAM, Group, SCANNED, VIEW};
use crate::object::Object;
use crate::patient::Study;
use crate::quantitative::lumbar_spine;
use crate::random::Random;
use crate::scene::Anatomy;
use crate::scene::acquire::Acquisition;
use crate::scene::scan::{Output, visit};
use crate::scene::write::{View, write_scan};
use crate::settings::Settings;

use nifti::Volume;
use spine::CtSpine;
pub(crate) use spine::Volumes;
pub(crate) use tissue::GrayScale;

/// Settings of `ct-ap-spine`.
pub(crate) const SETTINGS: &[Group] = &[&["ct", "tissue"], SCANNED, VIEW, BEAM];

/// Files of a CT: gray values in HU, numbers of the bones, and bodies (1) and discs (2) of the spine.
const FILES: [&str; 3] = ["example_ct.nii.gz", "labels.nii.gz", "vertebra_bodies.nii.gz"];
const EXPECTED: &str = "a folder with example_ct.nii.gz, labels.nii.gz and vertebra_bodies.nii.gz of one grid along the axes of the body, in which L1 to L4 have discs above and below them";

/// Simulates one scan.
///
/// # Errors
/// No CT, one that cannot be used, or a value that its setting does not take.
pub(crate) fn build(
    study: &Study,
    maker: [String; 2],
    settings: &Settings,
) -> Result<Vec<(&'static str, Object)>, SimError> {
    let volumes = volumes(settings)?;
    let unusable = || unusable(settings);
    let mut stream = Random::new(study.seed(), &format!("ct visit {}", visit(settings)?));
    let mut spine = CtSpine::projected(&volumes, &mut stream).ok_or_else(unusable)?;
    if settings.choice("tissue", &[("own", false), ("even", true)], "own or even")?.unwrap_or(false) {
        spine.even_tissue();
    }
    let acquisition = Acquisition::of(settings, spine.soft_tissue(), spine.height_mm(), &mut stream)?;
    let view = View {
        kind: "ap_spine",
        files: ["ct-ap-spine-low.dcm", "ct-ap-spine-high.dcm", "ct-ap-spine-map.dcm", "ct-ap-spine.dcm"],
        protocol: settings.protocol_name.clone().unwrap_or_else(|| "AP Spine".to_owned()),
        region: lumbar_spine(),
        side: None,
        maker,
    };
    Ok(write_scan(study, &view, &spine, &acquisition, Output::of(settings)?, &mut stream))
}

/// The volumes of the folder that `ct` names.
///
/// # Errors
/// No CT, or one that cannot be used.
pub(crate) fn volumes(settings: &Settings) -> Result<Volumes, SimError> {
    read(Path::new(settings.scene("ct").unwrap_or_default())).ok_or_else(|| unusable(settings))
}

fn unusable(settings: &Settings) -> SimError {
    let value = settings.scene("ct").unwrap_or_default().to_owned();
    SimError::BadSetting { key: "ct".to_owned(), value, expected: EXPECTED }
}

fn read(folder: &Path) -> Option<Volumes> {
    let [gray, labels, bodies] =
        FILES.map(|name| Volume::read(&std::fs::read(folder.join(name)).unwrap_or_default()));
    let volumes = Volumes { gray: gray?, labels: labels?, bodies: bodies? };
    let same = volumes.gray.size == volumes.labels.size && volumes.gray.size == volumes.bodies.size;
    same.then_some(volumes)
}
