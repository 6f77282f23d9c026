//! All parts of the service, started in order and stopped in the opposite one.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

use crate::audit::{self, Event, Kind, Source};
use crate::auth::Provider;
use crate::config::{AuthMode, Config};
use crate::deliver::Couriers;
use crate::http::{self, App};
use crate::ingest::{Hl7Listener, Listener};
use crate::store::{self, Store};
use crate::tls;
use crate::work::{Analyst, Outbox, Runner, Workshop};

/// Why the service does not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The store.
    #[error("the store cannot be opened: {0}")]
    Store(#[from] store::Error),
    /// A listener, or a certificate.
    #[error("{0}: {1}")]
    Listen(&'static str, io::Error),
    /// The audit trail.
    #[error(transparent)]
    Audit(#[from] audit::AuditError),
    /// The identity provider.
    #[error("auth.mode is oidc, and auth.oidc does not say which provider")]
    Provider,
}

/// Runs the service until `stop`; `started` is told where HTTP and DICOM listen.
///
/// # Errors
/// [`ServiceError`].
pub async fn run(
    config: Config,
    analyst: Analyst,
    outbox: Outbox,
    stop: CancellationToken,
    started: impl FnOnce(SocketAddr, SocketAddr),
) -> Result<(), ServiceError> {
    let handle = metrics();
    let web = TcpListener::bind(config.http.listen)
        .map_err(|error| ServiceError::Listen("HTTP cannot be listened on", error))?;
    let store = Store::open(&config).await?;
    let (trail, writer) = audit::start(store.database().clone());
    let listener = Listener::bind(&config, store.clone(), audit::observer(trail.clone()))
        .await
        .map_err(|error| ServiceError::Listen("DICOM cannot be listened on", error))?;
    let records = Hl7Listener::bind(&config.hl7, store.clone(), trail.clone())
        .await
        .map_err(|error| ServiceError::Listen("HL7 cannot be listened on", error))?;
    let provider = provider(&config)?;
    let web_tls = config.http.tls.as_ref().map(tls::server).transpose();
    let web_tls = web_tls.map_err(|error| ServiceError::Listen("http.tls", error))?.map(Arc::new);
    let forwarder = forwarder(&config, &store)?;
    trail.record(Event::new(Kind::Start, "dxa")).await?;

    let shared = Arc::new(config.clone());
    let couriers = Couriers::start(&store, &shared, &stop)?;
    let workshop = Workshop { store: store.clone(), config: shared, analyst, outbox };
    let runner = Runner::start(&workshop, &stop)?;
    let address = |bound: io::Result<SocketAddr>| {
        bound.map_err(|error| ServiceError::Listen("a listener has no address", error))
    };
    started(address(web.local_addr())?, address(listener.address())?);
    let app = App::new(config, store.clone(), trail.clone(), provider, handle);
    let until = stop.clone();
    let served = http::serve(web, web_tls, http::router(app), async move { until.cancelled().await });
    // When HTTP ends by itself, the rest has to stop too.
    let served = async {
        let served = served.await;
        stop.cancel();
        served
    };
    let messages = async {
        if let Some(records) = records {
            records.run(stop.clone()).await;
        }
    };
    let (served, (), ()) = tokio::join!(served, listener.run(stop.clone()), messages);
    runner.ended().await;
    couriers.ended().await;
    trail.record(Event::new(Kind::Stop, "dxa")).await?;
    if let Some(forwarder) = forwarder {
        forwarder.abort();
    }
    drop(trail);
    // The listener's observer holds the trail a moment longer.
    let _ = tokio::time::timeout(std::time::Duration::from_millis(500), writer).await;
    store.close().await;
    served.map_err(|error| ServiceError::Listen("HTTP ended", error))
}

/// Counters are kept once in a process; a second service in it, as in tests, shows none.
fn metrics() -> Option<PrometheusHandle> {
    const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0];
    PrometheusBuilder::new().set_buckets(&SECONDS).ok()?.install_recorder().ok()
}

fn provider(config: &Config) -> Result<Option<Provider>, ServiceError> {
    if config.auth.mode != AuthMode::Oidc {
        return Ok(None);
    }
    let oidc = config.auth.oidc.clone().ok_or(ServiceError::Provider)?;
    Provider::new(oidc).map(Some).map_err(|_| ServiceError::Provider)
}

/// Sends the trail to the repository, where one is configured.
fn forwarder(config: &Config, store: &Store) -> Result<Option<tokio::task::JoinHandle<()>>, ServiceError> {
    let Some(address) = config.audit.syslog.clone() else { return Ok(None) };
    let tls = config.audit.tls.as_ref().map(tls::client).transpose();
    let tls = tls.map_err(|error| ServiceError::Listen("audit.tls", error))?.map(Arc::new);
    let source = Source {
        id: config.audit.source.clone().unwrap_or_else(|| config.dimse.ae_title.clone()),
        host: host_name(),
        process: std::process::id(),
    };
    Ok(Some(tokio::spawn(audit::forward(store.database().clone(), address, tls, source))))
}

fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| "dxa".to_owned(), |name| name.trim().to_owned())
}
