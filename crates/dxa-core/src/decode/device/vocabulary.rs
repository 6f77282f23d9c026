//! The words of densitometry in the languages of reports: phrases to concepts, longest first.

use std::collections::BTreeSet;

use crate::site::{Lumbar, LumbarSet};

/// A concept that a label, heading or name may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Word {
    // Bones and regions.
    Neck,
    Trochanter,
    Intertrochanter,
    Shaft,
    Wards,
    Hip,
    Femur,
    Radius,
    Ulna,
    Forearm,
    OneThird,
    Mid,
    Ultradistal,
    Spine,
    Lumbar,
    Thoracic,
    Lateral,
    WholeBody,
    LessHead,
    Subtotal,
    Head,
    Arm,
    Trunk,
    Pelvis,
    Leg,
    Ribs,
    Android,
    Gynoid,
    // What kind of row it is.
    Total,
    Mean,
    Difference,
    Left,
    Right,
    Both,
    // Quantities.
    Region,
    Bmd,
    Bmc,
    Area,
    TScore,
    ZScore,
    PeakReference,
    AgeMatched,
    Fat,
    Lean,
    Mass,
    Tissue,
    // Units.
    GramPerCm2,
    MilligramPerCm2,
    SquareCm,
    SquareMm,
    Gram,
    Kilogram,
    Milligram,
    Percent,
    Sd,
    /// Words that add nothing: `bone`, `score`, `region of interest`.
    Filler,
}

use Word as W;

