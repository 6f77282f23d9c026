//! Where an edge truly is, when a bright rim inside of it moves the steepest fall of gray outward.
//!
//! Blur makes the fall of a rim's outer flank steepest outside of the bone: by nothing for a plain step, by
//! some tenths of a millimeter for a bright rim. The mean profile across the edge tells how bright the rim is.

use super::strip::{Path, STEP_MM, Strip};

/// How far outside and inside of the edge a profile is compared, millimeters.
const OUTSIDE_MM: f64 = 1.75;
const INSIDE_MM: f64 = 2.5;
/// How thick the shell of a vertebra looks.
const RIM_MM: f64 = 0.8;
/// Blurs that are tried, standard deviations in millimeters.
const BLURS_MM: [f64; 6] = [0.4, 0.55, 0.7, 0.85, 1.0, 1.2];
/// What is believed of the place, outward of the steepest fall, before the profile is compared.
pub(super) const PLATE: Expected = Expected { mean_mm: -0.12, sd_mm: 0.15, tried: (-6, 2), fewest: 4.0 };
pub(super) const WALL: Expected = Expected { mean_mm: 0.0, sd_mm: 0.25, tried: (-8, 8), fewest: 2.0 };
/// Misfit that is not held against a place, as a share of the step's square; and how many independent
/// samples a profile has.
const NOISE: f64 = 0.001;
const SAMPLES: f64 = 6.0;

/// What is believed of a kind of edge.
pub(super) struct Expected {
    mean_mm: f64,
    sd_mm: f64,
    /// The first and the last place that are tried, tenths of a millimeter.
    tried: (i32, i32),
    /// Weights of lines, together, from which on they have a profile.
    fewest: f64,
}

/// Moves a path, whose lines count `shares`, to where the edge lies.
pub(super) fn place(strip: &Strip, path: &mut Path, shares: &[f64], expected: &Expected) {
    let shift = shift_mm(strip, path, shares, expected) / STEP_MM;
    path.at.iter_mut().for_each(|at| *at += shift);
}

/// How far outward of the path the edge lies; negative inward.
fn shift_mm(strip: &Strip, path: &Path, shares: &[f64], expected: &Expected) -> f64 {
    let Some(profile) = mean_profile(strip, path, shares, expected.fewest) else { return 0.0 };
    let apart = path.apart.iter().sum::<f64>() / path.apart.len() as f64 * STEP_MM;
    let span =
        profile.iter().copied().fold(f64::MIN, f64::max) - profile.iter().copied().fold(f64::MAX, f64::min);
    if span < 1e-4 {
        return 0.0;
    }
    let value = |tenths: i32| -> f64 {
        let place = f64::from(tenths) / 10.0;
        let misfit =
            BLURS_MM.iter().map(|blur| misfit(&profile, place, *blur, apart)).fold(f64::MAX, f64::min);
        let off = (place - expected.mean_mm) / expected.sd_mm;
        0.5 * SAMPLES * (misfit / (span * span) + NOISE).ln() + 0.5 * off * off
    };
    let (first, last) = expected.tried;
    let best = (first..=last).min_by(|a, b| value(*a).total_cmp(&value(*b))).unwrap_or(0);
    let [below, here, above] = [best - 1, best, best + 1].map(value);
    let bend = below - 2.0 * here + above;
    let part = if bend > 1e-9 { (0.5 * (below - above) / bend).clamp(-0.5, 0.5) } else { 0.0 };
    (f64::from(best) + part) / 10.0
}

/// Gray along the lines of a strip about its path, from outside to inside.
fn mean_profile(strip: &Strip, path: &Path, shares: &[f64], fewest: f64) -> Option<Vec<f64>> {
    let samples = ((OUTSIDE_MM + INSIDE_MM) / STEP_MM) as usize + 1;
    let mut sums = vec![0.0; samples];
    let mut total = 0.0;
    for (line, grays) in strip.grays.iter().enumerate() {
        let weight = shares[line] * path.strength[line].clamp(0.0, 1.0);
        if path.strength[line] < 0.4 {
            continue;
        }
        let middle = path.at[line] + (grays.len() / 2) as f64;
        total += weight;
        for (sample, sum) in sums.iter_mut().enumerate() {
            let outward = OUTSIDE_MM / STEP_MM - sample as f64;
            let place = (middle + outward).clamp(0.0, grays.len() as f64 - 1.001);
            let (low, part) = (place as usize, place.fract());
            *sum += weight * (grays[low] * (1.0 - part) + grays[low + 1] * part);
        }
    }
    (total > fewest).then(|| sums.iter().map(|sum| sum / total).collect())
}

/// Mean square that a step and a rim inside of it, at a place, leave of a profile.
fn misfit(profile: &[f64], place: f64, blur: f64, apart: f64) -> f64 {
    let mut normal = [[0.0; 3]; 3];
    let mut target = [0.0; 3];
    let mut square = 0.0;
    for (sample, gray) in profile.iter().enumerate() {
        let inward = sample as f64 * STEP_MM - OUTSIDE_MM + place;
        let both = |depth: f64| {
            0.5 * (rise((inward + 0.5 * apart - depth) / blur) + rise((inward - 0.5 * apart - depth) / blur))
        };
        let step = both(0.0);
        let basis = [1.0, step, step - both(RIM_MM)];
        square += gray * gray;
        for ((row, target), own) in normal.iter_mut().zip(&mut target).zip(basis) {
            *target += own * gray;
            row.iter_mut().zip(basis).for_each(|(value, other)| *value += own * other);
        }
    }
    let explained = [3, 2].into_iter().find_map(|size| explained(&normal, &target, size)).unwrap_or(0.0);
    (square - explained).max(0.0) / profile.len() as f64
}

/// The square that the first basis functions explain; `None` when a rim would be dark.
fn explained(normal: &[[f64; 3]; 3], target: &[f64; 3], size: usize) -> Option<f64> {
    let mut left = *normal;
    let mut right = *target;
    for pivot in 0..size {
        let scale = left[pivot][pivot].max(1e-12);
        for row in pivot + 1..size {
            let factor = left[row][pivot] / scale;
            let above = left[pivot];
            left[row].iter_mut().zip(above).skip(pivot).for_each(|(value, above)| *value -= factor * above);
            right[row] -= factor * right[pivot];
        }
    }
    let mut solution = [0.0; 3];
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|column| left[row][column] * solution[column]).sum();
        solution[row] = (right[row] - known) / left[row][row].max(1e-12);
    }
    let is_dark = size == 3 && solution[2] < 0.0;
    (!is_dark).then(|| (0..size).map(|at| solution[at] * target[at]).sum())
}

/// The share of a Gaussian below a value: a logistic curve is close enough.
fn rise(value: f64) -> f64 {
    1.0 / (1.0 + (-1.702 * value).exp())
}
