//! What record systems tell over HL7, from the socket to the assessment.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod web;

use std::net::SocketAddr;
use std::time::Duration;

use dicom_core::VR;
use dicom_dictionary_std::tags;
use dxa_exchange::hl7::{Frames, framed};
use dxa_server::config::Hl7;
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
    stream.write_all(bytes).await.unwrap();
    let mut frames = Frames::default();
    let mut read = [0u8; 4096];
    loop {
        if let Some(answer) = frames.next(1 << 16).unwrap() {
            return Some(String::from_utf8(answer).unwrap());
        }
        let count = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut read)).await.unwrap();
        match count {
            Ok(0) | Err(_) => return None,
            Ok(count) => frames.extend(&read[..count]),
        }
    }
}

fn message(control: &str, kind: &str, segments: &str) -> Vec<u8> {
    let header = format!("MSH|^~\\&|EMR|HOSP|DXA||20240518||{kind}|{control}|P|2.5.1||||||UNICODE UTF-8");
    format!("{header}\r{segments}").into_bytes()
}

async fn tell(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    exchange(&mut stream, &framed(bytes)).await.unwrap()
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
        ("n2", format!("PID|1||{number}^^^ELSEWHERE||||{born}\r"), "PID-3 holds no patient number of this site"),
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
    let post = async |body: &Value| {
        let request = axum::http::Request::post(&path).header("content-type", "application/fhir+json");
        service.ask(request.body(axum::body::Body::from(body.to_string())).unwrap()).await
    };
    let answer = post(&questionnaire).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let mut other = questionnaire.clone();
    other["subject"]["identifier"]["value"] = "somebody else".into();
    assert_eq!(post(&other).await.code(), "invalid");
    let told = format!("PID|1||{number}\rOBX|1|ST|menopause^^99DXA||post||||||F\r");
    assert!(tell(address, &message("c1", "ORU^R01", &told)).await.contains("MSA|AA|c1|taken"));
    let has = |study: &Value| {
        let findings = study["findings"].as_array().unwrap();
        findings.iter().any(|finding| finding["code"] == "context_conflict")
    };
    until(&service, &uid, has).await;
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
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans").join(SCAN);
    let mut object = dicom_object::open_file(path).unwrap();
    object.put_str(tags::ACCESSION_NUMBER, VR::SH, "A77");
    let mut bytes = Vec::new();
    object.write_all(&mut bytes).unwrap();
    let uid = service.analyzed_object(bytes).await;
    let study = until(&service, &uid, |_| true).await;
    let findings = study["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["code"] == "order_mismatch"), "{findings:?}");
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
