//! The vertebrae of the lateral scan: a strip to see at once, a table to read, and what can be corrected.

use dxa_core::vertebra::Level;
use dxa_exchange::record::{Heights, Points, Vertebra};
use dxa_exchange::text::{self, said};
use serde_json::{Value, json};

use super::super::Say;
use super::super::number::{NOTHING, coordinate, decimals};
use super::super::words::fill;
use super::{Change, Given};

/// The vertebrae.
pub(super) struct Spine {
    pub(super) tiles: Vec<Tile>,
    pub(super) rows: Vec<Row>,
    pub(super) summary: String,
    /// Of the heights.
    pub(super) unit: &'static str,
    /// Where the labels are moved, and what moves them.
    pub(super) address: String,
    pub(super) up: String,
    pub(super) down: String,
    pub(super) now: String,
    /// The words of the shapes, for what is shown before it is kept.
    pub(super) wedge: String,
    pub(super) biconcave: String,
    pub(super) crush: String,
}

/// A level of the strip.
pub(super) struct Tile {
    pub(super) class: String,
    pub(super) level: &'static str,
    /// The body in its own shape.
    pub(super) shape: Option<String>,
    pub(super) grade: String,
}

/// A level of the table.
pub(super) struct Row {
    pub(super) class: String,
    pub(super) level: String,
    pub(super) grade: String,
    pub(super) anterior: String,
    pub(super) middle: String,
    pub(super) posterior: String,
    pub(super) loss: String,
    pub(super) probability: String,
    pub(super) remarks: String,
    pub(super) changes: Vec<Change>,
}

impl Spine {
    /// `None` without a lateral scan that was read.
    pub(super) fn of(given: &Given<'_>, say: Say) -> Option<Self> {
        let study = given.study;
        let scan =
            study.spine.as_ref().map(|spine| spine.scan).or(study.vertebrae.first().map(|one| one.scan))?;
        let rows: Vec<&Vertebra> = study.vertebrae.iter().filter(|one| one.scan == scan).collect();
        if rows.is_empty() {
            return None;
        }
        let spine = study.spine.as_ref();
        let shift = spine.and_then(|spine| spine.level_shift).unwrap_or(0);
        let moved = |by: i64| json!({ "level_shift": shift + by }).to_string();
        let anterior_is_left = spine.and_then(|spine| spine.anterior.as_deref()) == Some("left");
        let in_mm = rows.iter().any(|one| one.heights_mm.is_some());
        let stretch = study.scans.get(scan).and_then(|scan| scan.pixel_spacing_mm);
        let stretch = stretch.map_or(1.0, |[row, column]| row / column);
        Some(Self {
            tiles: Level::ALL
                .into_iter()
                .map(|level| tile(level, &rows, stretch, anterior_is_left))
                .collect(),
            rows: rows.iter().map(|one| row(given, one, in_mm, say)).collect(),
            summary: summary(spine, say),
            unit: if in_mm { "mm" } else { "px" },
            address: given.address(scan, "spine"),
            up: moved(-1),
            down: moved(1),
            now: moved(0),
            wedge: said::word("wedge", say.language),
            biconcave: said::word("biconcave", say.language),
            crush: said::word("crush", say.language),
        })
    }
}

fn summary(spine: Option<&dxa_exchange::record::Spine>, say: Say) -> String {
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

fn row(given: &Given<'_>, one: &Vertebra, in_mm: bool, say: Say) -> Row {
    let heights = if in_mm { one.heights_mm.as_ref() } else { one.heights_px.as_ref() };
    let height = |of: fn(&Heights) -> Option<f64>| decimals(heights.and_then(of), 1);
    let losses = one.loss_percent.as_ref();
    let loss = losses.map(|losses| [losses.anterior, losses.middle, losses.posterior]);
    let largest = loss.into_iter().flatten().flatten().max_by(f64::total_cmp);
    let probability = one.grade_probabilities.as_ref().and_then(|all| all.first()).map(|none| 1.0 - none);
    Row {
        class: class(one),
        level: one.level.clone(),
        grade: grade(one, say),
        anterior: height(|heights| heights.anterior),
        middle: height(|heights| heights.middle),
        posterior: height(|heights| heights.posterior),
        loss: decimals(largest, 1),
        probability: decimals(probability, 2),
        remarks: remarks(one, say),
        changes: changes(given, one, say),
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
    let flags = one.flags.iter().map(|flag| text::flag(flag, say.language).to_owned());
    let joint = say.language.of("; ", "；");
    why.into_iter().chain(by_hand).chain(flags).collect::<Vec<_>>().join(joint)
}

/// Leave out or take in, and say that the points are right. The points go with each, so that none that was moved
/// before goes back.
fn changes(given: &Given<'_>, one: &Vertebra, say: Say) -> Vec<Change> {
    let Some(points) = one.points_px.as_ref().and_then(points) else { return Vec::new() };
    let body = |evaluable: bool, provenance: &str| {
        json!({ "points_px": points, "evaluable": evaluable, "provenance": provenance }).to_string()
    };
    let now = if one.provenance == "user" { "user" } else { "automatic" };
    let change = |word, sign, evaluable, provenance: &str| Change {
        address: given.address(one.scan, &format!("vertebrae/{}", one.level)),
        body: body(evaluable, provenance),
        undo: body(one.evaluable, now),
        word,
        sign,
        chooses: false,
    };
    if !one.evaluable {
        return vec![change(say.w.evaluable, "↩", true, "user")];
    }
    let confirm = (now != "user").then(|| change(say.w.confirm, "✓", true, "user"));
    confirm.into_iter().chain([change(say.w.not_evaluable, "✕", false, "user")]).collect()
}

fn points(points: &Points) -> Option<Value> {
    Some(json!({ "ps": points.ps?, "ms": points.ms?, "as": points.as_?, "ai": points.ai?, "mi": points.mi?,
        "pi": points.pi? }))
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
