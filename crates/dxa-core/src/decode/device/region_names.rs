//! Row labels to sites: what a label means in the table it stands in.

use super::vocabulary::{Reading, Word};
use crate::reported::{BodyPart, ReportedAnatomy};
use crate::site::{ForearmBone, ForearmPart, Side, Site};

use Word as W;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// A site of the vocabulary.
    Site(Site, Option<Side>),
    /// `Total` of a spine table: which vertebrae it covers is for the numbers to say.
    SpineTotal,
    /// A part of the body that has composition but no density site.
    Part(BodyPart),
    /// A region of densitometry that has no site: ribs, the ulna alone, a difference of two hips.
    Siteless,
    /// Not understood.
    Unknown,
}

/// What the rows around a label say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Surroundings {
    pub(super) anatomy: Option<ReportedAnatomy>,
    pub(super) side: Option<Side>,
    pub(super) bone: Option<Bone>,
    /// Vertebrae of a lateral scan have no site here.
    pub(super) lateral: bool,
}

/// Bones of the forearm as a section heading names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bone {
    Radius,
    Ulna,
    RadiusUlna,
}

const BODY: [Word; 9] =
    [W::WholeBody, W::LessHead, W::Head, W::Arm, W::Trunk, W::Leg, W::Ribs, W::Android, W::Gynoid];
const HIP: [Word; 6] = [W::Neck, W::Trochanter, W::Intertrochanter, W::Wards, W::Hip, W::Femur];
const FOREARM: [Word; 5] = [W::Radius, W::Ulna, W::Forearm, W::OneThird, W::Ultradistal];
const FRAME: [Word; 6] = [W::Filler, W::Region, W::Bmd, W::Left, W::Right, W::Both];

/// The one anatomy that a label names.
pub(super) fn anatomy_of(reading: &Reading) -> Option<ReportedAnatomy> {
    if reading.has_any(&BODY) {
        return Some(ReportedAnatomy::WholeBody);
    }
    let spine = reading.lumbar.is_some() || reading.has_any(&[W::Spine, W::Lumbar]);
    let found = [
        (spine && !reading.has_any(&[W::Thoracic, W::Lateral]), ReportedAnatomy::Spine),
        (reading.has_any(&HIP), ReportedAnatomy::Hip),
        (reading.has_any(&FOREARM), ReportedAnatomy::Forearm),
    ];
    let mut named = found.into_iter().filter(|(named, _)| *named).map(|(_, anatomy)| anatomy);
    named.next().filter(|_| named.next().is_none())
}

