//! Results read and searched as FHIR.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod web;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use dxa_server::auth::{self, Role, Scopes};
use serde_json::{Value, json};
use web::Service;

fn entries(bundle: &Value) -> Vec<&Value> {
    bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]).collect()
}

fn link<'b>(bundle: &'b Value, relation: &str) -> Option<&'b str> {
    let links = bundle["link"].as_array().unwrap();
    links.iter().find(|link| link["relation"] == relation)?["url"].as_str()
}

async fn json(service: &Service, path: &str) -> Value {
    let answer = service.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/fhir+json", "{path}");
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_resource_of_the_bundle_is_read_by_its_address() {
    let service = Service::open().await.working();
    let uid = service.analyzed("07-hologic-spine.dcm").await;
    let whole = service.get(&format!("/api/v1/studies/{uid}/fhir.json")).await.json();
    let resources = entries(&whole);
    assert!(resources.len() > 10);
    for resource in resources {
        let path = format!(
            "/fhir/{}/{}",
            resource["resourceType"].as_str().unwrap(),
            resource["id"].as_str().unwrap()
        );
        let read = json(&service, &path).await;
        assert_eq!(read["id"], resource["id"]);
        assert_eq!(read["valueQuantity"], resource["valueQuantity"], "{path}");
        assert!(read["meta"]["lastUpdated"].is_string());
        assert!(!read.to_string().contains("urn:uuid"), "{path} points into a Bundle");
    }
    let report = format!("/fhir/DiagnosticReport?identifier={uid}");
    let report = json(&service, &report).await;
    let id = entries(&report)[0]["id"].as_str().unwrap().to_owned();
    let all = json(&service, &format!("/fhir/DiagnosticReport/{id}/$everything")).await;
    let count = whole["entry"].as_array().unwrap().len();
    assert_eq!(all["entry"].as_array().unwrap().len(), count);
    assert_eq!(entries(&all)[0]["id"], id.as_str());
    let answer = service.get(&format!("/fhir/DiagnosticReport/{id}")).await;
    let known = Request::get(format!("/fhir/DiagnosticReport/{id}"))
        .header(header::IF_NONE_MATCH, &answer.headers[header::ETAG]);
    let again = service.ask(known.body(Body::empty()).unwrap()).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_find_by_patient_code_day_and_number() {
    let service = Service::open().await.working();
    let uid = service.analyzed("07-hologic-spine.dcm").await;
    service.analyzed("07-hologic-right-hip-man.dcm").await;
    let study = service.get(&format!("/api/v1/studies/{uid}")).await.json()["studies"][0].clone();
    let number = study["patient"]["id"].as_str().unwrap();
    let day = study["study"]["date"].as_str().unwrap();
    let patients = json(&service, &format!("/fhir/Patient?identifier={number}")).await;
    let patient = entries(&patients)[0]["id"].as_str().unwrap().to_owned();

    let densities = format!("/fhir/Observation?patient={patient}&code=http://loinc.org|24966-4");
    let found = json(&service, &densities).await;
    let values: Vec<f64> =
        entries(&found).iter().filter_map(|one| one["valueQuantity"]["value"].as_f64()).collect();
    let regions = study["regions"].as_array().unwrap();
    for region in regions.iter().filter(|region| region["bmd_g_cm2"].is_number()) {
        assert!(values.contains(&region["bmd_g_cm2"].as_f64().unwrap()), "{region}");
    }
    assert!(entries(&found).iter().all(|one| one["subject"]["reference"] == format!("Patient/{patient}")));
    for same in [
        format!("/fhir/Observation?subject=Patient/{patient}&code=24966-4"),
        format!("/fhir/Observation?patient.identifier={number}&code=24966-4&date={day}"),
        format!("/fhir/Observation?patient={patient}&code=24966-4&date=ge{day}&status=preliminary"),
        format!("/fhir/Observation?patient={patient}&code=24966-4&date=ge{day}T23:59:59Z"),
        format!("/fhir/Observation?patient={patient}&code=24966-4&date=ne1999-01-01&date=ap{day}"),
        format!("/fhir/Observation?patient={patient}&code=24966-4&date=1999-01-01,{day}"),
    ] {
        assert_eq!(entries(&json(&service, &same).await).len(), entries(&found).len(), "{same}");
    }
    for none in [
        format!("/fhir/Observation?patient={patient}&code=24966-4&date=gt{day}"),
        format!("/fhir/Observation?patient={patient}&code=24966-4&date=ne{day}"),
        format!("/fhir/Observation?patient={patient}&code=24966-4&date={day}T10:00:00Z"),
        format!("/fhir/Observation?patient={patient}&status=final"),
        "/fhir/Observation?patient=nobody".to_owned(),
        "/fhir/Observation?patient.identifier=nobody".to_owned(),
        "/fhir/Observation?_lastUpdated=lt2020-01-01".to_owned(),
    ] {
        let found = json(&service, &none).await;
        assert_eq!(entries(&found).len(), 0, "{none}");
        assert!(found.get("entry").is_none(), "FHIR has no empty lists");
    }
    let key = entries(&found)[0]["identifier"][0]["value"].as_str().unwrap();
    let by_key = serde_urlencoded::to_string([("identifier", key)]).unwrap();
    let by_key = json(&service, &format!("/fhir/Observation?{by_key}")).await;
    assert_eq!(entries(&by_key)[0]["id"], entries(&found)[0]["id"]);
}

/// Results that come while somebody turns pages neither repeat nor hide what was there before.
#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_everything_once() {
    let service = Service::open().await.working();
    service.analyzed("07-hologic-spine.dcm").await;
    let kinds = ["Observation", "Observation?_sort=date", "Patient", "Device?_sort=date"];
    let mut later = ["07-hologic-right-hip-man.dcm", "09-sr-enhanced-hologic.dcm"].into_iter();
    for kind in kinds {
        let (name, sort) = kind.split_once('?').unwrap_or((kind, ""));
        let whole = json(&service, &format!("/fhir/{name}?_count=500")).await;
        let before: Vec<String> =
            entries(&whole).iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        let count = if name == "Observation" { 7 } else { 1 };
        let mut path = format!("/fhir/{name}?_count={count}&{sort}");
        let mut seen = std::collections::BTreeSet::new();
        let mut pages = 0;
        loop {
            let page = json(&service, &path).await;
            for one in entries(&page) {
                assert!(seen.insert(one["id"].as_str().unwrap().to_owned()), "{kind}: twice");
            }
            pages += 1;
            if let Some(scan) = later.next().filter(|_| pages == 1) {
                service.analyzed(scan).await;
            }
            let Some(next) = link(&page, "next") else { break };
            path = next.split_once("/fhir").map(|(_, rest)| format!("/fhir{rest}")).unwrap();
        }
        assert!(before.iter().all(|id| seen.contains(id)), "{kind}: not all that was there");
    }
    let total = json(&service, "/fhir/Observation?_summary=count").await["total"].as_u64().unwrap();
    let form = Request::post("/fhir/Observation/_search")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("_summary=count"))
        .unwrap();
    assert_eq!(service.ask(form).await.json()["total"].as_u64(), Some(total));
}

