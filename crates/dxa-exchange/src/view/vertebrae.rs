//! The vertebrae of the lateral scan: a strip to see at once and a table to read.

use crate::record::{Heights, Points, Study, Vertebra};
use crate::text::{self, said};
use dxa_core::vertebra::Level;

use super::number::{NOTHING, coordinate, decimals};
use super::{Say, fill};

/// The vertebrae.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Spine<'a> {
    /// Index of the scan.
    pub scan: usize,
    /// Every level, to see at once.
    pub tiles: Vec<Tile>,
    /// Every level that was found.
    pub rows: Vec<Row<'a>>,
    /// The spine as a whole.
    pub summary: String,
    /// Of the heights.
    pub unit: &'static str,
}

/// A level of the strip.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Tile {
    /// Style.
    pub class: String,
    /// `T4` to `L5`.
    pub level: &'static str,
    /// The body in its own shape.
    pub shape: Option<String>,
    /// Its grade.
    pub grade: String,
}

/// A level of the table.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Row<'a> {
    /// What was found.
    #[serde(skip)]
    pub vertebra: &'a Vertebra,
    /// Style.
    pub class: String,
    /// `T4` to `L5`.
    pub level: String,
    /// Grade and shape.
    pub grade: String,
    /// Height in front.
    pub anterior: String,
    /// Height in the middle.
    pub middle: String,
    /// Height behind.
    pub posterior: String,
    /// Largest loss, percent.
    pub loss: String,
    /// Probability of grade 1 or more.
    pub probability: String,
    /// Doubts.
    pub remarks: String,
}

impl<'a> Spine<'a> {
    /// `None` without a lateral scan that was read.
    #[must_use]
    pub fn of(study: &'a Study, say: Say) -> Option<Self> {
        let scan =
            study.spine.as_ref().map(|spine| spine.scan).or(study.vertebrae.first().map(|one| one.scan))?;
        let rows: Vec<&Vertebra> = study.vertebrae.iter().filter(|one| one.scan == scan).collect();
        if rows.is_empty() {
            return None;
        }
        let spine = study.spine.as_ref();
        let anterior_is_left = spine.and_then(|spine| spine.anterior.as_deref()) == Some("left");
        let in_mm = rows.iter().any(|one| one.heights_mm.is_some());
        let stretch = study.scans.get(scan).and_then(|scan| scan.pixel_spacing_mm);
        let stretch = stretch.map_or(1.0, |[row, column]| row / column);
        Some(Self {
            scan,
            tiles: Level::ALL
                .into_iter()
                .map(|level| tile(level, &rows, stretch, anterior_is_left))
                .collect(),
            rows: rows.iter().map(|one| row(one, in_mm, say)).collect(),
            summary: summary(spine, say),
            unit: if in_mm { "mm" } else { "px" },
        })
    }
}

fn summary(spine: Option<&crate::record::Spine>, say: Say) -> String {
    let Some(spine) = spine else { return String::new() };
    let index = spine.deformity_index.map(|index| fill(say.w.deformity_index, &[&decimals(Some(index), 0)]));
    let angles = spine.kyphosis_deg.iter().flatten().filter_map(|(levels, degrees)| {
        let levels = levels.replace('_', "–").to_uppercase();
        Some(fill(say.w.kyphosis, &[&levels, &decimals(Some((*degrees)?), 1)]))
    });
    let margin = spine.level_margin.map(|margin| fill(say.w.labels_sure, &[&decimals(Some(margin), 1)]));
    index.into_iter().chain(angles).chain(margin).collect::<Vec<_>>().join(" · ")
}

fn class(one: &Vertebra) -> String {
    match one.grade {
        Some(grade) => format!("grade-{grade}"),
        None => "unmeasured".to_owned(),
    }
}

fn tile(level: Level, rows: &[&Vertebra], stretch: f64, anterior_is_left: bool) -> Tile {
    let found = rows.iter().find(|one| one.level == level.code());
    let grade = match found.map(|one| one.grade) {
        Some(Some(grade)) => grade.to_string(),
        Some(None) => "?".to_owned(),
        None => NOTHING.to_owned(),
    };
    Tile {
        class: found.map_or_else(|| "absent".to_owned(), |one| class(one)),
        level: level.code(),
        shape: found.and_then(|one| shape(one.points_px.as_ref()?, stretch, anterior_is_left)),
        grade,
    }
}

