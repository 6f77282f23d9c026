//! Every value of an analysis comes back equal from each document that is made of it, over all test scans.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod fixtures;

use std::collections::BTreeSet;

use dxa_exchange::hl7::{self, Frames, Mapping, RawMessage, framed};
use dxa_exchange::issue::{Issue, Predecessor, Signature, Standing, Status};
use dxa_exchange::record::Study;
use dxa_exchange::statement::{self, Answer, Group, Statement};
use dxa_exchange::text::Language;
use dxa_exchange::{fhir, sr};
use fixtures::Fixture;
use serde_json::Value;

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

/// Writes and reads a study in one language of the outside world.
type Back = Box<dyn Fn(&Study, &Issue<'_>) -> Vec<Group>>;

/// A table with a row a study: how many leaves of its JSON are stated, and how many statements each language gives back.
///
/// `cargo nextest run --workspace -E 'test(every_document_gives_every_value_back)' --no-capture` shows it.
#[test]
#[expect(clippy::print_stdout, reason = "the table is what somebody asks this test for")]
fn every_document_gives_every_value_back() {
    let studies = fixtures::studies();
    let languages: [(&str, Back); 4] = [
        ("SR", Box::new(structured_report)),
        ("FHIR", Box::new(bundle)),
        ("ORU, UTF-8", message("utf-8")),
        ("ORU, GB18030", message("gb18030")),
    ];
    let names: Vec<&str> = languages.iter().map(|(name, _)| *name).collect();
    println!("| study | leaves of the JSON | stated | {} |", names.join(" | "));
    println!("|{}", "---|".repeat(3 + names.len()));
    let standing = Standing::default();
    let (mut total, mut lost) = (0, BTreeSet::new());
    for Fixture { name, json, study, sources } in &studies {
        let said = statement::of(study);
        let (leaves, stated, left) = leaves(json, &said);
        lost.extend(left);
        let issue = Issue { sources, standing: &standing, language: Language::English };
        let back = languages.iter().map(|(language, back)| {
            same(&format!("{name} as {language}"), &said, &back(study, &issue)).to_string()
        });
        println!("| {name} | {leaves} | {stated} | {} |", back.collect::<Vec<_>>().join(" | "));
        total += said.iter().map(|group| group.statements.len()).sum::<usize>();
    }
    assert!(lost.is_empty(), "no document says {lost:?}");
    assert!(studies.len() > 30 && total > 3000, "{} studies, {total} statements", studies.len());
}

/// Parts of the JSON that documents say in words of their own, or that are about how the result came about and not
/// about the patient; each with why.
const SAID_OTHERWISE: &[(&str, &str)] = &[
    (".study.", "PID, OBR, ImagingStudy and the header of the SR name the study"),
    (".patient.", "PID, Patient and the header of the SR name the patient"),
    (".scans[]", "ImagingStudy, Device and the references of the SR name what was received"),
    (".provenance", "Device, MSH and the header of the SR name the software"),
    (".repaired_texts", "how a text was read, not what it says"),
    (".landmarks", "lines on the image are in the GSPS, the SEG and the pictures"),
    (".quality[].unit", "a unit stands with its number, and without one it says nothing"),
    (".quality[].evidence", "lines on the image, as above"),
    (".spine.level_evidence", "why the labels are believed; how far is stated"),
    (".regions[].scores[].kind", "the code of the statement says it"),
    (".regions[].scores[].named", "the note of the reference says it"),
    (".body_composition[].scores[].kind", "the code of the statement says it"),
    (".body_composition[].scores[].named", "the note of the reference says it"),
    (".device_items[].status", "every item that is passed on is in the list"),
    (".device_items[].key", "the code of the item, where it has one"),
    (".assessment.profile_source", "where the choice of the rules stands, not what they say"),
    (".assessment.rules[].inputs", "what a rule saw is stated by itself"),
    (".assessment.rules[].missing", "what a rule lacks is not there to be stated"),
    (".assessment.rules[].result", "what rules come to is the assessment"),
    (".assessment.rules[].source", "the rule's id names it"),
];

/// How many leaves the JSON has, how many of them are statements, and which are neither that nor in a part that is said
/// otherwise.
fn leaves(json: &Value, said: &[Group]) -> (usize, usize, BTreeSet<String>) {
    let (mut words, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for group in said {
        words.extend(group.about.key().split(':').map(str::to_owned));
        numbers.extend(group.about.scan.map(|scan| (scan as f64).to_bits()));
        let points = group.outline.to_text().unwrap_or_default();
        let points = points.split([' ', ',']).filter_map(|number| number.parse::<f64>().ok());
        numbers.extend(points.map(f64::to_bits));
        for statement in &group.statements {
            match &statement.answer {
                Answer::Number { value, unit } => {
                    numbers.insert(value.to_bits());
                    words.insert(unit.clone());
                }
                Answer::Word(word) | Answer::Text(word) => _ = words.insert(word.clone()),
                Answer::Missing(_) => {}
            }
            if let Some(against) = &statement.against {
                let reference = &against.reference;
                let parts = [&reference.id, &reference.version, &reference.population, &reference.status];
                words.extend(parts.into_iter().cloned());
                words.extend(reference.site_as_stated.iter().chain(&against.quantity).cloned());
            }
        }
    }
    let mut all = Vec::new();
    walk(json, String::new(), &mut all);
    let is_stated = |value: &Value| match value {
        Value::Number(number) => numbers.contains(&number.as_f64().unwrap().to_bits()),
        Value::Bool(flag) => words.contains(&flag.to_string()),
        other => other.as_str().is_some_and(|text| words.contains(text)),
    };
    let (stated, rest): (Vec<_>, Vec<_>) = all.iter().partition(|(_, value)| is_stated(value));
    let otherwise = |path: &str| SAID_OTHERWISE.iter().any(|(part, _)| path.starts_with(part));
    let lost = rest.iter().map(|(path, _)| path.clone()).filter(|path| !otherwise(path));
    (all.len(), stated.len(), lost.collect())
}

/// Leaves that say something, with their path; places in a list are not told apart.
fn walk<'j>(value: &'j Value, path: String, leaves: &mut Vec<(String, &'j Value)>) {
    match value {
        Value::Null => {}
        Value::Array(items) => items.iter().for_each(|item| walk(item, format!("{path}[]"), leaves)),
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| walk(field, format!("{path}.{name}"), leaves))
        }
        Value::String(text) if text.is_empty() => {}
        leaf => leaves.push((path, leaf)),
    }
}

