//! What a user changed in a result: outlines, lines and exclusions, by scan.

use std::collections::BTreeMap;

use crate::context::NotAssessable;
use crate::geometry::ImagePoint;
use crate::site::{ForearmPart, Side, Site};
use crate::study::ScanKind;
use crate::vertebra::{FractureReading, Level, SixPoints};

/// The corrections of one study, by index of the scan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corrections {
    /// Only scans that were spoken of.
    pub scans: BTreeMap<usize, ScanCorrections>,
}

/// What is said of one scan; what equals the automatic result changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScanCorrections {
    /// Outlines of regions, in pixels.
    pub outlines: Vec<CorrectedOutline>,
    /// Lines that cut the bone, by the name of their landmark, in pixels.
    pub lines: Vec<CorrectedLine>,
    /// The neck box of a hip, in pixels; its corners in the order of the landmark.
    pub neck_box: Option<[ImagePoint; 4]>,
    /// Regions that a user leaves out of totals.
    pub exclusions: Vec<Exclusion>,
    /// Regions that a user takes in, whatever a rule says.
    pub inclusions: Vec<(Site, Option<Side>)>,
    /// Vertebrae of a lateral scan.
    pub vertebrae: Vec<CorrectedVertebra>,
    /// By how many levels the labels of a lateral scan are moved: 1 makes every body one level lower.
    pub level_shift: i8,
}

/// A vertebra as a user wants it, named after a shift of the levels.
#[derive(Clone, Debug, PartialEq)]
pub struct CorrectedVertebra {
    /// Level.
    pub level: Level,
    /// Its points, in pixels.
    pub points: Option<SixPoints<ImagePoint>>,
    /// Whether it can be measured, where the user says so.
    pub evaluable: Option<bool>,
    /// Whether the user says that the points are right as they are.
    pub confirmed: bool,
    /// What the user says of a suspected fracture.
    pub fracture: Option<FractureReading>,
}

impl CorrectedVertebra {
    /// Whether it says anything of the points or of whether they can be measured.
    #[must_use]
    pub fn is_about_points(&self) -> bool {
        self.points.is_some() || self.evaluable.is_some() || self.confirmed
    }
}

/// The outline of a region as a user wants it.
#[derive(Clone, Debug, PartialEq)]
pub struct CorrectedOutline {
    /// Region.
    pub site: Site,
    /// Side, where the region has one.
    pub side: Option<Side>,
    /// Its corners in order; the last is joined to the first.
    pub corners: Vec<ImagePoint>,
}

/// A line as a user wants it.
#[derive(Clone, Debug, PartialEq)]
pub struct CorrectedLine {
    /// Name of the landmark, as `disc_l1_l2`.
    pub name: String,
    /// Its two ends.
    pub ends: [ImagePoint; 2],
}

/// A region that a user leaves out of totals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exclusion {
    /// Region.
    pub site: Site,
    /// Side, where the region has one.
    pub side: Option<Side>,
    /// Why.
    pub reason: NotAssessable,
}

/// Whether a site has an outline of its own on a scan of this anatomy; totals have none.
#[must_use]
pub fn is_measured(kind: ScanKind, site: Site) -> bool {
    match site {
        Site::Lumbar(set) => kind == ScanKind::ApSpine && set.len() == 1,
        Site::FemoralNeck | Site::Trochanter | Site::Intertrochanter | Site::Wards => kind == ScanKind::Hip,
        Site::Forearm(_, part) => kind == ScanKind::Forearm && part != ForearmPart::Total,
        Site::TotalHip | Site::TotalBody | Site::TotalBodyLessHead => false,
    }
}

impl Corrections {
    /// What is said of a scan.
    #[must_use]
    pub fn of_scan(&self, scan: usize) -> ScanCorrections {
        self.scans.get(&scan).cloned().unwrap_or_default()
    }
}

impl ScanCorrections {
    /// Why a user leaves a region out, if one does.
    #[must_use]
    pub fn excluded(&self, site: Site, side: Option<Side>) -> Option<NotAssessable> {
        let is_it = |exclusion: &&Exclusion| exclusion.site == site && exclusion.side == side;
        self.exclusions.iter().find(is_it).map(|exclusion| exclusion.reason)
    }

    /// Whether a user takes a region in, whatever a rule says.
    #[must_use]
    pub fn included(&self, site: Site, side: Option<Side>) -> bool {
        self.inclusions.contains(&(site, side))
    }
}
