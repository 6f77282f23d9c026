//! What blur and pixels make of an edge.

use std::f64::consts::FRAC_PI_2;

use crate::study::PixelSpacing;

/// Over this depth the growth behind an edge comes to an end, as it does behind the edge of anything round.
///
/// *Ours*: a straight line puts the edges of round bones up to 0.06 mm too far inside, one that ends within 1 mm puts
/// those of bones that grow evenly as far outside.
const GROWTH_MM: f64 = 3.0;

/// How much bone has grown at a depth behind its edge, for a growth of one for each mm at the edge.
pub(super) fn grown(depth_mm: f64) -> f64 {
    GROWTH_MM * (1.0 - (-depth_mm / GROWTH_MM).exp())
}

/// What a step of height one, and growth behind it, become when blur and pixels of one length across an edge spread
/// them: by depth, in a table.
pub(super) struct Spread {
    /// Length of the longer of the two boxes that a pixel is, across the edge.
    pub(super) pixel_mm: f64,
    /// Beyond this distance from an edge nothing of it is seen.
    pub(super) reach_mm: f64,
    shown: Vec<(f64, f64)>,
}

const FIRST_MM: f64 = -2.5;
const LAST_MM: f64 = 5.0;
const STEPS_OF_MM: f64 = 32.0;

impl Spread {
    /// For a blur, and pixels that are so long along the one and along the other axis, as seen across the edge.
    pub(super) fn of(blur_mm: f64, (one_mm, other_mm): (f64, f64), normal: &Normal) -> Self {
        let (pixel_mm, short) = (one_mm.max(other_mm), one_mm.min(other_mm));
        // The shorter box is as good as a blur of its variance.
        let blur_mm = (blur_mm * blur_mm + short * short / 12.0).sqrt();
        let count = ((LAST_MM - FIRST_MM) * STEPS_OF_MM) as usize;
        let shown = (0..=count).map(|index| {
            let depth_mm = FIRST_MM + index as f64 / STEPS_OF_MM;
            // A box is the difference of sums to its two ends.
            let (step, growth) = normal.sums(depth_mm + 0.5 * pixel_mm, blur_mm);
            let (step_before, growth_before) = normal.sums(depth_mm - 0.5 * pixel_mm, blur_mm);
            ((step - step_before) / pixel_mm, (growth - growth_before) / pixel_mm)
        });
        Self { pixel_mm, reach_mm: 3.0 * blur_mm + 0.5 * pixel_mm, shown: shown.collect() }
    }

    /// What is shown at a depth.
    pub(super) fn step_and_growth(&self, depth_mm: f64) -> (f64, f64) {
        let place = (depth_mm - FIRST_MM) * STEPS_OF_MM;
        if place < 0.0 {
            return (0.0, 0.0);
        }
        let (index, last) = (place as usize, self.shown.len() - 1);
        if index >= last {
            return self.shown[last];
        }
        let (part, (step, growth), next) = (place - index as f64, self.shown[index], self.shown[index + 1]);
        (step + part * (next.0 - step), growth + part * (next.1 - growth))
    }
}

/// The spreads of one blur for edges of every direction.
pub(super) struct Spreads(Vec<Spread>);

/// Directions from along the rows to along the columns, evenly: where an edge is nearly upright, a little of its normal
/// across says little of how long pixels are across it.
const DIRECTIONS: usize = 32;

impl Spreads {
    pub(super) fn of(blur_mm: f64, pixel: PixelSpacing, normal: &Normal) -> Self {
        let of_direction = |index: usize| {
            let (y, x) = (index as f64 * FRAC_PI_2 / DIRECTIONS as f64).sin_cos();
            Spread::of(blur_mm, (x * pixel.column_mm, y * pixel.row_mm), normal)
        };
        Self((0..=DIRECTIONS).map(of_direction).collect())
    }

    /// That of an edge with a unit normal.
    pub(super) fn across(&self, (x, y): (f64, f64)) -> &Spread {
        let place = y.abs().atan2(x.abs()) / FRAC_PI_2 * DIRECTIONS as f64;
        &self.0[(place.round() as usize).min(DIRECTIONS)]
    }
}

/// The normal distribution and its sum, in a table.
pub(super) struct Normal(Vec<(f64, f64)>);

const STEPS_OF_SD: f64 = 32.0;
const LAST_SD: f64 = 4.0;

impl Normal {
    pub(super) fn new() -> Self {
        let count = (2.0 * LAST_SD * STEPS_OF_SD) as usize;
        let density = |z: f64| (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
        let mut sum = 0.0;
        let table = (0..=count).map(|index| {
            let z = index as f64 / STEPS_OF_SD - LAST_SD;
            let found = (density(z), sum);
            // Simpson's rule from this place to the next.
            let next = z + 1.0 / STEPS_OF_SD;
            sum += (density(z) + 4.0 * density(f64::midpoint(z, next)) + density(next)) / (6.0 * STEPS_OF_SD);
            found
        });
        Self(table.collect())
    }

    fn at(&self, z: f64) -> (f64, f64) {
        let place = (z + LAST_SD) * STEPS_OF_SD;
        if place < 0.0 {
            return (0.0, 0.0);
        }
        let index = place as usize;
        match (self.0.get(index), self.0.get(index + 1)) {
            (Some(left), Some(right)) => {
                let part = place - index as f64;
                (left.0 + part * (right.0 - left.0), left.1 + part * (right.1 - left.1))
            }
            _ => (0.0, 1.0),
        }
    }

    /// The sums up to a depth of a blurred step of height one, and of blurred growth behind it.
    fn sums(&self, depth_mm: f64, blur_mm: f64) -> (f64, f64) {
        let (density, sum) = self.at(depth_mm / blur_mm);
        let step = depth_mm * sum + blur_mm * density;
        // The exponential, blurred, is another one with a shifted normal distribution before it.
        let shift = blur_mm / GROWTH_MM;
        let (_, shifted) = self.at(depth_mm / blur_mm - shift);
        let falling = (0.5 * shift * shift - depth_mm / GROWTH_MM).exp() * shifted;
        (step, GROWTH_MM * (step + GROWTH_MM * (falling - sum)))
    }
}
