//! Which site a measurement is about: finding sites, tracking identifiers, titles and names, nearest first.

use super::super::reference_line;
use super::super::region_names::{self, Place, Surroundings};
use super::super::vocabulary::{Reading, Word};
use super::codes::{Bone, region_reading};
use super::content::{Code, ContentItem, scheme_name};
use crate::reported::{BodyPart, ReportedAnatomy};
use crate::site::{ForearmBone, Lumbar, LumbarSet, Side, Site};

/// What a measurement is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    Site(Site),
    Part(BodyPart),
    Siteless,
}

/// A site with its side, as it was worked out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Resolved {
    pub(super) target: Target,
    pub(super) side: Option<Side>,
    /// Only the bone was named, and the convention of the codes gave the region.
    pub(super) by_convention: bool,
}

/// What one item of the tree says about the site.
#[derive(Clone, Debug, Default)]
struct Level {
    exact: Vec<Target>,
    vertebrae: Vec<Lumbar>,
    sides: Vec<Side>,
    /// The region that a broad name stands for, and whether that is only convention.
    broad: Option<(Target, bool)>,
    anatomy: Option<ReportedAnatomy>,
    bone: Option<region_names::Bone>,
    lateral: bool,
    reference: Reference,
}

/// The population as items beside or below a measurement describe it.
#[derive(Clone, Debug, Default)]
struct Reference {
    description: Option<String>,
    authority: Option<String>,
}

/// What all items from the root to a measurement say, the root first.
#[derive(Clone, Debug, Default)]
pub(super) struct Naming {
    levels: Vec<Level>,
}

const FINDING_SITE: [(&str, &str); 2] = [("363698007", "SCT"), ("G-C0E3", "SRT")];
const LATERALITY: [(&str, &str); 2] = [("272741003", "SCT"), ("G-C171", "SRT")];
const TRACKING_IDENTIFIER: [(&str, &str); 1] = [("112039", "DCM")];
const DESCRIPTION: [(&str, &str); 2] = [("121405", "DCM"), ("121407", "DCM")];
const AUTHORITY: [(&str, &str); 2] = [("121406", "DCM"), ("121408", "DCM")];

/// Vertebrae by SNOMED CT and by the older SNOMED RT code.
const VERTEBRAE: [(&str, &str, Lumbar); 4] = [
    ("66794005", "T-11910", Lumbar::L1),
    ("14293000", "T-11920", Lumbar::L2),
    ("36470004", "T-11930", Lumbar::L3),
    ("11994002", "T-11940", Lumbar::L4),
];

impl Naming {
    /// The same, with what this item says added.
    pub(super) fn inside(&self, item: &ContentItem) -> Self {
        let anatomy = self.levels.iter().rev().find_map(|level| level.anatomy);
        let bone = self.levels.iter().rev().find_map(|level| level.bone);
        let mut levels = self.levels.clone();
        let lateral = self.lateral();
        levels.push(Level::of(item, Surroundings { anatomy, side: None, bone, lateral }));
        Self { levels }
    }

    /// Whether anything around says that the spine was scanned from the side.
    fn lateral(&self) -> bool {
        self.levels.iter().any(|level| level.lateral)
    }

    /// The one site that is named; `None` when there is none or names contradict each other.
    pub(super) fn resolve(&self, class: Option<(Bone, Option<Side>)>) -> Option<Resolved> {
        let (bone, coded_side) = class.map_or((None, None), |(bone, side)| (Some(bone), side));
        let side = self.side(coded_side)?;
        let exact = self.levels.iter().rev().map(Level::named).find(|named| *named != Named::Nothing);
        let broad = || self.levels.iter().rev().find_map(|level| level.broad);
        let (target, by_convention) = match exact {
            Some(Named::One(target)) => (target, false),
            Some(Named::Contradiction) => return None,
            Some(Named::Nothing) | None => broad().or_else(|| convention(bone?))?,
        };
        if bone.is_some_and(|bone| !fits(bone, target)) {
            return None;
        }
        let target = match target {
            Target::Site(Site::Lumbar(_)) if self.lateral() => Target::Siteless,
            other => other,
        };
        let sided = !matches!(
            target,
            Target::Site(Site::Lumbar(_) | Site::TotalBody | Site::TotalBodyLessHead) | Target::Part(_)
        );
        Some(Resolved { target, side: side.filter(|_| sided), by_convention })
    }

