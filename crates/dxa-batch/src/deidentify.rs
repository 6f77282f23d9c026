//! De-identification of what is written: what a column holds decides what becomes of its values.
//!
//! Basic Application Level Confidentiality Profile with the options Retain Longitudinal Temporal Information With
//! Modified Dates and Retain Patient Characteristics.
//!
//! # References
//! DICOM PS3.15 Annex E.

use dxa_exchange::record::Study;
use jiff::civil::Date;
use jiff::{Span, ToSpan as _};

use crate::identities::Identities;
use crate::record::Record;
use crate::study::Asked;
use dxa_exchange::tables::TABLES;
use dxa_exchange::tables::column::{Cell, Content};

/// Hides one person.
pub(crate) struct Deidentifier<'a> {
    identities: &'a Identities,
    earlier: Span,
    /// Identifiers in lower case, as they must not be seen in a text.
    words: Vec<String>,
}

impl<'a> Deidentifier<'a> {
    /// For the person of a study; without a Patient ID every study is somebody else's.
    pub(crate) fn new(identities: &'a Identities, asked: &Asked, study: Option<&Study>) -> Self {
        let person = asked.patient.as_deref().or(asked.study.as_deref()).unwrap_or_default();
        let earlier = if identities.are_hidden() { identities.days_earlier(person) } else { 0 };
        let words = if identities.are_hidden() { words(asked, study) } else { Vec::new() };
        Self { identities, earlier: earlier.days(), words }
    }

    /// Study Instance UID and Patient ID as they are written.
    pub(crate) fn shown(
        &self,
        study: Option<&str>,
        patient: Option<&str>,
    ) -> (Option<String>, Option<String>) {
        (study.map(|uid| self.identities.uid(uid)), patient.map(|id| self.identities.person(id)))
    }

    /// The record as it is written.
    pub(crate) fn apply(&self, mut record: Record) -> Record {
        if !self.identities.are_hidden() {
            return record;
        }
        if !record.input_sha256.is_empty() {
            record.input_sha256 = self.identities.files(&record.input_sha256);
        }
        for (table, rows) in TABLES.iter().zip(&mut record.rows) {
            for (at, column) in table.columns().iter().enumerate() {
                for row in rows.iter_mut() {
                    row[at] = row[at].take().and_then(|value| self.value(column.content, value));
                }
            }
        }
        record
    }

    fn value(&self, content: Content, value: String) -> Cell {
        match content {
            Content::Key | Content::Number | Content::Integer | Content::Flag => Some(value),
            // Codes are ours; but a name that equals one would be seen.
            Content::Code => Some(value),
            Content::Age => value.parse::<f64>().ok().map(|years| years.min(OLDEST).to_string()),
            Content::Date => self.date(&value),
            Content::Uid => Some(self.identities.uid(&value)),
            Content::Person => Some(self.identities.person(&value)),
            Content::Identifying => None,
            Content::Digest => Some(self.identities.files(&value)),
            Content::Text => (!self.names_somebody(&value)).then(|| without_serial(&value)),
            Content::Path => Some(self.identities.path(&value)),
        }
    }

    fn date(&self, value: &str) -> Cell {
        let date: Date = value.parse().ok()?;
        date.checked_sub(self.earlier).ok().map(|date| date.to_string())
    }

    /// Whether a text holds an identifier of the person as a word.
    fn names_somebody(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.words.iter().any(|word| holds(&text, word))
    }
}

/// `Horizon A (S/N 12345)` → `Horizon A`: devices write their serial numbers behind their models.
fn without_serial(text: &str) -> String {
    let Some((before, rest)) = text.split_once("(S/N") else { return text.to_owned() };
    let after = rest.split_once(')').map_or("", |(_, after)| after);
    format!("{}{after}", before.trim_end())
}

/// Ages above tell too much about a person.
const OLDEST: f64 = 90.0;

