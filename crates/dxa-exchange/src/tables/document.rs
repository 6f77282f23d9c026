//! A document `dxa.analysis/1` as tables: what a batch makes of files, made of a result that is there already.

use crate::record;
use serde::Deserialize;

use super::column::Cell;
use super::{Problem, Studied, TABLES, errors, key, place};

/// Why a text is no such document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no document of an analysis: {0}")]
pub struct NotADocument(String);

/// The rows of a document in each of [`TABLES`], in the order of the document.
///
/// A document does not say which files a study is of: `files`, `copies` and `input_sha256` are null. The key of a
/// study without a Study Instance UID holds within the document.
///
/// # Errors
/// JSON of another shape.
pub fn rows(json: &[u8]) -> Result<Vec<Vec<Vec<Cell>>>, NotADocument> {
    #[derive(Deserialize)]
    struct Document {
        #[serde(default)]
        errors: Vec<Problem>,
    }
    let studies = record::read(json).map_err(|error| NotADocument(error.to_string()))?;
    let document: Document = serde_json::from_slice(json).map_err(|error| NotADocument(error.to_string()))?;
    let mut tables = vec![Vec::new(); TABLES.len()];
    for (at, study) in studies.into_iter().enumerate() {
        let (uid, patient) = (study.study.instance_uid.as_deref(), study.patient.id.as_deref());
        let place = format!("study {at} of a document");
        let key = key::plain(&key::of_study(uid, patient, &place));
        let studied = Studied { key, study: Some(study), ..Studied::default() };
        for (rows, table) in tables.iter_mut().zip(&TABLES) {
            rows.extend(table.rows(&studied));
        }
    }
    if let Some(place) = place("errors") {
        tables[place].extend(document.errors.iter().map(|problem| errors::row_of(None, problem)));
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn studies_without_a_uid_have_keys_of_their_own() {
        let study = r#"{"study":{},"patient":{"id":"7"},"scans":[],"assessment":{"profile":"iscd-2023"},
                        "provenance":{"software":"","protocol_sha256":""}}"#;
        let json = format!(
            r#"{{"studies":[{study},{study}],"errors":[{{"path":"a","code":"unreadable","message":"No."}}]}}"#
        );
        let tables = rows(json.as_bytes()).unwrap();
        let studies = &tables[place("studies").unwrap()];
        assert_eq!(studies.len(), 2);
        assert!(studies[0][0].is_some() && studies[0][0] != studies[1][0]);
        let files = TABLES[0].column("files").unwrap();
        assert_eq!(studies[0][files], None);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(tables[place("errors").unwrap()], [[None, text("a"), text("unreadable"), text("No.")]]);
        assert!(rows(b"{}").is_err() && rows(b"no JSON").is_err());
    }
}
