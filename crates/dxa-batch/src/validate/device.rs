//! Our numbers against what the devices printed, by quantity, site and device.

use std::collections::BTreeMap;
use std::io;

use crate::record::Record;
use dxa_exchange::agreement::{PHANTOM_FINDING, Pair, SideBySide};
use dxa_exchange::record::{DeviceScores, Reference, Region, Score};
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
/// What stands beside what is settled by [`SideBySide`]; phantoms are left out.
///
/// # Errors
/// When the records cannot be read.
pub fn device(records: impl Iterator<Item = io::Result<Record>>) -> io::Result<BTreeMap<Group, Vec<Pair>>> {
    let mut groups: BTreeMap<Group, Vec<Pair>> = BTreeMap::new();
    for record in records {
        let record = record?;
        let study = Rows::of(&record);
        let regions = SideBySide::all(&study.regions());
        for region in regions.iter().filter(|region| !study.is_phantom(region.scan)) {
            for (quantity, pair) in region.amounts() {
                groups.entry(study.group(region, quantity, "")).or_default().push(pair);
            }
            for score in &region.scores {
                let group = study.group(region, &score.kind, &score.reference);
                groups.entry(group).or_default().push(score.pair);
            }
        }
    }
    Ok(groups)
}

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

    /// The regions with what agreement needs of them.
    fn regions(&self) -> Vec<Region> {
        let mut scores = self.scores();
        let region = |row: Row<'r>| Region {
            scan: row.index("scan"),
            site: row.text("site").unwrap_or_default().to_owned(),
            laterality: row.text("laterality").map(str::to_owned),
            provenance: row.text("provenance").unwrap_or_default().to_owned(),
            area_cm2: row.number("area_cm2"),
            bmc_g: row.number("bmc_g"),
            bmd_g_cm2: row.number("bmd_g_cm2"),
            device: DeviceScores {
                t: row.number("device_t"),
                z: row.number("device_z"),
                ..DeviceScores::default()
            },
            scores: scores.remove(&row.region()).unwrap_or_default(),
            ..Region::default()
        };
        self.each("regions").map(region).collect()
    }

    /// The scores of each region.
    fn scores(&self) -> BTreeMap<[Option<&'r str>; 4], Vec<Score>> {
        let score = |row: &Row<'_>| {
            let reference = row.text("reference").unwrap_or_default().to_owned();
            Some(Score {
                kind: row.text("kind")?.to_owned(),
                value: row.number("value")?,
                named: row.text("named") == Some("true"),
                reference: Reference { id: reference, ..Reference::default() },
                ..Score::default()
            })
        };
        let mut scores: BTreeMap<_, Vec<Score>> = BTreeMap::new();
        for row in self.each("scores") {
            if let Some(score) = score(&row) {
                scores.entry(row.region()).or_default().push(score);
            }
        }
        scores
    }

    /// Whether a scan is of a phantom, which is for the control of the scanner and no study of a person.
    fn is_phantom(&self, scan: usize) -> bool {
        self.each("findings")
            .any(|row| row.text("code") == Some(PHANTOM_FINDING) && row.index("scan") == scan)
    }

    fn group(&self, region: &SideBySide, quantity: &str, reference: &str) -> Group {
        let scan = self.each("scans").find(|scan| scan.index("scan") == region.scan);
        let of_scan =
            |column| scan.as_ref().and_then(|scan| scan.text(column)).unwrap_or_default().to_owned();
        Group {
            quantity: quantity.to_owned(),
            site: region.site.clone(),
            manufacturer: of_scan("manufacturer"),
            model: of_scan("model"),
            reference: reference.to_owned(),
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

    /// What names the region that a row is about.
    fn region(&self) -> [Option<&'r str>; 4] {
        ["scan", "site", "laterality", "provenance"].map(|column| self.text(column))
    }

    fn index(&self, column: &str) -> usize {
        self.text(column).and_then(|text| text.parse().ok()).unwrap_or(usize::MAX)
    }

    pub(super) fn number(&self, column: &str) -> Option<f64> {
        self.text(column)?.parse().ok()
    }
}
