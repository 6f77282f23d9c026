//! What a user changed, put in the place of what was found.

use crate::corrections::{CorrectedLine, CorrectedOutline, ScanCorrections};
use crate::findings::{Finding, Severity};
use crate::geometry::{DetectorPoint, ImagePoint, Polygon, Segment};
use crate::outline::{Outlines, RegionOutline};
use crate::segment::spine::CUTS;
use crate::site::Site;
use crate::study::{PixelSpacing, Scan};

/// What of a scan a user changed, and what could not be done.
#[derive(Debug, Default)]
pub(super) struct Changed {
    outlines: Vec<Site>,
    lines: Vec<&'static str>,
    neck_box: bool,
    refused: Vec<String>,
}

impl Changed {
    /// Whether a region is as a user wants it.
    pub(super) fn is(&self, site: Site) -> bool {
        let cut = |lumbar: crate::site::LumbarSet| {
            let upper = lumbar.iter().next().map_or(0, |first| first as usize);
            self.lines.iter().any(|name| CUTS.get(upper..upper + 2).is_some_and(|ends| ends.contains(name)))
        };
        match site {
            _ if self.outlines.contains(&site) => true,
            Site::Lumbar(lumbar) => cut(lumbar),
            Site::FemoralNeck | Site::Trochanter | Site::Intertrochanter | Site::Wards => self.neck_box,
            _ => false,
        }
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let sites = self.outlines.iter().map(|site| format!("outline of {site}"));
        let lines = self.lines.iter().map(|name| format!("line {name}"));
        let neck_box = self.neck_box.then(|| "neck box".to_owned());
        let changed: Vec<String> = sites.chain(lines).chain(neck_box).collect();
        let message = format!("Corrected by a user and measured again: {}.", changed.join(", "));
        let done = Finding::new("regions_corrected", Severity::Note, message);
        let done = (!changed.is_empty()).then_some(done);
        let refused = self.refused.iter().map(|why| {
            Finding::new(
                "correction_not_applied",
                Severity::Review,
                format!("A correction was not applied: {why}."),
            )
        });
        done.into_iter().chain(refused).collect()
    }

    /// The lines were none between which the spine can be cut.
    pub(super) fn refuse_lines(&mut self, why: &str) {
        self.refuse(why.trim_end_matches('.').to_owned());
        self.lines.clear();
    }

    /// The neck box lay where the hip cannot be cut.
    pub(super) fn refuse_neck_box(&mut self, why: &str) {
        self.refuse(why.trim_end_matches('.').to_owned());
        self.neck_box = false;
    }

    fn refuse(&mut self, why: String) {
        self.refused.push(why);
    }
}

/// The discs that a user moved; what equals the result as it was printed is no change.
pub(super) fn lines(
    outlines: &Outlines,
    spacing: PixelSpacing,
    said: &ScanCorrections,
    changed: &mut Changed,
) -> Vec<(&'static str, Segment)> {
    let mut moved = Vec::new();
    for wanted in &said.lines {
        let [from, to] = wanted.ends.map(|end| end.to_detector(spacing));
        if outlines.line(&wanted.name).is_some_and(|line| is_printed_line(&line, wanted, spacing)) {
            continue;
        }
        match CUTS.into_iter().find(|name| *name == wanted.name) {
            None => changed.refuse(format!("{} is not a line that cuts regions", wanted.name)),
            Some(_) if from == to => changed.refuse(format!("{} has no length", wanted.name)),
            Some(_) if outlines.regions.is_empty() => {
                changed.refuse(format!("{} has no spine to cut", wanted.name));
            }
            Some(name) => {
                moved.push((name, Segment { from, to }));
                changed.lines.push(name);
            }
        }
    }
    moved
}

fn is_printed_line(line: &Segment, wanted: &CorrectedLine, spacing: PixelSpacing) -> bool {
    [line.from, line.to]
        .iter()
        .zip(&wanted.ends)
        .all(|(end, wanted)| is_near(end.to_image(spacing).printed(), *wanted))
}

