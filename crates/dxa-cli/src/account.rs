//! `dxa account`: who may log in to the service, and as what.

use std::io::Read;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use dxa_server::audit::{self, Event, Kind};
use dxa_server::auth::{self, NewAccount, Role};
use dxa_server::store::Database;

use crate::outcome::{self, Outcome};

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make an account; the password is read from stdin.
    Add {
        /// Name for logging in.
        name: String,
        /// viewer, technologist, physician, researcher or administrator; more than one is separated by commas.
        #[arg(long, value_name = "ROLES")]
        role: String,
        /// Name shown on reports.
        #[arg(long, value_name = "NAME")]
        display_name: Option<String>,
        /// For a machine, which has tokens instead.
        #[arg(long)]
        no_password: bool,
        #[command(flatten)]
        service: Service,
    },
    /// Give an account another password, read from stdin; its sessions end.
    Password {
        /// Name of the account.
        name: String,
        #[command(flatten)]
        service: Service,
    },
    /// Give an account other roles.
    Role {
        /// Name of the account.
        name: String,
        /// Roles, separated by commas.
        role: String,
        #[command(flatten)]
        service: Service,
    },
    /// Close an account; its sessions and tokens end.
    Close {
        /// Name of the account.
        name: String,
        #[command(flatten)]
        service: Service,
    },
    /// List accounts.
    List {
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

impl Service {
    /// Runs something on the index of the service, whether the service runs or not.
    ///
    /// # Errors
    /// A configuration or store that cannot be used.
    pub(crate) fn run<T>(&self, on: impl AsyncFnOnce(&Database) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let config = dxa_server::config::load(self.config.as_deref(), std::env::vars())?;
        tokio::runtime::Runtime::new()?.block_on(async {
            let database = Database::open(&config.store.database_url()).await;
            let database = database.context("the index of the store cannot be opened")?;
            let done = on(&database).await;
            database.close().await;
            done
        })
    }
}

/// Runs the command.
///
/// # Errors
/// A name that is taken or unknown, a role that is unknown, a password that is too short.
pub(crate) fn run(command: &Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Add { name, role, display_name, no_password, service } => {
            let roles = Role::list(role)?;
            let password = if *no_password { None } else { Some(password()?) };
            let (name, display_name) = (name.clone(), display_name.clone());
            service.run(async move |database| {
                let new = NewAccount { name, display_name, roles, password, subject: None };
                let account = auth::add(database, new).await?;
                record(database, &account.name, "account_added").await
            })?;
        }
        Command::Password { name, service } => {
            let password = password()?;
            service.run(async |database| {
                auth::set_password(database, name, password).await?;
                record(database, name, "password_changed").await
            })?;
        }
        Command::Role { name, role, service } => {
            let roles = Role::list(role)?;
            service.run(async |database| {
                auth::set_roles(database, name, &roles).await?;
                record(database, name, "roles_changed").await
            })?;
        }
        Command::Close { name, service } => service.run(async |database| {
            auth::disable(database, name).await?;
            record(database, name, "account_closed").await
        })?,
        Command::List { service } => {
            let accounts = service.run(async |database| Ok(auth::accounts(database).await?))?;
            let line = |account: &auth::Account| {
                let roles: Vec<&str> = account.roles.iter().map(|role| role.name()).collect();
                let closed = if account.disabled_at.is_some() { " (closed)" } else { "" };
                format!("{}\t{}{closed}\n", account.name, roles.join(","))
            };
            outcome::print(&accounts.iter().map(line).collect::<String>())?;
        }
    }
    Ok(Outcome::Done)
}

/// Writes down what an administrator of this machine did.
pub(crate) async fn record(database: &Database, account: &str, what: &str) -> anyhow::Result<()> {
    let (trail, writer) = audit::start(database.clone());
    let event = Event::new(Kind::SecurityChange, "command line").account(account).detail(what);
    trail.record(event).await?;
    drop(trail);
    Ok(writer.await?)
}

/// The first line of stdin: not an argument, which others on the machine can see.
fn password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(4096)
        .read_to_string(&mut text)
        .context("the password cannot be read from stdin")?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    anyhow::ensure!(!line.is_empty(), "write the password to stdin");
    Ok(line)
}
