//! The edge of a bone as it is before blur and pixels spread it: where it lies, how high it is, how it goes on.

use super::spread::{Spread, grown};
use super::{MOST_ABSORBED, density};

/// A straight edge fitted to what pixels on both sides of it show.
///
/// Density as `1 − exp(−k·m)` is `height + slope·grown(depth)` inside and nothing outside.
#[derive(Clone, Copy, Debug)]
pub(super) struct EdgeFit {
    /// Depth of the edge below the line from which depths were taken, mm.
    pub(super) depth_mm: f64,
    /// Value at the edge, just inside.
    pub(super) height: f64,
    /// Growth inward at the edge, for each mm.
    pub(super) slope: f64,
    /// What is left of the pixels: its variance.
    pub(super) squares: f64,
}

/// What lies behind an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// Bone that goes on as dense as at its edge, as a slab does.
    Level,
    /// Bone that may grow denser or thinner.
    Sloped,
}

/// What pixels at about one depth show.
#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    count: f64,
    depth: f64,
    value: f64,
}

/// Depths in steps of about a pixel's part, so that many pixels cost as little as few.
#[derive(Clone, Debug)]
pub(super) struct Depths([Bin; BINS]);

const BIN_MM: f64 = 0.125;
const OUTSIDE_MM: f64 = 2.0;
const BINS: usize = 48;
/// An edge is looked for this far on either side of where it was first seen.
const REACH_MM: f64 = 0.6;
/// Pixels that count lie from so far outside of where it was first seen to so far inside.
const OUTER_MM: f64 = 1.0;
const INNER_MM: f64 = 1.5;
/// And at least so many pixels outside and inside: what one pixel shows fits any edge.
const OUTER_PIXELS: f64 = 1.2;
const INNER_PIXELS: f64 = 2.25;
/// Three or four rows of large pixels fit an edge at many depths, each with another slope: of those that fit alike
/// the one that goes on level is taken. Small beside what noise leaves. *Ours*.
const STRAIGHT_MM: f64 = 0.003;
/// Fewer pixels, or depths, tell nothing.
const LEAST_PIXELS: f64 = 5.0;

impl Depths {
    pub(super) fn new() -> Self {
        Self([Bin::default(); BINS])
    }

    /// Adds what a pixel shows whose middle lies at a depth.
    pub(super) fn add(&mut self, depth_mm: f64, value: f64) {
        let index = (depth_mm + OUTSIDE_MM) / BIN_MM;
        if index >= 0.0
            && let Some(bin) = self.0.get_mut(index as usize)
        {
            bin.count += 1.0;
            bin.depth += depth_mm;
            bin.value += value;
        }
    }

    /// Counts, places and means of the depths that count for an edge near one of them: one and the same set of
    /// pixels for all depths that are tried.
    fn means(&self, near_mm: f64, pixel_mm: f64) -> Vec<(f64, f64, f64)> {
        let counts = (near_mm - OUTER_MM.max(OUTER_PIXELS * pixel_mm))
            ..(near_mm + INNER_MM.max(INNER_PIXELS * pixel_mm));
        let filled = self.0.iter().filter(|bin| bin.count > 0.0);
        let means = filled.map(|bin| (bin.count, bin.depth / bin.count, bin.value / bin.count));
        means.filter(|(_, depth, _)| counts.contains(depth)).collect()
    }

    /// The edge of bone that fits best near a depth, spread as this.
    pub(super) fn edge(&self, near_mm: f64, spread: &Spread, behind: Behind) -> Option<EdgeFit> {
        self.best(near_mm, spread, behind).filter(|fit| fit.height > 0.0)
    }

    /// What fits best near a depth, be it an edge of bone or not.
    pub(super) fn best(&self, near_mm: f64, spread: &Spread, behind: Behind) -> Option<EdgeFit> {
        let means = self.means(near_mm, spread.pixel_mm);
        let mut best: Option<EdgeFit> = None;
        let (mut middle, mut step) = (near_mm, REACH_MM / 3.0);
        for round in 0..3 {
            let around = middle;
            // From the second round on the middle was tried before.
            for offset in (-3..=3).filter(|offset| *offset != 0 || round == 0) {
                let at = around + f64::from(offset) * step;
                let Some(tried) = EdgeFit::at(at, &means, spread, behind) else { continue };
                if best.is_none_or(|best| tried.squares < best.squares) {
                    (best, middle) = (Some(tried), at);
                }
            }
            step /= 4.0;
        }
        best
    }
}

