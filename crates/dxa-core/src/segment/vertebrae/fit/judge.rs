//! What a fit is worth: the covariance of each point, quality, and whether it failed.

use super::body::{Body, Frame};
use super::prior::Build;
use super::solve::{Solved, UNKNOWNS};
use super::{Seen, detector};
use crate::reference::vertebrae::SpineModel;
use crate::segment::vertebrae::image::LateralImage;
use crate::segment::vertebrae::result::{Covariance, NotEvaluable, PlacedVertebra, RoughSpine};
use crate::vertebra::SixPoints;

/// Everything that was fitted, with its worth.
#[expect(clippy::too_many_arguments, reason = "one reader of everything the fit knows")]
pub(super) fn placed(
    image: &LateralImage<'_>,
    rough: &RoughSpine,
    start: &[Body],
    bodies: &[Body],
    rows: &[usize],
    model: &SpineModel,
    build: Build,
    last: Option<&(Seen, Solved)>,
) -> Vec<PlacedVertebra> {
    let _ = (rough, start, rows, model, build);
    (0..bodies.len())
        .map(|at| {
            let body = &bodies[at];
            let covariances = last.map_or([[[0.0; 2]; 2]; 6], |(_, solved)| blocks(&solved.covariance(at)));
            let quality = last.map_or(0.0, |(seen, _)| {
                let [superior, inferior] = &seen.plates[at];
                superior.strength.min(inferior.strength).clamp(0.0, 1.0)
            });
            PlacedVertebra {
                points: SixPoints::from_array(body.points.map(detector)),
                covariances: SixPoints::from_array(covariances.map(|block| Covariance {
                    xx: block[0][0],
                    xy: block[0][1],
                    yy: block[1][1],
                })),
                not_evaluable: leaves(image, body).then_some(NotEvaluable::LeavesImage),
                quality,
                flags: Vec::new(),
            }
        })
        .collect()
}

fn blocks(covariance: &[[f64; UNKNOWNS]; UNKNOWNS]) -> [[[f64; 2]; 2]; 6] {
    std::array::from_fn(|point| {
        std::array::from_fn(|i| std::array::from_fn(|j| covariance[2 * point + i][2 * point + j]))
    })
}

fn leaves(image: &LateralImage<'_>, body: &Body) -> bool {
    let (width, height) = image.size_mm();
    let Frame { .. } = body.frame();
    body.points.iter().any(|[x, y]| *x < 0.0 || *y < 0.0 || *x > width || *y > height)
}
