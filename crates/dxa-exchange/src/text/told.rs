//! What the English sentence of a finding tells beyond its code, said in Chinese: vertebrae, values and reasons.
//!
//! A result keeps the sentence and not its parts, so the parts are read out of it; where a sentence is made in
//! another way than is known here, its code is said, and the vertebrae it names.

use dxa_core::site::Site;

use super::facts::conflicts_in_chinese;
use super::{Language, labels, said};
use crate::view::fill;

/// How the core makes a sentence, and how Chinese says it with the same parts in the same order.
const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "bmd_implausible",
        "BMD {} g/cm² of {} is outside of what is plausible.",
        "设备给出的骨密度{} g/cm²（{}）超出合理范围，请核对数值或单位。",
    ),
    (
        "bmd_inconsistent",
        "Printed BMC {} g and area {} cm² of {} do not give the printed BMD {} g/cm².",
        "设备给出的骨矿含量{} g除以面积{} cm²（{}）与其骨密度{} g/cm²不符。",
    ),
    (
        "category_depends_on_reference",
        "The category of {} depends on the reference: {}.",
        "{}的分类因所选参考人群而异：{}。",
    ),
    (
        "comparison_area_differs",
        "The bone area of {} differs by {} cm² ({} %) between the two visits.",
        "两次检查{}的骨面积相差{} cm²（{}%），比较须谨慎。",
    ),
    (
        "context_conflict",
        "Sources tell different values, and the newest of each is used. {}.",
        "关于患者的信息来源不一致，采用最新的信息：{}。",
    ),
    (
        "density_implausible",
        "The density of {} is outside 0.2 to 2.5 g/cm².",
        "{}的骨密度超出0.2至2.5 g/cm²。",
    ),
    (
        "density_inconsistent",
        "The density of {} is not its content divided by its area.",
        "{}的骨密度与骨矿含量除以面积不符。",
    ),
    (
        "device_differs",
        "The device gives {} g/cm², the pixels give {}; both are listed.",
        "设备骨密度（{} g/cm²）与由像素测得的骨密度（{} g/cm²）相差超过2%，两者均列出。",
    ),
    (
        "device_score_differs",
        "The device's {}-score of {} is {} against {}; ours is {} against {}.",
        "设备{}值（{}）为{}（参考：{}），本软件为{}（参考：{}），相差超过0.1。",
    ),
    (
        "few_vertebrae",
        "Only {} vertebrae were measured; without more of them a crushed one cannot be told from a low one.",
        "仅测得{}个椎体，无法判断椎体是否整体压缩。",
    ),
    ("fracture_confirmed", "A reader confirmed as a fragility fracture: {}.", "医师已确认为脆性骨折：{}。"),
    (
        "fracture_rejected",
        "A reader says that it is no fragility fracture: {}.",
        "医师判断并非脆性骨折：{}。",
    ),
    (
        "grade_borderline",
        "The grade could be another within the uncertainty of the points: {}.",
        "考虑标点误差，该分级可能属于相邻等级：{}。",
    ),
    (
        "levels_uncertain",
        "The levels cannot be told for sure; every vertebra may be one level {}. Check the labels.",
        "椎体节段无法确定，各椎体可能实际{}一个节段，请核对标记。",
    ),
    (
        "menopause_assumed",
        "Menopause is not known; {} was assumed from the age.",
        "绝经状态未知，已按年龄推定为{}。",
    ),
    (
        "near_cut",
        "The T-score of {} is {} after rounding and {} before, on the other side of a category limit.",
        "{}的T值四舍五入后为{}，之前为{}，位于分类界限两侧。",
    ),
    (
        "needs_review",
        "The levels of the vertebrae are not sure (evidence falls short by {}); a person must confirm them.",
        "图像中椎体节段无法确定（证据差{}），须人工确认。",
    ),
    (
        "patient_attribute_conflict",
        "The objects of this study disagree on the patient's {}, which is therefore not used.",
        "同一检查中患者的{}不一致，该信息未采用。",
    ),
    (
        "patient_attribute_implausible",
        "The patient's {} as recorded is not possible and is not used.",
        "所记患者{}不合常理，未采用。",
    ),
    ("person_implausible", "The person's {} cannot be right.", "{}不合理。"),
    ("regions_corrected", "Corrected by a user and measured again: {}.", "经用户修正并重新测量：{}。"),
    (
        "reported_numbers_differ",
        "Scans {} and {} of this study give {} different {}.",
        "同一检查的扫描（序号{}与{}，自0起）给出{}的{}不同。",
    ),
    (
        "reported_values_differ",
        "Scans {} and {} of this study give {} different {}.",
        "同一检查的扫描（序号{}与{}，自0起）给出{}的{}不同。",
    ),
    (
        "side_contradicts_image",
        "The object says {}, but the pelvis lies on the side of a {} hip in the image.",
        "文件所记为{}，图像中骨盆位置显示为{}髋部，请核对。",
    ),
    (
        "total_inconsistent",
        "Printed BMD {} g/cm² of {} is not ΣBMC / Σarea of its parts, {}.",
        "设备给出的骨密度{} g/cm²（{}）与各部分之和所得{} g/cm²不符。",
    ),
    ("value_impossible", "The {} cannot be true; it is held back.", "设备数值（{}）不可能成立，不予采用。"),
    ("vertebra_excluded", "{} was left out: {}.", "{}未计入腰椎结果：{}。"),
    (
        "vertebra_kept",
        "{} counts because a reader says so, though its T-score is more than 1.0 away from those of all its neighbors.",
        "医师决定将{}计入腰椎结果，其T值与所有相邻椎体相差均超过1.0。",
    ),
    ("vertebra_not_evaluable", "Not measured: {}.", "以下椎体无法评估，未测量：{}。"),
    (
        "vertebra_t_differs",
        "The T-score of {} is more than 1.0 away from that of one neighbor; it was not left out.",
        "{}的T值与一侧相邻椎体相差超过1.0，未排除。",
    ),
    ("vertebrae_corrected", "A user moved the labels by {} levels.", "用户将椎体标记移动了{}个节段。"),
    ("vertebrae_corrected", "Placed, confirmed or left out by a user: {}.", "经用户标点、确认或排除：{}。"),
    (
        "vertebral_deformity",
        "Heights are lost as in a fracture; a reader must confirm it: {}.",
        "椎体高度降低，疑似骨折，须由医师确认：{}。",
    ),
];

