//! `dxa token`: how machines say who they are.

use anyhow::Context;
use clap::Subcommand;
use dxa_server::auth::{self, Scopes};

use crate::account::{Service, record};
use crate::outcome::{self, Outcome};

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Issue a token of an account and print it, once.
    Add {
        /// Account whose roles bound what the token may do.
        account: String,
        /// What it is for.
        #[arg(long, default_value = "")]
        name: String,
        /// read, read-deidentified, store, correct, sign, operate, or SMART scopes such as system/Observation.rs;
        /// separated by spaces.
        #[arg(long, value_name = "SCOPES")]
        scope: String,
        /// Days until it ends.
        #[arg(long)]
        days: Option<u32>,
        #[command(flatten)]
        service: Service,
    },
    /// End a token.
    Revoke {
        /// Its id, as listed.
        id: String,
        #[command(flatten)]
        service: Service,
    },
    /// List tokens.
    List {
        #[command(flatten)]
        service: Service,
    },
}

/// Runs the command.
///
/// # Errors
/// An unknown account, scope or token.
pub(crate) fn run(command: &Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Add { account, name, scope, days, service } => {
            let scopes = Scopes::read(scope).context("--scope")?;
            let new = service.run(async |database| {
                let new = auth::issue(database, account, name, scopes.clone(), *days).await?;
                record(database, account, "token_issued").await?;
                Ok(new)
            })?;
            outcome::print(&format!("{}\n", new.token))?;
        }
        Command::Revoke { id, service } => service.run(async |database| {
            auth::revoke(database, id).await?;
            record(database, "token", "token_revoked").await
        })?,
        Command::List { service } => {
            let tokens = service.run(async |database| Ok(auth::tokens(database).await?))?;
            let line = |token: &auth::TokenRow| {
                let ended = if token.revoked_at.is_some() { "revoked" } else { "" };
                format!("{}\t{}\t{}\t{}\t{ended}\n", token.id, token.account, token.name, token.scopes)
            };
            outcome::print(&tokens.iter().map(line).collect::<String>())?;
        }
    }
    Ok(Outcome::Done)
}
