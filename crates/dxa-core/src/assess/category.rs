//! The classes of a T- or Z-score.

/// Whether T or Z is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreBasis {
    /// T-score and the WHO classes.
    T,
    /// Z-score; no diagnosis from density alone.
    Z,
}

impl ScoreBasis {
    /// `T` or `Z`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::T => "T",
            Self::Z => "Z",
        }
    }
}

/// WHO classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhoCategory {
    /// T ≥ −1.0.
    Normal,
    /// −2.5 < T < −1.0.
    LowBoneMass,
    /// T ≤ −2.5.
    Osteoporosis,
    /// T ≤ −2.5 with a fragility fracture.
    SevereOsteoporosis,
    /// Judged on Z, where the classes do not apply.
    NotApplicable,
}

impl WhoCategory {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::LowBoneMass => "low_bone_mass",
            Self::Osteoporosis => "osteoporosis",
            Self::SevereOsteoporosis => "severe_osteoporosis",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// The class of a T-score; fractures are not asked here.
    ///
    /// # References
    /// WHO classes as in the consensus and guideline that rule `who` names: T ≥ −1.0 normal;
    /// −2.5 < T < −1.0 low bone mass; T ≤ −2.5 osteoporosis.
    ///
    /// ```
    /// use dxa_core::assess::WhoCategory;
    /// assert_eq!(WhoCategory::of(-2.5), WhoCategory::Osteoporosis);
    /// assert_eq!(WhoCategory::of(-1.0), WhoCategory::Normal);
    /// ```
    #[must_use]
    pub fn of(t: f64) -> Self {
        if t <= OSTEOPOROSIS_T {
            Self::Osteoporosis
        } else if t < NORMAL_T {
            Self::LowBoneMass
        } else {
            Self::Normal
        }
    }
}

/// Rule `who`: osteoporosis at and below this T.
pub const OSTEOPOROSIS_T: f64 = -2.5;
/// Rule `who`: normal at and above this T.
pub const NORMAL_T: f64 = -1.0;

/// The class of a Z-score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgeCategory {
    /// Z > −2.0.
    WithinExpected,
    /// Z ≤ −2.0.
    BelowExpected,
}

impl AgeCategory {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::WithinExpected => "within_expected",
            Self::BelowExpected => "below_expected",
        }
    }

    /// The class of a Z-score (ISCD: −2.0 or lower is below the expected range for age).
    #[must_use]
    pub fn of(z: f64) -> Self {
        if z <= BELOW_EXPECTED_Z { Self::BelowExpected } else { Self::WithinExpected }
    }
}

const BELOW_EXPECTED_Z: f64 = -2.0;
