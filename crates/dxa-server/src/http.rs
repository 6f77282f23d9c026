//! All routes in one place.

mod health;

use axum::Router;
use axum::routing::get;

/// The whole HTTP surface as one value; tests call it without a port.
pub fn router() -> Router {
    Router::new().route("/healthz", get(health::healthz))
}
