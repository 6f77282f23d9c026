//! Messages of scanners as different makers and interface engines may write them.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

use dxa_core::reported::{DeviceReport, ReportedRegion};
use dxa_core::site::Site;
use dxa_exchange::hl7::{
    Incoming, MeasuredQuantity, OrderResult, RawMessage, ResultCode, SenderResult, incoming, together,
};

fn told(segments: &str, table: &[ResultCode]) -> Incoming {
    let header = "MSH|^~\\&|SCANNER|ROOM1|DXA||20240517||ORU^R01|77|P|2.5.1||||||UNICODE UTF-8";
    let text = format!("{header}\rPID|1||42\r{}", segments.replace('\n', "\r"));
    incoming(&RawMessage::parse(text.as_bytes()).unwrap(), &[], table)
}

fn sender(results: Vec<OrderResult>) -> SenderResult {
    let told = results.into_iter().map(|result| ("SCANNER^ROOM1".to_owned(), result.measured));
    together(told).remove(0)
}

/// Site, side, area, content, density, T and Z of every region.
fn rows(report: &DeviceReport) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| value.to_string());
    let row = |region: &ReportedRegion| {
        let side = region.side.map_or(String::new(), |side| format!("/{}", side.code()));
        let numbers = [region.area_cm2, region.bmc_g, region.bmd_g_cm2, region.t, region.z].map(number);
        format!("{}{side} {}", region.site, numbers.join(" "))
    };
    report.regions.iter().map(row).collect()
}

#[test]
fn regions_are_named_by_code_by_label_or_in_words() {
    let loinc = "OBR|1||F7|DXA^DXA Lumbar spine^L|||20240517\n\
        OBX|1|NM|24966-4^DXA Lumbar spine Bone density^LN|L1|0.901|g/cm2|||||F\n\
        OBX|2|NM|38267-1^T-score^LN|L1|-1.2|{T-score}|||||F\n\
        OBX|3|NM|85394-5^Z-score^LN|L1|-0.3|1|||||F\n\
        OBX|4|NM|BMC^BMC^99X|L1|12.34|g|||||F\n\
        OBX|5|NM|AREA^Area^99X|L1|13.7|cm²|||||F";
    let words = "OBR|1||F7|HIP^Left Hip^L\n\
        OBX|1|NM|1^Femoral neck BMD^99X|1|0.700|g/cm2|||||F\n\
        OBX|2|SN|2^Femoral neck T-score^99X|2|=^-1.9|SD|||||F\n\
        OBX|3|NM|3^Total BMD^99X|3|800|mg/cm2|||||F";
    let alternates = "OBR|1||F7|X\n\
        OBX|1|NM|80953-3^DXA Femur - right^LN^NECK_R^Right femoral neck^99GE||0.655|gm/cm2|||||F\n\
        OBX|2|NM|RH_TOT^Right total hip BMD^99GE^46279-6^DXA Hip - right^LN||0.812|g/cm\\S\\2|||||F";
    for (segments, wanted) in [
        (loinc, vec!["L1 13.7 12.34 0.901 -1.2 -0.3"]),
        (words, vec!["femoral_neck/L - - 0.7 -1.9 -", "total_hip/L - - 0.8 - -"]),
        (alternates, vec!["femoral_neck/R - - 0.655 - -", "total_hip/R - - 0.812 - -"]),
    ] {
        let read = told(segments, &[]);
        assert!(read.left.is_empty(), "{:?}", read.left);
        let report = sender(read.results).report();
        assert_eq!(rows(&report), wanted, "{segments}");
        let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["reported_by_message"]);
        assert!(report.findings[0].message.contains("SCANNER ROOM1"));
    }
}

#[test]
fn a_clinics_table_names_what_a_message_does_not() {
    for site in Site::all() {
        let row = ResultCode {
            code: "X1".to_owned(),
            quantity: Some(MeasuredQuantity::Density),
            site: Some(site.to_string()),
            side: Some("R".to_owned()),
            unit: Some("g/cm2".to_owned()),
            ..ResultCode::default()
        };
        assert_eq!(row.mistake(), None);
        let read = told("OBR|1||F7|X\nOBX|1|NM|X1^^L|7|0.901||||||F", &[row]);
        let report = sender(read.results).report();
        let region = report.regions.first().unwrap_or_else(|| panic!("{site}: {:?}", report.findings));
        assert_eq!((region.site, region.bmd_g_cm2), (site, Some(0.901)));
    }
    let told_apart = [
        ResultCode { code: "D".to_owned(), quantity: Some(MeasuredQuantity::Density), ..Default::default() },
        ResultCode { label: "LSP2".to_owned(), site: Some("L2".to_owned()), ..Default::default() },
    ];
    let read = told("OBR|1||F7|X\nOBX|1|NM|D^^L|LSP2|1.01|g/cm2|||||F", &told_apart);
    assert_eq!(rows(&sender(read.results).report()), ["L2 - - 1.01 - -"]);
    let wrong = |row: ResultCode| row.mistake().is_some();
    assert!(wrong(ResultCode::default()));
    assert!(wrong(ResultCode { code: "D".to_owned(), site: Some("L9".to_owned()), ..Default::default() }));
    assert!(wrong(ResultCode { code: "D".to_owned(), side: Some("B".to_owned()), ..Default::default() }));
}

