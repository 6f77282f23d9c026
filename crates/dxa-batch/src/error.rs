//! How a batch can fail, by who must act.

use std::io;

/// Why a batch did not come to its end, or was never begun.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// What was asked for makes no sense here; nothing was done.
    #[error("{0}")]
    Refused(String),
    /// There is nothing to do.
    #[error("nothing in the source could be read")]
    Nothing,
    /// It was asked to stop; whoever says so names what it was, and what to do then.
    #[error("was stopped before its end")]
    Stopped,
    /// A disk that is full, a source that broke off.
    #[error("ended before its end ({what}: {error})")]
    Ended {
        /// During what.
        what: &'static str,
        /// What the system said.
        error: io::Error,
    },
}

impl BatchError {
    /// An error of the system during some step.
    pub(crate) fn during(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| {
            if error.kind() == io::ErrorKind::Interrupted {
                Self::Stopped
            } else {
                Self::Ended { what, error }
            }
        }
    }
}
