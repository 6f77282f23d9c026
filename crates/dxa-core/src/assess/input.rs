//! The inputs of rules: a closed list of names, each with its value in a case.

use super::facts::Facts;
use crate::context::{Fracture, GlucocorticoidUse};
use crate::patient::Menopause;
use crate::site::Lumbar;

/// A value that a rule saw or came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number, in the unit that the name of the input says.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A code or a short text.
    Text(String),
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Something a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// Sex.
    Sex,
    /// Age, years.
    AgeYears,
    /// Menopause.
    Menopause,
    /// Date of the scan.
    StudyDate,
    /// The lowest T that counts.
    LowestT,
    /// T of the lumbar spine, without vertebrae left out.
    SpineT,
    /// T of the total hip, the lower of two.
    TotalHipT,
    /// T of the femoral neck, the lower of two.
    FemoralNeckT,
    /// T of the 33 % radius.
    Radius33T,
    /// T of one vertebra.
    VertebraT(Lumbar),
    /// Lowest percent of the young mean.
    YoungPercent,
    /// The fractures told of.
    Fractures,
    /// Date of a fracture.
    FractureDate,
    /// Whether a fracture came of a minor fall.
    FractureFragility,
    /// Confirmation of a fracture that is reported only.
    FractureConfirmed,
    /// Whether a fracture happened under treatment.
    FractureOnTreatment,
    /// A reader's word on a fracture that is suspected in the image.
    SuspectedFractureConfirmed,
    /// Whether glucocorticoids are taken.
    GlucocorticoidUse,
    /// Their dose.
    GlucocorticoidDose,
    /// For how long.
    GlucocorticoidMonths,
    /// Other drugs that damage bone.
    BoneDamagingDrugs,
    /// Treatment of osteoporosis.
    OsteoporosisTreatment,
    /// High risk of falls.
    HighFallRisk,
    /// FRAX, major fracture, percent.
    FraxMajor,
    /// FRAX, hip fracture, percent.
    FraxHip,
    /// Height, cm.
    Height,
    /// Tallest height, cm.
    TallestHeight,
    /// Height lost in a year, cm.
    HeightLostInAYear,
    /// Weight, kg.
    Weight,
    /// Hyperparathyroidism.
    Hyperparathyroidism,
    /// Androgen deprivation.
    AndrogenDeprivation,
    /// Too heavy for the table.
    OverTableWeight,
    /// Answers to the IOF one-minute test.
    IofOneMinute,
    /// QCT of the spine, mg/cm³.
    QctSpine,
    /// Trabecular bone score.
    Tbs,
    /// T of an ultrasound device.
    UltrasoundT,
    /// Precision of the scanner at the site, g/cm².
    Precision,
    /// A density of the earlier visit, g/cm².
    PriorDensity,
    /// A density of this visit, g/cm².
    CurrentDensity,
    /// Manufacturer and model of both visits.
    Devices,
    /// Sides of both visits.
    Sides,
    /// Densities of the regions.
    Densities,
}

impl Input {
    /// All of them.
    pub const ALL: [Self; 45] = [
        Self::Sex,
        Self::AgeYears,
        Self::Menopause,
        Self::StudyDate,
        Self::LowestT,
        Self::SpineT,
        Self::TotalHipT,
        Self::FemoralNeckT,
        Self::Radius33T,
        Self::VertebraT(Lumbar::L1),
        Self::VertebraT(Lumbar::L2),
        Self::VertebraT(Lumbar::L3),
        Self::VertebraT(Lumbar::L4),
        Self::YoungPercent,
        Self::Fractures,
        Self::FractureDate,
        Self::FractureFragility,
        Self::FractureConfirmed,
        Self::FractureOnTreatment,
        Self::SuspectedFractureConfirmed,
        Self::GlucocorticoidUse,
        Self::GlucocorticoidDose,
        Self::GlucocorticoidMonths,
        Self::BoneDamagingDrugs,
        Self::OsteoporosisTreatment,
        Self::HighFallRisk,
        Self::FraxMajor,
        Self::FraxHip,
        Self::Height,
        Self::TallestHeight,
        Self::HeightLostInAYear,
        Self::Weight,
        Self::Hyperparathyroidism,
        Self::AndrogenDeprivation,
        Self::OverTableWeight,
        Self::IofOneMinute,
        Self::QctSpine,
        Self::Tbs,
        Self::UltrasoundT,
        Self::Precision,
        Self::PriorDensity,
        Self::CurrentDensity,
        Self::Devices,
        Self::Sides,
        Self::Densities,
    ];

