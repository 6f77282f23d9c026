//! The text layer of a PDF report: placed characters to lines, lines to tables, tables to numbers.
//!
//! The file is read by our own small reader, because nothing may be inflated, allocated or followed without a
//! limit, and no input may end in a panic.

mod column_heads;
mod content;
mod file;
mod fonts;
mod glyph_names;
mod layout;
mod objects;
mod person_lines;
mod tables;

use super::Hints;
use super::assembly::{Assembly, sided};
use super::patient_facts::PatientFacts;
use super::reference_line;
use super::region_names::{self, Place, Surroundings};
use super::table::{Grid, read_grids, title_side, withheld_row};
use super::vocabulary;
use crate::findings::Severity;
use crate::reported::{DeviceItem, DeviceReport, ItemStatus};
use crate::site::{Side, Site};

use column_heads::Heads;

/// Largest PDF that is read, in bytes.
pub const LARGEST_PDF: usize = 16 << 20;

/// Most lines of one report that are read.
const LINES: usize = 2_000;

/// Why a PDF could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// No PDF header near the start.
    #[error("the encapsulated document is not a PDF")]
    NotPdf,
    /// Larger than is read.
    #[error("the PDF is larger than 16 MiB")]
    TooLarge,
    /// Its text is encrypted.
    #[error("the PDF is encrypted; store it without a password")]
    Encrypted,
    /// It inflates or repeats itself beyond the limits.
    #[error("the PDF exceeds the limits on inflated size or number of operations")]
    LimitsExceeded,
}

/// What the text layer of a PDF holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextLayer {
    /// Regions, composition, items and doubts.
    pub report: DeviceReport,
    /// Whether there is any visible text; without, the pages are pictures and a person must read them.
    pub has_text: bool,
    /// Whom each page is about, to be compared with the header of its object.
    pub patients: Vec<PatientFacts>,
}

/// Reads the visible text of a PDF.
///
/// # Errors
/// When the bytes are no PDF, are encrypted, or exceed a limit; a PDF without text is no error.
pub fn read_text_layer(pdf: &[u8], hints: Hints) -> Result<TextLayer, PdfError> {
    if pdf.len() > LARGEST_PDF {
        return Err(PdfError::TooLarge);
    }
    let start = &pdf[..pdf.len().min(1024)];
    if !start.windows(5).any(|window| window == b"%PDF-") {
        return Err(PdfError::NotPdf);
    }
    let file = file::File::open(pdf)?;
    let read = content::pages(&file)?;
    let readable = |text: &str| text.chars().any(|c| c.is_alphanumeric());
    let has_text = read.pages.iter().flatten().any(|glyph| readable(&glyph.text));
    let mut reader = Reader { hints, left: LINES, ..Reader::default() };
    reader.truncated = !read.complete;
    for glyphs in &read.pages {
        reader.page(glyphs);
    }
    let (report, patients) = reader.finish();
    Ok(TextLayer { report, has_text, patients })
}

#[derive(Default)]
struct Reader {
    hints: Hints,
    assembly: Assembly,
    grids: Vec<Grid>,
    heads: Heads,
    populations: Vec<String>,
    patients: Vec<PatientFacts>,
    /// Lines that may still be read.
    left: usize,
    truncated: bool,
}

impl Reader {
    fn page(&mut self, glyphs: &[content::Glyph]) {
        let mut lines = layout::lines(glyphs);
        self.truncated |= lines.len() > self.left;
        lines.truncate(self.left);
        self.left -= lines.len();
        self.populations.extend(lines.iter().filter_map(|line| reference_line::population(&line.text())));
        let announced = person_lines::announced(&lines);
        for mut found in tables::tables(&lines, &mut self.heads) {
            if names_less(&found.grid.title, &announced.scan) {
                found.grid.title.clone_from(&announced.scan);
            }
            for (label, cells) in &found.ambiguous {
                withhold(label, cells, &found.grid.title, self.hints, &mut self.assembly);
            }
            self.grids.push(found.grid);
        }
        self.patients.extend((announced.patient != PatientFacts::default()).then_some(announced.patient));
    }

    fn finish(mut self) -> (DeviceReport, Vec<PatientFacts>) {
        if self.truncated || self.heads.exhausted {
            let message = "The report has more text than is read; the rest is left out.";
            self.assembly.find("device_text_truncated", Severity::Review, message.to_owned());
        }
        self.populations.sort();
        self.populations.dedup();
        // Two populations on one report: which row has which is not said.
        if let [population] = self.populations.as_slice() {
            self.assembly.reference = Some(population.clone());
        }
        read_grids(&self.grids, self.hints, &mut self.assembly);
        (self.assembly.finish(), self.patients)
    }
}

/// Whether a table's title says less than the scan line of its page, and nothing else.
fn names_less(title: &str, scan: &str) -> bool {
    let (title, scan) = (vocabulary::read(title), vocabulary::read(scan));
    let anatomy = region_names::anatomy_of(&title);
    let silent = anatomy.is_none() && !region_names::is_lateral_spine(&title);
    silent || (anatomy == region_names::anatomy_of(&scan) && title_side(&title).is_none())
}

/// Keeps a row whose cells could not be given to columns for sure.
fn withhold(label: &str, cells: &[String], title: &str, hints: Hints, assembly: &mut Assembly) {
    let anatomy = region_names::anatomy_of(&vocabulary::read(title)).or(hints.anatomy);
    let lateral = hints.lateral || region_names::is_lateral_spine(&vocabulary::read(title));
    let around = Surroundings { anatomy, side: hints.side, bone: None, lateral };
    let site: Option<(Site, Option<Side>)> = match region_names::place(&vocabulary::read(label), around) {
        Place::Site(site, side) => Some((site, side)),
        _ => None,
    };
    let named = site.map_or("a row".to_owned(), |(site, side)| sided(site, side));
    let message = format!("The numbers of {named} cannot be told apart by column; they are held back.");
    assembly.findings.push(withheld_row(message, site));
    let item = DeviceItem {
        key: label.to_owned(),
        code: None,
        value: cells.join(" "),
        unit: None,
        status: ItemStatus::PassedThrough,
    };
    assembly.items.push(item);
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod hostile_tests;
