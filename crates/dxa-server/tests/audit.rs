//! The audit trail: what is written down, that a change shows, and that it reaches the repository.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod objects;
mod web;

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use dxa_server::audit::{self, Broken, Event, Kind, Source};
use sqlx::Row;
use web::Service;

async fn kinds(service: &Service) -> Vec<(String, String)> {
    // Events that change something are durable at once; after one, so is everything before it.
    service.audit.record(Event::new(Kind::SecurityChange, "test")).await.unwrap();
    let rows = sqlx::query("SELECT event FROM audit ORDER BY seq").fetch_all(service.store.database().read());
    let rows = rows.await.unwrap();
    let read = |row: &sqlx::any::AnyRow| {
        let event: serde_json::Value = serde_json::from_str(row.get("event")).unwrap();
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        (text("kind"), text("detail"))
    };
    rows.iter().map(read).collect()
}

const STUDY: &str = "1.2.826.0.1.3680043.9.7.1";

#[tokio::test]
async fn every_read_and_every_change_is_written_down() {
    let service = Service::open().await;
    service.stow(&[objects::capture(1, 1, 8)]).await;
    service.stow(&[objects::capture(1, 1, 9)]).await;
    let instance = format!("/dicom-web/studies/{STUDY}/series/{STUDY}.0/instances/{STUDY}.1");
    let before = ["receive", "security_alert"];
    let reads = [
        ("/dicom-web/studies".to_owned(), "query"),
        ("/api/v1/studies".to_owned(), "query"),
        ("/api/v1/deliveries".to_owned(), "query"),
        ("/".to_owned(), "query"),
        (format!("/dicom-web/studies/{STUDY}"), "access"),
        (format!("{instance}/metadata"), "access"),
        (format!("{instance}/rendered"), "access"),
        (format!("{instance}/frames/1"), "access"),
        (format!("{instance}/bulkdata/7FE00010"), "access"),
    ];
    for (path, _) in &reads {
        let answer = service.get(path).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
    }
    let expected: Vec<&str> = before.into_iter().chain(reads.iter().map(|(_, kind)| *kind)).collect();
    let kinds = kinds(&service).await;
    let found: Vec<&str> = kinds[..kinds.len() - 1].iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_trail_holds_no_patient() {
    let service = Service::open().await;
    service.stow(&[objects::capture(1, 1, 8)]).await;
    service.get("/dicom-web/studies?PatientName=Canary*&PatientID=CANARY-1").await;
    service.get("/api/v1/studies?name=Canary*").await;
    kinds(&service).await;
    let rows =
        sqlx::query("SELECT event FROM audit").fetch_all(service.store.database().read()).await.unwrap();
    for row in rows {
        let event: String = row.get("event");
        assert!(!event.to_lowercase().contains("canary") && !event.contains("金丝雀"), "{event}");
    }
}

#[tokio::test]
async fn a_change_to_the_trail_names_its_entry() {
    let service = Service::open().await;
    let database = service.store.database();
    for number in 0..40 {
        service.audit.record(Event::new(Kind::Change, format!("account{number}"))).await.unwrap();
    }
    assert_eq!(audit::verify(database).await.unwrap().unwrap().0, 40);
    let run = async |statement: &'static str| {
        sqlx::query(statement).execute(database.write()).await.unwrap();
        audit::verify(database).await.unwrap()
    };
    let forged = run("UPDATE audit SET event = REPLACE(event, 'account16', 'nobody') WHERE seq = 17").await;
    assert_eq!(forged, Err(Broken::Changed(17)));
    let mended = run("UPDATE audit SET event = REPLACE(event, 'nobody', 'account16') WHERE seq = 17").await;
    assert!(mended.is_ok());
    assert_eq!(run("UPDATE audit SET at = at + 1 WHERE seq = 3").await, Err(Broken::Changed(3)));
    run("UPDATE audit SET at = at - 1 WHERE seq = 3").await.unwrap();
    assert_eq!(run("DELETE FROM audit WHERE seq = 30").await, Err(Broken::Missing(30)));
}

/// Reads frames of RFC 5425 until the connection ends, with nothing of the code under test.
fn repository(listener: TcpListener, frames: usize) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        for _ in 0..frames {
            let mut length = Vec::new();
            stream.read_until(b' ', &mut length).unwrap();
            let length: usize = String::from_utf8(length).unwrap().trim().parse().unwrap();
            let mut message = vec![0; length];
            stream.read_exact(&mut message).unwrap();
            sender.send(String::from_utf8(message).unwrap()).unwrap();
        }
        // The connection stays until the test ends.
        std::thread::sleep(Duration::from_secs(30));
        drop(stream);
    });
    receiver
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_the_repository_is_down_arrives_later_in_order() {
    let service = Service::open().await;
    let reserved = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = reserved.local_addr().unwrap();
    drop(reserved);
    let source = Source { id: "DXA".to_owned(), host: "test".to_owned(), process: 1 };
    let database = service.store.database().clone();
    let task = tokio::spawn(audit::forward(database, address.to_string(), None, source));
    for number in 0..20 {
        service.audit.record(Event::new(Kind::Login, format!("account{number}"))).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    let received = repository(TcpListener::bind(address).unwrap(), 20);
    let messages = tokio::task::spawn_blocking(move || {
        (0..20).map(|_| received.recv_timeout(Duration::from_secs(20)).unwrap()).collect::<Vec<_>>()
    });
    for (number, message) in messages.await.unwrap().into_iter().enumerate() {
        assert!(message.starts_with("<85>1 "), "{message}");
        assert!(message.contains(" DICOM+RFC3881 - \u{FEFF}<?xml"), "{message}");
        assert!(message.contains(&format!("UserID=\"account{number}\"")), "{number}: {message}");
    }
    let sent = async || {
        let count = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM audit WHERE sent_at IS NOT NULL");
        count.fetch_one(service.store.database().read()).await.unwrap()
    };
    for _ in 0..50 {
        if sent().await == 20 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(sent().await, 20);
    task.abort();
}

#[tokio::test]
async fn without_a_trail_nothing_is_shown() {
    let service = Service::open().await;
    service.stow(&[objects::capture(1, 1, 8)]).await;
    sqlx::query("ALTER TABLE audit RENAME TO elsewhere")
        .execute(service.store.database().write())
        .await
        .unwrap();
    let path = format!("/dicom-web/studies/{STUDY}");
    // The first read is written down together with others, a moment later; then the trail is known to be broken.
    service.get(&path).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(service.get(&path).await.code(), "unavailable");
    assert_eq!(service.get("/readyz").await.code(), "unavailable");
    sqlx::query("ALTER TABLE elsewhere RENAME TO audit")
        .execute(service.store.database().write())
        .await
        .unwrap();
    assert!(service.get(&path).await.status.is_success());
    assert!(service.get("/readyz").await.status.is_success());
}
