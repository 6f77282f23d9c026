//! What record systems tell over HL7, from the socket to the assessment.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod web;

use std::net::SocketAddr;
use std::time::Duration;

use dicom_core::VR;
use dicom_dictionary_std::tags;
use dxa_exchange::hl7::{FactCode, Frames, RawMessage, framed};
use dxa_server::config::{Hl7, OrderedProcedure, Scanner};
use dxa_server::ingest::Hl7Listener;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use web::Service;

async fn listening(service: &Service, change: impl FnOnce(&mut Hl7)) -> (SocketAddr, CancellationToken) {
    let mut config = Hl7 { listen: Some(([127, 0, 0, 1], 0).into()), ..Hl7::default() };
    change(&mut config);
    let listener = Hl7Listener::bind(&config, service.store.clone(), service.audit.clone()).await.unwrap();
    let listener = listener.unwrap();
    let (address, stop) = (listener.address().unwrap(), CancellationToken::new());
    tokio::spawn(listener.run(stop.clone()));
    (address, stop)
}

/// Sends bytes as they are and reads one acknowledgement.
async fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> Option<String> {
    exchange_bytes(stream, bytes).await.map(|answer| String::from_utf8(answer).unwrap())
}

async fn exchange_bytes(stream: &mut TcpStream, bytes: &[u8]) -> Option<Vec<u8>> {
    stream.write_all(bytes).await.unwrap();
    let mut frames = Frames::default();
    let mut read = [0u8; 4096];
    loop {
        if let Some(answer) = frames.next(1 << 16).unwrap() {
            return Some(answer);
        }
        let count = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut read)).await.unwrap();
        match count {
            Ok(0) | Err(_) => return None,
            Ok(count) => frames.extend(&read[..count]),
        }
    }
}

fn message(control: &str, kind: &str, segments: &str) -> Vec<u8> {
    let now = jiff::Timestamp::now().strftime("%Y%m%d%H%M%S+0000").to_string();
    message_at(&now, control, kind, segments)
}

/// A message that was sent at some time.
fn message_at(time: &str, control: &str, kind: &str, segments: &str) -> Vec<u8> {
    let header = format!("MSH|^~\\&|EMR|HOSP|DXA||{time}||{kind}|{control}|P|2.5.1||||||UNICODE UTF-8");
    format!("{header}\r{segments}").into_bytes()
}

async fn tell(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    exchange(&mut stream, &framed(bytes)).await.unwrap()
}

/// The same in GB 18030; the answer is read by its own character set.
async fn tell_in_chinese(address: SocketAddr, text: &str) -> RawMessage {
    let any = RawMessage::parse(b"MSH|^~\\&|A||||||ADT^A08|1|P|2.5.1||||||GB18030").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let answer = exchange_bytes(&mut stream, &framed(&any.encoded(text))).await.unwrap();
    RawMessage::parse(&answer).unwrap()
}

