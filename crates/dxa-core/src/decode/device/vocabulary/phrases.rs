//! The phrases of reports in four languages, and where to look one up by its first byte.

use super::words::Word;

use Word as W;

/// Phrases in lower case. A trailing `*` takes the rest of the word (inflected languages).
#[rustfmt::skip]
pub(super) const PHRASES: &[(&str, &[Word])] = &[
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
    ("gm/cm2", &[W::GramPerCm2]), ("gm/cm^2", &[W::GramPerCm2]), ("gms/cm2", &[W::GramPerCm2]), ("gms/cm^2", &[W::GramPerCm2]), ("gr/cm2", &[W::GramPerCm2]), ("г/см2", &[W::GramPerCm2]), ("г/см 2", &[W::GramPerCm2]),
    ("г/см^2", &[W::GramPerCm2]), ("克/平方厘米", &[W::GramPerCm2]), ("克/厘米2", &[W::GramPerCm2]),
    ("mg/cm2", &[W::MilligramPerCm2]), ("mg/cm^2", &[W::MilligramPerCm2]), ("mg/cm 2", &[W::MilligramPerCm2]),
    ("мг/см2", &[W::MilligramPerCm2]), ("毫克/平方厘米", &[W::MilligramPerCm2]),
    ("cm2", &[W::SquareCm]), ("cm^2", &[W::SquareCm]), ("cm 2", &[W::SquareCm]), ("sq cm", &[W::SquareCm]), ("sq. cm", &[W::SquareCm]),
    ("см2", &[W::SquareCm]), ("см^2", &[W::SquareCm]), ("см 2", &[W::SquareCm]), ("平方厘米", &[W::SquareCm]), ("厘米2", &[W::SquareCm]),
    ("mm2", &[W::SquareMm]), ("mm^2", &[W::SquareMm]), ("mm 2", &[W::SquareMm]), ("мм2", &[W::SquareMm]), ("平方毫米", &[W::SquareMm]),
    ("g", &[W::Gram]), ("gm", &[W::Gram]), ("gms", &[W::Gram]), ("gram", &[W::Gram]), ("grams", &[W::Gram]), ("г", &[W::Gram]), ("гр", &[W::Gram]),
    ("克", &[W::Gram]), ("kg", &[W::Kilogram]), ("кг", &[W::Kilogram]), ("千克", &[W::Kilogram]), ("公斤", &[W::Kilogram]),
    ("mg", &[W::Milligram]), ("мг", &[W::Milligram]), ("毫克", &[W::Milligram]),
    ("%", &[W::Percent]), ("percent", &[W::Percent]), ("百分比", &[W::Percent]), ("sd", &[W::Sd]),
    ("bone", &[W::Filler]), ("δ", &[W::Filler]), ("score", &[W::Filler]), ("value", &[W::Filler]), ("值", &[W::Filler]), ("of", &[W::Filler]),
    ("the", &[W::Filler]), ("dxa", &[W::Filler]), ("dexa", &[W::Filler]), ("ap", &[W::Filler]), ("pa", &[W::Filler]),
    ("mineral", &[W::Filler]), ("区", &[W::Filler]), ("处", &[W::Filler]), ("кост*", &[W::Filler]), ("отдел*", &[W::Filler]),
    ("椎体", &[W::Filler]), ("measured", &[W::Filler]), ("measurement", &[W::Filler]),
    ("measurements", &[W::Filler]), ("result", &[W::Filler]), ("results", &[W::Filler]), ("for", &[W::Filler]),
    ("at", &[W::Filler]), ("in", &[W::Filler]), ("areal", &[W::Filler]), ("结果", &[W::Filler]), ("测量", &[W::Filler]), ("正位", &[W::Filler]), ("сустав*", &[W::Filler]),
];

const COUNT: usize = PHRASES.len();

/// Where in `ORDER` the phrases of each first byte begin.
const STARTS: [usize; 257] = starts();

/// Places in `PHRASES`, by first byte.
const ORDER: [usize; COUNT] = order();

/// The phrases that begin with this byte.
pub(super) fn beginning_with(first: u8) -> impl Iterator<Item = &'static (&'static str, &'static [Word])> {
    let first = usize::from(first);
    ORDER[STARTS[first]..STARTS[first + 1]].iter().map(|index| &PHRASES[*index])
}

const fn first_byte(index: usize) -> usize {
    PHRASES[index].0.as_bytes()[0] as usize
}

const fn starts() -> [usize; 257] {
    let mut starts = [0; 257];
    let mut index = 0;
    while index < COUNT {
        starts[first_byte(index) + 1] += 1;
        index += 1;
    }
    let mut byte = 1;
    while byte < 257 {
        starts[byte] += starts[byte - 1];
        byte += 1;
    }
    starts
}

const fn order() -> [usize; COUNT] {
    let mut next = starts();
    let mut order = [0; COUNT];
    let mut index = 0;
    while index < COUNT {
        let byte = first_byte(index);
        order[next[byte]] = index;
        next[byte] += 1;
        index += 1;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_found_by_its_first_byte() {
        let found: usize = (0..=255).map(|byte| beginning_with(byte).count()).sum();
        assert_eq!(found, COUNT);
        for (phrase, _) in PHRASES {
            let first = phrase.as_bytes()[0];
            assert!(beginning_with(first).any(|(known, _)| known == phrase), "{phrase}");
        }
    }
}
