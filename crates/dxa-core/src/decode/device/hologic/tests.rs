//! Analysis texts as devices may write them.

use super::*;
use crate::reported::{BodyPart, ReportedAnatomy};
use crate::site::{Side, Site};

/// A text with one result matrix; rows are cells parted by `|`.
fn matrix(rows: &[&str]) -> String {
    let mut text = String::new();
    for (r, row) in rows.iter().enumerate() {
        for (c, cell) in row.split('|').enumerate() {
            text.push_str(&format!("ResultsTable1[ {r}][ {c}] = \"{cell}\";\r\n"));
        }
    }
    text
}

const HEAD: &str = "Region|Area[cm<sup><small>2</small></sup>]|BMC[(g)]|BMD[g/cm<sup><small>2</small></sup>]|T-score|Z-score";

/// Spine of a Hologic Horizon report page (figures of a real one).
const SPINE: [&str; 6] = [
    HEAD,
    "L1|13.26|11.58|0.873| |-1.0",
    "L2|13.72|12.94|0.943| |-0.7",
    "L3|14.81|13.93|0.941| |-1.0",
    "L4|13.97|13.40|0.959| |-0.9",
    "Total|55.77|51.85|0.930| |-0.9",
];

fn read(text: &str) -> DeviceReport {
    read_analysis_text(text, Hints::default()).report
}

fn bmd(report: &DeviceReport, site: &str) -> Option<f64> {
    let site: Site = site.parse().unwrap();
    report.regions.iter().find(|region| region.site == site)?.bmd_g_cm2
}

fn codes(report: &DeviceReport) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn a_spine_is_read_with_its_total_named_by_arithmetic() {
    let report = read(&matrix(&SPINE));
    let rows: Vec<_> = report.regions.iter().map(|r| (r.site.to_string(), r.bmd_g_cm2, r.t, r.z)).collect();
    assert_eq!(
        rows,
        [
            ("L1".to_owned(), Some(0.873), None, Some(-1.0)),
            ("L2".to_owned(), Some(0.943), None, Some(-0.7)),
            ("L3".to_owned(), Some(0.941), None, Some(-1.0)),
            ("L4".to_owned(), Some(0.959), None, Some(-0.9)),
            ("L1-L4".to_owned(), Some(0.930), None, Some(-0.9)),
        ]
    );
    assert_eq!(report.anatomy, Some(ReportedAnatomy::Spine));
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert!(report.items.is_empty());
}

#[test]
fn a_total_over_three_vertebrae_is_named_so() {
    let report =
        read(&matrix(&[SPINE[0], SPINE[1], SPINE[2], SPINE[3], SPINE[4], "Total|41.05|38.45|0.937| | "]));
    // L1 is left out by no arithmetic: 41.05 = 13.26 + 13.72 + … does not hold for any three; L1, L2, L4 is 40.95.
    assert!(codes(&report).contains(&"total_inconsistent"), "{:?}", report.findings);
    let report =
        read(&matrix(&[SPINE[0], SPINE[1], SPINE[2], SPINE[3], SPINE[4], "Total|40.95|37.92|0.926| | "]));
    assert_eq!(bmd(&report, "L1-L2,L4"), Some(0.926));
}

#[test]
fn the_same_text_is_read_in_every_line_end_wrapper_and_number_format() {
    let plain = matrix(&SPINE);
    let wanted = read(&plain);
    let comma: String = plain
        .lines()
        .map(|line| match line.split_once(" = ") {
            Some((key, value)) => format!("{key} = {}\n", value.replace('.', ",")),
            None => line.to_owned(),
        })
        .collect();
    let variants = [
        plain.replace("\r\n", "\n"),
        plain.replace("\r\n", "\r"),
        plain.replace("\r\n", "  \r\n\t "),
        plain.replace("\";", "\""),
        plain.replace("\r\n", " "),
        plain.replace('<', "&lt;").replace('>', "&gt;"),
        plain.replace("<sup><small>2</small></sup>", "&#178;"),
        plain.replace("<sup><small>2</small></sup>", "²"),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ImageAnalysis><![CDATA[\n{plain}]]></ImageAnalysis>"
        ),
        comma,
    ];
    for variant in variants {
        let report = read(&variant);
        assert_eq!(report.regions, wanted.regions, "{variant}");
        assert!(report.items.is_empty(), "{:?}", report.items);
    }
}

