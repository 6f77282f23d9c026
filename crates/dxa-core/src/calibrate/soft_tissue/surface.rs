//! A polynomial surface of order two through soft tissue, fitted so that what is no soft tissue does not count.

use super::LEAST_CELLS;
use super::cells::{Cell, Cells};

/// `f·(b₀ + b₁x + b₂y + b₃x² + b₄xy + b₅y²)` with x and y from −1 to 1 over the field, and a factor f for each
/// place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Surface {
    terms: [f64; TERMS],
    width_mm: f64,
    height_mm: f64,
}

const TERMS: usize = 6;
/// The terms before these do not bend.
const LINEAR_TERMS: usize = 3;

/// What the fit says of soft tissue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    /// Median of soft tissue before anything is subtracted, g/cm².
    pub(super) median: f64,
    /// Standard deviation of the mean over 1 cm², g/cm².
    pub(super) noise_g_cm2: f64,
    /// Standard error of the surface under the bone, g/cm².
    pub(super) zero_g_cm2: f64,
}

/// Above soft tissue by this much is bone, g/cm²: at first, and in the rounds that follow.
const BONE_ABOVE: [f64; 3] = [0.25, 0.2, 0.15];
/// Distance from bone at which soft tissue begins, mm.
const REACH_MM: f64 = 5.0;
/// Rounds of reweighting.
const ROUNDS: usize = 3;
/// Tukey's biweight gives no weight beyond this many standard deviations.
const TUKEY: f64 = 4.685;
/// Median absolute deviation to standard deviation of a normal distribution.
const MAD_TO_SD: f64 = 1.4826;
/// Share of the cells that is taken for soft tissue at first.
const SOFT_QUANTILE: f64 = 0.2;
/// Standard deviation of what each bend adds to soft tissue over half of the field, g/cm². *Ours*: fat that is a
/// tenth of the tissue more on both sides than in the middle adds so much. It counts only where soft tissue lies
/// to one side of the bone, and a bend beneath it would be drawn from nothing.
const BEND_G_CM2: f64 = 0.04;
/// Cells that vary together: neighbors share noise and structure.
const CELLS_THAT_AGREE: f64 = 9.0;

impl Surface {
    /// The surface through the soft tissue of these cells; `None` where there is too little of it.
    pub(super) fn through(cells: &Cells) -> Option<(Self, Fit)> {
        let mut means: Vec<f64> = cells.cells.iter().map(|cell| cell.mean).collect();
        let start = quantile(&mut means, SOFT_QUANTILE)?;
        let mut surface = Self { terms: [0.0; TERMS], width_mm: cells.width_mm, height_mm: cells.height_mm };
        let mut soft = cells.away_from(REACH_MM, |cell| cell.mean > start + BONE_ABOVE[0]);
        for above in BONE_ABOVE {
            if soft.len() < LEAST_CELLS {
                return None;
            }
            surface = surface.fitted(&soft)?;
            soft = cells.away_from(REACH_MM, |cell| cell.mean > surface.at(cell) + above);
        }
        surface = if soft.len() < LEAST_CELLS { return None } else { surface.fitted(&soft)? };
        let fit = surface.fit(cells, &soft)?;
        Some((surface, fit))
    }

    /// The surface along one row.
    pub(super) fn along_row(&self, y_mm: f64) -> AlongRow {
        let y = 2.0 * y_mm / self.height_mm - 1.0;
        let [b0, b1, b2, b3, b4, b5] = self.terms;
        AlongRow { terms: [b0 + y * (b2 + y * b5), b1 + y * b4, b3], width_mm: self.width_mm }
    }

    fn basis(&self, cell: &Cell) -> [f64; TERMS] {
        let (x, y) = (2.0 * cell.x_mm / self.width_mm - 1.0, 2.0 * cell.y_mm / self.height_mm - 1.0);
        [1.0, x, y, x * x, x * y, y * y].map(|power| power * cell.factor)
    }

    fn at(&self, cell: &Cell) -> f64 {
        self.basis(cell).iter().zip(&self.terms).map(|(basis, term)| basis * term).sum()
    }

