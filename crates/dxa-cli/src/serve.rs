//! `dxa serve`: the service, until it is interrupted.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use dxa_server::config::Config;
use dxa_server::work::Analyst;
use tokio_util::sync::CancellationToken;

use crate::outcome::{self, Outcome};

/// How to serve.
#[derive(Args)]
pub(crate) struct Options {
    /// Configuration, TOML; `DXA_SECTION__KEY` in the environment overrides a key.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the configuration in force, with secrets masked, and end.
    #[arg(long)]
    print_config: bool,
    /// Analyze one study from standard input to standard output; the service calls this itself.
    #[arg(long, hide = true)]
    analyze_one: bool,
}

/// Runs the service until it is interrupted.
///
/// # Errors
/// A configuration that is refused, a store that cannot be opened, an address that cannot be listened on.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    if options.analyze_one {
        dxa_server::work::serve_one(std::io::stdin().lock(), std::io::stdout().lock())?;
        return Ok(Outcome::Done);
    }
    let config = dxa_server::config::load(options.config.as_deref(), std::env::vars())?;
    if options.print_config {
        outcome::print(&toml::to_string_pretty(&config.in_full())?)?;
        return Ok(Outcome::Done);
    }
    serve(config, |http, dicom| format!("dxa: http://{http} and DICOM on {dicom}"))
}

/// Serves with a configuration until it is interrupted; `banner` is what is said when it listens.
///
/// # Errors
/// A store that cannot be opened, an address that cannot be listened on.
pub(crate) fn serve(
    config: Config,
    banner: impl FnOnce(SocketAddr, SocketAddr) -> String,
) -> anyhow::Result<Outcome> {
    let analyst = Analyst::Child {
        program: std::env::current_exe()?,
        arguments: vec!["serve".to_owned(), "--analyze-one".to_owned()],
        memory_bytes: config.work.memory_bytes,
    };
    let outbox = dxa_server::deliver::outbox(config.deliver.clone());
    tokio::runtime::Runtime::new()?.block_on(async {
        let stop = CancellationToken::new();
        tokio::spawn(interrupted(stop.clone()));
        let started = |http, dicom| {
            // The log has its own level; where the service is must always be seen.
            let _ = writeln!(std::io::stderr(), "{}", banner(http, dicom));
        };
        dxa_server::service::run(config, analyst, outbox, stop, started).await?;
        Ok(Outcome::Done)
    })
}

/// Waits for an interrupt and hands it on.
pub(crate) async fn interrupted(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    stop.cancel();
}
