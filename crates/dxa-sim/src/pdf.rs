//! Report pages as PDF with a text layer, and the DICOM object that encapsulates them.

use dicom_dictionary_std::{tags, uids};

use crate::device_numbers::{Decimal, Row, Side, fixed};
use crate::dicom_writer::Syntax;
use crate::hologic::{reference_line, scan_id};
use crate::object::{Device, Expected, Object};
use crate::patient::{STUDY_DATE, Series, Study};

/// How a page writes its table into the content stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Every cell placed by a matrix of its own; the stream is plain.
    Placed,
    /// Every cell moved to from the last one, its letters kerned apart; the stream is wrapped in zlib.
    Kerned,
}

/// Left edges of the six columns, points.
const COLUMNS: [u16; 6] = [60, 190, 260, 330, 400, 460];
/// Height of the first line of the table and distance between lines, points.
const TABLE_TOP: u16 = 560;
const LEADING: u16 = 16;

/// One report to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    /// What the page calls the scan.
    pub(crate) title: &'static str,
    /// Kind in the words of the contract.
    pub(crate) kind: &'static str,
    /// Side.
    pub(crate) side: Option<Side>,
    /// How the table is written.
    pub(crate) layout: Layout,
    /// Decimal mark.
    pub(crate) decimal: Decimal,
}

impl Report {
    /// The report with this table, encapsulated.
    pub(crate) fn object(self, study: &Study, manufacturer: &str, model: &str, rows: Vec<Row>) -> Object {
        let texts = page_texts(study, self.title, self.decimal, &rows);
        let document = document(&content(&texts, self.layout), self.layout);
        let series = Series { label: "documents", number: 80 };
        let data = study
            .object(uids::ENCAPSULATED_PDF_STORAGE, "DOC", &series, 1)
            .text(tags::MANUFACTURER, manufacturer)
            .text(tags::MANUFACTURER_MODEL_NAME, model)
            .text(tags::STUDY_DESCRIPTION, "Bone Densitometry")
            .text(tags::SERIES_DESCRIPTION, "DXA Report")
            .text(tags::CONVERSION_TYPE, "WSD")
            .text(tags::ACQUISITION_DATE_TIME, "20240517101500")
            .text(tags::CONTENT_DATE, STUDY_DATE)
            .text(tags::CONTENT_TIME, "103000")
            .text(tags::BURNED_IN_ANNOTATION, "YES")
            .text(tags::DOCUMENT_TITLE, self.title)
            .sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, vec![])
            .text(tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, "application/pdf")
            .bytes(tags::ENCAPSULATED_DOCUMENT, document);
        let device = Device::of(rows, &reference_line(&study.patient));
        let expected = Expected::reported(self.kind).side(self.side.map(Side::code));
        Object::new(data, Syntax::Explicit, expected).with_device(device)
    }
}

/// A text and the place of its first letter, points from the lower left corner.
type Placed = (u16, u16, String);

fn page_texts(study: &Study, title: &str, decimal: Decimal, rows: &[Row]) -> Vec<Placed> {
    let patient = &study.patient;
    let mut texts = vec![
        (60, 740, format!("Name: {}", patient.name.replace('^', ", "))),
        (330, 740, format!("Sex: {}", patient.sex.code())),
        (60, 722, format!("Patient ID: {}", patient.id)),
        (330, 722, format!("DOB: {}", patient.birth_date_dotted())),
        (60, 690, format!("Scan: {title}   {}", scan_id(study))),
        (60, 590, "DXA Results Summary:".to_owned()),
    ];
    let headings = ["Region", "Area (cm\u{b2})", "BMC (g)", "BMD (g/cm\u{b2})", "T - score", "Z - score"];
    texts.extend(line(TABLE_TOP, headings.map(str::to_owned)));
    let tops = (1..).map(|number| TABLE_TOP - LEADING * number);
    for (top, row) in tops.zip(rows) {
        texts.extend(line(top, cells(row, decimal)));
    }
    texts.push((60, 200, reference_line(patient)));
    texts
}

