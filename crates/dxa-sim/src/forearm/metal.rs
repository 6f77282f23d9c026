//! Metal in or on a forearm.

use super::bones::Bones;
use crate::limb::plane::{Bar, Point};
use crate::random::Random;

/// Density of titanium, g/cm³.
const TITANIUM: f64 = 4.506;
/// Thickness of a bracelet, front and back together, and of a plate, mm.
const BRACELET_MM: f64 = 3.0;
const PLATE_MM: f64 = 2.5;

/// Kinds of metal by their names in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetalKind {
    /// `none`.
    None,
    /// `bracelet`.
    Bracelet,
    /// `plate`.
    Plate,
}

/// What is made of metal, in coordinates of the bones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Metal {
    /// Nothing.
    None,
    /// A band across the limb.
    Bracelet(Bar),
    /// A plate along the radius.
    Plate(Bar),
}

impl Metal {
    /// Metal of this kind at a forearm.
    pub(crate) fn drawn(kind: MetalKind, bones: &Bones, random: &mut Random) -> Self {
        let bar =
            |from: Point, to: Point, radius: f64| Bar { from, from_radius: radius, to, to_radius: radius };
        let y = random.uniform(18.0, 60.0);
        match kind {
            MetalKind::None => Self::None,
            MetalKind::Bracelet => {
                let lean = random.uniform(-4.0, 4.0);
                Self::Bracelet(bar(Point::new(-32.0, y - lean), Point::new(32.0, y + lean), 4.0))
            }
            MetalKind::Plate => {
                let [radius, _] = bones.middles(y);
                let [end, _] = bones.middles(y + 45.0);
                Self::Plate(bar(radius, end, 4.5))
            }
        }
    }

    /// Signed distance from its outline, negative inside.
    pub(crate) fn distance(&self, point: Point) -> f64 {
        match self {
            Self::None => f64::INFINITY,
            Self::Bracelet(bar) | Self::Plate(bar) => bar.distance(point),
        }
    }

    /// Areal density of titanium at a place, g/cm².
    pub(crate) fn density(&self, point: Point) -> f64 {
        let thickness_mm = match self {
            Self::None => return 0.0,
            Self::Bracelet(_) => BRACELET_MM,
            Self::Plate(_) => PLATE_MM,
        };
        if self.distance(point) < 0.0 { TITANIUM * thickness_mm / 10.0 } else { 0.0 }
    }
}
