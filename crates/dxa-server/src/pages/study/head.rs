//! Whose study it is, and where its report stands.

use dxa_exchange::view::head::facts;
use dxa_exchange::view::number::{shown_name, time};
use dxa_exchange::view::{Fact, Say, fill};

use super::super::status;
use super::Given;

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
        Self {
            name: shown_name(given.study.patient.name.as_deref()),
            patient: given.patient,
            facts: facts(given.study, say),
            documents: documents(given, say),
        }
    }
}

fn documents(given: &Given<'_>, say: Say) -> Vec<Document> {
    let w = say.w;
    let language = given.frame.language_tag();
    let mut documents = vec![
        Document { path: format!("report.pdf?lang={language}"), name: w.document_pdf },
        Document { path: format!("report.pdf?lang={language}&audience=patient"), name: w.document_sheet },
        Document { path: format!("report.html?lang={language}"), name: w.document_page },
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
            can_amend: !given.signatures.is_empty()
                && (state == "preliminary" || super::second::is_open(given)),
        }
    }
}