    /// Weighted least squares, reweighted by Tukey's biweight.
    fn fitted(mut self, soft: &[Cell]) -> Option<Self> {
        self.terms[0] = median(soft.iter().map(|cell| cell.mean / cell.factor))?;
        self.terms[1..].fill(0.0);
        for _ in 0..ROUNDS {
            let scale = self.scale(soft)?;
            let mut normal = [[0.0; TERMS + 1]; TERMS];
            let straight = CELLS_THAT_AGREE * straight(soft, scale)?;
            (LINEAR_TERMS..TERMS).for_each(|term| normal[term][term] = straight);
            for cell in soft {
                let weight = biweight((cell.mean - self.at(cell)) / scale);
                let basis = self.basis(cell);
                for (row, left) in normal.iter_mut().zip(basis) {
                    for (slot, right) in row.iter_mut().zip(basis.into_iter().chain([cell.mean])) {
                        *slot += weight * left * right;
                    }
                }
            }
            self.terms = solve(normal)?;
        }
        Some(self)
    }

    /// Robust standard deviation of soft tissue around the surface; not zero, so that it can divide.
    fn scale(&self, soft: &[Cell]) -> Option<f64> {
        Some(MAD_TO_SD * median(soft.iter().map(|cell| (cell.mean - self.at(cell)).abs()))?.max(1e-9))
    }

    fn fit(&self, cells: &Cells, soft: &[Cell]) -> Option<Fit> {
        let scale = self.scale(soft)?;
        let cell_cm2 = cells.cell_height_mm * cells.cell_width_mm / 100.0;
        let mut normal = [[0.0; TERMS]; TERMS];
        let straight = straight(soft, scale)?;
        (LINEAR_TERMS..TERMS).for_each(|term| normal[term][term] = straight);
        for basis in soft.iter().map(|cell| self.basis(cell)) {
            for (row, left) in normal.iter_mut().zip(basis) {
                row.iter_mut().zip(basis).for_each(|(slot, right)| *slot += left * right / CELLS_THAT_AGREE);
            }
        }
        let variance = |cell: &Cell| {
            let basis = self.basis(cell);
            let mut system = [[0.0; TERMS + 1]; TERMS];
            for ((row, terms), right) in system.iter_mut().zip(&normal).zip(basis) {
                row[..TERMS].copy_from_slice(terms);
                row[TERMS] = right;
            }
            solve(system).map(|solved| solved.iter().zip(basis).map(|(a, b)| a * b).sum::<f64>())
        };
        let bone = cells.cells.iter().filter(|cell| cell.mean > self.at(cell) + BONE_ABOVE[2]);
        let variances: Vec<f64> = bone.step_by(STEP).filter_map(variance).collect();
        let mean = variances.iter().sum::<f64>() / variances.len().max(1) as f64;
        Some(Fit {
            median: median(soft.iter().map(|cell| cell.mean))?,
            noise_g_cm2: scale * cell_cm2.sqrt(),
            zero_g_cm2: scale * mean.sqrt(),
        })
    }
}

/// Of the cells of bone, each so many is asked how well the surface is known under it.
const STEP: usize = 16;

/// A surface along one row of pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct AlongRow {
    terms: [f64; 3],
    width_mm: f64,
}

impl AlongRow {
    pub(super) fn at(&self, x_mm: f64) -> f64 {
        let x = 2.0 * x_mm / self.width_mm - 1.0;
        let [b0, b1, b2] = self.terms;
        b0 + x * (b1 + x * b2)
    }
}

/// What the sums of squares of soft tissue are to hold for a bend to be as likely as people have it.
fn straight(soft: &[Cell], scale: f64) -> Option<f64> {
    Some((scale * median(soft.iter().map(|cell| cell.factor))? / BEND_G_CM2).powi(2))
}

fn biweight(deviations: f64) -> f64 {
    let part = deviations / TUKEY;
    if part.abs() < 1.0 { (1.0 - part * part).powi(2) } else { 0.0 }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    quantile(&mut values.collect::<Vec<f64>>(), 0.5)
}

fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    let index = (share * values.len().checked_sub(1)? as f64).round() as usize;
    Some(*values.select_nth_unstable_by(index, f64::total_cmp).1)
}

/// Gauss elimination with pivots; `None` where the system has no single solution.
fn solve(mut system: [[f64; TERMS + 1]; TERMS]) -> Option<[f64; TERMS]> {
    for step in 0..TERMS {
        let pivot = (step..TERMS).max_by(|a, b| system[*a][step].abs().total_cmp(&system[*b][step].abs()))?;
        system.swap(step, pivot);
        let row = system[step];
        if row[step].abs() < 1e-12 {
            return None;
        }
        for other in (0..TERMS).filter(|other| *other != step) {
            let factor = system[other][step] / row[step];
            system[other].iter_mut().zip(row).for_each(|(slot, value)| *slot -= factor * value);
        }
    }
    Some(std::array::from_fn(|index| system[index][TERMS] / system[index][index]))
}