    /// Its name in results.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Sex => "sex",
            Self::AgeYears => "age_years",
            Self::Menopause => "menopause",
            Self::StudyDate => "study_date",
            Self::LowestT => "t",
            Self::SpineT => "spine_t",
            Self::TotalHipT => "total_hip_t",
            Self::FemoralNeckT => "femoral_neck_t",
            Self::Radius33T => "radius_33_t",
            Self::VertebraT(Lumbar::L1) => "l1_t",
            Self::VertebraT(Lumbar::L2) => "l2_t",
            Self::VertebraT(Lumbar::L3) => "l3_t",
            Self::VertebraT(Lumbar::L4) => "l4_t",
            Self::YoungPercent => "percent_of_young_mean",
            Self::Fractures => "fractures",
            Self::FractureDate => "fracture_date",
            Self::FractureFragility => "fracture_fragility",
            Self::FractureConfirmed => "fracture_confirmed",
            Self::FractureOnTreatment => "fracture_on_treatment",
            Self::SuspectedFractureConfirmed => "suspected_vertebral_fracture_confirmed",
            Self::GlucocorticoidUse => "glucocorticoid_use",
            Self::GlucocorticoidDose => "glucocorticoid_mg_per_day",
            Self::GlucocorticoidMonths => "glucocorticoid_months",
            Self::BoneDamagingDrugs => "bone_damaging_drugs",
            Self::OsteoporosisTreatment => "osteoporosis_treatment",
            Self::HighFallRisk => "high_fall_risk",
            Self::FraxMajor => "frax_major_percent",
            Self::FraxHip => "frax_hip_percent",
            Self::Height => "height_cm",
            Self::TallestHeight => "tallest_height_cm",
            Self::HeightLostInAYear => "height_lost_in_a_year_cm",
            Self::Weight => "weight_kg",
            Self::Hyperparathyroidism => "hyperparathyroidism",
            Self::AndrogenDeprivation => "androgen_deprivation",
            Self::OverTableWeight => "over_table_weight",
            Self::IofOneMinute => "iof_one_minute",
            Self::QctSpine => "qct_spine_mg_cm3",
            Self::Tbs => "tbs",
            Self::UltrasoundT => "ultrasound_t",
            Self::Precision => "precision_g_cm2",
            Self::PriorDensity => "prior_bmd_g_cm2",
            Self::CurrentDensity => "current_bmd_g_cm2",
            Self::Devices => "devices",
            Self::Sides => "sides",
            Self::Densities => "bmd_g_cm2",
        }
    }

    /// Its value in a case; `None` when it is missing, or no input of one case.
    pub(super) fn value(self, facts: &Facts<'_>) -> Option<Value> {
        let number = |value: Option<f64>| value.map(Value::Number);
        let flag = |value: Option<bool>| value.map(Value::Flag);
        let code = |value: Option<&'static str>| value.map(|code| Value::Text(code.to_owned()));
        let context = facts.context;
        match self {
            Self::Sex => code(facts.sex.map(crate::patient::Sex::code)),
            Self::AgeYears => number(facts.age.map(|age| crate::units::round_half_away(age, 2))),
            Self::Menopause => code(context.menopause.map(Menopause::code)),
            Self::StudyDate => facts.date.map(|date| Value::Text(date.to_string())),
            Self::LowestT => number(facts.lowest_t()),
            Self::SpineT => number(facts.t.spine),
            Self::TotalHipT => number(facts.t.total_hip),
            Self::FemoralNeckT => number(facts.t.femoral_neck),
            Self::Radius33T => number(facts.t.radius_33),
            Self::VertebraT(vertebra) => number(facts.vertebra_t(vertebra)),
            Self::YoungPercent => number(facts.young_percent()),
            Self::Fractures => context.fractures.as_ref().map(|all| Value::Text(listed(all))),
            Self::SuspectedFractureConfirmed => {
                let levels: Vec<&str> = facts.seen.confirmed.iter().map(|level| level.code()).collect();
                (!levels.is_empty()).then(|| Value::Text(levels.join("; ")))
            }
            Self::GlucocorticoidUse => code(context.glucocorticoid.taken.map(GlucocorticoidUse::code)),
            Self::GlucocorticoidDose => number(context.glucocorticoid.mg_per_day),
            Self::GlucocorticoidMonths => number(context.glucocorticoid.months),
            Self::BoneDamagingDrugs => flag(context.bone_damaging_drugs),
            Self::OsteoporosisTreatment => flag(context.osteoporosis_treatment),
            Self::HighFallRisk => flag(context.high_fall_risk),
            Self::FraxMajor => number(context.frax.major_percent),
            Self::FraxHip => number(context.frax.hip_percent),
            Self::Height => number(facts.height_cm),
            Self::TallestHeight => number(context.tallest_height_cm),
            Self::HeightLostInAYear => number(context.height_lost_in_a_year_cm),
            Self::Weight => number(facts.weight_kg),
            Self::Hyperparathyroidism => flag(context.hyperparathyroidism),
            Self::AndrogenDeprivation => flag(context.androgen_deprivation),
            Self::OverTableWeight => flag(context.over_table_weight),
            Self::IofOneMinute => answered(facts),
            Self::QctSpine => number(context.qct_spine_mg_cm3),
            Self::Tbs => number(context.tbs.value),
            Self::UltrasoundT => number(context.ultrasound_t),
            Self::FractureDate
            | Self::FractureFragility
            | Self::FractureConfirmed
            | Self::FractureOnTreatment
            | Self::Precision
            | Self::PriorDensity
            | Self::CurrentDensity
            | Self::Devices
            | Self::Sides
            | Self::Densities => None,
        }
    }
}

