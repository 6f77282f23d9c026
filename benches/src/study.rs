//! What a researcher's script does with one study: a dual-energy pair and a lateral image to regions and edges.
//!
//! Step by step the same numbers as numpy, scipy and scikit-image give, without their images in between:
//! logarithms come from a table, filters run row by row, and nothing is filtered that no result needs.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use dxa_core::decode::pixels::{self, StoredPixels};
use dxa_core::guard::{self, Input, Leniency, Limits};
use serde_json::{Value, json};

/// Area of a pixel, cm², as the script assumes.
const PIXEL_CM2: f64 = 0.0036;
/// Mean and standard deviation of the script's reference population.
const REFERENCE: (f64, f64) = (1.047, 0.11);

/// The script's `study` of one folder with `low.dcm`, `high.dcm` and `lat.dcm`.
///
/// `bytes` holds one file at a time; given again and again, it is not asked for again.
///
/// # Errors
/// When a file cannot be read.
pub fn study(folder: &Path, bytes: &mut Vec<u8>) -> io::Result<Value> {
    let mut stored = |name: &str| stored(&folder.join(name), bytes);
    let (low, high) = (stored("low.dcm")?, stored("high.dcm")?);
    if (low.rows, low.columns) != (high.rows, high.columns) {
        return Err(io::Error::other("the two images of the pair differ in size"));
    }
    let density = density(&low, &high);
    let regions = regions(&above_middle(&blurred(&density, low.columns)), &density, low.columns);
    let largest: Vec<Value> = largest(&regions).map(region).collect();
    Ok(json!({ "n": regions.len(), "rois": largest, "edges": edges(&stored("lat.dcm")?) }))
}

fn stored(file: &Path, bytes: &mut Vec<u8>) -> io::Result<StoredPixels> {
    bytes.clear();
    File::open(file)?.read_to_end(bytes)?;
    let object = guard::open(Input::whole(bytes), Leniency::Tolerant, &Limits::DEFAULT);
    let object = object.map_err(|rejection| io::Error::other(rejection.to_string()))?;
    pixels::read(&object).map_err(|refusal| io::Error::other(refusal.message))
}

fn density(low: &StoredPixels, high: &StoredPixels) -> Vec<f32> {
    static LOGARITHMS: OnceLock<Vec<f32>> = OnceLock::new();
    let log = LOGARITHMS
        .get_or_init(|| (0..=65535u16).map(|word| -(f32::from(word.max(1)) / 65535.0).ln()).collect());
    let words = low.words().iter().zip(high.words());
    let density = |(l, h): (&u16, &u16)| {
        let (l, h) = (log[usize::from(*l)], log[usize::from(*h)]);
        2.1 * l - 3.3 * h + 0.05 * l * h + 0.02 * l * l - 0.01 * h * h
    };
    words.map(density).collect()
}

/// Half of a Gaussian cut at four standard deviations, the middle first.
fn kernel(sigma: f64) -> Vec<f32> {
    let reach = (4.0 * sigma + 0.5) as i32;
    let weight = |offset: i32| (-0.5 * f64::from(offset * offset) / (sigma * sigma)).exp();
    let sum: f64 = (-reach..=reach).map(weight).sum();
    (0..=reach).map(|offset| (weight(offset) / sum) as f32).collect()
}

/// The Gaussian of an image of densities.
fn blurred(density: &[f32], columns: usize) -> Vec<f32> {
    gaussian(density, columns, 0..columns, &kernel(1.0), |value| *value)
}

