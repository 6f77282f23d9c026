//! The words that only printed reports have, in both languages side by side.

use dxa_exchange::text::Language;

macro_rules! words {
    ($($name:ident: $english:literal, $chinese:literal;)*) => {
        pub(crate) struct Words {
            $(pub(crate) $name: &'static str,)*
        }

        const ENGLISH: Words = Words { $($name: $english,)* };
        const CHINESE: Words = Words { $($name: $chinese,)* };
    };
}

impl Words {
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }
}

words! {
    title: "Bone densitometry report", "骨密度检测报告";
    draft: "DRAFT", "草稿";
    draft_text: "Draft: not signed. A physician decides.", "草稿：尚未签名，须经医师审核。";
    signed: "Signed by {}, {}", "签名：{}，{}";
    amended: "Amended report, signed by {}, {}", "修订报告，签名：{}，{}";
    version: "version {}", "第{}版";
    page: "Page", "第";
    page_of: "of", "页，共";
    page_end: "", "页";
    name: "Name", "姓名";
    images: "Images", "图像";
    more_findings: "Every check is on the study's page.", "全部检查项见检查页面。";
    legend_grades: "Genant grade: 0 none, 1 mild, 2 moderate, 3 severe; – not in view, ? not evaluable", "Genant分级：0 正常，1 轻度，2 中度，3 重度；– 未显示，? 无法评估";
    no_absolute: "Gray values of pictures are for looking at.", "图像灰度仅供观看。";
    // The sheet.
    sheet_title: "Your bone density result", "您的骨密度检查结果";
    sheet_draft: "Not yet checked by a physician.", "尚未经医师审核。";
    sheet_measured: "What was measured", "检查内容";
    sheet_measured_text: "Weak X-rays showed how much mineral is in your bones: {}.", "用低剂量X线测量了您骨骼中的矿物质含量：{}。";
    sheet_spine_text: "A picture of your spine from the side showed the shape of your vertebrae.", "脊柱侧位图像显示了您椎体的形态。";
    sheet_means: "What it means", "结果说明";
    sheet_normal: "Your bone density is normal for a healthy young adult.", "您的骨密度处于健康年轻成人的正常范围。";
    sheet_low: "Your bone density is lower than that of young adults, but not as low as in osteoporosis.", "您的骨密度低于年轻成人，但未达到骨质疏松的程度。";
    sheet_osteoporosis: "Your bone density is as low as in osteoporosis. Such bones break more easily.", "您的骨密度已达到骨质疏松的程度，骨骼较容易发生骨折。";
    sheet_severe: "Your bone density is as low as in osteoporosis, and a bone has already broken. Another fracture is more likely than in other people.", "您的骨密度已达到骨质疏松的程度，并且曾发生骨折，再次骨折的可能性高于他人。";
    sheet_expected: "Your bone density is within the range that is expected for your age.", "您的骨密度在同龄人的预期范围内。";
    sheet_below: "Your bone density is below the range that is expected for your age. Your physician will look for the reason.", "您的骨密度低于同龄人的预期范围，医师会查找原因。";
    sheet_unknown: "This examination alone gives no overall result. Your physician will explain what it shows.", "仅凭本次检查无法给出总体结论，医师会向您说明。";
    sheet_fracture: "The picture of your spine shows a vertebra that may be pressed together. This can happen without pain. Your physician will look at it again.", "脊柱图像显示可能有椎体被压缩变形，这种情况可以没有疼痛，医师会再次核实。";
    sheet_lowest: "Lowest value: T-score {} ({}). The T-score compares you with healthy young adults; the further below zero, the less mineral.", "最低值：T值 {}（{}）。T值是与健康年轻成人的比较，低于零越多，矿物质越少。";
    sheet_do: "What you can do yourself", "您自己可以做的";
    sheet_move: "Move", "运动";
    sheet_move_1: "Be on your feet every day: walk, climb stairs, dance, garden.", "每天站立活动：步行、爬楼梯、跳舞、园艺。";
    sheet_move_2: "Train strength and balance, for instance with tai chi; ask your physician or physiotherapist what suits you.", "进行力量和平衡锻炼，如太极拳；请咨询医师或康复师选择适合您的方式。";
    sheet_move_3: "Lift with a straight back and bent knees.", "搬东西时保持背部挺直、屈膝。";
    sheet_eat: "Eat well", "营养";
    sheet_eat_1: "Eat food that is rich in calcium every day: milk products, soy products, green vegetables, fish with soft bones.", "每天吃含钙丰富的食物：奶制品、豆制品、绿色蔬菜、带软骨的小鱼。";
    sheet_eat_2: "Eat enough protein, and be outdoors in daylight for vitamin D.", "摄入足够的蛋白质，多在户外晒太阳以获得维生素D。";
    sheet_eat_3: "Do not smoke, and drink little alcohol.", "不吸烟，少饮酒。";
    sheet_falls: "Do not fall", "预防跌倒";
    sheet_falls_1: "Remove loose rugs and cables; light stairs and the way to the bathroom at night.", "收好松动的地垫和电线；楼梯及夜间去卫生间的路上要有照明。";
    sheet_falls_2: "Wear shoes that hold the foot; put handles in bath and toilet.", "穿合脚防滑的鞋；浴室和厕所安装扶手。";
    sheet_falls_3: "Have your eyes checked, and say so when you feel dizzy.", "定期检查视力；如有头晕请告诉医师。";
    sheet_next: "What comes next", "下一步";
    sheet_next_text: "Take this sheet to your physician, who knows your history and decides with you what is needed. Do not begin or stop any medicine because of this sheet.", "请带着本页咨询您的医师；医师了解您的病史，会与您共同决定下一步。请勿仅凭本页自行用药或停药。";
    sheet_help: "See a physician soon when you suddenly have strong back pain, or have lost height.", "如突然出现明显腰背痛，或身高变矮，请尽快就医。";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_the_same_in_both_languages() {
        let gaps = |words: &Words| {
            [words.signed, words.amended, words.version, words.sheet_measured_text, words.sheet_lowest]
                .map(|text| text.matches("{}").count())
        };
        assert_eq!(gaps(&ENGLISH), gaps(&CHINESE));
    }
}
