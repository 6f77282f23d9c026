//! The listener on a real port: slow and idle clients hold up nobody.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod certificates;
mod web;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dxa_server::config::Tls;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use web::Service;

async fn listening(service: &Service) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let router = service.router.clone();
    let task = tokio::spawn(async move {
        dxa_server::http::serve(listener, None, router, async { _ = stopped.await }).await.unwrap();
    });
    (address, stop, task)
}

async fn said(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn health(address: SocketAddr) -> Duration {
    let start = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let answer = said(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_and_slow_sockets_hold_up_nobody_and_are_closed() {
    let service = Service::open().await;
    let (address, stop, task) = listening(&service).await;
    let mut slow = Vec::new();
    for _ in 0..150 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: lo").await.unwrap();
        slow.push(stream);
    }
    for _ in 0..150 {
        slow.push(TcpStream::connect(address).await.unwrap());
    }
    let mut times = Vec::new();
    for _ in 0..50 {
        times.push(health(address).await);
    }
    times.sort_unstable();
    assert!(times[49] < Duration::from_millis(500), "{times:?}");
    let closed = tokio::time::timeout(Duration::from_secs(20), said(&mut slow[0])).await;
    assert!(closed.is_ok(), "a head that never ends keeps its connection");
    drop(stop);
    tokio::time::timeout(Duration::from_secs(5), task).await.expect("it stops in time").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn lengths_that_nobody_sends_cost_nothing() {
    let service = Service::open().await;
    let (address, _stop, _task) = listening(&service).await;
    let kind = "Content-Type: multipart/related; type=\"application/dicom\"; boundary=b\r\n";
    for (body, status) in [
        (format!("{kind}Content-Length: 1099511627776\r\n\r\n"), "413"),
        (format!("{kind}Content-Length: 5\r\n\r\n--b--"), "400"),
        (format!("{kind}Transfer-Encoding: chunked\r\n\r\n4\r\n--b\r\n0\r\n\r\n"), "400"),
        (format!("{kind}Content-Length: -1\r\n\r\n"), "400"),
        (format!("{kind}Content-Length: 5\r\nContent-Length: 6\r\n\r\n--b--"), "400"),
        (format!("{kind}X: {}\r\n\r\n", "x".repeat(100_000)), "431"),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = "POST /dicom-web/studies HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        let answer = tokio::time::timeout(Duration::from_secs(5), said(&mut stream)).await.unwrap();
        let shown = answer.lines().next().unwrap_or_default().to_owned();
        assert!(shown.contains(status), "{status}: {shown} for {}", &body[..body.len().min(120)]);
    }
    health(address).await;
}

/// One byte now and then is no body: a store request and a small one both end, and cost nobody else anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_drips_is_given_up() {
    let service = Service::open().await;
    let (address, _stop, _task) = listening(&service).await;
    let heads = [
        "POST /dicom-web/studies HTTP/1.1\r\nContent-Type: application/dicom\r\n",
        "POST /api/v1/patients/x/context HTTP/1.1\r\nContent-Type: application/json\r\n",
    ];
    let drips = heads.map(|head| {
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let more = "Host: localhost\r\nContent-Length: 1000\r\n\r\n";
            stream.write_all(format!("{head}{more}").as_bytes()).await.unwrap();
            let (mut read, mut write) = stream.split();
            let drip = async {
                while write.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            };
            let answer = async {
                let mut bytes = [0; 256];
                let count = read.read(&mut bytes).await.unwrap();
                String::from_utf8_lossy(&bytes[..count]).into_owned()
            };
            tokio::select! {
                () = drip => String::new(),
                answer = answer => answer,
            }
        })
    });
    for drip in drips {
        let answer = tokio::time::timeout(Duration::from_secs(40), drip).await.expect("it ends").unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    health(address).await;
}

/// Over TLS the same routes answer; without it nobody does.
#[tokio::test(flavor = "multi_thread")]
async fn https_is_answered_and_plain_requests_are_not() {
    let service = Service::open().await;
    let authority = certificates::Authority::new("https");
    let (certificate, key) = authority.issue("localhost", 30);
    let tls = Tls { certificate: Some(certificate), key: Some(key), ..Tls::default() };
    let config = Arc::new(dxa_server::tls::server(&tls).unwrap());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let router = service.router.clone();
    let task = tokio::spawn(async move {
        let until = async { _ = stopped.await };
        dxa_server::http::serve(listener, Some(config), router, until).await.unwrap();
    });
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let client = Tls { server_ca: Some(authority.certificate()), ..Tls::default() };
    let client = Arc::new(dxa_server::tls::client(&client).unwrap());
    let connect = async |config: Arc<rustls::ClientConfig>| {
        let stream = TcpStream::connect(address).await.unwrap();
        tokio_rustls::TlsConnector::from(config).connect("localhost".try_into().unwrap(), stream).await
    };
    let mut secured = connect(client).await.unwrap();
    secured.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = secured.read_to_end(&mut answer).await;
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", String::from_utf8_lossy(&answer));

    let stranger = certificates::Authority::new("https-stranger");
    let other = Tls { server_ca: Some(stranger.certificate()), ..Tls::default() };
    assert!(connect(Arc::new(dxa_server::tls::client(&other).unwrap())).await.is_err());
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(request.as_bytes()).await.unwrap();
    assert!(!said(&mut plain).await.starts_with("HTTP/1.1 2"));
    drop(stop);
    tokio::time::timeout(Duration::from_secs(6), task).await.expect("it stops in time").unwrap();
}
