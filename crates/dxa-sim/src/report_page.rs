//! Report pages as pictures: an RGB raster with the scan on the left and the table burned in.

use crate::device_numbers::{Decimal, Row, fixed};
use crate::font::{ADVANCE, LINE, glyph};

/// Columns and rows of a page: small, so that the committed scans stay small.
pub(crate) const PAGE: (u16, u16) = (480, 300);
/// Left, top, width and height of the scan picture on the page.
pub(crate) const SCAN_BOX: (u16, u16, u16, u16) = (8, 40, 140, 180);

/// An 8-bit RGB page, colour by pixel.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    samples: Vec<u8>,
}

impl Page {
    /// A white page.
    pub(crate) fn new() -> Self {
        Self { samples: vec![255; usize::from(PAGE.0) * usize::from(PAGE.1) * 3] }
    }

    /// Puts a grey picture of the size of `SCAN_BOX` in its place.
    pub(crate) fn scan(mut self, grey: &[u8]) -> Self {
        let (left, top, width, _) = SCAN_BOX;
        for (row, line) in grey.chunks(usize::from(width)).enumerate() {
            for (column, &value) in line.iter().enumerate() {
                self.dot(usize::from(left) + column, usize::from(top) + row, [value; 3]);
            }
        }
        self
    }

    /// Writes lines of text downwards from a corner, each in this colour.
    pub(crate) fn lines(mut self, left: usize, top: usize, color: [u8; 3], lines: &[String]) -> Self {
        for (number, line) in lines.iter().enumerate() {
            for (index, character) in line.chars().enumerate() {
                self.character(left + index * ADVANCE, top + number * LINE, color, character);
            }
        }
        self
    }

    fn character(&mut self, left: usize, top: usize, color: [u8; 3], character: char) {
        for (row, dots) in glyph(character).iter().enumerate() {
            for column in (0..5).filter(|column| dots >> (4 - column) & 1 == 1) {
                self.dot(left + column, top + row, color);
            }
        }
    }

    fn dot(&mut self, column: usize, row: usize, color: [u8; 3]) {
        let width = usize::from(PAGE.0);
        let start = (row * width + column) * 3;
        if column < width
            && let Some(pixel) = self.samples.get_mut(start..start + 3)
        {
            pixel.copy_from_slice(&color);
        }
    }

    /// The samples.
    pub(crate) fn into_samples(self) -> Vec<u8> {
        self.samples
    }
}

/// A result table in columns of fixed width.
pub(crate) fn table(rows: &[Row], decimal: Decimal) -> Vec<String> {
    let number = |value: Option<i64>, places| value.map_or_else(String::new, |n| fixed(n, places, decimal));
    let heading = format!("{:<18}{:>7}{:>7}{:>7}{:>6}{:>6}", "Region", "Area", "BMC", "BMD", "T", "Z");
    let line = |row: &Row| {
        format!(
            "{:<18}{:>7}{:>7}{:>7}{:>6}{:>6}",
            row.label,
            number(row.area.map(i64::from), 2),
            number(row.bmc.map(i64::from), 2),
            number(row.bmd.map(i64::from), 3),
            number(row.t.map(i64::from), 1),
            number(row.z.map(i64::from), 1),
        )
    };
    std::iter::once(heading).chain(rows.iter().map(line)).collect()
}
