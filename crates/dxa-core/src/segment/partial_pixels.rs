//! What pixels that bone fills in part lose by the logarithm of their mean intensity.

use crate::field::{Field, Pixel};

/// Slopes are taken over about twice this distance: over less, noise looks like slope.
const SLOPE_MM: f64 = 0.5;

/// What every pixel lost, from the slopes of density around it.
pub(crate) struct Loss {
    /// Pixels to either side.
    reach: (usize, usize),
    /// What the squares of Sobel's sums are multiplied with.
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
            // Sobel's weights add up to eight times the slope over its reach.
            field.contrast_cm2_g * variance / (8.0 * pixel_mm * reach(pixel_mm) as f64).powi(2)
        };
        let spacing = field.spacing;
        Self {
            reach: (reach(spacing.row_mm), reach(spacing.column_mm)),
            share: (share(spacing.row_mm), share(spacing.column_mm)),
        }
    }

    /// How far slopes reach beyond the pixel that they are given to, about.
    pub(crate) fn reach_mm(&self) -> f64 {
        SLOPE_MM
    }

    /// What one pixel lost; nothing at the border and beside pixels that are no tissue.
    pub(crate) fn at(&self, field: &Field, (row, column): (usize, usize)) -> f64 {
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
                *value = self.around(field, at);
            }
        }
        let [a, b, c] = values;
        let by_row = c[0] + 2.0 * c[1] + c[2] - a[0] - 2.0 * a[1] - a[2];
        let by_column = a[2] + 2.0 * b[2] + c[2] - a[0] - 2.0 * b[0] - c[0];
        self.share.0 * by_row * by_row + self.share.1 * by_column * by_column
    }

    /// Mean over the pixels that a reach stands for.
    fn around(&self, field: &Field, (row, column): (usize, usize)) -> f64 {
        let (rows, columns) = field.shape();
        let span = |at: usize, reach: usize, count: usize| {
            at.saturating_sub(reach / 2)..(at + reach / 2 + 1).min(count)
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
