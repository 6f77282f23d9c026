//! Muscle, fat and gas around the bone.

use serde_json::{Value, json};

use super::Column;
use crate::SimError;
use crate::random::Random;
use crate::settings::Settings;

/// Half of the way over which fat goes over from beside the bone to over it, mm.
const TRANSITION_MM: f64 = 4.0;

/// Soft tissue without bone; `x` and `y` are mm from the middle of the field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SoftTissue {
    /// Muscle and fat together in the middle, g/cm².
    pub(crate) thickness: f64,
    /// Share of fat in the middle.
    pub(crate) fat: f64,
    /// What the share of fat grows by over 100 mm to the right, and over 100 mm down.
    pub(crate) gradient: [f64; 2],
    /// Share of the thickness that is missing 100 mm to either side.
    pub(crate) roundness: f64,
    /// Share of fat over the bone less that beside it.
    pub(crate) over_bone: f64,
    /// Half the width of what counts as over the bone, mm.
    pub(crate) bone_half_width: f64,
    /// Gas in the bowel.
    pub(crate) gas: Vec<Gas>,
}

/// A bubble: tissue that is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Gas {
    /// Its middle, mm from the middle of the field.
    pub(crate) middle: [f64; 2],
    /// Its radii, mm.
    pub(crate) radii: [f64; 2],
    /// Share of the tissue that is missing in its middle.
    pub(crate) depth: f64,
}

impl SoftTissue {
    /// Reads `thickness`, `fat`, `gradient`, `fat_over_bone` and `gas`; what is not set is drawn.
    ///
    /// `person` and `visit` are the streams of the person and of this visit: thickness differs a little from
    /// visit to visit, gas entirely.
    ///
    /// # Errors
    /// A value that its key does not take.
    pub(crate) fn of(settings: &Settings, person: &mut Random, visit: &mut Random) -> Result<Self, SimError> {
        let thickness = settings.number("thickness", [1.0, 45.0], "1 to 45 g/cm²")?;
        let fat = settings.number("fat", [0.0, 80.0], "0 to 80 percent")?;
        let gradient = settings.number("gradient", [-40.0, 40.0], "-40 to 40 percent for each 100 mm")?;
        let over = settings.number("fat_over_bone", [-30.0, 30.0], "-30 to 30 percent")?;
        let gas = settings.number("gas", [0.0, 12.0], "0 to 12 bubbles")?;
        let drawn = person.uniform(14.0, 26.0) * visit.uniform(0.97, 1.03);
        let drawn_fat = person.uniform(0.10, 0.50) + visit.uniform(-0.01, 0.01);
        let slope = [person.uniform(-0.05, 0.05), person.uniform(-0.04, 0.04)];
        let bubbles = visit.between(0, 3);
        let bubbles = gas.map_or(bubbles, |count| count as u32);
        Ok(Self {
            thickness: thickness.unwrap_or(drawn),
            fat: fat.map_or(drawn_fat, |percent| percent / 100.0),
            gradient: [gradient.map_or(slope[0], |percent| percent / 100.0), slope[1]],
            roundness: person.uniform(0.05, 0.20),
            over_bone: over.unwrap_or(0.0) / 100.0,
            bone_half_width: 26.0,
            gas: (0..bubbles).map(|_| Gas::drawn(visit)).collect(),
        })
    }

    /// What lies at a point that has no bone.
    pub(crate) fn column(&self, x: f64, y: f64) -> Column {
        let side = x / 100.0;
        let present: f64 = self.gas.iter().map(|gas| 1.0 - gas.missing(x, y)).product();
        let total = self.thickness * (1.0 - self.roundness * side * side).max(0.05) * present;
        let over = (0.5 + (self.bone_half_width - x.abs()) / (2.0 * TRANSITION_MM)).clamp(0.0, 1.0);
        let fat = self.fat + self.gradient[0] * side + self.gradient[1] * y / 100.0 + self.over_bone * over;
        let fat = total * fat.clamp(0.0, 0.95);
        Column { lean: total - fat, fat, ..Column::default() }
    }

    /// Its entry in the truth.
    pub(crate) fn to_json(&self) -> Value {
        let bubble = |gas: &Gas| json!({ "from_middle_mm": gas.middle, "radii_mm": gas.radii, "missing_share": gas.depth });
        json!({
            "thickness_g_cm2": self.thickness,
            "fat_share": self.fat,
            "fat_gradient_per_100_mm": self.gradient,
            "roundness": self.roundness,
            "fat_over_bone_minus_beside": self.over_bone,
            "gas": self.gas.iter().map(bubble).collect::<Vec<_>>(),
        })
    }
}

impl Gas {
    fn drawn(random: &mut Random) -> Self {
        Self {
            middle: [random.uniform(-65.0, 65.0), random.uniform(-80.0, 80.0)],
            radii: [random.uniform(10.0, 28.0), random.uniform(8.0, 18.0)],
            depth: random.uniform(0.03, 0.15),
        }
    }

    fn missing(&self, x: f64, y: f64) -> f64 {
        let (u, v) = ((x - self.middle[0]) / self.radii[0], (y - self.middle[1]) / self.radii[1]);
        self.depth * (1.0 - u * u - v * v).max(0.0)
    }
}