/// What parts of sentences are, where they are neither sites nor words of the contract.
const PARTS: &[(&str, &str)] = &[
    ("L", "左侧"),
    ("R", "右侧"),
    ("higher", "偏高"),
    ("lower", "偏低"),
    ("age", "年龄"),
    ("height", "身高"),
    ("weight", "体重"),
    ("sex", "性别"),
    ("birth date", "出生日期"),
    ("densities", "骨密度"),
    ("contents", "骨矿含量"),
    ("areas", "面积"),
    ("T-scores", "T值"),
    ("Z-scores", "Z值"),
    ("neck box", "股骨颈框"),
    ("a reference it does not name", "未注明"),
    ("a reader found it not assessable", "阅片者认为无法评估"),
    ("its T-score is more than 1.0 away from those of all its neighbors", "其T值与所有相邻椎体相差均超过1.0"),
];

/// The sentence in Chinese with everything the English one tells; `None` where that one is made differently.
pub(super) fn in_chinese(code: &str, message: &str) -> Option<String> {
    let mut known = SENTENCES.iter().filter(|(of, ..)| *of == code);
    known.find_map(|(_, english, chinese)| {
        let parts = parts(english, message)?.into_iter();
        let parts: Vec<String> = match code {
            "context_conflict" => parts.map(conflicts_in_chinese).collect::<Option<_>>()?,
            _ => parts.map(listed).collect(),
        };
        Some(fill(chinese, &parts.iter().map(String::as_str).collect::<Vec<_>>()))
    })
}

