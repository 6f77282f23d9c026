//! `dxa serve`: so far the health check only.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;

use crate::outcome::Outcome;

/// Where to listen.
#[derive(Args)]
pub(crate) struct Options {
    /// Address of the HTTP listener.
    #[arg(long, value_name = "ADDRESS", default_value_t = dxa_server::DEFAULT_LISTEN)]
    listen: SocketAddr,
}

/// Runs the service until it is interrupted.
///
/// # Errors
/// When the address cannot be listened on.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(options.listen)
            .await
            .with_context(|| format!("cannot listen on {}", options.listen))?;
        dxa_server::run(listener, interrupted()).await?;
        Ok(Outcome::Done)
    })
}

async fn interrupted() {
    // Without a signal handler the service simply runs on.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
