//! What made the result, from what, and who signed it.

use crate::issue::Issue;

use super::bundle::{Frame, refer};
use super::coding::hl7;
use super::diagnostic_report::instant;
use super::types::{Agent, DiagnosticReport, Entity, Identifier, Provenance, Reference};

pub(super) fn provenance(frame: &Frame<'_>, issue: &Issue<'_>, report: &DiagnosticReport) -> Provenance {
    let made = &frame.study.provenance;
    let signature = issue.standing.signature.as_ref();
    let agent = |code: &str, display: &str, who: Reference| Agent {
        kind: Some(hl7("provenance-participant-type", code, display)),
        who,
    };
    let mut agents = vec![agent("assembler", "Assembler", frame.software.clone())];
    agents.extend(signature.map(|signature| {
        let display = signature.name.split('=').next().unwrap_or_default().replace('^', " ");
        agent("verifier", "Verifier", Reference { display: Some(display), ..Reference::default() })
    }));
    let named = |value: String| Reference {
        identifier: Some(Box::new(Identifier { value: Some(value), ..Identifier::default() })),
        ..Reference::default()
    };
    let source = |what| Entity { role: "source".to_owned(), what };
    let mut entities = vec![
        source(frame.imaging_study.clone()),
        source(named(format!("protocol sha256:{}", made.protocol_sha256))),
    ];
    entities.extend(made.tables.iter().map(|(id, sha256)| {
        source(named(format!("table {id} sha256:{}", sha256.as_str().unwrap_or_default())))
    }));
    entities.extend(issue.standing.replaces.iter().map(|earlier| Entity {
        role: "revision".to_owned(),
        what: named(format!("{}#version-{}", frame.study_uid, earlier.version)),
    }));
    // A draft is recorded when its study was made, so that a re-run says the same.
    let day = || frame.when.clone().unwrap_or_else(|| "1900-01-01".to_owned());
    Provenance {
        id: super::id(&["provenance", frame.study_uid]),
        target: vec![refer("DiagnosticReport", &report.id)],
        occurred_date_time: frame.when.clone(),
        recorded: instant(&signature.map_or_else(day, |signature| signature.at.clone())),
        activity: None,
        agent: agents,
        entity: entities,
    }
}
