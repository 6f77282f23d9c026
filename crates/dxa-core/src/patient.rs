//! Who was scanned, as far as scores need it, and the identifying text that reports carry.

use std::fmt;

use jiff::civil::Date;

use crate::units::Years;

/// Sex as recorded; anything but female or male gives no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Sex {
    /// `F` or `M`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Female => "F",
            Self::Male => "M",
        }
    }
}

/// Population that a reference table may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ethnicity {
    /// Non-Hispanic White.
    NonHispanicWhite,
    /// Non-Hispanic Black.
    NonHispanicBlack,
    /// Mexican American.
    MexicanAmerican,
    /// Non-Hispanic Asian.
    NonHispanicAsian,
    /// Chinese.
    Chinese,
    /// Japanese.
    Japanese,
    /// Korean.
    Korean,
    /// Vietnamese.
    Vietnamese,
    /// Stated, but none of these.
    Other,
}

impl Ethnicity {
    /// All, for reading codes.
    pub const ALL: [Self; 9] = [
        Self::NonHispanicWhite,
        Self::NonHispanicBlack,
        Self::MexicanAmerican,
        Self::NonHispanicAsian,
        Self::Chinese,
        Self::Japanese,
        Self::Korean,
        Self::Vietnamese,
        Self::Other,
    ];

    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NonHispanicWhite => "nhw",
            Self::NonHispanicBlack => "nhb",
            Self::MexicanAmerican => "mexican_american",
            Self::NonHispanicAsian => "nh_asian",
            Self::Chinese => "chinese",
            Self::Japanese => "japanese",
            Self::Korean => "korean",
            Self::Vietnamese => "vietnamese",
            Self::Other => "other",
        }
    }
}

/// Where a woman stands in relation to menopause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Menopause {
    /// Before it.
    Pre,
    /// In the transition.
    Peri,
    /// After it.
    Post,
}

impl Menopause {
    /// All, for reading codes.
    pub const ALL: [Self; 3] = [Self::Pre, Self::Peri, Self::Post];

    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Pre => "pre",
            Self::Peri => "peri",
            Self::Post => "post",
        }
    }
}

/// Where an age comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgeSource {
    /// Scan date minus birth date.
    BirthDate,
    /// Patient's Age (0010,1010).
    PatientAge,
}

/// One person as one study describes them. `Debug` shows no identifier.
#[derive(Clone, Default, PartialEq)]
pub struct Patient {
    /// Patient ID (0010,0020).
    pub id: Option<String>,
    /// The name to show: the ideographic group where there is one.
    pub name: Option<String>,
    /// The whole decoded value, all component groups.
    pub name_raw: Option<String>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Birth date.
    pub birth_date: Option<Date>,
    /// Age at the scan.
    pub age: Option<(Years, AgeSource)>,
    /// Height in centimeters.
    pub height_cm: Option<f64>,
    /// Weight in kilograms.
    pub weight_kg: Option<f64>,
    /// Ethnic Group (0010,2160) as written.
    pub ethnic_group: Option<String>,
    /// The population it names.
    pub ethnicity: Option<Ethnicity>,
}

impl fmt::Debug for Patient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patient").field("sex", &self.sex).field("age", &self.age).finish_non_exhaustive()
    }
}
