//! Even places along an outline, with their normals.

use crate::geometry::{DetectorPoint, Polygon};

/// Distance between two places of an outline at which its edge is looked at.
pub(super) const STEP_MM: f64 = 0.5;
/// Normals are taken over, and edges averaged along the outline over, twice this many places and one.
pub(super) const AVERAGED: usize = 2;

/// Places along one outline.
pub(super) struct Line {
    pub(super) places: Vec<DetectorPoint>,
    /// Unit normals, away from the bone.
    pub(super) normals: Vec<(f64, f64)>,
}

impl Line {
    pub(super) fn of(outline: &Polygon) -> Self {
        let places = evenly(outline);
        let normals = outward(&places);
        Self { places, normals }
    }

    /// Indices of the places around one, once around the outline at most.
    pub(super) fn around(&self, middle: usize, reach: usize) -> impl Iterator<Item = usize> + use<> {
        let count = self.places.len();
        let reach = reach.min(count.saturating_sub(1) / 2);
        (0..=2 * reach).map(move |step| (middle + count + step - reach) % count)
    }
}

/// Places at even distances along a closed outline; none where it is too short to have an edge.
fn evenly(outline: &Polygon) -> Vec<DetectorPoint> {
    let corners = &outline.corners;
    let next = || corners.iter().cycle().skip(1);
    let length: f64 = corners.iter().zip(next()).map(|(from, to)| from.distance_mm(*to)).sum();
    let count = (length / STEP_MM) as usize;
    if count < 4 * AVERAGED {
        return Vec::new();
    }
    let step = length / count as f64;
    let (mut places, mut walked) = (Vec::with_capacity(count), 0.0);
    for (from, to) in corners.iter().zip(next()) {
        let edge = from.distance_mm(*to);
        while places.len() < count && places.len() as f64 * step < walked + edge {
            let part = (places.len() as f64 * step - walked) / edge;
            let between = |a: f64, b: f64| a + part * (b - a);
            places
                .push(DetectorPoint { x_mm: between(from.x_mm, to.x_mm), y_mm: between(from.y_mm, to.y_mm) });
        }
        walked += edge;
    }
    places
}

/// Unit normals away from the bone: contours run so that it lies on one hand.
fn outward(places: &[DetectorPoint]) -> Vec<(f64, f64)> {
    let count = places.len();
    let at = |index: usize, ahead: usize| places[(index + ahead) % count];
    let normal = |index: usize| {
        let (from, to) = (at(index, count - AVERAGED), at(index, AVERAGED));
        let (dx, dy) = (to.x_mm - from.x_mm, to.y_mm - from.y_mm);
        let length = dx.hypot(dy).max(f64::MIN_POSITIVE);
        (-dy / length, dx / length)
    };
    (0..count).map(normal).collect()
}