/// What stands at the places of a sentence, found from its end: there the parts are numbers and short names.
fn parts<'a>(sentence: &str, message: &'a str) -> Option<Vec<&'a str>> {
    let mut fixed = sentence.split("{}").collect::<Vec<_>>().into_iter().rev();
    let mut rest = message.strip_suffix(fixed.next()?)?;
    let mut parts = Vec::new();
    let mut fixed = fixed.peekable();
    while let Some(text) = fixed.next() {
        let (before, part) = if fixed.peek().is_none() {
            ("", rest.strip_prefix(text)?)
        } else {
            let at = rest.rfind(text)?;
            (&rest[..at], &rest[at + text.len()..])
        };
        parts.push(part);
        rest = before;
    }
    parts.reverse();
    Some(parts)
}

/// A list of parts, each in Chinese.
fn listed(parts: &str) -> String {
    let is_whole = PARTS.iter().any(|(known, _)| *known == parts);
    let separate =
        |parts: &str| parts.replace(" and ", ", ").split(", ").map(part).collect::<Vec<_>>().join("、");
    if is_whole { part(parts) } else { separate(parts) }
}

/// One part in Chinese; numbers, names of devices and of tables stay as they are.
fn part(text: &str) -> String {
    const CHINESE: Language = Language::Chinese;
    if let Some((_, chinese)) = PARTS.iter().find(|(known, _)| *known == text) {
        return (*chinese).to_owned();
    }
    if let Some((level, grade)) = text.split_once(" grade ") {
        let (grade, shape) = grade.split_once(" (").unwrap_or((grade, ""));
        return format!("{level} {grade}级（{}）", said::word(shape.trim_end_matches(')'), CHINESE));
    }
    if let Some((level, why)) = text.split_once(" (").filter(|(level, _)| is_level(level)) {
        return format!("{level}（{}）", labels::not_evaluable(why.trim_end_matches(')'), CHINESE));
    }
    if let Some((category, table)) = text.split_once(" by ") {
        return format!("{}（{table}）", said::word(category, CHINESE));
    }
    if let Some(site) = text.strip_prefix("outline of ") {
        return format!("{}轮廓", part(site));
    }
    if let Some(disc) = text.strip_prefix("line disc_") {
        return format!("{}分割线", disc.replace('_', "/").to_uppercase());
    }
    if let Some((value, place)) = text.split_once(" of ") {
        return format!("{} {value}", part(place));
    }
    if let Some((place, value)) = text.rsplit_once(' ').filter(|(_, value)| value.parse::<f64>().is_ok()) {
        return format!("{} {value}", part(place));
    }
    let (site, side) = text.rsplit_once(' ').map_or((text, None), |(site, side)| (site, Some(side)));
    if site.parse::<Site>().is_ok() {
        return said::place(site, side, CHINESE);
    }
    crate::codes::chinese(text).map_or_else(|| text.to_owned(), str::to_owned)
}

/// The vertebrae that a sentence names, each once.
pub(super) fn levels(message: &str) -> Vec<&str> {
    let mut levels: Vec<&str> = Vec::new();
    for word in message.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| is_level(word)) {
        if !levels.contains(&word) {
            levels.push(word);
        }
    }
    levels
}

