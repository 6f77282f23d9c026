//! Whose study it is, and where its report stands.

use dxa_exchange::text::said;

use super::super::number::{decimals, or_nothing, time};
use super::super::words::fill;
use super::super::{Say, status};
use super::{Fact, Given};

/// The patient and the study.
pub(super) struct Head<'a> {
    pub(super) name: String,
    /// Our own id of the patient.
    pub(super) patient: &'a str,
    pub(super) facts: Vec<Fact>,
    pub(super) documents: Vec<Document>,
}

/// A form of the result.
pub(super) struct Document {
    pub(super) path: String,
    pub(super) name: &'static str,
}

impl<'a> Head<'a> {
    pub(super) fn of(given: &Given<'a>, say: Say) -> Self {
        let (patient, study, w) = (&given.study.patient, &given.study.study, say.w);
        let sex = match patient.sex.as_deref() {
            Some("F") => Some(w.sex_female),
            Some("M") => Some(w.sex_male),
            _ => None,
        };
        let with = |value: Option<f64>, count, unit: &str| {
            value.map(|value| format!("{} {unit}", decimals(Some(value), count)))
        };
        let device = given.study.scans.first().and_then(|scan| {
            let parts = [scan.manufacturer.as_deref(), scan.model.as_deref()];
            let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
            (!text.is_empty()).then_some(text)
        });
        let all = [
            (w.patient_id, patient.id.clone()),
            (w.sex, sex.map(str::to_owned)),
            (w.age, with(patient.age_years, 1, w.years)),
            (w.born, patient.birth_date.clone()),
            (w.study_date, study.date.clone()),
            (w.accession, study.accession_number.clone()),
            (w.description, study.description.clone()),
            (w.height, with(patient.height_cm, 0, "cm")),
            (w.weight, with(patient.weight_kg, 1, "kg")),
            (w.ethnicity, patient.ethnicity.as_deref().map(|code| said::word(code, say.language))),
            (w.device, device),
        ];
        let facts = all.into_iter().filter_map(|(name, value)| {
            Some(Fact { name: name.to_owned(), value: value.filter(|v| !v.is_empty())? })
        });
        Self {
            name: or_nothing(patient.name.as_deref()),
            patient: given.patient,
            facts: facts.collect(),
            documents: documents(given, say),
        }
    }
}

fn documents(given: &Given<'_>, say: Say) -> Vec<Document> {
    let w = say.w;
    let page = format!("report.html?lang={}", given.frame.language_tag());
    let mut documents = vec![
        Document { path: page, name: w.document_page },
        Document { path: "sr.dcm".to_owned(), name: w.document_sr },
    ];
    if !given.images.is_empty() {
        documents.push(Document { path: "sc.dcm".to_owned(), name: w.document_sc });
    }
    documents.push(Document { path: "fhir.json".to_owned(), name: "FHIR" });
    documents.push(Document { path: "hl7.txt".to_owned(), name: "HL7" });
    documents.push(Document { path: "csv".to_owned(), name: w.document_csv });
    documents
}

/// Where the report stands.
pub(super) struct Shown {
    pub(super) status: &'static str,
    pub(super) class: &'static str,
    pub(super) word: &'static str,
    pub(super) version: i64,
    pub(super) made: String,
    pub(super) signed: Option<String>,
    pub(super) can_sign: bool,
    pub(super) can_amend: bool,
}

impl Shown {
    pub(super) fn of(given: &Given<'_>, say: Say) -> Self {
        let newest = given.versions.last();
        let state = newest.map_or("preliminary", |version| version.state.code());
        let (word, class) = status(state, say.w);
        let made = newest.map(|version| {
            let why = super::life::why(&version.reason, say);
            fill(say.w.made_by, &[why, &version.author, &time(version.created_at).0])
        });
        let signature = given.signatures.last();
        let signed = signature.filter(|_| state == "preliminary").map(|signature| {
            let action = if signature.action == "amend" { say.w.amended } else { say.w.is_final };
            let at = time(signature.created_at).0;
            fill(say.w.signed_by, &[action, &signature.version.to_string(), &signature.author, &at])
        });
        Self {
            status: state,
            class,
            word,
            version: newest.map_or(0, |version| version.version),
            made: made.unwrap_or_default(),
            signed,
            can_sign: given.signatures.is_empty(),
            can_amend: !given.signatures.is_empty() && state == "preliminary",
        }
    }
}
