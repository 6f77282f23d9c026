//! A scan: every pixel of a raster exposed at both energies, with everything that a detector adds.

use super::noise::poisson;
use super::{Anatomy, BONE_DISPLACES, Column, Frame};
use crate::physics::beam::Beam;
use crate::physics::transmission::Transmission;
use crate::random::Random;

/// Distance from the source to the plane in which a fan beam has its nominal size, mm.
const SOURCE_DISTANCE_MM: f64 = 1000.0;

/// How a scan is taken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Acquisition {
    /// Both spectra and the detector.
    pub(crate) beam: Beam,
    /// Row and column spacing, mm.
    pub(crate) spacing: [f64; 2],
    /// Photons of each unattenuated beam for each mm² of the image; none for a scan without noise.
    pub(crate) photons: f64,
    /// Standard deviation of the blur of the detector, mm.
    pub(crate) blur_mm: f64,
    /// What bone takes the place of.
    pub(crate) filling: Filling,
    /// Jerks of the person.
    pub(crate) motion: Vec<Jerk>,
    /// Height of the bone above the plane in which a fan beam has its nominal size, mm.
    pub(crate) fan_height_mm: f64,
}

/// What bone takes the place of, other than in the anatomies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Filling {
    /// Soft tissue that a gram of bone mineral displaces, g.
    pub(crate) displaced: f64,
    /// Fat that comes with a gram of bone mineral in the place of muscle, g.
    pub(crate) marrow: f64,
}

impl Filling {
    /// What the anatomies have already.
    pub(crate) const USUAL: Self = Self { displaced: BONE_DISPLACES, marrow: 0.0 };

    fn of(self, column: Column) -> Column {
        if self == Self::USUAL {
            return column;
        }
        let (back, fat) = ((BONE_DISPLACES - self.displaced) * column.bone, self.marrow * column.bone);
        let fat = fat.min(column.lean + back).max(0.0);
        Column { lean: (column.lean + back - fat).max(0.0), fat: column.fat + fat, ..column }
    }
}

/// From one row on, for a while, the person lies elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Jerk {
    /// Where it begins, mm from the upper edge.
    pub(crate) from_mm: f64,
    /// Where it ends.
    pub(crate) to_mm: f64,
    /// How far to the right, mm.
    pub(crate) shift_mm: f64,
}

/// Both images as shares of the unattenuated signal.
#[derive(Clone, Debug)]
pub(crate) struct Exposure {
    /// The raster.
    pub(crate) frame: Frame,
    /// I/I₀ of low and high, rows × columns each.
    pub(crate) transmission: [Vec<f64>; 2],
}

/// Scans an anatomy.
///
/// Intensity is averaged over each pixel before anything takes its logarithm: the corners of a pixel tell how
/// finely it must be divided for that.
pub(crate) fn acquire(anatomy: &dyn Anatomy, acquisition: &Acquisition, random: &mut Random) -> Exposure {
    let frame = Frame::covering(anatomy, acquisition.spacing, acquisition.magnification());
    let is_fine = anatomy.has_edges_along_pixels();
    let parts = frame.spacing.map(|pixel_mm| blurred_in_parts(pixel_mm, acquisition.blur_mm, is_fine));
    let fine = Frame {
        rows: frame.rows * parts[0],
        columns: frame.columns * parts[1],
        spacing: [frame.spacing[0] / f64::from(parts[0]), frame.spacing[1] / f64::from(parts[1])],
        ..frame
    };
    let mut scanner = Scanner::new(anatomy, acquisition, fine);
    let mut transmission = scanner.expose();
    let spread = scanner.transmission.spread();
    for (image, spread) in transmission.iter_mut().zip(spread) {
        blur(image, &fine, acquisition.blur_mm);
        *image = averaged(image, &fine, parts);
        count(image, acquisition.photons * acquisition.spacing[0] * acquisition.spacing[1], spread, random);
    }
    Exposure { frame, transmission }
}

impl Acquisition {
    /// How much wider than life bone appears along a row.
    ///
    /// M = D/(D − z) for a source at distance D and bone at height z; along the travel of the fan it is 1.
    pub(crate) fn magnification(&self) -> f64 {
        SOURCE_DISTANCE_MM / (SOURCE_DISTANCE_MM - self.fan_height_mm)
    }