/// Waits until a study has a result that shows something.
async fn until(service: &Service, uid: &str, shows: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..600 {
        let answer = service.get(&format!("/api/v1/studies/{uid}")).await;
        if answer.status.is_success() {
            let study = answer.json()["studies"][0].clone();
            if shows(&study) {
                return study;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the study never shows it");
}

async fn patient(service: &Service) -> String {
    let listed = service.get("/api/v1/studies").await.json();
    listed["studies"][0]["patient"]["id"].as_str().unwrap().to_owned()
}

async fn ledger(service: &Service) -> Vec<(String, String)> {
    let listed = service.get("/api/v1/messages").await.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = listed["messages"].as_array().unwrap();
    rows.iter().map(|row| (text(&row["state"]), text(&row["reason"]))).collect()
}

const SCAN: &str = "07-hologic-spine.dcm";

/// Number and birth date of the scan's patient, as HL7 writes them.
async fn identity(service: &Service, uid: &str) -> (String, String) {
    let study = until(service, uid, |_| true).await;
    let number = study["patient"]["id"].as_str().unwrap().to_owned();
    (number, study["patient"]["birth_date"].as_str().unwrap().replace('-', ""))
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_reach_the_assessment_once() {
    let service = Service::open().await.working();
    let (address, _stop) = listening(&service, |_| {}).await;
    let uid = service.analyzed(SCAN).await;
    let (number, born) = identity(&service, &uid).await;
    let segments = format!(
        "PID|1||{number}^^^HOSP||Somebody^Else||{born}\rOBX|1|NM|8302-2^Height^LN||1.61|m|||||F\r\
         OBX|2|ST|menopause^^99DXA||post||||||F\rOBX|3|NM|UNKNOWN^^L||7||||||F\r"
    );
    let bytes = message("m1", "ORU^R01", &segments);
    let answer = tell(address, &bytes).await;
    assert!(answer.contains("\rMSA|AA|m1|taken"), "{answer}");
    assert!(answer.starts_with("MSH|^~\\&|DXA||EMR|HOSP|"), "{answer}");
    let study = until(&service, &uid, |study| study["provenance"]["version"] == 2).await;
    assert_eq!(study["report"]["reason"], "context");
    assert_eq!(study["report"]["by"], "hl7:EMR^HOSP");
    // The acknowledgement was lost and the message comes again: nothing happens twice.
    assert!(tell(address, &bytes).await.contains("MSA|AA|m1|taken before"));
    let known = service.get(&format!("/api/v1/patients/{}/context", patient(&service).await)).await.json();
    assert_eq!(known["context"]["height_cm"], 161.0);
    assert_eq!(known["context"]["menopause"], "post");
    assert_eq!(known["entries"].as_array().unwrap().len(), 1);
    let rows = ledger(&service).await;
    assert_eq!(rows, [("taken".to_owned(), "OBX-3 UNKNOWN is not known".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_before_the_first_study_waits_for_it() {
    let service = Service::open().await.working();
    let (address, _stop) = listening(&service, |_| {}).await;
    let other = Service::open().await.working();
    let uid = other.analyzed(SCAN).await;
    let (number, born) = identity(&other, &uid).await;
    let person = format!("PID|1||{number}||||{born}\r");
    let told = message("m1", "ORU^R01", &format!("{person}OBX|1|ST|menopause^^99DXA||post||||||F\r"));
    assert!(tell(address, &told).await.contains("MSA|AA|m1|waiting"));
    let wrong = format!("PID|1||{number}||||19010101\rOBX|1|NM|29463-7^^LN||33|kg|||||F\r");
    assert!(tell(address, &message("m2", "ORU^R01", &wrong)).await.contains("MSA|AA|m2|waiting"));
    service.analyzed(SCAN).await;
    let study = until(&service, &uid, |_| true).await;
    assert_eq!(study["provenance"]["version"], 1, "the facts were there before the first analysis");
    let known = service.get(&format!("/api/v1/patients/{}/context", patient(&service).await)).await.json();
    assert_eq!(known["context"]["menopause"], "post");
    assert_eq!(known["context"].get("weight_kg"), None, "that was somebody else");
    let states: Vec<String> = ledger(&service).await.into_iter().map(|(state, _)| state).collect();
    assert_eq!(states, ["refused", "taken"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_matched_by_name_and_contradictions_are_refused() {
    let service = Service::open().await.working();
    let (address, _stop) = listening(&service, |config| config.authority = Some("HOSP".to_owned())).await;
    let uid = service.analyzed(SCAN).await;
    let (number, born) = identity(&service, &uid).await;
    let fact = "OBX|1|ST|menopause^^99DXA||post||||||F\r";
    for (control, person, reason) in [
        ("n1", "PID|1||||Sim^Woman\r".to_owned(), "PID-3 holds no patient number of this site"),
        (
            "n2",
            format!("PID|1||{number}^^^ELSEWHERE||||{born}\r"),
            "PID-3 holds no patient number of this site",
        ),
        ("n3", format!("PID|1||{number}^^^HOSP||||19010101\r"), "the birth date is not that of the patient"),
    ] {
        let answer = tell(address, &message(control, "ADT^A08", &format!("{person}{fact}"))).await;
        assert!(answer.contains(&format!("MSA|AA|{control}|refused")), "{answer}");
        let row = ledger(&service).await.remove(0);
        assert!(row.0 == "refused" && row.1.starts_with(reason), "{row:?}");
    }
    // An impossible date is no date; what else is said is taken.
    let odd = format!("PID|1||{number}^^^HOSP||||20241341\r{fact}");
    assert!(tell(address, &message("n4", "ADT^A08", &odd)).await.contains("MSA|AA|n4|taken"));
    assert_eq!(ledger(&service).await[0].1, "PID-7 is no date");
}

/// Posts a document of FHIR.
async fn post(service: &Service, path: &str, body: &Value) -> web::Answer {
    let request = axum::http::Request::post(path).header("content-type", "application/fhir+json");
    service.ask(request.body(axum::body::Body::from(body.to_string())).unwrap()).await
}

/// What a record system said once does not become newer by what it says of something else.
#[tokio::test(flavor = "multi_thread")]
async fn a_fact_is_as_old_as_it_is() {
    let service = Service::open().await.working();
    let (address, _stop) = listening(&service, |_| {}).await;
    let uid = service.analyzed(SCAN).await;
    let (number, _) = identity(&service, &uid).await;
    let path = format!("/api/v1/patients/{}/context", patient(&service).await);
    let weight =
        |value: &str, at: &str| format!("PID|1||{number}\rOBX|1|NM|29463-7^^LN||{value}|kg|||||F|||{at}\r");
    let tell = async |time: &str, control: &str, segments: &str| {
        let answer = tell(address, &message_at(time, control, "ADT^A08", segments)).await;
        assert!(answer.contains(&format!("MSA|AA|{control}|taken")), "{answer}");
    };
    let now = jiff::Timestamp::now().strftime("%Y%m%d%H%M%S+0000").to_string();
    tell("20240101", "t1", &weight("50", "")).await;
    let nurse = serde_json::json!({
        "resourceType": "QuestionnaireResponse", "status": "completed", "authored": "2024-01-05T10:00:00Z",
        "subject": { "identifier": { "value": number } },
        "item": [{ "linkId": "weight_kg", "answer": [{ "valueDecimal": 58 }] }]
    });
    assert_eq!(post(&service, &path, &nurse).await.status, 202);
    let menopause = format!("PID|1||{number}\rOBX|1|ST|menopause^^99DXA||post||||||F\r");
    tell(&now, "t2", &menopause).await;
    let known = service.get(&path).await.json();
    assert_eq!(
        (&known["context"]["weight_kg"], &known["context"]["menopause"]),
        (&58.into(), &"post".into())
    );
    // Measured long before it was sent, by OBX-14, and by OBR-7.
    tell(&now, "t3", &weight("49", "20231201")).await;
    let order = weight("48", "").replacen("OBX", "OBR|1||||||20231202\rOBX", 1);
    tell(&now, "t4", &order).await;
    let known = service.get(&path).await.json();
    assert_eq!(known["context"]["weight_kg"], 58);
    assert_eq!(known["conflicts"][0]["values"][1]["value"], 50.0, "what was measured later is kept");
    // Nothing was measured tomorrow.
    tell(&now, "t5", &weight("60", "20990101")).await;
    let known = service.get(&path).await.json();
    assert_eq!(known["context"]["weight_kg"], 60.0);
    let at = known["conflicts"][0]["values"][0]["at"].as_i64().unwrap();
    assert!(at <= jiff::Timestamp::now().as_millisecond(), "{at}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_differ_are_shown() {
    let service = Service::open().await.working();
    let (address, _stop) = listening(&service, |_| {}).await;
    let uid = service.analyzed(SCAN).await;
    let (number, _) = identity(&service, &uid).await;
    let path = format!("/api/v1/patients/{}/context", patient(&service).await);
    let questionnaire = serde_json::json!({
        "resourceType": "QuestionnaireResponse", "status": "completed",
        "subject": { "identifier": { "value": number } },
        "item": [{ "linkId": "menopause", "answer": [{ "valueCoding": { "code": "peri" } }] }]
    });
    let answer = post(&service, &path, &questionnaire).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let mut other = questionnaire.clone();
    other["subject"]["identifier"]["value"] = "somebody else".into();
    assert_eq!(post(&service, &path, &other).await.code(), "invalid");
    let patients = service.get(&format!("/fhir/Patient?identifier={number}")).await.json();
    let served = patients["entry"][0]["resource"]["id"].as_str().unwrap().to_owned();
    let own = patient(&service).await;
    for (reference, with_number, status) in [
        (format!("Patient/{served}"), false, 202),
        (format!("Patient/{own}"), true, 202),
        ("Patient/other".to_owned(), false, 422),
        ("Patient/other".to_owned(), true, 422),
        ("http://emr/fhir/Patient/7".to_owned(), true, 202),
        ("http://emr/fhir/Patient/7".to_owned(), false, 422),
    ] {
        let mut referred = questionnaire.clone();
        referred["subject"]["reference"] = reference.as_str().into();
        if !with_number {
            referred["subject"].as_object_mut().unwrap().remove("identifier");
        }
        assert_eq!(post(&service, &path, &referred).await.status, status, "{reference} {with_number}");
    }
    let told = format!("PID|1||{number}\rOBX|1|ST|menopause^^99DXA||post||||||F\r");
    assert!(tell(address, &message("c1", "ORU^R01", &told)).await.contains("MSA|AA|c1|taken"));
    let has = |study: &Value| {
        let findings = study["findings"].as_array().unwrap();
        findings.iter().any(|finding| finding["code"] == "context_conflict")
    };
    let study = until(&service, &uid, has).await;
    let findings = study["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["code"] == "context_conflict").unwrap();
    let sentence = finding["message"].as_str().unwrap();
    let year = jiff::Timestamp::now().strftime("%Y-").to_string();
    for part in ["menopause: post (hl7:EMR^HOSP, ", "peri (", &year, " UTC)"] {
        assert!(sentence.contains(part), "{sentence}");
    }
    let page = service.get(&format!("/patients/{own}/context")).await.text();
    let shown = page.split("id=\"conflicts\"").nth(1).and_then(|rest| rest.split("</section>").next());
    assert!(shown.unwrap().contains("Menopause: post (hl7:EMR^HOSP, "), "{shown:?}");
    let known = service.get(&path).await.json();
    assert_eq!(known["context"]["menopause"], "post");
    let values: Vec<&Value> =
        known["conflicts"][0]["values"].as_array().unwrap().iter().map(|said| &said["value"]).collect();
    assert_eq!(values, ["post", "peri"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_another_patient_is_said() {
    let service = Service::open().await.working();
    let (address, _stop) = listening(&service, |_| {}).await;
    let order = "PID|1||NOT-THIS-ONE\rORC|NW|P1\rOBR|1|P1||DEXA||||||||||||||A77\r";
    assert!(tell(address, &message("o1", "ORM^O01", order)).await.contains("MSA|AA|o1"));
    let uid = service.analyzed_object(ordered_scan(SCAN, "A77")).await;
    let study = until(&service, &uid, |_| true).await;
    let findings = study["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["code"] == "order_mismatch"), "{findings:?}");
}

/// Whoever ordered finds the result under the numbers that they gave, in both languages.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_answers_with_the_numbers_of_its_order() {
    let issuer = |config: &mut dxa_server::config::Config| {
        config.fhir.patient_systems = [(String::new(), "urn:oid:1.2.3".to_owned())].into();
    };
    let service = Service::with(issuer).await.working();
    let (address, _stop) = listening(&service, |_| {}).await;
    let number = patient_number(&ordered_scan(SCAN, "A80"));
    let order =
        |placer: &str| format!("PID|1||{number}\rORC|NW|{placer}|F7^RIS\rOBR|1|||DEXA||||||||||||||A80\r");
    tell(address, &message("n1", "ORM^O01", &order("P\\T\\7^EMR^1.2.840.1^ISO"))).await;
    tell(address, &message("n2", "ORM^O01", &order("CANCELED").replace("A80", "A81"))).await;
    tell(address, &message("n3", "ORM^O01", "ORC|CA|CANCELED\r")).await;
    let uid = service.analyzed_object(ordered_scan(SCAN, "A80")).await;
    let sent = service.get(&format!("/api/v1/studies/{uid}/hl7.txt")).await.text();
    let field = |segment: &str, number: usize| {
        let segment = sent.split('\r').find(|one| one.starts_with(segment)).unwrap();
        segment.split('|').nth(number).unwrap_or_default().to_owned()
    };
    for segment in ["ORC", "OBR"] {
        assert_eq!(field(segment, 2), "P\\T\\7^EMR^1.2.840.1^ISO", "{segment}");
        assert_eq!(field(segment, 3), "F7^RIS", "{segment}");
    }
    assert_eq!(field("OBR", 18), "A80");
    let bundle = service.get(&format!("/api/v1/studies/{uid}/fhir.json")).await.json();
    let entries = bundle["entry"].as_array().unwrap();
    let of = |kind: &str| entries.iter().map(|one| &one["resource"]).find(|one| one["resourceType"] == kind);
    for kind in ["DiagnosticReport", "ImagingStudy"] {
        let order = &of(kind).unwrap()["basedOn"][0];
        assert_eq!(order["type"], "ServiceRequest");
        assert_eq!(order["identifier"]["value"], "P&7");
        assert_eq!(order["identifier"]["system"], "urn:oid:1.2.840.1");
        assert_eq!(order["identifier"]["type"]["coding"][0]["code"], "PLAC");
    }
    assert_eq!(of("Patient").unwrap()["identifier"][0]["system"], "urn:oid:1.2.3");
    // Of two orders a message with one OBR can name neither; a Bundle names both.
    tell(address, &message("n4", "ORM^O01", &order("P8"))).await;
    assert_eq!(service.store.orders_of(&uid).await.unwrap().len(), 2);
}

/// An order is changed and taken back by its placer's number alone.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_known_by_its_placers_number() {
    let service = Service::open().await;
    let (address, _stop) = listening(&service, |_| {}).await;
    let tell = async |control: &str, segments: &str| {
        let answer = tell(address, &message(control, "ORM^O01", &format!("PID|1||42\r{segments}"))).await;
        assert!(answer.contains(&format!("MSA|AA|{control}|")), "{answer}");
        let listed = service.get("/api/v1/expected").await.json();
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let row = |row: &Value| format!("{} {}", text(&row["accession_number"]), text(&row["procedure"]));
        listed["expected"].as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    let order = |control: &str, accession: &str| {
        format!("ORC|{control}|P1\rOBR|1|P1||DEXA||||||||||||||{accession}\r")
    };
    assert_eq!(tell("p1", &order("NW", "")).await, ["- DEXA"]);
    assert_eq!(tell("p2", &order("XO", "A60")).await, ["A60 DEXA"], "it has its accession number now");
    assert_eq!(tell("p3", "ORC|SC|P1\rOBR|1|P1||DEXA2\r").await, ["A60 DEXA2"]);
    assert_eq!(tell("p4", "ORC|CA|P2\r").await, ["A60 DEXA2"], "another order");
    assert_eq!(tell("p5", "ORC|CA|P1\r").await, [""; 0]);
    assert_eq!(tell("p6", &order("NW", "A60")).await, ["A60 DEXA"]);
    assert_eq!(tell("p7", "ORC|CA\rOBR|1|A60\r").await, ["A60 DEXA"], "OBR-2 is the placer's");
    assert_eq!(tell("p8", "ORC|CA\rOBR|1|||DEXA||||||||||||||A60\r").await, [""; 0]);
}

/// Everything that a record knows of a patient, in the character set of its country.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_tells_ethnic_group_fractures_drugs_and_frax() {
    let service = Service::open().await.working();
    let group = FactCode {
        code: "PID-22".to_owned(),
        key: "ethnicity".to_owned(),
        values: [("汉族".to_owned(), "chinese".into())].into(),
        ..FactCode::default()
    };
    let (address, _stop) = listening(&service, |config| config.facts = vec![group]).await;
    let uid = service.analyzed(SCAN).await;
    let (number, _) = identity(&service, &uid).await;
    let text = format!(
        "MSH|^~\\&|HIS|東院|DXA||20240518||ORU^R01|e1|P|2.5.1||||||GB 18030-2000\r\
         PID|1||{number}||王^小东|||||||||||||||||汉族\r\
         OBX|1|ST|fractures^^99DXA||hip||||||F|||202305\rOBX|2|ST|fractures^^99DXA||vertebra||||||F|||2019\r\
         OBX|3|ST|treatments^^99DXA||唑来膦酸||||||F|||20220511\r\
         OBX|4|NM|frax_major_percent^^99DXA||12.5|%|||||F\rOBX|5|NM|frax_hip_percent^^99DXA||3.1|%|||||F\r\
         OBX|6|ST|glucocorticoid.taken^^99DXA||current||||||F\r\
         OBX|7|NM|glucocorticoid.prednisolone_mg_per_day^^99DXA||7.5|mg/d|||||F\r\
         OBX|8|ST|bone_damaging_drugs^^99DXA||N||||||F\r"
    );
    let answer = tell_in_chinese(address, &text).await;
    assert_eq!(answer.field("MSA", 1).component(1), "AA");
    assert_eq!(ledger(&service).await, [("taken".to_owned(), String::new())]);
    let known = service.get(&format!("/api/v1/patients/{}/context", patient(&service).await)).await.json();
    let wanted = serde_json::json!({
        "ethnicity": "chinese", "frax_major_percent": 12.5, "frax_hip_percent": 3.1, "bone_damaging_drugs": false,
        "fractures": [{ "site": "hip", "date": "2023-05" }, { "site": "vertebra", "date": "2019" }],
        "treatments": [{ "kind": "drug", "name": "唑来膦酸", "start": "2022-05-11" }],
        "glucocorticoid": { "taken": "current", "prednisolone_mg_per_day": 7.5 }
    });
    assert_eq!(known["context"], wanted);
    assert_eq!(known["entries"][0]["source"], "hl7:HIS^東院");
    until(&service, &uid, |study| study["report"]["reason"] == "context").await;
}

/// The second byte of the letter 東 is a bar, which would shift all that stands behind it.
#[tokio::test(flavor = "multi_thread")]
async fn a_sender_is_answered_in_its_character_set() {
    let service = Service::open().await;
    let (address, _stop) = listening(&service, |_| {}).await;
    for (control, set) in [("g1", "GB 18030-2000"), ("g2", "")] {
        let header = format!("MSH|^~\\&|EMR|東院|DXA||20240518||ADT^A08|{control}|P|2.5.1||||||{set}");
        let answer = tell_in_chinese(address, &format!("{header}\rPID|1||4\\XFF\\2||王^小东\r")).await;
        let field = |segment, number| answer.field(segment, number).component(1);
        assert_eq!((field("MSA", 1), field("MSA", 2)), ("AA".to_owned(), control.to_owned()));
        assert_eq!((field("MSH", 6), field("MSH", 18)), ("東院".to_owned(), set.to_owned()));
        let reason = ledger(&service).await.remove(0).1;
        assert!(reason.ends_with("PID-3 has an escape that is no text"), "{reason}");
    }
}

/// A person has a number at each place, and only one of them is that of the scanners.
#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_the_site_may_be_that_of_the_scanners() {
    let service = Service::open().await.working();
    let (address, _stop) = listening(&service, |config| config.authority = Some("HOSP".to_owned())).await;
    let number = patient_number(&ordered_scan(SCAN, "A78"));
    let order = |id: &str| format!("ORC|NW|P{id}\rOBR|1|P{id}||DEXA||||||||||||||{id}\r");
    let numbers = format!("PID|1||7^^^CITY~8^^^HOSP~{number}^^^HOSP\r");
    let fact = "OBX|1|ST|menopause^^99DXA||post||||||F\r";
    let told = message("k1", "ORM^O01", &format!("{numbers}{}{fact}", order("A78")));
    assert!(tell(address, &told).await.contains("MSA|AA|k1|waiting"));
    // An order of nobody of this site is no order.
    let foreign = message("k2", "ORM^O01", &format!("PID|1||7^^^CITY\r{}", order("A79")));
    assert!(tell(address, &foreign).await.contains("MSA|AA|k2|refused"));
    let listed = service.get("/api/v1/expected").await.json();
    let rows = listed["expected"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    let uid = service.analyzed_object(ordered_scan(SCAN, "A78")).await;
    let study = until(&service, &uid, |_| true).await;
    assert!(!has_finding(&study, "order_mismatch"), "{}", study["findings"]);
    let known = service.get(&format!("/api/v1/patients/{}/context", patient(&service).await)).await.json();
    assert_eq!(known["context"]["menopause"], "post", "the message waited for the third number too");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_answered_or_closed() {
    let service = Service::open().await;
    let (address, stop) = listening(&service, |config| config.message_bytes = 4096).await;
    assert!(tell(address, b"PID|1||42").await.contains("MSA|AR||"));
    assert!(tell(address, &message("", "ADT^A08", "PID|1||42\r")).await.contains("MSA|AR||MSH-10 is empty"));
    assert!(tell(address, &message("x", "BAR^P01", "PID|1||42\r")).await.contains("MSA|AR|x|"));
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Noise before a frame is passed over; a frame that does not end is given up.
    let noisy = [b"noise\r\n".to_vec(), framed(&message("y", "ADT^A08", "PID|1||42\r"))].concat();
    assert!(exchange(&mut stream, &noisy).await.unwrap().contains("MSA|AA|y|waiting"));
    let endless = [vec![0x0B], vec![b'x'; 8192]].concat();
    assert_eq!(exchange(&mut stream, &endless).await, None);
    // Two messages in one packet are answered in their order.
    let mut stream = TcpStream::connect(address).await.unwrap();
    let two: Vec<u8> = ["a", "b"]
        .into_iter()
        .flat_map(|control| framed(&message(control, "ADT^A08", "PID|1||42\r")))
        .collect();
    assert!(exchange(&mut stream, &two).await.unwrap().contains("MSA|AA|a|"));
    stop.cancel();
}

/// A scan of test-scans under an accession number.
fn ordered_scan(scan: &str, accession: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans").join(scan);
    let mut object = dicom_object::open_file(path).unwrap();
    object.put_str(tags::ACCESSION_NUMBER, VR::SH, accession);
    let mut bytes = Vec::new();
    object.write_all(&mut bytes).unwrap();
    bytes
}

fn patient_number(object: &[u8]) -> String {
    let object = dicom_object::from_reader(object).unwrap();
    object.element(tags::PATIENT_ID).unwrap().to_str().unwrap().trim().to_owned()
}

/// A density and a T-score of L1, as a scanner may tell them.
fn measured(number: &str, accession: &str, density: &str, status: &str) -> String {
    format!(
        "PID|1||{number}\rOBR|1||F9|SPINE^AP Spine^L||||||||||||||{accession}\r\
         OBX|1|NM|24966-4^DXA Lumbar spine^LN|L1|{density}|g/cm2|||||{status}\r\
         OBX|2|NM|38267-1^T-score^LN|L1|-1.4|{{T-score}}|||||{status}\r\
         OBX|3|NM|Q7^Something^99X|L1|3|cm|||||{status}\r"
    )
}

/// The regions of a device.
fn reported(study: &Value) -> Vec<&Value> {
    let regions = study["regions"].as_array().unwrap();
    regions.iter().filter(|region| region["provenance"] == "device_reported").collect()
}

fn has_finding(study: &Value, code: &str) -> bool {
    study["findings"].as_array().unwrap().iter().any(|finding| finding["code"] == code)
}

#[tokio::test(flavor = "multi_thread")]
async fn measurements_of_a_scanner_are_a_reported_source_of_their_study() {
    let service = Service::with(|config| {
        let scanner = Scanner {
            sender: "EMR^HOSP".to_owned(),
            manufacturer: "GE Healthcare".to_owned(),
            model: Some("Lunar iDXA".to_owned()),
        };
        config.hl7.scanners = vec![scanner];
    });
    let service = service.await.working();
    let (address, _stop) = listening(&service, |_| {}).await;
    // Pixels for display only: whatever densities there are came in the message, here before the images.
    let scan = ordered_scan("01-ge-idxa-ap-spine.dcm", "A90");
    let number = patient_number(&scan);
    let told = message("r1", "ORU^R01", &measured(&number, "A90", "0.901", "F"));
    assert!(tell(address, &told).await.contains("MSA|AA|r1|waiting"));
    let uid = service.analyzed_object(scan).await;
    let study = until(&service, &uid, |_| true).await;
    assert_eq!(study["provenance"]["version"], 1);
    let [region] = reported(&study)[..] else { panic!("what waited is not in the first version: {study}") };
    assert_eq!(
        (&region["site"], &region["bmd_g_cm2"], &region["device"]["t"]),
        (&"L1".into(), &0.901.into(), &(-1.4).into())
    );
    assert_eq!(region["provenance"], "device_reported");
    let scan = &study["scans"][region["scan"].as_u64().unwrap() as usize];
    assert_eq!((&scan["kind"], &scan["tier"]), (&"ap_spine".into(), &"reported".into()));
    assert_eq!(scan["sop_instance_uids"], serde_json::json!([]));
    assert_eq!(scan["manufacturer"], "GE Healthcare");
    assert!(has_finding(&study, "reported_by_message"));
    let (state, reason) = ledger(&service).await.remove(0);
    assert_eq!((state.as_str(), reason.as_str()), ("taken", "OBX-3 Q7 is not known"));
    for document in ["sr.dcm", "fhir.json", "hl7.txt", "report.html", "csv"] {
        let answer = service.get(&format!("/api/v1/studies/{uid}/{document}")).await;
        assert_eq!(answer.status, 200, "{document}: {}", answer.text());
    }
    let page = service.get(&format!("/studies/{uid}")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    // A correction takes its place in a new version; the same once more does nothing.
    let corrected = message("r2", "ORU^R01", &measured(&number, "A90", "0.907", "C"));
    assert!(tell(address, &corrected).await.contains("MSA|AA|r2|taken"));
    let study = until(&service, &uid, |study| study["provenance"]["version"] == 2).await;
    assert_eq!(reported(&study)[0]["bmd_g_cm2"], 0.907);
    assert_eq!(
        (&study["report"]["reason"], &study["report"]["by"]),
        (&"message".into(), &"hl7:EMR^HOSP".into())
    );
    let again = message("r3", "ORU^R01", &measured(&number, "A90", "0.907", "F"));
    assert!(tell(address, &again).await.contains("MSA|AA|r3|taken"));
    let contradicting = message("r4", "ORU^R01", &measured(&number, "A90", "0.950", "F"));
    assert!(tell(address, &contradicting).await.contains("MSA|AA|r4|taken"));
    let study = until(&service, &uid, |study| has_finding(study, "duplicate_row_conflict")).await;
    assert_eq!(study["provenance"]["version"], 3, "the same told again made no version");
    assert!(reported(&study).is_empty(), "which of the two holds cannot be said");
}

#[tokio::test(flavor = "multi_thread")]
async fn measurements_never_take_the_place_of_what_the_objects_say() {
    let service = Service::open().await.working();
    let (address, _stop) = listening(&service, |_| {}).await;
    let scan = ordered_scan(SCAN, "A91");
    let number = patient_number(&scan);
    let uid = service.analyzed_object(scan).await;
    let before = until(&service, &uid, |_| true).await;
    let density = |study: &Value, scan: u64| {
        let regions = study["regions"].as_array().unwrap().clone();
        let of = |region: &&Value| region["site"] == "L1" && region["scan"] == scan;
        regions.iter().find(of).map(|region| region["bmd_g_cm2"].clone())
    };
    let told = message("d1", "ORU^R01", &measured(&number, "A91", "0.555", "F"));
    assert!(tell(address, &told).await.contains("MSA|AA|d1|taken"));
    let study = until(&service, &uid, |study| study["provenance"]["version"] == 2).await;
    assert_eq!(density(&study, 0), density(&before, 0));
    assert_eq!(density(&study, 1), Some(0.555.into()));
    assert!(has_finding(&study, "reported_values_differ"), "{}", study["findings"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn measurements_of_no_one_study_are_named_in_the_ledger() {
    let service = Service::open().await.working();
    let (address, _stop) = listening(&service, |_| {}).await;
    let scan = ordered_scan(SCAN, "A92");
    let number = patient_number(&scan);
    let uid = service.analyzed_object(scan).await;
    let other = service.analyzed("07-hologic-right-hip-man.dcm").await;
    let version = |study: &Value| study["provenance"]["version"] == 1;
    let of_study = |uid: &str| {
        measured(&number, "", "0.9", "F") + &format!("OBX|4|HD|113014^DICOM Study^DCM||{uid}||||||F\r")
    };
    let nowhere = measured(&number, "", "0.9", "F").replace("F9", "");
    for (control, segments, state, reason) in [
        ("u1", of_study(&other), "refused", "the study of the measurements is of another patient"),
        ("u2", nowhere, "refused", "the measurements name no study"),
        (
            "u3",
            measured(&number, "A93", "0.9", "F"),
            "waiting",
            "the study of the measurements is not here yet",
        ),
        ("u4", measured("NOBODY", "A92", "0.9", "F"), "waiting", "there is no study of this patient yet"),
    ] {
        assert!(
            tell(address, &message(control, "ORU^R01", &segments))
                .await
                .contains(&format!("MSA|AA|{control}"))
        );
        let row = ledger(&service).await.remove(0);
        assert!(row.0 == state && row.1.contains(reason), "{control}: {row:?}");
    }
    let ours = service.get(&format!("/api/v1/studies/{uid}/hl7.txt")).await.text();
    let answer = tell(address, ours.replacen("|DXA|", "|EMR|", 1).as_bytes()).await;
    assert!(answer.contains("MSA|AA|"), "{answer}");
    assert!(ledger(&service).await[0].1.contains("a result of this software is not taken back"));
    until(&service, &uid, version).await;
    until(&service, &other, version).await;
    assert!(tell(address, &message("u5", "ORU^R01", &of_study(&uid))).await.contains("MSA|AA|u5|taken"));
    until(&service, &uid, |study| study["provenance"]["version"] == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_says_what_is_expected_of_a_study() {
    let service = Service::with(|config| config.study.expected_seconds = 3600.0).await.working();
    let pair = OrderedProcedure { code: "DEXA2".to_owned(), instances: 2 };
    let (address, _stop) = listening(&service, |config| config.procedures = vec![pair]).await;
    let (first, second) =
        (ordered_scan("13-dual-energy-low.dcm", "A94"), ordered_scan("13-dual-energy-high.dcm", "A94"));
    let number = patient_number(&first);
    let order = |control: &str, accession: &str| {
        format!(
            "PID|1||{number}\rORC|{control}|P{accession}\rOBR|1|P{accession}||DEXA2||||||||||||||{accession}\r"
        )
    };
    for (id, control, accession) in [("x1", "NW", "A94"), ("x2", "NW", "A95"), ("x3", "CA", "A95")] {
        assert!(tell(address, &message(id, "ORM^O01", &order(control, accession))).await.contains("MSA|AA|"));
    }
    let listed = service.get("/api/v1/expected").await.json();
    let rows = listed["expected"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "a canceled order expects nothing: {rows:?}");
    assert_eq!((&rows[0]["accession_number"], &rows[0]["instances"]), (&"A94".into(), &2.into()));
    assert_eq!((&rows[0]["procedure"], &rows[0]["source"]), (&"DEXA2".into(), &"EMR^HOSP".into()));
    assert_eq!(service.stow(&[first]).await.status, 200);
    let uid = service.get("/api/v1/studies").await.json()["studies"][0]["instance_uid"]
        .as_str()
        .unwrap()
        .to_owned();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        service.get(&format!("/api/v1/studies/{uid}")).await.status,
        404,
        "half of a pair is waited for"
    );
    assert_eq!(service.get("/api/v1/expected").await.json()["expected"], serde_json::json!([]));
    assert_eq!(service.stow(&[second]).await.status, 200);
    let study = until(&service, &uid, |_| true).await;
    assert!(!has_finding(&study, "study_incomplete"));
    assert_eq!(study["scans"].as_array().unwrap().len(), 1);
}
