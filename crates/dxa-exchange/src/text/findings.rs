//! Findings in words.

use dxa_core::findings::Finding;

use super::Language;

/// A finding as a sentence; the English one is the finding's own.
#[must_use]
pub fn finding(finding: &Finding, language: Language) -> &str {
    let chinese = CHINESE.iter().find(|(code, _)| *code == finding.code).map(|(_, sentence)| *sentence);
    language.of(&finding.message, chinese.unwrap_or(&finding.message))
}

/// The sentence of each finding code; a test holds this list against docs/findings.md.
const CHINESE: &[(&str, &str)] = &[
    ("age_conflict", "出生日期与所记年龄相差一年以上，采用出生日期。"),
    ("category_depends_on_reference", "所选参考人群不同时，该部位的分类不同。"),
    ("character_set_repaired", "文字的实际编码与声明不符，已修复并保留原始字节。"),
    ("character_set_unreadable", "部分文字无法按声明的字符集读取。"),
    ("comparison_area_differs", "两次检查的骨面积相差较大，比较须谨慎。"),
    ("density_implausible", "骨密度超出合理范围。"),
    ("density_inconsistent", "骨密度与骨矿含量除以面积不符。"),
    ("device_patient_differs", "设备结果中的性别或出生日期与文件头不符，不作评分。"),
    ("device_patient_named_differently", "设备结果中的患者姓名或编号与文件头不同。"),
    ("device_score_differs", "设备分值与本软件分值相差超过0.1。"),
    ("document_unreadable", "文档中的文字无法读取。"),
    ("file_incomplete", "文件不完整，已按推断读取。"),
    ("laterality_conflict", "侧别信息互相矛盾，不给出侧别。"),
    ("laterality_doubtful", "不同属性所记侧别不一致，采用优先级最高者，请核对。"),
    ("menopause_assumed", "绝经状态未知，已按年龄推定。"),
    ("near_cut", "T值四舍五入前后位于分类界限两侧。"),
    ("patient_attribute_conflict", "同一检查中患者信息不一致，该信息未采用。"),
    ("patient_attribute_implausible", "所记患者信息不合常理，未采用。"),
    ("person_implausible", "年龄、身高或体重不合理。"),
    ("reported_values_differ", "同一检查的两份设备结果骨密度不同。"),
    ("spine_not_usable", "剩余椎体不足两个，腰椎结果不计入。"),
    ("vertebra_excluded", "该椎体未计入腰椎结果。"),
    ("vertebra_t_differs", "该椎体T值与一侧相邻椎体相差超过1.0，未排除。"),
    ("vertebrae_not_growing", "面积或骨矿含量自L1至L4未逐渐增大，请核对椎体标记和骨边缘。"),
];
