//! Bone told from soft tissue by a fraction of the bone's own plateau, as a height above that edge.

use std::collections::VecDeque;

use ndarray::Array2;

use super::grid::Grid;
use crate::field::Quantity;

/// Bone ends where its density falls to this fraction of the plateau beside the edge.
const EDGE_FRACTION: f32 = 0.35;
/// Standard deviation of the smoothing that keeps noise from fraying the edge.
const SMOOTHING_MM: f64 = 0.5;
/// A plateau is measured at least this far inside the bone.
const CORE_MM: f64 = 2.5;
/// Fraction of the typical bone value above which a sample may be bone at all.
const CANDIDATE_FRACTION: f32 = 0.3;

/// A grid whose values are above zero in bone and below it beside bone.
pub(in crate::segment) struct Relief {
    /// Smoothed values above soft tissue.
    pub(in crate::segment) level: Grid,
    /// `level` less the edge value of the nearest plateau: zero is the edge.
    pub(in crate::segment) excess: Grid,
    /// Value of soft tissue.
    pub(in crate::segment) background: f32,
    /// Value of typical bone above soft tissue.
    pub(in crate::segment) typical: f32,
}

impl Relief {
    /// The relief of a grid; `None` where nothing stands out.
    pub(in crate::segment) fn of(grid: &Grid, quantity: Quantity) -> Option<Self> {
        let mut level = grid.smoothed(SMOOTHING_MM);
        let (background, cut) = split(&level.values, quantity)?;
        level.values.mapv_inplace(|value| value - background);
        let cut = cut - background;
        let typical = median(level.values.iter().copied().filter(|value| *value > cut).collect())?;
        let candidate = level.values.mapv(|value| value > CANDIDATE_FRACTION * typical);
        let core = eroded(&candidate, (CORE_MM / level.row_mm).round() as usize);
        let plateau = plateau(&level.values, &core)?;
        let excess = &level.values - &(plateau * EDGE_FRACTION);
        let excess = level.with(excess);
        Some(Self { level, excess, background, typical })
    }
}

/// The value of soft tissue and one between it and bone.
///
/// A density has soft tissue at zero; a gray image has it at the middle of its darker class (Otsu 1979).
fn split(values: &Array2<f32>, quantity: Quantity) -> Option<(f32, f32)> {
    let cut = otsu(values)?;
    match quantity {
        Quantity::BoneDensity => Some((0.0, cut.max(f32::EPSILON))),
        Quantity::Gray => {
            let background = median(values.iter().copied().filter(|value| *value <= cut).collect())?;
            Some((background, cut))
        }
    }
}

/// The threshold that parts values into the two most separate classes.
///
/// # References
/// Otsu 1979, doi 10.1109/TSMC.1979.4310076.
fn otsu(values: &Array2<f32>) -> Option<f32> {
    const BINS: usize = 256;
    let (low, high) = values
        .iter()
        .filter(|value| value.is_finite())
        .fold((f32::MAX, f32::MIN), |(low, high), value| (low.min(*value), high.max(*value)));
    if high <= low {
        return None;
    }
    let scale = (BINS - 1) as f32 / (high - low);
    let mut counts = [0u32; BINS];
    for value in values {
        counts[((value - low) * scale) as usize] += 1;
    }
    let total: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let sum: f64 = counts.iter().enumerate().map(|(bin, count)| bin as f64 * f64::from(*count)).sum();
    let (mut below, mut sum_below, mut best, mut best_bin) = (0.0, 0.0, -1.0, 0);
    for (bin, count) in counts.iter().enumerate() {
        below += f64::from(*count);
        sum_below += bin as f64 * f64::from(*count);
        let above = total - below;
        if below == 0.0 || above == 0.0 {
            continue;
        }
        let between = below * above * (sum_below / below - (sum - sum_below) / above).powi(2);
        if between > best {
            (best, best_bin) = (between, bin);
        }
    }
    Some(low + (best_bin as f32 + 0.5) / scale)
}

/// The middle value.
pub(in crate::segment) fn median(mut values: Vec<f32>) -> Option<f32> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// What is left of a mask when `reach` samples are taken away from its edge, in a square neighborhood.
fn eroded(mask: &Array2<bool>, reach: usize) -> Array2<bool> {
    let (rows, columns) = mask.dim();
    let mut across = Array2::from_elem((rows, columns), false);
    for row in 0..rows {
        let line: Vec<bool> = (0..columns).map(|column| mask[(row, column)]).collect();
        for (column, kept) in shrunk(&line, reach).into_iter().enumerate() {
            across[(row, column)] = kept;
        }
    }
    for column in 0..columns {
        let line: Vec<bool> = (0..rows).map(|row| across[(row, column)]).collect();
        for (row, kept) in shrunk(&line, reach).into_iter().enumerate() {
            across[(row, column)] = kept;
        }
    }
    across
}

/// Runs of a line shortened by `reach` at each end that does not touch the end of the line.
fn shrunk(line: &[bool], reach: usize) -> Vec<bool> {
    let mut since = vec![usize::MAX; line.len()];
    let mut last = None;
    for (index, inside) in line.iter().enumerate() {
        if !inside {
            last = Some(index);
        }
        since[index] = last.map_or(usize::MAX, |last| index - last);
    }
    let mut kept = vec![false; line.len()];
    let mut next = None;
    for (index, inside) in line.iter().enumerate().rev() {
        if !inside {
            next = Some(index);
        }
        kept[index] = *inside && since[index] > reach && next.is_none_or(|next| next - index > reach);
    }
    kept
}

/// For each sample the mean of 5 × 5 samples around the nearest one of the core.
fn plateau(values: &Array2<f32>, core: &Array2<bool>) -> Option<Array2<f32>> {
    let (rows, columns) = values.dim();
    let mut plateau = Array2::from_elem((rows, columns), f32::NAN);
    let mut queue = VecDeque::new();
    for ((row, column), _) in core.indexed_iter().filter(|(_, inside)| **inside) {
        plateau[(row, column)] = around(values, row, column);
        queue.push_back((row, column));
    }
    if queue.is_empty() {
        return None;
    }
    while let Some((row, column)) = queue.pop_front() {
        for (r, c) in neighbors(row, column, rows, columns) {
            if plateau[(r, c)].is_nan() {
                plateau[(r, c)] = plateau[(row, column)];
                queue.push_back((r, c));
            }
        }
    }
    Some(plateau)
}

fn around(values: &Array2<f32>, row: usize, column: usize) -> f32 {
    let (rows, columns) = values.dim();
    let (mut sum, mut count) = (0.0, 0.0);
    for r in row.saturating_sub(2)..=(row + 2).min(rows - 1) {
        for c in column.saturating_sub(2)..=(column + 2).min(columns - 1) {
            sum += values[(r, c)];
            count += 1.0;
        }
    }
    sum / count
}

fn neighbors(row: usize, column: usize, rows: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    let steps = [(0, 1), (2, 1), (1, 0), (1, 2)];
    steps
        .into_iter()
        .map(move |(down, right)| (row + down, column + right))
        .filter(move |(r, c)| (1..=rows).contains(r) && (1..=columns).contains(c))
        .map(|(r, c)| (r - 1, c - 1))
}
