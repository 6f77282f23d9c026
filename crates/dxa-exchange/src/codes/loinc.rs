//! LOINC codes of density and its scores by site and side.
//!
//! LOINC does not define regions of interest: the femur's codes stand for the neck, the hip's for the total hip,
//! those of radius and ulna for the 33 % region.
//! Other regions keep the density code of an unnamed bone and our own codes for scores, so that nobody takes
//! Ward's triangle for the neck.

use dxa_core::site::{ForearmPart, Site};

use super::{Code, Scheme};

/// What is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Density.
    Density,
    /// T-score.
    T,
    /// Z-score.
    Z,
}

struct Row {
    place: &'static str,
    codes: [&'static str; 3],
}

const fn row(place: &'static str, density: &'static str, t: &'static str, z: &'static str) -> Row {
    Row { place, codes: [density, t, z] }
}

const LUMBAR: Row = row("Lumbar spine", "24966-4", "38267-1", "85394-5");
const FEMUR: Row = row("Femur", "24701-5", "38263-0", "80934-3");
const FEMUR_LEFT: Row = row("Femur - left", "80954-1", "80948-3", "80940-0");
const FEMUR_RIGHT: Row = row("Femur - right", "80953-3", "80947-5", "80939-2");
const HIP: Row = row("Hip", "38261-4", "38264-8", "80933-5");
const HIP_LEFT: Row = row("Hip - left", "46278-8", "80946-7", "80938-4");
const HIP_RIGHT: Row = row("Hip - right", "46279-6", "80945-9", "80937-6");
const FOREARM: Row = row("Radius and Ulna", "24890-6", "38265-5", "80932-7");
const FOREARM_LEFT: Row = row("Radius and Ulna - left", "80952-5", "80944-2", "80936-8");
const FOREARM_RIGHT: Row = row("Radius and Ulna - right", "80951-7", "80943-4", "80935-0");
const BONE: Row = row("Bone", "46383-6", "", "");

const ROWS: [&Row; 11] = [
    &LUMBAR,
    &FEMUR,
    &FEMUR_LEFT,
    &FEMUR_RIGHT,
    &HIP,
    &HIP_LEFT,
    &HIP_RIGHT,
    &FOREARM,
    &FOREARM_LEFT,
    &FOREARM_RIGHT,
    &BONE,
];

/// The LOINC code of a quantity at a site; `None` where there is none that says it.
pub(crate) fn loinc(kind: Kind, site: Site, side: Option<&str>) -> Option<Code> {
    let of_side = |whole: &'static Row, left: &'static Row, right: &'static Row| match side {
        Some("L") => left,
        Some("R") => right,
        _ => whole,
    };
    let row = match site {
        Site::Lumbar(_) => &LUMBAR,
        Site::FemoralNeck => of_side(&FEMUR, &FEMUR_LEFT, &FEMUR_RIGHT),
        Site::TotalHip => of_side(&HIP, &HIP_LEFT, &HIP_RIGHT),
        Site::Forearm(_, ForearmPart::OneThird) => of_side(&FOREARM, &FOREARM_LEFT, &FOREARM_RIGHT),
        _ => &BONE,
    };
    let value = row.codes[kind as usize];
    let property = match kind {
        Kind::Density => "[Mass/Area]",
        Kind::T => "[T-score]",
        Kind::Z => "[Z-score]",
    };
    let meaning = format!("DXA {} {property} Bone density", row.place);
    (!value.is_empty()).then(|| Code { scheme: Scheme::Loinc, value: value.into(), meaning: meaning.into() })
}

/// What a LOINC code of this table stands for.
pub(crate) fn kind_of(value: &str) -> Option<Kind> {
    let kinds = [Kind::Density, Kind::T, Kind::Z];
    kinds
        .into_iter()
        .find(|kind| ROWS.iter().any(|row| row.codes[*kind as usize] == value && !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_means_two_things() {
        let mut all: Vec<&str> =
            ROWS.iter().flat_map(|row| row.codes).filter(|code| !code.is_empty()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!((count, all.len()), (31, 31));
        assert_eq!(kind_of("80948-3"), Some(Kind::T));
        assert_eq!(kind_of(""), None);
    }

    #[test]
    fn no_score_of_wards_triangle_passes_for_the_neck() {
        let neck = loinc(Kind::T, Site::FemoralNeck, Some("L")).unwrap();
        assert_eq!(
            (neck.value.as_ref(), neck.meaning.as_ref()),
            ("80948-3", "DXA Femur - left [T-score] Bone density")
        );
        assert_eq!(loinc(Kind::T, Site::Wards, Some("L")), None);
        assert_eq!(loinc(Kind::Density, Site::Wards, Some("L")).unwrap().value, "46383-6");
    }
}
