//! By which rules and tables scores are made: the options that commands share, and the protocol that comes of them.

use std::path::PathBuf;

use clap::Args;
use dxa_core::protocol::Protocol;
use dxa_core::reference::{Library, Profile};

/// The choice of whoever runs the command.
#[derive(Args)]
pub(crate) struct Scoring {
    /// Rules and reference tables to apply.
    #[arg(long, value_name = "P")]
    profile: Option<String>,
    /// Score every region against this table too, beside the profile's choice; may be given several times.
    #[arg(long = "reference", value_name = "ID")]
    pub(crate) references: Vec<String>,
    /// A folder of the clinic's own tables, beside those of the program.
    #[arg(long, value_name = "DIR")]
    pub(crate) tables: Option<PathBuf>,
}

impl Scoring {
    /// Id of the profile.
    pub(crate) fn profile(&self) -> &str {
        self.profile.as_deref().unwrap_or(Profile::DEFAULT)
    }

    /// Who chose the profile, as results say it.
    pub(crate) fn profile_source(&self) -> &'static str {
        if self.profile.is_some() { "option" } else { "default" }
    }
}

/// A profile, and tables that every region is scored against beside its choice.
///
/// # Errors
/// No such profile or table.
pub(crate) fn protocol<'l>(
    profile: &str,
    references: &[String],
    library: &'l Library,
) -> anyhow::Result<Protocol<'l>> {
    let profile = Profile::named(profile)?;
    let tables = references.iter().map(|id| library.named(id)).collect::<Result<_, _>>()?;
    Ok(Protocol::beside(profile, library, tables))
}