/// Phrases in lower case. A trailing `*` takes the rest of the word (inflected languages).
#[rustfmt::skip]
const PHRASES: &[(&str, &[Word])] = &[
    ("neck", &[W::Neck]), ("fem neck", &[W::Neck]), ("femoral neck", &[W::Neck]), ("neck of femur", &[W::Neck]),
    ("股骨颈", &[W::Neck]), ("颈部", &[W::Neck]), ("颈", &[W::Neck]), ("шейк*", &[W::Neck]),
    ("schenkelhals", &[W::Neck]), ("femurhals", &[W::Neck]), ("oberschenkelhals", &[W::Neck]), ("hals", &[W::Neck]),
    ("troch", &[W::Trochanter]), ("trochanter", &[W::Trochanter]), ("greater trochanter", &[W::Trochanter]),
    ("trochanteric", &[W::Trochanter]), ("大转子", &[W::Trochanter]), ("大粗隆", &[W::Trochanter]),
    ("转子", &[W::Trochanter]), ("粗隆", &[W::Trochanter]), ("большой вертел", &[W::Trochanter]),
    ("большого вертела", &[W::Trochanter]), ("вертел*", &[W::Trochanter]), ("трохантер*", &[W::Trochanter]),
    ("inter", &[W::Intertrochanter]), ("intertroch", &[W::Intertrochanter]), ("inter troch", &[W::Intertrochanter]),
    ("intertrochanter", &[W::Intertrochanter]), ("intertrochanteric", &[W::Intertrochanter]),
    ("inter-trochanter", &[W::Intertrochanter]), ("inter-trochanteric", &[W::Intertrochanter]),
    ("转子间", &[W::Intertrochanter]), ("粗隆间", &[W::Intertrochanter]), ("межвертел*", &[W::Intertrochanter]),
    ("intertrochantär", &[W::Intertrochanter]), ("shaft", &[W::Shaft]), ("股骨干", &[W::Shaft]),
    ("ward", &[W::Wards]), ("wards", &[W::Wards]), ("ward's", &[W::Wards]), ("ward triangle", &[W::Wards]),
    ("wards triangle", &[W::Wards]), ("ward's triangle", &[W::Wards]), ("ward三角", &[W::Wards]),
    ("ward's三角", &[W::Wards]), ("wards三角", &[W::Wards]), ("ward三角区", &[W::Wards]), ("ward区", &[W::Wards]),
    ("华氏三角", &[W::Wards]), ("沃德三角", &[W::Wards]), ("треугольник варда", &[W::Wards]), ("варда", &[W::Wards]),
    ("ward-dreieck", &[W::Wards]), ("ward dreieck", &[W::Wards]), ("ward'sches dreieck", &[W::Wards]),
    ("hip", &[W::Hip]), ("hips", &[W::Hip]), ("hüfte", &[W::Hip]), ("髋", &[W::Hip]), ("髋部", &[W::Hip]),
    ("髋关节", &[W::Hip]), ("тазобедр*", &[W::Hip]), ("全髋", &[W::Total, W::Hip]), ("总髋", &[W::Total, W::Hip]),
    ("全髋部", &[W::Total, W::Hip]), ("gesamthüfte", &[W::Total, W::Hip]), ("hüfte gesamt", &[W::Total, W::Hip]),
    ("tothip", &[W::Total, W::Hip]), ("proximal femur", &[W::Hip]), ("femur", &[W::Femur]), ("femoral", &[W::Femur]),
    ("股骨", &[W::Femur]), ("股骨近端", &[W::Hip]), ("бедр*", &[W::Femur]), ("oberschenkel", &[W::Femur]),
    ("radius", &[W::Radius]), ("桡骨", &[W::Radius]), ("лучев*", &[W::Radius]), ("speiche", &[W::Radius]),
    ("ulna", &[W::Ulna]), ("尺骨", &[W::Ulna]), ("локтев*", &[W::Ulna]), ("elle", &[W::Ulna]),
    ("r+u", &[W::Radius, W::Ulna]), ("r + u", &[W::Radius, W::Ulna]), ("r&u", &[W::Radius, W::Ulna]),
    ("尺桡骨", &[W::Radius, W::Ulna]), ("桡尺骨", &[W::Radius, W::Ulna]),
    ("forearm", &[W::Forearm]), ("前臂", &[W::Forearm]), ("предплеч*", &[W::Forearm]), ("unterarm", &[W::Forearm]),
    ("1/3", &[W::OneThird]), ("33%", &[W::OneThird]), ("33 %", &[W::OneThird]), ("33 percent", &[W::OneThird]),
    ("one third", &[W::OneThird]), ("one-third", &[W::OneThird]), ("third", &[W::OneThird]), ("33", &[W::OneThird]),
    ("1/3处", &[W::OneThird]), ("三分之一", &[W::OneThird]), ("distal 1/3", &[W::OneThird]), ("distal third", &[W::OneThird]),
    ("远端1/3", &[W::OneThird]), ("r33", &[W::Radius, W::OneThird]), ("⅓", &[W::OneThird]),
    ("mid", &[W::Mid]), ("middle", &[W::Mid]), ("中段", &[W::Mid]), ("中部", &[W::Mid]),
    ("ud", &[W::Ultradistal]), ("u.d.", &[W::Ultradistal]), ("ultradistal", &[W::Ultradistal]),
    ("ultra distal", &[W::Ultradistal]), ("ultra-distal", &[W::Ultradistal]), ("超远端", &[W::Ultradistal]),
    ("极远端", &[W::Ultradistal]), ("末端", &[W::Ultradistal]), ("ультрадистал*", &[W::Ultradistal]),
    ("spine", &[W::Spine]), ("ap spine", &[W::Spine]), ("pa spine", &[W::Spine]), ("脊柱", &[W::Spine]),
    ("позвоночник*", &[W::Spine]), ("wirbelsäule", &[W::Spine]), ("lumbar", &[W::Lumbar]),
    ("lumbar spine", &[W::Spine, W::Lumbar]), ("lumbar vertebra", &[W::Lumbar]), ("腰椎", &[W::Spine, W::Lumbar]),
    ("поясничн*", &[W::Lumbar]), ("lws", &[W::Spine, W::Lumbar]), ("lendenwirbelsäule", &[W::Spine, W::Lumbar]),
    ("thoracic", &[W::Thoracic]), ("t spine", &[W::Spine, W::Thoracic]), ("t-spine", &[W::Spine, W::Thoracic]),
    ("thoracic spine", &[W::Spine, W::Thoracic]), ("胸椎", &[W::Spine, W::Thoracic]), ("грудн*", &[W::Thoracic]),
    ("bws", &[W::Spine, W::Thoracic]), ("lateral", &[W::Lateral]), ("侧位", &[W::Lateral]),
    ("whole body", &[W::WholeBody]), ("wholebody", &[W::WholeBody]), ("total body", &[W::WholeBody, W::Total]),
    ("body", &[W::WholeBody]), ("全身", &[W::WholeBody]), ("все тело", &[W::WholeBody]), ("всё тело", &[W::WholeBody]),
    ("всего тела", &[W::WholeBody]), ("ganzkörper", &[W::WholeBody]), ("gesamtkörper", &[W::WholeBody]),
    ("entire body", &[W::WholeBody]), ("less head", &[W::LessHead]), ("tblh", &[W::WholeBody, W::LessHead]),
    ("total body less head", &[W::WholeBody, W::LessHead]), ("(less head)", &[W::LessHead]),
    ("minus head", &[W::LessHead]), ("without head", &[W::LessHead]), ("excluding head", &[W::LessHead]),
    ("除头", &[W::LessHead]), ("除头部", &[W::LessHead]), ("去头", &[W::LessHead]), ("不含头", &[W::LessHead]),
    ("不含头部", &[W::LessHead]), ("без головы", &[W::LessHead]), ("ohne kopf", &[W::LessHead]),
    ("subtotal", &[W::Subtotal]), ("sub-total", &[W::Subtotal]), ("sub total", &[W::Subtotal]),
    ("小计", &[W::Subtotal]), ("部分合计", &[W::Subtotal]), ("подытог", &[W::Subtotal]), ("zwischensumme", &[W::Subtotal]),
    ("head", &[W::Head]), ("头", &[W::Head]), ("头部", &[W::Head]), ("голова", &[W::Head]), ("kopf", &[W::Head]),
    ("arm", &[W::Arm]), ("arms", &[W::Arm, W::Both]), ("上肢", &[W::Arm]), ("臂", &[W::Arm]), ("手臂", &[W::Arm]),
    ("胳膊", &[W::Arm]), ("рука", &[W::Arm]), ("руки", &[W::Arm, W::Both]), ("arme", &[W::Arm, W::Both]),
    ("trunk", &[W::Trunk]), ("torso", &[W::Trunk]), ("躯干", &[W::Trunk]), ("туловищ*", &[W::Trunk]), ("rumpf", &[W::Trunk]),
    ("pelvis", &[W::Pelvis]), ("骨盆", &[W::Pelvis]), ("таз", &[W::Pelvis]), ("becken", &[W::Pelvis]),
    ("leg", &[W::Leg]), ("legs", &[W::Leg, W::Both]), ("下肢", &[W::Leg]), ("腿", &[W::Leg]), ("腿部", &[W::Leg]),
    ("нога", &[W::Leg]), ("ноги", &[W::Leg, W::Both]), ("bein", &[W::Leg]), ("beine", &[W::Leg, W::Both]),
    ("rib", &[W::Ribs]), ("ribs", &[W::Ribs]), ("肋骨", &[W::Ribs]), ("肋", &[W::Ribs]), ("ребра", &[W::Ribs]),
    ("рёбра", &[W::Ribs]), ("rippen", &[W::Ribs]),
    ("android", &[W::Android]), ("android (a)", &[W::Android]), ("安卓区", &[W::Android]), ("腹部区", &[W::Android]),
    ("gynoid", &[W::Gynoid]), ("gynoid (g)", &[W::Gynoid]), ("臀部区", &[W::Gynoid]), ("андроид*", &[W::Android]),
    ("гиноид*", &[W::Gynoid]),
    ("total", &[W::Total]), ("tot", &[W::Total]), ("总计", &[W::Total]), ("总和", &[W::Total]), ("合计", &[W::Total]),
    ("总体", &[W::Total]), ("总", &[W::Total]), ("总值", &[W::Total]), ("全部", &[W::Total]), ("всего", &[W::Total]),
    ("итого", &[W::Total]), ("общ*", &[W::Total]), ("весь", &[W::Total]), ("gesamt", &[W::Total]), ("summe", &[W::Total]),
    ("mean", &[W::Mean]), ("average", &[W::Mean]), ("avg", &[W::Mean]), ("平均", &[W::Mean]), ("均值", &[W::Mean]),
    ("平均值", &[W::Mean]), ("среднее", &[W::Mean]), ("средн*", &[W::Mean]), ("mittel", &[W::Mean]), ("mittelwert", &[W::Mean]),
    ("diff", &[W::Difference]), ("difference", &[W::Difference]), ("差", &[W::Difference]), ("差值", &[W::Difference]),
    ("разница", &[W::Difference]), ("differenz", &[W::Difference]),
    ("left", &[W::Left]), ("l", &[W::Left]), ("lt", &[W::Left]), ("左", &[W::Left]), ("左侧", &[W::Left]), ("лев*", &[W::Left]),
    ("links", &[W::Left]), ("linke", &[W::Left]), ("linker", &[W::Left]), ("linkes", &[W::Left]), ("li", &[W::Left]),
    ("right", &[W::Right]), ("r", &[W::Right]), ("rt", &[W::Right]), ("右", &[W::Right]), ("右侧", &[W::Right]),
    ("прав*", &[W::Right]), ("rechts", &[W::Right]), ("rechte", &[W::Right]), ("rechter", &[W::Right]),
    ("rechtes", &[W::Right]), ("re", &[W::Right]),
    ("both", &[W::Both]), ("dual", &[W::Both]), ("bilateral", &[W::Both]), ("双", &[W::Both]), ("双侧", &[W::Both]),
    ("region", &[W::Region]), ("部位", &[W::Region]), ("区域", &[W::Region]), ("感兴趣区", &[W::Region]), ("область", &[W::Region]),
    ("зона", &[W::Region]), ("bereich", &[W::Region]), ("roi", &[W::Region]), ("site", &[W::Region]),
    ("bmd", &[W::Bmd]), ("bone mineral density", &[W::Bmd]), ("bone density", &[W::Bmd]), ("density", &[W::Bmd]),
    ("骨密度", &[W::Bmd]), ("骨矿密度", &[W::Bmd]), ("骨矿物质密度", &[W::Bmd]), ("密度", &[W::Bmd]), ("мпк", &[W::Bmd]),
    ("мпкт", &[W::Bmd]), ("плотност*", &[W::Bmd]), ("минеральн* плотност*", &[W::Bmd]), ("knochendichte", &[W::Bmd]),
    ("kmd", &[W::Bmd]), ("knochenmineraldichte", &[W::Bmd]), ("dichte", &[W::Bmd]),
    ("bmc", &[W::Bmc]), ("bone mineral content", &[W::Bmc]), ("bone mass", &[W::Bmc]), ("骨矿含量", &[W::Bmc]),
    ("骨矿物含量", &[W::Bmc]), ("骨矿物质含量", &[W::Bmc]), ("骨矿物质", &[W::Bmc]), ("смк", &[W::Bmc]), ("кмк", &[W::Bmc]),
    ("мск", &[W::Bmc]), ("knochenmineralgehalt", &[W::Bmc]), ("kmg", &[W::Bmc]), ("mineralgehalt", &[W::Bmc]),
    ("area", &[W::Area]), ("projected area", &[W::Area]), ("bone area", &[W::Area]), ("面积", &[W::Area]),
    ("骨面积", &[W::Area]), ("投影面积", &[W::Area]), ("площад*", &[W::Area]), ("fläche", &[W::Area]), ("surface", &[W::Area]),
    ("t", &[W::TScore]), ("t-score", &[W::TScore]), ("t score", &[W::TScore]), ("tscore", &[W::TScore]),
    ("t-scores", &[W::TScore]), ("t值", &[W::TScore]), ("t-值", &[W::TScore]), ("t 值", &[W::TScore]), ("t评分", &[W::TScore]),
    ("t-评分", &[W::TScore]), ("t分数", &[W::TScore]), ("t得分", &[W::TScore]), ("t-wert", &[W::TScore]), ("t-критери*", &[W::TScore]),
    ("т-критери*", &[W::TScore]), ("т-балл", &[W::TScore]), ("t-балл", &[W::TScore]),
    ("z", &[W::ZScore]), ("z-score", &[W::ZScore]), ("z score", &[W::ZScore]), ("zscore", &[W::ZScore]),
    ("z-scores", &[W::ZScore]), ("z值", &[W::ZScore]), ("z-值", &[W::ZScore]), ("z 值", &[W::ZScore]), ("z评分", &[W::ZScore]),
    ("z-评分", &[W::ZScore]), ("z分数", &[W::ZScore]), ("z得分", &[W::ZScore]), ("z-wert", &[W::ZScore]), ("z-критери*", &[W::ZScore]),
    ("з-критери*", &[W::ZScore]), ("z-балл", &[W::ZScore]),
    ("pr", &[W::PeakReference]), ("peak reference", &[W::PeakReference]), ("young-adult", &[W::PeakReference]),
    ("young adult", &[W::PeakReference]), ("ya", &[W::PeakReference]), ("yam", &[W::PeakReference]), ("young", &[W::PeakReference]),
    ("年轻成人", &[W::PeakReference]), ("青年", &[W::PeakReference]), ("am", &[W::AgeMatched]), ("age-matched", &[W::AgeMatched]),
    ("age matched", &[W::AgeMatched]), ("agematch", &[W::AgeMatched]), ("age match", &[W::AgeMatched]),
    ("同龄", &[W::AgeMatched]), ("年龄匹配", &[W::AgeMatched]),
    ("fat", &[W::Fat]), ("脂肪", &[W::Fat]), ("жир*", &[W::Fat]), ("fett", &[W::Fat]), ("fettmasse", &[W::Fat]),
    ("体脂率", &[W::Fat, W::Percent]), ("脂肪百分比", &[W::Fat, W::Percent]), ("脂肪率", &[W::Fat, W::Percent]),
    ("lean", &[W::Lean]), ("瘦体重", &[W::Lean]), ("瘦组织", &[W::Lean]), ("瘦", &[W::Lean]), ("тощ*", &[W::Lean]),
    ("mager", &[W::Lean]), ("magermasse", &[W::Lean]), ("mass", &[W::Mass]), ("质量", &[W::Mass]), ("масса", &[W::Mass]),
    ("masse", &[W::Mass]), ("总质量", &[W::Total, W::Mass]), ("tissue", &[W::Tissue]), ("组织", &[W::Tissue]),
    ("g/cm2", &[W::GramPerCm2]), ("g/cm^2", &[W::GramPerCm2]), ("g/cm 2", &[W::GramPerCm2]), ("g / cm2", &[W::GramPerCm2]),
    ("gm/cm2", &[W::GramPerCm2]), ("gr/cm2", &[W::GramPerCm2]), ("г/см2", &[W::GramPerCm2]), ("г/см 2", &[W::GramPerCm2]),
    ("г/см^2", &[W::GramPerCm2]), ("克/平方厘米", &[W::GramPerCm2]), ("克/厘米2", &[W::GramPerCm2]),
    ("mg/cm2", &[W::MilligramPerCm2]), ("mg/cm^2", &[W::MilligramPerCm2]), ("mg/cm 2", &[W::MilligramPerCm2]),
    ("мг/см2", &[W::MilligramPerCm2]), ("毫克/平方厘米", &[W::MilligramPerCm2]),
    ("cm2", &[W::SquareCm]), ("cm^2", &[W::SquareCm]), ("cm 2", &[W::SquareCm]), ("sq cm", &[W::SquareCm]), ("sq. cm", &[W::SquareCm]),
    ("см2", &[W::SquareCm]), ("см^2", &[W::SquareCm]), ("см 2", &[W::SquareCm]), ("平方厘米", &[W::SquareCm]), ("厘米2", &[W::SquareCm]),
    ("mm2", &[W::SquareMm]), ("mm^2", &[W::SquareMm]), ("mm 2", &[W::SquareMm]), ("мм2", &[W::SquareMm]), ("平方毫米", &[W::SquareMm]),
    ("g", &[W::Gram]), ("gm", &[W::Gram]), ("gram", &[W::Gram]), ("grams", &[W::Gram]), ("г", &[W::Gram]), ("гр", &[W::Gram]),
    ("克", &[W::Gram]), ("kg", &[W::Kilogram]), ("кг", &[W::Kilogram]), ("千克", &[W::Kilogram]), ("公斤", &[W::Kilogram]),
    ("mg", &[W::Milligram]), ("мг", &[W::Milligram]), ("毫克", &[W::Milligram]),
    ("%", &[W::Percent]), ("percent", &[W::Percent]), ("百分比", &[W::Percent]), ("sd", &[W::Sd]),
    ("bone", &[W::Filler]), ("score", &[W::Filler]), ("value", &[W::Filler]), ("值", &[W::Filler]), ("of", &[W::Filler]),
    ("the", &[W::Filler]), ("dxa", &[W::Filler]), ("dexa", &[W::Filler]), ("ap", &[W::Filler]), ("pa", &[W::Filler]),
    ("mineral", &[W::Filler]), ("区", &[W::Filler]), ("处", &[W::Filler]), ("кост*", &[W::Filler]), ("отдел*", &[W::Filler]),
    ("椎体", &[W::Filler]), ("measured", &[W::Filler]), ("measurement", &[W::Filler]),
    ("measurements", &[W::Filler]), ("result", &[W::Filler]), ("results", &[W::Filler]), ("for", &[W::Filler]),
    ("at", &[W::Filler]), ("in", &[W::Filler]), ("areal", &[W::Filler]), ("结果", &[W::Filler]), ("测量", &[W::Filler]), ("正位", &[W::Filler]), ("сустав*", &[W::Filler]),
];

