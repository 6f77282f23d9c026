//! Whether a person is judged on T or on Z, and the category that a score of that kind has.

use super::{AgeCategory, ScoreBasis, WhoCategory};
use crate::patient::{Menopause, Sex};
use crate::score::{RegionScores, Score, ScoreKind};
use crate::units::{Years, round_half_away};

/// The basis, and whether it rests on an assumption about menopause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    /// T or Z.
    pub kind: ScoreBasis,
    /// Menopause is not known and was assumed from the age.
    pub assumed: bool,
}

/// Rule `score-basis`: T for women after menopause and in the transition and for men from 50; else Z.
///
/// A woman whose menopause is not known counts as postmenopausal from 50, and that is said.
/// Under 20 everybody is judged on Z.
///
/// # References
/// ISCD adult and pediatric positions; the default for an unknown menopause is ours.
///
/// ```
/// use dxa_core::assess::{ScoreBasis, score_basis};
/// use dxa_core::patient::{Menopause, Sex};
/// use dxa_core::units::Years;
/// let age = Years::new(46.0).expect("an age");
/// assert_eq!(score_basis(Sex::Female, age, Some(Menopause::Post)).kind, ScoreBasis::T);
/// assert!(score_basis(Sex::Female, age, None).assumed);
/// assert_eq!(score_basis(Sex::Male, age, None).kind, ScoreBasis::Z);
/// ```
#[must_use]
pub fn score_basis(sex: Sex, age: Years, menopause: Option<Menopause>) -> Basis {
    let age = age.get();
    let by_age = if age >= T_BASIS_AGE { ScoreBasis::T } else { ScoreBasis::Z };
    let known = |kind| Basis { kind, assumed: false };
    match (sex, menopause) {
        _ if age < ADULT_AGE => known(ScoreBasis::Z),
        (Sex::Male, _) => known(by_age),
        (Sex::Female, Some(Menopause::Pre)) => known(ScoreBasis::Z),
        (Sex::Female, Some(Menopause::Peri | Menopause::Post)) => known(ScoreBasis::T),
        (Sex::Female, None) => Basis { kind: by_age, assumed: true },
    }
}

/// Rule `score-basis`: men from 50, and women from 50 when menopause is unknown.
pub(super) const T_BASIS_AGE: f64 = 50.0;

/// Below this age, years, there is no T, menopause is no question, and the wording is that of children.
pub const ADULT_AGE: f64 = 20.0;

/// The category of one region: a WHO class on T, a class for age on Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// On T.
    Who(WhoCategory),
    /// On Z.
    Age(AgeCategory),
}

impl Category {
    /// The category that the scores of a region have on this basis; `None` without the score it asks for.
    #[must_use]
    pub fn of(basis: ScoreBasis, scores: &RegionScores) -> Option<Self> {
        match basis {
            ScoreBasis::T => scores.deciding.as_ref().map(|t| Self::Who(WhoCategory::of(t.value))),
            ScoreBasis::Z => decisive_z(scores).map(|z| Self::Age(AgeCategory::of(z.value))),
        }
    }

    /// The same from the unrounded score: another category here means that rounding decided.
    #[must_use]
    pub fn of_unrounded(basis: ScoreBasis, scores: &RegionScores) -> Option<Self> {
        // −2.5 in binary may be −2.499 999 999 999: noise of the last digits is no other side of a limit.
        let clean = |exact| round_half_away(exact, 9);
        match basis {
            ScoreBasis::T => scores.deciding.as_ref().map(|t| Self::Who(WhoCategory::of(clean(t.exact)))),
            ScoreBasis::Z => decisive_z(scores).map(|z| Self::Age(AgeCategory::of(clean(z.exact)))),
        }
    }

    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Who(class) => class.code(),
            Self::Age(class) => class.code(),
        }
    }
}

/// The Z, unless the table's source does not name the site exactly.
fn decisive_z(scores: &RegionScores) -> Option<&Score> {
    scores.of(ScoreKind::Z).filter(|z| z.reference.site_as_stated.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of rule `score-basis` of the clinical rules.
    #[test]
    fn the_basis_follows_sex_age_and_menopause() {
        use Menopause::{Peri, Post, Pre};
        use ScoreBasis::{T, Z};
        let cases = [
            (Sex::Female, 49.99, None, Z, true),
            (Sex::Female, 50.0, None, T, true),
            (Sex::Female, 55.0, Some(Pre), Z, false),
            (Sex::Female, 45.0, Some(Peri), T, false),
            (Sex::Female, 45.0, Some(Post), T, false),
            (Sex::Female, 19.9, Some(Post), Z, false),
            (Sex::Female, 19.9, None, Z, false),
            (Sex::Male, 49.9, None, Z, false),
            (Sex::Male, 50.0, None, T, false),
            (Sex::Male, 50.0, Some(Pre), T, false),
        ];
        for (sex, age, menopause, kind, assumed) in cases {
            let found = score_basis(sex, Years::new(age).unwrap(), menopause);
            assert_eq!(found, Basis { kind, assumed }, "{sex:?} {age} {menopause:?}");
        }
    }
}
