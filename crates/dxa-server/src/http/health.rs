//! Is the process alive, can it do its work, and how much did it do?

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::problem::{Code, Problem};

/// The process answers.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
    /// Version of the program.
    version: &'static str,
}

/// Is the process alive?
///
/// 200 as long as requests are answered at all.
#[utoipa::path(get, path = "/healthz", tag = "operations", security(()), responses((status = 200, body = Health)))]
pub(super) async fn healthz() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Can it do its work?
///
/// 200 when objects can be taken and results read, 503 with the reason otherwise.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()),
    responses((status = 200, body = Health), (status = 503, body = super::openapi::ProblemBody)))]
pub(super) async fn readyz(State(app): State<App>) -> Result<Json<Health>, Problem> {
    if !app.store().is_ready() {
        return Err(Problem::new(Code::Unavailable, "the store takes nothing more for now"));
    }
    if !app.audit_works() {
        return Err(Problem::new(Code::Unavailable, "the audit trail cannot be written"));
    }
    sqlx::query("SELECT 1")
        .execute(app.store().database().read())
        .await
        .map_err(crate::store::Error::from)?;
    Ok(Json(Health { status: "ready", version: env!("CARGO_PKG_VERSION") }))
}

/// How much did it do?
///
/// Counters and times in the text format of Prometheus; no label comes from patients or clients.
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, content_type = "text/plain", body = String)))]
pub(super) async fn metrics(State(app): State<App>) -> Response {
    let Some(handle) = app.metrics() else {
        return Problem::new(Code::NotImplemented, "metrics are not recorded in this process")
            .into_response();
    };
    metrics::gauge!("dxa_uptime_seconds").set(app.started().elapsed().as_secs_f64());
    handle.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render()).into_response()
}
