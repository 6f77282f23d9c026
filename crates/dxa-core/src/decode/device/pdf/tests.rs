//! Text layers of PDFs that other software wrote; `make_pdf.py` beside them says how.

use super::*;
use crate::site::Side;

const SPINE: [&str; 5] = [
    "L1 13.26 11.58 0.873 -1.1 -1",
    "L2 13.72 12.94 0.943 -0.8 -0.7",
    "L3 14.81 13.93 0.941 -1.3 -1",
    "L4 13.97 13.4 0.959 -1.2 -0.9",
    "L1-L4 55.77 51.85 0.93 -1.1 -0.9",
];
const HIP: [&str; 4] = [
    "femoral_neck/L 5 3.5 0.7 -1.3 -0.2",
    "trochanter/L 10 6 0.6 -1 0.1",
    "intertrochanter/L 16 16 1 -0.6 0",
    "total_hip/L 31 25.5 0.823 -1 0",
];

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/device_fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    #[expect(clippy::disallowed_methods, reason = "a test reads its fixture")]
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read(name: &str) -> TextLayer {
    read_text_layer(&fixture(name), Hints::default()).unwrap()
}

fn rows(report: &DeviceReport) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| value.to_string());
    let row = |r: &crate::reported::ReportedRegion| {
        let side = r.side.map_or(String::new(), |side: Side| format!("/{}", side.code()));
        let numbers = [r.area_cm2, r.bmc_g, r.bmd_g_cm2, r.t, r.z].map(number);
        format!("{}{side} {}", r.site, numbers.join(" "))
    };
    report.regions.iter().map(row).collect()
}

fn codes(report: &DeviceReport) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn pages_of_every_writer_give_the_numbers_that_were_printed() {
    let pages: [(&str, &[&str]); 10] = [
        ("reportlab_spine.pdf", &SPINE),
        ("reportlab_comma.pdf", &SPINE),
        ("reportlab_cells_turned.pdf", &SPINE),
        ("fpdf2_spine.pdf", &SPINE),
        ("typst_spine.pdf", &SPINE),
        ("chromium_spine.pdf", &SPINE),
        ("reportlab_zh_cid.pdf", &HIP),
        ("fpdf2_zh.pdf", &HIP),
        ("typst_zh.pdf", &HIP),
        ("chromium_zh.pdf", &HIP),
    ];
    for (name, wanted) in pages {
        let layer = read(name);
        assert!(layer.has_text, "{name}");
        assert_eq!(rows(&layer.report), wanted, "{name}");
        assert!(layer.report.findings.is_empty(), "{name}: {:?}", layer.report.findings);
    }
}

#[test]
fn the_printed_population_goes_with_every_region() {
    let report = read("reportlab_spine.pdf").report;
    assert!(report.regions.iter().all(|region| region.reference.as_deref() == Some("White Female")));
    let report = read("reportlab_ge.pdf").report;
    assert!(
        report
            .regions
            .iter()
            .all(|region| region.reference.as_deref() == Some("USA (Combined NHANES/Lunar)"))
    );
}

#[test]
fn an_empty_column_stays_empty_or_its_rows_are_held_back() {
    let report = read("reportlab_blank_t.pdf").report;
    for region in &report.regions {
        assert_eq!(region.t, None, "{}", region.site);
    }
    let told: usize =
        report.regions.len() + codes(&report).iter().filter(|code| **code == "row_ambiguous").count();
    assert_eq!(told, 5, "{:?}", report.findings);
}

