//! What the handlers share.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use dxa_exchange::record::Study;
use dxa_report::Printer;
use metrics_exporter_prometheus::PrometheusHandle;

use super::limit::Limiter;
use super::problem::{Code, Problem};
use super::results::Results;
use crate::audit::{Audit, Event};
use crate::auth::Provider;
use crate::config::{AuthMode, Config};
use crate::store::Store;

/// The service as its handlers see it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    config: Config,
    store: Store,
    audit: Audit,
    provider: Option<Provider>,
    metrics: Option<PrometheusHandle>,
    limiter: Limiter,
    results: Results,
    printer: OnceLock<Result<Printer, String>>,
    started: Instant,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        config: Config,
        store: Store,
        audit: Audit,
        provider: Option<Provider>,
        metrics: Option<PrometheusHandle>,
    ) -> Self {
        let limiter = Limiter::new(config.http.requests_per_second);
        let started = Instant::now();
        let (results, printer) = (Results::none(), OnceLock::new());
        let shared = Shared { config, store, audit, provider, metrics, limiter, results, printer, started };
        Self(Arc::new(shared))
    }

    /// The configuration in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// A version of the result of a study.
    ///
    /// # Errors
    /// 404 without it; 500 for one that cannot be read.
    pub(super) async fn result(&self, study: &str, version: i64) -> Result<Arc<Study>, Problem> {
        self.0.results.read(self.store(), study, version).await
    }

    /// Who prints reports, or why nobody can. Fonts are looked for when the first report is asked for.
    pub(super) fn printer(&self) -> &Result<Printer, String> {
        let layout = || self.config().report.layout.clone();
        self.0.printer.get_or_init(|| Printer::new(layout()).map_err(|error| error.to_string()))
    }

    /// Whether nobody has to log in.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.config.auth.mode == AuthMode::None
    }

    pub(super) fn provider(&self) -> Option<&Provider> {
        self.0.provider.as_ref()
    }

    pub(super) fn metrics(&self) -> Option<&PrometheusHandle> {
        self.0.metrics.as_ref()
    }

    pub(super) fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    pub(super) fn started(&self) -> Instant {
        self.0.started
    }

    pub(super) fn audit_works(&self) -> bool {
        self.0.audit.works()
    }

    /// Writes an event down.
    ///
    /// # Errors
    /// 503 when it cannot be written down: what is not audited does not happen.
    pub(super) async fn record(&self, event: Event) -> Result<(), Problem> {
        let recorded = self.0.audit.record(event).await;
        recorded.map_err(|error| Problem::new(Code::Unavailable, error.to_string()))
    }
}
