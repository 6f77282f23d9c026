//! The rules as data: id, source, inputs, and the function that answers.

use super::answer::Answer;
use super::facts::Facts;
use super::input::{Input, Value};
use super::{diagnosis, plausibility, received, risk, scores};
use crate::site::Lumbar;

/// Every rule about one study; those about two are in [`super::ComparisonRule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the ids below and docs/rules.md say each rule")]
pub enum RuleId {
    ScoreT,
    ScoreZ,
    ScoreBasis,
    Sites,
    VertebraExclude,
    YoungPercent,
    Who,
    DxFracture2022,
    DxBmd2022,
    DxLowPlusFracture2022,
    Treat2022,
    VeryHighRisk2022,
    FraxThreshold2022,
    DxFractureJapan,
    DxSdJapan,
    Osta,
    Ost,
    IofOneMinute,
    ReceivedQct,
    ReceivedTbs,
    ReceivedUltrasound,
    Vfa70,
    Vfa65,
    VfaRisk,
    VfaIscd2019,
    Interval,
    Plausibility,
}

impl RuleId {
    /// All, in the order of results.
    pub const ALL: [Self; 27] = [
        Self::ScoreT,
        Self::ScoreZ,
        Self::ScoreBasis,
        Self::Sites,
        Self::VertebraExclude,
        Self::YoungPercent,
        Self::Who,
        Self::DxFracture2022,
        Self::DxBmd2022,
        Self::DxLowPlusFracture2022,
        Self::Treat2022,
        Self::VeryHighRisk2022,
        Self::FraxThreshold2022,
        Self::DxFractureJapan,
        Self::DxSdJapan,
        Self::Osta,
        Self::Ost,
        Self::IofOneMinute,
        Self::ReceivedQct,
        Self::ReceivedTbs,
        Self::ReceivedUltrasound,
        Self::Vfa70,
        Self::Vfa65,
        Self::VfaRisk,
        Self::VfaIscd2019,
        Self::Interval,
        Self::Plausibility,
    ];

