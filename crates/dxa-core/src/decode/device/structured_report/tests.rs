//! Content trees as different makers may write them.

use super::*;
use crate::site::Side;

fn num(code: (&str, &str, &str), value: &str, unit: &str) -> ContentItem {
    ContentItem {
        relationship: Some("CONTAINS".to_owned()),
        value_type: "NUM".to_owned(),
        concept: Some(Code::new(code.0, code.1, code.2)),
        numeric: Some(Numeric {
            value: Some(value.to_owned()).filter(|value| !value.is_empty()),
            unit: Some(Code::new(unit, "UCUM", unit)),
            qualifier: None,
        }),
        ..ContentItem::default()
    }
}

fn named(name: &str, value: &str, unit: &str) -> ContentItem {
    num(("X", "99LOCAL", name), value, unit)
}

fn text(code: (&str, &str), value: &str) -> ContentItem {
    ContentItem {
        relationship: Some("HAS OBS CONTEXT".to_owned()),
        value_type: "TEXT".to_owned(),
        concept: Some(Code::new(code.0, code.1, "")),
        text: Some(value.to_owned()),
        ..ContentItem::default()
    }
}

fn code(concept: (&str, &str), value: (&str, &str, &str)) -> ContentItem {
    ContentItem {
        relationship: Some("HAS CONCEPT MOD".to_owned()),
        value_type: "CODE".to_owned(),
        concept: Some(Code::new(concept.0, concept.1, "")),
        code_value: Some(Code::new(value.0, value.1, value.2)),
        ..ContentItem::default()
    }
}

fn container(title: &str, children: Vec<ContentItem>) -> ContentItem {
    ContentItem {
        relationship: Some("CONTAINS".to_owned()),
        value_type: "CONTAINER".to_owned(),
        concept: Some(Code::new("X", "99LOCAL", title)),
        children,
        ..ContentItem::default()
    }
}

fn with(mut item: ContentItem, children: Vec<ContentItem>) -> ContentItem {
    item.children.extend(children);
    item
}

fn site(value: (&str, &str, &str)) -> ContentItem {
    code(("363698007", "SCT"), value)
}

fn side(value: (&str, &str, &str)) -> ContentItem {
    code(("272741003", "SCT"), value)
}

fn rows(report: &DeviceReport) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| value.to_string());
    let row = |r: &crate::reported::ReportedRegion| {
        let side = r.side.map_or("", Side::code);
        format!(
            "{}{} {} {} {}",
            r.site,
            if side.is_empty() { String::new() } else { format!("/{side}") },
            number(r.bmd_g_cm2),
            number(r.t),
            number(r.z)
        )
    };
    report.regions.iter().map(row).collect()
}

fn codes_of(report: &DeviceReport) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

fn read(children: Vec<ContentItem>) -> DeviceReport {
    read_content(&container("Imaging Measurement Report", children))
}

#[test]
fn groups_name_their_site_by_code_text_or_both() {
    let left = || side(("7771000", "SCT", "Left"));
    let measures = || {
        vec![
            num(("80954-1", "LN", "DXA Femur - left Bone density"), "0.700", "g/cm2"),
            num(("80948-3", "LN", "T"), "-1.3", "1"),
            num(("80940-0", "LN", "Z"), "-0.2", "{Z-score}"),
        ]
    };
    let neck = || ("29627003", "SCT", "Neck of femur");
    let groups = [
        vec![with(site(neck()), vec![left()])],
        vec![site(neck()), left()],
        vec![text(("112039", "DCM"), "NECK_L")],
        vec![text(("112039", "DCM"), "Left Femoral Neck"), site(neck())],
        vec![
            code(("G-C0E3", "SRT"), ("1", "99X", "Femoral neck")),
            code(("G-C171", "SRT"), ("G-A101", "SRT", "Left")),
        ],
    ];
    for group in groups {
        let report = read(vec![container("Measurement Group", [group.clone(), measures()].concat())]);
        assert_eq!(rows(&report), ["femoral_neck/L 0.7 -1.3 -0.2"], "{group:?}");
        assert!(report.findings.is_empty(), "{:?}", report.findings);
    }
}

