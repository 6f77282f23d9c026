//! `dxa store`: copies of the store, and whether all of it is as it came.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use dxa_server::config::Config;
use dxa_server::store::{Store, backup, restore};

use crate::outcome::{self, Outcome};

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Copy the store to a folder while the service runs; run again, it copies what is new.
    Backup {
        /// Where to.
        folder: PathBuf,
        #[command(flatten)]
        service: Service,
    },
    /// Put a copy in the place of a store that is empty.
    Restore {
        /// Where from.
        folder: PathBuf,
        #[command(flatten)]
        service: Service,
    },
    /// Read every object and compare it with its digest; the service must not run.
    Check {
        #[command(flatten)]
        service: Service,
    },
}

/// Which service.
#[derive(Args)]
pub(crate) struct Service {
    /// Its configuration.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A configuration, store or folder that cannot be used.
pub(crate) fn run(command: &Command) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Runtime::new()?;
    match command {
        Command::Backup { folder, service } => {
            let copied = runtime.block_on(backup(&service.config()?, folder))?;
            outcome::print(&format!(
                "{} segments and the index are in {}\n",
                copied.segments,
                folder.display()
            ))?;
            Ok(Outcome::Done)
        }
        Command::Restore { folder, service } => {
            let config = service.config()?;
            let copied = restore(&config, folder)?;
            let data = config.store.data.display();
            outcome::print(&format!("{} segments and the index are in {data}\n", copied.segments))?;
            Ok(Outcome::Done)
        }
        Command::Check { service } => runtime.block_on(check(&service.config()?)),
    }
}

impl Service {
    fn config(&self) -> anyhow::Result<Config> {
        Ok(dxa_server::config::load(self.config.as_deref(), std::env::vars())?)
    }
}

async fn check(config: &Config) -> anyhow::Result<Outcome> {
    let store = Store::open(config).await.context("the store cannot be opened")?;
    let checked = store.check().await?;
    store.close().await;
    outcome::print(&format!(
        "{} objects are as they came, {} are damaged\n",
        checked.sound, checked.damaged
    ))?;
    Ok(if checked.damaged == 0 { Outcome::Done } else { Outcome::NothingRead })
}
