//! Hologic's "Image Analysis Data": assignment lines and result matrices in a private text element.

mod lexer;
mod matrix;

use super::Hints;
use super::assembly::Assembly;
use super::markup::plain_text;
use super::patient_facts::PatientFacts;
use super::reference_line;
use super::region_names;
use super::table::{read_grids, title_side};
use super::vocabulary::{self, Reading};
use crate::findings::Severity;
use crate::reported::{DeviceItem, DeviceReport, ItemStatus};

/// What an analysis text holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnalysisText {
    /// Regions, composition, items and doubts.
    pub report: DeviceReport,
    /// Whom the text is about, to be compared with the header of its object.
    pub patient: PatientFacts,
}

/// Keys of the scan's own constants: known, and carried as they stand.
const CONSTANTS: [&str; 12] = [
    "k",
    "d0",
    "k0",
    "cv",
    "roi",
    "roisize",
    "scanmode",
    "scantype",
    "mode",
    "softwareversion",
    "analysisversion",
    "serialnumber",
];

/// Most letters and digits beside the bone in the key of a scan.
const MARK: usize = 24;

/// Reads an analysis text, already decoded to Unicode, whatever its line ends and wrapper.
#[must_use]
pub fn read_analysis_text(text: &str, hints: Hints) -> AnalysisText {
    let mut reading = Assembler::default();
    let (assignments, complete) = lexer::assignments(text);
    if !complete {
        let message = "The analysis text is longer than is read; what came after is left out.";
        reading.assembly.find("device_text_truncated", Severity::Review, message.to_owned());
    }
    for assignment in assignments {
        reading.take(&assignment.key, &assignment.value);
    }
    reading.finish(hints)
}

#[derive(Default)]
struct Assembler {
    assembly: Assembly,
    patient: PatientFacts,
    matrices: matrix::Matrices,
    told: Hints,
    sides_differ: bool,
}

impl Assembler {
    fn take(&mut self, key: &str, value: &str) {
        if self.matrices.take(key, value) {
            return;
        }
        let value = plain_text(value);
        let name: String = key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let reading = vocabulary::read(&value);
        if self.patient.take(key, &value) {
            // The key of date and number may name the bone as well.
            let _ = name == "scan" && self.tells(&reading, MARK);
            return;
        }
        let population = reference_line::population(&value).or_else(|| {
            let names_reference =
                name.contains("referencepopulation") || name == "reference" || name == "tscorereference";
            (names_reference && !value.is_empty()).then(|| value.clone())
        });
        if let Some(population) = population {
            self.assembly.reference.get_or_insert(population);
            return self.assembly.carry(key.to_owned(), value, None);
        }
        let mark = if name.starts_with("scan") { MARK } else { 0 };
        if self.tells(&reading, mark) || CONSTANTS.contains(&name.as_str()) {
            return self.assembly.carry(key.to_owned(), value, None);
        }
        let item =
            DeviceItem { key: key.to_owned(), code: None, value, unit: None, status: ItemStatus::Unknown };
        self.assembly.keep_unknown(key, item);
    }

    /// A value such as `Left Hip` tells anatomy and side, whatever its key is called; in that of a scan a mark such
    /// as `f` or a date may stand beside it.
    fn tells(&mut self, reading: &Reading, mark: usize) -> bool {
        let named = reading.leftover.chars().count() <= mark;
        if named && region_names::is_lateral_spine(reading) {
            self.told.lateral = true;
            return true;
        }
        let anatomy = region_names::anatomy_of(reading).filter(|_| named);
        if anatomy.is_none() {
            return false;
        }
        self.told.anatomy = self.told.anatomy.or(anatomy);
        let side = title_side(reading);
        self.sides_differ |= matches!((self.told.side, side), (Some(a), Some(b)) if a != b);
        self.told.side = self.told.side.or(side);
        true
    }

    fn finish(mut self, hints: Hints) -> AnalysisText {
        self.sides_differ |= matches!((self.told.side, hints.side), (Some(a), Some(b)) if a != b);
        let mut side = self.told.side.or(hints.side);
        if self.sides_differ {
            side = None;
            let message = "The analysis text and its object name different sides; no side is given.";
            self.assembly.find("side_contradicts", Severity::Review, message.to_owned());
        }
        let lateral = self.told.lateral || hints.lateral;
        let hints = Hints { anatomy: self.told.anatomy.or(hints.anatomy), side, lateral };
        let (grids, stray) = self.matrices.into_grids();
        for (key, value) in stray {
            let item =
                DeviceItem { key: key.clone(), code: None, value, unit: None, status: ItemStatus::Unknown };
            self.assembly.keep_unknown(&key, item);
        }
        read_grids(&grids, hints, &mut self.assembly);
        AnalysisText { report: self.assembly.finish(), patient: self.patient }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod variant_tests;
