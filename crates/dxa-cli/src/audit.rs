//! `dxa audit`: is the audit trail what was written?

use clap::Subcommand;
use dxa_server::audit;

use crate::account::Service;
use crate::outcome::{self, Outcome};

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Follow the chain of entries from the first to the last.
    Verify {
        #[command(flatten)]
        service: Service,
    },
}

/// Runs the command.
///
/// # Errors
/// A store that cannot be used.
pub(crate) fn run(command: &Command) -> anyhow::Result<Outcome> {
    let Command::Verify { service } = command;
    match service.run(async |database| Ok(audit::verify(database).await?))? {
        Ok((entries, last)) => {
            outcome::print(&format!("{entries} entries, the chain holds; the last is {last}\n"))?;
            Ok(Outcome::Done)
        }
        Err(broken) => {
            outcome::complain(&broken.into());
            Ok(Outcome::NothingRead)
        }
    }
}
