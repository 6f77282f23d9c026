//! Our numbers against what the devices printed, by quantity, site and device.

use std::collections::BTreeMap;
use std::io;

use crate::record::Record;
use dxa_exchange::tables::column::Cell;
use dxa_exchange::tables::{TABLES, Table, place};

/// What is compared, and of whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// `T`, `Z`, `bmd_g_cm2`, `bmc_g` or `area_cm2`.
    pub quantity: String,
    /// Site.
    pub site: String,
    /// Manufacturer.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// Reference table of scores.
    pub reference: String,
}

/// Pairs of ours and the device's by group.
///
/// Scores are compared as they are shown, one decimal, for that is what a device prints. Densities are compared
/// where a scan has both the device's number and ours of the same region.
///
/// # Errors
/// When the records cannot be read.
pub fn device(
    records: impl Iterator<Item = io::Result<Record>>,
) -> io::Result<BTreeMap<Group, Vec<(f64, f64)>>> {
    let mut groups = BTreeMap::new();
    for record in records {
        let record = record?;
        let study = Rows::of(&record);
        study.scores(&mut groups);
        study.densities(&mut groups);
    }
    Ok(groups)
}

type Pairs = BTreeMap<Group, Vec<(f64, f64)>>;

/// The tables of one record by name.
pub(super) struct Rows<'r>(&'r Record);

impl<'r> Rows<'r> {
    pub(super) fn of(record: &'r Record) -> Self {
        Self(record)
    }

    pub(super) fn each(&self, name: &str) -> impl Iterator<Item = Row<'r>> + use<'r> {
        let at = place(name).unwrap_or_default();
        let rows = self.0.rows.get(at).map(Vec::as_slice).unwrap_or_default();
        rows.iter().map(move |cells| Row { table: &TABLES[at], cells })
    }

    fn group(&self, row: &Row<'_>, quantity: &str, reference: &str) -> Group {
        let scan = self.each("scans").find(|scan| scan.text("scan") == row.text("scan"));
        let of_scan =
            |column| scan.as_ref().and_then(|scan| scan.text(column)).unwrap_or_default().to_owned();
        Group {
            quantity: quantity.to_owned(),
            site: row.text("site").unwrap_or_default().to_owned(),
            manufacturer: of_scan("manufacturer"),
            model: of_scan("model"),
            reference: reference.to_owned(),
        }
    }

    fn scores(&self, groups: &mut Pairs) {
        for row in self.each("scores").filter(|row| row.text("named") != Some("true")) {
            if let Some(pair) = row.number("value").zip(row.number("device_score")) {
                let quantity = row.text("kind").unwrap_or_default();
                let reference = row.text("reference").unwrap_or_default();
                groups.entry(self.group(&row, quantity, reference)).or_default().push(pair);
            }
        }
    }

    fn densities(&self, groups: &mut Pairs) {
        let of = |wanted: &'static str| {
            self.each("regions").filter(move |row| row.text("provenance") == Some(wanted))
        };
        for ours in of("computed") {
            let same = |theirs: &Row<'_>| {
                ["scan", "site", "laterality"].iter().all(|column| theirs.text(column) == ours.text(column))
            };
            let Some(theirs) = of("device_reported").find(same) else { continue };
            for quantity in ["area_cm2", "bmc_g", "bmd_g_cm2"] {
                if let Some(pair) = ours.number(quantity).zip(theirs.number(quantity)) {
                    groups.entry(self.group(&ours, quantity, "")).or_default().push(pair);
                }
            }
        }
    }
}

/// One row with its columns by name.
pub(super) struct Row<'r> {
    table: &'static Table,
    cells: &'r [Cell],
}

impl<'r> Row<'r> {
    pub(super) fn text(&self, column: &str) -> Option<&'r str> {
        self.cells.get(self.table.column(column)?)?.as_deref()
    }

    pub(super) fn number(&self, column: &str) -> Option<f64> {
        self.text(column)?.parse().ok()
    }
}