/// Whether a word stands in a text with no letter or digit of its kind beside it; scripts without blanks between
/// words have no such sides.
fn holds(text: &str, word: &str) -> bool {
    let joins = |letter: char| letter.is_ascii_alphanumeric();
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(joins) && word.starts_with(joins);
        let after = text[at + word.len()..].chars().next().is_some_and(joins) && word.ends_with(joins);
        !before && !after
    })
}

/// The identifiers of a study and of its person.
fn words(asked: &Asked, study: Option<&Study>) -> Vec<String> {
    let mut words: Vec<String> = asked.identifiers.clone();
    if let Some(study) = study {
        let patient = &study.patient;
        for name in [&patient.name, &patient.name_raw].into_iter().flatten() {
            words.extend(name.split(['^', '=', ' ', ',']).map(str::to_owned));
            words.push(name.clone());
        }
        words.extend(patient.birth_date.iter().flat_map(|date| [date.clone(), date.replace('-', "")]));
        words.extend(patient.id.clone());
        words.extend(study.study.accession_number.clone());
        words.extend(study.study.date.iter().flat_map(|date| [date.clone(), date.replace('-', "")]));
        words.extend(study.scans.iter().flat_map(|scan| scan.sop_instance_uids.clone()));
    }
    let mut words: Vec<String> = words.iter().map(|word| word.trim().to_lowercase()).collect();
    words.retain(|word| tells(word));
    words.sort();
    words.dedup();
    words
}

/// Two letters of a script with an alphabet tell nobody; one of a script without can.
fn tells(word: &str) -> bool {
    let letters = word.chars().count();
    if word.is_ascii() { letters >= 3 } else { letters >= 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(identities: &Identities) -> Deidentifier<'_> {
        let asked = Asked {
            patient: Some("HN-77".to_owned()),
            identifiers: vec!["HN-77".to_owned(), "1.2.840.1".to_owned()],
            ..Asked::default()
        };
        let mut study: Study = serde_json::from_str(
            r#"{"study":{},"patient":{"name":"Wang^XiaoDong","name_raw":"Wang^XiaoDong=王^小东"},"scans":[],
                "assessment":{},"provenance":{"software":"","protocol_sha256":""}}"#,
        )
        .unwrap();
        study.patient.birth_date = Some("1961-02-03".to_owned());
        Deidentifier::new(identities, &asked, Some(&study))
    }

    #[test]
    fn texts_that_name_the_person_are_dropped_and_others_stay() {
        let identities = Identities::keyed([7; 32]);
        let hidden = hidden(&identities);
        for text in ["Scan of WANG", "王小东", "id hn-77.", "born 19610203", "see 1.2.840.1"] {
            assert_eq!(hidden.value(Content::Text, text.to_owned()), None, "{text}");
        }
        for text in ["Wangler's sign", "HN-778", "The scanner is not calibrated.", "1.2.840.12"] {
            assert_eq!(hidden.value(Content::Text, text.to_owned()).as_deref(), Some(text));
        }
    }

    #[test]
    fn dates_of_a_person_move_together() {
        let identities = Identities::keyed([7; 32]);
        let hidden = hidden(&identities);
        let days = |text: &str| {
            let shifted: Date = hidden.value(Content::Date, text.to_owned()).unwrap().parse().unwrap();
            let date: Date = text.parse().unwrap();
            date.since(shifted).unwrap().get_days()
        };
        assert_eq!(days("2024-05-17"), days("2019-03-01"));
        assert!(days("2024-05-17") > 0);
        assert_eq!(hidden.value(Content::Date, "last May".to_owned()), None);
        assert_eq!(hidden.value(Content::Age, "93.4".to_owned()).as_deref(), Some("90"));
        assert_eq!(hidden.value(Content::Age, "63.28".to_owned()).as_deref(), Some("63.28"));
        let model = hidden.value(Content::Text, "Horizon A (S/N 000123) 3".to_owned());
        assert_eq!(model.as_deref(), Some("Horizon A 3"));
        assert_eq!(hidden.value(Content::Identifying, "A1".to_owned()), None);
    }
}