/// The neck box where a user placed it; what equals the result as it was printed is no change.
pub(super) fn neck_box(
    outlines: &Outlines,
    spacing: PixelSpacing,
    said: &ScanCorrections,
    changed: &mut Changed,
) -> Option<Polygon> {
    let wanted = said.neck_box?;
    let Some(found) = outlines.area("neck_box") else {
        changed.refuse("there is no neck box to move".to_owned());
        return None;
    };
    let mut corners = found.corners.iter().zip(&wanted);
    if corners.all(|(found, wanted)| is_near(found.to_image(spacing).printed(), *wanted)) {
        return None;
    }
    changed.neck_box = true;
    Some(Polygon { corners: wanted.iter().map(|corner| corner.to_detector(spacing)).collect() })
}

/// Puts changed outlines in the place of those that were found.
pub(super) fn outlines(
    outlines: &mut Outlines,
    spacing: PixelSpacing,
    scan: &Scan,
    said: &ScanCorrections,
    changed: &mut Changed,
) {
    let side = scan.laterality.filter(|_| scan.kind.is_paired());
    for wanted in said.outlines.iter().filter(|wanted| wanted.side == side) {
        let found = outlines.regions.iter_mut().find(|region| region.site == wanted.site);
        if found.as_ref().is_some_and(|region| is_printed(region, wanted, spacing)) {
            continue;
        }
        let corners = wanted.corners.iter().map(|corner| corner.to_detector(spacing)).collect();
        let polygon = Polygon { corners };
        if crosses_itself(&polygon) || polygon.area_mm2() <= 0.0 {
            changed.refuse(format!("the outline of {} crosses itself or encloses nothing", wanted.site));
            continue;
        }
        let outline = vec![polygon];
        match found {
            Some(region) => region.outline = outline,
            None => outlines.regions.push(RegionOutline { site: wanted.site, outline }),
        }
        changed.outlines.push(wanted.site);
    }
    outlines.regions.sort_by_key(|region| region.site.order());
}

/// Whether a user gave back what was printed.
fn is_printed(region: &RegionOutline, wanted: &CorrectedOutline, spacing: PixelSpacing) -> bool {
    let printed = region.corners_px(spacing);
    printed.len() == wanted.corners.len()
        && printed.iter().zip(&wanted.corners).all(|(printed, wanted)| is_near(*printed, *wanted))
}

fn is_near(printed: ImagePoint, wanted: ImagePoint) -> bool {
    (printed.x - wanted.x).abs() < LAST_DIGIT && (printed.y - wanted.y).abs() < LAST_DIGIT
}

/// Less than a unit of the last printed digit, pixels.
const LAST_DIGIT: f64 = 1e-4;

/// Whether two sides truly cross; sides that touch or lie on each other do not.
fn crosses_itself(polygon: &Polygon) -> bool {
    let corners = &polygon.corners;
    let sides: Vec<(DetectorPoint, DetectorPoint)> =
        corners.iter().copied().zip(corners.iter().copied().cycle().skip(1)).collect();
    let turn = |a: DetectorPoint, b: DetectorPoint, c: DetectorPoint| {
        (b.x_mm - a.x_mm) * (c.y_mm - a.y_mm) - (b.y_mm - a.y_mm) * (c.x_mm - a.x_mm)
    };
    let cross = |(a, b): (DetectorPoint, DetectorPoint), (c, d): (DetectorPoint, DetectorPoint)| {
        turn(a, b, c) * turn(a, b, d) < -FLAT && turn(c, d, a) * turn(c, d, b) < -FLAT
    };
    sides.iter().enumerate().any(|(at, side)| sides[at + 1..].iter().any(|other| cross(*side, *other)))
}

/// Below this product of areas, mm⁴, sides touch as far as printed corners can tell.
const FLAT: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;

    fn polygon(corners: &[(f64, f64)]) -> Polygon {
        Polygon {
            corners: corners.iter().map(|(x_mm, y_mm)| DetectorPoint { x_mm: *x_mm, y_mm: *y_mm }).collect(),
        }
    }

    #[test]
    fn only_sides_that_truly_cross_are_a_mistake() {
        assert!(crosses_itself(&polygon(&[(0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 4.0)])));
        assert!(!crosses_itself(&polygon(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)])));
        // Two squares joined by a way there and back, as two parts of a region are printed.
        let joined =
            [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0), (5.0, 5.0), (6.0, 5.0), (6.0, 6.0), (5.0, 5.0)];
        assert!(!crosses_itself(&polygon(&joined)));
    }
}
