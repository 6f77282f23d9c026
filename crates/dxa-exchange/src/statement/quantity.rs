//! What can be stated: each quantity with its code of ours and its name in both languages.

/// Defines the enumeration and its table in one place.
macro_rules! quantities {
    ($($name:ident = $code:literal, $english:literal, $chinese:literal;)*) => {
        /// A quantity or a quality of something in a study.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the table says what each means")]
        pub enum Quantity { $($name,)* }

        impl Quantity {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its code in our own scheme; at most 16 letters.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Its name in English.
            #[must_use]
            pub fn english(self) -> &'static str {
                match self { $(Self::$name => $english,)* }
            }

            /// Its name in Chinese.
            #[must_use]
            pub fn chinese(self) -> &'static str {
                match self { $(Self::$name => $chinese,)* }
            }
        }
    };
}

quantities! {
    Area = "AREA", "Projected bone area", "骨面积";
    Content = "BMC", "Bone mineral content", "骨矿含量";
    Density = "BMD", "Bone mineral density", "骨密度";
    Uncertainty = "BMD-SD", "Standard uncertainty of the density", "骨密度标准不确定度";
    T = "T-SCORE", "T-score", "T值";
    TExact = "T-EXACT", "T-score before rounding", "T值（未舍入）";
    TPercent = "T-PERCENT", "Percent of the young reference mean", "占青年均值百分比";
    Z = "Z-SCORE", "Z-score", "Z值";
    ZExact = "Z-EXACT", "Z-score before rounding", "Z值（未舍入）";
    ZPercent = "Z-PERCENT", "Percent of the reference mean of the same age", "占同龄均值百分比";
    DeviceT = "DEVICE-T", "T-score as the device printed it", "设备T值";
    DeviceZ = "DEVICE-Z", "Z-score as the device printed it", "设备Z值";
    Provenance = "PROVENANCE", "Where the numbers come from", "数值来源";
    Method = "METHOD", "How it was computed", "计算方法";
    Excluded = "EXCLUDED", "Left out of totals because of", "排除原因";
    ExcludedBy = "EXCLUDED-BY", "Left out by", "排除者";
    IncludedBy = "INCLUDED-BY", "Taken in by", "恢复计入者";
    Fat = "FAT", "Fat mass", "脂肪量";
    Lean = "LEAN", "Lean mass", "瘦组织量";
    TotalMass = "MASS", "Total mass", "总质量";
    FatPercent = "FAT-PCT", "Fat, percent of total mass", "体脂率";
    Scored = "SCORED-VALUE", "Value of the scored quantity", "被评分量的数值";
    HeightAnterior = "HEIGHT-ANT", "Anterior height of the vertebral body", "椎体前缘高度";
    HeightMiddle = "HEIGHT-MID", "Middle height of the vertebral body", "椎体中央高度";
    HeightPosterior = "HEIGHT-POST", "Posterior height of the vertebral body", "椎体后缘高度";
    PixelsAnterior = "HEIGHT-ANT-PX", "Anterior height in pixels", "椎体前缘高度（像素）";
    PixelsMiddle = "HEIGHT-MID-PX", "Middle height in pixels", "椎体中央高度（像素）";
    PixelsPosterior = "HEIGHT-POST-PX", "Posterior height in pixels", "椎体后缘高度（像素）";
    LossAnterior = "HLOSS-ANT", "Loss of anterior height", "前缘高度丢失";
    LossMiddle = "HLOSS-MID", "Loss of middle height", "中央高度丢失";
    LossPosterior = "HLOSS-POST", "Loss of posterior height", "后缘高度丢失";
    Evaluable = "EVALUABLE", "Can be judged", "可评估";
    Shape = "GENANT-SHAPE", "Shape of the deformity", "变形类型";
    Grade = "GENANT-GRADE", "Genant grade", "Genant分级";
    Probability0 = "GENANT-P0", "Probability of grade 0", "0级概率";
    Probability1 = "GENANT-P1", "Probability of grade 1", "1级概率";
    Probability2 = "GENANT-P2", "Probability of grade 2", "2级概率";
    Probability3 = "GENANT-P3", "Probability of grade 3", "3级概率";
    ExpertProbability0 = "EXPERT-P0", "Probability that an expert grades 0", "专家判0级概率";
    ExpertProbability1 = "EXPERT-P1", "Probability that an expert grades 1", "专家判1级概率";
    ExpertProbability2 = "EXPERT-P2", "Probability that an expert grades 2", "专家判2级概率";
    ExpertProbability3 = "EXPERT-P3", "Probability that an expert grades 3", "专家判3级概率";
    NotEvaluable = "NOT-EVALUABLE", "Why it cannot be judged", "不可评估原因";
    ImageQuality = "IMAGE-QUALITY", "How well the vertebra shows", "椎体影像质量";
    Flag = "FLAG", "Doubt about the vertebra", "椎体提示";
    Fracture = "FRACTURE", "Fragility fracture of the vertebra", "椎体脆性骨折";
    DeformityIndex = "DEFORMITY-INDEX", "Spinal deformity index", "脊柱畸形指数";
    Kyphosis = "KYPHOSIS", "Kyphosis angle", "后凸角";
    LevelEvaluated = "LEVEL-EVALUATED", "Level that could be judged", "可评估椎体";
    AnteriorSide = "ANTERIOR-SIDE", "Side of the image that is anterior", "前方所在图像侧";
    LevelMargin = "LEVEL-MARGIN", "Lead of the labels over the next best", "椎体标记优势";
    LevelAlternative = "LEVEL-ALT", "Levels by which the next best labels differ", "备选标记偏移";
    LevelShift = "LEVEL-SHIFT", "Levels by which a reader moved the labels", "人工标记偏移";
    LevelChange = "LEVEL-CHANGE", "Change of the vertebra", "椎体变化";
    LossGained = "LOSS-GAINED", "Height lost since", "新增高度丢失";
    NewFracture = "NEW-FRACTURE-P", "Probability of a fracture since", "新发骨折概率";
    HipAxisLength = "HIP-AXIS", "Hip axis length", "髋轴长度";
    NeckShaftAngle = "NECK-SHAFT", "Neck-shaft angle", "颈干角";
    NeckWidth = "NECK-WIDTH", "Width of the femoral neck", "股骨颈宽度";
    Age = "AGE", "Age at the scan", "检查时年龄";
    BodyHeight = "BODY-HEIGHT", "Height of the body", "身高";
    BodyWeight = "BODY-WEIGHT", "Weight of the body", "体重";
    PopulationOf = "POPULATION", "Population that the patient is scored with", "评分所用人群";
    ItemName = "ITEM", "Name of a device's own item", "设备项目名称";
    ItemValue = "ITEM-VALUE", "Value of a device's own item", "设备项目数值";
    ItemUnit = "ITEM-UNIT", "Unit of a device's own item", "设备项目单位";
    Change = "CHANGE", "Change of density", "骨密度变化";
    ChangePercent = "CHANGE-PCT", "Change of density in percent", "骨密度变化百分比";
    Lsc = "LSC", "Least significant change", "最小有意义变化";
    LscPercent = "LSC-PCT", "Least significant change in percent", "最小有意义变化百分比";
    LscSource = "LSC-SOURCE", "Where the precision comes from", "精度来源";
    Significant = "SIGNIFICANT", "The change is beyond the least significant change", "变化有意义";
    PriorStudy = "PRIOR-STUDY", "Earlier study", "前次检查";
    PriorDate = "PRIOR-DATE", "Date of the earlier study", "前次检查日期";
    NotCompared = "NOT-COMPARED", "Why the two are not compared", "不予比较原因";
    Status = "STATUS", "Answer of the check", "检查结果";
    Measured = "MEASURED", "What was measured", "实测值";
    Limit = "LIMIT", "What it may be", "限值";
    Profile = "PROFILE", "Rules in force", "所用规则";
    ScoreBasis = "SCORE-BASIS", "Score that decides", "判定依据";
    LowestSite = "LOWEST-SITE", "Region of the lowest T-score", "最低T值部位";
    LowestSide = "LOWEST-SIDE", "Side of the lowest T-score", "最低T值侧别";
    LowestT = "LOWEST-T", "Lowest T-score", "最低T值";
    LowestReference = "LOWEST-REF", "Reference of the lowest T-score", "最低T值参考人群";
    WhoCategory = "WHO-CAT", "WHO category", "WHO分类";
    AgeCategory = "AGE-CAT", "Category for age", "同龄分类";
    DiagnosisOsteoporosis = "DX-OSTEOPOROSIS", "Criteria of osteoporosis are met", "符合骨质疏松诊断标准";
    Criterion = "DX-CRITERION", "Criterion that is met", "符合的诊断标准";
    FractureRisk = "FRACTURE-RISK", "Stratum of fracture risk", "骨折风险分层";
    VfaIndicated = "VFA-INDICATED", "Vertebral fracture assessment is indicated", "建议椎体骨折评估";
    RuleOutcome = "RULE-OUTCOME", "Answer of the rule", "规则结果";
    Finding = "FINDING", "Doubt about a result", "提示";
    Severity = "SEVERITY", "How much it weighs", "严重程度";
    AboutSite = "ABOUT-SITE", "Region it is about", "相关部位";
    AboutSide = "ABOUT-SIDE", "Side it is about", "相关侧别";
    Message = "MESSAGE", "In one sentence", "说明";
    Refusal = "REFUSAL", "What was refused", "拒绝";
}

impl Quantity {
    /// The quantity with this code of ours.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|quantity| quantity.code() == code)
    }

    /// Whether its statements say with whom they compare; a device's may be without.
    #[must_use]
    pub fn names_its_reference(self) -> bool {
        self.is_score() || matches!(self, Self::DeviceT | Self::DeviceZ | Self::Scored)
    }

    /// Whether its answer is a word where there is one, of those whose absence is stated.
    #[must_use]
    pub fn is_word(self) -> bool {
        matches!(self, Self::Shape | Self::Grade | Self::WhoCategory | Self::AgeCategory)
    }

    /// Whether it is a score or follows from one, so that it must name its reference.
    #[must_use]
    pub fn is_score(self) -> bool {
        use Quantity::{T, TExact, TPercent, Z, ZExact, ZPercent};
        matches!(self, T | TExact | TPercent | Z | ZExact | ZPercent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_its_own_and_fits_a_short_string() {
        for quantity in Quantity::ALL {
            assert!(quantity.code().len() <= 16, "{}", quantity.code());
            assert_eq!(Quantity::from_code(quantity.code()), Some(*quantity));
        }
    }
}