/// What a text says in the vocabulary, and whether it said anything more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) words: BTreeSet<Word>,
    pub(super) lumbar: Option<LumbarSet>,
    /// Letters and digits that no phrase covers.
    pub(super) leftover: String,
}

impl Reading {
    pub(super) fn has(&self, word: Word) -> bool {
        self.words.contains(&word)
    }

    pub(super) fn has_any(&self, words: &[Word]) -> bool {
        words.iter().any(|word| self.has(*word))
    }

    /// Whether every word is one of these.
    pub(super) fn only(&self, words: &[Word]) -> bool {
        self.words.iter().all(|word| words.contains(word))
    }

    pub(super) fn is_whole(&self) -> bool {
        self.leftover.is_empty()
    }
}

/// Longest text that is looked at.
const LONGEST: usize = 200;

/// Reads a text; what is too long is left over whole.
pub(super) fn read(text: &str) -> Reading {
    let text = normalized(text);
    if text.len() > LONGEST {
        return Reading { leftover: text, ..Reading::default() };
    }
    let mut reading = Reading::default();
    let mut rest = text.as_str();
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        let taken = take(rest, before, &mut reading).max(next.len_utf8());
        before = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
    }
    reading
}

/// Takes the longest thing at the start of `rest` and returns its length in bytes.
fn take(rest: &str, before: char, reading: &mut Reading) -> usize {
    let boundary = !is_letter(before) || !rest.starts_with(is_letter);
    if boundary {
        if let Some((set, length)) = lumbar_at(rest) {
            match reading.lumbar {
                None => reading.lumbar = Some(set),
                // `L1-L4 (L3)`: which vertebrae are meant is not said in words.
                Some(_) => reading.leftover.push_str(&rest[..length]),
            }
            return length;
        }
        if let Some((words, length)) = phrase_at(rest) {
            reading.words.extend(words);
            return length;
        }
    }
    let length = rest.find(|c: char| !is_letter(c)).unwrap_or(rest.len());
    let length = if length == 0 { rest.chars().next().map_or(1, char::len_utf8) } else { length };
    let text = &rest[..length];
    reading.leftover.extend(text.chars().filter(|c| c.is_alphanumeric()));
    length
}

