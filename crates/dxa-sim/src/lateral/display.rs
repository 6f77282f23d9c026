//! From tissue behind pixels to an 8-bit picture: transmission, photons, and the window of a display.

use super::raster::Raster;
use crate::physics::beam::Beam;
use crate::physics::transmission::Transmission;
use crate::random::Random;
use crate::scene::Column;
use crate::scene::Frame;
use crate::scene::acquire::{blur, count};

/// How the picture is taken and shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Display {
    /// Photons for each mm² of the open beam; 0 for no noise.
    pub(super) photons: f64,
    /// How much of soft tissue is left in the mixture of both energies.
    pub(super) ground: f64,
    /// Blur of the detector, mm.
    pub(super) blur_mm: f64,
    /// Standard deviation of the brightness of a line.
    pub(super) line_noise: f64,
    /// Part of the slow changes of the picture that is taken off.
    pub(super) flatten: f64,
    /// Shares of pixels that are shown black and white.
    pub(super) clipped: [f64; 2],
    /// Exponent of the gray curve.
    pub(super) gamma: f64,
}

/// Width over which changes are slow, mm.
const SLOW_MM: f64 = 55.0;

/// The picture from 0 to 1, bone bright, rows × columns.
pub(super) fn show(raster: &Raster, display: &Display, random: &mut Random) -> Vec<f64> {
    let mut logs = logs(raster, display, random);
    let slow = smooth(&logs, raster, SLOW_MM);
    for (value, slow) in logs.iter_mut().zip(slow) {
        *value -= display.flatten * slow;
    }
    let mut sorted = logs.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share.clamp(0.0, 1.0)) as usize];
    let (black, white) = (at(display.clipped[0]), at(1.0 - display.clipped[1]));
    let part = |value: f64| ((value - black) / (white - black).max(1e-9)).clamp(0.0, 1.0);
    logs.into_iter().map(|value| libm::pow(part(value), display.gamma)).collect()
}

/// What the display is made of: ln of both energies as they were counted, in a mixture that nearly cancels lean.
///
/// `−ln I_low + k·ln I_high` with k a little below what lean needs, so that soft tissue is left as a faint ground.
fn logs(raster: &Raster, display: &Display, random: &mut Random) -> Vec<f64> {
    let transmission = Transmission::of_beam(Beam::KEdge);
    let layers = raster.bone.iter().zip(&raster.lean).zip(&raster.fat);
    let (mut low, mut high): (Vec<f64>, Vec<f64>) = layers
        .map(|((bone, lean), fat)| {
            let tissue = Column { lean: *lean, fat: *fat, ..Column::default() };
            let [low, high] = transmission.of(&tissue.with_bone(bone.clamp(0.0, 3.9)));
            (low, high)
        })
        .unzip();
    let typical = Column { lean: 24.0, ..Column::default() };
    let more = Column { lean: 25.0, ..Column::default() };
    let [a, b] = [typical, more].map(|column| transmission.of(&column).map(libm::log));
    let canceling = (b[0] - a[0]) / (b[1] - a[1]);
    let frame = Frame {
        rows: raster.rows as u16,
        columns: raster.columns as u16,
        spacing: raster.spacing,
        magnification: 1.0,
        middle_mm: 0.0,
    };
    for image in [&mut low, &mut high] {
        blur(image, &frame, display.blur_mm);
        count(image, display.photons * raster.spacing[0] * raster.spacing[1], 0.0, random);
    }
    let mut mixed = Vec::with_capacity(low.len());
    for (low, high) in low.chunks(raster.columns).zip(high.chunks(raster.columns)) {
        let shift = display.line_noise * crate::limb::draws::around(random, 0.0, 1.0);
        let log = |value: f64| libm::log(value.max(1e-7));
        mixed.extend(
            low.iter()
                .zip(high)
                .map(|(low, high)| shift - log(*low) + (canceling - display.ground) * log(*high)),
        );
    }
    mixed
}

/// The picture without changes faster than a width: three running means along both axes.
fn smooth(image: &[f64], raster: &Raster, width_mm: f64) -> Vec<f64> {
    let mut smooth = image.to_vec();
    let (columns, rows) = (raster.columns, raster.rows);
    let (across, down) =
        ((width_mm / raster.spacing[1] / 2.0) as usize, (width_mm / raster.spacing[0] / 2.0) as usize);
    for _ in 0..3 {
        for row in smooth.chunks_mut(columns) {
            let mean = running_mean(row, across);
            row.copy_from_slice(&mean);
        }
        for column in 0..columns {
            let line: Vec<f64> = (0..rows).map(|row| smooth[row * columns + column]).collect();
            for (row, mean) in running_mean(&line, down).into_iter().enumerate() {
                smooth[row * columns + column] = mean;
            }
        }
    }
    smooth
}

fn running_mean(line: &[f64], reach: usize) -> Vec<f64> {
    let mut sums = Vec::with_capacity(line.len() + 1);
    sums.push(0.0);
    let mut sum = 0.0;
    for value in line {
        sum += value;
        sums.push(sum);
    }
    let mean = |at: usize| {
        let (from, to) = (at.saturating_sub(reach), (at + reach + 1).min(line.len()));
        (sums[to] - sums[from]) / (to - from) as f64
    };
    (0..line.len()).map(mean).collect()
}
