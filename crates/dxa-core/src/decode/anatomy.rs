//! Which anatomy and side an object names: coded attributes first, then the protocol, then the series.
//!
//! Names are matched by meaning in English, Chinese and Russian; a name that says nothing is not guessed at.

use crate::site::Side;
use crate::study::ScanKind;

use super::header::Naming;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Laterality {
    /// One side.
    Is(Side),
    /// No side, or both.
    Unstated,
    /// Two attributes that contradict each other.
    Contradictory,
}

/// The anatomy an object names, if it names any.
#[must_use]
pub fn anatomy(naming: &Naming) -> Option<Anatomy> {
    let names = [&naming.protocol, &naming.performed_step, &naming.series_description];
    let coded = [&naming.body_part, &naming.anatomic_region]
        .into_iter()
        .flatten()
        .find_map(|text| words(text).region());
    if let Some(region) = coded {
        let view = naming.view.as_deref().map(|view| words(view).view());
        let named = names.into_iter().flatten().map(|name| words(name).view()).find(Option::is_some);
        return Some(region.seen(view.flatten().or(named.flatten())));
    }
    let view = naming.view.as_deref().and_then(|view| words(view).view());
    names.into_iter().flatten().find_map(|name| {
        let words = words(name);
        Some(words.region()?.seen(words.view().or(view)))
    })
}

/// The side an object names, when its anatomy is paired.
#[must_use]
pub fn laterality(naming: &Naming) -> Laterality {
    let names = [&naming.protocol, &naming.performed_step, &naming.series_description];
    let named = names.into_iter().flatten().find_map(|name| words(name).side());
    let coded = naming.image_laterality.as_deref().or(naming.laterality.as_deref()).map(side_code);
    match (coded, named) {
        (Some(Some(coded)), Some(Laterality::Is(named))) if coded != named => Laterality::Contradictory,
        (Some(Some(coded)), _) => Laterality::Is(coded),
        // B (both) and U (unpaired) say that it is neither side.
        (Some(None), _) => Laterality::Unstated,
        (None, Some(named)) => named,
        (None, None) => Laterality::Unstated,
    }
}

fn side_code(code: &str) -> Option<Side> {
    match code {
        "L" => Some(Side::Left),
        "R" => Some(Side::Right),
        _ => None,
    }
}

/// What part of the body a text names, before the view is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    LumbarSpine,
    /// Spine without a level, thoracic or thoracolumbar: AP only for the lumbar part, lateral for all.
    ThoracicSpine,
    CervicalSpine,
    /// A word that only a lateral spine image goes by.
    VertebralAssessment,
    Kind(ScanKind),
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Frontal,
    Lateral,
}

impl Region {
    fn seen(self, view: Option<View>) -> Anatomy {
        match (self, view) {
            (Self::LumbarSpine | Self::ThoracicSpine, Some(View::Lateral))
            | (Self::VertebralAssessment, _) => Anatomy::Kind(ScanKind::LateralSpine),
            (Self::CervicalSpine, Some(View::Lateral)) => Anatomy::CervicalLateral,
            (Self::LumbarSpine, _) => Anatomy::Kind(ScanKind::ApSpine),
            (Self::ThoracicSpine | Self::CervicalSpine | Self::Other, _) => Anatomy::Other,
            (Self::Kind(kind), _) => Anatomy::Kind(kind),
        }
    }
}

/// A name as words: Latin words whole, Chinese and Cyrillic as stems inside the text.
struct Words {
    text: String,
    latin: Vec<String>,
}

fn words(text: &str) -> Words {
    let text = text.to_lowercase();
    let latin = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    Words { text, latin }
}

impl Words {
    fn has(&self, words: &[&str]) -> bool {
        self.latin.iter().any(|word| words.contains(&word.as_str()))
    }

    fn contains(&self, stems: &[&str]) -> bool {
        stems.iter().any(|stem| self.text.contains(stem))
    }

    /// The first rule that holds; narrower names stand before those they contain.
    fn region(&self) -> Option<Region> {
        let rules: [(bool, Region); 11] = [
            (self.is_knee(), Region::Kind(ScanKind::Knee)),
            (self.is_vertebral_assessment(), Region::VertebralAssessment),
            (self.is_whole_body(), Region::Kind(ScanKind::WholeBody)),
            (self.is_part_of_femur(), Region::Other),
            (self.is_hip(), Region::Kind(ScanKind::Hip)),
            (self.is_forearm(), Region::Kind(ScanKind::Forearm)),
            (self.is_lumbar(), Region::LumbarSpine),
            (self.is_cervical(), Region::CervicalSpine),
            (self.is_thoracic(), Region::ThoracicSpine),
            (self.is_spine(), Region::LumbarSpine),
            (self.is_other(), Region::Other),
        ];
        rules.into_iter().find_map(|(holds, region)| holds.then_some(region)).or_else(|| self.lateral_alone())
    }

