//! Corrections of vertebrae over HTTP, and what of them leaves the house before and after a signature.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod web;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use dxa_exchange::hl7::MessageLanguage;
use dxa_server::config::{Config, DicomDestination, FhirDestination, Hl7Destination};
use serde_json::{Value, json};
use sqlx::Row as _;
use web::{Answer, Service};

/// A simulated lateral spine, small, to be quick.
fn lateral() -> Vec<u8> {
    let settings = [("object", "dx"), ("spacing", "0.5"), ("polarity", "monochrome1")];
    let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect();
    let files = dxa_sim::simulate("lateral-spine", 21, &settings).unwrap();
    files.into_iter().find(|file| file.name.ends_with(".dcm")).unwrap().bytes
}

/// A report of a device.
fn reported() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../test-scans/07-hologic-spine.dcm")).unwrap()
}

fn patient(config: &mut Config) {
    // A build without optimization takes its time over a picture.
    config.work.deadline_seconds = 120;
}

/// A study whose report people work on.
struct Desk {
    service: Service,
    path: String,
    uid: String,
}

impl Desk {
    async fn open(object: Vec<u8>, change: impl FnOnce(&mut Config)) -> Self {
        let service = Service::with(|config| {
            patient(config);
            change(config);
        });
        let service = service.await.working();
        let uid = service.analyzed_object(object).await;
        Self { service, path: format!("/api/v1/studies/{uid}"), uid }
    }

    async fn study(&self) -> Value {
        self.service.get(&self.path).await.json()["studies"][0].clone()
    }

