//! Which level each body is.

use super::body::Judge;
use super::chain::Chain;
use crate::reference::vertebrae::SpineModel;

/// A margin from which the levels need no look.
pub(super) const SURE_FROM: f64 = 3.0;

/// Labels of a chain.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Labels {
    /// Row of the model of the uppermost body; rows beyond the model are no vertebrae that have a name.
    pub(super) first_row: i64,
    pub(super) size: f64,
    pub(super) alternative_shift: i8,
    pub(super) margin: f64,
    pub(super) evidence: Vec<&'static str>,
}

/// Labels the bodies of a chain.
pub(super) fn label(chain: &Chain, _judge: &Judge<'_>, _model: &SpineModel) -> Labels {
    Labels {
        first_row: chain.rows.first().map_or(0, |row| *row as i64),
        size: chain.size,
        alternative_shift: -1,
        margin: 0.0,
        evidence: Vec::new(),
    }
}
