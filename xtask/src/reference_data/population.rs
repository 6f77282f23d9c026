//! The five populations that get a table, and who belongs to each.

use super::nhanes::{Cycle, Person};
use Population::{All, MexicanAmerican, NonHispanicAsian, NonHispanicBlack, NonHispanicWhite};

/// Youngest age that enters a curve of the 2005-2008 tables, so that 20 is no end point of the fit.
const FIT_FROM: f64 = 16.0;

/// Bones were scanned from 40 on in 2013-2014.
const SCANNED_FROM_2013: f64 = 40.0;

/// Oldest exact ages: completed 84 in 2005-06, completed 79 in the later cycles.
const FIT_TO_2005: f64 = 85.0;
const FIT_TO_LATER: f64 = 80.0;

/// A group of people with a table of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Population {
    /// `RIDRETH1` 3.
    NonHispanicWhite,
    /// `RIDRETH1` 4.
    NonHispanicBlack,
    /// `RIDRETH1` 1.
    MexicanAmerican,
    /// Everybody.
    All,
    /// `RIDRETH3` 6, published since 2011.
    NonHispanicAsian,
}

impl Population {
    /// All, in the order of the report.
    pub(super) const ALL: [Self; 5] =
        [NonHispanicWhite, NonHispanicBlack, MexicanAmerican, All, NonHispanicAsian];

    /// Those whose data choose how smooth the curves are: apart from one another and pooled over two cycles.
    pub(super) const DISJOINT: [Self; 3] = [NonHispanicWhite, NonHispanicBlack, MexicanAmerican];

    /// Id of its table.
    pub(super) fn id(self) -> &'static str {
        match self {
            NonHispanicWhite => "nhanes-2005-2008-us-nhw",
            NonHispanicBlack => "nhanes-2005-2008-us-nhb",
            MexicanAmerican => "nhanes-2005-2008-us-ma",
            All => "nhanes-2005-2008-us-all",
            NonHispanicAsian => "nhanes-2013-2014-us-nh-asian",
        }
    }

    /// Its name in words.
    pub(super) fn label(self) -> &'static str {
        match self {
            NonHispanicWhite => "US non-Hispanic White",
            NonHispanicBlack => "US non-Hispanic Black",
            MexicanAmerican => "US Mexican American",
            All => "US, all groups",
            NonHispanicAsian => "US non-Hispanic Asian",
        }
    }

    /// Its ethnicity code; `None` for everybody.
    pub(super) fn ethnicity(self) -> Option<&'static str> {
        match self {
            NonHispanicWhite => Some("nhw"),
            NonHispanicBlack => Some("nhb"),
            MexicanAmerican => Some("mexican_american"),
            All => None,
            NonHispanicAsian => Some("nh_asian"),
        }
    }

    /// The cycles its table is made from.
    pub(super) fn cycles(self) -> &'static [Cycle] {
        match self {
            NonHispanicAsian => &[Cycle::Y2013],
            NonHispanicWhite | NonHispanicBlack | MexicanAmerican | All => &[Cycle::Y2005, Cycle::Y2007],
        }
    }

    /// Whether people aged 20–29 were scanned.
    pub(super) fn has_young_adults(self) -> bool {
        self != NonHispanicAsian
    }

    /// Exact ages that enter the fit of a curve from these cycles: from the first, below the second.
    pub(super) fn fitted_ages(self, cycles: &[Cycle]) -> (f64, f64) {
        let to = if cycles.contains(&Cycle::Y2005) { FIT_TO_2005 } else { FIT_TO_LATER };
        let from = if self == NonHispanicAsian { SCANNED_FROM_2013 } else { FIT_FROM };
        (from, to)
    }

    /// Ages for which the curves may be used: from the first, below the second.
    ///
    /// Whole decades, each with at least twenty people at every site.
    pub(super) fn usable_ages(self) -> (u8, u8) {
        if self == NonHispanicAsian { (40, 70) } else { (20, 80) }
    }

    /// Whether the person belongs to it.
    pub(super) fn contains(self, person: &Person) -> bool {
        match self {
            NonHispanicWhite => person.ethnicity_1 == 3,
            NonHispanicBlack => person.ethnicity_1 == 4,
            MexicanAmerican => person.ethnicity_1 == 1,
            All => true,
            NonHispanicAsian => person.ethnicity_3 == Some(6),
        }
    }
}
