//! What pixels that bone fills in part lose by the logarithm of their mean intensity.

use ndarray::Array2;

use crate::field::{Field, Pixel};

/// Slopes are taken over about twice this distance: over less, noise looks like slope.
pub(crate) const SLOPE_MM: f64 = 0.5;

/// What every pixel lost, from the slopes of density around it.
pub(crate) struct Loss {
    /// Pixels to either side.
    reach: (usize, usize),
    /// What products of neighboring slopes are multiplied with.
    share: (f64, f64),
}

impl Loss {
    /// For pixels of a field with contrast k behind a blur σ: `k·(σ²ₓ·mₓ² + σ²ᵧ·mᵧ²)`.
    ///
    /// A pixel with density of variance v shows `k·v/2` too little. Over the distance over which blur and
    /// pixel spread a step, the squares of its slope hold half of that variance, hence the factor of 1.
    ///
    /// # Units
    /// Contrast in cm²/g, density in g/cm².
    pub(crate) fn of(field: &Field, blur_mm: f64) -> Self {
        let reach = |pixel_mm: f64| ((SLOPE_MM / pixel_mm).round() as usize).max(1);
        let share = |pixel_mm: f64| {
            let variance = blur_mm.powi(2) + pixel_mm.powi(2) / 12.0;
            // Three products of differences over twice the reach.
            field.contrast.of_small_steps() * variance
                / (3.0 * (2.0 * pixel_mm * reach(pixel_mm) as f64).powi(2))
        };
        let spacing = field.spacing;
        Self {
            reach: (reach(spacing.row_mm), reach(spacing.column_mm)),
            share: (share(spacing.row_mm), share(spacing.column_mm)),
        }
    }

    /// What every pixel lost.
    pub(crate) fn of_all(&self, field: &Field) -> Array2<f32> {
        let means = Array2::from_shape_fn(field.shape(), |at| self.around(field, at));
        Array2::from_shape_fn(field.shape(), |at| self.at(field, &means, at) as f32)
    }

    /// What one pixel lost; nothing at the border and beside pixels that are no tissue.
    ///
    /// The square of a slope is taken as product of slopes that share no pixel: noise would add its own
    /// variance to a square, and is zero in the mean here, so that single pixels may lose less than nothing.
    fn at(&self, field: &Field, means: &Array2<f64>, (row, column): (usize, usize)) -> f64 {
        let (rows, columns) = field.shape();
        let (down, across) = self.reach;
        if row < down || column < across || row + down >= rows || column + across >= columns {
            return 0.0;
        }
        let mut values = [[0.0; 3]; 3];
        for (r, line) in values.iter_mut().enumerate() {
            for (c, value) in line.iter_mut().enumerate() {
                let at = (row + r * down - down, column + c * across - across);
                if field.pixels[at] != Pixel::Tissue {
                    return 0.0;
                }
                *value = means[at];
            }
        }
        let [a, b, c] = values;
        let products = |[p, q, r]: [f64; 3]| p * q + q * r + p * r;
        let by_row = products([c[0] - a[0], c[1] - a[1], c[2] - a[2]]);
        let by_column = products([a[2] - a[0], b[2] - b[0], c[2] - c[0]]);
        self.share.0 * by_row + self.share.1 * by_column
    }

    /// Mean over the pixels that a reach stands for.
    fn around(&self, field: &Field, (row, column): (usize, usize)) -> f64 {
        let (rows, columns) = field.shape();
        let span = |at: usize, reach: usize, count: usize| {
            // Means that share no pixel.
            let half = (reach - 1) / 2;
            at.saturating_sub(half)..(at + half + 1).min(count)
        };
        let (mut sum, mut count) = (0.0, 0.0);
        for row in span(row, self.reach.0, rows) {
            for column in span(column, self.reach.1, columns) {
                sum += f64::from(field.values[(row, column)]);
                count += 1.0;
            }
        }
        sum / count
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::Loss;
    use crate::field::{Contrast, Field, Pixel, Quantity};
    use crate::study::PixelSpacing;

    /// Even soft tissue with noise of 0.05 g/cm², or none, beside a slope of bone, g/cm² a mm.
    fn field(noisy: bool, slope: f64) -> Field {
        let mut state = 1u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let values = Array2::from_shape_fn((200, 200), |(_, column)| {
            let noise = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
            (slope * 0.5 * column as f64 + if noisy { 0.05 * noise } else { 0.0 }) as f32
        });
        Field {
            pixels: Array2::from_elem(values.dim(), Pixel::Tissue),
            values,
            spacing: PixelSpacing { row_mm: 0.5, column_mm: 0.5 },
            quantity: Quantity::BoneDensity,
            contrast: Contrast::USUAL,
        }
    }

    #[test]
    fn a_slope_loses_what_its_variance_within_a_pixel_says_and_noise_nothing() {
        let blur_mm = 0.3f64;
        let variance = blur_mm.powi(2) + 0.25 / 12.0;
        let expected = Contrast::USUAL.of_small_steps() * variance * 0.2f64.powi(2);
        for (noisy, slope, expected) in [(false, 0.2, expected), (true, 0.2, expected), (true, 0.0, 0.0)] {
            let field = field(noisy, slope);
            let lost = Loss::of(&field, blur_mm).of_all(&field);
            // Pixels of the border lose nothing.
            let mean = lost.mapv(f64::from).sum() / 198.0f64.powi(2);
            assert!((mean - expected).abs() < 0.000_03, "{noisy} {slope}: {mean} for {expected}");
        }
    }
}