    /// Its stable id.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ScoreT => "score-t",
            Self::ScoreZ => "score-z",
            Self::ScoreBasis => "score-basis",
            Self::Sites => "sites",
            Self::VertebraExclude => "iscd-2023/vertebra-exclude",
            Self::YoungPercent => "ya-percent",
            Self::Who => "who",
            Self::DxFracture2022 => "cn-2022/dx-fracture",
            Self::DxBmd2022 => "cn-2022/dx-bmd",
            Self::DxLowPlusFracture2022 => "cn-2022/dx-low-plus-fracture",
            Self::Treat2022 => "cn-2022/treat",
            Self::VeryHighRisk2022 => "cn-2022/very-high-risk",
            Self::FraxThreshold2022 => "cn-2022/frax-threshold",
            Self::DxFractureJapan => "japan-2012/dx-fracture",
            Self::DxSdJapan => "japan-2012/dx-sd",
            Self::Osta => "risk/osta",
            Self::Ost => "risk/ost",
            Self::IofOneMinute => "risk/iof-one-minute",
            Self::ReceivedQct => "received/qct",
            Self::ReceivedTbs => "received/tbs",
            Self::ReceivedUltrasound => "received/qus",
            Self::Vfa70 => "cn-2022/vfa-70",
            Self::Vfa65 => "cn-2022/vfa-65",
            Self::VfaRisk => "cn-2022/vfa-risk",
            Self::VfaIscd2019 => "iscd-2019/vfa",
            Self::Interval => "interval",
            Self::Plausibility => "plausibility",
        }
    }

    /// What the conclusion of the rule is part of.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Who
            | Self::YoungPercent
            | Self::DxFracture2022
            | Self::DxBmd2022
            | Self::DxLowPlusFracture2022
            | Self::DxFractureJapan
            | Self::DxSdJapan => Role::Diagnosis,
            Self::Vfa70 | Self::Vfa65 | Self::VfaRisk | Self::VfaIscd2019 => Role::SpineImaging,
            Self::VeryHighRisk2022 | Self::FraxThreshold2022 => Role::FractureRisk,
            Self::ScoreT
            | Self::ScoreZ
            | Self::ScoreBasis
            | Self::Sites
            | Self::VertebraExclude
            | Self::Treat2022
            | Self::Osta
            | Self::Ost
            | Self::IofOneMinute
            | Self::ReceivedQct
            | Self::ReceivedTbs
            | Self::ReceivedUltrasound
            | Self::Interval
            | Self::Plausibility => Role::Alone,
        }
    }

    fn rule(self) -> Rule {
        match self {
            Self::ScoreT => Rule {
                source: "T = (BMD - young mean) / young SD; consensus of the China Health Promotion Foundation, \
                         Beijing training material 2025",
                inputs: &[Input::LowestT],
                judge: scores::t,
                result: scores::t_result,
            },
            Self::ScoreZ => Rule {
                source: "Z = (BMD - mean at age) / SD at age, same sex and population",
                inputs: &[Input::AgeYears],
                judge: scores::z,
                result: scores::z_result,
            },
            Self::ScoreBasis => Rule {
                source: "ISCD Official Positions 2019/2023; the default for unknown menopause is this software's",
                inputs: &[Input::Sex, Input::AgeYears, Input::Menopause],
                judge: scores::basis,
                result: scores::basis_result,
            },
            Self::Sites => Rule {
                source: "Beijing training material 2025 (Chinese guideline 2022); ISCD Official Positions; \
                         unverified: androgen deprivation, no mean of two hips",
                inputs: SITES,
                judge: scores::sites,
                result: scores::sites_result,
            },
            Self::VertebraExclude => Rule {
                source: "ISCD Official Positions 2023; unverified: at least two vertebrae",
                inputs: VERTEBRAE,
                judge: scores::vertebra_exclude,
                result: scores::vertebra_exclude_result,
            },
            Self::YoungPercent => Rule {
                source: "Japanese criteria of primary osteoporosis 2012",
                inputs: &[Input::YoungPercent, Input::Fractures, Input::SuspectedFractureConfirmed],
                judge: diagnosis::young_percent,
                result: nothing,
            },
            Self::Who => Rule {
                source: "WHO classes, as in the consensus of the China Health Promotion Foundation and the \
                         Beijing training material 2025",
                inputs: PLACES_AND_FRACTURES,
                judge: diagnosis::who,
                result: diagnosis::who_result,
            },
            Self::DxFracture2022 => guideline(FRACTURES, diagnosis::hip_or_vertebral_fracture),
            Self::DxBmd2022 => guideline(PLACES, diagnosis::low_density),
            Self::DxLowPlusFracture2022 => guideline(PLACES_AND_FRACTURES, diagnosis::low_plus_fracture),
            Self::Treat2022 => guideline(
                &[
                    Input::LowestT,
                    Input::Radius33T,
                    Input::Fractures,
                    Input::SuspectedFractureConfirmed,
                    Input::FraxHip,
                    Input::FraxMajor,
                ],
                diagnosis::treat,
            ),
            Self::VeryHighRisk2022 => guideline(VERY_HIGH, risk::very_high),
            Self::FraxThreshold2022 => guideline(&[Input::FraxHip, Input::FraxMajor], risk::frax_threshold),
            Self::DxFractureJapan => japan(FRACTURES, diagnosis::hip_or_vertebral_fracture),
            Self::DxSdJapan => japan(PLACES, diagnosis::low_sd),
            Self::Osta => Rule {
                source: "OSTA = (weight kg - age) x 0.2, truncated; low above -1, high below -4",
                inputs: &[Input::Weight, Input::AgeYears],
                judge: risk::osta_raised,
                result: risk::osta_result,
            },
            Self::Ost => Rule {
                source: "OST = (weight kg - age) / 5; low above 1, high below -3",
                inputs: &[Input::Weight, Input::AgeYears],
                judge: risk::ost_raised,
                result: risk::ost_result,
            },
            Self::IofOneMinute => Rule {
                source: "IOF one-minute osteoporosis risk test, 19 questions",
                inputs: &[Input::Sex, Input::IofOneMinute],
                judge: risk::iof_one_minute,
                result: nothing,
            },
            Self::ReceivedQct => {
                Rule { result: received::qct_result, ..guideline(&[Input::QctSpine], received::qct) }
            }
            Self::ReceivedTbs => {
                Rule { result: received::tbs_result, ..guideline(&[Input::Tbs], received::tbs) }
            }
            Self::ReceivedUltrasound => Rule {
                result: received::ultrasound_result,
                ..guideline(&[Input::UltrasoundT], received::ultrasound)
            },
            Self::Vfa70 => guideline(AGED, risk::vfa_70),
            Self::Vfa65 => guideline(AGED, risk::vfa_65),
            Self::VfaRisk => guideline(VFA_RISK, risk::vfa_risk),
            Self::VfaIscd2019 => Rule {
                source: "ISCD Official Positions 2019, vertebral fracture assessment",
                inputs: VFA_ISCD,
                judge: risk::iscd_vfa,
                result: nothing,
            },
            Self::Interval => Rule {
                source: "A reminder, not a criterion: densitometry every 1 to 2 years under treatment",
                inputs: &[Input::OsteoporosisTreatment],
                judge: risk::interval,
                result: risk::interval_result,
            },
            Self::Plausibility => Rule {
                source: "This software",
                inputs: &[],
                judge: plausibility::implausible,
                result: nothing,
            },
        }
    }
}

