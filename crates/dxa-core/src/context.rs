//! What DICOM does not know about a person: history, drugs, questionnaire answers, results received.
//!
//! Every field is optional. A field that is not given is unknown, never "no".

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::patient::{Ethnicity, Menopause, Patient};
use crate::site::Lumbar;
use crate::vertebra::Level;

/// Which bone broke, as far as a rule asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FractureSite {
    /// Hip.
    Hip,
    /// A vertebra.
    Vertebra,
    /// Proximal humerus.
    ProximalHumerus,
    /// Pelvis.
    Pelvis,
    /// Distal forearm.
    DistalForearm,
    /// Any other bone.
    Other,
}

impl FractureSite {
    /// All, for reading codes.
    pub const ALL: [Self; 6] =
        [Self::Hip, Self::Vertebra, Self::ProximalHumerus, Self::Pelvis, Self::DistalForearm, Self::Other];

    /// As context files write it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Hip => "hip",
            Self::Vertebra => "vertebra",
            Self::ProximalHumerus => "proximal_humerus",
            Self::Pelvis => "pelvis",
            Self::DistalForearm => "distal_forearm",
            Self::Other => "other",
        }
    }
}

/// The days on which something may have happened: one day, a month or a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// First day that it may have been.
    pub earliest: Date,
    /// Last day that it may have been.
    pub latest: Date,
}

/// One fracture that was told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fracture {
    /// Which bone.
    pub site: FractureSite,
    /// When.
    pub date: Option<DateRange>,
    /// Whether it came of a fall from standing height or less.
    pub fragility: Option<bool>,
    /// `Some(false)` for one that is reported but not documented: it does not count until it is.
    pub confirmed: Option<bool>,
    /// Whether it happened under treatment for osteoporosis.
    pub on_treatment: Option<bool>,
}

/// A treatment that was given. It is shown beside what was measured and asks no rule anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Treatment {
    /// What was done.
    pub kind: TreatmentKind,
    /// When it began, or was done.
    pub start: DateRange,
    /// When it ended; `None` while it goes on, and for what is done once.
    pub end: Option<DateRange>,
}

/// Kinds of treatments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreatmentKind {
    /// A drug, by the name that was told.
    Drug(String),
    /// Cement or an implant in a vertebra.
    Augmentation(Level),
}

/// Whether glucocorticoids are or were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GlucocorticoidUse {
    /// Never.
    Never,
    /// Some time ago.
    Past,
    /// Until recently.
    Recent,
    /// Now.
    Current,
}

impl GlucocorticoidUse {
    /// All, for reading codes.
    pub const ALL: [Self; 4] = [Self::Never, Self::Past, Self::Recent, Self::Current];

    /// As context files write it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Past => "past",
            Self::Recent => "recent",
            Self::Current => "current",
        }
    }
}

/// Glucocorticoids by mouth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Glucocorticoid {
    /// Whether taken.
    pub taken: Option<GlucocorticoidUse>,
    /// Dose as prednisolone, mg a day.
    pub mg_per_day: Option<f64>,
    /// For how many months.
    pub months: Option<f64>,
}

/// FRAX ten-year probabilities, percent. They are received; nothing here computes them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frax {
    /// Major osteoporotic fracture.
    pub major_percent: Option<f64>,
    /// Hip fracture.
    pub hip_percent: Option<f64>,
}

/// A trabecular bone score as its own software gave it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tbs {
    /// The score, without unit.
    pub value: Option<f64>,
    /// The category that came with it.
    pub category: Option<String>,
}

/// Why a reader leaves a vertebra out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotAssessable {
    /// It is fractured.
    Fracture,
    /// Metal, cement, contrast, or other foreign matter.
    Artefact,
    /// Any other reason.
    Manual,
}

impl NotAssessable {
    /// All, for reading codes.
    pub const ALL: [Self; 3] = [Self::Fracture, Self::Artefact, Self::Manual];

    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fracture => "fracture",
            Self::Artefact => "artefact",
            Self::Manual => "manual",
        }
    }
}

/// The nineteen questions of the IOF one-minute test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the codes below say each question")]
pub enum IofItem {
    ParentOsteoporosis,
    ParentKyphosis,
    AgeOver40,
    AdultFracture,
    Falls,
    HeightLoss,
    LowBmi,
    Glucocorticoid,
    RheumatoidArthritis,
    HormoneOrGutDisease,
    EarlyMenopause,
    Amenorrhoea,
    OvariesRemoved,
    LowAndrogen,
    Alcohol,
    Smoking,
    LittleExercise,
    NoDairyNoCalcium,
    LittleSunNoVitaminD,
}

