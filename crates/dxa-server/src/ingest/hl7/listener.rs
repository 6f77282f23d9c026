//! The socket for HL7 messages: one message in flight a connection, each acknowledged when it is durable.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dxa_exchange::hl7::{Frames, framed};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::super::accepting::accept;
use super::taking::Taker;
use crate::audit::Audit;
use crate::config::Hl7;
use crate::store::Store;

/// The listener for HL7 messages.
pub struct Hl7Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
    config: Arc<Hl7>,
    taker: Taker,
}

/// A handshake, and an answer that is being written, may take this long.
const PATIENCE: Duration = Duration::from_secs(10);

impl Hl7Listener {
    /// Listens, where an address is configured.
    ///
    /// # Errors
    /// An address that cannot be listened on, certificates that cannot be read.
    pub async fn bind(config: &Hl7, store: Store, audit: Audit) -> io::Result<Option<Self>> {
        let Some(address) = config.listen else { return Ok(None) };
        let tls = config.tls.as_ref().map(crate::tls::server).transpose()?;
        let config = Arc::new(config.clone());
        Ok(Some(Self {
            socket: TcpListener::bind(address).await?,
            tls: tls.map(|tls| TlsAcceptor::from(Arc::new(tls))),
            taker: Taker::new(store, audit, Arc::clone(&config)),
            config,
        }))
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
        let Self { socket, tls, config, taker } = self;
        accept(socket, config.connections, &stop, |stream, peer| {
            let (tls, config, taker, stop) = (tls.clone(), Arc::clone(&config), taker.clone(), stop.clone());
            async move {
                if config.peers.is_empty() || config.peers.contains(&peer.ip()) {
                    return connection(stream, tls, &config, &taker, &stop).await;
                }
                tracing::warn!(peer = %peer.ip(), "an HL7 connection is refused: the address is not in hl7.peers");
            }
        })
        .await;
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    config: &Hl7,
    taker: &Taker,
    stop: &CancellationToken,
) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let ended = match tls {
        None => messages(stream, config, taker, stop).await,
        Some(tls) => match timeout(PATIENCE, tls.accept(stream)).await {
            Ok(Ok(stream)) => messages(stream, config, taker, stop).await,
            Ok(Err(_)) | Err(_) => {
                tracing::warn!("an HL7 connection is refused: the TLS handshake failed");
                return;
            }
        },
    };
    if let Err(error) = ended {
        tracing::warn!(kind = %error.kind(), "an HL7 connection broke");
    }
}

/// Takes messages in turn until the other side closes, is silent for too long, or sends no frames.
async fn messages(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    config: &Hl7,
    taker: &Taker,
    stop: &CancellationToken,
) -> io::Result<()> {
    let mut frames = Frames::default();
    let idle = Duration::from_secs(config.idle_seconds.max(1));
    let mut bytes = vec![0u8; 16 << 10];
    loop {
        while let Some(message) = frames.next(config.message_bytes).map_err(io::Error::other)? {
            let answer = taker.take(&message).await;
            let written = async {
                stream.write_all(&framed(&answer)).await?;
                stream.flush().await
            };
            timeout(PATIENCE, written).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        }
        let read = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            read = timeout(idle, stream.read(&mut bytes)) => read,
        };
        let Ok(read) = read else { return Ok(()) };
        let count = read?;
        if count == 0 {
            return Ok(());
        }
        frames.extend(&bytes[..count]);
    }
}
