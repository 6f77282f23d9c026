//! What record systems tell of a patient, and what of it is taken.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

use dxa_exchange::hl7::{FactCode, Incoming, Order, RawMessage, incoming};
use serde_json::{Value, json};

fn told(segments: &str, mapping: &[FactCode]) -> Incoming {
    of_kind("ORU^R01", segments, mapping)
}

fn of_kind(kind: &str, segments: &str, mapping: &[FactCode]) -> Incoming {
    let header = format!("MSH|^~\\&|EMR|HOSP|DXA||20240517||{kind}|77|P|2.5.1||||||UNICODE UTF-8");
    let text = format!("{header}\r{}", segments.replace('\n', "\r"));
    incoming(&RawMessage::parse(text.as_bytes()).unwrap(), mapping, &[])
}

#[test]
fn units_change_no_digit() {
    let height = |text: &str, unit: &str| {
        let read = told(&format!("PID|1||42\nOBX|1|NM|8302-2^^LN||{text}|{unit}"), &[]);
        read.facts.context().get("height_cm").map(Value::to_string)
    };
    for tenths in 1000..1800 {
        let wanted = Some(format!("{}.{}", tenths / 10, tenths % 10));
        let in_meters = format!("{}.{:03}", tenths / 1000, tenths % 1000);
        assert_eq!(height(&in_meters, "m"), wanted, "{in_meters} m");
        assert_eq!(height(&tenths.to_string(), "mm"), wanted, "{tenths} mm");
    }
}

#[test]
fn what_is_no_number_changes_nothing() {
    let huge = "9".repeat(400);
    for text in ["NaN", "inf", "-inf", "infinity", "1e2", "1,58", "+", ".", "1.5.8", huge.as_str()] {
        let read = told(&format!("PID|1||42\nOBX|1|NM|8302-2^^LN||{text}|cm"), &[]);
        assert!(read.facts.is_empty(), "{text}");
        assert_eq!(read.left, ["the value or unit of height_cm is not understood"], "{text}");
    }
}

#[test]
fn orders_name_their_study() {
    let segments = "PID|1||42\nORC|NW|P1\nOBR|1|P1||DEXA^骨密度||||||||||||||ACC7\n\
                    ZDS|1.2.3^100^Application^DICOM\nORC|CA|P2\nOBR|1|P2|F2|DEXA";
    let of = |order: &Order| [&order.control, &order.accession, &order.study].map(String::as_str).join(" ");
    for kind in ["ORM^O01", "OMG^O19", "OMI^O23"] {
        let read = of_kind(kind, segments, &[]);
        assert_eq!(read.orders.iter().map(of).collect::<Vec<_>>(), ["NW ACC7 1.2.3", "CA F2 "], "{kind}");
    }
    // A scanner says with its result what was ordered.
    for kind in ["ORU^R01", "ADT^A08"] {
        assert!(of_kind(kind, &segments.replace("NW", "RE"), &[]).orders.is_empty(), "{kind}");
    }
}

#[test]
fn entries_of_a_list_add_up() {
    let fracture = |code: &str, site: &str| FactCode {
        code: code.to_owned(),
        key: "fractures".to_owned(),
        values: [("Y".to_owned(), json!([{ "site": site }]))].into(),
        ..FactCode::default()
    };
    let mapping = [fracture("HIPFX", "hip"), fracture("VFX", "vertebra")];
    let of = |segments: &str| Value::from(told(&format!("PID|1||42\n{segments}"), &mapping).facts.context());
    let both = "OBX|1|CE|HIPFX^^L||Y\nOBX|2|CE|VFX^^L||Y";
    assert_eq!(of(both), json!({ "fractures": [{ "site": "hip" }, { "site": "vertebra" }] }));
    let one = "OBX|1|CE|HIPFX^^L||Y\nOBX|2|CE|VFX^^L||Y||||||D";
    assert_eq!(of(one), json!({ "fractures": [{ "site": "hip" }] }));
    assert_eq!(of("OBX|1|CE|HIPFX^^L||Y||||||D"), json!({ "fractures": null }));
}

