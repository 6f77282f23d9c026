//! The inputs of rules in words, for saying what is missing.

use dxa_core::assess::Input;
use dxa_core::site::Lumbar;

use super::Language;

/// An input as a reader calls it.
#[must_use]
pub fn input(input: Input, language: Language) -> &'static str {
    let (english, chinese) = match input {
        Input::Sex => ("sex", "性别"),
        Input::AgeYears => ("age", "年龄"),
        Input::Menopause => ("menopause", "绝经状态"),
        Input::StudyDate => ("date of the scan", "检查日期"),
        Input::LowestT => ("T-score", "T值"),
        Input::SpineT => ("T-score of the lumbar spine", "腰椎T值"),
        Input::TotalHipT => ("T-score of the total hip", "全髋T值"),
        Input::FemoralNeckT => ("T-score of the femoral neck", "股骨颈T值"),
        Input::Radius33T => ("T-score of the 33 % radius", "桡骨远端1/3处T值"),
        Input::VertebraT(Lumbar::L1) => ("T-score of L1", "L1椎体T值"),
        Input::VertebraT(Lumbar::L2) => ("T-score of L2", "L2椎体T值"),
        Input::VertebraT(Lumbar::L3) => ("T-score of L3", "L3椎体T值"),
        Input::VertebraT(Lumbar::L4) => ("T-score of L4", "L4椎体T值"),
        Input::YoungPercent => ("percent of the young mean", "占年轻成人均值的百分比"),
        Input::Fractures => ("fractures", "骨折史"),
        Input::FractureDate => ("date of a fracture", "骨折日期"),
        Input::FractureFragility => ("whether a fracture was a fragility fracture", "是否为脆性骨折"),
        Input::FractureConfirmed => ("confirmation of a fracture that was told of", "自述骨折的证实"),
        Input::FractureOnTreatment => {
            ("whether a fracture happened under treatment", "骨折是否发生在治疗期间")
        }
        Input::SuspectedFractureConfirmed => {
            ("a reader's word on a suspected vertebral fracture", "医师对可疑椎体骨折的确认")
        }
        Input::GlucocorticoidUse => ("use of glucocorticoids", "糖皮质激素使用情况"),
        Input::GlucocorticoidDose => ("dose of glucocorticoids", "糖皮质激素剂量"),
        Input::GlucocorticoidMonths => ("duration of glucocorticoids", "糖皮质激素使用时间"),
        Input::BoneDamagingDrugs => ("drugs that damage bone", "损害骨骼的药物"),
        Input::OsteoporosisTreatment => ("treatment of osteoporosis", "抗骨质疏松治疗"),
        Input::HighFallRisk => ("risk of falls", "跌倒风险"),
        Input::FraxMajor => ("FRAX for major fractures", "FRAX主要骨质疏松性骨折概率"),
        Input::FraxHip => ("FRAX for the hip", "FRAX髋部骨折概率"),
        Input::Height => ("height", "身高"),
        Input::TallestHeight => ("tallest height", "最高身高"),
        Input::HeightLostInAYear => ("height lost in a year", "一年内身高变矮"),
        Input::Weight => ("weight", "体重"),
        Input::Hyperparathyroidism => ("hyperparathyroidism", "甲状旁腺功能亢进症"),
        Input::AndrogenDeprivation => ("androgen deprivation", "雄激素剥夺治疗"),
        Input::OverTableWeight => ("weight above the table's limit", "体重超过检查床承重"),
        Input::IofOneMinute => ("answers to the IOF one-minute test", "IOF一分钟测试答案"),
        Input::QctSpine => ("QCT of the spine", "腰椎QCT骨密度"),
        Input::Tbs => ("trabecular bone score", "骨小梁评分"),
        Input::UltrasoundT => ("T-score of an ultrasound device", "超声设备T值"),
        Input::Precision => ("precision of the scanner at this site", "本机该部位精密度"),
        Input::PriorDensity => ("earlier density", "前次骨密度"),
        Input::CurrentDensity => ("density of both visits", "两次骨密度"),
        Input::Devices => ("manufacturer and model of both scans", "两次检查的设备厂商和型号"),
        Input::Sides => ("side of both scans", "两次检查的侧别"),
        Input::Densities => ("densities", "骨密度"),
    };
    language.of(english, chinese)
}
