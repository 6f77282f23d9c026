//! Candidate discs, and the chain of them that makes a spine.

use ndarray::Array2;

use super::column::quantile;
use super::raster::STEP_MM;
use super::straight::{REACH_MM, Straight};
use super::width::Width;

/// Rows between two candidates of the search.
const STRIDE: usize = 2;
/// The same in millimeters.
const STRIDE_MM: f64 = STRIDE as f64 * STEP_MM;
/// Slants against the spine that are tried, in degrees to each side.
const SLANT_DEG: f64 = 16.0;
/// Between two slants.
const SLANT_STEP_DEG: f64 = 4.0;
/// Half heights of discs that are looked for.
const HALF_HEIGHTS_MM: [f64; 3] = [1.0, 2.5, 4.5];
/// Places across the spine that are averaged, as shares of its half width: the outermost, and how many to a side.
const ACROSS: (f64, usize) = (0.98, 24);
/// From this share on a place is rim: joints and spinous processes lie over the middle of discs, the rim is clear.
const RIM: f64 = 0.78;
/// How much more the rim counts.
const RIM_WEIGHT: f32 = 8.0;
/// Nearer to a disc than this its own darkness is seen.
const WITHIN_MM: f64 = 8.0;
/// Rows over which the half width is taken, in millimeters to each side.
const WIDTH_MM: f64 = 18.0;
/// Darkness that counts in full, in brightness of bone; what is more may be gas or a wide gap and counts less.
const FULL_DEPTH: f32 = 0.35;
/// How much less.
const BEYOND_FULL: f32 = 0.3;
/// Darkness a disc must have on the whole to be worth a link of the chain.
const LINK_COST: f32 = 0.06;
/// Heights of one vertebra with its disc: from a crushed one to a tall man's.
const GAP_MM: (f64, f64) = (15.0, 52.0);
/// By how much one is taller than the one above it.
const GROWTH_MM: f64 = 1.0;
/// By how much this varies.
const GROWTH_SPREAD_MM: f64 = 4.0;
/// What a change of height by its spread costs, in darkness.
const GROWTH_COST: f32 = 0.04;
/// The most it costs: a crushed vertebra does not break the chain.
const GROWTH_COST_CAP: f32 = 0.12;
/// Heights within which nothing is odd, in millimeters.
const USUAL_GAP_MM: (f64, f64) = (25.0, 44.0);
/// What each millimeter beyond them costs, in darkness.
const UNUSUAL_COST: f64 = 0.025;

/// A disc as it lies in the straightened image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Disc {
    /// Row of the straightened image, with a fraction.
    pub(super) row: f64,
    /// Rows down for each row's length to the right.
    pub(super) slant: f64,
    /// Half the distance between the two endplates, in millimeters.
    pub(super) half_mm: f64,
    /// How much darker than the vertebrae beside it, in brightness of bone.
    pub(super) depth: f32,
}

/// Darkness of a disc in every place, at its best slant.
pub(super) struct Darkness {
    depth: Vec<f32>,
    slant: Vec<f64>,
}

impl Darkness {
    /// Compares each line across the spine with what lies above and below.
    pub(super) fn of(straight: &Straight, width: &Width) -> Self {
        let halves = [even(&width.left_mm), even(&width.right_mm)];
        let count = straight.rows().div_ceil(STRIDE);
        let mut depth = vec![f32::NEG_INFINITY; count];
        let mut slants = vec![0.0; count];
        let turns = (SLANT_DEG / SLANT_STEP_DEG) as i32;
        for turn in -turns..=turns {
            let slant = (f64::from(turn) * SLANT_STEP_DEG).to_radians().tan();
            let profile = profile(straight, &halves, slant);
            for (index, (best, chosen)) in depth.iter_mut().zip(&mut slants).enumerate() {
                // Of equals the straighter.
                let value = trough(&profile, index * STRIDE) - 0.01 * (turn.abs() as f32);
                if value > *best {
                    (*best, *chosen) = (value, slant);
                }
            }
        }
        Self { depth, slant: slants }
    }

    /// The darkest place within each vertebra, away from the discs that bound it.
    pub(super) fn within(&self, discs: &[Disc]) -> Vec<f32> {
        let clear = (WITHIN_MM / STRIDE_MM) as usize;
        let index = |row: f64| (row.max(0.0) / STRIDE as f64).round() as usize;
        let darkest = |pair: &[Disc]| {
            let inside = index(pair[0].row) + clear..index(pair[1].row).saturating_sub(clear);
            self.depth.get(inside).unwrap_or_default().iter().copied().fold(f32::NEG_INFINITY, f32::max)
        };
        discs.windows(2).map(darkest).collect()
    }

    /// The best chain of discs: dark, and spaced as vertebrae are.
    pub(super) fn chain(&self, straight: &Straight) -> Vec<Disc> {
        let chain = Chain::best(&self.depth);
        chain
            .into_iter()
            .map(|index| Disc {
                row: ((index * STRIDE) as f64).min((straight.rows() - 1) as f64),
                slant: self.slant[index],
                half_mm: 0.0,
                depth: self.depth[index],
            })
            .collect()
    }
}