#[test]
fn of_two_values_of_a_key_the_younger_counts() {
    let weight = |value: &str, at: &str| format!("OBX|1|NM|29463-7^^LN||{value}|kg|||||F|||{at}\n");
    let of = |segments: String| told(&format!("PID|1||42\n{segments}"), &[]);
    let series = of(weight("55", "20240510") + &weight("54", "20240512") + &weight("56", "20240501"));
    assert_eq!(Value::from(series.facts.context()), json!({ "weight_kg": 54.0 }));
    let read = of(weight("55", "") + &weight("54", ""));
    assert!(read.facts.is_empty());
    assert_eq!(read.left, ["weight_kg has two values, and neither is used"]);
    assert!(of(weight("55", "") + &weight("55.0", "")).left.is_empty());
}

#[test]
fn fractures_and_drugs_have_their_dates() {
    let mapping = [FactCode {
        code: "FX".to_owned(),
        key: "fractures".to_owned(),
        values: [("S52".to_owned(), json!([{ "site": "distal_forearm" }]))].into(),
        date: Some(19),
        ..FactCode::default()
    }];
    let read = told(
        "PID|1||42\nOBX|1|ST|fractures^^99DXA||hip||||||F|||2023\n\
         OBX|2|ST|fractures^^99DXA||vertebra||||||F\nOBX|3|CE|FX^^L||S52||||||F|||20240501|||||202305\n\
         OBX|4|ST|treatments^^99DXA||zoledronate||||||F|||20220511+0800\n\
         OBX|5|ST|fractures^^99DXA||pelvis||||||F|||20231341",
        &mapping,
    );
    let fractures = json!([{ "site": "hip", "date": "2023" }, { "site": "vertebra" },
                           { "site": "distal_forearm", "date": "2023-05" }, { "site": "pelvis" }]);
    let treatments = json!([{ "kind": "drug", "name": "zoledronate", "start": "2022-05-11" }]);
    let context = Value::from(read.facts.context());
    assert_eq!(context, json!({ "fractures": fractures, "treatments": treatments }));
    assert!(dxa_exchange::context::read(context.to_string().as_bytes()).is_ok());
    assert_eq!(read.left, ["the date of fractures is none"]);
    // When it was told, and not when the bone broke.
    assert_eq!(read.facts.dates()["treatments"], told("OBX|1|ST|x^^99DXA||y", &[]).facts.dates()["x"]);
}

#[test]
fn the_ethnic_group_is_that_of_the_clinics_table() {
    let group = |code: &str| FactCode {
        code: code.to_owned(),
        key: "ethnicity".to_owned(),
        values: [("HA".to_owned(), json!("chinese"))].into(),
        ..FactCode::default()
    };
    let mapping = [group("PID-10"), group("PID-22")];
    let of = |race: &str, ethnic: &str| {
        let read = told(&format!("PID|1||42|||||||{race}||||||||||||{ethnic}"), &mapping);
        (Value::from(read.facts.context()), read.left)
    };
    let chinese = json!({ "ethnicity": "chinese" });
    assert_eq!(of("", "HA"), (chinese.clone(), vec![]));
    assert_eq!(of("HA", ""), (chinese, vec![]));
    assert_eq!(of("", "japanese^^99DXA"), (json!({ "ethnicity": "japanese" }), vec![]));
    assert_eq!(of("XX", ""), (json!({}), vec!["PID-10 is not known".to_owned()]));
    let both = of("korean^^99DXA", "HA");
    assert_eq!(both, (json!({}), vec!["ethnicity has two values, and neither is used".to_owned()]));
}

#[test]
fn a_time_without_an_offset_is_of_the_senders_clock() {
    let of = |time: &str, minutes: i32| {
        let text = format!(
            "MSH|^~\\&|EMR|HOSP|DXA||{time}||ORU^R01|7|P|2.5.1\rPID|1||42\rOBX|1|NM|29463-7^^LN||54|kg"
        );
        let message = RawMessage::parse(text.as_bytes()).unwrap().ahead_of_utc(minutes);
        incoming(&message, &[], &[]).facts.dates()["weight_kg"]
    };
    assert_eq!(of("20240517100000", 480), of("20240517020000", 0));
    assert_eq!(of("20240517100000-0500", 480), of("20240517150000", 0));
}
