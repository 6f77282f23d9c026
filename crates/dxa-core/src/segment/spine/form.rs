//! Whether what was found has the form of an AP spine.

use super::Spine;
use super::column::quantile;
use super::raster::{STEP_MM, mean, part};
use super::straight::REACH_MM;
use crate::field::Quantity;

/// Least brightness of vertebrae: g/cm², and gray over soft tissue.
const LEAST_PLATEAU: (f32, f32) = (0.2, 0.03);
/// Half widths of a lumbar spine.
const HALF_MM: (f64, f64) = (12.5, 32.0);
/// Contrast of an edge that is clear.
const CLEAR_EDGE: f32 = 0.3;
/// Share of its length on which a spine has two clear edges.
const LEAST_EDGED: f64 = 0.55;
/// Less within is not one bone.
const LEAST_FILLED: f32 = 0.4;
/// Darkness of a clear disc.
pub(super) const CLEAR_DISC: f32 = 0.1;
/// A spine in a scan is not steeper; millimeters to the side for each down.
const MOST_SLOPE: f64 = 0.7;
/// Beyond this left and right differ as in a lateral view or a hip.
const MOST_LOPSIDED: f64 = 0.28;
/// Beyond this a person must look.
const DOUBTFUL_LOPSIDED: f64 = 0.21;
/// The bone of a patient reaches the borders of the image within this distance.
const FREE_MM: f64 = 12.0;

/// Side of a cell in which noise averages out, in squares.
const EVEN_CELL: usize = 6;
/// Part of the width, and distance from the lines of discs, in which slabs are even.
const EVEN_WIDTH: f64 = 0.8;
const EVEN_CLEAR_MM: f64 = 7.0;
/// What is even differs by no more than this share.
const EVEN_SHARE: f32 = 0.08;
/// Pedicles, processes and curved bodies leave less than this even.
const MOST_EVEN: f64 = 0.9;

/// What tells a spine from other things that run down an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Form {
    /// Brightness of bone, in the units of the field.
    pub(super) plateau: f32,
    /// Half of the width.
    pub(super) half_mm: f64,
    /// Share of the rows on which both edges are clear.
    pub(super) edged: f64,
    /// The darkest lengthwise strip within, against the mean of all: fingers and two shafts have a gap.
    pub(super) filled: f32,
    /// Difference of left and right beside the spine, from 0 to 1.
    pub(super) lopsided: f64,
    /// How many discs are clear.
    pub(super) clear_discs: usize,
    /// Median darkness of all discs.
    pub(super) depth: f32,
    /// Steepest part of the middle line.
    pub(super) slope: f64,
    /// Share of the vertebrae in which density is even, as it is in slabs.
    pub(super) even: f64,
    /// Rows of the image above and below that the bone does not reach, in millimeters.
    pub(super) free_mm: (f64, f64),
}

impl Form {
    pub(super) fn of(spine: &Spine) -> Self {
        let rows = spine.straight.rows() as f64;
        let depths = || spine.discs.iter().map(|disc| disc.depth);
        let (filled, free_mm) = core(spine);
        let free = [free_mm.0, free_mm.1].map(|free| if free > FREE_MM { free / STEP_MM } else { 0.0 });
        let bone = free[0] as usize..(rows - free[1]).max(free[0]) as usize;
        let contrast = spine.width.contrast.get(bone).unwrap_or_default();
        let edged = contrast.iter().filter(|contrast| **contrast >= CLEAR_EDGE).count();
        let steep = spine.straight.column.slope.iter().map(|slope| slope.abs() as f32);
        Self {
            plateau: spine.straight.plateau,
            half_mm: spine.half_mm,
            edged: edged as f64 / contrast.len().max(1) as f64,
            filled,
            lopsided: lopsided(spine),
            clear_discs: depths().filter(|depth| *depth >= CLEAR_DISC).count(),
            depth: quantile(depths(), 0.5),
            slope: f64::from(quantile(steep, 0.95)),
            even: even(spine),
            free_mm,
        }
    }

