//! The regions of a result as a table that spreadsheets open without running anything.

use serde_json::Value;

use crate::http::problem::{Code, Problem};

const COLUMNS: [&str; 13] = [
    "scan",
    "site",
    "laterality",
    "area_cm2",
    "bmc_g",
    "bmd_g_cm2",
    "provenance",
    "excluded",
    "t",
    "t_reference",
    "z",
    "z_reference",
    "device_t",
];

/// One row a region.
///
/// # Errors
/// When the table cannot be written, which memory alone can cause.
pub(super) fn regions(study: &Value) -> Result<Vec<u8>, Problem> {
    let mut table = ::csv::Writer::from_writer(Vec::new());
    let mut write = |row: Vec<String>| table.write_record(row).map_err(|_| Problem::from(Code::Internal));
    write(COLUMNS.map(str::to_owned).to_vec())?;
    for region in study["regions"].as_array().into_iter().flatten() {
        let score = |kind: &str, field: &str| {
            let scores = region["scores"].as_array()?;
            let score = scores.iter().find(|score| score["kind"] == kind)?;
            Some(cell(if field == "reference" { &score["reference"]["id"] } else { &score[field] }))
        };
        write(vec![
            cell(&region["scan"]),
            cell(&region["site"]),
            cell(&region["laterality"]),
            cell(&region["area_cm2"]),
            cell(&region["bmc_g"]),
            cell(&region["bmd_g_cm2"]),
            cell(&region["provenance"]),
            cell(&region["excluded"]["reason"]),
            score("T", "value").unwrap_or_default(),
            score("T", "reference").unwrap_or_default(),
            score("Z", "value").unwrap_or_default(),
            score("Z", "reference").unwrap_or_default(),
            cell(&region["device"]["t"]),
        ])?;
    }
    table.into_inner().map_err(|_| Code::Internal.into())
}

/// A table of rows by columns, each with the place of its value in the row.
///
/// # Errors
/// When the table cannot be written, which memory alone can cause.
pub(in crate::http) fn table(
    columns: Vec<(&'static str, &'static str)>,
    rows: &[Value],
) -> Result<Vec<u8>, Problem> {
    let mut table = ::csv::Writer::from_writer(Vec::new());
    let failed = |_| Problem::from(Code::Internal);
    table.write_record(columns.iter().map(|(name, _)| name)).map_err(failed)?;
    for row in rows {
        let cells = columns.iter().map(|(_, place)| row.pointer(place).map(cell).unwrap_or_default());
        table.write_record(cells).map_err(failed)?;
    }
    table.into_inner().map_err(|_| Code::Internal.into())
}

/// Numbers stay numbers, minus sign and all; text that a spreadsheet would take for a formula is quoted as text.
fn cell(value: &Value) -> String {
    match value {
        Value::Null | Value::Object(_) => String::new(),
        Value::Array(parts) => parts.iter().map(cell).collect::<Vec<_>>().join(";"),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) => format!("'{text}"),
        Value::String(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn formulas_become_text_and_negative_numbers_do_not() {
        let study = json!({ "regions": [{
            "scan": 0, "site": "L1", "bmd_g_cm2": 0.873, "provenance": "=HYPERLINK(\"x\")",
            "scores": [{ "kind": "T", "value": -1.8, "reference": { "id": "@SUM(A1)" } }],
            "device": { "t": -1.6 }, "excluded": { "reason": "\tcmd" } }] });
        let text = String::from_utf8(regions(&study).unwrap()).unwrap();
        let row = text.lines().nth(1).unwrap();
        assert_eq!(row, "0,L1,,,,0.873,\"'=HYPERLINK(\"\"x\"\")\",'\tcmd,-1.8,'@SUM(A1),,,-1.6");
    }
}