/// Of a tile.
const WIDTH: f64 = 40.0;
const HEIGHT: f64 = 34.0;
const MARGIN: f64 = 3.0;

/// The body as it stands on the image, front to the left, as large as the tile takes.
fn shape(points: &Points, stretch: f64, anterior_is_left: bool) -> Option<String> {
    let corners = [points.ps?, points.ms?, points.as_?, points.ai?, points.mi?, points.pi?];
    let facing = if anterior_is_left { 1.0 } else { -1.0 };
    let seen = corners.map(|[x, y]| (facing * x, y * stretch));
    let span = |of: fn(&(f64, f64)) -> f64| {
        let values = seen.iter().map(of);
        values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let ((left, right), (top, bottom)) = (span(|place| place.0), span(|place| place.1));
    let scale = ((WIDTH - 2.0 * MARGIN) / (right - left)).min((HEIGHT - 2.0 * MARGIN) / (bottom - top));
    if !scale.is_finite() {
        return None;
    }
    let place = |(x, y): (f64, f64)| {
        let x = WIDTH / 2.0 + (x - f64::midpoint(left, right)) * scale;
        let y = HEIGHT / 2.0 + (y - f64::midpoint(top, bottom)) * scale;
        format!("{} {}", coordinate(x), coordinate(y))
    };
    Some(format!("M{}Z", seen.map(place).join("L")))
}

fn row(one: &Vertebra, in_mm: bool, say: Say) -> Row<'_> {
    let heights = if in_mm { one.heights_mm.as_ref() } else { one.heights_px.as_ref() };
    let height = |of: fn(&Heights) -> Option<f64>| decimals(heights.and_then(of), 1);
    let losses = one.loss_percent.as_ref();
    let loss = losses.map(|losses| [losses.anterior, losses.middle, losses.posterior]);
    let largest = loss.into_iter().flatten().flatten().max_by(f64::total_cmp);
    let probability = one.grade_probabilities.as_ref().and_then(|all| all.first()).map(|none| 1.0 - none);
    Row {
        vertebra: one,
        class: class(one),
        level: one.level.clone(),
        grade: grade(one, say),
        anterior: height(|heights| heights.anterior),
        middle: height(|heights| heights.middle),
        posterior: height(|heights| heights.posterior),
        loss: decimals(largest, 1),
        probability: decimals(probability, 2),
        remarks: remarks(one, say),
    }
}

fn grade(one: &Vertebra, say: Say) -> String {
    match (one.grade, one.shape.as_deref()) {
        (Some(grade), Some(shape)) if grade > 0 => format!("{grade} · {}", said::word(shape, say.language)),
        (Some(grade), _) => grade.to_string(),
        (None, _) => NOTHING.to_owned(),
    }
}

fn remarks(one: &Vertebra, say: Say) -> String {
    let by_hand = (one.provenance == "user").then(|| say.w.by_hand.to_owned());
    let why =
        one.not_evaluable_reason.as_deref().map(|code| said::not_evaluable(code, say.language).to_owned());
    let fracture = one.fracture.as_deref().map(|fracture| said::word(fracture, say.language));
    let flags = one.flags.iter().map(|flag| text::flag(flag, say.language).to_owned());
    let joint = say.language.of("; ", "；");
    why.into_iter().chain(fracture).chain(by_hand).chain(flags).collect::<Vec<_>>().join(joint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_faces_left_and_fills_its_tile() {
        let points = Points {
            ps: Some([0.0, 0.0]),
            ms: Some([10.0, 0.0]),
            as_: Some([20.0, 0.0]),
            ai: Some([20.0, 10.0]),
            mi: Some([10.0, 10.0]),
            pi: Some([0.0, 10.0]),
        };
        let shape = shape(&points, 1.0, false).unwrap();
        assert_eq!(shape, "M37 8.5L20 8.5L3 8.5L3 25.5L20 25.5L37 25.5Z");
        assert!(super::shape(&Points::default(), 1.0, false).is_none());
    }
}
