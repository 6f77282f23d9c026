//! Which part of a pixel bone fills, from the density that the pixel shows.

use super::absorbed;
use crate::field::Contrast;

/// What pixels beside bone of a density absorb.
///
/// Intensities of two beams are averaged, so what a pixel shows that bone fills in part depends on how dense that
/// bone is: half of 1.5 g/cm² shows less of it than half of 0.5 g/cm² does.
pub(super) struct Parts {
    contrast: f64,
    /// Part by what is shown over the density of the bone, for each density of bone.
    of_bone: Vec<[f64; SHARES + 1]>,
}

/// Steps from nothing shown to all of the bone.
const SHARES: usize = 256;
/// Densities of bone in steps of so much, g/cm².
const STEP_G_CM2: f64 = 0.1;
/// The densest of them is 4 g/cm².
const DENSITIES: usize = 40;

impl Parts {
    pub(super) fn new(contrast: Contrast) -> Self {
        let of_bone = (1..=DENSITIES).map(|index| inverse(contrast, index as f64 * STEP_G_CM2));
        Self { contrast: contrast.of_small_steps(), of_bone: of_bone.collect() }
    }

    /// Pixels beside bone of a density.
    ///
    /// # Units
    /// g/cm².
    pub(super) fn beside(&self, bone: f64) -> Beside<'_> {
        let place = (bone / STEP_G_CM2).clamp(1.0, DENSITIES as f64) - 1.0;
        let index = (place as usize).min(DENSITIES - 2);
        Beside {
            contrast: self.contrast,
            parts: [&self.of_bone[index], &self.of_bone[index + 1]],
            between: place - index as f64,
            bone,
            full: absorbed(bone, self.contrast),
        }
    }
}

/// Pixels beside bone of one density.
pub(super) struct Beside<'p> {
    contrast: f64,
    /// Parts beside the densities of the table below and above, and how far between them this one lies.
    parts: [&'p [f64; SHARES + 1]; 2],
    between: f64,
    bone: f64,
    /// What a pixel full of it absorbs.
    full: f64,
}

impl Beside<'_> {
    /// The part of a pixel that this bone fills, times what the bone absorbs.
    ///
    /// A pixel that shows more than this bone is full of denser bone.
    ///
    /// # Units
    /// g/cm².
    pub(super) fn absorbed(&self, shown: f64) -> f64 {
        if shown >= self.bone {
            return absorbed(shown, self.contrast);
        }
        let share = shown / self.bone * SHARES as f64;
        // Below zero is noise, and goes on as it begins.
        let first = (share.max(0.0) as usize).min(SHARES - 1);
        let [below, above] =
            self.parts.map(|part| part[first] + (share - first as f64) * (part[first + 1] - part[first]));
        ((1.0 - self.between) * below + self.between * above) * self.full
    }
}

/// Parts at even shares of the density that is shown.
fn inverse(contrast: Contrast, bone: f64) -> [f64; SHARES + 1] {
    let part_at = |index: usize| index as f64 / SHARES as f64;
    let shown_at = |index: usize| contrast.shown(bone, part_at(index)) / bone;
    let (mut parts, mut index) = ([0.0; SHARES + 1], 0);
    let (mut before, mut after) = (shown_at(0), shown_at(1));
    for (at, part) in parts.iter_mut().enumerate() {
        let shown = part_at(at);
        while after < shown && index + 2 <= SHARES {
            index += 1;
            (before, after) = (after, shown_at(index + 1));
        }
        *part = part_at(index) + (shown - before) / (after - before) / SHARES as f64;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{Parts, absorbed};
    use crate::field::Contrast;

    #[test]
    fn the_part_is_found_that_two_averaged_intensities_show() {
        // About 40 and 70 keV: Σ c·μ = 1.
        let contrast = Contrast::dual((1.58, 1.10), (-2.236, 0.33));
        let parts = Parts::new(contrast);
        for bone in [0.25, 0.8, 1.5, 2.3] {
            for part in [0.03, 0.25, 0.5, 0.77, 1.0] {
                // Two beams behind a pixel, averaged over a thousand strips.
                let behind = |cm2_g: f64| {
                    let strip = |index: i32| if f64::from(index) < 1000.0 * part { bone } else { 0.0 };
                    -((0..1000).map(|index| (-cm2_g * strip(index)).exp()).sum::<f64>() / 1000.0).ln()
                };
                let shown = 1.58 * behind(1.10) - 2.236 * behind(0.33);
                let found = parts.beside(bone).absorbed(shown) / absorbed(bone, contrast.of_small_steps());
                assert!((found - part).abs() < 0.002, "{bone} {part}: {found}");
            }
        }
    }
}