impl EdgeFit {
    /// Height and slope for an edge at one depth, with the squares that they leave.
    fn at(depth_mm: f64, means: &[(f64, f64, f64)], spread: &Spread, behind: Behind) -> Option<Self> {
        let (mut aa, mut ab, mut bb, mut ay, mut by, mut yy, mut n) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for (count, depth, value) in means {
            let (a, b) = spread.step_and_growth(depth - depth_mm);
            aa += count * a * a;
            ab += count * a * b;
            bb += count * b * b;
            ay += count * a * value;
            by += count * b * value;
            yy += count * value * value;
            n += count;
        }
        let determinant = aa * bb - ab * ab;
        if n < LEAST_PIXELS || determinant < 1e-6 * aa * bb {
            return None;
        }
        // Depth, height and slope are taken from the pixels themselves.
        let (height, slope, taken) = match behind {
            Behind::Level => (ay / aa, 0.0, 2.0),
            Behind::Sloped => ((ay * bb - by * ab) / determinant, (by * aa - ay * ab) / determinant, 3.0),
        };
        let left = ((yy - height * ay - slope * by) / (n - taken)).max(0.0);
        let squares = left + (STRAIGHT_MM * slope).powi(2);
        Some(Self { depth_mm, height, slope, squares })
    }

    /// The density that a pixel at a depth would show if densities were averaged, and not intensities.
    ///
    /// # Units
    /// g/cm²; contrast k in cm²/g, depth in mm below the line from which depths were taken.
    pub(super) fn content(&self, depth_mm: f64, contrast: f64, spread: &Spread) -> f64 {
        let depth = depth_mm - self.depth_mm;
        let (step, grows) = spread.step_and_growth(depth);
        let at_edge = density(self.height, contrast);
        let growth = self.slope / (1.0 - (contrast * self.height).min(MOST_ABSORBED));
        // Density does not grow in proportion to what is absorbed.
        let behind = grown(depth.max(0.0));
        let bent = if depth > 0.0 {
            at_edge + growth * behind - density(self.height + self.slope * behind, contrast)
        } else {
            0.0
        };
        at_edge * step + growth * grows - bent
    }
}

#[cfg(test)]
mod tests {
    use super::{Behind, Depths, Spread, grown};
    use crate::segment::edge::spread::Normal;

    /// Width of a pixel across the edge.
    const PIXEL: f64 = 0.9;

    /// An edge behind a blur, as a pixel shows it: a sum over narrow slices, which the fit knows nothing of.
    fn shown(depth: f64, edge: f64, height: f64, slope: f64, blur: f64) -> f64 {
        let slices = || (-200..=200).map(|index| f64::from(index) / 200.0);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (part, deviation) in
            slices().step_by(4).flat_map(|part| slices().map(move |slice| (part, 4.0 * slice)))
        {
            let weight = (-0.5 * deviation.powi(2)).exp();
            let inside = depth + 0.5 * PIXEL * part + deviation * blur - edge;
            sum += if inside > 0.0 { weight * (height + slope * grown(inside)) } else { 0.0 };
            weights += weight;
        }
        sum / weights
    }

    #[test]
    fn an_edge_is_found_below_its_blur() {
        let normal = Normal::new();
        for (edge, height, slope, blur) in
            [(0.13, 0.5, 0.1, 0.3), (-0.31, 0.3, 0.0, 0.15), (0.4, 0.6, -0.1, 0.4)]
        {
            let mut depths = Depths::new();
            // Pixels of 1.05 mm whose rows fall beside each other all along the edge.
            for index in 0..60 {
                let depth = -2.0 + f64::from(index * 37 % 60) / 10.0;
                depths.add(depth, shown(depth, edge, height, slope, blur));
            }
            let spread = Spread::of(blur, (PIXEL, 0.0), &normal);
            let found = depths.edge(0.0, &spread, Behind::Sloped).unwrap();
            assert!((found.depth_mm - edge).abs() < 0.01, "{found:?} {edge}");
            assert!((found.height - height).abs() < 0.01 * height.max(1.0), "{found:?} {height}");
            assert!((found.slope - slope).abs() < 0.01, "{found:?} {slope}");
        }
    }

    #[test]
    fn the_content_of_pixels_is_the_mean_of_their_densities() {
        let (contrast, blur) = (1.5f64, 0.4);
        let (height, slope) = (0.4, 0.05);
        let fit = super::EdgeFit { depth_mm: 0.1, height, slope, squares: 0.0 };
        let spread = Spread::of(blur, (PIXEL, 0.0), &Normal::new());
        let true_density = |inside: f64| -(1.0 - contrast * (height + slope * grown(inside))).ln() / contrast;
        for depth in [-0.8, -0.3, 0.1, 0.4, 0.9, 1.4] {
            let (mut sum, mut weights) = (0.0, 0.0);
            for (part, deviation) in
                (-100..=100).flat_map(|part| (-100..=100).map(move |deviation| (part, deviation)))
            {
                let deviation = f64::from(deviation) / 25.0;
                let inside = depth - 0.1 + 0.5 * PIXEL * f64::from(part) / 100.0 + deviation * blur;
                let weight = (-0.5 * deviation.powi(2)).exp();
                sum += if inside > 0.0 { weight * true_density(inside) } else { 0.0 };
                weights += weight;
            }
            let found = fit.content(depth, contrast, &spread);
            assert!((found - sum / weights).abs() < 0.01, "{depth}: {found} {}", sum / weights);
        }
    }
}
