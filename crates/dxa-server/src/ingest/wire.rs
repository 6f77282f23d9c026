//! PDUs on a connection: framed, bounded, each written in one piece.

use std::io;
use std::time::Duration;

use dicom_ul::pdu::{AbortRQServiceProviderReason, AbortRQSource, Pdu};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::time::timeout;

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    /// The peer went away or aborted.
    #[error("the peer closed the connection")]
    Closed,
    /// The peer was silent too long.
    #[error("the peer was silent too long")]
    Silent,
    /// Bytes that are no PDU, or one that may not come now.
    #[error("{what}")]
    Protocol { what: &'static str, reason: AbortRQServiceProviderReason },
    /// The connection broke.
    #[error("the connection broke ({0})")]
    Io(#[from] io::Error),
}

/// A type and a length: what a PDU begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) kind: u8,
    pub(crate) length: u32,
}

pub(crate) const ASSOCIATE_RQ: u8 = 1;
pub(crate) const P_DATA: u8 = 4;
pub(crate) const ABORT: u8 = 7;

/// Bytes of a PDU that is not P-DATA at most: an association request with 128 contexts of 40 syntaxes each fits.
const CONTROL_BYTES: u32 = 512 << 10;

/// A connection that carries PDUs.
pub(crate) struct Wire<S> {
    stream: BufReader<S>,
    silence: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// `silence` bounds how long one PDU may take to come, and how long the peer may take to read ours.
    pub(crate) fn new(stream: S, silence: Duration) -> Self {
        Self { stream: BufReader::with_capacity(16 << 10, stream), silence }
    }

    pub(crate) fn set_silence(&mut self, silence: Duration) {
        self.silence = silence;
    }

    /// The head of the next PDU.
    pub(crate) async fn head(&mut self) -> Result<Head, WireError> {
        let mut bytes = [0u8; 6];
        self.exact(&mut bytes).await?;
        Ok(Head { kind: bytes[0], length: u32::from_be_bytes([bytes[2], bytes[3], bytes[4], bytes[5]]) })
    }

    /// The rest of a PDU other than P-DATA.
    pub(crate) async fn control(&mut self, head: Head) -> Result<Pdu, WireError> {
        let bad = |what, reason| WireError::Protocol { what, reason };
        if !(ASSOCIATE_RQ..=ABORT).contains(&head.kind) {
            return Err(bad("not a PDU", AbortRQServiceProviderReason::UnrecognizedPdu));
        }
        if head.length > CONTROL_BYTES {
            return Err(bad(
                "a PDU longer than any of its kind",
                AbortRQServiceProviderReason::InvalidPduParameter,
            ));
        }
        let mut bytes = vec![head.kind, 0];
        bytes.extend_from_slice(&head.length.to_be_bytes());
        self.append(&mut bytes, head.length).await?;
        match dicom_ul::pdu::read_pdu(bytes.as_slice(), CONTROL_BYTES, true) {
            Ok(Some(pdu)) => Ok(pdu),
            Ok(None) | Err(_) => {
                Err(bad("a PDU that contradicts itself", AbortRQServiceProviderReason::InvalidPduParameter))
            }
        }
    }

    /// Fills `bytes`.
    pub(crate) async fn exact(&mut self, bytes: &mut [u8]) -> Result<(), WireError> {
        let read =
            timeout(self.silence, self.stream.read_exact(bytes)).await.map_err(|_| WireError::Silent)?;
        read.map(|_| ()).map_err(ended)
    }

    /// Appends `length` bytes to `bytes`, taking memory only as they come.
    pub(crate) async fn append(&mut self, bytes: &mut Vec<u8>, length: u32) -> Result<(), WireError> {
        let wanted = bytes.len() + length as usize;
        let mut limited = (&mut self.stream).take(u64::from(length));
        let read = async {
            while bytes.len() < wanted {
                if bytes.len() == bytes.capacity() {
                    bytes.reserve((wanted - bytes.len()).min(GROWTH));
                }
                if limited.read_buf(bytes).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            Ok(())
        };
        timeout(self.silence, read).await.map_err(|_| WireError::Silent)?.map_err(ended)
    }

    /// Reads `length` bytes and lets go of them.
    pub(crate) async fn skip(&mut self, length: u32) -> Result<(), WireError> {
        let mut limited = (&mut self.stream).take(u64::from(length));
        let mut nowhere = tokio::io::sink();
        let skipped = timeout(self.silence, tokio::io::copy_buf(&mut limited, &mut nowhere));
        if skipped.await.map_err(|_| WireError::Silent)?? < u64::from(length) {
            return Err(WireError::Closed);
        }
        Ok(())
    }

    /// Writes bytes in one piece.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        let written = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        timeout(self.silence, written).await.map_err(|_| WireError::Silent)?.map_err(ended)
    }

    /// Writes a PDU in one piece.
    pub(crate) async fn send(&mut self, pdu: &Pdu) -> Result<(), WireError> {
        let mut bytes = Vec::new();
        dicom_ul::pdu::write_pdu(&mut bytes, pdu).map_err(|error| io::Error::other(error.to_string()))?;
        self.write(&bytes).await
    }

    /// Says that the association ends here.
    pub(crate) async fn abort(&mut self, source: AbortRQSource) {
        // A peer that no longer listens cannot be told.
        let _ = self.send(&Pdu::AbortRQ { source }).await;
        let _ = timeout(Duration::from_millis(200), self.stream.shutdown()).await;
    }

    /// Whether the peer has begun to send something, without taking it.
    pub(crate) async fn waits(&mut self) -> Result<(), WireError> {
        use tokio::io::AsyncBufReadExt as _;
        let filled = timeout(self.silence, self.stream.fill_buf()).await.map_err(|_| WireError::Silent)?;
        if filled.map_err(ended)?.is_empty() { Err(WireError::Closed) } else { Ok(()) }
    }

    /// Waits for the peer to close, for a moment.
    pub(crate) async fn closed(&mut self) {
        let mut nothing = [0u8; 1];
        let _ = timeout(Duration::from_secs(1), self.stream.read(&mut nothing)).await;
        let _ = timeout(Duration::from_millis(200), self.stream.shutdown()).await;
    }
}

/// Memory taken at once for bytes that were announced and have not come.
const GROWTH: usize = 512 << 10;

fn ended(error: io::Error) -> WireError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            WireError::Closed
        }
        _ => WireError::Io(error),
    }
}