    /// Why this is a test object and nobody's spine.
    pub(super) fn phantom(&self) -> Option<&'static str> {
        if self.is_free() {
            Some(
                "The bone ends inside the image above and below, as a phantom does, and the header names a patient",
            )
        } else if self.even > MOST_EVEN {
            Some(
                "The image shows slabs of even density, as a phantom has them, and the header names a patient",
            )
        } else {
            None
        }
    }

    /// Why this is no AP spine.
    pub(super) fn objection(&self, quantity: Quantity) -> Option<&'static str> {
        let least = match quantity {
            Quantity::BoneDensity => LEAST_PLATEAU.0,
            Quantity::Gray => LEAST_PLATEAU.1,
        };
        if self.plateau < least || !self.plateau.is_finite() {
            Some("The image shows no bone")
        } else if self.filled < LEAST_FILLED {
            Some("The image shows several narrow bones side by side, not a spine")
        } else if self.edged < LEAST_EDGED || self.slope > MOST_SLOPE {
            Some("The image shows no bone with two edges that runs down it as a spine does")
        } else if !(HALF_MM.0..=HALF_MM.1).contains(&self.half_mm) {
            Some("The bone in the image has not the width of a lumbar spine")
        } else if self.clear_discs < 2 || self.depth < CLEAR_DISC {
            Some("The bone in the image has no discs")
        } else if self.lopsided > MOST_LOPSIDED {
            Some("Left and right of the bone differ as in a lateral view or a hip")
        } else {
            None
        }
    }

    /// Whether this may be no AP spine.
    pub(super) fn is_doubtful(&self) -> bool {
        self.lopsided > DOUBTFUL_LOPSIDED
    }

    /// Whether the bone ends inside the image above and below, as a block of a phantom does.
    pub(super) fn is_free(&self) -> bool {
        self.free_mm.0 > FREE_MM && self.free_mm.1 > FREE_MM
    }
}

/// The darkest strip within the spine, and how far from the borders of the image the bone ends.
fn core(spine: &Spine) -> (f32, (f64, f64)) {
    let straight = &spine.straight;
    let middle = (REACH_MM / STEP_MM) as usize;
    let half = (0.6 * spine.half_mm / STEP_MM) as usize;
    let rows = straight.rows();
    let inner = middle - half..middle + half + 1;
    let strips: Vec<f32> =
        inner.clone().map(|column| mean(part(&straight.values, 0..rows, column..column + 1))).collect();
    let whole = mean(strips.iter().copied());
    let darkest =
        strips.windows(5).map(|strips| strips.iter().sum::<f32>() / 5.0).fold(f32::INFINITY, f32::min);
    let bone = |row: &usize| mean(part(&straight.values, *row..*row + 1, inner.clone())) > 0.3;
    let first = (0..rows).find(bone).unwrap_or(rows);
    let last = (0..rows).rev().find(bone).map_or(0, |row| row + 1);
    (darkest / whole.max(1e-6), (first as f64 * STEP_MM, (rows - last) as f64 * STEP_MM))
}

/// Share of small cells between the discs whose density is that of their vertebra within a few percent.
fn even(spine: &Spine) -> f64 {
    let straight = &spine.straight;
    let middle = (REACH_MM / STEP_MM) as usize;
    let half = (EVEN_WIDTH * spine.half_mm / STEP_MM) as usize;
    let clear = EVEN_CLEAR_MM / STEP_MM;
    let (mut within, mut count) = (0.0, 0.0);
    for pair in spine.discs.windows(2) {
        let (top, bottom) = (pair[0].row + clear, pair[1].row - clear);
        let rows = (top.max(0.0) as usize..bottom.max(0.0) as usize).step_by(EVEN_CELL);
        let columns = || (middle - half..middle + half - EVEN_CELL).step_by(EVEN_CELL);
        let cells: Vec<f32> = rows
            .filter(|row| row + EVEN_CELL <= straight.rows())
            .flat_map(|row| columns().map(move |column| (row, column)))
            .map(|(row, column)| {
                mean(part(&straight.values, row..row + EVEN_CELL, column..column + EVEN_CELL))
            })
            .collect();
        let usual = quantile(cells.iter().copied(), 0.5);
        let is_even = |cell: &&f32| (**cell - usual).abs() <= EVEN_SHARE * usual;
        within += cells.iter().filter(is_even).count() as f64;
        count += cells.len() as f64;
    }
    if count > 0.0 { within / count } else { 0.0 }
}

fn lopsided(spine: &Spine) -> f64 {
    let straight = &spine.straight;
    let middle = (REACH_MM / STEP_MM) as usize;
    let (mut apart, mut sum) = (0.0, 0.0);
    for row in (4..straight.rows().saturating_sub(4)).step_by(4) {
        for away in (8..((spine.half_mm + 25.0) / STEP_MM) as usize).step_by(4) {
            let patch = |at: usize| {
                let patch = part(&straight.values, row - 4..row + 5, at - 4..at + 5);
                f64::from(mean(patch.map(|value| value.clamp(0.0, 1.5))))
            };
            let (left, right) = (patch(middle - away), patch(middle + away));
            apart += (left - right).abs();
            sum += left + right;
        }
    }
    apart / f64::max(sum, 1e-9)
}
