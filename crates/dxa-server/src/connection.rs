//! A connection to a destination, plain or with TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::config::Tls;
use crate::tls;

/// What can be read from and written to.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// How long a connection may take to come about.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connects to `host:port` without Nagle's delay.
pub(crate) async fn open(address: &str, tls: Option<&Tls>) -> io::Result<Box<dyn Duplex>> {
    let connected = async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let Some(settings) = tls else { return Ok(Box::new(stream) as Box<dyn Duplex>) };
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']']);
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let connector = TlsConnector::from(Arc::new(tls::client(settings)?));
        Ok(Box::new(connector.connect(name, stream).await?) as Box<dyn Duplex>)
    };
    timeout(PATIENCE, connected).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// What became of a connection, in words that name nobody.
pub(crate) fn failure(error: &io::Error) -> String {
    format!("no connection: {}", error.kind())
}
