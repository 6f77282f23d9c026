//! Names of patients appear where a physician reads them, and nowhere else.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod objects;
mod web;

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use dxa_server::audit::{Event, Kind};
use web::Service;

/// A log that remembers everything.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const CANARIES: [&str; 4] = ["CANARY", "Canary", "金丝雀", "canary-in-the-query"];

#[tokio::test(flavor = "multi_thread")]
async fn no_patient_appears_in_logs_metrics_or_file_names() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder().unwrap();
    let service = Service::open().await.working();
    let mut object = objects::data_set(1, 1, 8);
    let text =
        |tag, vr, value: &str| dicom_core::DataElement::new(tag, vr, dicom_core::PrimitiveValue::from(value));
    let lines = "CANARY\u{1b}[31m\n{\"level\":\"ERROR\"}";
    object.put(text(dicom_dictionary_std::tags::STUDY_DESCRIPTION, dicom_core::VR::LO, lines));
    service.stow(&[objects::written(&object, "1.2.840.10008.1.2.1")]).await;
    service.stow(&[objects::capture(1, 1, 9), objects::capture(2, 1, 9)]).await;
    let mut torn = objects::capture(3, 1, 9);
    torn.truncate(700);
    service.stow(&[torn]).await;
    let study = "1.2.826.0.1.3680043.9.7.1";
    for path in [
        "/dicom-web/studies?PatientName=Canary*&PatientID=CANARY-1".to_owned(),
        "/dicom-web/studies?canary-in-the-query=1".to_owned(),
        "/api/v1/studies?name=Canary*&patient_id=CANARY-1".to_owned(),
        "/api/v1/studies?canary-in-the-query=1".to_owned(),
        "/canary-in-the-query/CANARY?Canary".to_owned(),
        format!("/dicom-web/studies/{study}"),
        format!("/dicom-web/studies/{study}/metadata"),
        format!("/api/v1/studies/{study}/report.html"),
        "/".to_owned(),
    ] {
        service.get(&path).await;
    }
    let request =
        Request::post("/api/v1/patients/CANARY-1/context").header("content-type", "application/json");
    service.ask(request.body(Body::from("{\"CANARY\": 1}")).unwrap()).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    service.audit.record(Event::new(Kind::Stop, "test")).await.unwrap();

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.lines().count() > 10, "the log says nothing: {log}");
    assert!(!log.contains('\u{1b}'));
    let metrics = recorder.render();
    assert!(metrics.contains("dxa_http_requests_total"), "{metrics}");
    let files = names(service.folder());
    assert!(!files.is_empty());
    for canary in CANARIES {
        for (kind, text) in [("log", &log), ("metrics", &metrics), ("files", &files)] {
            let line = text.lines().find(|line| line.contains(canary));
            assert!(line.is_none(), "{kind}: {line:?}");
        }
    }
}

fn names(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let lines = entries.map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() { format!("{name}\n{}", names(&path)) } else { format!("{name}\n") }
    });
    lines.collect()
}
