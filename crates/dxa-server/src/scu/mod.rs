//! Associations that we ask for: to archives that take results, commit to them, and have earlier studies.

mod association;

pub(crate) use association::{Association, Proposal, Remote};