#[test]
fn a_hip_takes_the_side_that_the_text_names() {
    let rows = [
        HEAD,
        "Neck|5.00|3.50|0.700|-1.3|-0.2",
        "Troch|10.00|6.00|0.600|-1.0|0.1",
        "Inter|16.00|16.00|1.000|-0.6|0.0",
        "Total|31.00|25.50|0.823|-1.0|0.0",
        "Ward's|1.10|0.55|0.500|-2.0|0.3",
    ];
    let text = format!(
        "ScanType = \"Left Hip\";\r\nReferenceText = \"T-score vs. White Female. Source: NHANES\";\r\n{}",
        matrix(&rows)
    );
    let report = read(&text);
    let rows: Vec<_> = report.regions.iter().map(|r| (r.site.to_string(), r.side, r.t)).collect();
    let left = Some(Side::Left);
    assert_eq!(
        rows,
        [
            ("femoral_neck".to_owned(), left, Some(-1.3)),
            ("trochanter".to_owned(), left, Some(-1.0)),
            ("intertrochanter".to_owned(), left, Some(-0.6)),
            ("total_hip".to_owned(), left, Some(-1.0)),
            ("wards".to_owned(), left, Some(-2.0)),
        ]
    );
    assert!(report.regions.iter().all(|r| r.reference.as_deref() == Some("White Female")));
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let hinted = read_analysis_text(&text, Hints { side: Some(Side::Right), ..Hints::default() }).report;
    assert!(codes(&hinted).contains(&"side_contradicts"));
    assert!(hinted.regions.iter().all(|r| r.side.is_none()));
}

#[test]
fn vertebrae_of_a_lateral_scan_are_not_those_of_the_ap_spine() {
    let text = format!("ScanType = \"Lateral Spine\";\n{}", matrix(&SPINE));
    let report = read(&text);
    assert!(report.regions.is_empty());
    assert!(report.items.iter().any(|item| item.key.starts_with("L1 BMD")));
    let hints = Hints { lateral: true, ..Hints::default() };
    assert!(read_analysis_text(&matrix(&SPINE), hints).report.regions.is_empty());
}

#[test]
fn sections_of_two_hips_and_their_mean_keep_their_sides() {
    let report = read(&matrix(&[
        "Region|Area (cm2)|BMC (g)|BMD (g/cm2)",
        "Left Hip| | | ",
        "Neck|5.10|3.57|0.700",
        "Right Hip| | | ",
        "Neck|5.20|3.74|0.719",
        "Mean| | | ",
        "Neck|10.30|7.31|0.710",
    ]));
    let rows: Vec<_> = report.regions.iter().map(|r| (r.side.map(Side::code), r.bmd_g_cm2)).collect();
    assert_eq!(rows, [(Some("L"), Some(0.7)), (Some("R"), Some(0.719)), (Some("B"), Some(0.71))]);
}

#[test]
fn a_forearm_needs_its_bone() {
    let report = read(&matrix(&[
        "Radius + Ulna|Area (cm2)|BMC (g)|BMD (g/cm2)",
        "1/3|5.00|3.00|0.600",
        "MID|6.00|3.00|0.500",
        "UD|8.00|3.20|0.400",
        "Total|19.00|9.20|0.484",
    ]));
    let sites: Vec<_> = report.regions.iter().map(|r| r.site.to_string()).collect();
    assert_eq!(sites, ["radius_ulna_33", "radius_ulna_mid", "radius_ulna_ud", "radius_ulna_total"]);
    let report = read(&matrix(&["Region|BMD (g/cm2)", "1/3|0.600", "UD|0.400", "Ulna 1/3|0.650"]));
    assert!(report.regions.is_empty());
    assert_eq!(report.items.len(), 3);
    assert_eq!(codes(&report), ["device_item_unknown"]);
    let report = read(&matrix(&["Region|BMD (g/cm2)", "Radius| ", "1/3|0.600", "Ulna| ", "1/3|0.650"]));
    assert_eq!(bmd(&report, "radius_33"), Some(0.6));
    assert_eq!(report.regions.len(), 1);
}