/// Changes the newest version of a study.
async fn change(service: &Service, study: &str, method: &str, at: &str, body: Value) {
    let tag = service.get(study).await.headers[header::ETAG].clone();
    let request = Request::builder().method(method).uri(at).header(header::IF_MATCH, tag);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let answer = service.ask(request.body(Body::from(body.to_string())).unwrap()).await;
    assert!(answer.status.is_success(), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_does_not_take_the_place_of_a_signed_report() {
    let service = Service::open().await.working();
    let uid = service.analyzed("07-hologic-spine.dcm").await;
    let path = format!("/api/v1/studies/{uid}");
    let status = async || {
        let found = json(&service, &format!("/fhir/DiagnosticReport?identifier={uid}")).await;
        entries(&found)[0]["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status().await, "preliminary");
    change(&service, &path, "POST", &format!("{path}/sign"), json!({})).await;
    assert_eq!(status().await, "final");
    let exclude = json!({ "excluded": { "reason": "artefact", "by": "user" } });
    change(&service, &path, "PUT", &format!("{path}/scans/0/regions/L3"), exclude).await;
    assert_eq!(status().await, "final");
    change(&service, &path, "POST", &format!("{path}/amend"), json!({ "reason": "L3 holds an artefact" }))
        .await;
    assert_eq!(status().await, "amended");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_outcomes_and_scopes_hold() {
    let service = Service::with_accounts().await;
    assert_eq!(service.get("/fhir/metadata").await.json()["fhirVersion"], "4.0.1");
    let nobody = service.get("/fhir/Observation").await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert_eq!(nobody.json()["issue"][0]["code"], "login");
    service.token(Role::Viewer).await;
    service.token(Role::Researcher).await;
    let database = service.store.database();
    let ask = async |token: &str, path: &str| {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        service.ask(request.body(Body::empty()).unwrap()).await
    };
    let narrow = Scopes::read("system/Observation.rs").unwrap();
    let narrow = auth::issue(database, "viewer", "emr", narrow, None).await.unwrap().token;
    assert_eq!(ask(&narrow, "/fhir/Observation").await.status, StatusCode::OK);
    for path in ["/fhir/DiagnosticReport", "/fhir/Patient/x"] {
        let refused = ask(&narrow, path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert_eq!(refused.json()["issue"][0]["code"], "forbidden");
    }
    let seeing = auth::issue(database, "viewer", "one", Scopes::read("system/Observation.r").unwrap(), None);
    let seeing = seeing.await.unwrap().token;
    assert_eq!(ask(&seeing, "/fhir/Observation").await.status, StatusCode::FORBIDDEN);
    assert_eq!(ask(&seeing, "/fhir/Observation/none").await.status, StatusCode::NOT_FOUND);
    // The results without identity are not in these resources, which all name a patient.
    let wide = Scopes::read("system/*.rs").unwrap();
    let blind = auth::issue(database, "researcher", "study", wide, None).await.unwrap().token;
    assert_eq!(ask(&blind, "/fhir/Observation").await.status, StatusCode::FORBIDDEN);
    assert_eq!(ask(&narrow, "/api/v1/studies").await.code(), "forbidden");
    for (path, status) in [
        ("/fhir/Observation/none", StatusCode::NOT_FOUND),
        ("/fhir/Medication", StatusCode::NOT_FOUND),
        ("/fhir/Observation?value-quantity=gt1", StatusCode::BAD_REQUEST),
        ("/fhir/Observation?_format=xml", StatusCode::NOT_ACCEPTABLE),
    ] {
        let answer = ask(&narrow, path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.json()["resourceType"], "OperationOutcome", "{path}");
    }
}

/// Results of a store that was written before FHIR had a table of resources.
#[tokio::test(flavor = "multi_thread")]
async fn results_that_were_kept_before_are_served_too() {
    let service = Service::open().await.working();
    let uids = [
        service.analyzed("07-hologic-spine.dcm").await,
        service.analyzed("09-sr-enhanced-hologic.dcm").await,
    ];
    let path = format!("/api/v1/studies/{}", uids[0]);
    change(&service, &path, "POST", &format!("{path}/sign"), json!({})).await;
    let exclude = json!({ "excluded": { "reason": "artefact", "by": "user" } });
    change(&service, &path, "PUT", &format!("{path}/scans/0/regions/L3"), exclude).await;
    while service.get(&path).await.json()["studies"][0]["provenance"]["version"] != 3 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let all = async || {
        let mut found = Vec::new();
        for kind in ["DiagnosticReport", "Observation", "Patient", "ImagingStudy", "Device", "Provenance"] {
            let page = json(&service, &format!("/fhir/{kind}?_count=500")).await;
            found.extend(entries(&page).into_iter().cloned());
        }
        found.iter_mut().for_each(|one| one["meta"] = Value::Null);
        found
    };
    let before = all().await;
    assert!(before.iter().any(|one| one["status"] == "final"), "the signed version is served, not the draft");
    for table in ["fhir_resources", "fhir_identifiers"] {
        let statement = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
        sqlx::query(statement).execute(service.store.database().write()).await.unwrap();
    }
    assert!(all().await.is_empty());
    // One at a time, as if it were stopped between any two.
    let mut after = String::new();
    let mut steps = 0;
    while let Some(last) = service.store.take_resources(&after, 1).await.unwrap() {
        (after, steps) = (last, steps + 1);
    }
    assert_eq!(steps, 2);
    assert_eq!(all().await, before);
    assert_eq!(service.store.take_resources("", 16).await.unwrap(), None, "nothing is left to take");
}

/// Row H5: a search that asks for too much is refused or cut to size, and costs nothing.
#[tokio::test(flavor = "multi_thread")]
async fn h5_abusive_searches_are_refused_or_capped_at_once() {
    let service = Service::open().await.working();
    service.analyzed("07-hologic-spine.dcm").await;
    let (long, many) = ("a".repeat(10_000), "BMD,".repeat(5_000));
    let nested = "Observation:has-member:".repeat(40);
    for (query, wanted) in [
        ("_count=1000000000".to_owned(), StatusCode::OK),
        ("_count=99999999999999999999".to_owned(), StatusCode::BAD_REQUEST),
        (format!("_include={nested}"), StatusCode::BAD_REQUEST),
        ("_include:iterate=*&_revinclude=*".to_owned(), StatusCode::BAD_REQUEST),
        ("_has:Observation:patient:code=1".to_owned(), StatusCode::BAD_REQUEST),
        (format!("code={long}"), StatusCode::BAD_REQUEST),
        (format!("{long}=1"), StatusCode::BAD_REQUEST),
        (format!("code={many}"), StatusCode::BAD_REQUEST),
        ("date=ge2000&".repeat(300), StatusCode::BAD_REQUEST),
        ("code=(B|M|D)*".to_owned(), StatusCode::BAD_REQUEST),
        ("code=^(a%2B)%2B$".to_owned(), StatusCode::OK),
        (format!("code={}", "%25_".repeat(500)), StatusCode::OK),
        (format!("patient.identifier={}", "%25".repeat(1000)), StatusCode::OK),
        ("_offset=99999999".to_owned(), StatusCode::BAD_REQUEST),
        ("_after=MjAwMC0wMS0wMQo".to_owned(), StatusCode::OK),
        ("_after=%00".to_owned(), StatusCode::BAD_REQUEST),
        ("_sort=random()".to_owned(), StatusCode::BAD_REQUEST),
        ("patient='%20OR%201=1--".to_owned(), StatusCode::OK),
    ] {
        let path = format!("/fhir/Observation?{query}");
        let limit = std::time::Duration::from_millis(50);
        let mut quickest = std::time::Duration::MAX;
        // Other tests run beside this one: what is quick at all is quick once in a while.
        for _ in 0..30 {
            if quickest < limit {
                break;
            }
            let begun = std::time::Instant::now();
            let answer = service.get(&path).await;
            quickest = quickest.min(begun.elapsed());
            let shown = &path[..path.len().min(80)];
            assert_eq!(answer.status, wanted, "{shown}: {}", answer.text());
            if wanted == StatusCode::OK {
                let count = answer.json()["entry"].as_array().map_or(0, Vec::len);
                let most = if query.starts_with("_count") { 500 } else { 0 };
                assert!(count <= most, "{shown}: {count}");
            } else {
                assert_eq!(answer.json()["resourceType"], "OperationOutcome", "{shown}");
            }
        }
        assert!(quickest < limit, "{path}: {quickest:?}", path = &path[..path.len().min(80)]);
    }
}
