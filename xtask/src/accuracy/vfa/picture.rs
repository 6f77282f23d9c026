//! One picture: what is true of its vertebrae beside what was found, matched by where they lie.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use dxa_core::geometry::DetectorPoint;
use dxa_core::grade::{Grader, Person};
use dxa_core::report::{Analysis, LateralSpine};
use dxa_core::vertebra::{Level, POINT_NAMES, SixPoints};
use dxa_sim::SimFile;
use serde_json::Value;

use super::super::density::scan;

type Point = [f64; 2];

/// A vertebra that is whole in the picture and shows.
#[derive(Clone, Debug)]
pub(super) struct Truth {
    pub(super) level: Level,
    /// Six points, mm.
    points: [Point; 6],
    pub(super) grade: u8,
}

/// What was found where it lies.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) level: Level,
    /// Whether it was measured.
    pub(super) evaluated: bool,
    pub(super) grade: u8,
    /// Distance of each point, mm.
    pub(super) errors: [f64; 6],
    /// The same along the axis of the body.
    pub(super) along: [f64; 6],
}

/// One picture.
#[derive(Clone, Debug, Default)]
pub(super) struct Picture {
    /// Vertebrae T4 to L4 that could be found, with what was.
    pub(super) vertebrae: Vec<(Truth, Option<Found>)>,
    /// Bodies that were found where there is none.
    pub(super) invented: usize,
    /// Whether a reader is told to check the levels.
    pub(super) flagged: bool,
}

impl Picture {
    /// Matches by the middles of the bodies.
    pub(super) fn of(truth: &Value, analysis: &Analysis) -> Self {
        let spacing = ["spacing_mm", "pixel_spacing_mm"].iter().find_map(|key| pair(&truth[*key]));
        let [row_mm, column_mm] = spacing.unwrap_or([1.0, 1.0]);
        let mm = |[x, y]: Point| [x * column_mm, y * row_mm];
        let bodies = truth["vertebrae"].as_array().map(Vec::as_slice).unwrap_or_default();
        let by_rule = by_rule(bodies, mm);
        let spine = analysis.lateral();
        let places: Vec<Place> = spine.map(|spine| places(spine, mm)).unwrap_or_default();
        let mut used = vec![false; places.len()];
        let mut vertebrae = Vec::new();
        for body in bodies {
            let Some(points) = six(&body["points_px"]) else { continue };
            let points = points.map(mm);
            let nearest = nearest(&points, &places);
            if let Some(index) = nearest {
                used[index] = true;
            }
            let whole = body["evaluable"].as_bool().or(body["inside"].as_bool()).unwrap_or(true);
            let level: Option<Level> = body["level"].as_str().and_then(|name| name.parse().ok());
            let Some(level) = level.filter(|level| *level <= Level::L4 && whole) else { continue };
            let own = body.get("shape").and_then(|_| u8::try_from(body["grade"].as_u64()?).ok());
            let grade = own.or(by_rule.get(&level).copied()).unwrap_or(0);
            let truth = Truth { level, points, grade };
            let found = nearest.map(|index| truth.beside(&places[index]));
            vertebrae.push((truth, found));
        }
        let invented = used.iter().filter(|used| !**used).count();
        let flagged = analysis.findings.iter().any(|finding| finding.code == "levels_uncertain");
        Self { vertebrae, invented, flagged }
    }
}

/// A body as it was found.
struct Place {
    level: Level,
    points: [Point; 6],
    grade: Option<u8>,
}

fn places(spine: &LateralSpine, mm: impl Fn(Point) -> Point) -> Vec<Place> {
    let of = |(level, one): (&Level, &dxa_core::report::ReadVertebra)| Place {
        level: *level,
        points: one.points.to_array().map(|point| mm([point.x, point.y])),
        grade: one.graded.as_ref().map(|graded| graded.grade),
    };
    spine.vertebrae.iter().map(of).collect()
}

/// The body whose middle is the nearest, within half a height.
fn nearest(points: &[Point; 6], places: &[Place]) -> Option<usize> {
    let own = middle(points);
    let reach = 0.5 * distance(points[0], points[5]).max(distance(points[2], points[3]));
    let apart = |place: &Place| distance(middle(&place.points), own);
    let found = places.iter().enumerate().min_by(|(_, a), (_, b)| apart(a).total_cmp(&apart(b)));
    found.filter(|(_, place)| apart(place) < reach).map(|(index, _)| index)
}

impl Truth {
    fn beside(&self, place: &Place) -> Found {
        let [_, ms, _, _, mi, _] = self.points;
        let length = distance(ms, mi);
        let axis = [(mi[0] - ms[0]) / length, (mi[1] - ms[1]) / length];
        let step =
            |at: usize| [place.points[at][0] - self.points[at][0], place.points[at][1] - self.points[at][1]];
        let steps: [Point; 6] = std::array::from_fn(step);
        Found {
            level: place.level,
            evaluated: place.grade.is_some(),
            grade: place.grade.unwrap_or(0),
            errors: steps.map(|[x, y]| x.hypot(y)),
            along: steps.map(|[x, y]| (x * axis[0] + y * axis[1]).abs()),
        }
    }
}

fn middle(points: &[Point; 6]) -> Point {
    [0, 1].map(|axis: usize| points.iter().map(|point| point[axis]).sum::<f64>() / 6.0)
}

fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Grades by the rule from the true points, for truths that have only those of the expert.
fn by_rule(bodies: &[Value], mm: impl Fn(Point) -> Point) -> BTreeMap<Level, u8> {
    let point = |[x_mm, y_mm]: Point| DetectorPoint { x_mm, y_mm };
    let points =
        |body: &Value| Some(SixPoints::from_array(six(&body["points_px"])?.map(|one| point(mm(one)))));
    let named = |body: &Value| Some((body["level"].as_str()?.parse::<Level>().ok()?, points(body)?));
    let spine: BTreeMap<Level, SixPoints> = bodies.iter().filter_map(named).collect();
    let graded = Grader::bundled().grade(&spine, Person::default());
    graded.into_iter().filter_map(|(level, found)| Some((level, found.ok()?.grade))).collect()
}

fn pair(value: &Value) -> Option<Point> {
    Some([value.get(0)?.as_f64()?, value.get(1)?.as_f64()?])
}

fn six(points: &Value) -> Option<[Point; 6]> {
    let points: Option<Vec<Point>> = POINT_NAMES.iter().map(|name| pair(&points[*name])).collect();
    points?.try_into().ok()
}

/// Pictures of the second renderer by kind: `clean-…` and `hard-…`, each with its truth as JSON.
///
/// # Errors
/// A folder or file that cannot be read.
pub(super) fn folder(folder: &Path) -> Result<Vec<(String, Vec<Picture>)>> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "dcm"))
        .collect();
    names.sort();
    let mut sets: Vec<(String, Vec<Picture>)> = Vec::new();
    for path in names {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let file = SimFile { name: name.clone(), bytes: std::fs::read(&path)? };
        let truth: Value = serde_json::from_slice(&std::fs::read(path.with_extension("json"))?)?;
        let picture = Picture::of(&truth, &scan::analyze(&[&file])?);
        let kind = format!("second renderer, {}", name.split('-').next().unwrap_or_default());
        match sets.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, pictures)) => pictures.push(picture),
            None => sets.push((kind, vec![picture])),
        }
    }
    Ok(sets)
}
