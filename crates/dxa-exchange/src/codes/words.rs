//! Answers that are words: the contract's own, with their meaning in both languages.

use super::Code;

/// Words whose English is not the word itself, and the Chinese of all that have one.
const WORDS: &[(&str, &str, &str)] = &[
    ("normal", "Normal bone mass", "骨量正常"),
    ("low_bone_mass", "Low bone mass", "骨量减少"),
    ("osteoporosis", "Osteoporosis", "骨质疏松"),
    ("severe_osteoporosis", "Severe osteoporosis", "严重骨质疏松"),
    ("not_applicable", "Not applicable, Z-score is used", "不适用，以Z值为准"),
    ("within_expected", "Within the expected range for age", "在同龄预期范围内"),
    ("below_expected", "Below the expected range for age", "低于同龄预期范围"),
    ("none", "No deformity", "无变形"),
    ("wedge", "Wedge", "楔形"),
    ("biconcave", "Biconcave", "双凹"),
    ("crush", "Crush", "压缩"),
    ("G0", "Genant grade 0, normal", "0级"),
    ("G1", "Genant grade 1, mild", "1级（轻度）"),
    ("G2", "Genant grade 2, moderate", "2级（中度）"),
    ("G3", "Genant grade 3, severe", "3级（重度）"),
    ("device_reported", "Reported by the device", "设备报告"),
    ("device_reported_ocr", "Read from a picture of the device's report", "由设备报告图像识别"),
    ("computed", "Computed by this software", "本软件计算"),
    ("automatic", "Found automatically", "自动测定"),
    ("user", "Set by a user", "人工设定"),
    ("rule", "By rule", "按规则"),
    ("reported", "Reported by the device", "设备报告"),
    ("very_high", "Very high", "极高"),
    ("high", "High", "高"),
    ("not_high", "Not high", "不高"),
    ("unknown", "Unknown", "未知"),
    ("true", "Yes", "是"),
    ("false", "No", "否"),
    ("pass", "Pass", "通过"),
    ("fail", "Fail", "不通过"),
    ("not_evaluable", "Not evaluable", "无法评估"),
    ("fired", "Holds", "成立"),
    ("not_fired", "Does not hold", "不成立"),
    ("cannot_tell", "Cannot be told", "无法判断"),
    ("fracture", "Fracture", "骨折"),
    ("suspected", "Suspected, to be confirmed", "疑似，待确认"),
    ("confirmed", "Fragility fracture, confirmed by a reader", "脆性骨折，医师已确认"),
    ("rejected", "No fragility fracture, says a reader", "医师判断并非脆性骨折"),
    ("artefact", "Artefact", "伪影"),
    ("t_outlier", "T-score out of line with its neighbors", "T值与邻近椎体相差过大"),
    ("manual", "Left out by a user", "人工排除"),
    ("note", "Note", "提示"),
    ("review", "Review", "需复核"),
    ("withhold", "Withheld", "不予采用"),
    ("measured", "Measured precision", "实测精度"),
    ("default", "Default precision", "默认精度"),
    ("nhw", "Non-Hispanic White", "非西班牙裔白人"),
    ("nhb", "Non-Hispanic Black", "非西班牙裔黑人"),
    ("mexican_american", "Mexican American", "墨西哥裔美国人"),
    ("nh_asian", "Non-Hispanic Asian", "非西班牙裔亚裔"),
    ("chinese", "Chinese", "中国人"),
    ("japanese", "Japanese", "日本人"),
    ("korean", "Korean", "韩国人"),
    ("vietnamese", "Vietnamese", "越南人"),
    ("other", "Other", "其他"),
];

/// A word as a code of ours.
pub(crate) fn code_of_word(word: &str) -> Code {
    Code::local(word.to_owned(), english(word))
}

/// A word in English.
pub(crate) fn english(word: &str) -> String {
    let known = WORDS.iter().find(|(code, ..)| *code == word);
    known.map_or_else(|| word.replace(['_', '-'], " "), |(_, english, _)| (*english).to_owned())
}

/// A word in Chinese, where the table has it.
pub(crate) fn chinese(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(code, ..)| *code == word).map(|(.., chinese)| *chinese)
}
