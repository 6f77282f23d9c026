//! Reports of results of every shape, as PDF.

use dxa_exchange::issue::{Signature, Standing, Status};
use dxa_exchange::record::Study;
use dxa_exchange::text::Language;
use dxa_report::{Layout, PrintError, Printed, Printer, Section};
use serde_json::{Value, json};

/// A study with one region, changed by these parts.
fn study(parts: &Value) -> Study {
    let mut value = json!({
        "study": { "instance_uid": "1.2.3", "date": "2024-05-17" },
        "patient": { "id": "P-1", "name": "王^小东", "sex": "F", "age_years": 63.3 },
        "scans": [{ "kind": "ap_spine", "tier": "reported", "sop_instance_uids": [] }],
        "regions": [{ "scan": 0, "site": "L1-L4", "bmd_g_cm2": 0.873, "area_cm2": 55.8, "bmc_g": 48.7,
            "provenance": "device_reported", "device": { "t": -1.6 } }],
        "assessment": { "profile": "iscd-2023", "who_category": "low_bone_mass", "score_basis": "T",
            "lowest": { "site": "L1-L4", "t": -1.6, "reference": "device: White Female" } },
        "provenance": { "software": "dxa 0.1.0", "protocol_sha256": "00" }
    });
    for (key, part) in parts.as_object().expect("parts by name") {
        value[key] = part.clone();
    }
    serde_json::from_value(value).expect("a study")
}

fn printer() -> Printer {
    Printer::new(Layout::default()).expect("a layout without a logo")
}

fn report(parts: &Value, language: Language) -> Result<Vec<u8>, PrintError> {
    let (study, standing) = (study(parts), Standing::default());
    printer().report(&Printed { study: &study, standing: &standing, language, pictures: &[] })
}

#[test]
fn the_same_result_is_the_same_file_in_each_language() {
    for language in [Language::English, Language::Chinese] {
        let once = report(&json!({}), language).unwrap();
        assert!(once.starts_with(b"%PDF-1.7"));
        assert_eq!(once, report(&json!({}), language).unwrap());
    }
}

#[test]
fn refusals_alone_and_nothing_at_all_have_their_report() {
    let refused =
        json!({ "regions": [], "refusals": [{ "code": "not_calibrated", "scan": 0, "message": "No." }] });
    report(&refused, Language::Chinese).unwrap();
    let nothing = json!({ "regions": [], "scans": [], "assessment": { "profile": "iscd-2023" },
        "patient": {}, "study": {} });
    report(&nothing, Language::English).unwrap();
}

#[test]
fn text_is_no_markup() {
    let hostile = "#panic() $x$ *a* _b_ `c` <d> @e \\ [f] #read(\"data.json\")";
    let parts = json!({ "patient": { "name": hostile, "id": hostile },
        "findings": [{ "code": "x", "severity": "review", "message": hostile }] });
    report(&parts, Language::English).unwrap();
}

#[test]
fn a_letter_that_no_font_has_is_refused_and_named() {
    let parts = json!({ "patient": { "name": "Rare \u{10fffd}", "id": "1" } });
    assert_eq!(report(&parts, Language::English), Err(PrintError::MissingGlyph(0x0010_fffd)));
}

#[test]
fn a_signature_changes_the_file_and_its_date() {
    let study = study(&json!({}));
    let standing = Standing {
        status: Status::Final,
        signature: Some(Signature {
            name: "Reader^A".to_owned(),
            organization: None,
            at: "2024-05-18T09:10:11Z".to_owned(),
        }),
        replaces: Vec::new(),
    };
    let printed = Printed { study: &study, standing: &standing, language: Language::English, pictures: &[] };
    let signed = printer().report(&printed).unwrap();
    let holds = |part: &[u8]| signed.windows(part.len()).any(|window| window == part);
    assert!(holds(b"2024-05-18T09:10:11"), "the date of the signature");
    assert_ne!(signed, report(&json!({}), Language::English).unwrap());
    let sheet = printer().sheet(&printed).unwrap();
    assert!(sheet.starts_with(b"%PDF-1.7"));
}

#[test]
fn a_layout_is_read_by_the_names_of_its_sections() {
    let layout: Layout = serde_json::from_value(json!({ "sections": ["images", "regions"] })).unwrap();
    assert_eq!(layout.sections(), [Section::Images, Section::Regions]);
    assert!(serde_json::from_value::<Layout>(json!({ "sections": ["nonsense"] })).is_err());
    let logo = Layout { logo: Some("/no/such/logo.png".into()), ..Layout::default() };
    assert!(Printer::new(logo).is_err());
}
