//! The words by which scanners and people name anatomy, view and side, in the languages exports come in.
//!
//! Latin and Cyrillic words count whole or by their beginning; Chinese stems count anywhere in the text.

use crate::study::ScanKind;

use super::{Region, View};

/// A name, cut into words.
pub(super) struct Words {
    text: String,
    words: Vec<String>,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        Self { text: text.to_lowercase(), words: split(text) }
    }

    /// The first rule that holds; narrower names stand before those they contain.
    pub(super) fn region(&self) -> Option<Region> {
        let rules: [(bool, Region); 13] = [
            (self.is_test_object(), Region::Other),
            (self.is_knee(), Region::Kind(ScanKind::Knee)),
            (self.is_vertebral_assessment(), Region::VertebralAssessment),
            (self.is_whole_body(), Region::Kind(ScanKind::WholeBody)),
            (self.is_femur_elsewhere(), Region::Other),
            (self.is_hip(), Region::Kind(ScanKind::Hip)),
            (self.is_forearm(), Region::Kind(ScanKind::Forearm)),
            (self.is_lumbar(), Region::LumbarSpine),
            (self.is_cervical(), Region::CervicalSpine),
            (self.is_thoracic(), Region::ThoracicSpine),
            (self.is_spine(), Region::Spine),
            (self.is_other(), Region::Other),
            (self.is_wide(), Region::Wide),
        ];
        rules.into_iter().find_map(|(holds, region)| holds.then_some(region))
    }

    pub(super) fn view(&self) -> Option<View> {
        let lateral =
            self.has(&["lateral", "lat", "laterale", "latéral", "latérale", "seitlich", "profil", "perfil"])
                || self.begins(&["боков", "латерал"])
                || self.contains(&["侧位", "側位"])
                || self.is_vertebral_assessment();
        let frontal = self.has(&["ap", "pa", "frontal", "frontale", "anteroposterior", "posteroanterior"])
            || self.begins(&["прям"])
            || self.contains(&["正位", "antero-posterior", "postero-anterior", "de face"]);
        match (frontal, lateral) {
            (true, false) => Some(View::Frontal),
            (false, true) => Some(View::Lateral),
            _ => None,
        }
    }

    /// Left, right: whether the name says either.
    pub(super) fn sides(&self) -> (bool, bool) {
        let left = self.has(&["left", "lt", "links", "gauche"])
            || self.begins(&["linke", "izquierd", "sinistr", "esquerd", "лев"])
            || self.has(&["слева"])
            || self.contains(&["左"]);
        let right = self.has(&["right", "rt", "rechts"])
            || self.begins(&["rechte", "droit", "derech", "direit", "прав"])
            || self.has(&["справа", "destra", "destro"])
            || self.contains(&["右"]);
        // A single letter is a side only beside a word that has sides: `L Hip`, never `L Spine`.
        let paired = self.is_hip() || self.is_forearm() || self.is_knee();
        (left || (paired && self.has(&["l"])), right || (paired && self.has(&["r"])))
    }

    fn has(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&word.as_str()))
    }

    fn begins(&self, stems: &[&str]) -> bool {
        self.words.iter().any(|word| stems.iter().any(|stem| word.starts_with(stem)))
    }

    fn contains(&self, stems: &[&str]) -> bool {
        stems.iter().any(|stem| self.text.contains(stem))
    }

    /// A phantom has the words of the anatomy it imitates.
    fn is_test_object(&self) -> bool {
        self.has(&["phantom", "qa", "qc"]) || self.begins(&["фантом"]) || self.contains(&["体模", "模体"])
    }

    fn is_vertebral_assessment(&self) -> bool {
        let body = self.contains(&["椎体", "椎體"]) && !self.contains(&["正位", "密度"]) && !self.is_range();
        self.has(&["lva", "dva", "vfa", "iva"])
            || self.begins(&["morphometr", "морфометр"])
            || self.contains(&["vertebral assessment", "vertebral fracture", "椎体骨折"])
            || body
    }

    fn is_knee(&self) -> bool {
        self.has(&["knee", "knees", "knie", "genou", "rodilla", "ginocchio", "joelho"])
            || self.begins(&["колен"])
            || self.contains(&["膝"])
    }

    fn is_whole_body(&self) -> bool {
        let body = self.has(&["body"]) && self.has(&["total", "whole", "entire", "full", "composition"]);
        let phrases =
            ["全身", "все тело", "всё тело", "всего тела", "тело целиком", "corps entier", "cuerpo entero"];
        body || self.has(&["wholebody", "totalbody", "ganzkörper", "38266002"]) || self.contains(&phrases)
    }

    /// The femur elsewhere than at the hip.
    fn is_femur_elsewhere(&self) -> bool {
        let femur = self.begins(&["femur", "femor", "fémur", "бедр"]) || self.contains(&["股骨"]);
        femur
            && (self.has(&["distal", "shaft", "full", "aff", "se", "41111004"])
                || self.begins(&["дистал", "диафиз"])
                || self.contains(&["远端", "遠端", "股骨干", "股骨幹"]))
    }

    fn is_hip(&self) -> bool {
        self.has(&["hip", "hips", "dualhip", "dualfemur", "hanche", "cadera", "anca", "quadril"])
            || self.begins(&["femur", "femor", "fémur", "fêmur", "hüft", "oberschenkel", "schenkelhals"])
            || self.begins(&["бедр", "бедер", "тазобедр"])
            || self.contains(&["股骨", "髋", "髖"])
            || self.has(&["71341001", "310651003", "29836001", "29627003"])
    }

    fn is_forearm(&self) -> bool {
        self.has(&[
            "forearm",
            "forearms",
            "radius",
            "ulna",
            "radiusulna",
            "unterarm",
            "antebrazo",
            "antebraço",
        ]) || self.begins(&["avambracci", "предплеч"])
            || self.contains(&[
                "avant-bras",
                "前臂",
                "桡骨",
                "橈骨",
                "尺骨",
                "尺桡",
                "лучевая кость",
                "лучевой кости",
            ])
            || self.has(&["14975008", "62413002", "75129005", "110535000", "23416004"])
    }

    fn is_lumbar(&self) -> bool {
        self.is_range()
            || self.has(&["lspine", "lsspine", "apspine", "paspine", "lws", "122496007"])
            || self.begins(&["lumb", "lomb", "lendenwirbel", "поясн"])
            || (self.has(&["l", "ls"]) && self.has(&["spine"]))
            || self.contains(&["腰椎", "腰部"])
    }

    /// Lumbar levels from one to another: `L1-L4`, `L1-4`, `L2/L4`.
    fn is_range(&self) -> bool {
        let first = self.has(&["l1", "l2"]);
        (first && self.has(&["l3", "l4", "3", "4"])) || self.has(&["l1l4", "l2l4"])
    }

    fn is_cervical(&self) -> bool {
        self.has(&["cervical", "cspine", "ctspine", "hws"])
            || self.begins(&["шейн"])
            || (self.has(&["c"]) && self.has(&["spine"]))
            || self.contains(&["颈椎", "頸椎"])
    }

    fn is_thoracic(&self) -> bool {
        let spine = self.is_spine() || self.begins(&["отдел"]);
        self.has(&["thoracic", "thoracolumbar", "tspine", "tlspine", "bws", "122495006", "1217256009"])
            || (spine && self.has(&["t", "tl", "dorsal", "dorsale"]))
            || (spine && self.begins(&["грудн"]))
            || self.contains(&["胸椎", "胸腰"])
    }

    fn is_spine(&self) -> bool {
        self.has(&["spine", "spinal", "columna", "coluna", "colonna", "rachis"])
            || self.begins(&["vertebra", "wirbels", "позвон"])
            || self.contains(&["脊柱", "脊椎"])
    }

    fn is_other(&self) -> bool {
        let latin = [
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
            "thorax",
            "abdomen",
            "tibia",
            "breast",
            "finger",
            "neck",
            "jaw",
            "rib",
            "ribs",
            "sacrum",
        ];
        self.has(&latin)
            || self.begins(&["кист", "стоп", "череп", "клетк"])
            || self.contains(&["跟骨", "踝", "手", "肩", "肘", "胸部", "胸片", "头颅"])
    }

    /// Parts that hold several of the kinds: another attribute must say which.
    fn is_wide(&self) -> bool {
        self.has(&[
            "pelvis",
            "extremity",
            "extremities",
            "leg",
            "legs",
            "upperleg",
            "lowerleg",
            "thigh",
            "arm",
            "arms",
        ]) || self.begins(&["таз"])
            || self.contains(&["骨盆", "下肢", "上肢", "大腿"])
    }
}

