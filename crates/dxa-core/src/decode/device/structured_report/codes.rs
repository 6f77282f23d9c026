//! What the codes of measurements mean: LOINC for DXA, DCM and SNOMED for statistics, and names in words.

use std::collections::BTreeSet;

use super::super::headings::{self, Quantity};
use super::super::vocabulary::{self, Reading, Word};
use super::content::{ContentItem, scheme_name};
use crate::site::Side;

/// What a measurement is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Role {
    /// A quantity of ours.
    Quantity(Quantity),
    /// Known, and none of ours: QCT, ultrasound, TBS, statistics of the population.
    PassedThrough,
    /// Not known.
    Unknown,
}

/// What the concept of a measurement says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Concept {
    pub(super) role: Role,
    /// The bone that a LOINC code names.
    pub(super) class: Option<(Bone, Option<Side>)>,
}

/// Bones as LOINC's DXA codes name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bone {
    LumbarSpine,
    Femur,
    Hip,
    RadiusUlna,
    /// Spine other than lumbar, or any bone: the site must be named elsewhere.
    Unspecified,
    /// Calcaneus and humerus: no site of ours.
    Other,
}

use Bone::{Femur, Hip, LumbarSpine, Other, RadiusUlna, Unspecified};
use Quantity::{Bmd, T, Z};

const LEFT: Option<Side> = Some(Side::Left);
const RIGHT: Option<Side> = Some(Side::Right);

/// LOINC codes of DXA densities and scores.
#[rustfmt::skip]
const LOINC: [(&str, Quantity, Bone, Option<Side>); 42] = [
    ("24966-4", Bmd, LumbarSpine, None), ("38267-1", T, LumbarSpine, None), ("85394-5", Z, LumbarSpine, None),
    ("24701-5", Bmd, Femur, None), ("38263-0", T, Femur, None), ("80934-3", Z, Femur, None),
    ("80954-1", Bmd, Femur, LEFT), ("80948-3", T, Femur, LEFT), ("80940-0", Z, Femur, LEFT),
    ("80953-3", Bmd, Femur, RIGHT), ("80947-5", T, Femur, RIGHT), ("80939-2", Z, Femur, RIGHT),
    ("38261-4", Bmd, Hip, None), ("38264-8", T, Hip, None), ("80933-5", Z, Hip, None),
    ("46278-8", Bmd, Hip, LEFT), ("80946-7", T, Hip, LEFT), ("80938-4", Z, Hip, LEFT),
    ("46279-6", Bmd, Hip, RIGHT), ("80945-9", T, Hip, RIGHT), ("80937-6", Z, Hip, RIGHT),
    ("24890-6", Bmd, RadiusUlna, None), ("38265-5", T, RadiusUlna, None), ("80932-7", Z, RadiusUlna, None),
    ("80952-5", Bmd, RadiusUlna, LEFT), ("80944-2", T, RadiusUlna, LEFT), ("80936-8", Z, RadiusUlna, LEFT),
    ("80951-7", Bmd, RadiusUlna, RIGHT), ("80943-4", T, RadiusUlna, RIGHT), ("80935-0", Z, RadiusUlna, RIGHT),
    ("46383-6", Bmd, Unspecified, None), ("104938-6", T, Unspecified, None),
    ("38262-2", Bmd, Other, None), ("38266-3", T, Other, None), ("80956-6", Bmd, Other, LEFT),
    ("80955-8", Bmd, Other, RIGHT), ("80950-9", T, Other, LEFT), ("80949-1", T, Other, RIGHT),
    ("80942-6", Z, Other, LEFT), ("80941-8", Z, Other, RIGHT), ("85385-3", Bmd, Other, None),
    ("85390-3", T, Other, None),
];

/// More codes of the humerus, which has no site of ours.
const HUMERUS: [&str; 7] = ["85386-1", "85387-9", "85389-5", "85388-7", "85391-1", "85393-7", "85392-9"];

/// Words of quantities that are carried and never scored here.
const CARRIED: [&str; 22] = [
    "tbs",
    "trabecular bone score",
    "bua",
    "broadband ultrasound attenuation",
    "sos",
    "speed of sound",
    "stiffness",
    "stiffness index",
    "qui",
    "quantitative ultrasound",
    "qus",
    "qct",
    "pqct",
    "trabecular bmd",
    "cortical bmd",
    "volumetric",
    "vbmd",
    "骨小梁评分",
    "超声",
    "声速",
    "height",
    "vat",
];

