//! From stored values to bone mineral density, or to the gray of a display image.

mod display;
mod dual_energy;
mod map;
mod polynomial;
mod soft_tissue;
mod window;

pub use display::{Clipping, display};
pub use dual_energy::pair;
pub use map::density_map;
pub use soft_tissue::SoftTissue;
pub(crate) use window::{attenuation, windowed};

use crate::field::Field;
use crate::findings::{Finding, Refusal, RefusalCode};

/// A density field with what is known of its zero and its noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibrated {
    /// Bone mineral density.
    pub field: Field,
    /// How well soft tissue is at zero.
    pub soft_tissue: SoftTissue,
    /// Whether content that pixels lost so is to be given back; a map is taken at its maker's word.
    pub restores_partial_pixels: bool,
    /// How the densities came about, for `method`.
    pub method: &'static str,
    /// What a reader should know.
    pub findings: Vec<Finding>,
}

fn refusal(code: RefusalCode, message: &str) -> Refusal {
    Refusal::new(code, message)
}