#[test]
fn flat_loinc_codes_follow_the_convention_and_say_so() {
    let report = read(vec![
        num(("24966-4", "LN", ""), "0.930", "g/cm2"),
        num(("38267-1", "LN", ""), "-1.1", "1"),
        num(("46278-8", "LN", ""), "851", "mg/cm2"),
        num(("80952-5", "LN", ""), "0.5", "g/cm2"),
    ]);
    assert_eq!(rows(&report), ["L1-L4 0.93 -1.1 -", "total_hip/L 0.851 - -"]);
    assert_eq!(codes_of(&report), ["site_from_convention", "site_from_convention", "site_not_named"]);
    assert_eq!(report.items.len(), 1);
}

#[test]
fn names_in_words_are_enough() {
    let report = read(vec![
        named("Left Femoral Neck BMD", "0.700", "g/cm2"),
        named("Left Femoral Neck T-score", "-1.3", "1"),
        named("AP Spine L1-L4 T-score", "-1.0", "1"),
        named("L1-L4 BMD", "0.930", "g/cm2"),
        named("右侧全髋骨密度", "0.850", "g/cm2"),
        named("BMD_L2", "0.943", "g/cm2"),
        container("L1", vec![named("BMD", "0.873", "g/cm2"), named("Z-Score", "-1.0", "")]),
        container(
            "Left Hip",
            vec![container("Neck", vec![named("BMC", "3.5", "g"), named("Area", "5.0", "cm2")])],
        ),
        container("Right Forearm", vec![container("Radius", vec![named("33% BMD", "0.6", "g/cm2")])]),
    ]);
    assert_eq!(
        rows(&report),
        [
            "femoral_neck/L 0.7 -1.3 -",
            "L1-L4 0.93 -1 -",
            "total_hip/R 0.85 - -",
            "L2 0.943 - -",
            "L1 0.873 - -1",
            "radius_33/R 0.6 - -",
        ]
    );
    let neck = &report.regions[0];
    assert_eq!((neck.bmc_g, neck.area_cm2), (Some(3.5), Some(5.0)));
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[test]
fn scores_below_their_density_belong_to_it_with_their_population() {
    let bmd = with(
        num(("24966-4", "LN", ""), "0.873", "g/cm2"),
        vec![
            num(("121416", "DCM", "Z-Score of measurement"), "-1.0", "1"),
            named("T-score", "-1.6", "1"),
            num(("373098007", "SCT", "Mean Value of population"), "1.05", "g/cm2"),
            text(("121405", "DCM"), "White Female"),
            text(("121406", "DCM"), "NHANES"),
        ],
    );
    let report = read(vec![container("Group", vec![site(("66794005", "SCT", "L1")), bmd])]);
    assert_eq!(rows(&report), ["L1 0.873 -1.6 -1"]);
    assert_eq!(report.regions[0].reference.as_deref(), Some("White Female"));
    assert_eq!(report.items.len(), 1);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[test]
fn a_unit_of_another_quantity_gives_no_number() {
    for (item, wanted) in [
        (named("L1 T-score", "0.873", "g/cm2"), "unit_contradicts_concept"),
        (named("L1 BMD", "0.873", "g/cm-2"), "unit_contradicts_concept"),
        (named("L1 BMD", "0.873", "1"), "unit_contradicts_concept"),
        (named("L1 BMD", "0.873", ""), "unit_unknown"),
        (named("L1 BMD", "0,873", "g/cm2"), "number_ambiguous"),
        (named("L1 BMD", "NaN", "g/cm2"), "number_ambiguous"),
        (named("Wobble of L1", "3", "1"), "device_item_unknown"),
    ] {
        let report = read(vec![item.clone()]);
        assert!(report.regions.is_empty(), "{item:?}");
        assert_eq!(codes_of(&report), [wanted], "{item:?}");
        assert_eq!(report.items.len(), 1);
    }
}

#[test]
fn contradicting_names_and_numbers_are_held_back() {
    let twice = read(vec![named("L1 BMD", "0.873", "g/cm2"), named("L1 BMD", "0.973", "g/cm2")]);
    assert!(twice.regions.is_empty());
    assert_eq!(codes_of(&twice), ["duplicate_row_conflict"]);
    let finer = read(vec![named("L1 BMD", "0.87", "g/cm2"), named("L1 BMD", "0.873", "g/cm2")]);
    assert_eq!(rows(&finer), ["L1 0.873 - -"]);
    let sites = read(vec![container(
        "Group",
        vec![
            text(("112039", "DCM"), "L1"),
            site(("14293000", "SCT", "L2")),
            num(("24966-4", "LN", ""), "0.9", "g/cm2"),
        ],
    )]);
    assert_eq!(codes_of(&sites), ["site_not_named"]);
    let bones = read(vec![container("L1", vec![num(("46278-8", "LN", "Hip left"), "0.9", "g/cm2")])]);
    assert_eq!(codes_of(&bones), ["site_not_named"]);
    let sides = read(vec![container(
        "Right Hip",
        vec![container("Neck", vec![num(("80954-1", "LN", "Femur left"), "0.9", "g/cm2")])],
    )]);
    assert_eq!(codes_of(&sides), ["site_not_named"]);
}

#[test]
fn what_is_not_dxa_is_carried() {
    let report = read(vec![
        named("TBS L1-L4", "1.35", "1"),
        named("Trabecular BMD L1", "120", "mg/cm3"),
        named("BUA", "75", "dB/MHz"),
        named("Speed of sound", "1540", "m/s"),
        num(("38262-2", "LN", "Calcaneus"), "0.5", "g/cm2"),
    ]);
    assert!(report.regions.is_empty() && report.findings.is_empty(), "{:?}", report.findings);
    assert_eq!(report.items.len(), 5);
    assert!(report.items.iter().all(|item| item.status == ItemStatus::PassedThrough));
}

#[test]
fn missing_values_leave_nothing_behind() {
    let report = read(vec![named("L1 BMD", "", "g/cm2"), named("Wobble", "", "1")]);
    assert_eq!(report, DeviceReport::default());
}

#[test]
fn deep_trees_end() {
    let mut tree = named("L1 BMD", "0.9", "g/cm2");
    for _ in 0..500 {
        tree = container("Group", vec![tree]);
    }
    assert_eq!(codes_of(&read_content(&tree)), ["device_text_truncated"]);
}

/// A content tree out of the JSON that `make_sr.py` writes.
pub(super) fn from_json(node: &serde_json::Value) -> ContentItem {
    let text = |node: &serde_json::Value, key: &str| node[key].as_str().map(str::to_owned);
    let code = |node: &serde_json::Value| {
        let part = |key| text(node, key).unwrap_or_default();
        node.is_object().then(|| Code {
            value: part("value"),
            scheme: part("scheme"),
            meaning: part("meaning"),
        })
    };
    let numeric = &node["numeric"];
    ContentItem {
        relationship: text(node, "relationship"),
        value_type: text(node, "value_type").unwrap_or_default(),
        concept: code(&node["concept"]),
        numeric: numeric.is_object().then(|| Numeric {
            value: text(numeric, "value"),
            unit: code(&numeric["unit"]),
            qualifier: None,
        }),
        code_value: code(&node["code_value"]),
        text: text(node, "text"),
        children: node["children"].as_array().into_iter().flatten().map(from_json).collect(),
    }
}

#[test]
fn a_tid_1500_tree_of_another_library_is_read() {
    let tree = serde_json::from_str(include_str!("../../../../tests/device_fixtures/tid1500.json")).unwrap();
    let report = read_content(&from_json(&tree));
    assert_eq!(
        rows(&report),
        [
            "L1 0.873 -1.1 -1",
            "L1-L4 0.93 -1.1 -0.9",
            "femoral_neck/L 0.7 -1.3 -0.2",
            "total_hip/R 0.85 -0.8 0.1"
        ]
    );
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

proptest::proptest! {
    #[test]
    fn no_names_or_values_make_the_reader_panic(names in proptest::collection::vec("(\\PC|L[1-5]|BMD|T-score|Left|Hip|Neck| |-){0,12}", 1..12), value in "[-0-9.eE, ]{0,12}", unit in "(g/cm2|mg/cm2|1|%|\\PC{0,4})") {
        let leaves: Vec<ContentItem> = names.iter().map(|name| named(name, &value, &unit)).collect();
        let _ = read(vec![container(&names[0], leaves)]);
    }
}