    fn shift_mm(&self, y_mm: f64) -> f64 {
        let now = |jerk: &&Jerk| (jerk.from_mm..jerk.to_mm).contains(&y_mm);
        self.motion.iter().filter(now).map(|jerk| jerk.shift_mm).sum()
    }
}

/// An exposure under way.
struct Scanner<'a> {
    anatomy: &'a dyn Anatomy,
    acquisition: &'a Acquisition,
    frame: Frame,
    transmission: &'static Transmission,
    /// The last column that was asked for, and its answer: phantoms ask for the same again and again.
    last: (Column, [f64; 2]),
}

impl<'a> Scanner<'a> {
    fn new(anatomy: &'a dyn Anatomy, acquisition: &'a Acquisition, frame: Frame) -> Self {
        let transmission = Transmission::of_beam(acquisition.beam);
        Self { anatomy, acquisition, frame, transmission, last: (Column::default(), [1.0; 2]) }
    }

    fn expose(&mut self) -> [Vec<f64>; 2] {
        let mut images = [Vec::new(), Vec::new()];
        let [row_mm, _] = self.frame.spacing;
        let mut above: Option<(f64, Vec<Column>)> = None;
        for row in 0..self.frame.rows {
            let top = f64::from(row) * row_mm;
            let shift = self.acquisition.shift_mm(top + 0.5 * row_mm);
            let upper = match above.take() {
                #[expect(clippy::float_cmp, reason = "the same jerk gives the same shift")]
                Some((before, columns)) if before == shift => columns,
                _ => self.corners(top, shift),
            };
            let lower = self.corners(top + row_mm, shift);
            self.expose_row([&upper, &lower], top, shift, &mut images);
            above = Some((shift, lower));
        }
        images
    }

    /// What lies at the corners of a row of pixels.
    fn corners(&self, y_mm: f64, shift_mm: f64) -> Vec<Column> {
        let step = self.frame.spacing[1];
        (0..=self.frame.columns).map(|column| self.at(f64::from(column) * step, y_mm, shift_mm)).collect()
    }

    fn at(&self, x_mm: f64, y_mm: f64, shift_mm: f64) -> Column {
        self.acquisition.filling.of(self.anatomy.column(self.frame.behind(x_mm - shift_mm), y_mm))
    }

    fn expose_row(&mut self, corners: [&[Column]; 2], top: f64, shift: f64, images: &mut [Vec<f64>; 2]) {
        let [upper, lower] = corners.map(|line| line.windows(2));
        for (index, (upper, lower)) in upper.zip(lower).enumerate() {
            let (&[a, b], &[c, d]) = (upper, lower) else { continue };
            let corners = [a, b, c, d];
            let found = match divisions(&corners) {
                1 => self.through(&mean(&corners)),
                parts => self.average(index as f64 * self.frame.spacing[1], top, shift, parts),
            };
            images[0].push(found[0]);
            images[1].push(found[1]);
        }
    }

    /// Mean intensity over a pixel that is divided into `parts` × `parts`.
    fn average(&mut self, left: f64, top: f64, shift: f64, parts: u32) -> [f64; 2] {
        let [row_mm, column_mm] = self.frame.spacing;
        let middle = |index: u32| (f64::from(index) + 0.5) / f64::from(parts);
        let mut sum = [0.0; 2];
        for row in 0..parts {
            for column in 0..parts {
                let point = self.at(left + middle(column) * column_mm, top + middle(row) * row_mm, shift);
                let [low, high] = self.through(&point);
                sum[0] += low;
                sum[1] += high;
            }
        }
        sum.map(|sum| sum / f64::from(parts * parts))
    }

    fn through(&mut self, column: &Column) -> [f64; 2] {
        if self.last.0 != *column {
            self.last = (*column, self.transmission.of(column));
        }
        self.last.1
    }
}

/// Into how many parts each side of a pixel is divided, from what its corners differ by.
///
/// Where bone changes by r within a pixel, its middle errs by about ½μ²r²/12 in the logarithm: 0.0001 for the
/// first limit. Gas and fat change more for as little.
fn divisions(corners: &[Column; 4]) -> u32 {
    let range = |of: fn(&Column) -> f64| {
        let values = corners.iter().map(of);
        values.clone().fold(f64::MIN, f64::max) - values.fold(f64::MAX, f64::min)
    };
    let bone = range(|column| column.bone + 2.0 * column.metal);
    let tissue = range(|column| column.lean + column.fat + column.water);
    match bone.max(0.2 * tissue) {
        range if range < 0.03 => 1,
        range if range < 0.1 => 2,
        range if range < 0.25 => 4,
        _ => 8,
    }
}