fn phrase_at(rest: &str) -> Option<(&'static [Word], usize)> {
    // Nearly all phrases fall at the first byte.
    let first = rest.as_bytes().first()?;
    let mut longest: Option<(&'static [Word], usize)> = None;
    for (phrase, words) in PHRASES.iter().filter(|(phrase, _)| phrase.as_bytes().first() == Some(first)) {
        if let Some(length) = match_length(rest, phrase)
            && longest.is_none_or(|(_, known)| length >= known)
        {
            longest = Some((*words, length));
        }
    }
    longest
}

/// Bytes of `rest` that the phrase covers, ending at a word boundary.
fn match_length(rest: &str, phrase: &str) -> Option<usize> {
    let mut covered = 0;
    for (index, stem) in phrase.split('*').enumerate() {
        if index > 0 {
            covered += rest[covered..].find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len() - covered);
            if stem.is_empty() {
                return Some(covered);
            }
        }
        rest[covered..].strip_prefix(stem)?;
        covered += stem.len();
    }
    let last = phrase.chars().next_back()?;
    let ends = !is_letter(last) || !rest[covered..].starts_with(is_letter);
    ends.then_some(covered)
}

/// Letters and digits that make up words by running on; Han characters stand alone.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{3400}'..='\u{9fff}')
}

