//! Every value of an analysis comes back equal from each document that is made of it, over all test scans.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod fixtures;

use dxa_exchange::hl7::{self, Frames, Mapping, RawMessage, framed};
use dxa_exchange::issue::{Issue, Predecessor, Signature, Sources, Standing, Status};
use dxa_exchange::record::Study;
use dxa_exchange::statement::{self, Answer, Group, Statement};
use dxa_exchange::text::Language;
use dxa_exchange::{fhir, sr};

/// Statements in an order of their own; equal quantities keep theirs.
fn sorted(group: &Group) -> Vec<Statement> {
    let mut statements = group.statements.clone();
    statements.sort_by_key(|said| said.quantity);
    for said in &mut statements {
        // A line end is one letter in HL7, and a blank at the end of a text is padding in DICOM.
        if let Answer::Text(text) = &mut said.answer {
            *text = text.replace("\r\n", "\n").trim_end().to_owned();
        }
    }
    statements
}

/// Compares what a study says with what was read back, group by group, and counts the statements.
fn same(what: &str, said: &[Group], read: &[Group]) -> usize {
    let key = |group: &Group| group.about.key();
    for group in said {
        let back = read.iter().find(|back| key(back) == key(group));
        let back = back.unwrap_or_else(|| panic!("{what}: {} is not there", key(group)));
        assert_eq!(sorted(back), sorted(group), "{what}: {}", key(group));
        assert_eq!(back.outline, group.outline, "{what}: {}", key(group));
    }
    assert_eq!(read.len(), said.len(), "{what}");
    said.iter().map(|group| group.statements.len()).sum()
}

