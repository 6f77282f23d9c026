//! Which anatomy and side an object names: coded attributes first, then the protocol, then the series.
//!
//! Names are matched by meaning; a name that says nothing is not guessed at.

mod words;

use crate::site::Side;
use crate::study::ScanKind;

use super::header::Naming;
use words::Words;

/// What an object says was scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anatomy {
    /// One of the kinds that are read.
    Kind(ScanKind),
    /// Anatomy that is named but not read here.
    Other,
    /// Cervical spine from the side: a lateral spine, though not one whose levels are graded.
    CervicalLateral,
}

/// The side an object names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Laterality {
    /// The side; `None` when there is none, or both.
    pub side: Option<Side>,
    /// Two attributes say different sides; the side is that of the one that counts more.
    pub contradicted: bool,
}

/// The anatomy an object names, if it names any.
///
/// The first attribute that names a region decides. One that names only a part of the body which holds
/// several regions (`PELVIS`, `SPINE`) leaves the choice among them to the attributes after it.
#[must_use]
pub fn anatomy(naming: &Naming) -> Option<Anatomy> {
    let coded = [&naming.body_part, &naming.anatomic_region];
    let regions: Vec<Region> = coded
        .into_iter()
        .chain(names(naming))
        .flatten()
        .filter_map(|text| Words::of(text).region())
        .collect();
    let decided = *regions.iter().find(|region| **region != Region::Wide).or(regions.first())?;
    let region = match decided {
        Region::Spine => regions.into_iter().find(|region| region.is_part_of_spine()).unwrap_or(decided),
        decided => decided,
    };
    Some(region.seen(view(naming)))
}

/// The side an object names, for paired anatomy.
#[must_use]
pub fn laterality(naming: &Naming) -> Laterality {
    let codes = [&naming.image_laterality, &naming.laterality];
    let coded = codes.into_iter().flatten().filter_map(|code| side_code(code));
    let named = names(naming).into_iter().flatten().filter_map(|name| named_side(name));
    let stated: Vec<Option<Side>> = coded.chain(named).collect();
    let side = stated.first().copied().flatten();
    Laterality {
        side,
        contradicted: side.is_some() && stated.iter().flatten().any(|other| Some(*other) != side),
    }
}

/// Whether the object is named a lateral view, of whatever.
#[must_use]
pub fn is_lateral(naming: &Naming) -> bool {
    view(naming) == Some(View::Lateral)
}

/// The names people and devices give, in the order in which they count.
fn names(naming: &Naming) -> [&Option<String>; 3] {
    [&naming.protocol, &naming.performed_step, &naming.series_description]
}

/// The coded view, else the first name that says one.
fn view(naming: &Naming) -> Option<View> {
    let coded = naming.view.as_deref().and_then(|code| match code {
        // Defined terms of View Position. The decubitus terms say how the patient lay, not what is seen.
        "LL" | "RL" => Some(View::Lateral),
        words => Words::of(words).view(),
    });
    coded.or_else(|| names(naming).into_iter().flatten().find_map(|name| Words::of(name).view()))
}

/// `L`, `R`, or neither for both (`B`) and unpaired (`U`); anything else is no code.
fn side_code(code: &str) -> Option<Option<Side>> {
    match code.to_ascii_uppercase().as_str() {
        "L" | "LEFT" => Some(Some(Side::Left)),
        "R" | "RIGHT" => Some(Some(Side::Right)),
        "B" | "U" => Some(None),
        _ => None,
    }
}

/// The side a name says; a name that says both says neither.
fn named_side(name: &str) -> Option<Option<Side>> {
    match Words::of(name).sides() {
        (true, true) => Some(None),
        (true, false) => Some(Some(Side::Left)),
        (false, true) => Some(Some(Side::Right)),
        (false, false) => None,
    }
}

/// What part of the body a text names, before the view is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    LumbarSpine,
    /// Thoracic or thoracolumbar: only seen from the side is it a kind that is read.
    ThoracicSpine,
    CervicalSpine,
    /// Spine without a level.
    Spine,
    /// A word that only a lateral spine image goes by.
    VertebralAssessment,
    Kind(ScanKind),
    Other,
    /// A part of the body that holds several regions.
    Wide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Frontal,
    Lateral,
}

impl Region {
    fn is_part_of_spine(self) -> bool {
        matches!(
            self,
            Self::LumbarSpine | Self::ThoracicSpine | Self::CervicalSpine | Self::VertebralAssessment
        )
    }

    fn seen(self, view: Option<View>) -> Anatomy {
        match (self, view) {
            (Self::LumbarSpine | Self::ThoracicSpine | Self::Spine, Some(View::Lateral))
            | (Self::VertebralAssessment, _) => Anatomy::Kind(ScanKind::LateralSpine),
            (Self::CervicalSpine, Some(View::Lateral)) => Anatomy::CervicalLateral,
            (Self::LumbarSpine | Self::Spine, _) => Anatomy::Kind(ScanKind::ApSpine),
            (Self::ThoracicSpine | Self::CervicalSpine | Self::Other | Self::Wide, _) => Anatomy::Other,
            (Self::Kind(kind), _) => Anatomy::Kind(kind),
        }
    }
}