    /// "Lateral" without any anatomy is what densitometers call the lateral spine.
    fn lateral_alone(&self) -> Option<Region> {
        (self.view() == Some(View::Lateral)).then_some(Region::VertebralAssessment)
    }

    fn view(&self) -> Option<View> {
        let lateral = self.has(&["lateral", "lat", "ll", "rl", "lld", "rld"])
            || self.contains(&["侧位", "側位", "боков", "латерал"])
            || self.is_vertebral_assessment();
        let frontal = self.has(&["ap", "pa", "anteroposterior", "posteroanterior", "frontal"])
            || self.contains(&["正位", "прям", "antero-posterior", "postero-anterior"]);
        match (frontal, lateral) {
            (true, false) => Some(View::Frontal),
            (false, true) => Some(View::Lateral),
            _ => None,
        }
    }

    fn is_vertebral_assessment(&self) -> bool {
        self.has(&["lva", "dva", "vfa", "iva"])
            || self.contains(&["vertebral assessment", "vertebral fracture", "椎体骨折"])
            || (self.contains(&["椎体", "椎體"]) && !self.contains(&["正位"]))
    }

    fn is_knee(&self) -> bool {
        self.has(&["knee", "knees"]) || self.contains(&["膝", "колен"])
    }

    fn is_whole_body(&self) -> bool {
        let body = self.has(&["body"]) && self.has(&["total", "whole", "entire", "full"]);
        body || self.has(&["wholebody", "totalbody", "38266002"])
            || self.contains(&["全身", "все тело", "всё тело", "всего тела"])
    }

    /// The femur elsewhere than at the hip.
    fn is_part_of_femur(&self) -> bool {
        let femur = self.has(&["femur", "femoral", "femurs"]) || self.contains(&["股骨"]);
        femur
            && (self.has(&["distal", "shaft", "full", "aff", "se"])
                || self.contains(&["远端", "股骨干", "遠端"]))
    }

    fn is_hip(&self) -> bool {
        self.has(&[
            "hip",
            "hips",
            "femur",
            "femurs",
            "femoral",
            "dualfemur",
            "dualhip",
            "71341001",
            "310651003",
            "29836001",
        ]) || self.contains(&["股骨", "髋", "髖", "бедр"])
    }

    fn is_forearm(&self) -> bool {
        self.has(&["forearm", "forearms", "radius", "14975008", "62413002", "75129005"])
            || self.contains(&["前臂", "桡骨", "橈骨", "尺桡", "предплеч", "лучев"])
    }

    fn is_lumbar(&self) -> bool {
        let set = self.has(&["l1"]) && self.has(&["l4", "4"]);
        set || self.has(&["lumbar", "lspine", "lumbarspine", "apspine", "paspine", "122496007"])
            || (self.has(&["l"]) && self.has(&["spine"]))
            || self.contains(&["腰椎", "поясн"])
    }

    fn is_cervical(&self) -> bool {
        self.has(&["cervical", "cspine"])
            || (self.has(&["c"]) && self.has(&["spine"]))
            || self.contains(&["颈椎", "頸椎", "шейн"])
    }

    fn is_thoracic(&self) -> bool {
        self.has(&["thoracic", "tspine", "dorsal", "thoracolumbar", "tlspine", "122495006", "1217256009"])
            || (self.has(&["t", "tl"]) && self.has(&["spine"]))
            || self.contains(&["胸椎", "胸腰", "грудн"])
    }

    fn is_spine(&self) -> bool {
        self.has(&["spine", "spinal"]) || self.contains(&["脊柱", "脊椎", "позвон"])
    }

    fn is_other(&self) -> bool {
        self.has(&[
            "hand",
            "foot",
            "heel",
            "calcaneus",
            "ankle",
            "wrist",
            "shoulder",
            "humerus",
            "elbow",
            "skull",
            "head",
            "chest",
            "abdomen",
            "pelvis",
            "tibia",
            "breast",
            "finger",
            "neck",
            "thorax",
            "extremity",
        ]) || self.contains(&["跟骨", "踝", "手腕", "肩", "肘", "胸部", "кист", "стоп"])
    }

    fn side(&self) -> Option<Laterality> {
        let left = self.has(&["left", "lt"]) || self.contains(&["左", "лев"]);
        let right = self.has(&["right", "rt"]) || self.contains(&["右", "прав"]);
        // A single letter is a side only beside a word that has sides: `L Hip`, never `L Spine`.
        let paired = self.is_hip() || self.is_forearm() || self.is_knee();
        let left = left || (paired && self.has(&["l"]));
        let right = right || (paired && self.has(&["r"]));
        match (left, right) {
            (true, true) => Some(Laterality::Unstated),
            (true, false) => Some(Laterality::Is(Side::Left)),
            (false, true) => Some(Laterality::Is(Side::Right)),
            (false, false) => None,
        }
    }
}