/// `none`, or each fracture with what is known of it, e.g. `hip (fragility, 2023-05-01)`.
fn listed(fractures: &[Fracture]) -> String {
    if fractures.is_empty() {
        return "none".to_owned();
    }
    fractures.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn one(fracture: &Fracture) -> String {
    let mut known = Vec::new();
    known.extend(fracture.fragility.map(|yes| if yes { "fragility" } else { "not fragility" }.to_owned()));
    known.extend(fracture.confirmed.filter(|yes| !yes).map(|_| "not documented".to_owned()));
    known.extend(fracture.on_treatment.filter(|yes| *yes).map(|_| "on treatment".to_owned()));
    known.extend(fracture.date.map(|date| {
        if date.earliest == date.latest {
            date.earliest.to_string()
        } else {
            format!("{}/{}", date.earliest, date.latest)
        }
    }));
    let known = if known.is_empty() { "nothing more known".to_owned() } else { known.join(", ") };
    format!("{} ({known})", fracture.site.code())
}

fn answered(facts: &Facts<'_>) -> Option<Value> {
    let answers = &facts.context.iof_one_minute;
    let yes: Vec<&str> = answers.iter().filter(|(_, yes)| **yes).map(|(item, _)| item.code()).collect();
    let text = if yes.is_empty() { "no".to_owned() } else { yes.join("; ") };
    (!answers.is_empty()).then_some(Value::Text(text))
}
