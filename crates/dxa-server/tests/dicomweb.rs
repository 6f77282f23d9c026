//! Storing, searching and retrieving over DICOMweb.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod objects;
mod web;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use dxa_server::store::Query;
use serde_json::json;
use web::{Service, stow};

const STUDY: &str = "1.2.826.0.1.3680043.9.7.1";

fn instance(study: u32, number: u32) -> String {
    let study = format!("1.2.826.0.1.3680043.9.7.{study}");
    format!("/dicom-web/studies/{study}/series/{study}.0/instances/{study}.{number}")
}

#[tokio::test]
async fn what_is_stored_comes_back_bit_for_bit() {
    let service = Service::open().await;
    let objects: Vec<Vec<u8>> = (1..=3).map(|number| objects::capture(1, number, 16)).collect();
    let stored = service.stow(&objects).await;
    assert_eq!(stored.status, StatusCode::OK, "{}", stored.text());
    assert_eq!(stored.headers[header::CONTENT_TYPE], "application/dicom+json");
    assert_eq!(stored.json()["00081199"]["Value"].as_array().unwrap().len(), 3);
    assert!(stored.json().get("00081198").is_none());

    let request = Request::get(instance(1, 2)).header(header::ACCEPT, "application/dicom");
    let one = service.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(one.body, objects[1]);

    let all = service.get(&format!("/dicom-web/studies/{STUDY}")).await;
    let kind = all.headers[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    let boundary = kind.split("boundary=").nth(1).unwrap();
    let parts = parts(&all.body, boundary);
    assert_eq!(parts, objects);
    assert_eq!(service.get(&instance(1, 9)).await.code(), "not_found");
}

/// Split by the boundary with nothing of the code under test.
fn parts(body: &[u8], boundary: &str) -> Vec<Vec<u8>> {
    let mark = format!("\r\n--{boundary}").into_bytes();
    let at: Vec<usize> = (0..body.len()).filter(|at| body[*at..].starts_with(&mark)).collect();
    assert!(body[*at.last().unwrap()..].starts_with(&[&mark[..], b"--"].concat()));
    let part = |pair: &[usize]| {
        let part = &body[pair[0] + mark.len() + 2..pair[1]];
        let head = part.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        part[head + 4..].to_vec()
    };
    at.windows(2).map(part).collect()
}

#[tokio::test]
async fn the_same_again_is_no_new_work_and_other_content_is_a_conflict() {
    let service = Service::open().await;
    let object = objects::capture(1, 1, 16);
    assert_eq!(service.stow(std::slice::from_ref(&object)).await.status, StatusCode::OK);
    assert_eq!(service.stow(&[object]).await.status, StatusCode::OK);
    let other = objects::capture(1, 1, 17);
    let conflict = service.stow(std::slice::from_ref(&other)).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    let failed = &conflict.json()["00081198"]["Value"][0];
    assert_eq!(failed["00081155"]["Value"], json!([format!("{STUDY}.1")]));
    let reason = failed["00081197"]["Value"][0].as_u64().unwrap();
    assert_eq!(reason & 0xF000, 0xC000);
    let mixed = service.stow(&[other, objects::capture(1, 2, 16), b"no DICOM at all".to_vec()]).await;
    assert_eq!(mixed.status, StatusCode::ACCEPTED);
    assert_eq!(mixed.json()["00081198"]["Value"].as_array().unwrap().len(), 2);
    let stored = service.store.instances(&Query::default()).await.unwrap().rows;
    assert_eq!(stored.len(), 2);
    assert_eq!(service.store.quarantined(STUDY).await.unwrap(), 1);
}

#[tokio::test]
async fn objects_of_another_study_are_refused() {
    let service = Service::open().await;
    let path = "/dicom-web/studies/1.2.826.0.1.3680043.9.7.2";
    let answer = service.ask(stow(path, &[objects::capture(1, 1, 16)])).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.json()["00081198"]["Value"][0]["00081197"]["Value"][0], 0xA900);
}