/// The Gaussian of some columns of an image, mirrored at the borders.
///
/// Along rows first, so that nothing beside these columns is ever filtered or made a fraction.
fn gaussian<T>(
    image: &[T],
    columns: usize,
    wanted: Range<usize>,
    kernel: &[f32],
    value: impl Fn(&T) -> f32,
) -> Vec<f32> {
    let (rows, wide, reach) = (image.len() / columns, wanted.len(), kernel.len() - 1);
    // One row with its mirrored ends: those first, for only they have to be looked up one by one.
    let (first, last) = (wanted.start.saturating_sub(reach), (wanted.end + reach).min(columns));
    let before = reach + first - wanted.start;
    let mut line = vec![0.0; wide + 2 * reach];
    let ends: Vec<(usize, usize)> = (0..before)
        .chain(before + last - first..line.len())
        .map(|place| (place, mirrored((wanted.start + place) as isize - reach as isize, columns)))
        .collect();
    let mut along = vec![0.0; rows * wide];
    for (row, sums) in image.chunks_exact(columns).zip(along.chunks_exact_mut(wide)) {
        line[before..].iter_mut().zip(&row[first..last]).for_each(|(place, own)| *place = value(own));
        ends.iter().for_each(|(place, column)| line[*place] = value(&row[*column]));
        weigh(sums, kernel, |offset| &line[(reach as isize + offset) as usize..][..wide]);
    }
    let mut both = vec![0.0; rows * wide];
    for (row, sums) in both.chunks_exact_mut(wide).enumerate() {
        weigh(sums, kernel, |offset| &along[mirrored(row as isize + offset, rows) * wide..][..wide]);
    }
    both
}

/// The sum of lines at both sides of a middle one, each pair with its weight.
///
/// A few places at a time, so that their sums stay in registers over the whole kernel.
fn weigh<'a>(sums: &mut [f32], kernel: &[f32], line: impl Fn(isize) -> &'a [f32]) {
    const LANES: usize = 16;
    const MOST: usize = 17;
    let reach = kernel.len() as isize - 1;
    let mut lines: [&[f32]; MOST] = [&[]; MOST];
    for (offset, place) in (-reach..=reach).zip(&mut lines) {
        *place = line(offset);
    }
    let middle = reach as usize;
    let (whole, rest) = sums.as_chunks_mut::<LANES>();
    for (index, out) in whole.iter_mut().enumerate() {
        let part = |line: &[f32]| -> [f32; LANES] {
            let mut part = [0.0; LANES];
            part.copy_from_slice(&line[index * LANES..][..LANES]);
            part
        };
        let mut sum = part(lines[middle]).map(|value| kernel[0] * value);
        for (offset, weight) in kernel.iter().enumerate().skip(1) {
            let (before, after) = (part(lines[middle - offset]), part(lines[middle + offset]));
            for lane in 0..LANES {
                sum[lane] += weight * (before[lane] + after[lane]);
            }
        }
        *out = sum;
    }
    let done = whole.len() * LANES;
    for (index, out) in rest.iter_mut().enumerate() {
        let pair =
            |offset: usize| lines[middle - offset][done + index] + lines[middle + offset][done + index];
        let own = kernel[0] * lines[middle][done + index];
        *out =
            kernel.iter().enumerate().skip(1).fold(own, |sum, (offset, weight)| sum + weight * pair(offset));
    }
}

/// Index of a row or column beyond the border: the border pixel itself is repeated.
fn mirrored(index: isize, count: usize) -> usize {
    let count = count as isize;
    let index = if index < 0 { -1 - index } else { index };
    (if index >= count { 2 * count - 1 - index } else { index }).clamp(0, count - 1) as usize
}

fn above_middle(image: &[f32]) -> Vec<bool> {
    // Several at once: a minimum of one chain waits for each comparison.
    let (mut low, mut high) = ([f32::INFINITY; 8], [f32::NEG_INFINITY; 8]);
    let (whole, rest) = image.as_chunks::<8>();
    for values in whole {
        for lane in 0..8 {
            low[lane] = if values[lane] < low[lane] { values[lane] } else { low[lane] };
            high[lane] = if values[lane] > high[lane] { values[lane] } else { high[lane] };
        }
    }
    let low = low.iter().chain(rest).copied().fold(f32::INFINITY, f32::min);
    let high = high.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max);
    let middle = 0.5 * (low + high);
    image.iter().map(|value| *value > middle).collect()
}