    /// The nearest side; `None` when two are named that differ, `Some(None)` when none is.
    #[expect(clippy::option_option, reason = "contradiction, silence and a side are three answers")]
    fn side(&self, coded: Option<Side>) -> Option<Option<Side>> {
        let mut nearest = self
            .levels
            .iter()
            .rev()
            .map(|level| level.sides.as_slice())
            .find(|sides| !sides.is_empty())
            .unwrap_or(&[])
            .to_vec();
        nearest.extend(coded);
        match nearest.split_first() {
            None => Some(None),
            Some((first, rest)) => rest.iter().all(|side| side == first).then_some(Some(*first)),
        }
    }

    /// The reference population that holds for a measurement.
    pub(super) fn reference(&self, _item: &ContentItem) -> Option<String> {
        self.levels
            .iter()
            .rev()
            .map(|level| &level.reference)
            .find_map(|reference| reference.description.clone().or_else(|| reference.authority.clone()))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Named {
    Nothing,
    One(Target),
    Contradiction,
}

impl Level {
    fn of(item: &ContentItem, around: Surroundings) -> Self {
        let mut level = Self::default();
        if let Some(code) = &item.concept
            && scheme_name(&code.scheme) != "LN"
        {
            level.read_text(&item.name(), around);
        }
        for child in item.children.iter().filter(|child| {
            child.relationship.as_deref() != Some("CONTAINS")
                || !child.children.is_empty()
                || child.value_type == "TEXT"
        }) {
            level.read_modifier(child, around);
        }
        level
    }

    fn read_modifier(&mut self, child: &ContentItem, around: Surroundings) {
        if child.is_concept(&FINDING_SITE) {
            if let Some(code) = &child.code_value {
                self.read_site(code, around);
            }
            for nested in &child.children {
                self.read_laterality(nested);
            }
        } else if child.is_concept(&TRACKING_IDENTIFIER) {
            self.read_text(child.text.as_deref().unwrap_or(""), around);
        } else if child.is_concept(&DESCRIPTION) {
            self.reference.description =
                self.reference.description.take().or_else(|| child.text.as_deref().map(population));
        } else if child.is_concept(&AUTHORITY) {
            self.reference.authority =
                self.reference.authority.take().or_else(|| child.text.as_deref().map(population));
        } else {
            self.read_laterality(child);
        }
    }

    fn read_laterality(&mut self, item: &ContentItem) {
        if !item.is_concept(&LATERALITY) {
            return;
        }
        let Some(code) = &item.code_value else { return };
        let side = match code.value.trim() {
            "7771000" | "G-A101" => Some(Side::Left),
            "24028007" | "G-A100" => Some(Side::Right),
            "51440002" | "G-A102" => Some(Side::Both),
            _ => region_names::side_of(&region_reading(&code.meaning)),
        };
        self.add_side(side);
    }

    fn read_site(&mut self, code: &Code, around: Surroundings) {
        let value = code.value.trim();
        if let Some((_, _, vertebra)) = VERTEBRAE.iter().find(|row| row.0 == value || row.1 == value) {
            self.anatomy = Some(ReportedAnatomy::Spine);
            return add(&mut self.vertebrae, *vertebra);
        }
        let full = Target::Site(Site::Lumbar(LumbarSet::FULL));
        match value {
            "122496007" | "T-11503" => self.set_broad(full, true, ReportedAnatomy::Spine),
            "29627003" => add(&mut self.exact, Target::Site(Site::FemoralNeck)),
            "310651003" | "T-D078C" => {
                self.set_broad(Target::Site(Site::TotalHip), false, ReportedAnatomy::Hip)
            }
            "29836001" | "T-D2500" => {
                self.set_broad(Target::Site(Site::TotalHip), true, ReportedAnatomy::Hip)
            }
            "71341001" | "T-12710" => self.anatomy = Some(ReportedAnatomy::Hip),
            "62413002" | "T-12420" | "75129005" | "T-1242B" => self.set_bone(region_names::Bone::Radius),
            "110535000" | "T-12403" => self.set_bone(region_names::Bone::RadiusUlna),
            "23416004" | "T-12430" => self.set_bone(region_names::Bone::Ulna),
            "14975008" | "T-D8500" => self.anatomy = Some(ReportedAnatomy::Forearm),
            "38266002" | "T-D0010" => {
                self.set_broad(Target::Site(Site::TotalBody), false, ReportedAnatomy::WholeBody);
            }
            _ => self.read_text(&code.meaning, around),
        }
    }

    fn set_broad(&mut self, target: Target, by_convention: bool, anatomy: ReportedAnatomy) {
        self.broad = Some((target, by_convention));
        self.anatomy = Some(anatomy);
    }

    fn set_bone(&mut self, bone: region_names::Bone) {
        self.bone = Some(bone);
        self.anatomy = Some(ReportedAnatomy::Forearm);
    }

    fn add_side(&mut self, side: Option<Side>) {
        if let Some(side) = side {
            add(&mut self.sides, side);
        }
    }

    /// What a name, a title or an identifier says in words.
    fn read_text(&mut self, text: &str, around: Surroundings) {
        let reading = region_reading(text);
        let anatomy = region_names::anatomy_of(&reading);
        self.lateral |= region_names::is_lateral_spine(&reading);
        let around = Surroundings {
            anatomy: self.anatomy.or(around.anatomy),
            bone: self.bone.or(around.bone),
            ..around
        };
        match region_names::place(&reading, around) {
            Place::Site(site, side) => {
                add(&mut self.exact, Target::Site(site));
                self.add_side(side);
            }
            Place::Part(part) => add(&mut self.exact, Target::Part(part)),
            Place::Siteless => add(&mut self.exact, Target::Siteless),
            Place::SpineTotal => {
                self.broad = self.broad.or(Some((Target::Site(Site::Lumbar(LumbarSet::FULL)), true)))
            }
            Place::Unknown => self.read_title(&reading),
        }
        self.anatomy = self.anatomy.or(anatomy);
    }

    /// A title such as `Left Hip Measurements` names side and anatomy, not a region.
    fn read_title(&mut self, reading: &Reading) {
        let region = [
            Word::Neck,
            Word::Trochanter,
            Word::Intertrochanter,
            Word::Wards,
            Word::Shaft,
            Word::OneThird,
            Word::Mid,
            Word::Ultradistal,
        ];
        if reading.has(Word::Hip) && reading.is_whole() && !reading.has_any(&region) {
            self.broad = self.broad.or(Some((Target::Site(Site::TotalHip), true)));
        }
        self.add_side(region_names::side_of(reading).filter(|side| {
            *side != Side::Both && (reading.is_whole() || region_names::anatomy_of(reading).is_some())
        }));
        self.bone = self.bone.or(region_names::bone_of(reading));
    }

    /// The site that this level alone names.
    fn named(&self) -> Named {
        let mut targets = self.exact.clone();
        let vertebrae = LumbarSet::new(&self.vertebrae).map(|set| Target::Site(Site::Lumbar(set)));
        targets.extend(vertebrae);
        targets.dedup();
        match targets.as_slice() {
            [] => Named::Nothing,
            [one] => Named::One(*one),
            _ => Named::Contradiction,
        }
    }
}

/// Adds what is not there yet: a group may repeat its site thousands of times.
fn add<T: PartialEq>(known: &mut Vec<T>, new: T) {
    if !known.contains(&new) {
        known.push(new);
    }
}

/// The region that a code for a whole bone stands for where nothing else names one.
fn convention(bone: Bone) -> Option<(Target, bool)> {
    let site = match bone {
        Bone::LumbarSpine => Site::Lumbar(LumbarSet::FULL),
        Bone::Femur => Site::FemoralNeck,
        Bone::Hip => Site::TotalHip,
        Bone::RadiusUlna | Bone::Unspecified | Bone::Other => return None,
    };
    Some((Target::Site(site), true))
}

/// Whether a code for a bone can be about this target.
fn fits(bone: Bone, target: Target) -> bool {
    let Target::Site(site) = target else { return bone == Bone::Unspecified };
    match bone {
        Bone::LumbarSpine => matches!(site, Site::Lumbar(_)),
        Bone::Femur | Bone::Hip => {
            matches!(
                site,
                Site::FemoralNeck | Site::TotalHip | Site::Trochanter | Site::Intertrochanter | Site::Wards
            )
        }
        Bone::RadiusUlna => matches!(site, Site::Forearm(ForearmBone::Radius | ForearmBone::RadiusUlna, _)),
        Bone::Unspecified => true,
        Bone::Other => false,
    }
}

fn population(text: &str) -> String {
    reference_line::population(text).unwrap_or_else(|| text.trim().to_owned())
}
