//! The socket: who may connect, how many at once, with or without TLS, until told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::accepting::accept;
use super::socket::Socket;
use super::{Event, Observer, association};
use crate::config::{Config, Dimse};
use crate::store::Store;

/// The DICOM listener.
pub struct Listener {
    socket: TcpListener,
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
}

/// What all associations share.
pub(super) struct Shared {
    pub(super) config: Dimse,
    pub(super) quiet_seconds: f64,
    pub(super) store: Store,
    pub(super) observer: Observer,
    pub(super) associations: Arc<Semaphore>,
    memory: Arc<Semaphore>,
}

impl Shared {
    /// Room for so many more bytes of an object; `None` when there is none for a while.
    pub(super) async fn memory(&self, bytes: u32) -> Option<OwnedSemaphorePermit> {
        let waiting = Arc::clone(&self.memory).acquire_many_owned(bytes.div_ceil(UNIT));
        tokio::time::timeout(PATIENCE, waiting).await.ok()?.ok()
    }

    pub(super) fn peer_address(&self, ae_title: &str) -> Option<&str> {
        let known = self.config.peers.iter().find(|peer| peer.ae_title.trim() == ae_title)?;
        known.address.as_deref()
    }
}

/// Memory is counted in units of this many bytes.
const UNIT: u32 = 256;
/// How long a sender waits for room before it is told that there is none.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that have not asked for an association yet, or are being refused.
const CONNECTIONS: usize = 4096;

impl Listener {
    /// Listens.
    ///
    /// # Errors
    /// An address that cannot be listened on, certificates that cannot be read.
    pub async fn bind(config: &Config, store: Store, observer: Observer) -> io::Result<Self> {
        let tls = config.dimse.tls.as_ref().map(crate::tls::server).transpose()?;
        let socket = TcpListener::bind(config.dimse.listen).await?;
        let units = usize::try_from(config.dimse.memory_bytes / u64::from(UNIT)).unwrap_or(usize::MAX);
        let shared = Shared {
            associations: Arc::new(Semaphore::new(config.dimse.associations)),
            memory: Arc::new(Semaphore::new(units.clamp(1 << 14, Semaphore::MAX_PERMITS))),
            config: config.dimse.clone(),
            quiet_seconds: config.study.quiet_seconds,
            store,
            observer,
        };
        Ok(Self { socket, shared: Arc::new(shared), tls: tls.map(|tls| TlsAcceptor::from(Arc::new(tls))) })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves until `stop`, then lets the messages at hand finish, for a moment.
    pub async fn run(self, stop: CancellationToken) {
        let Self { socket, shared, tls } = self;
        accept(socket, CONNECTIONS, &stop, |stream, peer| {
            connection(stream, peer, Arc::clone(&shared), tls.clone(), stop.clone())
        })
        .await;
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
    stop: CancellationToken,
) {
    let Ok(socket) = Socket::new(stream) else { return };
    let Some(tls) = tls else { return association::serve(socket, peer.ip(), shared, stop).await };
    let artim = Duration::from_secs(shared.config.artim_seconds);
    match tokio::time::timeout(artim, tls.accept(socket)).await {
        Ok(Ok(stream)) => association::serve(stream, peer.ip(), shared, stop).await,
        Ok(Err(_)) => {
            let reason = "the TLS handshake failed";
            tracing::warn!(peer = %peer.ip(), reason, "a connection is refused");
            (shared.observer)(Event::Rejected { from: peer.ip(), ae_title: String::new(), reason });
        }
        Err(_) => {}
    }
}
