//! Checks of how a scan was taken, and flags of vertebrae, in words.

use super::Language;

/// What a check looks at, by its id (docs/quality.md and docs/quality-limbs.md); the id itself where it is not known.
#[must_use]
pub fn check(id: &str, language: Language) -> &str {
    of(CHECKS, id, language)
}

/// What a flag of a vertebra says, by its code (docs/grade.md); the code itself where it is not known.
#[must_use]
pub fn flag(code: &str, language: Language) -> &str {
    of(FLAGS, code, language)
}

type Words = (&'static str, &'static str, &'static str);

fn of<'a>(table: &'static [Words], code: &'a str, language: Language) -> &'a str {
    let known = table.iter().find(|(known, ..)| *known == code);
    known.map_or(code, |(_, english, chinese)| language.of(english, chinese))
}

const CHECKS: &[Words] = &[
    ("spine-labels", "Names of the vertebrae", "椎体命名"),
    ("spine-tilt", "Spine upright", "脊柱竖直"),
    ("spine-centering", "Spine in the middle", "脊柱居中"),
    ("spine-t12-in-view", "T12 in view", "T12入镜"),
    ("spine-l5-in-view", "L5 in view", "L5入镜"),
    ("spine-iliac-crest-in-view", "Iliac crest in view", "髂嵴入镜"),
    ("spine-margins", "Soft tissue on both sides", "两侧软组织"),
    ("spine-curvature", "Curvature", "脊柱侧弯"),
    ("spine-rotation", "Rotation", "脊柱旋转"),
    ("spine-metal", "Metal over the spine", "脊柱区金属"),
    ("spine-motion", "Motion", "运动伪影"),
    ("spine-osteophyte", "Osteophytes", "骨赘"),
    ("vertebral-outlier", "Spread of the vertebrae", "椎体间差异"),
    ("vertebral-height-loss", "Height of the vertebrae", "椎体高度"),
    ("spine-area-change", "Area since the earlier scan", "与前次面积之差"),
    ("hip-shaft-tilt", "Shaft upright", "股骨干竖直"),
    ("hip-rotation", "Inward rotation", "内旋"),
    ("hip-head-in-view", "Head in view", "股骨头入镜"),
    ("hip-margin-above", "Margin above", "上缘余量"),
    ("hip-margin-lateral", "Margin at the side", "外侧余量"),
    ("hip-margin-below", "Margin below", "下缘余量"),
    ("hip-neck-box-position", "Place of the neck box", "股骨颈框位置"),
    ("hip-neck-box-size", "Size of the neck box", "股骨颈框大小"),
    ("hip-ischium-in-neck-box", "Ischium in the neck box", "坐骨进入股骨颈框"),
    ("hip-metal", "Metal over the hip", "髋部金属"),
    ("hip-motion", "Motion", "运动伪影"),
    ("forearm-tilt", "Forearm upright", "前臂竖直"),
    ("forearm-rotation", "Rotation", "前臂旋转"),
    ("forearm-distal-end", "Distal end in view", "远端入镜"),
    ("forearm-third-in-view", "One-third strip in view", "1/3区入镜"),
    ("forearm-metal", "Metal over the forearm", "前臂金属"),
    ("forearm-motion", "Motion", "运动伪影"),
];

const FLAGS: &[Words] = &[
    ("borderline", "The grade could be the next one", "分级可能为相邻等级"),
    ("check_levels", "Check the labels", "请核对节段"),
    ("no_expected_height", "Too few levels to see a crush", "节段过少，无法判断压缩"),
    ("no_level_normals", "No normals for this level", "该节段无正常值"),
    ("short_vertebra_no_endplate_depression", "Short, endplates not depressed", "椎体偏低，终板无凹陷"),
    ("multi_level_mild_wedge", "One of several mild wedges", "多节段轻度楔形"),
    ("single_level_step", "A step from its neighbors", "与邻近椎体有明显落差"),
    ("check_points", "Check the points", "请核对标点"),
    ("filled_in", "Found between its neighbors", "由邻近椎体推定"),
    ("double_superior_endplate", "Double superior endplate", "上终板双边"),
    ("double_inferior_endplate", "Double inferior endplate", "下终板双边"),
    ("points_crossed", "Points are interchanged", "标点互换"),
    ("height_zero", "Two points are one", "两点重合"),
    ("posterior_wall_not_evaluable", "Posterior wall does not show", "后缘不可见"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Every check of the documents has words, and every word a check.
    #[test]
    fn the_checks_are_those_of_the_documents() {
        let documents = concat!(
            include_str!("../../../../docs/quality.md"),
            include_str!("../../../../docs/quality-limbs.md")
        );
        let ids: Vec<&str> = documents
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(id, _)| id))
            .collect();
        let known: Vec<&str> = CHECKS.iter().map(|(id, ..)| *id).collect();
        assert_eq!(known, ids);
        assert_eq!(check("spine-tilt", Language::Chinese), "脊柱竖直");
        assert_eq!(check("no-such-check", Language::Chinese), "no-such-check");
    }
}
