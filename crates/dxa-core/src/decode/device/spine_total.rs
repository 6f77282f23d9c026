//! Which vertebrae a row named only `Total` covers: the set whose ΣBMC and Σarea it repeats.

use super::assembly::Values;
use super::headings::Quantity;
use super::numbers::Measure;
use crate::site::{Lumbar, LumbarSet};

/// Farthest that a printed total BMD may lie from ΣBMC / Σarea, in g/cm², where it has no sums of its own.
const BMD_TOLERANCE: f64 = 0.001;

/// The one set of the given vertebrae that reproduces the total; `None` when none or several do.
pub(super) fn covered(total: &Values, vertebrae: &[(Lumbar, Values)]) -> Option<LumbarSet> {
    let mut sets = LumbarSet::all().into_iter().filter(|set| reproduces(*set, total, vertebrae));
    let set = sets.next()?;
    sets.next().is_none().then_some(set)
}

fn reproduces(set: LumbarSet, total: &Values, vertebrae: &[(Lumbar, Values)]) -> bool {
    let (Some(bmc), Some(area)) = (sum(set, Quantity::Bmc, vertebrae), sum(set, Quantity::Area, vertebrae))
    else {
        return false;
    };
    let close = |sum: Measure, printed: &Measure| {
        (sum.value - printed.value).abs() <= sum.half_unit + printed.half_unit + 1e-9
    };
    match (total.get(&Quantity::Bmc), total.get(&Quantity::Area), total.get(&Quantity::Bmd)) {
        (Some(printed_bmc), Some(printed_area), _) => close(bmc, printed_bmc) && close(area, printed_area),
        (None, None, Some(bmd)) if area.value > 0.0 => {
            (bmc.value / area.value - bmd.value).abs() <= BMD_TOLERANCE.max(bmd.half_unit)
        }
        _ => false,
    }
}

fn sum(set: LumbarSet, quantity: Quantity, vertebrae: &[(Lumbar, Values)]) -> Option<Measure> {
    let mut sum = Measure { value: 0.0, half_unit: 0.0 };
    for member in set.iter() {
        let (_, values) = vertebrae.iter().find(|(vertebra, _)| *vertebra == member)?;
        let part = values.get(&quantity)?;
        sum.value += part.value;
        sum.half_unit += part.half_unit;
    }
    Some(sum)
}
