//! Metal in or on a hip.

use crate::limb::plane::{Bar, Point, circle};
use crate::random::Random;

use super::femur::Femur;

/// Density of titanium, g/cm³.
const TITANIUM: f64 = 4.506;

/// What is made of metal, in coordinates of the femur.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Metal {
    /// Nothing.
    None,
    /// A flat button of clothing.
    Button(Point),
    /// A screw from the lateral shaft through the neck into the head.
    Screw(Bar),
    /// A ball, a neck and a stem in the shaft.
    Prosthesis(f64, [Bar; 2]),
}

/// Kinds of metal by their names in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetalKind {
    /// `none`.
    None,
    /// `button`.
    Button,
    /// `screw`.
    Screw,
    /// `prosthesis`.
    Prosthesis,
}

/// Radius and thickness of a button, mm.
const BUTTON: (f64, f64) = (7.0, 1.5);

impl Metal {
    /// Metal of this kind in a femur.
    pub(crate) fn drawn(kind: MetalKind, femur: &Femur, random: &mut Random) -> Self {
        let bar = |from: Point, from_radius: f64, to: Point, to_radius: f64| Bar {
            from,
            from_radius,
            to,
            to_radius,
        };
        let meeting = femur.shaft_axis(femur.at_neck(femur.waist, 0.0).y + 22.0);
        match kind {
            MetalKind::None => Self::None,
            MetalKind::Button => {
                let place = Point::new(random.uniform(-25.0, 15.0), random.uniform(-10.0, 60.0));
                Self::Button(meeting.along(place, 1.0))
            }
            MetalKind::Screw => {
                Self::Screw(bar(femur.at_neck(femur.waist + 38.0, 0.0), 4.5, femur.at_neck(2.0, 0.0), 3.5))
            }
            MetalKind::Prosthesis => {
                let neck = bar(Point::new(0.0, 0.0), 7.0, meeting, 9.0);
                let tip = Point::new(meeting.x, meeting.y + 110.0);
                Self::Prosthesis(0.62 * femur.head_radius, [neck, bar(meeting, 10.0, tip, 6.0)])
            }
        }
    }

    /// Signed distance from its outline, negative inside.
    pub(crate) fn distance(&self, point: Point) -> f64 {
        match self {
            Self::None => f64::INFINITY,
            Self::Button(middle) => circle(point, *middle, BUTTON.0),
            Self::Screw(bar) => bar.distance(point),
            Self::Prosthesis(ball, bars) => {
                bars.iter().map(|bar| bar.distance(point)).fold(point.length() - ball, f64::min)
            }
        }
    }

    /// Areal density of titanium at a place, g/cm²: round parts are as thick as a rod of their width.
    pub(crate) fn density(&self, point: Point) -> f64 {
        let depth = -self.distance(point);
        if depth <= 0.0 {
            return 0.0;
        }
        let thickness_mm = match self {
            Self::None => 0.0,
            Self::Button(_) => BUTTON.1,
            Self::Screw(_) => rod(depth, 4.0),
            Self::Prosthesis(..) => rod(depth, 9.0),
        };
        TITANIUM * thickness_mm / 10.0
    }

    /// Whether the bone can still be measured.
    pub(crate) fn leaves_bone(&self) -> bool {
        matches!(self, Self::None | Self::Button(_))
    }
}

/// Thickness of a rod of this radius at a depth below its outline, mm.
fn rod(depth: f64, radius: f64) -> f64 {
    let depth = depth.min(radius);
    2.0 * (depth * (2.0 * radius - depth)).sqrt()
}