#[test]
fn a_whole_body_gives_composition_and_no_spine_site() {
    let report = read(&matrix(&[
        "Region|Area[cm<sup>2</sup>]|BMC[(g)]|BMD[g/cm<sup>2</sup>]|Fat[(g)]|Lean[(g)]|Total[(g)]|% Fat[(%)]",
        "L Arm|200.00|150.00|0.750|1000.0|2000.0|3150.0|31.7",
        "T Spine|120.00|100.00|0.833| | | | ",
        "L Spine|50.00|50.00|1.000| | | | ",
        "Trunk| | | |9000.0|21000.0|30500.0|29.5",
        "Subtotal|1700.00|1800.00|1.059|18000.0|40000.0|59800.0|30.1",
        "Head|230.00|450.00|1.957|1000.0|3000.0|4450.0|22.5",
        "Total|1930.00|2250.00|1.166|19000.0|43000.0|64250.0|29.6",
    ]));
    let sites: Vec<_> = report.regions.iter().map(|r| r.site).collect();
    assert_eq!(sites, [Site::TotalBodyLessHead, Site::TotalBody]);
    let parts: Vec<_> = report.composition.iter().map(|c| (c.part, c.fat_g, c.fat_percent)).collect();
    assert_eq!(
        parts,
        [
            (BodyPart::LeftArm, Some(1000.0), Some(31.7)),
            (BodyPart::Trunk, Some(9000.0), Some(29.5)),
            (BodyPart::Head, Some(1000.0), Some(22.5)),
            (BodyPart::Total, Some(19000.0), Some(29.6)),
        ]
    );
    assert_eq!(report.anatomy, Some(ReportedAnatomy::WholeBody));
    assert!(report.items.iter().any(|item| item.key.starts_with("L Spine BMD")));
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[test]
fn units_are_converted_or_the_column_is_held_back() {
    let report = read(&matrix(&["Region|Area (mm2)|BMC (mg)|BMD (mg/cm2)", "L1|1326|11580|873"]));
    let row = &report.regions[0];
    assert_eq!((row.area_cm2, row.bmc_g, row.bmd_g_cm2), (Some(13.26), Some(11.58), Some(0.873)));
    let report = read(&matrix(&["Region|Area (in2)|BMC (g)|BMD (g/cm2)", "L1|2.05|11.58|0.873"]));
    assert_eq!(report.regions[0].area_cm2, None);
    assert_eq!(report.regions[0].bmc_g, Some(11.58));
    assert!(codes(&report).contains(&"unit_unknown"));
    let report = read(&matrix(&["Region|Area|BMC|BMD", "L1|13.26|11.58|0.873"]));
    assert_eq!(report.regions[0].area_cm2, Some(13.26));
    let report = read(&matrix(&["Region|Area|BMC|BMD", "L1|1326|11580|873"]));
    assert!(report.regions.is_empty());
    assert!(codes(&report).contains(&"unit_unknown"));
}

#[test]
fn columns_are_mapped_by_meaning_in_any_order_and_direction() {
    let report =
        read(&matrix(&["Z-score|BMD (g/cm²)|部位|T-score|面积(cm²)", "-0.5|0.700|股骨颈|-1.3|5.00"]));
    let row = &report.regions[0];
    assert_eq!(
        (row.site, row.t, row.z, row.area_cm2),
        (Site::FemoralNeck, Some(-1.3), Some(-0.5), Some(5.0))
    );
    let report = read(&matrix(&[
        "Region|L1|L2",
        "Area (cm2)|13.26|13.72",
        "BMC (g)|11.58|12.94",
        "BMD (g/cm2)|0.873|0.943",
    ]));
    assert_eq!(bmd(&report, "L2"), Some(0.943));
}

#[test]
fn what_is_unknown_is_kept_and_named_once_without_its_value() {
    let text = format!(
        "Mystery = \"secret 42\";\n{}",
        matrix(&["Region|BMD (g/cm2)|Wobble", "L1|0.873|7", "Gizmo|0.5|8"])
    );
    let report = read(&text);
    assert_eq!(report.items.len(), 4, "{:?}", report.items);
    assert!(report.items.iter().all(|item| item.status == ItemStatus::Unknown));
    assert_eq!(codes(&report), ["device_item_unknown"]);
    let message = &report.findings[0].message;
    assert!(["Mystery", "Wobble", "Gizmo"].iter().all(|key| message.contains(key)), "{message}");
    assert!(!message.contains("42"));
}

#[test]
fn contradictions_are_found() {
    let report = read(&matrix(&[HEAD, "L1|13.26|11.58|0.973| | "]));
    assert_eq!(codes(&report), ["bmd_inconsistent"]);
    let report = read(&matrix(&[HEAD, SPINE[1], SPINE[2], "L1-L2|26.98|24.52|0.919| | "]));
    assert!(codes(&report).contains(&"total_inconsistent"), "{:?}", report.findings);
    let report = read(&matrix(&["Region|BMD (g/cm2)", "L1|2.730"]));
    assert_eq!(codes(&report), ["bmd_implausible"]);
    let report = read(&matrix(&["Region|BMD (mg/cm2)", "L1|0.873"]));
    assert!(report.regions.is_empty() && report.items.len() == 1);
    assert_eq!(codes(&report), ["value_impossible"]);
    let report = read(&matrix(&[HEAD, "L1|13.26|1e3|0.873| |inf"]));
    assert_eq!(bmd(&report, "L1"), Some(0.873));
    assert_eq!(codes(&report), ["number_ambiguous", "number_ambiguous"]);
    let report = read(&matrix(&[HEAD, SPINE[1], "L1|13.26|11.58|0.873| |-2.0"]));
    assert!(report.regions.is_empty());
    assert_eq!(codes(&report), ["duplicate_row_conflict"]);
}

#[test]
fn identifiers_stay_out_of_items_and_findings() {
    let text = "PatientName = \"Roe^Richard\";\nPatientID = \"X99\";\nDOB = \"01.02.1950\";\nAge = \"70\";\nEthnicity = \"White\";\n\
                Scan = \"17 May 2024 - A05172401\";\nImageXPos = \"12\";";
    let read = read_analysis_text(text, Hints::default());
    assert!(read.report.items.is_empty() && read.report.findings.is_empty());
    assert_eq!(read.patient.name.as_deref(), Some("Roe^Richard"));
    assert_eq!(read.patient.image_px[0], Some(12));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(\\PC|[\r\n\"=;<>&\\[\\]]|ResultsTable|L[1-5]|BMD|[0-9.,]{1,6}){0,60}") {
        let _ = read_analysis_text(&text, Hints::default());
    }

    #[test]
    fn no_table_makes_the_reader_panic(rows in proptest::collection::vec("(Region|Total|L1|Neck|BMD|Area|[(]g/cm2[)]|[-0-9., ]{0,8}|[|]){0,9}", 0..6)) {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let _ = read_analysis_text(&matrix(&rows), Hints::default());
    }
}
