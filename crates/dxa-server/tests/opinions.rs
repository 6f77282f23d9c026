//! Comments, and what a second physician reads: who may, what is kept, what is shown, on both engines.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod postgres;
mod web;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use dxa_server::auth::{self, NewAccount, Permissions, Role};
use dxa_server::config::{AuthMode, Config, Secret};
use serde_json::{Value, json};
use web::{Answer, Service};

/// A simulated lateral spine with a wedge in L1.
fn fractured() -> Vec<u8> {
    let settings = [("object", "dx"), ("spacing", "0.5"), ("fracture", "L1:wedge:35"), ("fractured", "0")];
    let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect();
    let files = dxa_sim::simulate("lateral-spine", 21, &settings).unwrap();
    files.into_iter().find(|file| file.name.ends_with(".dcm")).unwrap().bytes
}

/// Somebody with a token.
struct Person<'a> {
    service: &'a Service,
    token: String,
}

impl<'a> Person<'a> {
    async fn new(service: &'a Service, name: &str, role: Role) -> Self {
        let database = service.store.database();
        let new = NewAccount {
            name: name.to_owned(),
            display_name: None,
            roles: vec![role],
            password: None,
            subject: None,
        };
        auth::add(database, new).await.unwrap();
        let issued = auth::issue(database, name, "test", Permissions::all(), None).await.unwrap();
        Self { service, token: issued.token }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        self.service.ask(request.body(Body::empty()).unwrap()).await
    }

