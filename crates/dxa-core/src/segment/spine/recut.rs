//! Vertebrae cut anew where a user moved the lines of discs.

use crate::geometry::{DetectorPoint, Polygon, Segment};
use crate::outline::{Landmark, LandmarkShape, Outlines, RegionOutline};
use crate::site::{Lumbar, LumbarSet, Site};

/// The discs that bound L1 to L4, from above.
pub const CUTS: [&str; 5] = ["disc_t12_l1", "disc_l1_l2", "disc_l2_l3", "disc_l3_l4", "disc_l4_l5"];

/// Puts `lines` in the place of the discs of the same name, and cuts the areas beside them anew.
///
/// The sides of the areas stay where they are; beyond the first and the last area they follow the edges of the
/// spine. Areas between lines that did not move are untouched.
pub fn recut(areas: &mut Outlines, lines: &[(&'static str, Segment)]) {
    let Some(band) = Band::of(areas) else { return };
    for (name, line) in lines {
        let shape = LandmarkShape::Line(*line);
        match areas.landmarks.iter_mut().find(|landmark| landmark.name == *name) {
            Some(landmark) => landmark.shape = shape,
            None => areas.landmarks.push(Landmark { name, shape }),
        }
    }
    let moved = |name: &str| lines.iter().any(|(moved, _)| *moved == name);
    for (lumbar, ends) in Lumbar::ALL.into_iter().zip(CUTS.windows(2)) {
        let Some(site) = LumbarSet::new(&[lumbar]).map(Site::Lumbar) else { continue };
        if !ends.iter().any(|name| moved(name)) {
            continue;
        }
        let (Some(upper), Some(lower)) = (areas.line(ends[0]), areas.line(ends[1])) else { continue };
        let outline = band.between(&upper, &lower);
        areas.regions.retain(|region| region.site != site);
        if let Some(outline) = outline {
            areas.regions.push(RegionOutline { site, outline: vec![outline] });
        }
    }
    areas.regions.sort_by_key(|region| region.site.order());
}

/// The spine between its sides, from the upper to the lower end of the image.
struct Band {
    corners: Vec<DetectorPoint>,
}

impl Band {
    fn of(areas: &Outlines) -> Option<Self> {
        let center = path(areas, "centerline")?;
        let corners =
            || areas.regions.iter().flat_map(|region| &region.outline).flat_map(|area| &area.corners);
        let side = |edge: &str, is_left: bool| {
            let here = corners().filter(|corner| (corner.x_mm < x_at(center, corner.y_mm)) == is_left);
            let mut side: Vec<DetectorPoint> = here.copied().collect();
            side.sort_by(|a, b| a.y_mm.total_cmp(&b.y_mm));
            let (first, last) = (side.first()?.y_mm, side.last()?.y_mm);
            let beyond = path(areas, edge)?.iter().filter(|point| point.y_mm < first || point.y_mm > last);
            side.extend(beyond);
            side.sort_by(|a, b| a.y_mm.total_cmp(&b.y_mm));
            Some(side)
        };
        let (mut corners, right) = (side("spine_edge_left", true)?, side("spine_edge_right", false)?);
        corners.reverse();
        corners.extend(right);
        Some(Self { corners })
    }

    /// What lies below one line and above the other; `None` when that is nothing.
    fn between(&self, upper: &Segment, lower: &Segment) -> Option<Polygon> {
        let below = half_plane(&self.corners, |point| depth(upper, point));
        let corners = half_plane(&below, |point| -depth(lower, point));
        let polygon = Polygon { corners };
        (polygon.area_mm2() > LEAST_MM2).then_some(polygon)
    }
}

/// Less than this between two lines is no vertebra.
const LEAST_MM2: f64 = 50.0;

fn path<'o>(outlines: &'o Outlines, name: &str) -> Option<&'o [DetectorPoint]> {
    match outlines.landmark(name)? {
        LandmarkShape::Path(points) => Some(points),
        _ => None,
    }
}

/// Where a path that runs down the image is at a height.
fn x_at(path: &[DetectorPoint], y_mm: f64) -> f64 {
    let below = path.partition_point(|point| point.y_mm < y_mm).clamp(1, path.len().max(2) - 1);
    match (path.get(below - 1), path.get(below)) {
        (Some(a), Some(b)) if b.y_mm > a.y_mm => {
            a.x_mm + (b.x_mm - a.x_mm) * (y_mm - a.y_mm) / (b.y_mm - a.y_mm)
        }
        (Some(a), _) => a.x_mm,
        _ => 0.0,
    }
}

