//! Results, corrections and the life of a report.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod objects;
mod web;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use web::{Answer, Service};

async fn send(service: &Service, method: &str, path: &str, tag: Option<&str>, body: Option<Value>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(tag) = tag {
        request = request.header(header::IF_MATCH, tag);
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    service.ask(request.body(body).unwrap()).await
}

fn tag(answer: &Answer) -> String {
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_the_document_of_the_contract() {
    let service = Service::open().await.working();
    let uid = service.analyzed("07-hologic-spine.dcm").await;
    let path = format!("/api/v1/studies/{uid}");
    let answer = service.get(&path).await;
    let document = answer.json();
    assert_eq!(document["schema"], "dxa.analysis/1");
    assert_eq!(document["errors"], json!([]));
    let study = &document["studies"][0];
    assert_eq!(study["study"]["instance_uid"], uid.as_str());
    assert_eq!(study["report"]["status"], "preliminary");
    assert_eq!(study["provenance"]["version"], 1);
    assert!(!study["regions"].as_array().unwrap().is_empty());
    let known = Request::get(&path).header(header::IF_NONE_MATCH, tag(&answer)).body(Body::empty()).unwrap();
    assert_eq!(service.ask(known).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(service.get(&format!("{path}?version=9")).await.code(), "not_found");

    let page = service.get(&format!("{path}/report.html")).await;
    assert!(page.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    let table = service.get(&format!("{path}/csv")).await.text();
    assert_eq!(table.lines().count(), 1 + study["regions"].as_array().unwrap().len());
    assert_eq!(service.get(&format!("{path}/nonsense.txt")).await.code(), "not_found");
    let listed = service.get("/api/v1/studies?state=analyzed").await.json();
    assert_eq!(listed["studies"][0]["instance_uid"], uid.as_str());
    assert_eq!(listed["studies"][0]["result"]["version"], 1);
    assert_eq!(listed["next"], Value::Null);
}

#[tokio::test]
async fn a_study_without_a_result_says_why() {
    let service = Service::open().await;
    service.stow(&[objects::capture(1, 1, 8)]).await;
    let path = "/api/v1/studies/1.2.826.0.1.3680043.9.7.1";
    let waiting = service.get(path).await;
    assert_eq!(waiting.code(), "not_analyzed");
    let failed = Some("the analysis took longer than 10 s");
    service.store.set_state("1.2.826.0.1.3680043.9.7.1", "failed", failed).await.unwrap();
    let answer = service.get(path).await;
    assert_eq!(answer.code(), "not_analyzed");
    assert_eq!(answer.json()["detail"], "the study is failed: the analysis took longer than 10 s");
    for page in ["/", "/studies/1.2.826.0.1.3680043.9.7.1"] {
        assert!(service.get(page).await.text().contains("the analysis took longer than 10 s"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_must_name_what_it_changes() {
    let service = Service::open().await.working();
    let uid = service.analyzed("07-hologic-spine.dcm").await;
    let path = format!("/api/v1/studies/{uid}");
    let before = service.get(&path).await;
    let region = format!("{path}/scans/0/regions/L3");
    let exclude = json!({ "excluded": { "reason": "artefact", "by": "user" } });
    for change in [
        ("PUT", region.clone()),
        ("PUT", format!("{path}/scans/0/vertebrae/L1")),
        ("POST", format!("{path}/sign")),
        ("POST", format!("{path}/amend")),
        ("POST", format!("{path}/reanalyze")),
    ] {
        let body = (change.0 == "PUT").then(|| exclude.clone());
        let missing = send(&service, change.0, &change.1, None, body.clone()).await;
        assert_eq!(missing.status, StatusCode::PRECONDITION_REQUIRED, "{change:?}");
        for stale in ["\"0.0\"", "*", "nonsense"] {
            let answer = send(&service, change.0, &change.1, Some(stale), body.clone()).await;
            assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED, "{change:?} {stale}");
        }
    }
    let seen = tag(&before);
    let (first, second) = tokio::join!(
        send(&service, "PUT", &region, Some(&seen), Some(exclude.clone())),
        send(&service, "PUT", &region, Some(&seen), Some(exclude.clone())),
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let corrected = service.get(&path).await;
    assert_ne!(tag(&corrected), tag(&before));
    let study = &corrected.json()["studies"][0];
    assert_eq!(study["provenance"]["version"], 2);
    assert_eq!(study["provenance"]["supersedes"], 1);
    let excluded = study["regions"].as_array().unwrap().iter().find(|region| region["site"] == "L3").unwrap();
    assert_eq!(excluded["excluded"]["reason"], "artefact");
    // The version before is still there, unchanged.
    let old = service.get(&format!("{path}?version=1")).await.json();
    assert_eq!(old, before.json());
}

#[tokio::test(flavor = "multi_thread")]
async fn corrections_that_cannot_be_are_refused_by_field() {
    let service = Service::open().await.working();
    let uid = service.analyzed("07-hologic-spine.dcm").await;
    let path = format!("/api/v1/studies/{uid}");
    let tag = tag(&service.get(&path).await);
    let region = format!("{path}/scans/0/regions/L3");
    for (body, field) in [
        (json!({ "excluded": { "reason": "no such reason", "by": "user" } }), "reason"),
        (json!({ "polygon_px": [[0, 0], [1, 1]] }), "polygon_px"),
        (json!({ "polygon_px": [[0, 0], [1e9, 1], [0, 1]] }), "points"),
        (json!({ "nonsense": 1 }), ""),
        (json!({ "site": "L4" }), "site"),
    ] {
        let answer = send(&service, "PUT", &region, Some(&tag), Some(body.clone())).await;
        assert_eq!(answer.code(), "invalid", "{body}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(field), "{body}: {detail}");
    }
    let elsewhere = format!("{path}/scans/9/regions/L3");
    assert_eq!(send(&service, "PUT", &elsewhere, Some(&tag), Some(json!({}))).await.code(), "not_found");
    let request = Request::put(&region).header(header::IF_MATCH, &tag).body(Body::from("{}")).unwrap();
    assert_eq!(service.ask(request).await.code(), "unsupported_media_type");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_signed_once_and_amended_with_a_reason() {
    let service = Service::open().await.working();
    let uid = service.analyzed("07-hologic-spine.dcm").await;
    let path = format!("/api/v1/studies/{uid}");
    let at = async |action: &str, body: Option<Value>| {
        let tag = tag(&service.get(&path).await);
        send(&service, "POST", &format!("{path}/{action}"), Some(&tag), body).await
    };
    let early = at("amend", Some(json!({ "reason": "x" }))).await;
    assert_eq!(early.code(), "conflict");
    let signed = at("sign", None).await;
    assert_eq!(signed.json()["studies"][0]["report"]["status"], "final");
    assert_eq!(signed.json()["studies"][0]["report"]["by"], "local");
    assert_eq!(at("sign", None).await.code(), "conflict");
    assert_eq!(at("amend", Some(json!({ "reason": " " }))).await.code(), "invalid");
    let amended = at("amend", Some(json!({ "reason": "the wrong side" }))).await;
    assert_eq!(amended.json()["studies"][0]["report"]["status"], "amended");
    assert_eq!(amended.json()["studies"][0]["provenance"]["version"], 3);
    let signatures = service.store.signatures(&uid).await.unwrap();
    let actions: Vec<_> =
        signatures.iter().map(|s| (s.version, s.action.as_str(), s.reason.as_deref())).collect();
    assert_eq!(actions, [(2, "sign", None), (3, "amend", Some("the wrong side"))]);
    let first = service.get(&format!("{path}?version=1")).await.json();
    assert_eq!(first["studies"][0]["report"]["status"], "preliminary");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_patient_is_taken_and_what_cannot_be_is_not() {
    let service = Service::open().await.working();
    let uid = service.analyzed("07-hologic-spine.dcm").await;
    let patient = service.get("/api/v1/studies").await.json()["studies"][0]["patient"]["id"].clone();
    let path = format!("/api/v1/patients/{}/context", patient.as_str().unwrap());
    let refused = send(&service, "POST", &path, None, Some(json!({ "menopaus": "post" }))).await;
    assert_eq!(refused.code(), "invalid");
    let unknown = send(&service, "POST", "/api/v1/patients/no-such/context", None, Some(json!({}))).await;
    assert_eq!(unknown.code(), "not_found");
    let taken = send(&service, "POST", &path, None, Some(json!({ "menopause": "post" }))).await;
    assert_eq!(taken.status, StatusCode::ACCEPTED);
    assert_eq!(taken.json()["studies"], json!([uid]));
    for _ in 0..300 {
        let study = service.get(&format!("/api/v1/studies/{uid}")).await.json();
        if study["studies"][0]["provenance"]["version"] == 2 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the context makes no new version");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_name_stays_a_name() {
    let names =
        ["<script>alert(1)</script>", "\"><img onerror>", "\u{202E}gnp.exe", "'; DROP TABLE studies; --"];
    for name in names {
        let service = Service::open().await.working();
        let mut object = objects::data_set(1, 1, 8);
        object.put(dicom_core::DataElement::new(
            dicom_dictionary_std::tags::PATIENT_NAME,
            dicom_core::VR::PN,
            dicom_core::PrimitiveValue::from(name),
        ));
        let stored = service.stow(&[objects::written(&object, "1.2.840.10008.1.2.1")]).await;
        assert_eq!(stored.status, StatusCode::OK);
        let list = service.get("/").await.text();
        assert!(!list.contains("<script>") && !list.contains("<img"), "{list}");
        let rows = service.get("/api/v1/studies").await.json();
        assert_eq!(rows["studies"][0]["patient"]["name"], name);
        if name.contains('<') {
            assert!(list.contains("&#60;") || list.contains("&lt;"), "{list}");
        }
    }
}
