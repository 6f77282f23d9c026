//! Who may do what: every route for every role, logins, sessions, tokens.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod objects;
mod web;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use dxa_server::auth::{self, Permissions, Role};
use serde_json::Value;
use web::{Answer, PASSWORD, Service};

const V: Role = Role::Viewer;
const T: Role = Role::Technologist;
const P: Role = Role::Physician;
const R: Role = Role::Researcher;
const A: Role = Role::Administrator;

/// Every route that needs somebody, and the roles that may use it. The others get 403.
const ROUTES: &[(&str, &str, &[Role])] = &[
    ("GET", "/metrics", &[A]),
    ("GET", "/api/v1/deliveries", &[A]),
    ("POST", "/api/v1/deliveries/{id}/resend", &[A]),
    ("POST", "/api/v1/deliveries/resend", &[A]),
    ("GET", "/api/v1/messages", &[A]),
    ("GET", "/api/v1/session", &[V, T, P, R, A]),
    ("POST", "/logout", &[V, T, P, R, A]),
    ("GET", "/api/v1/studies", &[V, T, P, R, A]),
    ("GET", "/api/v1/studies/{uid}", &[V, T, P, R, A]),
    ("GET", "/api/v1/studies/{uid}/{document}", &[V, T, P, R, A]),
    ("PUT", "/api/v1/studies/{uid}/scans/{scan}/vertebrae/{level}", &[T, P]),
    ("PUT", "/api/v1/studies/{uid}/scans/{scan}/regions/{site}", &[T, P]),
    ("PUT", "/api/v1/studies/{uid}/scans/{scan}/spine", &[T, P]),
    ("PUT", "/api/v1/studies/{uid}/scans/{scan}/landmarks/{name}", &[T, P]),
    ("POST", "/api/v1/grade", &[V, T, P, A]),
    ("POST", "/api/v1/studies/{uid}/reanalyze", &[T, P]),
    ("POST", "/api/v1/studies/{uid}/sign", &[P]),
    ("POST", "/api/v1/studies/{uid}/amend", &[P]),
    ("GET", "/api/v1/studies/{uid}/comments", &[V, T, P, A]),
    ("POST", "/api/v1/studies/{uid}/comments", &[T, P]),
    ("GET", "/api/v1/studies/{uid}/readings", &[V, T, P, A]),
    ("POST", "/api/v1/studies/{uid}/readings", &[P]),
    ("POST", "/api/v1/patients/{id}/context", &[T, P]),
    ("GET", "/api/v1/patients/{id}/context", &[V, T, P, A]),
    ("GET", "/api/v1/expected", &[V, T, P, A]),
    ("GET", "/api/v1/quality", &[V, T, P, A]),
    ("GET", "/api/v1/quality/csv", &[V, T, P, A]),
    ("PUT", "/api/v1/expected/{uid}", &[T, A]),
    ("POST", "/dicom-web/studies", &[T, A]),
    ("POST", "/dicom-web/studies/{study}", &[T, A]),
    ("GET", "/dicom-web/studies", &[V, T, P, A]),
    ("GET", "/dicom-web/series", &[V, T, P, A]),
    ("GET", "/dicom-web/instances", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/series", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/instances", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/series/{series}/instances", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/series/{series}", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/series/{series}/instances/{instance}", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/metadata", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/series/{series}/metadata", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/series/{series}/instances/{instance}/metadata", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/rendered", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/series/{series}/rendered", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/series/{series}/instances/{instance}/rendered", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frames}", &[V, T, P, A]),
    ("GET", "/dicom-web/studies/{study}/series/{series}/instances/{instance}/bulkdata/{tag}", &[V, T, P, A]),
];

/// Routes that nobody has to log in for.
const PUBLIC: &[(&str, &str)] =
    &[("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/login"), ("POST", "/login")];

fn filled(path: &str) -> String {
    let values = [
        ("{uid}", "1.2.826.0.1.3680043.9.7.1"),
        ("{study}", "1.2.826.0.1.3680043.9.7.1"),
        ("{series}", "1.2.826.0.1.3680043.9.7.1.0"),
        ("{instance}", "1.2.826.0.1.3680043.9.7.1.1"),
        ("{document}", "csv"),
        ("{scan}", "0"),
        ("{level}", "L1"),
        ("{site}", "L1"),
        ("{name}", "disc_l1_l2"),
        ("{id}", "0123"),
        ("{frames}", "1"),
        ("{tag}", "7FE00010"),
    ];
    values.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method.parse::<Method>().unwrap()).uri(filled(path))
}

