//! Names the vertebrae: which disc is T12/L1, how surely, and why.

use super::flank::{Crest, Rib};
use crate::outline::Evidence;

/// The iliac crest stands at L4/L5: spread about it, in vertebrae.
const CREST_SPREAD: f64 = 0.4;
/// The same of a crest that the border of the image cuts, when it seems too low.
const CUT_CREST_SPREAD: f64 = 0.9;
/// The lowest rib meets the spine this far above the disc T12/L1, in vertebrae.
const RIB_ABOVE_DISC: f64 = 0.6;
/// Spread about it.
const RIB_SPREAD: f64 = 0.3;
/// No single piece of evidence weighs more than this many squared spreads.
const MOST: f64 = 16.0;
/// What it costs when a landmark should be in view and is not found.
const UNSEEN: f64 = 1.5;
/// Where scans end below L4/L5, and how much that varies, in millimeters.
const END_BELOW_MM: (f64, f64) = (25.0, 22.0);
/// Weight of where the scan ends: a habit of the operator, not anatomy.
const HABIT: f64 = 0.5;
/// A disc between lumbar vertebrae that is less dark than this may be none.
const FAINT_DISC: f32 = 0.06;
/// Vertebrae from where the lowest rib meets the spine to the crest.
const LEVELS_RIB_TO_CREST: f64 = 4.0 + RIB_ABOVE_DISC;
/// More away than this is another number of lumbar vertebrae, or a rib or crest that is none.
const SPAN_SPREAD: f64 = 0.75;
/// By how much the best naming must lead to stand without review.
const LEAD: f64 = 2.5;

/// What the names rest on; places count discs, from 0 at the uppermost found.
#[derive(Clone, Debug, Default)]
pub(super) struct Signs {
    /// Place and find of the iliac crest.
    pub(super) crest: Option<(f64, Crest)>,
    /// Place and find of the lowest rib.
    pub(super) rib: Option<(f64, Rib)>,
    /// Whether the image is wide enough beside the spine to tell a rib from a transverse process.
    pub(super) ribs_evaluable: bool,
    /// Places of the upper and lower border of the image.
    pub(super) view: (f64, f64),
    /// Millimeters from each disc to the lower border.
    pub(super) below_mm: Vec<f64>,
    /// Height of one vertebra with its disc, for places beyond the found discs.
    pub(super) pitch_mm: f64,
    /// The bone ends inside the image above, below: no spine of a living person does.
    pub(super) free_ends: bool,
    /// The form is not quite that of an AP spine.
    pub(super) doubtful: bool,
    /// Darkest place within each vertebra between two discs.
    pub(super) within: Vec<f32>,
    /// Darkness of each disc.
    pub(super) depths: Vec<f32>,
}

impl Signs {
    /// Vertebrae from the lowest rib to the crest: with four or six lumbar vertebrae it is another number.
    fn span(&self) -> Option<f64> {
        Some(self.crest?.0 - self.rib?.0)
    }
}

/// The names.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    /// Place of the disc T12/L1; it may lie outside of what was found.
    pub(super) t12_l1: i32,
    /// Lead over the best alternative less the lead that is asked for.
    pub(super) margin: f64,
    /// The evidence, strongest for this naming against that alternative.
    pub(super) evidence: Vec<Evidence>,
}

impl Naming {
    /// The naming with the best sum of evidence.
    pub(super) fn of(signs: &Signs) -> Self {
        if signs.free_ends {
            return Self {
                t12_l1: 0,
                margin: -LEAD,
                evidence: vec![Evidence { name: "bone_ends_in_view", measured: 1.0, weight: -LEAD }],
            };
        }
        let discs = signs.below_mm.len() as i32;
        let mut ranked: Vec<(i32, f64)> =
            (-4..discs).map(|place| (place, terms(signs, place).iter().map(|term| term.2).sum())).collect();
        ranked.sort_by(|a: &(i32, f64), b| b.1.total_cmp(&a.1));
        let ((best, score), (alternative, other)) = (ranked[0], ranked[1]);
        let mut evidence: Vec<Evidence> = terms(signs, best)
            .into_iter()
            .zip(terms(signs, alternative))
            .map(|(for_best, for_other)| Evidence {
                name: for_best.0,
                measured: for_best.1,
                weight: for_best.2 - for_other.2,
            })
            .collect();
        let shift =
            Evidence { name: "alternative_shift", measured: f64::from(alternative - best), weight: 0.0 };
        evidence.push(shift);
        let mut naming = Self { t12_l1: best, margin: score - other - LEAD, evidence };
        naming.doubt(signs);
        naming
    }
}

