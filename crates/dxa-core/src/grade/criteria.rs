//! Second opinions: two published quantitative definitions of a vertebral fracture, with our own normals.

use super::measures::InSpine;
use crate::patient::Sex;
use crate::reference::vertebrae::VertebralMeasure as M;

/// What the definitions say of one vertebra; `None` where its level has no normals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuantitativeCriteria {
    /// Eastell and Melton: grade 0 to 2.
    pub eastell: Option<u8>,
    /// McCloskey and Kanis: fractured or not.
    pub mccloskey: Option<bool>,
}

impl QuantitativeCriteria {
    /// Both definitions, against the normals of the sex; of both sexes together when it is not known.
    #[must_use]
    pub fn of(vertebra: &InSpine<'_>, sex: Option<Sex>) -> Self {
        Self { eastell: eastell_grade(vertebra, sex), mccloskey: is_mccloskey_fracture(vertebra, sex) }
    }
}

/// Standard deviations below normal from which a ratio is abnormal.
const ABNORMAL: f64 = -3.0;
/// Standard deviations below normal from which Eastell's grade is 2.
const SEVERE: f64 = -4.0;

/// Eastell and Melton's grade: 1 when Ha/Hp, Hm/Hp or Hp against a neighbor's is 3 standard deviations below
/// normal, 2 when it is 4 below.
///
/// # References
/// Eastell R, Cedel SL, Wahner HW, Riggs BL, Melton LJ. Classification of vertebral fractures. J Bone Miner
/// Res 1991;6:207-215; as summarized in docs/grade.md.
#[must_use]
pub fn eastell_grade(vertebra: &InSpine<'_>, sex: Option<Sex>) -> Option<u8> {
    let z = |measure| vertebra.deviation(measure, sex).map(|found| found.z());
    let own = z(M::AnteriorToPosterior)?.min(z(M::MiddleToPosterior)?);
    let neighbors = [M::PosteriorToAbove, M::PosteriorToBelow].into_iter().filter_map(z);
    let lowest = neighbors.fold(own, f64::min);
    Some(if lowest < SEVERE { 2 } else { u8::from(lowest < ABNORMAL) })
}

/// McCloskey and Kanis: a ratio to the own posterior height and one to the predicted posterior height must
/// both be 3 standard deviations below normal.
///
/// Wedge: Ha/Hp and Ha/predicted. Biconcave: Hm/Hp and Hm/predicted. Crush: Hp/predicted and Ha/predicted.
///
/// # References
/// McCloskey EV, Spector TD, Eyres KS, et al. Osteoporos Int 1993;3:138-147 (doi 10.1007/BF01623275); the
/// prediction is ours: docs/grade.md.
#[must_use]
pub fn is_mccloskey_fracture(vertebra: &InSpine<'_>, sex: Option<Sex>) -> Option<bool> {
    let is_low = |measure| vertebra.deviation(measure, sex).map(|found| found.z() < ABNORMAL);
    let anterior = is_low(M::AnteriorToExpected)?;
    let wedge = is_low(M::AnteriorToPosterior)? && anterior;
    let biconcave = is_low(M::MiddleToPosterior)? && is_low(M::MiddleToExpected)?;
    let crush = is_low(M::PosteriorToExpected)? && anterior;
    Some(wedge || biconcave || crush)
}