    async fn send(&self, method: &str, path: &str, tag: Option<&str>, body: &Value) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(tag) = tag {
            request = request.header(header::IF_MATCH, tag);
        }
        self.service.ask(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

/// The tag of a study once it has this version and nothing of it is under way any more.
async fn tag(person: &Person<'_>, study: &str, least: u64) -> String {
    let mut last = String::new();
    for _ in 0..300 {
        let answer = person.get(study).await;
        if answer.status == StatusCode::OK
            && answer.json()["studies"][0]["provenance"]["version"].as_u64() >= Some(least)
        {
            let now = answer.headers[header::ETAG].to_str().unwrap().to_owned();
            if now == last {
                return now;
            }
            last = now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    }
    panic!("version {least} does not come to rest");
}

async fn check(change: impl FnOnce(&mut Config)) {
    let service = Service::with(|config| {
        config.auth.mode = AuthMode::Accounts;
        config.work.deadline_seconds = 120;
        change(config);
    });
    let service = service.await.working();
    let sender = Person::new(&service, "sender", Role::Technologist).await;
    let mut object = web::stow("/dicom-web/studies", &[fractured()]);
    object.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {}", sender.token).parse().unwrap());
    let stored = service.ask(object).await;
    assert_eq!(stored.status, StatusCode::OK, "{}", stored.text());
    let url = stored.json()["00081190"]["Value"][0].as_str().unwrap().to_owned();
    let uid = url.rsplit('/').next().unwrap().to_owned();
    let study = format!("/api/v1/studies/{uid}");
    let first = tag(&sender, &study, 1).await;
    comments(&service, &sender, &study, &uid, &first).await;
    readings(&service, &study, &uid, &first).await;
    service.store.close().await;
}

async fn comments(service: &Service, sender: &Person<'_>, study: &str, uid: &str, first: &str) {
    let path = format!("{study}/comments");
    let text = "<b>L1</b>: see the film\n\u{8bf7}\u{590d}\u{6838}";
    let missing = sender.send("POST", &path, None, &json!({ "text": text })).await;
    assert_eq!(missing.code(), "precondition_required");
    let stale = sender.send("POST", &path, Some("\"7.7\""), &json!({ "text": text })).await;
    assert_eq!(stale.code(), "stale");
    for wrong in ["", "  ", "a\u{0}b", &"x".repeat(2001)] {
        let refused = sender.send("POST", &path, Some(first), &json!({ "text": wrong })).await;
        assert_eq!(refused.code(), "invalid", "{wrong:?}");
    }
    let kept = sender.send("POST", &path, Some(first), &json!({ "text": text })).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text());
    let viewer = Person::new(service, "viewer", Role::Viewer).await;
    let listed = viewer.get(&path).await.json();
    let [comment] = listed["comments"].as_array().unwrap().as_slice() else { panic!("{listed}") };
    assert_eq!(
        (&comment["text"], &comment["by"], &comment["version"]),
        (&json!(text), &json!("sender"), &json!(1))
    );
    assert!(comment["at"].as_str().unwrap().ends_with('Z'));
    let page = viewer.get(&format!("/studies/{uid}")).await.text();
    assert!(page.contains("&#60;b&#62;L1&#60;/b&#62;: see the film\n"), "the comment is not shown as text");
    assert!(!page.contains("id=\"comment\"") && !page.contains("/reading\""), "a viewer is asked");
    for document in ["report.html", "fhir.json", "hl7.txt", "sr.dcm"] {
        let text = viewer.get(&format!("{study}/{document}")).await.text();
        assert!(!text.contains("see the film"), "{document} holds a comment");
    }
    assert_eq!(tag(&viewer, study, 1).await, first, "a comment changes no result");
}

async fn readings(service: &Service, study: &str, uid: &str, first: &str) {
    let path = format!("{study}/readings");
    let (chen, zhao) = (
        Person::new(service, "chen", Role::Physician).await,
        Person::new(service, "zhao", Role::Physician).await,
    );
    let blind = zhao.get(&format!("/studies/{uid}/reading")).await;
    assert_eq!(blind.status, StatusCode::OK);
    let blind = blind.text();
    assert!(
        !blind.contains("L1 G") && !blind.contains("grade-2") && !blind.contains("suspected"),
        "not blind"
    );
    let level = |level: &str, grade: Value, fracture: bool| json!({ "scan": 0, "level": level, "grade": grade, "fracture": fracture });
    for wrong in [
        json!({}),
        json!({ "vertebrae": [level("L1", json!(4), false)] }),
        json!({ "vertebrae": [level("L1", json!(0), true)] }),
        json!({ "vertebrae": [level("S1", json!(0), false)] }),
        json!({ "vertebrae": [level("L1", json!(1), false)], "remark": "a\u{0}b" }),
        json!({ "readers": [] }),
    ] {
        let refused = zhao.send("POST", &path, Some(first), &wrong).await;
        assert_eq!(refused.code(), "invalid", "{wrong}");
    }
    let said = json!({ "vertebrae": [level("L1", json!(3), true), level("L3", json!(0), false)],
        "remark": "<i>see L1</i>" });
    assert_eq!(zhao.send("POST", &path, None, &said).await.code(), "precondition_required");
    let given = zhao.send("POST", &path, Some(first), &said).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.text());
    assert_eq!(zhao.send("POST", &path, Some(first), &said).await.code(), "conflict");
    assert_eq!(zhao.get(&format!("/studies/{uid}/reading")).await.status, StatusCode::CONFLICT);
    let listed = chen.get(&path).await.json();
    let reading = &listed["readings"][0];
    assert_eq!(
        (&reading["by"], &reading["version"], &reading["settled"]),
        (&json!("zhao"), &json!(1), &Value::Null)
    );
    let differences = reading["differences"].as_array().unwrap();
    assert_eq!((differences.len(), &differences[0]["place"]), (1, &json!("L1")), "{listed}");
    assert_eq!(differences[0]["reading"], json!({ "grade": 3, "fracture": true }));
    assert_eq!(differences[0]["report"]["fracture"], Value::Null, "nobody has said");
    let page = chen.get(&format!("/studies/{uid}")).await.text();
    assert!(page.contains("Not settled") && page.contains("&#60;i&#62;see L1&#60;/i&#62;"));

    // The first reader corrects and signs; that settles it, and the first reader cannot be the second one.
    let result = chen.get(study).await.json();
    let rows = result["studies"][0]["vertebrae"].as_array().unwrap();
    let mut l1 = rows.iter().find(|row| row["level"] == "L1").unwrap().clone();
    l1["fracture"] = json!("confirmed");
    let part = format!("{study}/scans/0/vertebrae/L1");
    assert!(chen.send("PUT", &part, Some(first), &l1).await.status.is_success());
    let second = tag(&chen, study, 2).await;
    assert_eq!(chen.send("POST", &path, Some(&second), &said).await.code(), "conflict");
    assert_eq!(chen.get(&format!("/studies/{uid}/reading")).await.status, StatusCode::CONFLICT);
    let signed = chen.send("POST", &format!("{study}/sign"), Some(&second), &json!({})).await;
    assert!(signed.status.is_success(), "{}", signed.text());
    let settled = zhao.get(&path).await.json()["readings"][0]["settled"].clone();
    assert_eq!((&settled["by"], &settled["version"]), (&json!("chen"), &json!(3)));
    // Of a version that is not the one before, the same reader may say something again.
    let third = tag(&zhao, study, 3).await;
    assert_eq!(zhao.send("POST", &path, Some(&third), &said).await.status, StatusCode::CREATED);
    let page = zhao.get(&format!("/studies/{uid}")).await.text();
    assert!(page.contains("Settled by the signature of version 3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn opinions_are_kept() {
    check(|_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opinions_are_kept_with_postgres() {
    let folder = std::env::temp_dir().join(format!("dxa-opinions-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let server = postgres::Server::start(&folder);
    let url = server.url();
    check(|config| config.store.database = Secret::new(url)).await;
    drop(server);
    let _ = std::fs::remove_dir_all(&folder);
}
