//! What a caller decides about the scan itself: beam, raster, counts, faults, and the form of the files.

use super::acquire::{Acquisition, Filling, Jerk};
use crate::SimError;
use crate::physics::beam::Beam;
use crate::random::Random;
use crate::settings::Settings;

/// Photons for each mm² of the open beam as a scanner usually sends them.
const PHOTONS: f64 = 4.0e6;
/// Tissue from which on it slows down to get as many through, g/cm², and what each g/cm² more takes of them.
const SLOWS_FROM: f64 = 19.0;
const TAKEN: f64 = 0.29;
/// How much slower it can be.
const SLOWEST: f64 = 16.0;

/// How a scan leaves the scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Two images with their calibration.
    Pair(Scale),
    /// A map in g/cm².
    Map,
    /// An 8-bit picture.
    Display(Picture),
}

/// What the stored values of a pair are proportional to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// −ln(I/I₀).
    NegativeLog,
    /// I/I₀.
    Transmission,
}

/// What an 8-bit picture looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// How it shows bone.
    pub(crate) polarity: Polarity,
    /// Whether the lines of the regions are burnt into it.
    pub(crate) has_lines: bool,
}

/// How a picture shows bone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Polarity {
    /// Bone bright.
    Bright,
    /// Bone dark: the stored values are turned around.
    Dark,
    /// Bone bright to the reader, dark in the file, which says MONOCHROME1.
    Monochrome1,
}

impl Output {
    /// Reads `output`, `scale`, `polarity` and `burned_in`.
    ///
    /// # Errors
    /// A value that its key does not take.
    pub(crate) fn of(settings: &Settings) -> Result<Self, SimError> {
        let scales = [("negative_log", Scale::NegativeLog), ("transmission", Scale::Transmission)];
        let scale = settings.choice("scale", &scales, "negative_log or transmission")?;
        let polarities =
            [("bright", Polarity::Bright), ("dark", Polarity::Dark), ("monochrome1", Polarity::Monochrome1)];
        let polarity = settings.choice("polarity", &polarities, "bright, dark or monochrome1")?;
        let pair = Self::Pair(scale.unwrap_or(Scale::NegativeLog));
        let lines = settings.choice("burned_in", &[("none", false), ("lines", true)], "none or lines")?;
        let picture =
            Picture { polarity: polarity.unwrap_or(Polarity::Bright), has_lines: lines.unwrap_or(false) };
        let display = Self::Display(picture);
        let outputs = [("pair", pair), ("map", Self::Map), ("display", display)];
        // What only a picture has asks for one.
        let usual = if polarity.is_some() || lines.is_some() { display } else { pair };
        Ok(settings.choice("output", &outputs, "pair, map or display")?.unwrap_or(usual))
    }
}

impl Acquisition {
    /// Reads `beam`, `spacing`, `photons`, `blur`, `motion`, `fan`, `displaced` and `marrow`.
    ///
    /// `tissue` is the greatest amount of soft tissue, g/cm²: thick people are scanned more slowly.
    ///
    /// # Errors
    /// A value that its key does not take.
    pub(crate) fn of(
        settings: &Settings,
        tissue: f64,
        height_mm: f64,
        random: &mut Random,
    ) -> Result<Self, SimError> {
        let beams = Beam::ALL.map(|beam| (beam.name(), beam));
        let beam = settings.choice("beam", &beams, "kedge, switching, kedge100 or switching80")?;
        let spacing =
            settings.read("spacing", spacing, "rows x columns from 0.1 to 2.5 mm, as 0.25x0.30 or 0.5")?;
        let photons = settings.number("photons", [0.0, 1e12], "photons for each mm², 0 for no noise")?;
        let blur = settings.number("blur", [0.0, 3.0], "a standard deviation from 0 to 3 mm")?;
        let motion = settings.number("motion", [-30.0, 30.0], "a shift from -30 to 30 mm")?;
        let displaced = settings.number("displaced", [0.0, 1.0], "0 to 1 g of soft tissue")?;
        let marrow = settings.number("marrow", [0.0, 2.0], "0 to 2 g of fat")?;
        let fan = settings.number("fan", [0.0, 300.0], "a height from 0 to 300 mm")?;
        let slower = libm::exp(TAKEN * (tissue - SLOWS_FROM)).clamp(1.0, SLOWEST);
        Ok(Self {
            beam: beam.unwrap_or(Beam::KEdge),
            spacing: spacing.unwrap_or([0.5, 0.5]),
            photons: photons.unwrap_or(PHOTONS * slower),
            blur_mm: blur.unwrap_or(0.3),
            filling: Filling {
                displaced: displaced.unwrap_or(Filling::USUAL.displaced),
                marrow: marrow.unwrap_or(Filling::USUAL.marrow),
            },
            motion: motion
                .filter(|shift| *shift != 0.0)
                .map(|shift| jerk(shift, height_mm, random))
                .into_iter()
                .collect(),
            fan_height_mm: fan.unwrap_or(0.0),
        })
    }
}

/// A jerk in the middle half of the field: half of them are taken back 15 to 40 mm further down.
fn jerk(shift_mm: f64, height_mm: f64, random: &mut Random) -> Jerk {
    let from_mm = height_mm * random.uniform(0.25, 0.75);
    let stays = random.between(0, 1) == 0;
    let to_mm = if stays { f64::INFINITY } else { from_mm + random.uniform(15.0, 40.0) };
    Jerk { from_mm, to_mm, shift_mm }
}

/// Which visit of the person this is, from 1; each has its own position, thickness and noise.
///
/// # Errors
/// Anything but a whole number from 1 to 999.
pub(crate) fn visit(settings: &Settings) -> Result<u32, SimError> {
    let read = |value: &str| value.parse().ok().filter(|visit| (1..=999).contains(visit));
    Ok(settings.read("visit", read, "a whole number from 1 to 999")?.unwrap_or(1))
}

fn spacing(value: &str) -> Option<[f64; 2]> {
    let (row, column) = value.split_once('x').unwrap_or((value, value));
    let length = |text: &str| text.parse().ok().filter(|length| (0.1..=2.5).contains(length));
    Some([length(row)?, length(column)?])
}