fn structured_report(study: &Study, issue: &Issue<'_>) -> Vec<Group> {
    let report = sr::encode(study, issue).expect("a study with a UID has a report");
    assert_eq!(sr::encode(study, issue), Some(report.clone()), "a re-run gives other bytes");
    let read = sr::read(&report.bytes).unwrap();
    assert_eq!(read.sop_instance, report.sop_instance);
    read.groups
}

fn bundle(study: &Study, issue: &Issue<'_>) -> Vec<Group> {
    let json = fhir::bundle(study, issue, None).unwrap().to_json().unwrap();
    assert_eq!(fhir::bundle(study, issue, None).unwrap().to_json().unwrap(), json);
    let bundle: Value = serde_json::from_slice(&json).unwrap();
    let ids = bundle["entry"].as_array().unwrap().iter().map(|entry| entry["fullUrl"].as_str().unwrap());
    let (count, ids) = (ids.clone().count(), ids.collect::<BTreeSet<_>>());
    assert_eq!(ids.len(), count, "two resources with one id");
    let read = fhir::read(&json).unwrap();
    assert_eq!(Some(read.study_uid), study.study.instance_uid);
    read.groups
}

fn message(encoding: &str) -> Back {
    let mapping = Mapping::from_toml(&format!("encoding = \"{encoding}\"\nlanguage = \"zh-CN\"")).unwrap();
    Box::new(move |study, issue| {
        let message = hl7::oru(study, issue, &mapping, None).unwrap();
        assert_eq!(hl7::oru(study, issue, &mapping, None), Some(message.clone()));
        told_apart(&message.bytes);
        let read = hl7::read(&message.bytes).unwrap();
        assert_eq!(read.control_id, message.control_id);
        assert_eq!(Some(read.study_uid), study.study.instance_uid);
        assert_eq!(read.patient_id, study.patient.id.clone().unwrap_or_default());
        read.groups
    })
}

/// A receiver that keeps results by OBX-3 and OBX-4 keeps all of them.
fn told_apart(message: &[u8]) {
    let raw = RawMessage::parse(message).unwrap();
    let mut seen = BTreeSet::new();
    for (_, at) in raw.segments().filter(|(name, _)| *name == "OBX") {
        let code = raw.field_at(at, 3);
        let key = (code.component(1), code.component(3), raw.field_at(at, 4).text());
        assert!(key.2.chars().count() <= 20, "{key:?}");
        assert!(seen.insert(key.clone()), "{key:?} comes twice");
    }
}