/// Above zero below a line on the screen, whichever way the line was drawn.
fn depth(line: &Segment, point: DetectorPoint) -> f64 {
    let (dx, dy) = (line.to.x_mm - line.from.x_mm, line.to.y_mm - line.from.y_mm);
    let cross = dx * (point.y_mm - line.from.y_mm) - dy * (point.x_mm - line.from.x_mm);
    if dx < 0.0 { -cross } else { cross }
}

/// The part of a polygon whose depth is not below zero (Sutherland and Hodgman 1974, doi 10.1145/360767.360802).
fn half_plane(corners: &[DetectorPoint], depth: impl Fn(DetectorPoint) -> f64) -> Vec<DetectorPoint> {
    let mut kept = Vec::new();
    for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        let (at_a, at_b) = (depth(*a), depth(*b));
        if at_a >= 0.0 {
            kept.push(*a);
        }
        if (at_a >= 0.0) != (at_b >= 0.0) {
            let part = at_a / (at_a - at_b);
            let between = |from: f64, to: f64| from + part * (to - from);
            kept.push(DetectorPoint { x_mm: between(a.x_mm, b.x_mm), y_mm: between(a.y_mm, b.y_mm) });
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x_mm: f64, y_mm: f64) -> DetectorPoint {
        DetectorPoint { x_mm, y_mm }
    }

    fn line(y_mm: f64) -> Segment {
        Segment { from: at(10.0, y_mm), to: at(60.0, y_mm) }
    }

    /// A straight spine 40 mm wide from x = 15 to 55, with discs every 30 mm from y = 20.
    fn spine() -> Outlines {
        let down = |x| LandmarkShape::Path(vec![at(x, 0.0), at(x, 100.0), at(x, 200.0)]);
        let mut landmarks = vec![
            Landmark { name: "centerline", shape: down(35.0) },
            Landmark { name: "spine_edge_left", shape: down(15.0) },
            Landmark { name: "spine_edge_right", shape: down(55.0) },
        ];
        let mut regions = Vec::new();
        for (index, name) in CUTS.into_iter().enumerate() {
            landmarks.push(Landmark { name, shape: LandmarkShape::Line(line(20.0 + 30.0 * index as f64)) });
        }
        for (index, lumbar) in Lumbar::ALL.into_iter().enumerate() {
            let (top, bottom) = (20.0 + 30.0 * index as f64, 50.0 + 30.0 * index as f64);
            let corners = vec![at(15.0, bottom), at(15.0, top), at(55.0, top), at(55.0, bottom)];
            let site = Site::Lumbar(LumbarSet::new(&[lumbar]).unwrap());
            regions.push(RegionOutline { site, outline: vec![Polygon { corners }] });
        }
        Outlines { regions, landmarks, ..Outlines::default() }
    }

    fn areas(outlines: &Outlines) -> Vec<f64> {
        outlines.regions.iter().map(|region| region.outline[0].area_mm2()).collect()
    }

    #[test]
    fn a_moved_disc_gives_one_vertebra_what_it_takes_from_the_other() {
        let mut outlines = spine();
        assert_eq!(areas(&outlines), [1200.0; 4]);
        // Drawn from right to left, and tilted about its middle: the tilt changes no area.
        let moved = Segment { from: at(55.0, 57.0), to: at(15.0, 53.0) };
        recut(&mut outlines, &[("disc_l1_l2", moved)]);
        let found = areas(&outlines);
        for (found, expected) in found.iter().zip([1400.0, 1000.0, 1200.0, 1200.0]) {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
        assert_eq!(outlines.line("disc_l1_l2"), Some(moved));
    }

    #[test]
    fn an_end_line_moves_beyond_what_was_found() {
        let mut outlines = spine();
        recut(&mut outlines, &[("disc_t12_l1", line(10.0)), ("disc_l4_l5", line(150.0))]);
        assert_eq!(areas(&outlines), [1600.0, 1200.0, 1200.0, 1600.0]);
    }

    #[test]
    fn lines_that_change_places_leave_no_vertebra() {
        let mut outlines = spine();
        recut(&mut outlines, &[("disc_l1_l2", line(90.0))]);
        let sites: Vec<String> = outlines.regions.iter().map(|region| region.site.to_string()).collect();
        assert_eq!(sites, ["L1", "L3", "L4"]);
    }
}
