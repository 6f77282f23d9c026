//! Transmission of both energies behind a column of matter, fast enough for every point of an image.
//!
//! A table of −ln(I/I₀) over bone, lean and fat is read by cubic interpolation in all three; it errs by less
//! than 10⁻⁵. Water and metal, which are rare, and thin tissue, behind which beams still change quickly, are
//! summed over the whole spectrum.

use std::sync::OnceLock;

use super::beam::{Beam, Energy, Spectrum};
use crate::scene::Column;

/// One side of the table.
#[derive(Clone, Copy, Debug)]
struct Axis {
    step: f64,
    nodes: usize,
}

/// Bone, lean and fat, g/cm²; the first node is zero.
const AXES: [Axis; 3] =
    [Axis { step: 0.16, nodes: 26 }, Axis { step: 1.5, nodes: 33 }, Axis { step: 1.5, nodes: 26 }];

/// Tissue that is too thin for the table, g/cm².
const THIN: f64 = 6.0;

/// Both energies of one beam.
#[derive(Clone, Debug)]
pub(crate) struct Transmission {
    spectra: [Spectrum; 2],
    /// −ln(I/I₀) of low and high; fat runs fastest, bone slowest.
    table: Vec<[f64; 2]>,
}

impl Transmission {
    /// That of a beam; every scan with one beam shares one table.
    pub(crate) fn of_beam(beam: Beam) -> &'static Self {
        static TABLES: [OnceLock<Transmission>; 4] = [const { OnceLock::new() }; 4];
        TABLES[beam as usize].get_or_init(|| Self::new(beam))
    }

    /// Sums the spectra at every node.
    fn new(beam: Beam) -> Self {
        let spectra = Energy::BOTH.map(|energy| beam.spectrum(energy));
        let [bone, lean, fat] = AXES;
        let nodes = (0..bone.nodes)
            .flat_map(|b| (0..lean.nodes).flat_map(move |l| (0..fat.nodes).map(move |f| (b, l, f))));
        let table = nodes.map(|(b, l, f)| {
            let amounts = [b as f64 * bone.step, l as f64 * lean.step, f as f64 * fat.step, 0.0, 0.0];
            spectra.each_ref().map(|spectrum| -libm::log(spectrum.transmission(&amounts)))
        });
        let table = table.collect();
        Self { spectra, table }
    }

    /// I/I₀ of low and high.
    pub(crate) fn of(&self, column: &Column) -> [f64; 2] {
        match self.log_attenuation(column) {
            Some(log) => log.map(|value| libm::exp(-value)),
            None => self.spectra.each_ref().map(|spectrum| spectrum.transmission(&column.amounts())),
        }
    }

    /// Variance of the signal of one photon over the square of its mean, low and high.
    pub(crate) fn spread(&self) -> [f64; 2] {
        self.spectra.each_ref().map(|spectrum| spectrum.spread)
    }

    fn log_attenuation(&self, column: &Column) -> Option<[f64; 2]> {
        if column.water > 0.0 || column.metal > 0.0 || column.lean + column.fat < THIN {
            return None;
        }
        let (bone, bone_weights) = AXES[0].place(column.bone)?;
        let (lean, lean_weights) = AXES[1].place(column.lean)?;
        let (fat, fat_weights) = AXES[2].place(column.fat)?;
        let mut sum = [0.0; 2];
        for (b, bone_weight) in bone_weights.iter().enumerate() {
            for (l, lean_weight) in lean_weights.iter().enumerate() {
                let start = ((bone + b) * AXES[1].nodes + lean + l) * AXES[2].nodes + fat;
                let nodes = self.table.get(start..start + 4)?;
                let weight = bone_weight * lean_weight;
                for (node, fat_weight) in nodes.iter().zip(fat_weights) {
                    sum[0] += weight * fat_weight * node[0];
                    sum[1] += weight * fat_weight * node[1];
                }
            }
        }
        Some(sum)
    }
}

impl Axis {
    /// The first of the four nodes around a value, and their weights after Lagrange.
    fn place(self, value: f64) -> Option<(usize, [f64; 4])> {
        let position = value / self.step;
        if !(0.0..=(self.nodes - 1) as f64).contains(&position) {
            return None;
        }
        let first = (position as usize).saturating_sub(1).min(self.nodes - 4);
        let t = position - first as f64;
        let (a, b, c, d) = (t, t - 1.0, t - 2.0, t - 3.0);
        Some((first, [-b * c * d / 6.0, a * c * d / 2.0, -a * b * d / 2.0, a * b * c / 6.0]))
    }
}

#[cfg(test)]
mod tests {
    use super::Transmission;
    use crate::physics::beam::{Beam, Energy};
    use crate::scene::Column;

    #[test]
    fn the_table_is_as_good_as_the_sum() {
        for beam in Beam::ALL {
            let table = Transmission::new(beam);
            for (bone, lean, fat) in
                [(0.07, 5.9, 0.4), (1.31, 21.3, 3.2), (2.9, 33.1, 17.7), (3.95, 46.9, 36.9)]
            {
                let column = Column { bone, lean, fat, ..Column::default() };
                for (found, energy) in table.of(&column).into_iter().zip(Energy::BOTH) {
                    let exact = beam.spectrum(energy).transmission(&column.amounts());
                    let error = libm::log(found / exact).abs();
                    assert!(error < 1e-5, "{beam:?} {energy:?} {column:?}: {error}");
                }
            }
        }
    }
}
