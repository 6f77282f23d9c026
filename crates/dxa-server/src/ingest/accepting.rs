//! Connections taken from a socket until told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Time for the messages at hand when stopping.
const GRACE: Duration = Duration::from_secs(3);

/// Serves connections, `most` at the same time, until `stop`; then those that are open may finish, for a moment.
pub(super) async fn accept<F>(
    socket: TcpListener,
    most: usize,
    stop: &CancellationToken,
    serve: impl Fn(TcpStream, SocketAddr) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let tasks = TaskTracker::new();
    let room = Arc::new(Semaphore::new(most));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = socket.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Mostly too many open files; some will be closed soon.
                tracing::warn!(kind = %error.kind(), "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Beyond the limit a connection is closed at once.
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else { continue };
        let served = serve(stream, peer);
        tasks.spawn(async move {
            served.await;
            drop(permit);
        });
    }
    drop(socket);
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!(open = tasks.len(), "connections were cut when stopping");
    }
}