/// Half widths without what is narrow or wide over a short way only.
fn even(half_mm: &[f64]) -> Vec<f64> {
    let around = (WIDTH_MM / STEP_MM) as usize;
    let near = |row: usize| {
        let rows = row.saturating_sub(around)..(row + around + 1).min(half_mm.len());
        f64::from(quantile(half_mm[rows].iter().step_by(3).map(|half| *half as f32), 0.6))
    };
    (0..half_mm.len()).map(near).collect()
}

/// Mean across the spine along a slanted line, for each row.
fn profile(straight: &Straight, halves: &[Vec<f64>; 2], slant: f64) -> Vec<f32> {
    let rows = straight.rows();
    let row_mean = |row: usize| {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (half, sign) in halves.iter().zip([-1.0, 1.0]) {
            for step in 0..=ACROSS.1 {
                let share = ACROSS.0 * step as f64 / ACROSS.1 as f64;
                let across = sign * share * half[row];
                let from = (row as f64 + across * slant / STEP_MM).round().clamp(0.0, rows as f64 - 1.0);
                let column = ((across + REACH_MM) / STEP_MM).round() as usize;
                let weight = if share >= RIM { RIM_WEIGHT } else { 1.0 };
                sum += weight * straight.values[(from as usize, column)].clamp(-0.2, 1.4);
                weights += weight;
            }
        }
        sum / weights
    };
    (0..rows).map(row_mean).collect()
}

/// How much darker a row is than the darker of what lies above and below, at the best height of the disc.
fn trough(profile: &[f32], row: usize) -> f32 {
    let at = |from: f64, to: f64| {
        let index = |mm: f64| (row as f64 + mm / STEP_MM).round();
        let (first, last) = (index(from).max(0.0) as usize, index(to).min((profile.len() - 1) as f64));
        if last < first as f64 || index(from) < 0.0 {
            return None;
        }
        let part = &profile[first..=last as usize];
        Some(part.iter().sum::<f32>() / part.len() as f32)
    };
    let depth = |half: &f64| {
        let inner = at(-half * 0.6, half * 0.6)?;
        let above = at(-half - 5.0, -half - 1.0)?;
        let below = at(half + 1.0, half + 5.0)?;
        // The darker side decides: where bone ends there is no disc.
        Some(above.min(below) - inner)
    };
    HALF_HEIGHTS_MM.iter().filter_map(depth).fold(f32::NEG_INFINITY, f32::max).max(-1.0)
}

/// Dynamic programming over places and the height above each.
struct Chain {
    best: Array2<f32>,
    from: Array2<u16>,
    least: usize,
}

impl Chain {
    fn best(depth: &[f32]) -> Vec<usize> {
        let least = (GAP_MM.0 / STRIDE_MM) as usize;
        let gaps = ((GAP_MM.1 - GAP_MM.0) / STRIDE_MM) as usize + 1;
        let shape = (depth.len(), gaps);
        let mut chain =
            Self { best: Array2::from_elem(shape, f32::NEG_INFINITY), from: Array2::zeros(shape), least };
        for place in least..depth.len() {
            for gap in 0..gaps.min(place + 1 - least) {
                chain.link(depth, place, gap);
            }
        }
        chain.traced(depth)
    }

    /// The best chain that ends at `place` with this height above: one before it, or none.
    fn link(&mut self, depth: &[f32], place: usize, gap: usize) {
        let before = place - gap - self.least;
        let gain = reward(depth[place]) - unusual(self.height(gap));
        let mut value = reward(depth[before]);
        let mut from = u16::MAX;
        for earlier in 0..self.best.ncols() {
            let longer = self.best[(before, earlier)] - growth(self.height(earlier), self.height(gap));
            if longer > value {
                (value, from) = (longer, earlier as u16);
            }
        }
        self.best[(place, gap)] = value + gain;
        self.from[(place, gap)] = from;
    }

    fn height(&self, gap: usize) -> f64 {
        (gap + self.least) as f64 * STRIDE_MM
    }

    fn traced(&self, depth: &[f32]) -> Vec<usize> {
        let end = self.best.indexed_iter().max_by(|a, b| a.1.total_cmp(b.1)).map(|(at, _)| at);
        let Some((mut place, mut gap)) = end.filter(|at| self.best[*at].is_finite()) else {
            return (0..depth.len()).max_by(|a, b| depth[*a].total_cmp(&depth[*b])).into_iter().collect();
        };
        let mut places = vec![place];
        loop {
            let from = self.from[(place, gap)];
            place -= gap + self.least;
            places.push(place);
            if from == u16::MAX {
                break;
            }
            gap = usize::from(from);
        }
        places.reverse();
        places
    }
}

fn reward(depth: f32) -> f32 {
    depth.min(FULL_DEPTH) + BEYOND_FULL * (depth - FULL_DEPTH).max(0.0) - LINK_COST
}

fn unusual(height_mm: f64) -> f32 {
    let beyond = (USUAL_GAP_MM.0 - height_mm).max(height_mm - USUAL_GAP_MM.1).max(0.0);
    (beyond * UNUSUAL_COST) as f32
}

fn growth(above_mm: f64, below_mm: f64) -> f32 {
    let odd = (below_mm - above_mm - GROWTH_MM) / GROWTH_SPREAD_MM;
    (GROWTH_COST * (odd * odd) as f32).min(GROWTH_COST_CAP)
}