/// What a newer Bundle does not observe any more is put there as entered in error, without a value.
#[test]
fn a_transaction_takes_back_what_is_no_longer_so() {
    let (mut study, sources) = (fixtures::graded(), fixtures::graded_sources());
    let standing = Standing::default();
    let issue = Issue { sources: &sources, standing: &standing, language: Language::English };
    let first = fhir::bundle(&study, &issue, None).unwrap();
    let gone = study.vertebrae.pop().unwrap().level;
    let second = fhir::bundle(&study, &issue, None).unwrap();
    let count = |bundle: &fhir::Bundle| bundle.entry.len();
    let (before, after) = (count(&first), count(&second));
    let all = fhir::transaction(second.clone(), vec![first.clone(), first.clone()]);
    let json: Value = serde_json::from_slice(&all.to_json().unwrap()).unwrap();
    let resources: Vec<&Value> =
        json["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]).collect();
    let (wrong, right): (Vec<&Value>, Vec<&Value>) =
        resources.into_iter().partition(|resource| resource["status"] == "entered-in-error");
    assert_eq!((right.len(), wrong.len()), (after, before - after));
    for resource in wrong {
        let key = resource["identifier"][0]["value"].as_str().unwrap();
        assert!(key.contains(&format!("vertebra:{gone}")), "{key}");
        assert!(resource["subject"]["reference"].as_str().unwrap().starts_with("urn:uuid:"), "{resource}");
        let said = ["valueQuantity", "valueCodeableConcept", "component", "hasMember"];
        assert!(said.iter().all(|part| resource.get(part).is_none()), "{resource}");
    }
    let short = fhir::transaction(second.clone(), vec![fhir::observed(first.clone())]);
    assert_eq!(short.to_json().unwrap(), all.to_json().unwrap(), "what is kept of it says as much");
    assert_eq!(count(&fhir::transaction(first, vec![second])), before);
}

/// Where a score, a height or a grade was refused, a record finds why beside the place of the number.
#[test]
fn what_was_refused_says_so_in_its_place() {
    let mut told = BTreeSet::new();
    let mut studies: Vec<_> =
        fixtures::studies().into_iter().map(|one| (one.name, one.study, one.sources)).collect();
    let mut hidden = fixtures::graded();
    for vertebra in &mut hidden.vertebrae[..1] {
        (vertebra.evaluable, vertebra.grade) = (false, None);
        vertebra.not_evaluable_reason = Some("leaves_image".to_owned());
    }
    studies.push(("a hidden vertebra".into(), hidden, fixtures::graded_sources()));
    for (name, study, sources) in &studies {
        let standing = Standing::default();
        let issue = Issue { sources, standing: &standing, language: Language::English };
        let bundle = fhir::bundle(study, &issue, None).unwrap().to_json().unwrap();
        let bundle: Value = serde_json::from_slice(&bundle).unwrap();
        let message = hl7::oru(study, &issue, &Mapping::default(), None).unwrap();
        let message = String::from_utf8(message.bytes).unwrap();
        for one in bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]) {
            let mut codes = one["code"]["coding"].as_array().into_iter().flatten().rev();
            let Some(code) = codes.find_map(|code| code["code"].as_str()) else { continue };
            let Some(absent) = one.get("dataAbsentReason") else { continue };
            assert!(one.get("valueQuantity").is_none() && one.get("valueCodeableConcept").is_none());
            let Some(refusal) = absent["coding"][1]["code"].as_str() else { continue };
            let sentence = absent["text"].as_str().unwrap();
            assert!(sentence.len() > 10, "{name}: {absent}");
            assert!(message.contains(&format!("Refusal: {refusal}~Reason: ")), "{name}: {refusal}");
            told.insert(format!("{code} {refusal}"));
        }
        for refusal in study.refusals.iter().filter(|refusal| refusal.message.starts_with("No Z-score for "))
        {
            assert!(told.contains(&format!("Z-SCORE {}", refusal.code)), "{name}: {}", refusal.message);
        }
    }
    for wanted in ["Z-SCORE no_reference", "T-SCORE no_reference", "GENANT-GRADE leaves_image"] {
        assert!(told.contains(wanted), "{told:?}");
    }
}

/// A receiver that leaves out what it knows must not leave out a version that says the same as an older one.
#[test]
fn every_version_is_a_message_of_its_own() {
    let (mut study, sources) = (fixtures::graded(), fixtures::graded_sources());
    let standing = Standing::default();
    let issue = Issue { sources: &sources, standing: &standing, language: Language::English };
    let control = |study: &Study| hl7::oru(study, &issue, &Mapping::default(), None).unwrap().control_id;
    let first = control(&study);
    assert_eq!(control(&study), first);
    study.provenance.version += 1;
    assert_ne!(control(&study), first);
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
