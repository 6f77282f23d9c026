//! What record systems tell of a patient, and what of it is taken.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

use dxa_exchange::hl7::{FactCode, Incoming, RawMessage, incoming};
use serde_json::Value;

fn told(segments: &str, mapping: &[FactCode]) -> Incoming {
    let header = "MSH|^~\\&|EMR|HOSP|DXA||20240517||ORU^R01|77|P|2.5.1";
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