impl IofItem {
    /// All nineteen, in the order of the questionnaire.
    pub const ALL: [Self; 19] = [
        Self::ParentOsteoporosis,
        Self::ParentKyphosis,
        Self::AgeOver40,
        Self::AdultFracture,
        Self::Falls,
        Self::HeightLoss,
        Self::LowBmi,
        Self::Glucocorticoid,
        Self::RheumatoidArthritis,
        Self::HormoneOrGutDisease,
        Self::EarlyMenopause,
        Self::Amenorrhoea,
        Self::OvariesRemoved,
        Self::LowAndrogen,
        Self::Alcohol,
        Self::Smoking,
        Self::LittleExercise,
        Self::NoDairyNoCalcium,
        Self::LittleSunNoVitaminD,
    ];

    /// As context files write it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ParentOsteoporosis => "parent_osteoporosis_or_fracture",
            Self::ParentKyphosis => "parent_kyphosis",
            Self::AgeOver40 => "age_over_40",
            Self::AdultFracture => "low_trauma_fracture_as_adult",
            Self::Falls => "more_than_one_fall_a_year",
            Self::HeightLoss => "height_loss_over_3_cm_after_40",
            Self::LowBmi => "bmi_under_19",
            Self::Glucocorticoid => "glucocorticoid_over_3_months",
            Self::RheumatoidArthritis => "rheumatoid_arthritis",
            Self::HormoneOrGutDisease => "thyroid_parathyroid_diabetes_1_or_gut_disease",
            Self::EarlyMenopause => "menopause_by_45",
            Self::Amenorrhoea => "amenorrhoea_over_12_months",
            Self::OvariesRemoved => "ovaries_removed_before_50_without_hormones",
            Self::LowAndrogen => "low_androgen",
            Self::Alcohol => "alcohol_over_2_units_a_day",
            Self::Smoking => "smoking",
            Self::LittleExercise => "exercise_under_30_minutes_a_day",
            Self::NoDairyNoCalcium => "no_dairy_and_no_calcium",
            Self::LittleSunNoVitaminD => "outdoors_under_10_minutes_and_no_vitamin_d",
        }
    }

    /// Whether only women, or only men, are asked; `None` when both are.
    #[must_use]
    pub fn asked_of(self) -> Option<crate::patient::Sex> {
        match self {
            Self::EarlyMenopause | Self::Amenorrhoea | Self::OvariesRemoved => {
                Some(crate::patient::Sex::Female)
            }
            Self::LowAndrogen => Some(crate::patient::Sex::Male),
            _ => None,
        }
    }
}

/// What is known of a person beside the images. `Default` knows nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    /// Menopause, of women.
    pub menopause: Option<Menopause>,
    /// Population; takes the place of DICOM's.
    pub ethnicity: Option<Ethnicity>,
    /// Height, cm; takes the place of DICOM's.
    pub height_cm: Option<f64>,
    /// Weight, kg; takes the place of DICOM's.
    pub weight_kg: Option<f64>,
    /// Tallest height ever, cm.
    pub tallest_height_cm: Option<f64>,
    /// Height lost within a year, cm.
    pub height_lost_in_a_year_cm: Option<f64>,
    /// Fractures; an empty list means that there were none.
    pub fractures: Option<Vec<Fracture>>,
    /// Glucocorticoids.
    pub glucocorticoid: Glucocorticoid,
    /// Whether other drugs that damage bone are taken.
    pub bone_damaging_drugs: Option<bool>,
    /// Treatments that were given.
    pub treatments: Vec<Treatment>,
    /// Whether osteoporosis is being treated with drugs.
    pub osteoporosis_treatment: Option<bool>,
    /// Whether the risk of falls is high.
    pub high_fall_risk: Option<bool>,
    /// FRAX results.
    pub frax: Frax,
    /// Hyperparathyroidism.
    pub hyperparathyroidism: Option<bool>,
    /// Androgen deprivation therapy.
    pub androgen_deprivation: Option<bool>,
    /// Whether the person weighs more than the table carries.
    pub over_table_weight: Option<bool>,
    /// Answers to the IOF one-minute test.
    pub iof_one_minute: BTreeMap<IofItem, bool>,
    /// Trabecular density of the spine by QCT, mg/cm³.
    pub qct_spine_mg_cm3: Option<f64>,
    /// Trabecular bone score.
    pub tbs: Tbs,
    /// A T-score that an ultrasound device printed.
    pub ultrasound_t: Option<f64>,
    /// Lumbar vertebrae that a reader found abnormal and not assessable.
    pub not_assessable: BTreeMap<Lumbar, NotAssessable>,
}

impl Context {
    /// Puts what is known here in the place of what DICOM said.
    pub fn complete(&self, patient: &mut Patient) {
        patient.ethnicity = self.ethnicity.or(patient.ethnicity);
        patient.height_cm = self.height_cm.or(patient.height_cm);
        patient.weight_kg = self.weight_kg.or(patient.weight_kg);
    }
}