/// A line of the table; empty cells leave no mark.
fn line(top: u16, cells: [String; 6]) -> impl Iterator<Item = Placed> {
    let places = COLUMNS.into_iter().zip(cells);
    places.filter(|(_, cell)| !cell.is_empty()).map(move |(left, cell)| (left, top, cell))
}

fn cells(row: &Row, decimal: Decimal) -> [String; 6] {
    let number =
        |value: Option<u32>, places| value.map_or_else(String::new, |n| fixed(i64::from(n), places, decimal));
    let score = |value: Option<i32>| value.map_or_else(String::new, |n| fixed(i64::from(n), 1, decimal));
    [
        row.label.clone(),
        number(row.area, 2),
        number(row.bmc, 2),
        number(row.bmd, 3),
        score(row.t),
        score(row.z),
    ]
}

/// The operators of the page.
fn content(texts: &[Placed], layout: Layout) -> Vec<u8> {
    let mut stream = b"BT\n/F1 10 Tf\n".to_vec();
    let mut last = (0i32, 0i32);
    for (left, top, text) in texts {
        match layout {
            Layout::Placed => {
                stream.extend(format!("1 0 0 1 {left} {top} Tm\n(").bytes());
                stream.extend(literal(text));
                stream.extend(b") Tj\n");
            }
            Layout::Kerned => {
                let place = (i32::from(*left), i32::from(*top));
                stream.extend(format!("{} {} Td\n[", place.0 - last.0, place.1 - last.1).bytes());
                stream.extend(kerned(text));
                stream.extend(b"] TJ\n");
                last = place;
            }
        }
    }
    stream.extend(b"ET\n");
    stream
}

/// A text in WinAnsi with the three special signs escaped.
fn literal(text: &str) -> Vec<u8> {
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let mut escaped = Vec::new();
    for &byte in bytes.iter() {
        if matches!(byte, b'(' | b')' | b'\\') {
            escaped.push(b'\\');
        }
        escaped.push(byte);
    }
    escaped
}

/// The text in pieces of two letters with small shifts between: what a typesetter's kerning looks like.
fn kerned(text: &str) -> Vec<u8> {
    let letters: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    for (index, piece) in letters.chunks(2).enumerate() {
        if index > 0 {
            pieces.extend(b" -12 ");
        }
        pieces.push(b'(');
        pieces.extend(literal(&piece.iter().collect::<String>()));
        pieces.push(b')');
    }
    pieces
}

/// Five objects, a cross-reference table and a trailer (ISO 32000-1, 7.5).
fn document(content: &[u8], layout: Layout) -> Vec<u8> {
    let (filter, content) = match layout {
        Layout::Placed => ("", content.to_vec()),
        Layout::Kerned => (" /Filter /FlateDecode", zlib_stored(content)),
    };
    let mut stream = format!("<< /Length {}{filter} >>\nstream\n", content.len()).into_bytes();
    stream.extend(content);
    stream.extend(b"\nendstream");
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R \
                /Resources << /Font << /F1 5 0 R >> >> >>";
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        page.as_bytes().to_vec(),
        stream,
        font.as_bytes().to_vec(),
    ];
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut table = String::from("xref\n0 6\n0000000000 65535 f \n");
    for (number, object) in (1..).zip(objects) {
        table.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.extend(format!("{number} 0 obj\n").bytes());
        pdf.extend(object);
        pdf.extend(b"\nendobj\n");
    }
    let start = pdf.len();
    pdf.extend(format!("{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    pdf
}

/// A zlib stream of stored blocks: valid for every reader, and the same whatever compressor is around.
///
/// # References
/// RFC 1950, RFC 1951 section 3.2.4.
fn zlib_stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let blocks = bytes.chunks(usize::from(u16::MAX));
    let count = blocks.len();
    for (index, block) in blocks.enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(index + 1 == count));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(adler32(bytes).to_be_bytes());
    stream
}

fn adler32(bytes: &[u8]) -> u32 {
    let step = |(low, high): (u32, u32), &byte: &u8| {
        let low = (low + u32::from(byte)) % 65_521;
        (low, (high + low) % 65_521)
    };
    let (low, high) = bytes.iter().fold((1, 0), step);
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::adler32;

    #[test]
    fn checksum_of_the_well_known_example() {
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }
}
