//! `quality`: one row a check of a scan.

use crate::record::Quality;

use super::column::Row;
use super::{Studied, Table, described, each, of_scan, of_study};

pub(super) const TABLE: Table = Table {
    name: "quality",
    about: "One row a check of how a scan was taken.",
    keys: 5,
    columns: || described(fill),
    rows: |studied| each(studied, |study| &study.quality, fill),
};

fn fill(row: &mut Row, studied: &Studied, check: &Quality) {
    of_study(row, studied);
    of_scan(row, studied, Some(check.scan));
    row.code("check", "Which check, as spine-tilt.", Some(&check.id));
    row.code("status", "pass, fail or not_evaluable.", Some(&check.status));
    row.number("measured", "", "What was measured, in the unit of the row.", check.measured);
    row.number("limit", "", "What it may be, in the unit of the row.", check.limit);
    row.code("unit", "Unit of both, UCUM.", check.unit.as_deref());
}
