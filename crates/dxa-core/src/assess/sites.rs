//! Which measured regions count for diagnosis, and the lowest T among them.

use super::Scored;
use super::vertebrae::{SpineUse, lumbar};
use crate::context::Context;
use crate::site::{ForearmBone, ForearmPart, Side, Site};

/// The 33 % radius.
pub(super) const RADIUS_33: Site = Site::Forearm(ForearmBone::Radius, ForearmPart::OneThird);

/// The places that a rule about T asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Spine,
    TotalHip,
    FemoralNeck,
    Radius33,
}

impl Place {
    fn of(site: Site) -> Option<Self> {
        match site {
            Site::Lumbar(_) => Some(Self::Spine),
            Site::TotalHip => Some(Self::TotalHip),
            Site::FemoralNeck => Some(Self::FemoralNeck),
            site if site == RADIUS_33 => Some(Self::Radius33),
            Site::Trochanter
            | Site::Intertrochanter
            | Site::Wards
            | Site::Forearm(..)
            | Site::TotalBody
            | Site::TotalBodyLessHead => None,
        }
    }
}

/// A value for each place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ByPlace {
    pub(super) spine: Option<f64>,
    pub(super) total_hip: Option<f64>,
    pub(super) femoral_neck: Option<f64>,
    pub(super) radius_33: Option<f64>,
}

impl ByPlace {
    /// The lowest value of each place among these regions.
    pub(super) fn lowest<'a>(
        regions: impl IntoIterator<Item = &'a Scored>,
        value: impl Fn(&Scored) -> Option<f64>,
    ) -> Self {
        let mut lowest = Self::default();
        for scored in regions {
            let (Some(place), Some(value)) = (Place::of(scored.0.site), value(scored)) else { continue };
            let slot = lowest.slot(place);
            *slot = Some(slot.map_or(value, |known| known.min(value)));
        }
        lowest
    }

    fn slot(&mut self, place: Place) -> &mut Option<f64> {
        match place {
            Place::Spine => &mut self.spine,
            Place::TotalHip => &mut self.total_hip,
            Place::FemoralNeck => &mut self.femoral_neck,
            Place::Radius33 => &mut self.radius_33,
        }
    }
}

/// The T that decides for a region.
pub(super) fn t(scored: &Scored) -> Option<f64> {
    scored.1.deciding.as_ref().map(|deciding| deciding.value)
}

/// Regions that count for diagnosis: lumbar spine, total hip, femoral neck of either side, and the 33 %
/// radius where it takes their place; never a mean of two hips.
///
/// # References
/// Rule `sites`.
pub(super) fn counting<'a>(context: &Context, regions: &'a [Scored], spines: &[SpineUse]) -> Vec<&'a Scored> {
    let mut counting: Vec<&Scored> =
        regions.iter().filter(|scored| is_spine(scored, spines) || is_hip(scored)).collect();
    if radius_counts(context, &counting) {
        counting.extend(regions.iter().filter(|(region, _)| region.site == RADIUS_33 && !region.withheld));
    }
    counting
}

/// The set of vertebrae that stands for the spine of its scan. A scan of fewer vertebrae than another of
/// the study does not count beside it.
fn is_spine(scored: &Scored, spines: &[SpineUse]) -> bool {
    let widest = spines.iter().map(|spine| spine.measured.len()).max();
    let of_scan = spines.iter().find(|spine| spine.scan == scored.0.scan);
    let used = of_scan.filter(|spine| Some(spine.measured.len()) == widest).and_then(|spine| spine.used);
    used.is_some() && lumbar(scored) == used
}

fn is_hip((region, _): &Scored) -> bool {
    matches!(region.site, Site::TotalHip | Site::FemoralNeck)
        && region.side != Some(Side::Both)
        && !region.withheld
}

/// The radius counts when spine or hip cannot be used, and in three conditions of the person.
fn radius_counts(context: &Context, counting: &[&Scored]) -> bool {
    let condition = [context.hyperparathyroidism, context.over_table_weight, context.androgen_deprivation];
    let usable = |spine: bool| {
        counting.iter().any(|scored| {
            let has_score = scored.1.deciding.is_some() || !scored.1.scores.is_empty();
            has_score && spine == matches!(scored.0.site, Site::Lumbar(_))
        })
    };
    condition.contains(&Some(true)) || !usable(true) || !usable(false)
}
