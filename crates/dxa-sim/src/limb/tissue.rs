//! Soft tissue of a limb: how much of it lies at a place, and how much of that is fat.

use crate::SimError;
use crate::random::Random;
use crate::scene::Column;
use crate::settings::Settings;

/// Soft tissue over a field; places are shares of the field from −½ to ½.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tissue {
    /// Amount in the middle of the field, g/cm².
    pub(crate) thickness: f64,
    /// Share of fat in the middle.
    pub(crate) fat: f64,
    /// Change of the amount from edge to edge, as a share: to the right, and downward.
    pub(crate) thickness_slopes: [f64; 2],
    /// Change of the share of fat from edge to edge: to the right, and downward.
    pub(crate) fat_slopes: [f64; 2],
}

/// Settings that [`Tissue::drawn`] reads.
pub(crate) const SETTINGS: [&str; 3] = ["thickness", "fat", "fat_gradient"];

impl Tissue {
    /// Tissue of a person and a visit: `usual` is the range of the amount where none is set, g/cm².
    ///
    /// # Errors
    /// A value that its setting does not take.
    pub(crate) fn drawn(
        settings: &Settings,
        usual: [f64; 2],
        person: &mut Random,
        visit: &mut Random,
    ) -> Result<Self, SimError> {
        let thickness = settings.number("thickness", [1.0, 45.0], "an amount from 1 to 45 g/cm²")?;
        let fat = settings.number("fat", [0.0, 80.0], "a share from 0 to 80 %")?;
        let gradient = settings.number("fat_gradient", [-60.0, 60.0], "a change from -60 to 60 %")?;
        let drawn = Self {
            thickness: person.uniform(usual[0], usual[1]) * visit.uniform(0.98, 1.02),
            fat: (person.uniform(0.12, 0.45) + visit.uniform(-0.01, 0.01)).max(0.0),
            thickness_slopes: [person.uniform(-0.08, 0.08), person.uniform(-0.1, 0.1)],
            fat_slopes: [person.uniform(-0.04, 0.04), person.uniform(-0.04, 0.04)],
        };
        Ok(Self {
            thickness: thickness.unwrap_or(drawn.thickness),
            fat: fat.map_or(drawn.fat, |percent| percent / 100.0),
            fat_slopes: [
                gradient.map_or(drawn.fat_slopes[0], |percent| percent / 100.0),
                drawn.fat_slopes[1],
            ],
            ..drawn
        })
    }

    /// What lies at a place `across` and `down` the field, `skin_mm` below the nearest skin at the side.
    ///
    /// The cross section of the limb ends round: within `round_mm` of the skin it gets thinner as an ellipse does.
    pub(crate) fn column(&self, across: f64, down: f64, skin_mm: f64, round_mm: f64) -> Column {
        if skin_mm <= 0.0 {
            return Column::default();
        }
        let from_full = (1.0 - skin_mm / round_mm).max(0.0);
        let amount = self.thickness
            * (1.0 + self.thickness_slopes[0] * across + self.thickness_slopes[1] * down)
            * (1.0 - from_full * from_full).sqrt();
        let fat = (self.fat + self.fat_slopes[0] * across + self.fat_slopes[1] * down).clamp(0.0, 0.95);
        Column { lean: amount * (1.0 - fat), fat: amount * fat, ..Column::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::Tissue;

    #[test]
    fn amounts_are_those_named_and_end_at_the_skin() {
        let tissue =
            Tissue { thickness: 20.0, fat: 0.3, thickness_slopes: [0.1, 0.0], fat_slopes: [0.2, 0.0] };
        let middle = tissue.column(0.0, 0.0, 80.0, 50.0);
        assert!((middle.lean - 14.0).abs() < 1e-12 && (middle.fat - 6.0).abs() < 1e-12);
        let right = tissue.column(0.5, 0.0, 80.0, 50.0);
        assert!((right.lean + right.fat - 21.0).abs() < 1e-12 && (right.fat / 21.0 - 0.4).abs() < 1e-12);
        assert!(tissue.column(0.0, 0.0, 0.5, 50.0).lean < 3.0);
        assert_eq!(tissue.column(0.0, 0.0, -0.1, 50.0).lean, 0.0);
    }
}