#[tokio::test]
async fn what_is_no_request_to_store_is_refused_for_its_reason() {
    let service = Service::open().await;
    let send = |kind: &'static str, body: Vec<u8>| {
        Request::post("/dicom-web/studies").header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap()
    };
    let related = "multipart/related; type=\"application/dicom\"; boundary=b";
    let cases: [(&'static str, Vec<u8>, &str); 9] = [
        ("application/json", vec![], "unsupported_media_type"),
        ("multipart/related; type=\"application/dicom+xml\"; boundary=b", vec![], "unsupported_media_type"),
        ("multipart/related; type=\"application/dicom\"", vec![], "bad_request"),
        (related, vec![], "bad_request"),
        (related, b"--b\r\nContent-Type: application/dicom\r\n\r\nno end".to_vec(), "bad_request"),
        (
            related,
            b"--b\r\nContent-Type: text/xml\r\n\r\n<!DOCTYPE x>\r\n--b--".to_vec(),
            "unsupported_media_type",
        ),
        (related, [&b"--b\r\nX: "[..], &vec![b'x'; 1 << 20], b"\r\n\r\n\r\n--b--"].concat(), "bad_request"),
        (related, b"--b--".to_vec(), "bad_request"),
        (related, "--b\r\n\r\n\r\n".repeat(10_001).into_bytes(), "too_large"),
    ];
    for (kind, body, code) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(50)]).into_owned();
        assert_eq!(service.ask(send(kind, body)).await.code(), code, "{kind} {shown}");
    }
    let huge = Request::post("/dicom-web/studies")
        .header(header::CONTENT_TYPE, related)
        .header(header::CONTENT_LENGTH, (1u64 << 40).to_string())
        .body(Body::empty())
        .unwrap();
    assert_eq!(service.ask(huge).await.code(), "too_large");
    let packed = Request::post("/dicom-web/studies")
        .header(header::CONTENT_TYPE, related)
        .header(header::CONTENT_ENCODING, "gzip")
        .body(Body::empty())
        .unwrap();
    assert_eq!(service.ask(packed).await.code(), "unsupported_media_type");
}

