//! The routes without a port, and one real connection.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod objects;
mod web;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use web::Service;

#[tokio::test]
async fn health_is_json_with_the_version() {
    let service = Service::open().await;
    let answer = service.get("/healthz").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json(), serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
    assert_eq!(service.get("/readyz").await.json()["status"], "ready");
}

#[tokio::test]
async fn errors_are_problems_with_a_code() {
    let service = Service::open().await;
    assert_eq!(service.get("/no-such-page").await.code(), "not_found");
    let wrong_method = service.ask(Request::delete("/healthz").body(Body::empty()).unwrap()).await;
    assert_eq!(wrong_method.code(), "method_not_allowed");
    assert_eq!(service.get("/api/v1/studies?nonsense=1").await.code(), "bad_request");
    assert_eq!(service.get("/api/v1/studies/1.2.3").await.code(), "not_found");
    assert_eq!(service.get("/api/v1/studies/..%2F..%2Fetc").await.code(), "bad_request");
}

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let service = Service::with_accounts().await;
    for path in ["/healthz", "/login", "/api/docs/", "/no-such-page", "/api/v1/studies", "/"] {
        let headers = service.get(path).await.headers;
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("script-src 'self' 'unsafe"), "{path}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert!(headers[header::CACHE_CONTROL].to_str().unwrap().contains("no-store"), "{path}");
    }
}

#[tokio::test]
async fn without_a_login_only_this_machine_is_answered() {
    let service = Service::open().await;
    for (host, status) in [
        ("localhost:8080", StatusCode::OK),
        ("127.0.0.1:8080", StatusCode::OK),
        ("evil.example", StatusCode::FORBIDDEN),
    ] {
        let request = Request::get("/api/v1/studies").header(header::HOST, host).body(Body::empty()).unwrap();
        assert_eq!(service.ask(request).await.status, status, "{host}");
    }
    let forged = |name: &str, value: &str| {
        let request = web::stow("/dicom-web/studies", &[objects::capture(1, 1, 8)]);
        let (mut parts, body) = request.into_parts();
        parts.headers.insert(header::HOST, "localhost:8080".parse().unwrap());
        parts
            .headers
            .insert(header::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        Request::from_parts(parts, body)
    };
    assert_eq!(service.ask(forged("origin", "https://evil.example")).await.code(), "forged_request");
    assert_eq!(service.ask(forged("origin", "null")).await.code(), "forged_request");
    assert_eq!(service.ask(forged("sec-fetch-site", "cross-site")).await.code(), "forged_request");
    assert_eq!(service.ask(forged("origin", "http://localhost:8080")).await.status, StatusCode::OK);
}

#[test]
fn it_listens_on_this_machine_only_unless_configured() {
    assert_eq!(dxa_server::DEFAULT_LISTEN.to_string(), "127.0.0.1:8080");
}
