//! The calibration of a scanner: polynomials of both log attenuations, fitted to a step wedge.
//!
//! The wedge is the scanner's own, so the fit is part of the simulation: a reader gets the coefficients with
//! the images and never sees the beam.

use std::sync::OnceLock;

use super::beam::{Beam, Energy};

/// Powers of the low and the high log attenuation in each term.
const TERMS: [(u32, u32); 14] = [
    (0, 1),
    (0, 2),
    (0, 3),
    (0, 4),
    (1, 0),
    (1, 1),
    (1, 2),
    (1, 3),
    (2, 0),
    (2, 1),
    (2, 2),
    (3, 0),
    (3, 1),
    (4, 0),
];
/// Steps of bone mineral: 0 to 2.6 g/cm².
const BONE_STEPS: u32 = 26;
const BONE_STEP: f64 = 0.1;
/// Steps of lean: 4 to 36 g/cm².
const LEAST_SOFT: f64 = 4.0;
const SOFT_STEPS: u32 = 32;
const SOFT_STEP: f64 = 1.0;

/// Coefficients of the fourteen terms, for g/cm².
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Calibration {
    /// Of bone mineral.
    pub(crate) bone: [f64; 14],
    /// Of soft tissue.
    pub(crate) soft: [f64; 14],
}

/// One step of the wedge.
#[derive(Clone, Copy, Debug)]
struct Step {
    bone: f64,
    soft: f64,
    /// −ln(I/I₀) of low and high.
    log: [f64; 2],
}

impl Calibration {
    /// That of a scanner with this beam; it measures its wedge once.
    pub(crate) fn of_beam(beam: Beam) -> &'static Self {
        static CALIBRATIONS: [OnceLock<Calibration>; 4] = [const { OnceLock::new() }; 4];
        CALIBRATIONS[beam as usize].get_or_init(|| Self::of(beam))
    }

    /// Measures the wedge with a beam and fits both polynomials by least squares.
    fn of(beam: Beam) -> Self {
        let steps = wedge(beam);
        let scale =
            [0, 1].map(|energy: usize| steps.iter().fold(1.0, |most: f64, step| most.max(step.log[energy])));
        let rows: Vec<[f64; 14]> =
            steps.iter().map(|step| terms([step.log[0] / scale[0], step.log[1] / scale[1]])).collect();
        let fit = |wanted: fn(&Step) -> f64| {
            let scaled = least_squares(rows.clone(), steps.iter().map(wanted).collect());
            let unscale = terms(scale);
            std::array::from_fn(|term| scaled[term] / unscale[term])
        };
        Self { bone: fit(|step| step.bone), soft: fit(|step| step.soft) }
    }

    /// Bone and soft tissue behind these log attenuations, g/cm².
    pub(crate) fn invert(&self, log: [f64; 2]) -> [f64; 2] {
        let terms = terms(log);
        [&self.bone, &self.soft].map(|of| terms.iter().zip(of).map(|(term, factor)| term * factor).sum())
    }
}

fn wedge(beam: Beam) -> Vec<Step> {
    let spectra = Energy::BOTH.map(|energy| beam.spectrum(energy));
    let step = |bone: u32, soft: u32| {
        let (bone, soft) = (f64::from(bone) * BONE_STEP, LEAST_SOFT + f64::from(soft) * SOFT_STEP);
        let amounts = [bone, soft, 0.0, 0.0, 0.0];
        let log = spectra.each_ref().map(|spectrum| -libm::log(spectrum.transmission(&amounts)));
        Step { bone, soft, log }
    };
    let bones = 0..=BONE_STEPS;
    bones
        .flat_map(|bone| (0..=SOFT_STEPS).map(move |soft| (bone, soft)))
        .map(|(bone, soft)| step(bone, soft))
        .collect()
}

fn terms([low, high]: [f64; 2]) -> [f64; 14] {
    let power = |value: f64, power: u32| (0..power).fold(1.0, |product, _| product * value);
    TERMS.map(|(i, j)| power(low, i) * power(high, j))
}

/// The factors that bring `rows` nearest to `wanted`, by modified Gram-Schmidt with the wanted values as a
/// last column, which is as accurate as Householder's reflections.
///
/// # References
/// Björck 1967, doi 10.1007/BF01934122.
fn least_squares(mut rows: Vec<[f64; 14]>, mut wanted: Vec<f64>) -> [f64; 14] {
    let mut upper = [[0.0; 14]; 14];
    let mut right = [0.0; 14];
    for k in 0..14 {
        let norm = rows.iter().map(|row| row[k] * row[k]).sum::<f64>().sqrt();
        upper[k][k] = norm;
        rows.iter_mut().for_each(|row| row[k] /= norm);
        for j in k + 1..14 {
            let shared: f64 = rows.iter().map(|row| row[k] * row[j]).sum();
            upper[k][j] = shared;
            rows.iter_mut().for_each(|row| row[j] -= shared * row[k]);
        }
        right[k] = rows.iter().zip(&wanted).map(|(row, value)| row[k] * value).sum();
        let shared = right[k];
        rows.iter().zip(&mut wanted).for_each(|(row, value)| *value -= shared * row[k]);
    }
    back_substituted(&upper, right)
}

fn back_substituted(upper: &[[f64; 14]; 14], mut right: [f64; 14]) -> [f64; 14] {
    for k in (0..14).rev() {
        let known: f64 = (k + 1..14).map(|j| upper[k][j] * right[j]).sum();
        right[k] = (right[k] - known) / upper[k][k];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::Calibration;
    use crate::physics::beam::{Beam, Energy};

    /// Worst error between the steps of the wedge, over bone 0 to 2.5 and lean 5 to 35 g/cm².
    fn worst(beam: Beam) -> f64 {
        let calibration = Calibration::of(beam);
        let spectra = Energy::BOTH.map(|energy| beam.spectrum(energy));
        let mut worst = 0.0_f64;
        for b in 0..=36 {
            for s in 0..=30 {
                let (bone, lean) = (f64::from(b) * 2.5 / 36.0, 5.0 + f64::from(s));
                let amounts = [bone, lean, 0.0, 0.0, 0.0];
                let log = spectra.each_ref().map(|spectrum| -libm::log(spectrum.transmission(&amounts)));
                worst = worst.max((calibration.invert(log)[0] - bone).abs());
            }
        }
        worst
    }

    #[test]
    fn the_inverse_errs_by_no_more_than_the_published_prototype() {
        for beam in [Beam::KEdge, Beam::Switching, Beam::KEdge100] {
            assert!(worst(beam) <= 0.0006, "{beam:?}: {}", worst(beam));
        }
        // Its energies lie so far apart that four powers do less well.
        assert!(worst(Beam::Switching80) <= 0.002, "{}", worst(Beam::Switching80));
    }
}
