//! What a fit is worth: the covariance of each point, quality, and whether it failed.

use super::body::{Body, Frame};
use super::solve::{Solved, UNKNOWNS};
use super::strip::STEP_MM;
use super::{Seen, detector};
use crate::geometry::Covariance;
use crate::segment::vertebrae::image::LateralImage;
use crate::segment::vertebrae::result::{NotEvaluable, PlacedVertebra};
use crate::vertebra::SixPoints;

/// All that tells how well a body was fitted.
pub(super) struct Fitted<'a> {
    pub(super) at: usize,
    pub(super) body: &'a Body,
    pub(super) seen: &'a Seen,
    pub(super) solved: &'a Solved,
    /// By how much the edges chosen for its plates beat others, least of all rounds.
    pub(super) margin: f64,
    /// How far samples of plates and walls lie off, millimeters.
    pub(super) residuals: [f64; 2],
}

/// Log-odds that a point is more than 2.5 mm off, or 1.5 mm along the height: constant; logarithm of the
/// residual of plates and of walls, each with a least value; strength of the back wall; logarithm of the margin.
/// Fitted to pictures of two independent renderers, docs/vertebrae.md.
const DOUBT: [f64; 5] = [5.2, 2.32, 1.81, -1.65, -0.87];
const LEAST_RESIDUALS: [f64; 2] = [0.1, 0.05];
/// From these probabilities on a fit is to be checked, or is no measurement.
const CHECK_FROM: f64 = 0.25;
const FAILED_FROM: f64 = 0.65;
/// Plates weaker than this do not show; a plate of which more than this share is black or white neither.
const PLATE_SHOWS: f64 = 0.35;
const HIDDEN_FROM: f64 = 0.6;
/// A back wall weaker than this does not show: the depth is then that of the model and of the neighbors.
const BACK_SHOWS: f64 = 0.5;
/// Double endplates further apart than this are told.
const DOUBLE_MM: f64 = 2.0;
/// What no fit knows better: how readers place points, along the height and across.
const FLOOR_MM: [f64; 2] = [0.12, 0.35];
/// Residual of plates at which the solution's own covariance holds, and how far it may be off.
const USUAL_RESIDUAL_MM: f64 = 0.27;
const RESIDUAL_FACTOR: [f64; 2] = [0.5, 8.0];

/// A fitted body with its worth.
pub(super) fn placed(image: &LateralImage<'_>, fitted: &Fitted<'_>) -> PlacedVertebra {
    let doubt = fitted.doubt();
    let [superior, inferior] = &fitted.seen.plates[fitted.at];
    let weakest = superior.strength.min(inferior.strength);
    let mut flags = Vec::new();
    if fitted.back_strength() < BACK_SHOWS {
        flags.push("posterior_wall_not_evaluable");
    }
    for (candidate, flag) in [(superior, "double_superior_endplate"), (inferior, "double_inferior_endplate")]
    {
        let apart = candidate.path.apart.iter().sum::<f64>() / candidate.path.apart.len() as f64 * STEP_MM;
        if apart > DOUBLE_MM {
            flags.push(flag);
        }
    }
    if doubt > CHECK_FROM {
        flags.push("check_points");
    }
    let not_evaluable = if leaves(image, fitted.body) {
        Some(NotEvaluable::LeavesImage)
    } else if weakest < PLATE_SHOWS || fitted.seen.hidden[fitted.at] > HIDDEN_FROM {
        Some(NotEvaluable::EndplatesNotSeen)
    } else {
        (doubt > FAILED_FROM).then_some(NotEvaluable::FitFailed)
    };
    let points = SixPoints::from_array(fitted.body.points.map(detector));
    let covariances = SixPoints::from_array(fitted.covariances(doubt));
    PlacedVertebra {
        points,
        covariances,
        points_if_pressed: points,
        covariances_if_pressed: covariances,
        not_evaluable,
        quality: (weakest * (1.0 - doubt)).clamp(0.0, 1.0),
        flags,
    }
}

/// Bodies that nothing could be fitted to.
pub(super) fn unseen(bodies: &[Body]) -> Vec<PlacedVertebra> {
    let variance = 25.0;
    let covariances = SixPoints::from_array([Covariance { xx: variance, xy: 0.0, yy: variance }; 6]);
    let placed = |body: &Body| {
        let points = SixPoints::from_array(body.points.map(detector));
        PlacedVertebra {
            points,
            covariances,
            points_if_pressed: points,
            covariances_if_pressed: covariances,
            not_evaluable: Some(NotEvaluable::FitFailed),
            quality: 0.0,
            flags: Vec::new(),
        }
    };
    bodies.iter().map(placed).collect()
}

impl Fitted<'_> {
    fn back_strength(&self) -> f64 {
        self.seen.back[self.at].as_ref().map_or(0.0, |edge| edge.strength)
    }

    /// The probability that a point is far off.
    fn doubt(&self) -> f64 {
        let [plates, walls] = self.residuals;
        let terms = [
            1.0,
            (plates + LEAST_RESIDUALS[0]).ln(),
            (walls + LEAST_RESIDUALS[1]).ln(),
            self.back_strength().clamp(0.0, 1.0),
            self.margin.clamp(0.2, 10.0).ln(),
        ];
        let odds: f64 = DOUBT.iter().zip(terms).map(|(weight, term)| weight * term).sum();
        1.0 / (1.0 + (-odds).exp())
    }

    /// Covariance of each point: that of the solution, by how well its samples agree, and what no fit knows.
    fn covariances(&self, doubt: f64) -> [Covariance; 6] {
        let own = self.solved.covariance(self.at);
        let Frame { anterior, up, .. } = self.body.frame();
        let ratio = self.residuals[0] / USUAL_RESIDUAL_MM;
        let factor = (ratio * ratio).clamp(RESIDUAL_FACTOR[0], RESIDUAL_FACTOR[1]) * (1.0 + 3.0 * doubt);
        let [along, across] = FLOOR_MM.map(|floor| floor * floor);
        std::array::from_fn(|point| {
            let entry = |i: usize, j: usize| {
                factor * block(&own, point, i, j) + along * up[i] * up[j] + across * anterior[i] * anterior[j]
            };
            Covariance { xx: entry(0, 0), xy: entry(0, 1), yy: entry(1, 1) }
        })
    }
}

fn block(covariance: &[[f64; UNKNOWNS]; UNKNOWNS], point: usize, i: usize, j: usize) -> f64 {
    covariance[2 * point + i][2 * point + j]
}

fn leaves(image: &LateralImage<'_>, body: &Body) -> bool {
    let (width, height) = image.size_mm();
    body.points.iter().any(|[x, y]| *x < 0.0 || *y < 0.0 || *x > width || *y > height)
}
