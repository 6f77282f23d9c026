//! The edge of a bone as it is before blur and pixels spread it: where it lies, how high it is, how it goes on.

use super::{MOST_ABSORBED, density};

/// A straight edge fitted to what pixels on both sides of it show.
///
/// Density as `1 − exp(−k·m)` is `height + slope·depth` inside and nothing outside.
#[derive(Clone, Copy, Debug)]
pub(super) struct EdgeFit {
    /// Depth of the edge below the line from which depths were taken, mm.
    pub(super) depth_mm: f64,
    /// Value at the edge, just inside.
    pub(super) height: f64,
    /// Growth inward, for each mm.
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
    fn means(&self, near_mm: f64, spread: Across) -> Vec<(f64, f64, f64)> {
        let counts = (near_mm - OUTER_MM.max(OUTER_PIXELS * spread.box_mm))
            ..(near_mm + INNER_MM.max(INNER_PIXELS * spread.box_mm));
        let filled = self.0.iter().filter(|bin| bin.count > 0.0);
        let means = filled.map(|bin| (bin.count, bin.depth / bin.count, bin.value / bin.count));
        means.filter(|(_, depth, _)| counts.contains(depth)).collect()
    }

    /// The edge of bone that fits best near a depth, spread as this.
    pub(super) fn edge(
        &self,
        near_mm: f64,
        spread: Across,
        behind: Behind,
        kernel: &Kernel,
    ) -> Option<EdgeFit> {
        self.best(near_mm, spread, behind, kernel).filter(|fit| fit.height > 0.0)
    }

