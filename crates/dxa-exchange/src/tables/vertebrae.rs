//! `vertebrae`: one row a vertebra of a lateral scan, with its six points.

use crate::record::{Heights, Vertebra};

use super::column::Row;
use super::{Studied, Table, described, each, of_scan, of_study};

pub(super) const TABLE: Table = Table {
    name: "vertebrae",
    about: "One row a vertebra of a lateral scan: six points, heights, losses, grade.",
    keys: 5,
    columns: || described(fill),
    rows: |studied| each(studied, |study| &study.vertebrae, fill),
};

fn fill(row: &mut Row, studied: &Studied, vertebra: &Vertebra) {
    of_study(row, studied);
    of_scan(row, studied, Some(vertebra.scan));
    row.code("level", "T4 to L5.", Some(&vertebra.level));
    row.flag("evaluable", "It could be judged.", Some(vertebra.evaluable));
    row.code("not_evaluable_reason", "Why not, as a code.", vertebra.not_evaluable_reason.as_deref());
    row.code("provenance", "automatic, user or reported.", Some(&vertebra.provenance));
    row.integer("grade", "Genant grade, 0 to 3.", vertebra.grade.map(i64::from));
    row.code("shape", "none, wedge, biconcave or crush.", vertebra.shape.as_deref());
    probabilities(row, vertebra);
    heights(row, vertebra);
    let loss = |of: fn(&Heights) -> Option<f64>| vertebra.loss_percent.as_ref().and_then(of);
    row.number("loss_anterior_percent", "%", "Loss of height in front.", loss(|loss| loss.anterior));
    row.number("loss_middle_percent", "%", "Loss of height in the middle.", loss(|loss| loss.middle));
    row.number("loss_posterior_percent", "%", "Loss of height behind.", loss(|loss| loss.posterior));
    points(row, vertebra);
    row.code("flags", "Doubts as codes, separated by semicolons.", Some(&vertebra.flags.join(";")));
}

fn probabilities(row: &mut Row, vertebra: &Vertebra) {
    let all = vertebra.grade_probabilities.as_deref().unwrap_or_default();
    let meaning = "Probability of the grade, of the whole way from picture to grade.";
    for (at, name) in ["p0", "p1", "p2", "p3"].into_iter().enumerate() {
        row.number(name, "", meaning, all.get(at).copied());
    }
}

fn heights(row: &mut Row, vertebra: &Vertebra) {
    let height = |of: fn(&Heights) -> Option<f64>| vertebra.heights_mm.as_ref().and_then(of);
    row.number(
        "height_anterior_mm",
        "mm",
        "Height in front; null without pixel spacing.",
        height(|one| one.anterior),
    );
    row.number(
        "height_middle_mm",
        "mm",
        "Height in the middle; null without pixel spacing.",
        height(|one| one.middle),
    );
    row.number(
        "height_posterior_mm",
        "mm",
        "Height behind; null without pixel spacing.",
        height(|one| one.posterior),
    );
}

/// Names of the columns of a point: column, then row.
const POINTS: [[&str; 2]; 6] = [
    ["ps_x", "ps_y"],
    ["ms_x", "ms_y"],
    ["as_x", "as_y"],
    ["ai_x", "ai_y"],
    ["mi_x", "mi_y"],
    ["pi_x", "pi_y"],
];

fn points(row: &mut Row, vertebra: &Vertebra) {
    let all = vertebra.points_px.clone().unwrap_or_default();
    let places = [all.ps, all.ms, all.as_, all.ai, all.mi, all.pi];
    let meaning = "A point of the six (p, m, a: posterior, middle, anterior; s, i: superior, inferior), in pixels from the corner of the first pixel.";
    for (names, place) in POINTS.into_iter().zip(places) {
        for (axis, name) in names.into_iter().enumerate() {
            row.number(name, "{px}", meaning, place.map(|place| place[axis]));
        }
    }
}
