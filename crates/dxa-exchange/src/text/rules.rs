//! Rules, their answers and what follows from them, in words.

use dxa_core::assess::{
    AgeCategory, ComparisonRule, Diagnosis, FractureRisk, Incomparable, Outcome, RuleId, RuleResult,
};

use super::Language;
use super::inputs::input;

/// A rule with its answer: what it asks, whether that is so, and what is missing to tell.
#[must_use]
pub fn rule(result: &RuleResult, language: Language) -> String {
    let answer = outcome(result.answer.outcome(), language);
    let missing: Vec<&str> =
        result.answer.missing().iter().map(|missing| input(*missing, language)).collect();
    let asked = rule_title(result.id, language);
    match (missing.as_slice(), language) {
        ([], Language::English) => format!("{asked}: {answer}."),
        ([], Language::Chinese) => format!("{asked}：{answer}。"),
        (missing, Language::English) => format!("{asked}: {answer}, not known: {}.", missing.join(", ")),
        (missing, Language::Chinese) => format!("{asked}：{answer}，缺少{}。", missing.join("、")),
    }
}

/// The answer of a rule.
#[must_use]
pub fn outcome(outcome: Outcome, language: Language) -> &'static str {
    let (english, chinese) = match outcome {
        Outcome::Fired => ("met", "符合"),
        Outcome::NotFired => ("not met", "不符合"),
        Outcome::CannotTell => ("cannot tell", "无法判断"),
    };
    language.of(english, chinese)
}

/// What a rule asks.
#[must_use]
pub fn rule_title(id: RuleId, language: Language) -> &'static str {
    let (english, chinese) = match id {
        RuleId::ScoreT => ("A T-score against a reference table", "有参考人群的T值"),
        RuleId::ScoreZ => ("A Z-score against a reference table", "有参考人群的Z值"),
        RuleId::ScoreBasis => (
            "Judged on T-scores (after menopause, or a man from 50)",
            "按T值判断（绝经后女性或50岁及以上男性）",
        ),
        RuleId::Sites => ("A T-score at lumbar spine, total hip or femoral neck", "腰椎、全髋或股骨颈有T值"),
        RuleId::VertebraExclude => ("A lumbar vertebra left out", "有腰椎椎体被排除"),
        RuleId::YoungPercent => (
            "70 % of the young mean or less, or below 80 % with a fragility fracture",
            "骨密度不超过年轻成人均值的70%，或低于80%并有脆性骨折",
        ),
        RuleId::Who => ("T-score of −2.5 or lower", "T值≤−2.5"),
        RuleId::DxFracture2022 => ("Fragility fracture of hip or vertebra", "髋部或椎体脆性骨折"),
        RuleId::DxBmd2022 => {
            ("T-score of −2.5 or lower at spine, hip or 33 % radius", "中轴骨或桡骨远端1/3处T值≤−2.5")
        }
        RuleId::DxLowPlusFracture2022 => (
            "Low bone mass with a fragility fracture of proximal humerus, pelvis or distal forearm",
            "骨量减少，并有肱骨近端、骨盆或前臂远端脆性骨折",
        ),
        RuleId::Treat2022 => ("Criteria of the guideline for treatment", "指南所列的治疗适应证标准"),
        RuleId::VeryHighRisk2022 => ("Osteoporosis with very high fracture risk", "骨质疏松症且骨折风险极高"),
        RuleId::FraxThreshold2022 => (
            "FRAX of 3 % or more at the hip, or 20 % or more for major fractures",
            "FRAX髋部骨折概率≥3%或主要骨质疏松性骨折概率≥20%",
        ),
        RuleId::DxFractureJapan => ("Fragility fracture of hip or vertebra", "髋部或椎体脆性骨折"),
        RuleId::DxSdJapan => {
            ("2.5 standard deviations or more below the young mean", "低于年轻成人均值2.5个标准差及以上")
        }
        RuleId::Osta => ("OSTA index not low", "OSTA指数提示中或高风险"),
        RuleId::Ost => ("OST index not low", "OST指数提示中或高风险"),
        RuleId::IofOneMinute => ("IOF one-minute test positive", "IOF骨质疏松风险一分钟测试阳性"),
        RuleId::ReceivedQct => {
            ("Received QCT of the spine below 80 mg/cm³", "所收到的腰椎QCT骨密度低于80 mg/cm³")
        }
        RuleId::ReceivedTbs => ("Trabecular bone score received and passed on", "收到骨小梁评分并原样转达"),
        RuleId::ReceivedUltrasound => {
            ("Ultrasound T-score received; it is given no class", "收到超声T值，仅供筛查，不作分类")
        }
        RuleId::Vfa70 => {
            ("Woman from 70 or man from 80 with a T-score of −1.0 or lower", "女性≥70岁或男性≥80岁，T值≤−1.0")
        }
        RuleId::Vfa65 => (
            "Woman of 65 to 69 or man of 70 to 79 with a T-score of −1.5 or lower",
            "女性65～69岁或男性70～79岁，T值≤−1.5",
        ),
        RuleId::VfaRisk => (
            "After menopause, or man from 50: fracture since 50, height loss or glucocorticoids",
            "绝经后女性或50岁及以上男性：50岁后低创伤骨折、身高变矮或使用糖皮质激素",
        ),
        RuleId::VfaIscd2019 => (
            "T-score below −1.0 with age, height loss, a vertebral fracture told of, or glucocorticoids",
            "T值<−1.0，并有高龄、身高变矮、自述椎体骨折或使用糖皮质激素",
        ),
        RuleId::Interval => {
            ("Under treatment: densitometry again in 1 to 2 years", "治疗期间：1～2年后复查骨密度")
        }
        RuleId::Plausibility => ("Numbers that are not plausible", "有数值不合理"),
    };
    language.of(english, chinese)
}

