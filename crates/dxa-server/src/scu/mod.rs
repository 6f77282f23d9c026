//! Associations that we ask for: to archives that take results, commit to them, and have earlier studies.

mod association;
mod query;

pub(crate) use association::{Association, Proposal, Remote};
pub(crate) use query::{FoundStudy, QUERY_AND_MOVE, find_studies, move_study};
