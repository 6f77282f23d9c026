//! Headings and short words.

use dxa_core::assess::WhoCategory;
use dxa_core::grade::{Change, Shape};
use dxa_core::patient::Sex;
use dxa_core::site::Side;
use dxa_core::study::{ScanKind, Tier};

use super::Language;

/// Something that can be said in a word or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Heading of a study.
    Study,
    /// Heading of the patient.
    Patient,
    /// Heading of scans.
    Scan,
    /// Region heading.
    Site,
    /// Side heading.
    Side,
    /// Measured here, not by the device.
    Computed,
    /// Area heading.
    Area,
    /// Content heading.
    Content,
    /// Density heading.
    Density,
    /// The device's T and Z.
    DeviceScores,
    /// T-score heading.
    TScore,
    /// Z-score heading.
    ZScore,
    /// Reference heading.
    Reference,
    /// What can be had of a scan.
    Use,
    /// Pixel size.
    PixelSize,
    /// Device heading.
    Device,
    /// Category heading.
    Category,
    /// Lowest T-score.
    LowestT,
    /// Rules in force.
    Profile,
    /// Refusals.
    Refused,
    /// Findings.
    Findings,
    /// Files that made no study.
    NotRead,
    /// Years of age.
    Years,
    /// No value.
    Unknown,
    /// Body composition.
    Composition,
    /// Fat.
    Fat,
    /// Lean.
    Lean,
    /// Total mass.
    TotalMass,
    /// Date of the earlier study.
    Since,
    /// Change of density.
    Change,
    /// The same in percent of the earlier density.
    ChangePercent,
    /// Least significant change.
    LeastSignificantChange,
    /// A least significant change that nobody measured.
    ByDefault,
    /// Whether a change is real.
    Meaning,
    /// How many findings of one kind follow the one that is shown.
    More,
    /// Level of a vertebra.
    Vertebra,
    /// Anterior height.
    AnteriorHeight,
    /// Middle height.
    MiddleHeight,
    /// Posterior height.
    PosteriorHeight,
    /// Anterior height in parts of the posterior one.
    AnteriorRatio,
    /// Middle height in parts of the posterior one.
    MiddleRatio,
    /// Largest loss of height.
    HeightLoss,
    /// Grade of a deformity.
    Grade,
    /// Probability of grade 1 or more.
    GradeProbability,
    /// Sum of the grades.
    DeformityIndex,
    /// Angle of the thoracic spine.
    Kyphosis,
}

impl Label {
    /// The word.
    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        let (english, chinese) = match self {
            Self::Study => ("Study", "检查"),
            Self::Patient => ("Patient", "患者"),
            Self::Scan => ("Scan", "扫描"),
            Self::Site => ("Region", "测量部位"),
            Self::Side => ("Side", "侧别"),
            Self::Area => ("Area cm²", "面积 cm²"),
            Self::Content => ("BMC g", "骨矿含量 g"),
            Self::Density => ("BMD g/cm²", "骨密度 g/cm²"),
            Self::DeviceScores => ("Device T / Z", "设备T值 / Z值"),
            Self::TScore => ("T", "T值"),
            Self::ZScore => ("Z", "Z值"),
            Self::Reference => ("Reference", "参考人群"),
            Self::Use => ("Gives", "可得结果"),
            Self::PixelSize => ("Pixel mm", "像素 mm"),
            Self::Device => ("Device", "设备"),
            Self::Category => ("Category", "分类"),
            Self::LowestT => ("lowest T", "最低T值"),
            Self::Profile => ("profile", "规则"),
            Self::Refused => ("Refused", "拒绝"),
            Self::Findings => ("Findings", "提示"),
            Self::NotRead => ("Not read", "未能读取"),
            Self::Years => ("years", "岁"),
            Self::Unknown => ("unknown", "未知"),
            Self::Composition => ("Body composition", "身体成分"),
            Self::Fat => ("Fat g", "脂肪 g"),
            Self::Lean => ("Lean g", "瘦组织 g"),
            Self::TotalMass => ("Total g", "总质量 g"),
            Self::Since => ("Since", "前次检查"),
            Self::Change => ("Change g/cm²", "变化 g/cm²"),
            Self::ChangePercent => ("Change %", "变化 %"),
            Self::LeastSignificantChange => ("LSC g/cm²", "最小有意义变化 g/cm²"),
            Self::ByDefault => ("default", "默认值"),
            Self::Meaning => ("Meaning", "意义"),
            Self::Computed => ("computed", "计算"),
            Self::Vertebra => ("Vertebra", "椎体"),
            Self::AnteriorHeight => ("Ha mm", "前缘高度 mm"),
            Self::MiddleHeight => ("Hm mm", "中部高度 mm"),
            Self::PosteriorHeight => ("Hp mm", "后缘高度 mm"),
            Self::AnteriorRatio => ("Ha/Hp", "前缘/后缘"),
            Self::MiddleRatio => ("Hm/Hp", "中部/后缘"),
            Self::HeightLoss => ("Loss %", "高度降低 %"),
            Self::Grade => ("Grade", "分级"),
            Self::GradeProbability => ("P(≥1)", "骨折概率"),
            Self::DeformityIndex => ("Spinal deformity index", "脊柱畸形指数"),
            Self::Kyphosis => ("kyphosis", "后凸角"),
            Self::More => ("and {} more like it", "另有{}条同类提示"),
        };
        language.of(english, chinese)
    }
}

