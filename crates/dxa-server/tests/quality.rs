//! The quality room over HTTP: who may see it, on both databases, after an upgrade, and with many studies.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod postgres;
mod web;

use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use dxa_server::auth::Role;
use dxa_server::config::{Config, Secret};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use web::Service;

async fn room(service: &Service) -> Value {
    let answer = service.get("/api/v1/quality").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let mut room = answer.json();
    room["made_at"] = Value::Null;
    room
}

#[tokio::test]
async fn the_room_is_for_those_who_read_and_it_is_written_down() {
    let service = Service::with_accounts().await;
    let paths = ["/api/v1/quality", "/api/v1/quality/csv?table=checks", "/quality"];
    for path in &paths[..2] {
        assert_eq!(service.get(path).await.code(), "unauthenticated");
    }
    assert_eq!(service.get(paths[2]).await.status, StatusCode::SEE_OTHER);
    for role in Role::ALL {
        let token = service.token(role).await;
        for path in paths {
            let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
            let answer = service.ask(request.body(Body::empty()).unwrap()).await;
            let expected = if role == Role::Researcher { StatusCode::FORBIDDEN } else { StatusCode::OK };
            assert_eq!(answer.status, expected, "{} {path}", role.name());
        }
    }
    let queries = "SELECT COUNT(*) FROM audit WHERE event LIKE '%\"query\"%' AND event LIKE '%\"quality%'";
    let mut written: i64 = 0;
    for _ in 0..50 {
        written = sqlx::query_scalar(queries).fetch_one(service.store.database().read()).await.unwrap();
        if written >= 12 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(written, 12, "four roles, three paths");
}

#[tokio::test]
async fn an_empty_room_says_so_and_wrong_days_are_refused() {
    let service = Service::open().await;
    let room = room(&service).await;
    assert_eq!((&room["from"], &room["scanners"]), (&Value::Null, &json!([])));
    let page = service.get("/quality").await.text();
    assert!(page.contains("class=\"card nothing\""), "{page}");
    for wrong in ["from=May", "to=2024-02-30", "from=2024-05-02&to=2024-05-01", "patient=1"] {
        assert_eq!(service.get(&format!("/api/v1/quality?{wrong}")).await.code(), "bad_request", "{wrong}");
        assert_eq!(
            service.get(&format!("/api/v1/quality/csv?{wrong}")).await.code(),
            "bad_request",
            "{wrong}"
        );
    }
    assert_eq!(service.get("/api/v1/quality/csv?table=people").await.code(), "bad_request");
    let csv = service.get("/api/v1/quality/csv").await;
    assert!(csv.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("quality-agreement.csv"));
    assert_eq!(csv.text().lines().count(), 1, "{}", csv.text());
}

/// A phantom by the simulator.
fn phantom(seed: u64) -> Vec<u8> {
    let settings = [
        ("output", "map"),
        ("spacing", "1.05x0.60"),
        ("manufacturer", "HOLOGIC"),
        ("protocol_name", "AP Spine"),
        ("patient.name", "Phantom^Spine"),
    ];
    let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect();
    let files = dxa_sim::simulate("phantom", seed, &settings).unwrap();
    files.into_iter().find(|file| file.name.ends_with(".dcm")).unwrap().bytes
}

/// Deliveries in every state, of which two were not sent because a newer version took their place.
async fn deliver(service: &Service) {
    let superseded = "not sent: a newer version took its place";
    let rows = [
        ("delivered", ""),
        ("queued", ""),
        ("failed", "busy"),
        ("dead", superseded),
        ("dead", superseded),
        ("dead", "refused"),
    ];
    for (at, (state, answer)) in (1i64..).zip(rows) {
        sqlx::query(
            "INSERT INTO deliveries (id, study, version, destination, protocol, kind, state, last_answer, next_at, \
             created_at, updated_at) VALUES ($1, '1.2', $2, 'pacs', 'dicom', 'sr', $3, $4, 0, $5, 0)",
        )
        .bind(format!("d{at}"))
        .bind(at)
        .bind(state)
        .bind(answer)
        .bind(1000 * (at + 1))
        .execute(service.store.database().write())
        .await
        .unwrap();
    }
}

/// Results are counted as they are made, and those of an older program once this one starts.
async fn counted(service: Service) {
    let service = service.working();
    let uid = service.analyzed("12-bmd-map-dx.dcm").await;
    service.analyzed("07-hologic-spine.dcm").await;
    let of_phantom = service.analyzed_object(phantom(3)).await;
    deliver(&service).await;
    let first = room(&service).await;
    assert_eq!(
        first["deliveries"],
        json!([{ "destination": "pacs", "configured": false, "waiting": 2, "sent": 1, "dead": 1, "superseded": 2,
            "oldest_waiting": "1970-01-01T00:00:03Z" }])
    );
    let scanners = first["scanners"].as_array().unwrap();
    assert_eq!(scanners.len(), 3, "{first}");
    let of = |model: &str| scanners.iter().find(|one| one["model"] == model).unwrap();
    let map = of("Map 1");
    assert_eq!((&map["scans"], &map["phantoms"]), (&json!(1), &json!([])));
    let result = service.get(&format!("/api/v1/studies/{uid}")).await.json();
    assert_eq!(
        map["checks"].as_array().unwrap().len(),
        result["studies"][0]["quality"].as_array().unwrap().len()
    );
    let charts: Vec<&Value> = scanners.iter().flat_map(|one| one["phantoms"].as_array().unwrap()).collect();
    let result = service.get(&format!("/api/v1/studies/{of_phantom}")).await.json();
    let regions = result["studies"][0]["regions"].as_array().unwrap();
    assert!(regions.len() >= 3 && charts.len() == regions.len(), "{charts:?}");
    for region in regions {
        let chart = charts.iter().find(|one| one["site"] == region["site"]).unwrap();
        assert_eq!((&chart["source"], &chart["n"]), (&json!("computed"), &json!(1)));
        assert_eq!(chart["points"][0]["bmd_g_cm2"], region["bmd_g_cm2"]);
        assert_eq!(chart["mean"], Value::Null);
    }
    let write = service.store.database().write();
    for statement in ["DELETE FROM quality_scans", "DELETE FROM quality_studies", "DELETE FROM scanners"] {
        sqlx::query(statement).execute(write).await.unwrap();
    }
    assert_eq!(room(&service).await["scanners"], json!([]));
    service.store.count_results(&CancellationToken::new()).await.unwrap();
    assert_eq!(room(&service).await, first);
    assert!(!service.store.is_counting());
    // What was written in another way is written anew.
    for statement in ["UPDATE quality_studies SET form = 0", "UPDATE quality_scans SET facts = '{}'"] {
        sqlx::query(statement).execute(write).await.unwrap();
    }
    service.store.count_results(&CancellationToken::new()).await.unwrap();
    assert_eq!(room(&service).await, first);
    let text = service.get("/quality?lang=zh-CN").await.text();
    assert!(text.contains("质控室") && text.contains("Map 1") && !text.contains(" style="), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_counted_with_sqlite() {
    counted(Service::with(|config| config.work.deadline_seconds = 120).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_counted_with_postgres() {
    let folder = std::env::temp_dir().join(format!("dxa-quality-{}", std::process::id()));
    let server = postgres::Server::start(&folder);
    let url = server.url();
    let configure = |config: &mut Config| {
        config.store.database = Secret::new(url);
        config.work.deadline_seconds = 120;
    };
    counted(Service::with(configure).await).await;
    drop(server);
    remove(&folder);
}

fn remove(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder);
}

/// Time of the processor that this process has had, for machines that run tests are busy.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_whitespace();
    // Ticks of 10 ms in the program and in the system: the twelfth and thirteenth field behind the name.
    let ticks: u64 = fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(10 * ticks)
}

/// A hundred thousand studies over five years: a year of them is asked for by default.
#[tokio::test]
async fn a_room_of_many_studies_is_quick() {
    let service = Service::open().await;
    let write = service.store.database().write();
    let region = |site: &str| {
        format!(
            r#"{{"s":"{site}","o":[13.1,12.2,0.931],"d":[13.3,12.1,0.910],"z":[["T","table",-1.1,-1.2]]}}"#
        )
    };
    let regions = ["L1", "L2", "L3", "L4", "L1-L4"].map(region).join(",");
    let checks = (0..11).map(|at| format!("\"check-{at}\"")).collect::<Vec<_>>().join(",");
    let facts = format!(r#"{{"r":[{regions}],"q":{{"pass":[{checks}],"fail":["spine-tilt"]}}}}"#);
    let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)";
    let day = "date('2019-05-18', '+' || (i % 1826) || ' days')";
    for statement in [
        "INSERT INTO scanners (manufacturer, model, station, serial) VALUES ('HOLOGIC', 'W', 'A', ''), \
         ('HOLOGIC', 'W', 'B', '')"
            .to_owned(),
        format!(
            "INSERT INTO quality_scans (study, scan, scanner, patient, day, phantom, facts) {numbers} \
             SELECT '1.2.' || i, 0, 1 + i % 2, 'p' || i, {day}, 0, '{facts}' FROM n"
        ),
        format!(
            "INSERT INTO quality_studies (study, version, form, arrived_at, analyzed_at) {numbers} \
             SELECT '1.2.' || i, 1, 1, i, i + 2000 FROM n"
        ),
        format!(
            "INSERT INTO deliveries (id, study, version, destination, protocol, kind, state, next_at, created_at, \
             updated_at) {numbers} SELECT 'd' || i, '1.2.' || i, 1, 'pacs', 'dicom', 'sr', 'delivered', 0, i, i FROM n"
        ),
        format!(
            "INSERT INTO jobs (kind, subject, state, not_before, created_at, updated_at) {numbers} \
             SELECT 'analyze', '1.2.' || i, 'done', 0, 0, 0 FROM n"
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(write).await.unwrap();
    }
    let begun = processor_time();
    let year = room(&service).await;
    let of_year = processor_time() - begun;
    let scans: u64 =
        year["scanners"].as_array().unwrap().iter().map(|one| one["scans"].as_u64().unwrap()).sum();
    assert!((19_000..=21_000).contains(&scans), "{scans}");
    assert_eq!(year["deliveries"][0]["sent"], 100_000);
    assert_eq!(year["queue"]["median_seconds"], 2.0);
    let begun = processor_time();
    let all = service.get("/api/v1/quality?from=2019-01-01").await.json();
    let of_all = processor_time() - begun;
    assert_eq!(all["scanners"][0]["agreement"][0]["n"], 50_000);
    let page = service.get("/quality").await.text();
    assert!(page.len() < 300_000, "{} bytes", page.len());
    // An unoptimized build; reading the twenty thousand results themselves would take minutes.
    assert!(of_year < Duration::from_secs(3), "a year {of_year:?}, five years {of_all:?}");
}
