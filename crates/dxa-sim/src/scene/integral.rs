//! Area and mineral of a region, from its analytic shape.

use serde_json::{Value, json};

/// Side of a cell that lies inside a region, mm, and into how many parts each side is divided.
const CELL_MM: f64 = 0.5;
const INSIDE: u32 = 3;
/// Into how many parts each side of a cell on the outline is divided.
const OUTLINE: u32 = 8;

/// What a region holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Measured {
    /// Projected area, cm².
    pub(crate) area_cm2: f64,
    /// Bone mineral content, g.
    pub(crate) bmc_g: f64,
}

impl Measured {
    /// Several regions as one.
    pub(crate) fn sum(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self::default(), |sum, part| Self {
            area_cm2: sum.area_cm2 + part.area_cm2,
            bmc_g: sum.bmc_g + part.bmc_g,
        })
    }

    /// Its entry in the truth.
    pub(crate) fn to_json(self, site: &str) -> Value {
        let bmd = self.bmc_g / self.area_cm2;
        json!({ "site": site, "area_cm2": self.area_cm2, "bmc_g": self.bmc_g, "bmd_g_cm2": bmd })
    }
}

/// Integrates over a region within `[left, top, right, bottom]`, mm; `bone` is its density in g/cm² inside the
/// region and nothing outside.
///
/// Cells of half a millimeter are sampled in 3 × 3 points where all corners agree, in 8 × 8 elsewhere; area
/// and mineral of a vertebra then change by less than 0.05 % when both are doubled.
pub(crate) fn integrate(
    [left, top, right, bottom]: [f64; 4],
    bone: &dyn Fn(f64, f64) -> Option<f64>,
) -> Measured {
    let count = |length: f64| libm::ceil(length / CELL_MM).max(0.0) as u32;
    let (columns, rows) = (count(right - left), count(bottom - top));
    let corner = |row: u32, column: u32| {
        bone(left + f64::from(column) * CELL_MM, top + f64::from(row) * CELL_MM).is_some()
    };
    let corners = |row: u32| -> Vec<bool> { (0..=columns).map(|column| corner(row, column)).collect() };
    let mut sum = Measured::default();
    let mut upper = corners(0);
    for row in 0..rows {
        let lower = corners(row + 1);
        for (column, (a, b)) in (0..columns).zip(upper.windows(2).zip(lower.windows(2))) {
            let inside = a.iter().chain(b).filter(|inside| **inside).count();
            let parts = if inside == 4 { INSIDE } else { OUTLINE };
            let at = [left + f64::from(column) * CELL_MM, top + f64::from(row) * CELL_MM];
            if inside > 0 {
                let cell = cell(at, parts, bone);
                sum = Measured::sum([sum, cell]);
            }
        }
        upper = lower;
    }
    sum
}

fn cell([left, top]: [f64; 2], parts: u32, bone: &dyn Fn(f64, f64) -> Option<f64>) -> Measured {
    let step = CELL_MM / f64::from(parts);
    let middle = |start: f64, index: u32| start + (f64::from(index) + 0.5) * step;
    let points = (0..parts).flat_map(|row| (0..parts).map(move |column| (row, column)));
    let found = points.filter_map(|(row, column)| bone(middle(left, column), middle(top, row)));
    let (count, sum) = found.fold((0u32, 0.0), |(count, sum), bone| (count + 1, sum + bone));
    let cm2 = step * step / 100.0;
    Measured { area_cm2: f64::from(count) * cm2, bmc_g: sum * cm2 }
}

#[cfg(test)]
mod tests {
    use super::integrate;

    #[test]
    fn a_disc_with_a_cone_has_the_known_area_and_volume() {
        let cone = |x: f64, y: f64| {
            let radius = ((x - 20.3) * (x - 20.3) + (y - 17.1) * (y - 17.1)).sqrt();
            (radius < 15.0).then_some(1.0 - radius / 15.0)
        };
        let found = integrate([0.0, 0.0, 40.0, 40.0], &cone);
        let area = std::f64::consts::PI * 1.5 * 1.5;
        assert!((found.area_cm2 / area - 1.0).abs() < 1e-4, "{found:?}");
        assert!((found.bmc_g / (area / 3.0) - 1.0).abs() < 1e-4, "{found:?}");
    }
}