fn mean(corners: &[Column; 4]) -> Column {
    let mean = |of: fn(&Column) -> f64| corners.iter().map(of).sum::<f64>() / 4.0;
    Column {
        bone: mean(|column| column.bone),
        lean: mean(|column| column.lean),
        fat: mean(|column| column.fat),
        water: mean(|column| column.water),
        metal: mean(|column| column.metal),
    }
}

/// Larger pixels are blurred in parts: whole ones cannot be moved by less than their size.
const BLURRED_WHOLE_MM: f64 = 0.5;
/// Parts are at most this large.
const BLURRED_PART_MM: f64 = 0.36;
/// Parts in which the steps of the blur do not show, even along straight edges.
const FINE_PART_MM: f64 = 0.1;

fn blurred_in_parts(pixel_mm: f64, blur_mm: f64, is_fine: bool) -> u16 {
    let part_mm = match is_fine {
        true => FINE_PART_MM,
        false if pixel_mm <= BLURRED_WHOLE_MM => pixel_mm,
        false => BLURRED_PART_MM,
    };
    if blur_mm > 0.0 { libm::ceil(pixel_mm / part_mm) as u16 } else { 1 }
}

/// The mean of the parts of every pixel.
fn averaged(image: &[f64], fine: &Frame, [down, across]: [u16; 2]) -> Vec<f64> {
    if [down, across] == [1, 1] {
        return image.to_vec();
    }
    let (down, across, columns) = (usize::from(down), usize::from(across), usize::from(fine.columns));
    let mut means = Vec::with_capacity(image.len() / (down * across));
    for rows in image.chunks(down * columns) {
        for left in (0..columns).step_by(across) {
            let parts = rows.chunks(columns).filter_map(|row| row.get(left..left + across));
            means.push(parts.flatten().sum::<f64>() / (down * across) as f64);
        }
    }
    means
}

/// Spreads every pixel over its neighbors with a Gaussian, along rows and then along columns.
pub(crate) fn blur(image: &mut [f64], frame: &Frame, sigma_mm: f64) {
    if sigma_mm <= 0.0 {
        return;
    }
    let (rows, columns) = (usize::from(frame.rows), usize::from(frame.columns));
    let along_rows = kernel(sigma_mm / frame.spacing[1]);
    for row in image.chunks_mut(columns) {
        let before = row.to_vec();
        spread(&before, &along_rows, row.iter_mut());
    }
    let along_columns = kernel(sigma_mm / frame.spacing[0]);
    for column in 0..columns {
        let before: Vec<f64> = image.iter().skip(column).step_by(columns).copied().collect();
        spread(&before, &along_columns, image.iter_mut().skip(column).step_by(columns).take(rows));
    }
}

fn spread<'a>(before: &[f64], kernel: &[f64], after: impl Iterator<Item = &'a mut f64>) {
    let reach = kernel.len() / 2;
    let last = before.len().saturating_sub(1);
    for (index, value) in after.enumerate() {
        let at = |offset: usize| {
            before.get((index + offset).saturating_sub(reach).min(last)).copied().unwrap_or_default()
        };
        *value = kernel.iter().enumerate().map(|(offset, weight)| weight * at(offset)).sum();
    }
}

/// Shares of a Gaussian within each pixel around its middle; `sigma` in pixels.
fn kernel(sigma: f64) -> Vec<f64> {
    let reach = libm::ceil(4.0 * sigma) as i32;
    let below = |edge: f64| 0.5 * (1.0 + libm::erf(edge / (sigma * std::f64::consts::SQRT_2)));
    let share = |pixel: i32| below(f64::from(pixel) + 0.5) - below(f64::from(pixel) - 0.5);
    let shares: Vec<f64> = (-reach..=reach).map(share).collect();
    let sum: f64 = shares.iter().sum();
    shares.into_iter().map(|share| share / sum).collect()
}

/// Replaces each signal by what arrives of `photons` of them; each photon's own energy adds `spread`.
pub(crate) fn count(image: &mut [f64], photons: f64, spread: f64, random: &mut Random) {
    if photons <= 0.0 {
        return;
    }
    // As many equal quanta as have the same mean and variance together.
    let quanta = photons / (1.0 + spread);
    for value in image {
        *value = poisson(*value * quanta, random) / quanta;
    }
}
