//! The analysis text that Hologic carries in a private element: assignments and a result matrix.

use crate::device_numbers::{Composition, Decimal, Row, fixed};
use crate::patient::{Patient, Sex};
use crate::report_page::SCAN_BOX;

/// A cell without a value is one blank, never empty.
const BLANK: &str = " ";

/// Lines of `Key = "value";`.
#[derive(Clone, Debug)]
pub(crate) struct AnalysisText {
    lines: Vec<String>,
    decimal: Decimal,
}

impl AnalysisText {
    /// The head of every text: scan, person, and where the scan picture lies on the page.
    pub(crate) fn new(scan_id: &str, patient: &Patient, decimal: Decimal) -> Self {
        let sex = if patient.sex == Sex::Male { "Male" } else { "Female" };
        let (left, top, width, height) = SCAN_BOX;
        Self { lines: Vec::new(), decimal }
            .line("Scan", &format!("17.05.2024 - {scan_id}"))
            .line("PatientName", &patient.name.replace('^', ", "))
            .line("PatientSex", sex)
            .line("Ethnicity", &patient.ethnic_group)
            .line("Height", &format!("{} cm", patient.height_cm))
            .line("Weight", &format!("{} kg", patient.weight_kg))
            .line("DOB", &patient.birth_date_dotted())
            .line("Age", &patient.age.to_string())
            .line("ImageXPos", &left.to_string())
            .line("ImageYPos", &top.to_string())
            .line("ImageXSize", &width.to_string())
            .line("ImageYSize", &height.to_string())
    }

    /// One assignment.
    pub(crate) fn line(mut self, key: &str, value: &str) -> Self {
        self.lines.push(format!("{key} = \"{value}\";"));
        self
    }

    /// One cell of the result matrix; its indices are padded with a blank to two places.
    pub(crate) fn cell(self, row: usize, column: usize, text: &str) -> Self {
        self.line(&format!("ResultsTable1[{row:>2}][{column:>2}]"), text)
    }

    fn row(mut self, row: usize, cells: &[String]) -> Self {
        for (column, text) in cells.iter().enumerate() {
            self = self.cell(row, column, text);
        }
        self
    }

    /// Area, content, density and scores of regions, and the reference line of the page.
    pub(crate) fn regions(mut self, rows: &[Row], reference: &str) -> Self {
        self = self.row(0, &DENSITY_HEADINGS.map(str::to_owned));
        for (index, row) in rows.iter().enumerate() {
            let cells = self.density_cells(row);
            self = self.row(index + 1, &cells);
        }
        self.line("ReferenceText", reference)
    }

    fn density_cells(&self, row: &Row) -> [String; 6] {
        [
            row.label.clone(),
            self.number(row.area, 2),
            self.number(row.bmc, 2),
            self.number(row.bmd, 3),
            self.score(row.t),
            self.score(row.z),
        ]
    }

    /// Bone and body composition in one matrix; parts that overlap others have no bone.
    pub(crate) fn whole_body(mut self, parts: &[Composition], reference: &str) -> Self {
        self = self.row(0, &BODY_HEADINGS.map(str::to_owned));
        for (index, part) in parts.iter().enumerate() {
            let cells = self.body_cells(part);
            self = self.row(index + 1, &cells);
        }
        self.line("ReferenceText", reference)
    }

    fn body_cells(&self, part: &Composition) -> [String; 10] {
        let bone = part.bone.as_ref();
        [
            part.label.to_owned(),
            self.number(bone.and_then(|bone| bone.area), 2),
            self.number(bone.and_then(|bone| bone.bmc), 2),
            self.number(bone.and_then(|bone| bone.bmd), 3),
            self.number(Some(part.fat), 1),
            self.number(Some(part.lean), 1),
            self.number(Some(part.total()), 1),
            self.number(Some(part.fat_percent()), 1),
            self.score(bone.and_then(|bone| bone.t)),
            self.score(bone.and_then(|bone| bone.z)),
        ]
    }

    fn number(&self, value: Option<u32>, places: usize) -> String {
        value.map_or_else(|| BLANK.to_owned(), |value| fixed(i64::from(value), places, self.decimal))
    }

    fn score(&self, value: Option<i32>) -> String {
        value.map_or_else(|| BLANK.to_owned(), |value| fixed(i64::from(value), 1, self.decimal))
    }

    /// The element's value; every line ends with CR LF.
    pub(crate) fn into_text(self) -> String {
        self.lines.into_iter().map(|line| line + "\r\n").collect()
    }
}

const DENSITY_HEADINGS: [&str; 6] = [
    "Region",
    "Area[cm<sup><small>2</small></sup>]",
    "BMC[(g)]",
    "BMD[g/cm<sup><small>2</small></sup>]",
    "T -<br>Score",
    "Z -<br>Score",
];

const BODY_HEADINGS: [&str; 10] = [
    "Region",
    "Area[cm<sup><small>2</small></sup>]",
    "BMC[(g)]",
    "BMD[g/cm<sup><small>2</small></sup>]",
    "Fat[(g)]",
    "Lean[(g)]",
    "Total[(g)]",
    "% Fat[(%)]",
    "T -<br>Score",
    "Z -<br>Score",
];

#[cfg(test)]
mod tests {
    use super::AnalysisText;
    use crate::device_numbers::{Decimal, Row};
    use crate::patient::Patient;

    #[test]
    fn writes_cells_with_padded_indices_and_crlf() {
        let rows = [Row::of("L1", "L1", None, 1326, 1158)];
        let text = AnalysisText::new("A0517", &Patient::woman(7, "Sim^Spine"), Decimal::Comma);
        let text = text.regions(&rows, "").into_text();
        assert!(text.contains("PatientName = \"Sim, Spine\";\r\n"));
        assert!(text.contains("ResultsTable1[ 1][ 3] = \"0,873\";\r\n"));
        assert!(text.contains("ResultsTable1[ 1][ 4] = \" \";\r\n"));
    }
}
