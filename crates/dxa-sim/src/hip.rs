//! A proximal femur with its pelvis beside and partly over it: `dxa simulate hip`.

mod femur;
mod landmarks;
mod metal;
mod pelvis;
mod pose;
mod regions;
mod scene;

pub(crate) use scene::{HipScene, SETTINGS};
