//! Findings in words.

use dxa_core::findings::Finding;

use super::{Language, told};

/// A finding as a sentence; the English one is the finding's own.
#[must_use]
pub fn finding(finding: &Finding, language: Language) -> String {
    by_code(finding.code, &finding.message, language)
}

/// The same of a finding as a result has it.
pub(super) fn by_code(code: &str, message: &str, language: Language) -> String {
    match language {
        Language::English => message.to_owned(),
        Language::Chinese => told::in_chinese(code, message).unwrap_or_else(|| by_code_only(code, message)),
    }
}

/// The sentence of the code, with the vertebrae that the message names.
fn by_code_only(code: &str, message: &str) -> String {
    let known = CHINESE.iter().find(|(known, _)| *known == code);
    let Some((_, sentence)) = known else { return message.to_owned() };
    let levels = told::levels(message);
    if levels.is_empty() { (*sentence).to_owned() } else { format!("{sentence}（{}）", levels.join("、")) }
}

/// The sentence of each finding code; a test holds this list against docs/findings.md.
const CHINESE: &[(&str, &str)] = &[
    ("age_conflict", "出生日期与所记年龄相差一年以上，采用出生日期。"),
    ("bmd_implausible", "设备给出的骨密度超出合理范围，请核对数值或单位。"),
    ("bmd_inconsistent", "设备给出的骨矿含量除以面积与其骨密度不符。"),
    ("category_depends_on_reference", "所选参考人群不同时，该部位的分类不同。"),
    ("character_set_repaired", "文字的实际编码与声明不符，已修复并保留原始字节。"),
    ("character_set_unreadable", "部分文字无法按声明的字符集读取。"),
    ("comparison_area_differs", "两次检查的骨面积相差较大，比较须谨慎。"),
    ("context_conflict", "关于患者的信息来源不一致，采用最新的信息。"),
    ("correction_not_applied", "用户的修正未能应用，结果保持自动测量所得。"),
    ("density_implausible", "骨密度超出合理范围。"),
    ("density_inconsistent", "骨密度与骨矿含量除以面积不符。"),
    ("device_differs", "设备骨密度与由像素测得的骨密度相差超过2%，两者均列出。"),
    ("device_item_unknown", "设备结果含有未知的项目，已原样保留。"),
    ("device_patient_differs", "设备结果中的性别或出生日期与文件头不符，不作评分。"),
    ("device_patient_named_differently", "设备结果中的患者姓名或编号与文件头不同。"),
    ("device_score_differs", "设备分值与本软件分值相差超过0.1。"),
    ("device_text_truncated", "设备文本超出读取上限，其余部分未读取。"),
    ("document_unreadable", "文档中的文字无法读取。"),
    ("duplicate_row_conflict", "设备对同一部位给出两组不同数值，均不采用。"),
    ("few_vertebrae", "所测椎体过少，无法判断椎体是否整体压缩。"),
    ("file_incomplete", "文件不完整，已按推断读取。"),
    ("fracture_confirmed", "医师已确认为脆性骨折。"),
    ("fracture_rejected", "医师判断并非脆性骨折。"),
    ("grade_borderline", "考虑标点误差，该分级可能属于相邻等级。"),
    ("laterality_conflict", "侧别信息互相矛盾，不给出侧别。"),
    ("laterality_doubtful", "不同属性所记侧别不一致，采用优先级最高者，请核对。"),
    ("levels_uncertain", "椎体节段无法确定，可能整体相差一个节段，请核对。"),
    ("menopause_assumed", "绝经状态未知，已按年龄推定。"),
    ("near_cut", "T值四舍五入前后位于分类界限两侧。"),
    ("needs_review", "图像中椎体节段无法确定，须人工确认。"),
    ("number_ambiguous", "数字写法有歧义或不是数字，不予采用。"),
    ("order_mismatch", "该检查号对应的申请单属于另一患者编号。"),
    ("patient_attribute_conflict", "同一检查中患者信息不一致，该信息未采用。"),
    ("patient_attribute_implausible", "所记患者信息不合常理，未采用。"),
    ("person_implausible", "年龄、身高或体重不合理。"),
    ("phantom_study", "文件头表明为体模；测量值仅用于设备质控，不作评分。"),
    ("regions_corrected", "该扫描的轮廓或分割线经用户修正并重新测量。"),
    ("regions_not_found", "显示图像中未找到测量区域，不给出轮廓和分割线。"),
    ("reported_by_message", "设备数值来自HL7消息，而非DICOM对象。"),
    ("reported_numbers_differ", "同一检查的两份设备结果骨矿含量、面积或分值不同。"),
    ("reported_values_differ", "同一检查的两份设备结果骨密度不同。"),
    ("row_ambiguous", "表格行的数值无法确定对应哪一列，不予采用。"),
    ("side_contradicts", "设备文本与文件所记侧别不同，不给出侧别。"),
    ("side_contradicts_image", "图像所示髋部侧别与文件所记不符，请核对。"),
    ("site_from_convention", "报告仅编码骨骼名称，部位按编码惯例推定。"),
    ("site_not_named", "测量值未指明唯一部位，或部位相互矛盾，不予采用。"),
    ("spine_not_usable", "剩余椎体不足两个，腰椎结果不计入。"),
    ("study_incomplete", "该检查预期的部分对象尚未收到。"),
    ("study_duplicate", "该患者另一检查的各部位数值完全相同，其中之一为副本。"),
    ("total_inconsistent", "设备给出的总值与各部分之和不符。"),
    ("unit_contradicts_concept", "测量值的单位与其概念矛盾，不予采用。"),
    ("unit_unknown", "单位缺失或未知，相应数值不予采用。"),
    ("value_impossible", "设备数值不可能成立，不予采用。"),
    ("vertebra_excluded", "该椎体未计入腰椎结果。"),
    ("vertebra_kept", "医师决定将该椎体计入腰椎结果，其T值与所有相邻椎体相差均超过1.0。"),
    ("vertebra_not_evaluable", "部分椎体无法评估，未测量。"),
    ("vertebra_t_differs", "该椎体T值与一侧相邻椎体相差超过1.0，未排除。"),
    ("vertebrae_corrected", "椎体标点、节段或可评估性经用户修正或确认。"),
    ("vertebrae_not_growing", "面积或骨矿含量自L1至L4未逐渐增大，请核对椎体标记和骨边缘。"),
    ("vertebral_deformity", "椎体高度降低，疑似骨折，须由医师确认。"),
];