/// Runs `back`, which writes and reads a study in one language of the outside world, over all studies.
fn every_value_comes_back(
    name: &str,
    studies: &[(Study, Sources)],
    back: impl Fn(&Study, &Issue<'_>) -> Vec<Group>,
) {
    let standing = Standing::default();
    let check = |(study, sources): &(Study, Sources)| {
        let issue = Issue { sources, standing: &standing, language: Language::English };
        same(
            study.study.instance_uid.as_deref().unwrap_or_default(),
            &statement::of(study),
            &back(study, &issue),
        )
    };
    let values: usize = studies.iter().map(check).sum();
    assert!(studies.len() > 30 && values > 3000, "{name}: {} studies, {values} values", studies.len());
}

#[test]
fn every_document_gives_every_value_back() {
    let studies = fixtures::studies();
    structured_reports(&studies);
    bundles(&studies);
    messages(&studies);
}

fn structured_reports(studies: &[(Study, Sources)]) {
    every_value_comes_back("SR", studies, |study, issue| {
        let report = sr::encode(study, issue).expect("a study with a UID has a report");
        assert_eq!(sr::encode(study, issue), Some(report.clone()), "a re-run gives other bytes");
        let read = sr::read(&report.bytes).unwrap();
        assert_eq!(read.sop_instance, report.sop_instance);
        read.groups
    });
}

fn bundles(studies: &[(Study, Sources)]) {
    every_value_comes_back("FHIR", studies, |study, issue| {
        let json = fhir::bundle(study, issue, None).unwrap().to_json().unwrap();
        assert_eq!(fhir::bundle(study, issue, None).unwrap().to_json().unwrap(), json);
        let read = fhir::read(&json).unwrap();
        assert_eq!(Some(read.study_uid), study.study.instance_uid);
        read.groups
    });
}

fn messages(studies: &[(Study, Sources)]) {
    for encoding in ["utf-8", "gb18030"] {
        let mapping =
            Mapping::from_toml(&format!("encoding = \"{encoding}\"\nlanguage = \"zh-CN\"")).unwrap();
        every_value_comes_back(encoding, studies, |study, issue| {
            let message = hl7::oru(study, issue, &mapping, None).unwrap();
            assert_eq!(hl7::oru(study, issue, &mapping, None), Some(message.clone()));
            let read = hl7::read(&message.bytes).unwrap();
            assert_eq!(read.control_id, message.control_id);
            assert_eq!(Some(read.study_uid), study.study.instance_uid);
            assert_eq!(read.patient_id, study.patient.id.clone().unwrap_or_default());
            read.groups
        });
    }
}

#[test]
fn a_signed_change_supersedes_in_every_language() {
    let (mut study, sources) = (fixtures::graded(), fixtures::graded_sources());
    let draft = Standing::default();
    let draft = Issue { sources: &sources, standing: &draft, language: Language::English };
    let first = sr::encode(&study, &draft).unwrap();
    assert!(!sr::read(&first.bytes).unwrap().verified);
    study.provenance.version = 2;
    let signed = Standing {
        status: Status::Amended,
        signature: Some(Signature {
            name: "Li^Ming=李^明".to_owned(),
            organization: None,
            at: "2024-05-18T09:00:00+08:00".to_owned(),
        }),
        replaces: vec![Predecessor { sop_instance: first.sop_instance.clone(), version: 1 }],
    };
    let issue = Issue { standing: &signed, ..draft };
    let second = sr::read(&sr::encode(&study, &issue).unwrap().bytes).unwrap();
    assert_ne!(second.sop_instance, first.sop_instance);
    assert!(second.verified);
    assert_eq!(second.replaces, [first.sop_instance]);
    let bundle = fhir::bundle(&study, &issue, None).unwrap().to_json().unwrap();
    assert_eq!(fhir::read(&bundle).unwrap().status, "amended");
    let message = hl7::oru(&study, &issue, &Mapping::default(), None).unwrap();
    assert_eq!(hl7::read(&message.bytes).unwrap().status, "C");
}

/// Row I2: delimiters, line ends and the bytes of a frame in a name are text of one field of one message.
#[test]
fn i2_hard_names_are_one_field_of_one_message() {
    let (mut study, sources) = (fixtures::graded(), fixtures::graded_sources());
    let standing = Standing::default();
    let issue = Issue { sources: &sources, standing: &standing, language: Language::English };
    let plain = hl7::oru(&study, &issue, &Mapping::default(), None).unwrap();
    for (hard, read) in [
        ("A|B~C&D", "A|B~C&D"),
        ("A\\B\\F\\C", "A\\B\\F\\C"),
        ("A\rMSH|^", "A\nMSH|"),
        ("A\r\nPID|1\nOBX|", "A\nPID|1\nOBX|"),
        ("Z\u{b}A\u{1c}\rB\u{1c}", "Z\u{b}A\u{1c}\nB\u{1c}"),
        ("王\u{85}小\u{0}", "王\u{85}小\u{0}"),
    ] {
        study.patient.name_raw = Some(hard.to_owned());
        for encoding in ["utf-8", "gb18030"] {
            let mapping = Mapping::from_toml(&format!("encoding = \"{encoding}\"")).unwrap();
            let message = hl7::oru(&study, &issue, &mapping, None).unwrap();
            let frame = framed(&message.bytes);
            let mut frames = Frames::default();
            frames.extend(&frame);
            frames.extend(&frame);
            assert_eq!(frames.next(1 << 20).unwrap(), Some(message.bytes.clone()), "{hard:?}");
            assert_eq!(frames.next(1 << 20).unwrap(), Some(message.bytes.clone()), "{hard:?}");
            let raw = RawMessage::parse(&message.bytes).unwrap();
            let names = |message: &RawMessage| {
                message.segments().map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
            };
            let of_plain = RawMessage::parse(&plain.bytes).unwrap();
            assert_eq!(names(&raw), names(&of_plain), "{hard:?} makes other segments");
            let fields = raw.field("PID", 5).repetitions().count();
            assert_eq!((fields, raw.field("PID", 5).component(1).as_str()), (1, read), "{hard:?}");
            assert_eq!(raw.field("PID", 3).component(1), of_plain.field("PID", 3).component(1));
        }
    }
}
