//! Is the process alive?

use axum::Json;
use serde_json::{Value, json};

/// `GET /healthz`: 200 as long as requests are answered at all.
pub(super) async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}
