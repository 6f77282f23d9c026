//! What lies in the beam, how it is scanned, and how the scan is written; the kinds of anatomy stand on this.

pub(crate) mod acquire;
mod choices;
pub(crate) mod edge;
pub(crate) mod integral;
mod noise;
pub(crate) mod scan;
pub(crate) mod soft_tissue;
pub(crate) mod write;

use serde_json::Value;

/// Lean tissue that bone takes the place of, for each gram: their densities are 1.05 and 3.0 g/cm³.
const BONE_DISPLACES: f64 = 1.05 / 3.0;

/// What the beam passes through at one point of the bone plane.
///
/// # Units
/// g/cm².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Column {
    /// Bone mineral, as hydroxyapatite.
    pub(crate) bone: f64,
    /// Muscle and everything like it.
    pub(crate) lean: f64,
    /// Fat.
    pub(crate) fat: f64,
    /// Water, of phantoms.
    pub(crate) water: f64,
    /// Titanium, of implants.
    pub(crate) metal: f64,
}

impl Column {
    /// The amounts in the order of [`Material::ALL`](crate::physics::attenuation::Material::ALL).
    pub(crate) fn amounts(&self) -> [f64; 5] {
        [self.bone, self.lean, self.fat, self.water, self.metal]
    }

    /// The same tissue without what bone and metal add to it.
    pub(crate) fn without_bone(self) -> Self {
        Self { bone: 0.0, metal: 0.0, lean: self.lean + self.bone * BONE_DISPLACES, ..self }
    }

    /// The same tissue with bone in it: bone takes the place of lean.
    pub(crate) fn with_bone(self, bone: f64) -> Self {
        Self { bone: self.bone + bone, lean: (self.lean - bone * BONE_DISPLACES).max(0.0), ..self }
    }
}

/// A part of a person, or a phantom, of which every point is known.
///
/// Coordinates are millimeters in the bone plane from the outer corner of the top-left pixel, `x` to the
/// right and `y` down, before motion and magnification.
pub(crate) trait Anatomy {
    /// What the beam passes through at a point.
    fn column(&self, x_mm: f64, y_mm: f64) -> Column;

    /// Width of the field that is scanned.
    fn width_mm(&self) -> f64;

    /// Height of the field that is scanned.
    fn height_mm(&self) -> f64;

    /// What is true of it: regions, lines, labels, and what a quality check ought to find.
    fn truth(&self, frame: &Frame) -> Value;

    /// Whether straight edges run along rows and columns: all of such an edge meets pixels alike, so that the
    /// steps in which an image is blurred would show.
    fn has_edges_along_pixels(&self) -> bool {
        false
    }
}

/// The raster of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// Rows.
    pub(crate) rows: u16,
    /// Columns.
    pub(crate) columns: u16,
    /// Row and column spacing, mm.
    pub(crate) spacing: [f64; 2],
    /// How much wider than life bone appears.
    pub(crate) magnification: f64,
    /// What appears where it is, mm from the left.
    pub(crate) middle_mm: f64,
}

impl Frame {
    /// The raster that covers the field of an anatomy.
    pub(crate) fn covering(anatomy: &dyn Anatomy, spacing: [f64; 2], magnification: f64) -> Self {
        let count = |length: f64, step: f64| (length / step + 0.5).clamp(1.0, 8192.0) as u16;
        Self {
            rows: count(anatomy.height_mm(), spacing[0]),
            columns: count(anatomy.width_mm(), spacing[1]),
            spacing,
            magnification,
            middle_mm: 0.5 * anatomy.width_mm(),
        }
    }

    /// Where a point of the bone plane appears, column first; (0, 0) is the corner of the top-left pixel.
    pub(crate) fn pixels(&self, [x_mm, y_mm]: [f64; 2]) -> [f64; 2] {
        let appears = self.middle_mm + (x_mm - self.middle_mm) * self.magnification;
        [appears / self.spacing[1], y_mm / self.spacing[0]]
    }

    /// The point of the bone plane that appears at a place of the image, mm.
    pub(crate) fn behind(&self, x_mm: f64) -> f64 {
        self.middle_mm + (x_mm - self.middle_mm) / self.magnification
    }
}