    /// A change of the newest version; its answer when the study has been analyzed again.
    async fn change(&self, method: &str, path: &str, body: Value) -> Answer {
        let tag = self.service.get(&self.path).await.headers[header::ETAG].clone();
        let request = Request::builder().method(method).uri(format!("{}/{path}", self.path));
        let request = request.header(header::IF_MATCH, tag).header(header::CONTENT_TYPE, "application/json");
        let answer = self.service.ask(request.body(Body::from(body.to_string())).unwrap()).await;
        for _ in 0..1200 {
            if answer.status != StatusCode::ACCEPTED || self.state().await != "receiving" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        answer
    }

    async fn state(&self) -> String {
        self.service.store.study(&self.uid).await.unwrap().state
    }

    async fn put(&self, part: &str, body: Value) -> Value {
        let before = self.study().await["provenance"]["version"].clone();
        let answer = self.change("PUT", part, body).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        for _ in 0..1200 {
            let study = self.study().await;
            if study["provenance"]["version"] != before {
                return study;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("no new version comes");
    }
}

fn row<'v>(study: &'v Value, level: &str) -> &'v Value {
    study["vertebrae"].as_array().unwrap().iter().find(|row| row["level"] == level).unwrap_or(&Value::Null)
}

/// A simulated lateral spine with a wedge in L1.
fn fractured() -> Vec<u8> {
    simulated(
        "lateral-spine",
        &[
            ("object", "dx"),
            ("spacing", "0.5"),
            ("fracture", "L1:wedge:35"),
            ("fractured", "0"),
            ("patient.sex", "F"),
        ],
    )
}

fn simulated(kind: &str, settings: &[(&str, &str)]) -> Vec<u8> {
    let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let files = dxa_sim::simulate(kind, 21, &settings).unwrap();
    files.into_iter().find(|file| file.name.ends_with(".dcm")).unwrap().bytes
}

/// A reader says of a suspected fracture what it is; assessment and documents follow, and back again.
#[tokio::test(flavor = "multi_thread")]
async fn a_suspected_fracture_is_confirmed_and_everything_follows() {
    let desk = Desk::open(fractured(), |config| "china-2022".clone_into(&mut config.study.profile)).await;
    let rule = |study: &Value| {
        let rules = study["assessment"]["rules"].as_array().unwrap();
        rules.iter().find(|rule| rule["id"] == "cn-2022/dx-fracture").unwrap().clone()
    };
    let codes = |study: &Value| {
        let findings = study["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let found = desk.study().await;
    let mut l1 = row(&found, "L1").clone();
    assert_eq!((&l1["fracture"], &row(&found, "L3")["fracture"]), (&json!("suspected"), &Value::Null));
    assert_eq!(rule(&found)["outcome"], "cannot_tell");
    assert!(rule(&found)["missing"].to_string().contains("suspected_vertebral_fracture_confirmed"));

    l1["fracture"] = json!("confirmed");
    let confirmed = desk.put("scans/0/vertebrae/L1", l1.clone()).await;
    let shown = row(&confirmed, "L1");
    assert_eq!((&shown["fracture"], &shown["provenance"]), (&json!("confirmed"), &json!("automatic")));
    assert_eq!(shown["points_px"], l1["points_px"]);
    assert_eq!(rule(&confirmed)["outcome"], "fired", "{}", rule(&confirmed));
    assert_eq!(rule(&confirmed)["inputs"]["suspected_vertebral_fracture_confirmed"], "L1");
    assert_eq!(confirmed["assessment"]["diagnosis"]["osteoporosis"], true);
    let said = codes(&confirmed);
    assert!(said.contains(&"fracture_confirmed".to_owned()), "{said:?}");
    for (document, words) in [
        ("fhir.json", ["\"FRACTURE\"", "\"confirmed\""]),
        ("hl7.txt", ["FRACTURE^", "confirmed^"]),
        ("sr.dcm", ["FRACTURE", "confirmed"]),
    ] {
        let text = desk.service.get(&format!("{}/{document}", desk.path)).await.text();
        assert!(words.iter().all(|word| text.contains(word)), "{document}");
    }
    let page = desk.service.get(&format!("/studies/{}", desk.uid)).await.text();
    assert!(page.contains("Fracture confirmed: L1 G"), "the page does not say it");
    let list = desk.service.get("/?urgent=suspected_fracture").await.text();
    assert!(!list.contains(&desk.uid), "what was read still asks for eyes");

    l1["fracture"] = json!("rejected");
    let rejected = desk.put("scans/0/vertebrae/L1", l1.clone()).await;
    assert_eq!(row(&rejected, "L1")["fracture"], "rejected");
    assert!(codes(&rejected).contains(&"fracture_rejected".to_owned()));
    assert_eq!(rule(&rejected)["missing"], json!(["fractures"]), "nothing is suspected any more");

    l1["fracture"] = Value::Null;
    let back = desk.put("scans/0/vertebrae/L1", l1.clone()).await;
    assert_eq!((row(&back, "L1"), rule(&back)), (row(&found, "L1"), rule(&found)));

    let mut l3 = row(&found, "L3").clone();
    l3["fracture"] = json!("confirmed");
    l1["fracture"] = json!("perhaps");
    for (part, body) in [("scans/0/vertebrae/L3", l3), ("scans/0/vertebrae/L1", l1)] {
        let refused = desk.change("PUT", part, body).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::UNPROCESSABLE_ENTITY, "invalid".to_owned())
        );
        assert!(refused.text().contains("`fracture`"), "{}", refused.text());
    }
}

/// The neck box is moved, the neck is measured there, and the way back gives the first numbers.
#[tokio::test(flavor = "multi_thread")]
async fn a_neck_box_is_moved_and_the_hip_is_cut_anew() {
    let desk = Desk::open(simulated("hip", &[("output", "map"), ("spacing", "1.0")]), |_| {}).await;
    let found = desk.study().await;
    let landmark = |study: &Value| {
        let all = study["landmarks"].as_array().unwrap();
        all.iter().find(|one| one["name"] == "neck_box").unwrap().clone()
    };
    let neck = |study: &Value| {
        let all = study["regions"].as_array().unwrap();
        all.iter().find(|one| one["site"] == "femoral_neck").unwrap().clone()
    };
    let moved_by = |mm: f64| {
        let mut moved = landmark(&found);
        let corners: Vec<[f64; 2]> = serde_json::from_value(moved["points_px"].clone()).unwrap();
        let along = [corners[1][0] - corners[0][0], corners[1][1] - corners[0][1]];
        let step = mm / along[0].hypot(along[1]);
        let round = |value: f64| (value * 1000.0).round() / 1000.0;
        let corners = corners.iter().map(|[x, y]| [round(x + step * along[0]), round(y + step * along[1])]);
        moved["points_px"] = json!(corners.collect::<Vec<_>>());
        moved
    };
    let moved = desk.put("scans/0/landmarks/neck_box", moved_by(-3.0)).await;
    assert_ne!(neck(&moved)["area_cm2"], neck(&found)["area_cm2"]);
    assert!(neck(&moved)["method"].as_str().unwrap().ends_with("corrected by a user"));
    let given = moved_by(-3.0);
    let shown: Vec<[f64; 2]> = serde_json::from_value(landmark(&moved)["points_px"].clone()).unwrap();
    let wanted: Vec<[f64; 2]> = serde_json::from_value(given["points_px"].clone()).unwrap();
    let near = |(one, other): (&[f64; 2], &[f64; 2])| (one[0] - other[0]).hypot(one[1] - other[1]) < 0.01;
    assert!(shown.iter().zip(&wanted).all(near), "{shown:?} {wanted:?}");
    let back = desk.put("scans/0/landmarks/neck_box", landmark(&found)).await;
    assert_eq!(back["regions"], found["regions"]);

    let away = desk.change("PUT", "scans/0/landmarks/neck_box", moved_by(-4000.0)).await;
    assert_eq!(away.code(), "invalid");
    let mut grown = landmark(&found);
    grown["points_px"][0][0] = json!(grown["points_px"][0][0].as_f64().unwrap() + 20.0);
    let refused = desk.put("scans/0/landmarks/neck_box", grown).await;
    assert!(refused["findings"].to_string().contains("correction_not_applied"));
    assert_eq!(refused["regions"], found["regions"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn vertebrae_are_moved_left_out_and_named_anew() {
    let desk = Desk::open(lateral(), |_| {}).await;
    let found = desk.study().await;
    let l2 = row(&found, "L2");
    assert_eq!(l2["provenance"], "automatic");
    let mut points = l2["points_px"].clone();
    let lower = points["as"][1].as_f64().unwrap() + 0.45 * l2["heights_px"]["anterior"].as_f64().unwrap();
    points["as"][1] = json!((lower * 1000.0).round() / 1000.0);

    let moved = desk.put("scans/0/vertebrae/L2", json!({ "points_px": points })).await;
    assert_eq!((&moved["provenance"]["version"], &moved["provenance"]["supersedes"]), (&json!(2), &json!(1)));
    assert_eq!((&moved["report"]["by"], &moved["report"]["reason"]), (&json!("local"), &json!("correction")));
    assert_eq!(
        (&row(&moved, "L2")["provenance"], &row(&moved, "L2")["points_px"]),
        (&json!("user"), &points)
    );
    assert!(row(&moved, "L2")["grade"].as_u64().unwrap() >= 2, "{}", row(&moved, "L2"));
    assert_eq!(row(&moved, "L1")["points_px"], row(&found, "L1")["points_px"]);

    // The whole row, as the result has it, with one thing changed.
    let mut left_out = row(&moved, "T12").clone();
    left_out["evaluable"] = json!(false);
    let without = desk.put("scans/0/vertebrae/T12", left_out).await;
    assert_eq!(
        (&row(&without, "T12")["evaluable"], &row(&without, "T12")["not_evaluable_reason"]),
        (&json!(false), &json!("user"))
    );
    assert_eq!(row(&without, "T12")["grade"], Value::Null);

    // What a person placed on a body stays with the body when the labels move.
    let shifted = desk.put("scans/0/spine", json!({ "level_shift": 1 })).await;
    assert_eq!(row(&shifted, "L3")["points_px"], points);
    assert_eq!(row(&shifted, "L1")["evaluable"], false);
    assert_eq!(row(&shifted, "L2")["points_px"], row(&found, "L1")["points_px"]);
    let back = desk.put("scans/0/spine", json!({ "level_shift": 0 })).await;
    assert_eq!(back["vertebrae"], without["vertebrae"]);
    assert_eq!(back["provenance"]["version"], 5);
    // Every version stays as it was.
    let first = desk.service.get(&format!("{}?version=1", desk.path)).await.json();
    assert_eq!(first["studies"][0]["vertebrae"], found["vertebrae"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn corrections_that_cannot_fit_are_refused_and_leave_the_study_as_it_is() {
    let desk = Desk::open(lateral(), |_| {}).await;
    let before = desk.study().await;
    let size = before["scans"][0]["columns"].as_f64().unwrap();
    let mut far = row(&before, "L2")["points_px"].clone();
    far["ps"][0] = json!(size + 50.0);
    let mut five = row(&before, "L2")["points_px"].clone();
    five.as_object_mut().unwrap().remove("mi");
    for (path, body, code) in [
        ("scans/0/vertebrae/L2", json!({ "points_px": far }), "invalid"),
        ("scans/0/vertebrae/L2", json!({ "points_px": five }), "invalid"),
        ("scans/0/vertebrae/L2", json!({ "points_px": { "ps": [1, 2] } }), "invalid"),
        ("scans/0/vertebrae/L2", json!({ "level": "L3" }), "invalid"),
        ("scans/0/vertebrae/L9", json!({ "points_px": row(&before, "L2")["points_px"] }), "invalid"),
        ("scans/0/vertebrae/L2", json!({ "evaluabel": false }), "invalid"),
        ("scans/0/spine", json!({ "level_shift": 3 }), "invalid"),
        ("scans/0/spine", json!({}), "invalid"),
        ("scans/7/spine", json!({ "level_shift": 1 }), "not_found"),
        ("scans/0/regions/L2", json!({ "excluded": { "reason": "manual", "by": "user" } }), "not_found"),
        ("scans/0/regions/L2", json!({ "polygon_px": [[1, 1], [9, 1], [9, 9]] }), "invalid"),
    ] {
        let answer = desk.change("PUT", path, body.clone()).await;
        assert_eq!(answer.code(), code, "{path} {body}");
    }
    assert_eq!(desk.study().await, before);
    assert_eq!(desk.state().await, "analyzed");
    let other = Desk::open(reported(), |_| {}).await;
    for (path, body) in [
        ("scans/0/vertebrae/L2", json!({ "evaluable": false })),
        ("scans/0/spine", json!({ "level_shift": 1 })),
        ("scans/0/regions/radius_33", json!({ "polygon_px": [[1, 1], [9, 1], [9, 9]] })),
        (
            "scans/0/regions/L3",
            json!({ "laterality": "L", "excluded": { "reason": "manual", "by": "user" } }),
        ),
    ] {
        assert_eq!(other.change("PUT", path, body.clone()).await.code(), "invalid", "{path}");
    }
}

/// Destinations that nobody serves: only what is put into the outbox is looked at.
fn destinations(config: &mut Config) {
    let nowhere = || "127.0.0.1:1".to_owned();
    config.deliver.dicom = vec![DicomDestination {
        name: "pacs".to_owned(),
        ae_title: "PACS".to_owned(),
        address: nowhere(),
        send: vec!["sr".to_owned()],
        tls: None,
        commitment: false,
    }];
    config.deliver.hl7 =
        vec![Hl7Destination { name: "emr".to_owned(), address: nowhere(), ..Hl7Destination::default() }];
    let url = "http://127.0.0.1:1/fhir".to_owned();
    config.deliver.fhir = vec![FhirDestination {
        name: "record".to_owned(),
        url,
        authorization: None,
        tls: None,
        language: MessageLanguage::Chinese,
    }];
}

/// Destinations of each version that are in the outbox.
async fn outbox(desk: &Desk, version: i64) -> Vec<String> {
    let rows = sqlx::query("SELECT destination FROM deliveries WHERE version = $1 ORDER BY destination")
        .bind(version)
        .fetch_all(desk.service.store.database().read())
        .await
        .unwrap();
    rows.iter().map(|row| row.get("destination")).collect()
}

async fn document(desk: &Desk, version: i64, kind: &str) -> Vec<u8> {
    desk.service.store.document(&desk.uid, version, kind, 0, "en").await.unwrap().unwrap().body
}

/// Status of the report in each language it is written in: OBR-25, DiagnosticReport.status, VerificationFlag.
async fn statuses(desk: &Desk, version: i64) -> [String; 3] {
    let message = String::from_utf8(document(desk, version, "hl7").await).unwrap();
    let request = message.split('\r').find(|segment| segment.starts_with("OBR|")).unwrap();
    let bundle: Value = serde_json::from_slice(&document(desk, version, "fhir").await).unwrap();
    let resources = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
    let report =
        resources.into_iter().find(|resource| resource["resourceType"] == "DiagnosticReport").unwrap();
    [
        request.split('|').nth(25).unwrap().to_owned(),
        report["status"].as_str().unwrap().to_owned(),
        text(&document(desk, version, "sr").await, dicom_dictionary_std::tags::VERIFICATION_FLAG),
    ]
}

fn text(file: &[u8], tag: dicom_core::Tag) -> String {
    let object = dicom_object::FileDicomObject::from_reader(file).unwrap();
    object.element(tag).unwrap().to_str().unwrap().trim().to_owned()
}

/// The report that a structured report says it takes the place of.
fn predecessor(file: &[u8]) -> String {
    use dicom_dictionary_std::tags;
    let object = dicom_object::FileDicomObject::from_reader(file).unwrap();
    let first = |sequence: &dicom_object::InMemDicomObject, tag| {
        sequence.element(tag).unwrap().items().unwrap()[0].clone()
    };
    let study = first(&object, tags::PREDECESSOR_DOCUMENTS_SEQUENCE);
    let series = first(&study, tags::REFERENCED_SERIES_SEQUENCE);
    let report = first(&series, tags::REFERENCED_SOP_SEQUENCE);
    report.element(tags::REFERENCED_SOP_INSTANCE_UID).unwrap().to_str().unwrap().into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_and_amended_reports_go_out_again_and_drafts_do_not_replace_them() {
    let desk = Desk::open(reported(), destinations).await;
    let everybody = ["emr", "pacs", "record"].map(str::to_owned).to_vec();
    assert_eq!(outbox(&desk, 1).await, everybody);
    assert_eq!(statuses(&desk, 1).await, ["P", "preliminary", "UNVERIFIED"]);
    let sql = "SELECT d.number, b.body FROM deliveries AS d JOIN documents AS b ON b.study = d.study \
                AND b.version = d.version AND b.kind = d.kind AND b.number = d.number WHERE d.destination = 'record'";
    let row = sqlx::query(sql).fetch_one(desk.service.store.database().read()).await.unwrap();
    let sent: Value = serde_json::from_slice(&row.get::<Vec<u8>, _>("body")).unwrap();
    assert_eq!((row.get::<i64, _>("number"), sent["language"].as_str()), (1, Some("zh-CN")));
    assert!(sent.to_string().contains("骨密度"));

    assert_eq!(desk.change("POST", "sign", json!({})).await.status, StatusCode::OK);
    assert_eq!(outbox(&desk, 2).await, everybody);
    assert_eq!(statuses(&desk, 2).await, ["F", "final", "VERIFIED"]);

    let exclude = json!({ "excluded": { "reason": "artefact", "by": "user" } });
    let corrected = desk.put("scans/0/regions/L3", exclude).await;
    assert_eq!(
        (&corrected["report"]["status"], &corrected["report"]["version"]),
        (&json!("preliminary"), &json!(3))
    );
    assert_eq!(outbox(&desk, 3).await, ["pacs"], "a draft must not replace what was signed");

    let why = json!({ "reason": "L3 holds an artefact" });
    assert_eq!(desk.change("POST", "amend", why).await.status, StatusCode::OK);
    assert_eq!(outbox(&desk, 4).await, everybody);
    assert_eq!(statuses(&desk, 4).await, ["C", "amended", "VERIFIED"]);
    let uid = dicom_dictionary_std::tags::SOP_INSTANCE_UID;
    for version in [2, 3, 4] {
        let before = text(&document(&desk, version - 1, "sr").await, uid);
        assert_eq!(predecessor(&document(&desk, version, "sr").await), before, "version {version}");
    }
    // The amended report says the corrected numbers.
    let amended = desk.study().await;
    assert_eq!(amended["regions"], corrected["regions"]);
}

/// What was given up goes out again when somebody asks, unless a newer version took its place in a record system.
#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_sent_again_when_somebody_asks() {
    let desk = Desk::open(reported(), destinations).await;
    let ledger = async |name: &str| {
        let rows = desk.service.get(&format!("/api/v1/deliveries?destination={name}")).await.json();
        rows["deliveries"].as_array().unwrap().clone()
    };
    let give_up = async |state: &str| {
        let text = "UPDATE deliveries SET state = $1, attempts = 9, last_answer = 'AR'";
        let database = desk.service.store.database();
        sqlx::query(text).bind(state.to_owned()).execute(database.write()).await.unwrap();
    };
    let again = async |path: String| {
        let request = Request::builder().method("POST").uri(format!("/api/v1/deliveries/{path}"));
        let answer = desk.service.ask(request.body(Body::empty()).unwrap()).await;
        if answer.status == StatusCode::ACCEPTED {
            answer.json()["resent"].to_string()
        } else {
            answer.code().to_owned()
        }
    };
    let of = |row: &Value| format!("{}/resend", row["id"].as_str().unwrap());
    let first = ledger("emr").await.remove(0);
    assert_eq!(again(of(&first)).await, "conflict", "it is on its way");
    give_up("dead").await;
    assert_eq!(again(of(&first)).await, "1");
    let now = ledger("emr").await.remove(0);
    assert_eq!((&now["state"], &now["attempts"]), (&json!("queued"), &json!(0)));
    assert_eq!(ledger("pacs").await[0]["state"], "dead", "only the one that was asked for");
    assert_eq!(again("resend?destination=pacs".to_owned()).await, "1");
    assert_eq!(again("resend?destination=pacs".to_owned()).await, "0");
    for (path, code) in [
        ("nothing/resend", "not_found"),
        ("resend?destination=nobody", "conflict"),
        ("resend", "bad_request"),
    ] {
        assert_eq!(again(path.to_owned()).await, code, "{path}");
    }

    assert_eq!(desk.change("POST", "sign", json!({})).await.status, StatusCode::OK);
    give_up("delivered").await;
    assert_eq!(again(of(&first)).await, "conflict", "a signed report took its place");
    let rows = ledger("emr").await;
    let newest = rows.iter().find(|row| row["version"] == 2).unwrap();
    assert_eq!(again(of(newest)).await, "1");
    give_up("dead").await;
    assert_eq!(again("resend?destination=emr".to_owned()).await, "1", "the newest only");
    assert_eq!(again("resend?destination=pacs".to_owned()).await, "2", "an archive keeps every version");
}
