//! A service of its own for each test, in a folder of its own, without a port.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use dxa_server::audit::{self, Audit};
use dxa_server::auth::{self, NewAccount, Permissions, Provider, Role};
use dxa_server::config::{AuthMode, Config};
use dxa_server::deliver;
use dxa_server::http::App;
use dxa_server::store::Store;
use dxa_server::work::{Analyst, Runner, Workshop};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// A running service.
pub(crate) struct Service {
    /// Its routes.
    pub router: Router,
    /// Its store.
    pub store: Store,
    /// Its audit trail.
    pub audit: Audit,
    /// Its parts.
    pub app: App,
    stop: CancellationToken,
    folder: PathBuf,
}

/// An answer, read.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The code of a problem.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{}", self.text());
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        body["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Service {
    /// A service where nobody logs in.
    pub(crate) async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// A service where everybody logs in.
    pub(crate) async fn with_accounts() -> Self {
        Self::with(|config| config.auth.mode = AuthMode::Accounts).await
    }

    /// A service with a configuration.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::with_provider(change, None).await
    }

    /// A service with an identity provider.
    pub(crate) async fn with_provider(change: impl FnOnce(&mut Config), provider: Option<Provider>) -> Self {
        let mut bytes = [0u8; 8];
        getrandom::fill(&mut bytes).unwrap();
        let folder = std::env::temp_dir().join(format!("dxa-http-{:016x}", u64::from_le_bytes(bytes)));
        let mut config = Config::default();
        config.store.data.clone_from(&folder);
        config.store.segment_bytes = 4 << 20;
        config.store.prepared_segments = 0;
        config.store.reserve_bytes = 0;
        config.study.quiet_seconds = 0.0;
        change(&mut config);
        let store = Store::open(&config).await.unwrap();
        let (audit, _) = audit::start(store.database().clone());
        let app = App::new(config, store.clone(), audit.clone(), provider, None);
        let stop = CancellationToken::new();
        Self { router: dxa_server::router(app.clone()), store, audit, app, stop, folder }
    }

    /// The same, with workers that analyze.
    pub(crate) fn working(self) -> Self {
        let workshop = Workshop {
            store: self.store.clone(),
            config: Arc::new(self.app.config().clone()),
            analyst: Analyst::Thread,
            outbox: deliver::outbox(self.app.config().deliver.clone()),
        };
        Runner::start(&workshop, &self.stop).unwrap();
        self
    }

    /// Stores a file of test-scans and waits for its result; gives the study's UID.
    pub(crate) async fn analyzed(&self, scan: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans").join(scan);
        self.analyzed_object(std::fs::read(path).unwrap()).await
    }

    /// The same for an object.
    pub(crate) async fn analyzed_object(&self, object: Vec<u8>) -> String {
        let stored = self.stow(&[object]).await;
        assert_eq!(stored.status, StatusCode::OK, "{}", stored.text());
        let url = stored.json()["00081190"]["Value"][0].as_str().unwrap().to_owned();
        let uid = url.rsplit('/').next().unwrap().to_owned();
        for _ in 0..600 {
            let answer = self.get(&format!("/api/v1/studies/{uid}")).await;
            if answer.status == StatusCode::OK {
                return uid;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the study is not analyzed");
    }

    /// Where everything of it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Sends a request.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 64 << 20).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Stores objects in one request.
    pub(crate) async fn stow(&self, objects: &[Vec<u8>]) -> Answer {
        self.ask(stow("/dicom-web/studies", objects)).await
    }

    /// An account of a role and a token that may do what the role may.
    pub(crate) async fn token(&self, role: Role) -> String {
        let database = self.store.database();
        let new = NewAccount {
            name: role.name().to_owned(),
            display_name: None,
            roles: vec![role],
            password: Some(PASSWORD.to_owned()),
            subject: None,
        };
        auth::add(database, new).await.unwrap();
        auth::issue(database, role.name(), "test", Permissions::all(), None).await.unwrap().token
    }
}

/// The password of all test accounts.
pub(crate) const PASSWORD: &str = "correct horse battery";

impl Drop for Service {
    fn drop(&mut self) {
        self.stop.cancel();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A request that stores objects.
pub(crate) fn stow(path: &str, objects: &[Vec<u8>]) -> Request<Body> {
    let mut body = Vec::new();
    for object in objects {
        body.extend_from_slice(b"--XX\r\nContent-Type: application/dicom\r\n\r\n");
        body.extend_from_slice(object);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--XX--\r\n");
    Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/related; type=\"application/dicom\"; boundary=XX")
        .body(Body::from(body))
        .unwrap()
}