/// The sentence on diagnosis. It names criteria that are met; the diagnosis is a physician's.
#[must_use]
pub fn diagnosis(diagnosis: &Diagnosis, language: Language) -> &'static str {
    let (english, chinese) = match diagnosis.osteoporosis {
        Some(true) => ("Criteria of osteoporosis are met.", "符合骨质疏松症诊断标准。"),
        Some(false) => ("No criterion of osteoporosis is met.", "不符合骨质疏松症诊断标准。"),
        None => (
            "Whether criteria of osteoporosis are met cannot be told from what is known.",
            "现有资料不足以判断是否符合骨质疏松症诊断标准。",
        ),
    };
    language.of(english, chinese)
}

/// The sentence on the risk of fracture.
#[must_use]
pub fn fracture_risk(risk: FractureRisk, language: Language) -> &'static str {
    let (english, chinese) = match risk {
        FractureRisk::VeryHigh => ("The fracture risk is very high.", "骨折风险极高。"),
        FractureRisk::High => ("The fracture risk is high.", "骨折高风险。"),
        FractureRisk::NotHigh => ("The fracture risk is not high.", "骨折风险不高。"),
        FractureRisk::Unknown => {
            ("The fracture risk cannot be told from what is known.", "现有资料不足以判断骨折风险。")
        }
    };
    language.of(english, chinese)
}

/// The sentence on images of the spine.
#[must_use]
pub fn vfa(indicated: Option<bool>, language: Language) -> &'static str {
    let (english, chinese) = match indicated {
        Some(true) => (
            "Imaging of the spine for vertebral fractures is indicated.",
            "建议行脊椎影像检查以发现椎体骨折。",
        ),
        Some(false) => ("No criterion for imaging the spine is met.", "不符合脊椎影像检查的指征。"),
        None => (
            "Whether imaging of the spine is indicated cannot be told from what is known.",
            "现有资料不足以判断是否需要脊椎影像检查。",
        ),
    };
    language.of(english, chinese)
}

/// The class of a Z-score; for people under 20 in the words used of children.
#[must_use]
pub fn age_category(category: AgeCategory, under_twenty: bool, language: Language) -> &'static str {
    let (english, chinese) = match (category, under_twenty) {
        (AgeCategory::WithinExpected, false) => ("within the expected range for age", "在同龄人预期范围内"),
        (AgeCategory::BelowExpected, false) => ("below the expected range for age", "低于同龄人预期范围"),
        (AgeCategory::WithinExpected, true) => ("not low for chronologic age", "与实际年龄相比不低"),
        (AgeCategory::BelowExpected, true) => ("low for chronologic age", "与实际年龄相比偏低"),
    };
    language.of(english, chinese)
}