/// A vertebra or set of vertebrae at the start: `l1`, `l1-l4`, `l1,l3-l4`, `l2-4`.
fn lumbar_at(rest: &str) -> Option<(LumbarSet, usize)> {
    let bytes = rest.as_bytes();
    let (first, mut at) = vertebra(bytes, 0, true)?;
    let mut members = vec![first];
    let mut last = first;
    loop {
        let mut next = skip_blanks(bytes, at);
        let separator = bytes.get(next).copied().filter(|b| matches!(b, b'-' | b',' | b'&' | b'+' | b'/'));
        if separator.is_some() {
            next = skip_blanks(bytes, next + 1);
        }
        let Some((number, end)) = vertebra(bytes, next, separator.is_none()) else { break };
        let range = separator == Some(b'-');
        members.extend(if range { last.min(number)..=last.max(number) } else { number..=number });
        (last, at) = (number, end);
    }
    // `l1.5`, `l1b`, `l1-l5`: not a vertebra of ours, or more than one.
    let tail = &rest[at..];
    let runs_on = tail.starts_with(is_letter)
        || (tail.starts_with('.') && tail[1..].starts_with(|c: char| c.is_ascii_digit()));
    let lumbar: Vec<Lumbar> = members.iter().map(|number| Lumbar::ALL[usize::from(*number) - 1]).collect();
    (!runs_on).then_some((LumbarSet::new(&lumbar)?, at))
}

