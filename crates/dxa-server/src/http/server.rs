//! The listener: plain or TLS, with limits on what a connection may take.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;

/// The head of a request must be here by then.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a head.
const HEAD_BYTES: usize = 64 << 10;
/// Open requests get this long when the service stops.
const GRACE: Duration = Duration::from_secs(4);

/// Serves until `shutdown` ends, then lets open requests finish for a moment.
///
/// # Errors
/// When the listener fails.
pub async fn serve<F>(
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    router: Router,
    shutdown: F,
) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    listener.set_nonblocking(true)?;
    let handle = Handle::<SocketAddr>::new();
    let stop = handle.clone();
    tokio::spawn(async move {
        shutdown.await;
        stop.graceful_shutdown(Some(GRACE));
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    match tls {
        Some(config) => {
            let mut server = axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(config))?;
            limit(server.http_builder());
            server.handle(handle).serve(service).await
        }
        None => {
            let mut server = axum_server::from_tcp(listener)?;
            limit(server.http_builder());
            server.handle(handle).serve(service).await
        }
    }
}

fn limit(builder: &mut hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(HEAD_PATIENCE))
        .max_concurrent_streams(Some(64));
}