fn is_level(word: &str) -> bool {
    word.parse::<dxa_core::vertebra::Level>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every known sentence is one that the core makes: what stands between its parts is in the source.
    #[test]
    fn sentences_are_those_of_the_core() {
        fn read(folder: &std::path::Path, all: &mut String) {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    read(&entry, all);
                } else if entry.extension().is_some_and(|extension| extension == "rs") {
                    *all += &std::fs::read_to_string(entry).unwrap();
                }
            }
        }
        let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut source = String::new();
        for folder in ["dxa-core/src", "dxa-server/src/work"] {
            read(&crates.join(folder), &mut source);
        }
        for (code, english, chinese) in SENTENCES {
            assert_eq!(english.matches("{}").count(), chinese.matches("{}").count(), "{code}");
            let longest = english.split("{}").max_by_key(|text| text.len()).unwrap();
            // The sentence that leads a list stands alone in the source.
            let longest = longest.trim_end_matches(": ");
            assert!(source.contains(longest), "{code}: {longest}");
        }
        for (part, _) in PARTS.iter().filter(|(part, _)| part.contains(' ')) {
            assert!(source.contains(part), "{part}");
        }
    }

    #[test]
    fn chinese_tells_levels_and_values() {
        let cases = [
            (
                "vertebral_deformity",
                "Heights are lost as in a fracture; a reader must confirm it: T8 grade 2 (wedge), L2 grade 1 (crush).",
                "椎体高度降低，疑似骨折，须由医师确认：T8 2级（楔形）、L2 1级（压缩）。",
            ),
            (
                "vertebra_not_evaluable",
                "Not measured: T4 (leaves_image), L5 (user).",
                "以下椎体无法评估，未测量：T4（未测量：超出图像）、L5（用户排除）。",
            ),
            (
                "device_differs",
                "The device gives total_hip L 0.812 g/cm², the pixels give 0.845; both are listed.",
                "设备骨密度（左侧全髋 0.812 g/cm²）与由像素测得的骨密度（0.845 g/cm²）相差超过2%，两者均列出。",
            ),
            (
                "near_cut",
                "The T-score of L1-L4 is -2.5 after rounding and -2.4671 before, on the other side of a category limit.",
                "L1-L4的T值四舍五入后为-2.5，之前为-2.4671，位于分类界限两侧。",
            ),
            (
                "device_score_differs",
                "The device's T-score of L1-L4 is -2.1 against a reference it does not name; ours is -2.4 against a-b.",
                "设备T值（L1-L4）为-2.1（参考：未注明），本软件为-2.4（参考：a-b），相差超过0.1。",
            ),
            (
                "vertebra_excluded",
                "L3 was left out: its T-score is more than 1.0 away from those of all its neighbors.",
                "L3未计入腰椎结果：其T值与所有相邻椎体相差均超过1.0。",
            ),
            (
                "context_conflict",
                "Sources tell different values, and the newest of each is used. menopause: post (hl7:EMR^HOSP, \
                 2026-01-05 10:00 UTC), peri (anna, 2025-11-03 08:15 UTC); fractures: \
                 [{\"site\":\"hip\",\"date\":\"2023-05\",\"fragility\":true}] (anna, 2025-11-03 08:15 UTC), [] (li (B), \
                 2024-01-01 00:00 UTC); weight_kg: 54.5 (a, b, 2026-01-05 10:00 UTC), 58 (c, 2025-01-05 10:00 UTC).",
                "关于患者的信息来源不一致，采用最新的信息：绝经：绝经后（hl7:EMR^HOSP，2026-01-05 10:00 UTC）、围绝经期（anna，\
                 2025-11-03 08:15 UTC）；骨折：部位 髋部，日期 2023-05，脆性骨折 是（anna，2025-11-03 08:15 UTC）、无（li (B)，\
                 2024-01-01 00:00 UTC）；体重：54.5（a, b，2026-01-05 10:00 UTC）、58（c，2025-01-05 10:00 UTC）。",
            ),
            // Said in a way that is not known here.
            (
                "grade_borderline",
                "T8 and L2 might be another grade.",
                "考虑标点误差，该分级可能属于相邻等级。（T8、L2）",
            ),
        ];
        for (code, english, chinese) in cases {
            assert_eq!(super::super::findings::by_code(code, english, Language::Chinese), chinese);
            assert_eq!(super::super::findings::by_code(code, english, Language::English), english);
        }
    }
}