/// What was scanned.
#[must_use]
pub(crate) fn kind(kind: ScanKind, language: Language) -> &'static str {
    let (english, chinese) = match kind {
        ScanKind::ApSpine => ("AP spine", "正位腰椎"),
        ScanKind::Hip => ("hip", "髋部"),
        ScanKind::Forearm => ("forearm", "前臂"),
        ScanKind::WholeBody => ("whole body", "全身"),
        ScanKind::Knee => ("knee", "膝关节"),
        ScanKind::LateralSpine => ("lateral spine", "侧位脊柱"),
        ScanKind::ReportPage => ("report page", "报告页图像"),
        ScanKind::StructuredReport => ("structured report", "结构化报告"),
        ScanKind::Document => ("document", "文档"),
        ScanKind::Unsupported => ("unsupported", "不支持"),
    };
    language.of(english, chinese)
}

/// What can be had of a scan.
#[must_use]
pub(crate) fn tier(tier: Tier, language: Language) -> &'static str {
    let (english, chinese) = match tier {
        Tier::None => ("nothing", "无"),
        Tier::Display => ("geometry", "仅几何"),
        Tier::Reported => ("device numbers", "设备数值"),
        Tier::Quantitative => ("calibrated pixels", "定量像素"),
    };
    language.of(english, chinese)
}

/// A side.
#[must_use]
pub(crate) fn side(side: Side, language: Language) -> &'static str {
    let (english, chinese) = match side {
        Side::Left => ("left", "左"),
        Side::Right => ("right", "右"),
        Side::Both => ("mean", "双侧均值"),
    };
    language.of(english, chinese)
}

/// Shape of a deformity.
#[must_use]
pub(crate) fn shape(shape: Shape, language: Language) -> &'static str {
    let (english, chinese) = match shape {
        Shape::None => ("none", "无"),
        Shape::Wedge => ("wedge", "楔形"),
        Shape::Biconcave => ("biconcave", "双凹"),
        Shape::Crush => ("crush", "压缩"),
    };
    language.of(english, chinese)
}

/// What happened to a vertebra between two images.
#[must_use]
pub(crate) fn level_change(change: Change, language: Language) -> &'static str {
    let (english, chinese) = match change {
        Change::NewFracture => ("new deformity", "新发变形"),
        Change::Worse => ("worse", "加重"),
        Change::Same => ("same grade", "分级相同"),
        Change::Better => ("lower grade", "分级降低"),
        Change::NotComparable => ("not comparable", "无法比较"),
    };
    language.of(english, chinese)
}

/// Why a vertebra is not measured, by its code.
#[must_use]
pub(crate) fn not_evaluable(code: &str, language: Language) -> &'static str {
    let (english, chinese) = match code {
        "leaves_image" => ("not measured: leaves the image", "未测量：超出图像"),
        "endplates_not_seen" => ("not measured: endplates do not show", "未测量：终板不可见"),
        "fit_failed" => ("not measured: no consistent outline", "未测量：轮廓不一致"),
        "grade_undecided" => (
            "not measured: the image does not decide whether it is deformed",
            "未测量：图像不足以判定有无变形",
        ),
        "user" => ("left out by a user", "用户排除"),
        _ => ("not measured", "未测量"),
    };
    language.of(english, chinese)
}

/// Sex.
#[must_use]
pub(crate) fn sex(sex: Sex, language: Language) -> &'static str {
    match sex {
        Sex::Female => language.of("female", "女"),
        Sex::Male => language.of("male", "男"),
    }
}

/// A WHO class.
#[must_use]
pub(crate) fn who(category: WhoCategory, language: Language) -> &'static str {
    let (english, chinese) = match category {
        WhoCategory::Normal => ("normal", "骨量正常"),
        WhoCategory::LowBoneMass => ("low bone mass", "骨量减少"),
        WhoCategory::Osteoporosis => ("osteoporosis", "骨质疏松"),
        WhoCategory::SevereOsteoporosis => ("severe osteoporosis", "严重骨质疏松"),
        WhoCategory::NotApplicable => ("judged on Z-scores", "按Z值判断"),
    };
    language.of(english, chinese)
}