/// The one anatomy that several labels name together; body parts make `L Spine` a part of the whole body.
pub(super) fn common_anatomy<'a>(readings: impl Iterator<Item = &'a Reading>) -> Option<ReportedAnatomy> {
    let mut named: Vec<ReportedAnatomy> = Vec::new();
    for reading in readings {
        let anatomy = match reading.lumbar {
            // A vertebra is a vertebra; the bare word `spine` may be a whole-body row.
            None if reading.has(W::Spine) && reading.has_any(&[W::Left, W::Thoracic]) => None,
            _ => anatomy_of(reading),
        };
        named.extend(anatomy);
    }
    named.sort_unstable();
    named.dedup();
    match named.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// The side that a label names; a mean of two is `Both`.
pub(super) fn side_of(reading: &Reading) -> Option<Side> {
    let sides =
        [(W::Left, Side::Left), (W::Right, Side::Right), (W::Mean, Side::Both), (W::Both, Side::Both)];
    let mut named = sides.into_iter().filter(|(word, _)| reading.has(*word)).map(|(_, side)| side);
    let first = named.next()?;
    named.all(|side| side == first).then_some(first)
}

/// Whether a text names the spine as seen from the side.
pub(super) fn is_lateral_spine(reading: &Reading) -> bool {
    reading.has(W::Lateral) && (reading.lumbar.is_some() || reading.has_any(&[W::Spine, W::Lumbar]))
}

/// The bones that a label names.
pub(super) fn bone_of(reading: &Reading) -> Option<Bone> {
    match (reading.has(W::Radius), reading.has(W::Ulna)) {
        (true, true) => Some(Bone::RadiusUlna),
        (true, false) => Some(Bone::Radius),
        (false, true) => Some(Bone::Ulna),
        (false, false) => None,
    }
}

/// Where a row label points.
pub(super) fn place(reading: &Reading, around: Surroundings) -> Place {
    if !reading.is_whole() || (reading.words.is_empty() && reading.lumbar.is_none()) {
        return Place::Unknown;
    }
    if reading.has(W::Difference) {
        return Place::Siteless;
    }
    if reading.lumbar.is_some() {
        return if around.lateral { Place::Siteless } else { vertebrae(reading) };
    }
    match anatomy_of(reading).filter(|_| !is_body_row(reading, around)).or(around.anatomy) {
        Some(ReportedAnatomy::Spine) if around.lateral => Place::Siteless,
        Some(ReportedAnatomy::Spine) => spine(reading),
        Some(ReportedAnatomy::Hip) => hip(reading, around.side),
        Some(ReportedAnatomy::Forearm) => forearm(reading, around),
        Some(ReportedAnatomy::WholeBody) => body(reading),
        None => Place::Unknown,
    }
}

/// In a whole-body table `L Spine` and `T Spine` are parts of the body.
fn is_body_row(reading: &Reading, around: Surroundings) -> bool {
    around.anatomy == Some(ReportedAnatomy::WholeBody) && reading.lumbar.is_none() && reading.has(W::Spine)
}

fn only(reading: &Reading, words: &[Word]) -> bool {
    reading.words.iter().all(|word| words.contains(word) || FRAME.contains(word))
}

fn unsided(reading: &Reading) -> bool {
    !reading.has_any(&[W::Left, W::Right, W::Both])
}

fn vertebrae(reading: &Reading) -> Place {
    match reading.lumbar {
        Some(set) if only(reading, &[W::Spine, W::Lumbar, W::Total]) && unsided(reading) => {
            Place::Site(Site::Lumbar(set), None)
        }
        _ => Place::Unknown,
    }
}

fn spine(reading: &Reading) -> Place {
    let words = [W::Spine, W::Lumbar, W::Total];
    let plain = only(reading, &words) && reading.has_any(&words) && unsided(reading);
    if plain { Place::SpineTotal } else { Place::Unknown }
}

fn hip(reading: &Reading, side: Option<Side>) -> Place {
    let sites = [
        (W::Neck, Site::FemoralNeck),
        (W::Trochanter, Site::Trochanter),
        (W::Intertrochanter, Site::Intertrochanter),
        (W::Shaft, Site::Intertrochanter),
        (W::Wards, Site::Wards),
        (W::Total, Site::TotalHip),
    ];
    let mut named = sites.into_iter().filter(|(word, _)| reading.has(*word));
    let (Some((word, site)), None) = (named.next(), named.next()) else {
        return if reading.has(W::Mean) { Place::Siteless } else { Place::Unknown };
    };
    if !only(reading, &[word, W::Hip, W::Femur, W::Mean]) {
        return Place::Unknown;
    }
    let printed = reading.has_any(&[W::Left, W::Right, W::Both, W::Mean]);
    match side_of(reading) {
        None if printed => Place::Unknown,
        own => Place::Site(site, own.or(side)),
    }
}

fn forearm(reading: &Reading, around: Surroundings) -> Place {
    let parts = [
        (W::OneThird, ForearmPart::OneThird),
        (W::Mid, ForearmPart::Mid),
        (W::Ultradistal, ForearmPart::Ultradistal),
        (W::Total, ForearmPart::Total),
    ];
    let mut named = parts.into_iter().filter(|(word, _)| reading.has(*word));
    let (Some((word, part)), None) = (named.next(), named.next()) else { return Place::Unknown };
    if !only(reading, &[word, W::Radius, W::Ulna, W::Forearm]) {
        return Place::Unknown;
    }
    // GE names radius and ulna together `Both`.
    let both_bones = reading.has(W::Both).then_some(Bone::RadiusUlna);
    let bone = match bone_of(reading).or(both_bones).or(around.bone) {
        Some(Bone::Radius) => ForearmBone::Radius,
        Some(Bone::RadiusUlna) => ForearmBone::RadiusUlna,
        Some(Bone::Ulna) => return Place::Siteless,
        None => return Place::Unknown,
    };
    let own = match (reading.has(W::Left), reading.has(W::Right)) {
        (true, true) => return Place::Unknown,
        (true, false) => Some(Side::Left),
        (false, true) => Some(Side::Right),
        (false, false) => None,
    };
    Place::Site(Site::Forearm(bone, part), own.or(around.side))
}

fn body(reading: &Reading) -> Place {
    let whole = [W::WholeBody, W::Total, W::Subtotal, W::LessHead];
    if only(reading, &whole) && unsided(reading) && reading.has_any(&whole) {
        let less_head = reading.has_any(&[W::Subtotal, W::LessHead]);
        return Place::Site(if less_head { Site::TotalBodyLessHead } else { Site::TotalBody }, None);
    }
    let parts = [
        (W::Head, BodyPart::Head),
        (W::Trunk, BodyPart::Trunk),
        (W::Pelvis, BodyPart::Pelvis),
        (W::Android, BodyPart::Android),
        (W::Gynoid, BodyPart::Gynoid),
    ];
    if let Some((word, part)) = parts.into_iter().find(|(word, _)| reading.has(*word)) {
        let plain = only(reading, &[word, W::Total]) && unsided(reading);
        return if plain { Place::Part(part) } else { Place::Unknown };
    }
    limb(reading)
}

fn limb(reading: &Reading) -> Place {
    let known = [W::Arm, W::Leg, W::Ribs, W::Spine, W::Lumbar, W::Thoracic, W::Total];
    if !only(reading, &known) || !reading.has_any(&known[..6]) {
        return Place::Unknown;
    }
    match (reading.has(W::Arm), reading.has(W::Leg), side_of(reading)) {
        (true, false, Some(Side::Left)) => Place::Part(BodyPart::LeftArm),
        (true, false, Some(Side::Right)) => Place::Part(BodyPart::RightArm),
        (false, true, Some(Side::Left)) => Place::Part(BodyPart::LeftLeg),
        (false, true, Some(Side::Right)) => Place::Part(BodyPart::RightLeg),
        _ => Place::Siteless,
    }
}

#[cfg(test)]
mod tests {
    use super::super::vocabulary::read;
    use super::*;

    fn named(label: &str, anatomy: ReportedAnatomy) -> String {
        let around = Surroundings { anatomy: Some(anatomy), ..Surroundings::default() };
        match place(&read(label), around) {
            Place::Site(site, side) => {
                format!("{site}{}", side.map_or(String::new(), |side| format!(" {}", side.code())))
            }
            Place::Part(part) => format!("part {}", part.code()),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn labels_name_their_site_in_the_table_they_stand_in() {
        use ReportedAnatomy::{Forearm, Hip, Spine, WholeBody};
        for (label, anatomy, wanted) in [
            ("L1", Spine, "L1"),
            ("Total", Spine, "SpineTotal"),
            ("AP Spine L1-L4", Hip, "L1-L4"),
            ("T12", Spine, "Unknown"),
            ("Neck", Hip, "femoral_neck"),
            ("Neck L", Hip, "femoral_neck L"),
            ("Neck (R)", Hip, "femoral_neck R"),
            ("Left Femoral Neck", Spine, "femoral_neck L"),
            ("Neck mean", Hip, "femoral_neck B"),
            ("Neck Diff.", Hip, "Siteless"),
            ("Upper Neck", Hip, "Unknown"),
            ("Troch", Hip, "trochanter"),
            ("Inter", Hip, "intertrochanter"),
            ("Shaft", Hip, "intertrochanter"),
            ("Ward's", Hip, "wards"),
            ("Ward's △", Hip, "wards"),
            ("Ward’s", Hip, "wards"),
            ("Total", Hip, "total_hip"),
            ("Total Hip L", Spine, "total_hip L"),
            ("总髋", Hip, "total_hip"),
            ("左侧全髋", Spine, "total_hip L"),
            ("大转子", Hip, "trochanter"),
            ("Шейка бедра", Hip, "femoral_neck"),
            ("Большой вертел", Hip, "trochanter"),
            ("Schenkelhals", Hip, "femoral_neck"),
            ("Hip", Hip, "Unknown"),
            ("Radius 33%", Forearm, "radius_33"),
            ("Radius 1/3", Forearm, "radius_33"),
            ("1/3 Radius (L)", Forearm, "radius_33 L"),
            ("R+U MID", Forearm, "radius_ulna_mid"),
            ("Radius + Ulna UD", Forearm, "radius_ulna_ud"),
            ("Both Total", Forearm, "radius_ulna_total"),
            ("Ulna 1/3", Forearm, "Siteless"),
            ("1/3", Forearm, "Unknown"),
            ("Radius", Forearm, "Unknown"),
            ("Total", WholeBody, "total_body"),
            ("Subtotal", WholeBody, "total_body_less_head"),
            ("Total Body Less Head", WholeBody, "total_body_less_head"),
            ("L Spine", WholeBody, "Siteless"),
            ("T Spine", WholeBody, "Siteless"),
            ("L Ribs", WholeBody, "Siteless"),
            ("L Arm", WholeBody, "part left_arm"),
            ("Right Leg", WholeBody, "part right_leg"),
            ("Legs", WholeBody, "Siteless"),
            ("Trunk", WholeBody, "part trunk"),
            ("Android (A)", WholeBody, "part android"),
            ("Gynoid (G)", WholeBody, "part gynoid"),
            ("A/G Ratio", WholeBody, "Unknown"),
            ("Mystery", Hip, "Unknown"),
            ("", Hip, "Unknown"),
        ] {
            assert_eq!(named(label, anatomy), wanted, "{label} in {anatomy:?}");
        }
    }

    #[test]
    fn rows_together_name_their_anatomy() {
        let common = |labels: &[&str]| {
            let readings: Vec<_> = labels.iter().map(|label| read(label)).collect();
            common_anatomy(readings.iter())
        };
        assert_eq!(common(&["L1", "Total"]), Some(ReportedAnatomy::Spine));
        assert_eq!(common(&["L Arm", "L Spine", "T Spine", "Total"]), Some(ReportedAnatomy::WholeBody));
        assert_eq!(common(&["Neck", "Total"]), Some(ReportedAnatomy::Hip));
        assert_eq!(common(&["L1-L4", "Neck"]), None);
        assert_eq!(common(&["Total"]), None);
    }
}