#[tokio::test]
async fn studies_are_found_by_their_attributes() {
    let service = Service::open().await;
    let all: Vec<Vec<u8>> = (1..=5).map(|study| objects::capture(study, 1, 8)).collect();
    assert_eq!(service.stow(&all).await.status, StatusCode::OK);
    for (query, found) in [
        ("", 5),
        ("?limit=2", 2),
        ("?limit=0", 0),
        ("?limit=3&offset=3", 2),
        ("?PatientID=CANARY-2", 1),
        ("?00100020=CANARY-*", 5),
        ("?PatientID=CANARY-?", 5),
        ("?PatientID=nobody", 0),
        ("?PatientName=canary^person3*", 1),
        ("?AccessionNumber=A4", 1),
        ("?StudyDate=20240501-20240531", 5),
        ("?StudyDate=-20240101", 0),
        ("?ModalitiesInStudy=OT&PatientID=CANARY-5", 1),
        ("?ModalitiesInStudy=CT", 0),
        ("?StudyInstanceUID=1.2.826.0.1.3680043.9.7.1,1.2.826.0.1.3680043.9.7.2", 2),
        // A percent sign is no wildcard, and neither is a quotation mark an end.
        ("?PatientID=CANARY%25", 0),
        ("?PatientID=%27%20OR%201%3D1%20--", 0),
    ] {
        let answer = service.get(&format!("/dicom-web/studies{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        assert_eq!(answer.json().as_array().unwrap().len(), found, "{query}");
    }
    let fuzzy = service.get("/dicom-web/studies?fuzzymatching=true&PatientName=Canary*&limit=1").await;
    let warnings: Vec<_> = fuzzy.headers.get_all(header::WARNING).iter().collect();
    assert_eq!(warnings.len(), 2);
    assert_eq!(service.get("/dicom-web/studies?PatientComments=x").await.code(), "bad_request");

    let study = &service.get("/dicom-web/studies?PatientID=CANARY-1").await.json()[0];
    assert_eq!(study["0020000D"]["Value"][0], STUDY);
    assert_eq!(study["00080061"]["Value"], json!(["OT"]));
    assert_eq!(study["00201206"]["Value"], json!([1]));
    assert_eq!(study["00201208"]["Value"], json!([1]));
    assert_eq!(
        study["00100010"]["Value"][0],
        json!({ "Alphabetic": "Canary^Person1", "Ideographic": "金丝雀^1" })
    );
    assert!(
        study["00081190"]["Value"][0].as_str().unwrap().ends_with(&format!("/dicom-web/studies/{STUDY}"))
    );

    let series = service.get(&format!("/dicom-web/studies/{STUDY}/series")).await.json();
    assert_eq!(series[0]["0020000E"]["Value"][0], format!("{STUDY}.0"));
    assert!(series[0].get("00100010").is_none());
    let series = service.get("/dicom-web/series?Modality=OT").await.json();
    assert_eq!(series.as_array().unwrap().len(), 5);
    assert!(series[0].get("00100010").is_some());
    let instances =
        service.get(&format!("/dicom-web/studies/{STUDY}/instances?includefield=PatientID")).await.json();
    assert_eq!(instances[0]["00100020"]["Value"][0], "CANARY-1");
    assert_eq!(instances[0]["00280010"]["Value"][0], 8);
}

#[tokio::test]
async fn metadata_holds_everything_but_the_pixels() {
    let service = Service::open().await;
    service.stow(&[objects::capture(1, 1, 8)]).await;
    let all = service.get(&format!("{}/metadata", instance(1, 1))).await.json();
    let object = &all[0];
    assert_eq!(object["00280010"], json!({ "vr": "US", "Value": [8] }));
    assert_eq!(object["00200013"], json!({ "vr": "IS", "Value": [1] }));
    let address = object["7FE00010"]["BulkDataURI"].as_str().unwrap();
    let path = &address[address.find("/dicom-web").unwrap()..];
    let request = Request::get(path).header(header::ACCEPT, "application/octet-stream");
    let pixels = service.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(pixels.body.len(), 8 * 256);
    let frame = service.get(&format!("{}/frames/1", instance(1, 1))).await;
    let kind = frame.headers[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    let found = parts(&frame.body, kind.split("boundary=").nth(1).unwrap());
    assert_eq!(found, std::slice::from_ref(&pixels.body));
    for (frames, code) in
        [("2", "not_found"), ("0", "bad_request"), ("x", "bad_request"), ("4294967296", "not_found")]
    {
        assert_eq!(service.get(&format!("{}/frames/{frames}", instance(1, 1))).await.code(), code);
    }
}

#[tokio::test]
async fn an_image_is_shown_as_it_was_stored() {
    let service = Service::open().await;
    service.stow(&[objects::capture(1, 1, 8)]).await;
    let shown = service.get(&format!("{}/rendered?accept=image/png", instance(1, 1))).await;
    assert_eq!(shown.headers[header::CONTENT_TYPE], "image/png");
    let picture = image::load_from_memory(&shown.body).unwrap().into_luma8();
    assert_eq!(picture.dimensions(), (256, 8));
    let path = format!("{}/bulkdata/7FE00010", instance(1, 1));
    let stored = service.get(&path).await.body;
    // Eight bits over their whole range are shown unchanged.
    let first = stored.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let raw = &stored[first..first + 8 * 256];
    assert!(raw.contains(&0) && raw.contains(&255));
    assert_eq!(picture.as_raw(), raw);
    let request =
        Request::get(format!("/dicom-web/studies/{STUDY}/rendered")).header(header::ACCEPT, "image/jpeg");
    let jpeg = service.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(image::guess_format(&jpeg.body).unwrap(), image::ImageFormat::Jpeg);
    let request = Request::get(format!("{}/rendered", instance(1, 1))).header(header::ACCEPT, "image/gif");
    assert_eq!(service.ask(request.body(Body::empty()).unwrap()).await.code(), "not_acceptable");
}