#[test]
fn two_line_headings_and_dual_femur_rows_are_read() {
    let report = read("reportlab_ge.pdf").report;
    assert_eq!(
        rows(&report),
        [
            "femoral_neck/L - - 0.98 -0.4 0.7",
            "femoral_neck/R - - 0.999 -0.3 0.8",
            "femoral_neck/B - - 0.989 -0.4 0.8",
            "total_hip/L - - 0.991 -0.1 0.7",
            "total_hip/R - - 1.007 0 0.8",
        ]
    );
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[test]
fn columns_of_another_maker_are_known_by_their_headings() {
    let report = read("reportlab_norland.pdf").report;
    assert_eq!(
        rows(&report),
        [
            "L2 13.94 11.86 0.8503 -1.51 -0.71",
            "L3 14.68 13.22 0.9006 -1.25 -0.59",
            "L4 15.17 14.09 0.9284 -0.91 -0.32",
            "L2-L4 43.8 39.17 0.8942 -1.28 -0.55",
        ]
    );
    assert_eq!(codes(&report), ["device_item_unknown"]);
    assert!(report.findings[0].message.contains("Length"));
}

#[test]
fn fixed_pitch_lines_keep_their_columns_and_prose_is_no_row() {
    let report = read("reportlab_mono.pdf").report;
    let mut wanted = SPINE.map(str::to_owned);
    wanted[1] = "L2 13.72 12.94 0.943 - -0.7".to_owned();
    assert_eq!(rows(&report), wanted);
    assert!(report.items.is_empty() && report.findings.is_empty(), "{:?}", report.items);
    let forearm = read("reportlab_forearm.pdf").report;
    assert_eq!(rows(&forearm)[2], "radius_ulna_33/L 5 3 0.6 -1.3 -");
}

#[test]
fn tables_beside_each_other_keep_their_sides() {
    let wanted = [
        "femoral_neck/L - - 0.7 -1.3 -0.2",
        "total_hip/L - - 0.82 -1 0",
        "femoral_neck/R - - 0.71 -1.3 -0.2",
        "total_hip/R - - 0.83 -1 0",
    ];
    assert_eq!(rows(&read("reportlab_dualhip.pdf").report), wanted);
}

#[test]
fn a_cell_between_two_columns_is_not_guessed() {
    let report = read("reportlab_ambiguous.pdf").report;
    assert_eq!(rows(&report), ["total_hip/L - - 0.823 -1 0"]);
    assert_eq!(codes(&report), ["row_ambiguous"]);
    assert_eq!(report.findings[0].site, Some(Site::FemoralNeck));
}

#[test]
fn a_picture_has_no_text_even_with_a_hidden_reading_over_it() {
    assert_eq!(read("reportlab_no_text.pdf"), TextLayer::default());
}

#[test]
fn what_is_no_pdf_or_too_much_is_refused() {
    assert_eq!(read_text_layer(b"hello", Hints::default()), Err(PdfError::NotPdf));
    assert_eq!(read_text_layer(&vec![0; LARGEST_PDF + 1], Hints::default()), Err(PdfError::TooLarge));
    let locked = b"%PDF-1.4\ntrailer << /Root 1 0 R /Encrypt 2 0 R >>";
    assert_eq!(read_text_layer(locked, Hints::default()), Err(PdfError::Encrypted));
}

/// A one-page PDF around a content stream that inflates to `size` blanks.
fn bomb(size: usize) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b' '; size]).unwrap();
    let data = encoder.finish().unwrap();
    let mut pdf =
        b"%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Kids[3 0 R]>> endobj\n\
        3 0 obj <</Type/Page/Contents 4 0 R>> endobj\n4 0 obj <</Filter/FlateDecode/Length "
            .to_vec();
    pdf.extend(format!("{}>> stream\n", data.len()).bytes());
    pdf.extend(data);
    pdf.extend(b"\nendstream endobj\ntrailer <</Root 1 0 R>>");
    pdf
}

#[test]
fn a_bomb_is_stopped_and_an_honest_stream_is_not() {
    assert_eq!(read_text_layer(&bomb(40 << 20), Hints::default()), Err(PdfError::LimitsExceeded));
    assert_eq!(read_text_layer(&bomb(60 << 10), Hints::default()), Ok(TextLayer::default()));
}

#[test]
fn nesting_and_endless_starts_end_soon() {
    for part in
        ["[", "<<", "(", "<", "<</A ", "1 0 obj ", "1 0 obj <<>> stream\n", "1 0 obj (", "q ", "/Kids[1 0 R]"]
    {
        let mut pdf = b"%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 1 0 R/Kids[1 0 R]>> endobj trailer <</Root 1 0 R>>\n9 0 obj ".to_vec();
        pdf.extend(part.repeat(1 << 20 >> 2).bytes());
        let _ = read_text_layer(&pdf, Hints::default());
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let pdf = [b"%PDF-1.4 1 0 obj".as_slice(), &bytes].concat();
        let _ = read_text_layer(&pdf, Hints::default());
    }

    #[test]
    fn no_damage_makes_the_reader_panic(at in 0usize..20_000, with in proptest::num::u8::ANY, cut in 0usize..20_000, name in 0usize..4) {
        let mut pdf = fixture(["reportlab_spine.pdf", "fpdf2_spine.pdf", "typst_spine.pdf", "reportlab_zh_cid.pdf"][name]);
        let length = pdf.len();
        pdf[at % length] = with;
        let _ = read_text_layer(&pdf, Hints::default());
        let _ = read_text_layer(&pdf[..cut % length], Hints::default());
    }
}