/// What a rule is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A criterion of osteoporosis.
    Diagnosis,
    /// An indication to image the spine.
    SpineImaging,
    /// A stratum of fracture risk.
    FractureRisk,
    /// None of these.
    Alone,
}

/// What one rule came to in one case.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleResult {
    /// Which rule.
    pub id: RuleId,
    /// The answer.
    pub answer: Answer,
    /// Its inputs that are known.
    pub inputs: Vec<(Input, Value)>,
    /// What it came to beside yes and no, such as a class.
    pub result: Vec<(&'static str, Value)>,
    /// Where it was read; `unverified` names what was not.
    pub source: &'static str,
}

/// Answers one rule.
pub(super) fn judge(id: RuleId, facts: &Facts<'_>) -> RuleResult {
    let rule = id.rule();
    let known = |input: &Input| Some((*input, input.value(facts)?));
    RuleResult {
        id,
        answer: (rule.judge)(facts),
        inputs: rule.inputs.iter().filter_map(known).collect(),
        result: (rule.result)(facts),
        source: rule.source,
    }
}

struct Rule {
    source: &'static str,
    inputs: &'static [Input],
    judge: fn(&Facts<'_>) -> Answer,
    result: fn(&Facts<'_>) -> Vec<(&'static str, Value)>,
}

fn nothing(_: &Facts<'_>) -> Vec<(&'static str, Value)> {
    Vec::new()
}

fn guideline(inputs: &'static [Input], judge: fn(&Facts<'_>) -> Answer) -> Rule {
    let source = "Chinese guideline for primary osteoporosis 2022 (CSOBMR), as quoted in the Beijing \
                  training material 2025";
    Rule { source, inputs, judge, result: nothing }
}

fn japan(inputs: &'static [Input], judge: fn(&Facts<'_>) -> Answer) -> Rule {
    Rule { source: "Japanese criteria of primary osteoporosis 2012", inputs, judge, result: nothing }
}

const FRACTURES: &[Input] = &[Input::Fractures, Input::SuspectedFractureConfirmed];

const PLACES: &[Input] =
    &[Input::LowestT, Input::SpineT, Input::TotalHipT, Input::FemoralNeckT, Input::Radius33T];

const PLACES_AND_FRACTURES: &[Input] = &[
    Input::LowestT,
    Input::SpineT,
    Input::TotalHipT,
    Input::FemoralNeckT,
    Input::Radius33T,
    Input::Fractures,
    Input::SuspectedFractureConfirmed,
];

const SITES: &[Input] = &[
    Input::SpineT,
    Input::TotalHipT,
    Input::FemoralNeckT,
    Input::Radius33T,
    Input::Hyperparathyroidism,
    Input::OverTableWeight,
    Input::AndrogenDeprivation,
];

const VERTEBRAE: &[Input] = &[
    Input::VertebraT(Lumbar::L1),
    Input::VertebraT(Lumbar::L2),
    Input::VertebraT(Lumbar::L3),
    Input::VertebraT(Lumbar::L4),
];

const VERY_HIGH: &[Input] = &[
    Input::LowestT,
    Input::Radius33T,
    Input::Fractures,
    Input::SuspectedFractureConfirmed,
    Input::StudyDate,
    Input::GlucocorticoidUse,
    Input::GlucocorticoidDose,
    Input::GlucocorticoidMonths,
    Input::BoneDamagingDrugs,
    Input::HighFallRisk,
    Input::FraxHip,
    Input::FraxMajor,
];

const AGED: &[Input] = &[Input::Sex, Input::AgeYears, Input::LowestT];

const VFA_RISK: &[Input] = &[
    Input::Sex,
    Input::AgeYears,
    Input::Menopause,
    Input::Fractures,
    Input::Height,
    Input::TallestHeight,
    Input::HeightLostInAYear,
    Input::GlucocorticoidUse,
    Input::GlucocorticoidMonths,
];

const VFA_ISCD: &[Input] = &[
    Input::Sex,
    Input::AgeYears,
    Input::LowestT,
    Input::Fractures,
    Input::Height,
    Input::TallestHeight,
    Input::GlucocorticoidUse,
    Input::GlucocorticoidDose,
    Input::GlucocorticoidMonths,
];