/// Units that no areal quantity has: volumetric density, speed of sound, attenuation.
const CARRIED_UNITS: [&str; 6] = ["mg/cm3", "g/cm3", "m/s", "dB/MHz", "kg/m3", "dB"];

/// Concepts that set the scene and are no statement: procedure, language, observer, finding site, …
const CONTEXT: [(&str, &str); 8] = [
    ("121049", "DCM"),
    ("121058", "DCM"),
    ("121005", "DCM"),
    ("363698007", "SCT"),
    ("G-C0E3", "SRT"),
    ("272741003", "SCT"),
    ("G-C171", "SRT"),
    ("370129005", "SCT"),
];

/// What a measurement's concept, name and unit say it is.
pub(super) fn concept(item: &ContentItem) -> Concept {
    let nothing = |role| Concept { role, class: None };
    let Some(code) = &item.concept else { return nothing(Role::Unknown) };
    let (value, scheme) = (code.value.trim(), scheme_name(&code.scheme));
    match (value, scheme) {
        ("121416" | "113071", "DCM") => return nothing(Role::Quantity(Z)),
        ("42798000", "SCT") | ("G-A166", "SRT") => return nothing(Role::Quantity(Quantity::Area)),
        ("121414", "DCM") | ("373098007", "SCT") | ("R-00317", "SRT") => return nothing(Role::PassedThrough),
        (value, "LN") if HUMERUS.contains(&value) => return nothing(Role::PassedThrough),
        _ => {}
    }
    if let Some((_, quantity, bone, side)) = LOINC.iter().find(|row| row.0 == value && scheme == "LN") {
        let role = if *bone == Other { Role::PassedThrough } else { Role::Quantity(*quantity) };
        return Concept { role, class: Some((*bone, *side)) };
    }
    nothing(role_by_name(&item.name(), item))
}

fn role_by_name(name: &str, item: &ContentItem) -> Role {
    let normal = vocabulary::normalized(name);
    let padded = format!(" {} ", normal.replace(|c: char| !c.is_alphanumeric(), " "));
    let unit = item.numeric.as_ref().and_then(|numeric| numeric.unit.as_ref());
    let carried = CARRIED.iter().any(|words| match words.is_ascii() {
        true => padded.contains(&format!(" {words} ")),
        false => padded.contains(words),
    });
    if carried || unit.is_some_and(|unit| CARRIED_UNITS.contains(&unit.value.trim())) {
        return Role::PassedThrough;
    }
    quantity_named(name).map_or(Role::Unknown, Role::Quantity)
}

/// The quantity that a name says in words; region words beside it are allowed, other words are not.
fn quantity_named(name: &str) -> Option<Quantity> {
    let reading = vocabulary::read(name);
    if !reading.is_whole() {
        return None;
    }
    let mut words: BTreeSet<Word> =
        reading.words.iter().copied().filter(|word| word.is_quantity() || word.is_comparison()).collect();
    // `BMD T-score`: the score of the density.
    if words.contains(&Word::TScore) || words.contains(&Word::ZScore) {
        words.remove(&Word::Bmd);
    }
    if words.contains(&Word::Bmd) {
        // `[Mass/Area] Bone density` spells out what a density is.
        words.remove(&Word::Mass);
        words.remove(&Word::Area);
    }
    if reading.has(Word::Percent) {
        words.insert(Word::Percent);
    }
    headings::quantity(&Reading { words, ..Reading::default() })
}

/// The region words of a text, quantities and units aside.
pub(super) fn region_reading(text: &str) -> Reading {
    let mut reading = vocabulary::read(text);
    let aside =
        |word: Word| word.is_quantity() || word.is_comparison() || word.is_unit() || word == Word::Tissue;
    reading.words.retain(|word| !aside(*word));
    reading
}

/// Whether a CODE item only sets the scene.
pub(super) fn is_context(item: &ContentItem) -> bool {
    item.is_concept(&CONTEXT)
}