/// Pixels and sum of one connected region.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    pixels: u32,
    sum: f64,
}

/// Pixels of one row that lie together.
struct Run {
    columns: Range<usize>,
    label: u32,
}

/// Regions whose pixels touch at sides or corners, in the order of their first pixel.
fn regions(mask: &[bool], density: &[f32], columns: usize) -> Vec<Sums> {
    let (mut parents, mut sums): (Vec<u32>, Vec<Sums>) = (Vec::new(), Vec::new());
    let mut above: Vec<Run> = Vec::new();
    for (mask, density) in mask.chunks_exact(columns).zip(density.chunks_exact(columns)) {
        let mut runs: Vec<Run> = Vec::with_capacity(above.len());
        let mut first = 0;
        while let Some(start) = next(mask, first, true) {
            let end = next(mask, start, false).unwrap_or(columns);
            // A run above touches if it reaches to a corner; those that end before are done with.
            let touching = above.iter().filter(|run| run.columns.end >= start && run.columns.start <= end);
            let label = touching.fold(None, |label, run| match label {
                None => Some(root(&mut parents, run.label)),
                Some(label) => Some(join(&mut parents, label, run.label)),
            });
            let label = label.unwrap_or_else(|| {
                parents.push(parents.len() as u32);
                sums.push(Sums::default());
                parents.len() as u32 - 1
            });
            sums[label as usize].add(&density[start..end]);
            runs.push(Run { columns: start..end, label });
            first = end;
        }
        above = runs;
    }
    gathered(&mut parents, &sums)
}

fn next(mask: &[bool], from: usize, wanted: bool) -> Option<usize> {
    mask[from..].iter().position(|inside| *inside == wanted).map(|offset| from + offset)
}

/// The sums of labels that were joined, under the first of them.
fn gathered(parents: &mut [u32], sums: &[Sums]) -> Vec<Sums> {
    let mut gathered = vec![Sums::default(); sums.len()];
    for (label, part) in sums.iter().enumerate() {
        let whole = &mut gathered[root(parents, label as u32) as usize];
        whole.pixels += part.pixels;
        whole.sum += part.sum;
    }
    gathered.into_iter().filter(|sums| sums.pixels > 0).collect()
}

impl Sums {
    fn add(&mut self, density: &[f32]) {
        self.pixels += density.len() as u32;
        self.sum += density.iter().map(|density| f64::from(*density)).sum::<f64>();
    }
}

fn root(parents: &mut [u32], label: u32) -> u32 {
    let mut label = label;
    while parents[label as usize] != label {
        parents[label as usize] = parents[parents[label as usize] as usize];
        label = parents[label as usize];
    }
    label
}

/// Joins two labels under the smaller, which came first.
fn join(parents: &mut [u32], one: u32, other: u32) -> u32 {
    let (one, other) = (root(parents, one), root(parents, other));
    let (first, second) = (one.min(other), one.max(other));
    parents[second as usize] = first;
    first
}

/// The four largest; of equal ones the first.
fn largest(regions: &[Sums]) -> impl Iterator<Item = Sums> {
    let mut sorted = regions.to_vec();
    sorted.sort_by_key(|sums| std::cmp::Reverse(sums.pixels));
    sorted.into_iter().take(4)
}

fn region(sums: Sums) -> Value {
    let (area, bmc) = (f64::from(sums.pixels) * PIXEL_CM2, sums.sum * PIXEL_CM2);
    let bmd = bmc / area;
    json!({ "area": area, "bmc": bmc, "bmd": bmd, "t": (bmd - REFERENCE.0) / REFERENCE.1 })
}

