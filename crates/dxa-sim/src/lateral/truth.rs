//! What is true of the simulated picture: six points, heights, losses and the grade by Genant's rule.
//!
//! The rule is written down here again, from docs/grade.md; nothing is shared with the software that grades.

use serde_json::{Map, Value, json};

use super::outline::{Point, length, minus};
use super::person::{Vertebra, heights};
use super::raster::Raster;

const NORMALS: &str = include_str!("../../../../reference-data/vertebrae/nhanes-2013-2014-normals.csv");
/// Levels that count for the expected posterior height, at most so many away.
const REACH: usize = 4;
pub(super) const NAMES: [&str; 6] = ["ps", "ms", "as", "ai", "mi", "pi"];
/// A body of which more than this part is black or white shows no plates.
const TOO_MUCH_CLIPPED: f64 = 0.6;

/// Mean posterior height of a level in parts of that of T4 to L4; none for others.
fn profile(level: &str) -> Option<f64> {
    NORMALS.lines().find_map(|row| {
        let mut cells = row.split(',');
        let found = [cells.next()?, cells.next()?, cells.next()?] == ["posterior_height", level, "all"];
        if found { cells.nth(1)?.parse().ok() } else { None }
    })
}

/// One vertebra as it appears.
struct Seen<'a> {
    vertebra: &'a Vertebra,
    /// Posterior, middle and anterior height, mm.
    heights: [f64; 3],
    expected: Option<f64>,
}

/// All vertebrae of the picture with their truth. `facing_left` turns the picture around; `gray` is the picture
/// before that.
pub(super) fn vertebrae(spine: &[Vertebra], raster: &Raster, facing_left: bool, gray: &[u8]) -> Vec<Value> {
    let seen: Vec<Seen<'_>> = spine
        .iter()
        .map(|vertebra| Seen { vertebra, heights: heights(&vertebra.body), expected: None })
        .collect();
    let expected: Vec<Option<f64>> = (0..seen.len()).map(|index| expected(&seen, index)).collect();
    let seen = seen.into_iter().zip(expected).map(|(one, expected)| Seen { expected, ..one });
    seen.map(|one| one.to_json(raster, facing_left, gray)).collect()
}

