//! The service around the analysis: receives, keeps, analyzes, hands on, and answers.

pub mod config;
pub mod http;
pub mod ingest;
pub mod store;
pub mod tls;
pub mod work;

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

pub use http::router;

/// Where HTTP listens unless configured: this machine only.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Serves until `shutdown` ends, then lets open requests finish.
///
/// # Errors
/// When the listener fails.
pub async fn run<F>(listener: TcpListener, shutdown: F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    axum::serve(listener, router()).with_graceful_shutdown(shutdown).await
}
