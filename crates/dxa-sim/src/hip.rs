//! A proximal femur with its pelvis beside and partly over it: `dxa simulate hip`.

mod femur;
mod landmarks;
mod pelvis;
mod pose;