/// Profile of the level times the 65th percentile of posterior height over profile of the others in reach.
fn expected(seen: &[Seen<'_>], index: usize) -> Option<f64> {
    let own = profile(seen[index].vertebra.level)?;
    let others = seen.iter().enumerate().filter(|(at, _)| *at != index && at.abs_diff(index) <= REACH);
    let mut ratios: Vec<f64> =
        others.filter_map(|(_, one)| Some(one.heights[0] / profile(one.vertebra.level)?)).collect();
    if ratios.len() < 3 {
        return None;
    }
    ratios.sort_by(f64::total_cmp);
    let place = 0.65 * (ratios.len() - 1) as f64;
    let (below, part) = (place as usize, place - libm::floor(place));
    let above = ratios.get(below + 1).copied().unwrap_or(ratios[below]);
    Some(own * (ratios[below] + part * (above - ratios[below])))
}

impl Seen<'_> {
    /// Losses of the anterior, middle and posterior height, shape and grade.
    fn grade(&self) -> ([f64; 2], Option<f64>, &'static str, u8) {
        let [posterior, middle, anterior] = self.heights;
        // Limits are those of the rule, which compares losses after rounding to a billionth.
        let loss = |height: f64, of: f64| libm::round((1.0 - height / of) * 1e9) / 1e9;
        let lost = self.expected.map(|expected| loss(posterior, expected));
        let is_crush = lost.is_some_and(|lost| lost >= 0.2);
        let reference = if is_crush { self.expected.unwrap_or(posterior) } else { posterior };
        let losses = [loss(anterior, reference), loss(middle, reference)];
        let largest = losses[0].max(losses[1]).max(lost.unwrap_or(f64::NEG_INFINITY));
        let grade = if largest > 0.4 {
            3
        } else if largest >= 0.25 {
            2
        } else {
            u8::from(largest >= 0.2)
        };
        let shape = match (grade, is_crush, losses[0] >= losses[1]) {
            (0, _, _) => "none",
            (_, true, _) => "crush",
            (_, _, true) => "wedge",
            _ => "biconcave",
        };
        (losses, lost, shape, grade)
    }

    fn to_json(&self, raster: &Raster, facing_left: bool, gray: &[u8]) -> Value {
        let body = &self.vertebra.body;
        let [width, height] = raster.size();
        let six = body.six();
        let inside = |[x, y]: &Point| *x > 0.5 && *y > 0.5 && *x < width - 0.5 && *y < height - 0.5;
        let points_inside = six.iter().filter(|point| inside(point)).count();
        let clipped = clipped(body.corners, raster, gray);
        let evaluable = points_inside == 6 && clipped <= TOO_MUCH_CLIPPED;
        let shown = |[x, y]: Point| [if facing_left { width - x } else { x }, y];
        let pixels = |[x, y]: Point| [x / raster.spacing[1], y / raster.spacing[0]];
        let named = |of: &dyn Fn(Point) -> Point| -> Map<String, Value> {
            NAMES.iter().zip(six).map(|(name, point)| ((*name).to_owned(), json!(of(point)))).collect()
        };
        let [posterior, middle, anterior] = self.heights;
        let (losses, lost, shape, grade) = self.grade();
        let gap = |[mean, _]: [f64; 2]| mean.abs();
        json!({
            "level": self.vertebra.level,
            "points_in_field": points_inside,
            "evaluable": evaluable,
            "not_evaluable_reason": match (evaluable, points_inside == 6) {
                (true, _) => Value::Null,
                (_, false) => json!("outside_field"),
                _ => json!("clipped"),
            },
            "clipped_share": clipped,
            "points_px": named(&|point| pixels(shown(point))),
            "points_mm": named(&|point| shown(point)),
            "heights_mm": { "anterior": anterior, "middle": middle, "posterior": posterior },
            "depth_mm": length(minus(f(six[2], six[3]), f(six[0], six[5]))),
            "expected_posterior_mm": self.expected,
            "loss": { "anterior": losses[0], "middle": losses[1], "posterior": lost },
            "shape": shape,
            "grade": grade,
            "grade_read": self.vertebra.grade_read,
            "deformity": self.vertebra.deformity.as_ref().map(|one| json!({
                "form": one.form.name(), "percent": one.percent,
            })),
            "double_contour_mm": { "superior": gap(body.superior_gap), "inferior": gap(body.inferior_gap) },
        })
    }
}

fn f(a: Point, b: Point) -> Point {
    super::outline::between(a, b, 0.5)
}

/// Part of the pixels between the corners that are the blackest or the whitest of the picture.
fn clipped(corners: [Point; 4], raster: &Raster, gray: &[u8]) -> f64 {
    let (darkest, brightest) = (gray.iter().min(), gray.iter().max());
    let (mut all, mut lost) = (0.0, 0.0);
    raster.within(super::raster::bounds(&corners, 0.0), |index, point| {
        let inside = (0..4).all(|at| {
            let (a, b) = (corners[at], corners[(at + 1) % 4]);
            let (way, step) = (minus(b, a), minus(point, a));
            way[0] * step[1] - way[1] * step[0] >= 0.0
        });
        if inside {
            all += 1.0;
            let value = gray.get(index);
            lost += if value == darkest || value == brightest { 1.0 } else { 0.0 };
        }
    });
    if all > 0.0 { lost / all } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::{Seen, profile};
    use crate::lateral::outline::spines;
    use crate::lateral::person::Vertebra;

    #[test]
    fn every_level_of_a_spine_has_its_profile() {
        for level in ["T4", "T8", "T12", "L1", "L4"] {
            assert!((0.6..1.3).contains(&profile(level).unwrap()), "{level}");
        }
        assert!(profile("L5").is_none() && profile("T3").is_none());
    }

    #[test]
    fn grades_change_at_the_limits_of_the_rule() {
        let body = spines()[0].bodies[5].body.clone();
        let vertebra = Vertebra { level: "T9", body, grade_read: None, deformity: None };
        let seen = |heights, expected| Seen { vertebra: &vertebra, heights, expected };
        for (anterior, grade) in [(20.5, 0), (19.9, 1), (18.7, 2), (15.1, 2), (14.9, 3)] {
            assert_eq!(seen([25.0, 25.0, anterior], Some(25.0)).grade().3, grade, "{anterior}");
        }
        assert_eq!(seen([20.0, 19.0, 18.5], Some(25.0)).grade().2, "crush");
        assert_eq!(seen([25.0, 18.0, 19.0], None).grade().2, "biconcave");
    }
}