impl Naming {
    /// Whatever the evidence for the names: faint discs and an odd form must be looked at.
    fn doubt(&mut self, signs: &Signs) {
        let own = (self.t12_l1..=self.t12_l1 + 4).filter_map(|place| usize::try_from(place).ok());
        let faintest = own.filter_map(|place| signs.depths.get(place)).fold(f32::INFINITY, |a, b| a.min(*b));
        let rival = (self.t12_l1..self.t12_l1 + 4)
            .filter_map(|place| {
                let place = usize::try_from(place).ok()?;
                let bounds = signs.depths.get(place)?.min(*signs.depths.get(place + 1)?);
                Some(signs.within.get(place)? - bounds)
            })
            .fold(f32::NEG_INFINITY, f32::max);
        let discs = signs.depths.len() as i32;
        let named = (0..4).filter(|level| (0..discs - 1).contains(&(self.t12_l1 + level))).count();
        let doubts = [
            (discs >= 5 && named < 3).then_some(("lumbar_vertebrae_named", named as f64)),
            (rival > 0.0).then_some(("darker_within_than_discs", f64::from(rival))),
            (faintest < FAINT_DISC).then_some(("faintest_disc", f64::from(faintest))),
            signs
                .span()
                .filter(|span| (span - LEVELS_RIB_TO_CREST).abs() > SPAN_SPREAD)
                .map(|span| ("rib_to_crest", span)),
            signs.doubtful.then_some(("left_and_right_differ", 1.0)),
        ];
        for (name, measured) in doubts.into_iter().flatten() {
            self.evidence.push(Evidence { name, measured, weight: -LEAD });
            self.margin = self.margin.min(0.0) - LEAD;
        }
    }
}

/// Each piece of evidence for one naming: name, what was measured, its logarithmic weight.
fn terms(signs: &Signs, t12_l1: i32) -> Vec<(&'static str, f64, f64)> {
    let t12_l1 = f64::from(t12_l1);
    vec![crest_term(signs, t12_l1), rib_term(signs, t12_l1), end_term(signs, t12_l1)]
}

fn squared(away: f64, spread: f64) -> f64 {
    -(away / spread).powi(2).min(MOST) / 2.0
}

fn crest_term(signs: &Signs, t12_l1: f64) -> (&'static str, f64, f64) {
    let l4_l5 = t12_l1 + 4.0;
    let weight = match signs.crest {
        Some((place, crest)) => {
            let away = place - l4_l5;
            squared(away, if crest.cut && away > 0.0 { CUT_CREST_SPREAD } else { CREST_SPREAD })
        }
        None if signs.view.1 > l4_l5 + 0.5 => -UNSEEN,
        None => 0.0,
    };
    match signs.crest {
        Some((place, _)) => ("iliac_crest_below_l4_l5", place - l4_l5, weight),
        None => ("iliac_crest_not_seen", 0.0, weight),
    }
}

fn rib_term(signs: &Signs, t12_l1: f64) -> (&'static str, f64, f64) {
    let expected = t12_l1 - RIB_ABOVE_DISC;
    let weight = match signs.rib {
        Some((place, _)) => squared(place - expected, RIB_SPREAD),
        None if signs.ribs_evaluable && signs.view.0 < expected - 0.3 => -UNSEEN,
        None => 0.0,
    };
    match signs.rib {
        Some((place, _)) => ("lowest_rib_below_its_t12_place", place - expected, weight),
        None => ("lowest_rib_not_seen", 0.0, weight),
    }
}

fn end_term(signs: &Signs, t12_l1: f64) -> (&'static str, f64, f64) {
    let l4_l5 = t12_l1 + 4.0;
    let last = signs.below_mm.len() as f64 - 1.0;
    let inside = l4_l5.clamp(0.0, last.max(0.0));
    let known = signs.below_mm.get(inside as usize).copied().unwrap_or(0.0);
    let below = known - (l4_l5 - inside) * signs.pitch_mm;
    ("image_end_below_l4_l5_mm", below, HABIT * squared(below - END_BELOW_MM.0, END_BELOW_MM.1))
}