async fn with_token(service: &Service, method: &str, path: &str, token: &str) -> Answer {
    let request = request(method, path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    service.ask(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn every_route_for_every_role() {
    let service = Service::with_accounts().await;
    for (method, path, allowed) in ROUTES {
        let nobody = service.ask(request(method, path).body(Body::empty()).unwrap()).await;
        assert_eq!(nobody.code(), "unauthenticated", "{method} {path}");
        for forged in ["dxa_0000000000000000000000000000000000000000000", "", "x"] {
            let answer = with_token(&service, method, path, forged).await;
            assert_eq!(answer.code(), "unauthenticated", "{method} {path} {forged}");
        }
        assert!(!allowed.is_empty());
    }
    for role in Role::ALL {
        let token = service.token(role).await;
        for (method, path, allowed) in ROUTES {
            let answer = with_token(&service, method, path, &token).await;
            let shown = format!("{} {method} {path}: {}", role.name(), answer.text());
            if allowed.contains(&role) {
                assert!(!matches!(answer.status.as_u16(), 401 | 403 | 405), "{shown}");
                assert!(answer.status.as_u16() < 500 || *path == "/metrics", "{shown}");
            } else {
                assert_eq!(answer.code(), "forbidden", "{shown}");
            }
        }
    }
}

/// A route that is not in the table is a route that nobody thought about.
#[tokio::test]
async fn the_table_holds_every_route() {
    let service = Service::open().await;
    let described = serde_json::to_value(dxa_server::http::description(&service.app)).unwrap();
    let mut found = BTreeSet::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if ["get", "put", "post", "delete", "patch"].contains(&method.as_str()) {
                found.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    let listed = ROUTES.iter().map(|(method, path, _)| (*method, *path)).chain(PUBLIC.iter().copied());
    let listed: BTreeSet<_> = listed.map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
    assert_eq!(found, listed);
    let answer = service.get("/api/openapi.json").await;
    assert_eq!(answer.json()["paths"], described["paths"]);
}

#[tokio::test]
async fn researchers_see_no_identity() {
    let service = Service::with_accounts().await;
    let (sender, researcher) = (service.token(T).await, service.token(R).await);
    let stow = web::stow("/dicom-web/studies", &[objects::capture(1, 1, 8)]);
    let (mut parts, body) = stow.into_parts();
    parts.headers.insert(header::AUTHORIZATION, format!("Bearer {sender}").parse().unwrap());
    assert_eq!(service.ask(Request::from_parts(parts, body)).await.status, StatusCode::OK);
    let list = with_token(&service, "GET", "/api/v1/studies", &researcher).await;
    let study = &list.json()["studies"][0];
    assert_eq!(study["instance_uid"], "1.2.826.0.1.3680043.9.7.1");
    assert_eq!(study["date"], "2024");
    for word in ["CANARY", "Canary", "金丝雀", "A1", "20240517", "2024-05"] {
        assert!(!list.text().contains(word), "{word}: {}", list.text());
    }
    for query in ["patient_id=CANARY-1", "name=Canary*", "patient=x", "accession=A1"] {
        let answer = with_token(&service, "GET", &format!("/api/v1/studies?{query}"), &researcher).await;
        assert_eq!(answer.code(), "forbidden", "{query}");
    }
    let path = "/api/v1/studies/{uid}/report.html";
    assert_eq!(with_token(&service, "GET", path, &researcher).await.code(), "forbidden");
}

#[tokio::test]
async fn tokens_do_no_more_than_their_scopes_and_end() {
    let service = Service::with_accounts().await;
    service.token(A).await;
    let database = service.store.database();
    let scopes = Permissions::of_scopes("read").unwrap();
    let narrow = auth::issue(database, "administrator", "reader", scopes, Some(1)).await.unwrap();
    assert_eq!(with_token(&service, "GET", "/api/v1/studies", &narrow.token).await.status, StatusCode::OK);
    assert_eq!(with_token(&service, "GET", "/metrics", &narrow.token).await.code(), "forbidden");
    assert_eq!(
        with_token(&service, "POST", "/api/v1/studies/{uid}/sign", &narrow.token).await.code(),
        "forbidden"
    );
    auth::revoke(database, &narrow.id).await.unwrap();
    assert_eq!(with_token(&service, "GET", "/api/v1/studies", &narrow.token).await.code(), "unauthenticated");
    let over = auth::issue(database, "administrator", "over", scopes, Some(0)).await.unwrap();
    assert_eq!(with_token(&service, "GET", "/api/v1/studies", &over.token).await.code(), "unauthenticated");
    let kept = auth::issue(database, "administrator", "kept", scopes, None).await.unwrap();
    auth::disable(database, "administrator").await.unwrap();
    assert_eq!(with_token(&service, "GET", "/api/v1/studies", &kept.token).await.code(), "unauthenticated");
}

async fn log_in(service: &Service, name: &str, password: &str) -> Answer {
    let body = serde_urlencoded::to_string([("name", name), ("password", password)]).unwrap();
    let request = Request::post("/login").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    service.ask(request.body(Body::from(body)).unwrap()).await
}

fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_needs_its_token_to_change_anything() {
    let service = Service::with_accounts().await;
    service.token(P).await;
    assert_eq!(service.get("/").await.headers[header::LOCATION], "/login");
    let entered = log_in(&service, "physician", PASSWORD).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER);
    let cookie = cookie_of(&entered);
    let ask = |method: &str, path: &str, csrf: Option<&str>| {
        let mut request = request(method, path).header(header::COOKIE, &cookie);
        if let Some(csrf) = csrf {
            request = request.header("x-csrf-token", csrf);
        }
        request.body(Body::empty()).unwrap()
    };
    let session = service.ask(ask("GET", "/api/v1/session", None)).await.json();
    assert_eq!(session["permissions"], "read correct sign");
    let csrf = session["csrf"].as_str().unwrap();
    let sign = "/api/v1/studies/{uid}/sign";
    assert_eq!(service.ask(ask("POST", sign, None)).await.code(), "forged_request");
    assert_eq!(service.ask(ask("POST", sign, Some("wrong"))).await.code(), "forged_request");
    assert_eq!(service.ask(ask("POST", sign, Some(csrf))).await.code(), "not_found");
    assert_eq!(service.ask(ask("POST", "/logout", Some(csrf))).await.status, StatusCode::NO_CONTENT);
    assert_eq!(service.ask(ask("GET", "/api/v1/session", None)).await.code(), "unauthenticated");
}

#[tokio::test]
async fn wrong_passwords_lock_and_say_nothing() {
    let service = Service::with_accounts().await;
    service.token(V).await;
    let unknown = log_in(&service, "nobody", "a password that is long").await;
    for _ in 0..5 {
        let wrong = log_in(&service, "viewer", "another password").await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
        assert_eq!(wrong.text(), unknown.text());
        assert!(!wrong.headers.contains_key(header::SET_COOKIE));
    }
    let locked = log_in(&service, "viewer", PASSWORD).await;
    assert_eq!(locked.status, StatusCode::UNAUTHORIZED);
    assert!(locked.text().contains("too many wrong passwords"));
}

#[tokio::test]
async fn passwords_are_kept_as_argon2_and_secrets_as_digests() {
    let service = Service::with_accounts().await;
    let token = service.token(V).await;
    let cookie = cookie_of(&log_in(&service, "viewer", PASSWORD).await);
    let database = service.store.database();
    let password: String =
        sqlx::query_scalar("SELECT password FROM accounts").fetch_one(database.read()).await.unwrap();
    assert!(password.starts_with("$argon2id$v=19$"), "{password}");
    service.store.close().await;
    let secret = cookie.split('=').nth(1).unwrap();
    for file in walk(service.folder()) {
        let bytes = std::fs::read(&file).unwrap();
        for secret in [token.as_str(), secret, PASSWORD] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds a secret", file.display());
        }
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn addresses_that_ask_too_often_are_told_to_wait() {
    let service = Service::with(|config| config.http.requests_per_second = 2).await;
    let ask = |address: &str| {
        let mut request = Request::get("/healthz").body(Body::empty()).unwrap();
        let address: std::net::SocketAddr = address.parse().unwrap();
        request.extensions_mut().insert(axum::extract::ConnectInfo(address));
        request
    };
    let mut turned_away = 0;
    for _ in 0..20 {
        let answer = service.ask(ask("192.0.2.1:1000")).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            turned_away += 1;
            assert_eq!(answer.code(), "too_many_requests");
            assert!(answer.headers.contains_key(header::RETRY_AFTER));
        }
    }
    assert!((10..20).contains(&turned_away), "{turned_away}");
    assert_eq!(service.ask(ask("192.0.2.2:1000")).await.status, StatusCode::OK);
    let _: Value = service.ask(ask("[2001:db8::1]:1")).await.json();
}