    /// What fits best near a depth, be it an edge of bone or not.
    pub(super) fn best(
        &self,
        near_mm: f64,
        spread: Across,
        behind: Behind,
        kernel: &Kernel,
    ) -> Option<EdgeFit> {
        let means = self.means(near_mm, spread);
        let mut best: Option<EdgeFit> = None;
        let (mut middle, mut step) = (near_mm, REACH_MM / 3.0);
        for round in 0..3 {
            let around = middle;
            // From the second round on the middle was tried before.
            for offset in (-3..=3).filter(|offset| *offset != 0 || round == 0) {
                let at = around + f64::from(offset) * step;
                let Some(tried) = EdgeFit::at(at, &means, spread, behind, kernel) else { continue };
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
    fn at(
        depth_mm: f64,
        means: &[(f64, f64, f64)],
        spread: Across,
        behind: Behind,
        kernel: &Kernel,
    ) -> Option<Self> {
        let (mut aa, mut ab, mut bb, mut ay, mut by, mut yy, mut n) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for (count, depth, value) in means {
            let (a, b) = kernel.step_and_ramp(depth - depth_mm, spread);
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
}

/// What spreads an edge, across it: blur, and pixels of a certain length across it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Across {
    /// Standard deviation of all that is no box.
    blur_mm: f64,
    /// Length of the longer of the two boxes that a pixel is.
    box_mm: f64,
    /// One over each.
    per_blur: f64,
    per_box: f64,
}

impl Across {
    /// For pixels that are so long along the one and along the other axis, as seen across the edge.
    pub(super) fn of(blur_mm: f64, one_mm: f64, other_mm: f64) -> Self {
        let (long, short) = (one_mm.max(other_mm), one_mm.min(other_mm));
        // The shorter box is as good as a blur of its variance.
        let blur_mm = (blur_mm * blur_mm + short * short / 12.0).sqrt();
        Self { blur_mm, box_mm: long, per_blur: 1.0 / blur_mm, per_box: 1.0 / long }
    }

    /// Length of a pixel across the edge.
    pub(super) fn pixel_mm(self) -> f64 {
        self.box_mm
    }

    /// Beyond this distance from an edge nothing of it is seen.
    pub(super) fn reach_mm(self) -> f64 {
        3.0 * self.blur_mm + 0.5 * self.box_mm
    }
}

/// The normal distribution and its sum, in a table.
pub(super) struct Kernel(Vec<(f64, f64)>);

const STEPS_OF_SD: f64 = 32.0;
const LAST_SD: f64 = 4.0;

impl Kernel {
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

    /// What a step of height one, and a ramp of slope one behind it, become at a depth when they are spread.
    fn step_and_ramp(&self, depth_mm: f64, spread: Across) -> (f64, f64) {
        // A box is the difference of sums to its two ends.
        let half = 0.5 * spread.box_mm;
        let (ramp, bowl) = self.blurred(depth_mm + half, spread);
        let (ramp_before, bowl_before) = self.blurred(depth_mm - half, spread);
        ((ramp - ramp_before) * spread.per_box, (bowl - bowl_before) * spread.per_box)
    }

    /// The sum of a step of height one, and the sum of that, blurred.
    fn blurred(&self, depth_mm: f64, Across { blur_mm, per_blur, .. }: Across) -> (f64, f64) {
        let place = (depth_mm * per_blur + LAST_SD) * STEPS_OF_SD;
        if place < 0.0 {
            return (0.0, 0.0);
        }
        let index = place as usize;
        let (density, sum) = match (self.0.get(index), self.0.get(index + 1)) {
            (Some(left), Some(right)) => {
                let part = place - index as f64;
                (left.0 + part * (right.0 - left.0), left.1 + part * (right.1 - left.1))
            }
            _ => (0.0, 1.0),
        };
        let tail = blur_mm * density;
        let bowl = 0.5 * ((depth_mm * depth_mm + blur_mm * blur_mm) * sum + depth_mm * tail);
        (depth_mm * sum + tail, bowl)
    }
}

impl EdgeFit {
    /// The density that a pixel at a depth would show if densities were averaged, and not intensities.
    ///
    /// # Units
    /// g/cm²; contrast k in cm²/g, depth in mm below the line from which depths were taken.
    pub(super) fn content(&self, depth_mm: f64, contrast: f64, spread: Across, kernel: &Kernel) -> f64 {
        let depth = depth_mm - self.depth_mm;
        let (step, ramp) = kernel.step_and_ramp(depth, spread);
        let at_edge = density(self.height, contrast);
        let growth = self.slope / (1.0 - (contrast * self.height).min(MOST_ABSORBED));
        // What is absorbed grows in a straight line behind the edge, and density does not.
        let behind = depth.max(0.0);
        let bent = if depth > 0.0 {
            at_edge + growth * behind - density(self.height + self.slope * behind, contrast)
        } else {
            0.0
        };
        at_edge * step + growth * ramp - bent
    }
}

#[cfg(test)]
mod tests {
    use super::{Across, Behind, Depths, Kernel};

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
            sum += if inside > 0.0 { weight * (height + slope * inside) } else { 0.0 };
            weights += weight;
        }
        sum / weights
    }

    #[test]
    fn an_edge_is_found_below_its_blur() {
        let kernel = Kernel::new();
        for (edge, height, slope, blur) in
            [(0.13, 0.5, 0.1, 0.3), (-0.31, 0.3, 0.0, 0.15), (0.4, 0.6, -0.1, 0.4)]
        {
            let mut depths = Depths::new();
            // Pixels of 1.05 mm whose rows fall beside each other all along the edge.
            for index in 0..60 {
                let depth = -2.0 + f64::from(index * 37 % 60) / 10.0;
                depths.add(depth, shown(depth, edge, height, slope, blur));
            }
            let spread = Across::of(blur, PIXEL, 0.0);
            let found = depths.edge(0.0, spread, Behind::Sloped, &kernel).unwrap();
            assert!((found.depth_mm - edge).abs() < 0.01, "{found:?} {edge}");
            assert!((found.height - height).abs() < 0.01 * height.max(1.0), "{found:?} {height}");
            assert!((found.slope - slope).abs() < 0.01, "{found:?} {slope}");
        }
    }

    #[test]
    fn the_content_of_pixels_is_the_mean_of_their_densities() {
        let (kernel, contrast, blur) = (Kernel::new(), 1.5f64, 0.4);
        let (height, slope) = (0.4, 0.05);
        let fit = super::EdgeFit { depth_mm: 0.1, height, slope, squares: 0.0 };
        let spread = Across::of(blur, PIXEL, 0.0);
        let true_density = |inside: f64| -(1.0 - contrast * (height + slope * inside)).ln() / contrast;
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
            let found = fit.content(depth, contrast, spread, &kernel);
            assert!((found - sum / weights).abs() < 0.01, "{depth}: {found} {}", sum / weights);
        }
    }
}
