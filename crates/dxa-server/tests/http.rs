//! The routes without a port, and one real connection.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tower::ServiceExt;

fn expected() -> Value {
    json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })
}

#[tokio::test]
async fn health_is_json_with_the_version() {
    let request = Request::get("/healthz").body(Body::empty()).unwrap();
    let response = dxa_server::router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    let body = to_bytes(response.into_body(), 1024).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected());
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let request = Request::get("/no-such-page").body(Body::empty()).unwrap();
    let response = dxa_server::router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn it_answers_on_a_socket_and_stops_when_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let service = tokio::spawn(dxa_server::run(listener, async {
        stopped.await.ok();
    }));

    let mut connection = TcpStream::connect(address).await.unwrap();
    connection
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), expected());

    stop.send(()).unwrap();
    service.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[test]
fn it_listens_on_this_machine_only_unless_configured() {
    assert_eq!(dxa_server::DEFAULT_LISTEN.to_string(), "127.0.0.1:8080");
}
