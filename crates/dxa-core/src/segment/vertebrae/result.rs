//! What the search for vertebrae gives.

use super::image::LateralImage;
use crate::geometry::{Covariance, DetectorPoint, ImagePoint};
use crate::vertebra::{Level, SixPoints};

/// Where the front of the body is on the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facing {
    /// Anterior at the left edge of the image.
    Left,
    /// Anterior at the right edge.
    Right,
}

impl Facing {
    /// −1 where anterior is at small x, +1 where it is at large x.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Left => -1.0,
            Self::Right => 1.0,
        }
    }
}

/// A body of the spine before its points are fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct RoughVertebra {
    /// Its place from T1 (0) to L5 (16): its row of the spine model.
    pub row: usize,
    /// Its six points by the template of its level, millimeters from the corner of the image.
    pub points: SixPoints<DetectorPoint>,
    /// How strongly it shows in the image; a body in plain sight has 3 and more.
    pub score: f64,
    /// Whether it was filled in between or beyond the bodies of the chain.
    pub filled: bool,
}

impl RoughVertebra {
    /// Its level, where morphometry has a name for it (T4 to L5).
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        self.row.checked_sub(3).and_then(|index| Level::ALL.get(index)).copied()
    }
}

/// The bodies of a spine from above, before their points are fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct RoughSpine {
    /// Bodies from above.
    pub bodies: Vec<RoughVertebra>,
    /// Where the front is.
    pub facing: Facing,
    /// How much better the front fits here than at the other side, in scores of bodies.
    pub facing_margin: f64,
    /// How well bodies and joints fit the model, in scores of bodies above what chance makes.
    pub strength: f64,
    /// The labeling that is next best: −1 when every body may be one level higher, 1 one level lower.
    pub alternative_shift: i8,
    /// How much better the labeling is than the next one, log-likelihood; below 3 the levels need a look.
    pub level_margin: f64,
    /// What the labels rest on, in words of docs/vertebrae.md.
    pub level_evidence: Vec<&'static str>,
    /// Size of the person against the model: factor of all lengths.
    pub scale: f64,
    /// What needs a look, for the whole image.
    pub flags: Vec<&'static str>,
}

/// Why a level that was found cannot be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotEvaluable {
    /// A corner lies outside the image.
    LeavesImage,
    /// The endplates do not show.
    EndplatesNotSeen,
    /// The fit contradicts itself, its shape or its neighbors.
    FitFailed,
    /// What shows does not decide whether it has a fracture.
    Undecided,
}

impl NotEvaluable {
    /// The reason as results print it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::LeavesImage => "leaves_image",
            Self::EndplatesNotSeen => "endplates_not_seen",
            Self::FitFailed => "fit_failed",
            Self::Undecided => "grade_undecided",
        }
    }
}

/// The six points of a body as fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedVertebra {
    /// Points, millimeters from the corner of the image.
    pub points: SixPoints<DetectorPoint>,
    /// How well each is known.
    pub covariances: SixPoints<Covariance>,
    /// Points when nothing is believed of the height of the body.
    pub points_if_pressed: SixPoints<DetectorPoint>,
    /// How well each of these is known.
    pub covariances_if_pressed: SixPoints<Covariance>,
    /// Why it cannot be measured, if so.
    pub not_evaluable: Option<NotEvaluable>,
    /// From 0 (nothing shows) to 1 (both endplates in plain sight).
    pub quality: f64,
    /// What needs a look.
    pub flags: Vec<&'static str>,
}

/// A level with its points on the image.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundVertebra {
    /// Level.
    pub level: Level,
    /// Points, pixels.
    pub points: SixPoints<ImagePoint>,
    /// How well each is known, square millimeters.
    pub covariances: SixPoints<Covariance>,
    /// Points when nothing is believed of the height of the body, pixels.
    pub points_if_pressed: SixPoints<ImagePoint>,
    /// How well each of these is known, square millimeters.
    pub covariances_if_pressed: SixPoints<Covariance>,
    /// Why it cannot be measured, if so.
    pub not_evaluable: Option<NotEvaluable>,
    /// From 0 (nothing shows) to 1 (both endplates in plain sight).
    pub quality: f64,
    /// What needs a look.
    pub flags: Vec<&'static str>,
}

/// All that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundSpine {
    /// Levels from above.
    pub vertebrae: Vec<FoundVertebra>,
    /// Where the front is.
    pub facing: Facing,
    /// The labeling that is next best: −1 when every body may be one level higher, 1 one level lower.
    pub alternative_shift: i8,
    /// How much better the labeling is than the next one, log-likelihood; below 3 the levels need a look.
    pub level_margin: f64,
    /// What the labels rest on.
    pub level_evidence: Vec<&'static str>,
    /// What needs a look, for the whole image.
    pub flags: Vec<&'static str>,
}

impl RoughSpine {
    /// The spine with the points that were fitted to its bodies, in their order.
    #[must_use]
    pub fn into_placed(self, image: &LateralImage<'_>, placed: Vec<PlacedVertebra>) -> FoundSpine {
        let vertebra = |(body, placed): (&RoughVertebra, PlacedVertebra)| {
            let filled = body.filled.then_some("filled_in");
            Some(FoundVertebra {
                level: body.level()?,
                points: placed.points.map(|point| image.to_px(point)),
                covariances: placed.covariances,
                points_if_pressed: placed.points_if_pressed.map(|point| image.to_px(point)),
                covariances_if_pressed: placed.covariances_if_pressed,
                not_evaluable: placed.not_evaluable,
                quality: placed.quality,
                flags: filled.into_iter().chain(placed.flags).collect(),
            })
        };
        FoundSpine {
            vertebrae: self.bodies.iter().zip(placed).filter_map(vertebra).collect(),
            facing: self.facing,
            alternative_shift: self.alternative_shift,
            level_margin: self.level_margin,
            level_evidence: self.level_evidence,
            flags: self.flags,
        }
    }
}

/// Why no spine was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// Smaller than three vertebrae.
    #[error("the image is smaller than three vertebrae")]
    TooSmall,
    /// Blank or saturated.
    #[error("the image has no contrast: it is blank or saturated")]
    NoContrast,
    /// No chain of at least three bodies that looks like a spine from the side.
    #[error("no chain of at least three vertebral bodies seen from the side was found")]
    NoSpine,
    /// The head seems to be below.
    #[error("the image seems to be upside down: turn it and analyze again")]
    UpsideDown,
}
