//! `refusals`: one row a number that was refused, and why.

use crate::record::Refusal;

use super::column::Row;
use super::{Studied, Table, described, each, of_scan, of_study};

pub(super) const TABLE: Table = Table {
    name: "refusals",
    about: "One row for each thing that cannot be known of a scan, and why.",
    keys: 5,
    columns: || described(fill),
    rows: |studied| each(studied, |study| &study.refusals, fill),
};

fn fill(row: &mut Row, studied: &Studied, refusal: &Refusal) {
    of_study(row, studied);
    of_scan(row, studied, refusal.scan);
    row.code("code", "Why, as not_calibrated or no_reference.", Some(&refusal.code));
    row.text("message", "One sentence.", Some(&refusal.message));
}