/// Rows at which the gradient summed over the middle fifth has a peak above twice its mean.
fn edges(lateral: &StoredPixels) -> usize {
    let (rows, columns) = (lateral.rows, lateral.columns);
    let middle = columns * 4 / 10..columns * 6 / 10;
    let around = middle.start.saturating_sub(1)..(middle.end + 1).min(columns);
    let blurred = gaussian(lateral.words(), columns, around.clone(), &kernel(2.0), |word| f32::from(*word));
    let wide = around.len();
    let profile: Vec<f32> = (0..rows)
        .map(|row| {
            let line = |offset: isize| &blurred[mirrored(row as isize + offset, rows) * wide..][..wide];
            gradient_sum([line(-1), line(0), line(1)], middle.start - around.start..middle.end - around.start)
        })
        .collect();
    let mean = profile.iter().sum::<f32>() / rows.max(1) as f32;
    let is_peak = |window: &&[f32]| window[1] > window[0] && window[1] >= window[2] && window[1] > 2.0 * mean;
    profile.windows(3).filter(is_peak).count()
}

/// Sum of Sobel's gradient over some columns of the middle of three rows.
fn gradient_sum([above, here, below]: [&[f32]; 3], columns: Range<usize>) -> f32 {
    const LANES: usize = 8;
    let last = here.len() - 1;
    let down = |column: usize| below[column] - above[column];
    let across = |column: usize| above[column] + 2.0 * here[column] + below[column];
    let gradient = |column: usize| {
        let (left, right) = (column.saturating_sub(1), (column + 1).min(last));
        let by_row = down(left) + 2.0 * down(column) + down(right);
        let by_column = across(right) - across(left);
        (by_row * by_row + by_column * by_column).sqrt()
    };
    // Where both neighbors are there, several at once.
    let (start, end) = (columns.start.max(1), columns.end.min(last));
    let blocks = end.saturating_sub(start) / LANES;
    let mut sums = [0.0f32; LANES];
    for block in 0..blocks {
        let first = start + block * LANES - 1;
        let part = |line: &[f32]| -> [f32; LANES + 2] {
            let mut part = [0.0; LANES + 2];
            part.copy_from_slice(&line[first..first + LANES + 2]);
            part
        };
        let (above, here, below) = (part(above), part(here), part(below));
        let (mut down, mut across) = ([0.0f32; LANES + 2], [0.0f32; LANES + 2]);
        for lane in 0..LANES + 2 {
            down[lane] = below[lane] - above[lane];
            across[lane] = above[lane] + 2.0 * here[lane] + below[lane];
        }
        for lane in 0..LANES {
            let by_row = down[lane] + 2.0 * down[lane + 1] + down[lane + 2];
            let by_column = across[lane + 2] - across[lane];
            sums[lane] += (by_row * by_row + by_column * by_column).sqrt();
        }
    }
    let rest = (columns.start..start.min(columns.end)).chain(start + blocks * LANES..columns.end);
    sums.iter().sum::<f32>() + rest.map(gradient).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_touch_at_corners_and_count_in_the_order_of_their_first_pixel() {
        let mask = [1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0].map(|inside| inside == 1);
        let density: Vec<f32> = (0..16u8).map(f32::from).collect();
        let found = regions(&mask, &density, 4);
        // 0 and 5 touch at a corner; 3 is alone; 11 and 12 are at opposite ends of two rows.
        assert_eq!(
            found.iter().map(|sums| (sums.pixels, sums.sum)).collect::<Vec<_>>(),
            [(2, 5.0), (1, 3.0), (1, 11.0), (1, 12.0)]
        );
    }

    #[test]
    fn a_gaussian_keeps_a_constant_and_its_mirror_repeats_the_border() {
        assert!(
            gaussian(&[3.0; 30], 6, 1..4, &kernel(1.0), |value| *value)
                .iter()
                .all(|value| (value - 3.0).abs() < 1e-6)
        );
        assert_eq!([-2, -1, 0, 4, 5, 6].map(|index| mirrored(index, 5)), [1, 0, 0, 4, 4, 3]);
    }
}