#[test]
fn what_cannot_be_used_is_named_and_the_rest_is_taken() {
    let read = told(
        "OBR|1||F7|SPINE^AP Spine^L\n\
         OBX|1|NM|24966-4^^LN|L1|0.901|g/cm2|||||F\n\
         OBX|2|NM|24966-4^^LN|L2|0.911|cm2|||||F\n\
         OBX|3|NM|24966-4^^LN|L3|0.921||||||F\n\
         OBX|4|NM|24966-4^^LN|L4|9.9|g/cm2|||||F\n\
         OBX|5|NM|MYSTERY^Mystery^99X|L4|7|g|||||F\n\
         OBX|6|ST|NOTE^Note^99X||Somebody's name||||||F\n\
         OBX|7|NM|80954-1^DXA Femur - left^LN|Right neck|0.7|g/cm2|||||F",
        &[],
    );
    assert_eq!(
        read.left,
        [
            "OBX-3 NOTE is not known",
            "OBX-3 MYSTERY is not known",
            "unit_contradicts_concept L2",
            "unit_unknown L3",
            "site_not_named",
            "value_impossible L4",
        ]
    );
    assert_eq!(rows(&sender(read.results).report()), ["L1 - - 0.901 - -"]);
}

#[test]
fn other_laboratories_are_nothing_to_us() {
    let read = told("OBR|1||F7|LAB\nOBX|1|NM|2951-2^Sodium^LN||140|mmol/L|||||F", &[]);
    assert!(read.results.is_empty());
    assert_eq!(read.left, ["OBX-3 2951-2 is not known"]);
}

#[test]
fn results_of_this_software_do_not_come_back_as_a_devices() {
    for ours in [
        "OBX|1|ST|GROUP^L1^99DXA|L1|region:0:L1\nOBX|2|NM|24966-4^^LN|L1|0.901|g/cm2",
        "OBX|1|NM|24966-4^DXA Lumbar spine^LN^BMD^Density^99DXA|L1|0.901|g/cm2",
        "OBX|1|NM|GMD^^L^BMD^Density^99DXA|L1|0.901|g/cm2",
    ] {
        let read = told(&format!("OBR|1||F7|X\n{ours}"), &[]);
        assert!(read.results.is_empty(), "{ours}");
        assert_eq!(read.left, ["a result of this software is not taken back"]);
    }
}

#[test]
fn corrections_take_the_place_and_contradictions_hold_both_back() {
    let one = |value: &str, status: &str| {
        let segments = format!("OBR|1||F7|X\nOBX|1|NM|24966-4^^LN|L1|{value}|g/cm2|||||{status}");
        told(&segments, &[]).results
    };
    let after = |messages: &[(&str, &str)]| {
        let results = messages.iter().flat_map(|(value, status)| one(value, status));
        let senders = together(results.map(|result| ("S".to_owned(), result.measured)));
        senders.first().map(|sender| rows(&sender.report())).unwrap_or_default()
    };
    assert_eq!(after(&[("0.901", "F"), ("0.901", "F")]), ["L1 - - 0.901 - -"]);
    assert_eq!(after(&[("0.901", "F"), ("0.907", "C")]), ["L1 - - 0.907 - -"]);
    assert_eq!(after(&[("0.901", "P"), ("0.907", "F")]), ["L1 - - 0.907 - -"]);
    assert_eq!(after(&[("0.901", "F"), ("", "W")]), [""; 0]);
    assert_eq!(after(&[("0.901", "F"), ("0.957", "F")]), [""; 0], "two that differ");
}

/// One code for both regions, as of a femur: the alternate says which, and equal values are of two regions.
#[test]
fn regions_that_only_the_alternate_tells_apart_are_two() {
    let of = |alternate: &str, value: &str, status: &str| {
        let code = format!("80953-3^DXA Femur - right^LN^{alternate}^99GE");
        let segments = format!("OBR|1||F7|X\nOBX|1|NM|{code}||{value}|g/cm2|||||{status}");
        told(&segments, &[]).results
    };
    let (neck, trochanter) = ("NECK_R^Right femoral neck", "TROCH_R^Right trochanter");
    let both = || [of(neck, "0.655", "F"), of(trochanter, "0.655", "F")].concat();
    let wanted = ["femoral_neck/R - - 0.655 - -", "trochanter/R - - 0.655 - -"];
    assert_eq!(rows(&sender(both()).report()), wanted);
    let corrected = [both(), of(neck, "0.661", "C")].concat();
    let mut found = rows(&sender(corrected).report());
    found.sort_unstable();
    assert_eq!(found, ["femoral_neck/R - - 0.661 - -", wanted[1]]);
    assert_eq!(rows(&sender([both(), of(trochanter, "", "W")].concat()).report()), [wanted[0]]);
}

#[test]
fn the_study_is_named_by_its_uid_or_by_the_numbers_of_the_order() {
    let density = "OBX|1|NM|24966-4^^LN|L1|0.901|g/cm2|||||F";
    let read = told(
        &format!(
            "ORC|RE|P1|F1\nOBR|1|P1|F1|SPINE||||||||||||||A1\n{density}\n\
             OBX|2|HD|113014^DICOM Study^DCM||1.2.3||||||F\nORC|RE|P2|F2\nOBR|2|P2|F2|HIP\n{density}"
        ),
        &[],
    );
    let named: Vec<_> = read.results.iter().map(|one| (one.study.as_str(), one.numbers.clone())).collect();
    let numbers = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    assert_eq!(named, [("1.2.3", numbers(&["A1", "F1", "P1"])), ("", numbers(&["F2", "P2"]))]);
}
