//! `scans`: one row a scan.

use crate::record::{Scan, Study};

use super::column::{Cell, Row};
use super::{Studied, Table, of_scan, of_study};

pub(super) const TABLE: Table = Table {
    name: "scans",
    about: "One row a scan: what it shows, from which device, and what can be had of it.",
    keys: 3,
    columns: || Row::columns(|row| fill(row, &Studied::default(), 0, &Scan::default())),
    rows,
};

fn rows(studied: &Studied) -> Vec<Vec<Cell>> {
    let of = |study: &Study| {
        let all = study.scans.iter().enumerate();
        all.map(|(at, scan)| Row::filled(|row| fill(row, studied, at, scan))).collect()
    };
    studied.study.as_ref().map(of).unwrap_or_default()
}

fn fill(row: &mut Row, studied: &Studied, at: usize, scan: &Scan) {
    of_study(row, studied);
    of_scan(row, studied, Some(at));
    row.code("laterality", "L or R.", scan.laterality.as_deref());
    row.code(
        "tier",
        "The most that can be had of it: quantitative, reported, display or none.",
        Some(&scan.tier),
    );
    row.text("manufacturer", "Manufacturer.", scan.manufacturer.as_deref());
    row.text("model", "Model.", scan.model.as_deref());
    row.text("software_versions", "Software versions of the device.", scan.software.as_deref());
    row.integer("rows", "Rows of the image.", scan.rows.map(i64::from));
    row.integer("columns", "Columns of the image.", scan.columns.map(i64::from));
    let spacing = |axis: usize| scan.pixel_spacing_mm.map(|spacing| spacing[axis]);
    row.number("row_spacing_mm", "mm", "Distance between rows.", spacing(0));
    row.number("column_spacing_mm", "mm", "Distance between columns.", spacing(1));
    row.code(
        "spacing_source",
        "pixel_spacing, imager_pixel_spacing, nominal_scanned, exposed_area, model_default or none.",
        scan.spacing_source.as_deref(),
    );
    row.uid(
        "sop_instance_uid",
        "SOP Instance UID of its first object.",
        scan.sop_instance_uids.first().map(String::as_str),
    );
    row.integer(
        "objects",
        "Objects that together are the scan.",
        i64::try_from(scan.sop_instance_uids.len()).ok(),
    );
}