/// Why two measurements are not compared.
#[must_use]
pub fn incomparable(why: Incomparable, language: Language) -> &'static str {
    let (english, chinese) = match why {
        Incomparable::OtherManufacturer => (
            "Not compared: the earlier scan is of another manufacturer.",
            "不作比较：前次检查为其他厂商设备。",
        ),
        Incomparable::OtherModel => {
            ("Not compared: the earlier scan is of another model.", "不作比较：前次检查为其他型号设备。")
        }
        Incomparable::DeviceUnknown => {
            ("Not compared: manufacturer or model of a scan is not known.", "不作比较：设备厂商或型号未知。")
        }
        Incomparable::OtherVertebrae => (
            "Not compared: the earlier scan has another set of vertebrae.",
            "不作比较：前次检查的椎体组合不同。",
        ),
        Incomparable::OtherSide => {
            ("Not compared: the earlier scan is of the other side.", "不作比较：前次检查为对侧。")
        }
        Incomparable::SideUnknown => ("Not compared: the side is not known.", "不作比较：侧别未知。"),
        Incomparable::NoDensity => {
            ("Not compared: one of the scans has no usable density.", "不作比较：其中一次没有可用的骨密度。")
        }
    };
    language.of(english, chinese)
}

/// Whether a change is more than measurement error.
#[must_use]
pub fn change(significant: Option<bool>, language: Language) -> &'static str {
    let (english, chinese) = match significant {
        Some(true) => ("significant change", "变化有显著意义"),
        Some(false) => ("no significant change", "无显著变化"),
        None => {
            ("significance not known: no precision for this site", "无该部位精密度数据，不能判断变化是否显著")
        }
    };
    language.of(english, chinese)
}

/// What a rule about two visits asks.
#[must_use]
pub fn comparison_rule_title(id: ComparisonRule, language: Language) -> &'static str {
    let (english, chinese) = match id {
        ComparisonRule::CompareGate => {
            ("Same manufacturer and model, same vertebrae and side", "厂商、型号、椎体组合及侧别相同")
        }
        ComparisonRule::Lsc => (
            "Change of at least the least significant change of this scanner",
            "变化达到本机最小有意义变化值",
        ),
        ComparisonRule::LscDefault => {
            ("Change of at least the default least significant change", "变化达到默认最小有意义变化值")
        }
    };
    language.of(english, chinese)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dxa_core::assess::Input;

    const LANGUAGES: [Language; 2] = [Language::English, Language::Chinese];

    /// Matches make every rule speak; this holds the languages and the document against the rule table.
    #[test]
    fn every_rule_speaks_both_languages_and_is_documented() {
        let document = include_str!("../../../../docs/rules.md");
        let codes =
            RuleId::ALL.map(RuleId::code).into_iter().chain(ComparisonRule::ALL.map(ComparisonRule::code));
        for code in codes {
            assert!(document.contains(&format!("| `{code}` |")), "{code} is not in docs/rules.md");
        }
        for id in RuleId::ALL {
            let [english, chinese] = LANGUAGES.map(|language| rule_title(id, language));
            assert!(english.is_ascii() || english.contains(['−', '³']), "{english}");
            assert!(chinese.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{chinese}");
        }
    }

    #[test]
    fn a_rule_that_cannot_tell_says_what_it_lacks() {
        let case = dxa_core::assess::Case {
            patient: &dxa_core::patient::Patient::default(),
            context: &dxa_core::context::Context::default(),
            date: None,
            regions: &[],
            seen: dxa_core::assess::SeenFractures::default(),
        };
        let (assessment, _) = dxa_core::assess::assess(&case, "china-2022");
        let osta = assessment.rules.iter().find(|rule| rule.id == RuleId::Osta).unwrap();
        assert_eq!(rule(osta, Language::English), "OSTA index not low: cannot tell, not known: age, weight.");
        assert_eq!(rule(osta, Language::Chinese), "OSTA指数提示中或高风险：无法判断，缺少年龄、体重。");
        assert_eq!(input(Input::Sex, Language::Chinese), "性别");
    }
}
