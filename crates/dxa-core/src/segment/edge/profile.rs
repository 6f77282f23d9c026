//! Values across an edge, and where they fall to half of it.

use ndarray::Array2;

use super::fit::Behind;
use crate::geometry::DetectorPoint;
use crate::segment::grid::catmull_rom;
use crate::study::PixelSpacing;

/// Distance between the samples of a profile.
const SAMPLE_MM: f64 = 0.125;
/// The edge lies within this distance of the first outline.
const REACH_MM: f64 = 1.5;
/// Two depths inside of the edge from which the density at the edge itself is extrapolated, with small pixels.
const DEPTHS_MM: [f64; 2] = [0.75, 1.75];
/// Large pixels spread the edge deeper than that: by half of their length, and this.
const BLURRED_MM: f64 = 0.5;
/// The density at the edge is at least this share of that at the first depth.
const LEAST_SHARE: f64 = 0.25;
/// Rounds in which edge and depths are fitted to each other.
const ROUNDS: usize = 5;

/// A field with samples finer than its pixels.
pub(super) struct Samples<'a> {
    pub(super) values: &'a Array2<f32>,
    /// Size of a sample.
    pub(super) spacing: PixelSpacing,
}

/// Values along a normal, from far inside to far outside.
pub(super) struct Profile([f64; SAMPLES]);

const INSIDE_MM: f64 = 3.5;
const SAMPLES: usize = 45;

impl Profile {
    /// `None` where it leaves the image.
    pub(super) fn across(samples: &Samples<'_>, place: DetectorPoint, (x, y): (f64, f64)) -> Option<Self> {
        let mut values = [0.0; SAMPLES];
        for (index, value) in values.iter_mut().enumerate() {
            let offset = index as f64 * SAMPLE_MM - INSIDE_MM;
            *value = samples.at(place.y_mm + offset * y, place.x_mm + offset * x)?;
        }
        Some(Self(values))
    }

    pub(super) fn mean<'a>(profiles: impl Iterator<Item = &'a Self>) -> Option<Self> {
        let (mut sum, mut count) = ([0.0; SAMPLES], 0.0);
        for profile in profiles {
            sum.iter_mut().zip(profile.0).for_each(|(sum, value)| *sum += value);
            count += 1.0;
        }
        (count > 0.0).then(|| Self(sum.map(|sum| sum / count)))
    }

    pub(super) fn at(&self, offset_mm: f64) -> f64 {
        let place = ((offset_mm + INSIDE_MM) / SAMPLE_MM).clamp(0.0, (SAMPLES - 2) as f64);
        let index = place as usize;
        self.0[index] + (place - index as f64) * (self.0[index + 1] - self.0[index])
    }

    /// Where the step is half as high as the density that its inside points to, and that half, for pixels that
    /// are so long across the edge.
    pub(super) fn edge(&self, pixel_mm: f64, behind: Behind) -> Option<(f64, f64)> {
        let first = DEPTHS_MM[0].max(BLURRED_MM + 0.5 * pixel_mm);
        let apart = (DEPTHS_MM[1] - DEPTHS_MM[0]).max(pixel_mm);
        let (mut offset, mut half) = (0.0, 0.0);
        for _ in 0..ROUNDS {
            let (near, deep) = (self.at(offset - first), self.at(offset - first - apart));
            let slope = match behind {
                Behind::Level => 0.0,
                Behind::Sloped => (deep - near).max(0.0) / apart,
            };
            half = 0.5 * (near - slope * first).max(LEAST_SHARE * near);
            if half <= 0.0 {
                return None;
            }
            offset = self.falls_below(half, offset - first)?.clamp(-REACH_MM, REACH_MM);
        }
        Some((offset, half))
    }

    /// The first place outward of another where the values fall below one.
    fn falls_below(&self, value: f64, from_mm: f64) -> Option<f64> {
        let first = ((from_mm + INSIDE_MM) / SAMPLE_MM).max(0.0) as usize;
        let index =
            (first..SAMPLES - 1).find(|index| self.0[*index] >= value && self.0[index + 1] < value)?;
        let part = (self.0[index] - value) / (self.0[index] - self.0[index + 1]);
        Some((index as f64 + part) * SAMPLE_MM - INSIDE_MM)
    }
}

impl Samples<'_> {
    /// Value between samples by Catmull-Rom splines; `None` outside of the image.
    fn at(&self, y_mm: f64, x_mm: f64) -> Option<f64> {
        let (rows, columns) = self.values.dim();
        let (down, across) = (y_mm / self.spacing.row_mm - 0.5, x_mm / self.spacing.column_mm - 0.5);
        let inside = |place: f64, count: usize| (0.0..=(count - 1) as f64).contains(&place);
        if !inside(down, rows) || !inside(across, columns) {
            return None;
        }
        let (row, column) = (down as usize, across as usize);
        let weights = |place: f64, base: usize| catmull_rom((place - base as f64) as f32);
        let (by_row, by_column) = (weights(down, row), weights(across, column));
        let tap = |base: usize, tap: usize, count: usize| (base + tap).saturating_sub(1).min(count - 1);
        let along = |row: usize| -> f32 {
            (0..4).map(|index| by_column[index] * self.values[(row, tap(column, index, columns))]).sum()
        };
        Some(f64::from((0..4).map(|index| by_row[index] * along(tap(row, index, rows))).sum::<f32>()))
    }
}