fn vertebra(bytes: &[u8], at: usize, needs_letter: bool) -> Option<(u8, usize)> {
    let letter = bytes.get(at) == Some(&b'l');
    if needs_letter && !letter {
        return None;
    }
    let at = at + usize::from(letter);
    let number = bytes.get(at)?.checked_sub(b'0').filter(|number| (1..=4).contains(number))?;
    let runs_on = bytes.get(at + 1).is_some_and(|b| b.is_ascii_digit() || *b == b'.');
    (!runs_on).then_some((number, at + 1))
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    at + bytes[at.min(bytes.len())..].iter().take_while(|b| **b == b' ').count()
}

/// Lower case, narrow forms, plain dashes and exponents, `CamelCase` and `snake_case` parted, blanks run together.
pub(super) fn normalized(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        let c = narrow(c);
        if before.is_lowercase() && c.is_uppercase() {
            plain.push(' ');
        }
        before = c;
        plain.extend(c.to_lowercase());
    }
    for number in (1..=4).filter(|_| text.contains('腰')) {
        for name in ["腰椎", "腰"] {
            plain = plain.replace(&format!("{name}{number}"), &format!("l{number}"));
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn narrow(c: char) -> char {
    match c {
        '−' | '–' | '—' | '‐' | '‑' | '－' | '~' | '～' | '至' => '-',
        '\u{a0}' | '\u{3000}' | '_' => ' ',
        '’' | '‘' | '´' | '`' => '\'',
        '²' => '2',
        '³' => '3',
        '、' | '，' => ',',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vertebrae_are_read_in_every_spelling() {
        for (text, wanted) in [
            ("L1", "L1"),
            ("L1-L4", "L1-L4"),
            ("L1 – L4", "L1-L4"),
            ("L2-4", "L2-L4"),
            ("L1,L3-L4", "L1,L3-L4"),
            ("L1, L3, L4", "L1,L3-L4"),
            ("L1+L2", "L1-L2"),
            ("L1 L3", "L1,L3"),
            ("腰椎1-4", "L1-L4"),
            ("L1～L4", "L1-L4"),
            ("Total L1-L4", "L1-L4"),
        ] {
            let reading = read(text);
            assert_eq!(reading.lumbar.map(|set| set.to_string()).as_deref(), Some(wanted), "{text}");
            assert!(reading.is_whole(), "{text} left {}", reading.leftover);
        }
    }

    #[test]
    fn what_is_no_lumbar_set_is_left_over() {
        for text in ["L5", "L1-L5", "T12", "L1-L4 (L3)", "L1b", "L12", "L0"] {
            let reading = read(text);
            assert!(reading.lumbar.is_none() || !reading.is_whole(), "{text}: {reading:?}");
        }
    }

    #[test]
    fn words_are_found_whole_and_longest_first() {
        assert_eq!(read("Intertrochanter").words, BTreeSet::from([Word::Intertrochanter]));
        assert_eq!(read("FemoralNeck_L").words, BTreeSet::from([Word::Neck, Word::Left]));
        assert_eq!(read("转子间").words, BTreeSet::from([Word::Intertrochanter]));
        assert_eq!(read("右侧股骨颈").words, BTreeSet::from([Word::Right, Word::Neck]));
        assert_eq!(read("Шейка левого бедра").words, BTreeSet::from([Word::Neck, Word::Left, Word::Femur]));
        assert_eq!(read("sBMD").leftover, "s");
        assert!(!read("necklace").is_whole());
    }
}
