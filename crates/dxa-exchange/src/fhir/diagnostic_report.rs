//! The report that holds the results together.

use base64::Engine as _;

use crate::codes::DXA_STUDY;
use crate::issue::Issue;

use super::bundle::{Frame, Pdf, refer, tag};
use super::coding::{coding, concept, hl7, word};
use super::sources;
use super::types::{Attachment, DiagnosticReport, Identifier, Observation, Reference};

/// Our identifiers of reports.
const REPORT_SYSTEM: &str = "urn:oid:2.25.226815438790315671842904711562368950193.4";

pub(super) fn report(
    frame: &Frame<'_>,
    issue: &Issue<'_>,
    panels: &[Observation],
    pdf: Option<Pdf<'_>>,
) -> DiagnosticReport {
    let assessment = &frame.study.assessment;
    let who = assessment.who_category.as_deref().filter(|category| *category != "not_applicable");
    let category = who.or(assessment.age_category.as_deref());
    let signature = issue.standing.signature.as_ref();
    DiagnosticReport {
        id: super::id(&["report", frame.study_uid]),
        language: Some(tag(issue.language).to_owned()),
        identifier: vec![Identifier {
            system: Some(REPORT_SYSTEM.to_owned()),
            value: Some(frame.study_uid.to_owned()),
            ..Identifier::default()
        }],
        based_on: sources::orders(issue),
        status: frame.status.to_owned(),
        category: vec![hl7("v2-0074", "RAD", "Radiology")],
        code: concept(vec![coding(&DXA_STUDY, Some("双能X线骨密度检查"))], None),
        subject: Some(frame.patient.clone()),
        effective_date_time: frame.when.clone(),
        issued: signature.map(|signature| instant(&signature.at)),
        performer: vec![frame.software.clone()],
        results_interpreter: signature
            .map(|signature| Reference {
                display: Some(signature.name.split('=').next().unwrap_or_default().replace('^', " ")),
                ..Reference::default()
            })
            .into_iter()
            .collect(),
        result: panels.iter().map(|panel| refer("Observation", &panel.id)).collect(),
        imaging_study: vec![frame.imaging_study.clone()],
        conclusion: Some(crate::text::conclusion(frame.study, issue.language)),
        conclusion_code: category.map(|category| word(category, issue.language)).into_iter().collect(),
        presented_form: pdf
            .map(|pdf| Attachment {
                content_type: "application/pdf".to_owned(),
                language: Some(tag(issue.language).to_owned()),
                data: base64::engine::general_purpose::STANDARD.encode(pdf.bytes),
                title: Some("DXA".to_owned()),
            })
            .into_iter()
            .collect(),
    }
}

/// A point in time with an offset; one without is taken as UTC.
pub(super) fn instant(at: &str) -> String {
    let time = at.split_once('T').map(|(_, time)| time).unwrap_or_default();
    match (time.is_empty(), time.contains(['+', '-', 'Z'])) {
        (true, _) => format!("{at}T00:00:00Z"),
        (false, true) => at.to_owned(),
        (false, false) => format!("{at}Z"),
    }
}
