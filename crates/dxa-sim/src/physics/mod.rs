//! How X-rays are weakened and measured: tables, beams, transmission, and the calibration that inverts it.

pub(crate) mod attenuation;
pub(crate) mod beam;
pub(crate) mod transmission;
pub(crate) mod wedge;
