//! One measured region, whoever measured it.

use crate::context::NotAssessable;
use crate::geometry::Polygon;
use crate::site::{Side, Site};

/// How a number came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The device computed and wrote it.
    DeviceReported,
    /// This software computed it.
    Computed,
}

impl Origin {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DeviceReported => "device_reported",
            Self::Computed => "computed",
        }
    }
}

/// Scores as the device printed them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceScores {
    /// T-score.
    pub t: Option<f64>,
    /// Z-score.
    pub z: Option<f64>,
    /// Reference population as printed.
    pub reference: Option<String>,
}

/// What only a region that was measured on the image has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OnImage {
    /// Standard uncertainty of the density, g/cm².
    pub uncertainty_g_cm2: Option<f64>,
    /// Where the region ends; empty for totals, whose parts are listed.
    pub outline: Vec<Polygon>,
}

/// Area, content and density of one region of one scan.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// Index of the scan.
    pub scan: usize,
    /// Region.
    pub site: Site,
    /// Side.
    pub side: Option<Side>,
    /// Projected area, cm².
    pub area_cm2: Option<f64>,
    /// Bone mineral content, g.
    pub bmc_g: Option<f64>,
    /// Bone mineral density, g/cm².
    pub bmd_g_cm2: Option<f64>,
    /// Where the numbers come from.
    pub origin: Origin,
    /// How they were computed; `None` when the device reported them.
    pub method: Option<String>,
    /// The device's own scores.
    pub device: DeviceScores,
    /// Doubt about side or patient forbids scores of ours.
    pub withheld: bool,
    /// Where it was found on the image and how surely; `None` where nothing of it was measured on pixels.
    pub on_image: Option<OnImage>,
    /// Why a user left it out of totals, if one did.
    pub excluded: Option<NotAssessable>,
    /// Whether a user takes it in, whatever a rule says.
    pub included: bool,
}