/// Words in lower case, cut at signs, at a change of script and at capitals inside (`LeftHip`).
fn split(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next_is_small = letters.peek().is_some_and(|next| next.is_lowercase());
        let hump =
            letter.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && next_is_small));
        // The article in front of an apostrophe is no word: `l'avant-bras`.
        if matches!(letter, '\'' | '’') && words.last().is_some_and(|word| word.len() == 1) {
            words.pop();
        }
        if hump || script(letter) != script(before) {
            words.push(String::new());
        }
        if let (Script::Latin | Script::Cyrillic, Some(word)) = (script(letter), words.last_mut()) {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words.into_iter().flat_map(|word| side_apart(&word)).collect()
}

#[derive(PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Other,
}

fn script(letter: char) -> Script {
    match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | 'À'..='ɏ' => Script::Latin,
        'Ѐ'..='џ' => Script::Cyrillic,
        _ => Script::Other,
    }
}

/// A side written together with what it is the side of: `LHIP`, `lefthip`.
fn side_apart(word: &str) -> Vec<String> {
    const SIDED: [&str; 6] = ["hip", "femur", "forearm", "knee", "radius", "ulna"];
    for side in ["left", "right", "lt", "rt", "l", "r"] {
        if let Some(rest) = word.strip_prefix(side).filter(|rest| SIDED.contains(rest)) {
            return vec![side.to_owned(), rest.to_owned()];
        }
    }
    vec![word.to_owned()]
}
