//! Reports of results of every shape, as PDF.

use dxa_exchange::issue::{Signature, Standing, Status};
use dxa_exchange::record::Study;
use dxa_exchange::text::Language;
use dxa_exchange::view::trend::Visit;
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
    printer().report(&Printed { study: &study, standing: &standing, language, pictures: &[], visits: &[] })
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
    let refused = report(&parts, Language::Chinese).unwrap_err();
    assert_eq!(refused, PrintError::MissingGlyph(0x0010_fffd));
    for (language, sentence) in
        [(Language::English, "no font at hand"), (Language::Chinese, "现有字体均不含字符")]
    {
        let said = refused.said(language);
        assert!(said.contains("U+10FFFD") && said.contains(sentence), "{said}");
    }
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
    let printed = Printed {
        study: &study,
        standing: &standing,
        language: Language::English,
        pictures: &[],
        visits: &[],
    };
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

/// A hip with a Z of a bundled table.
fn scored(uid: &str, date: &str, age: f64, bmd: f64) -> Study {
    use dxa_core::{patient::Sex, reference::Library, site::Site, units::GramsPerCm2, units::Years};
    let table = Library::bundled().get("nhanes-2005-2008-us-nhw").expect("a bundled table");
    let at = table
        .at_age(Sex::Female, Site::TotalHip, Years::new(age).expect("an age"))
        .expect("ages of the table");
    let z = at.z(GramsPerCm2::new(bmd).expect("a density"));
    study(&json!({
        "study": { "instance_uid": uid, "date": date },
        "patient": { "id": "P-1", "name": "Hip^A", "sex": "F", "age_years": age },
        "regions": [{ "scan": 0, "site": "total_hip", "bmd_g_cm2": bmd, "provenance": "computed", "scores": [{
            "kind": "Z", "value": (z * 10.0).round() / 10.0, "exact": z,
            "reference": { "id": "nhanes-2005-2008-us-nhw", "version": "1", "population": "US non-Hispanic White women", "status": "derived" } }] }],
    }))
}

#[test]
fn earlier_visits_are_on_the_printed_curve() {
    let (now, standing) = (scored("1.2", "2024-05-17", 63.3, 0.75), Standing::default());
    let print = |visits: &[Visit]| {
        let printed =
            Printed { study: &now, standing: &standing, language: Language::English, pictures: &[], visits };
        printer().report(&printed).unwrap()
    };
    let visit = |bmd| [Visit { study: scored("1.1", "2020-05-17", 59.3, bmd).into() }];
    assert_ne!(print(&[]), print(&visit(0.80)), "a visit is drawn");
    assert_ne!(print(&visit(0.78)), print(&visit(0.80)), "at its density");
}
