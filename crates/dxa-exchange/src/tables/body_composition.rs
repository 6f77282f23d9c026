//! `body_composition`: one row a part of the body.

use crate::record::Composition;

use super::column::Row;
use super::{Studied, Table, described, each, of_scan, of_study};

pub(super) const TABLE: Table = Table {
    name: "body_composition",
    about: "One row a part of the body in a whole-body scan, as the device measured it.",
    keys: 5,
    columns: || described(fill),
    rows: |studied| each(studied, |study| &study.body_composition, fill),
};

fn fill(row: &mut Row, studied: &Studied, part: &Composition) {
    of_study(row, studied);
    of_scan(row, studied, Some(part.scan));
    row.code(
        "region",
        "head, left_arm, right_arm, trunk, pelvis, left_leg, right_leg, android, gynoid or total.",
        Some(&part.region),
    );
    row.number("fat_g", "g", "Fat mass.", part.fat_g);
    row.number("lean_g", "g", "Lean mass.", part.lean_g);
    row.number("total_g", "g", "Total mass.", part.total_g);
    row.number("fat_percent", "%", "Fat of the total mass.", part.fat_percent);
}
