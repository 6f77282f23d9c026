//! As much of S3 as a store needs: put an object, get a range of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};

#[derive(Default)]
struct Held {
    objects: Mutex<BTreeMap<String, Bytes>>,
    refuses: AtomicBool,
}

/// A running bucket.
pub(crate) struct Bucket {
    pub(crate) address: String,
    held: Arc<Held>,
}

impl Bucket {
    pub(crate) async fn start() -> Self {
        let held = Arc::new(Held::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let layer = axum::extract::DefaultBodyLimit::disable();
        let router = Router::new().fallback(answer).layer(layer).with_state(Arc::clone(&held));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, held }
    }

    pub(crate) fn refuse(&self, refuses: bool) {
        self.held.refuses.store(refuses, Ordering::SeqCst);
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.held.objects.lock().unwrap().keys().cloned().collect()
    }

    pub(crate) fn forget(&self) {
        self.held.objects.lock().unwrap().clear();
    }
}

async fn answer(
    State(held): State<Arc<Held>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let answer = Response::builder().header("ETag", "\"1\"");
    let is_signed = headers.get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"AWS4"));
    if held.refuses.load(Ordering::SeqCst) || !is_signed {
        return answer.status(StatusCode::SERVICE_UNAVAILABLE).body(Body::empty()).unwrap();
    }
    let mut objects = held.objects.lock().unwrap();
    if method == Method::PUT {
        objects.insert(uri.path().to_owned(), body);
        return answer.body(Body::empty()).unwrap();
    }
    let Some(object) = objects.get(uri.path()) else {
        return answer.status(StatusCode::NOT_FOUND).body(Body::empty()).unwrap();
    };
    let range = headers.get("range").unwrap().to_str().unwrap().strip_prefix("bytes=").unwrap();
    let (from, to) = range.split_once('-').unwrap();
    let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
    answer
        .status(StatusCode::PARTIAL_CONTENT)
        .header("Content-Range", format!("bytes {from}-{to}/{}", object.len()))
        .header("Last-Modified", "Sun, 29 Nov 2026 10:00:00 GMT")
        .body(Body::from(object.slice(from..=to)))
        .unwrap()
}
