//! What is known in one case, in the form in which rules ask.

use jiff::civil::Date;

use super::answer::Answer;
use super::basis::score_basis;
use super::category::ScoreBasis;
use super::input::Input;
use super::sites::{self, ByPlace, RADIUS_33};
use super::vertebrae::{self, SpineUse};
use super::{Case, Scored, SeenFractures};
use crate::context::Context;
use crate::patient::Sex;
use crate::score::ScoreKind;
use crate::site::{Lumbar, LumbarSet, Site};

/// The facts of a case.
pub(super) struct Facts<'a> {
    pub(super) context: &'a Context,
    pub(super) regions: &'a [Scored],
    pub(super) sex: Option<Sex>,
    pub(super) age: Option<f64>,
    pub(super) birth_date: Option<Date>,
    pub(super) height_cm: Option<f64>,
    pub(super) weight_kg: Option<f64>,
    pub(super) date: Option<Date>,
    pub(super) seen: SeenFractures<'a>,
    pub(super) basis: Option<ScoreBasis>,
    pub(super) spines: Vec<SpineUse>,
    pub(super) counting: Vec<&'a Scored>,
    /// T of the places that count.
    pub(super) t: ByPlace,
    /// T of the 33 % radius, whether it counts or not.
    pub(super) any_radius_t: Option<f64>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(case: &Case<'a>) -> Self {
        let (patient, context) = (case.patient, case.context);
        let spines = vertebrae::spines(context, case.regions);
        let counting = sites::counting(context, case.regions, &spines);
        let radius = case.regions.iter().filter(|(region, _)| region.site == RADIUS_33 && !region.withheld);
        let age = patient.age.map(|(age, _)| age.get());
        Self {
            context,
            regions: case.regions,
            sex: patient.sex,
            age,
            birth_date: patient.birth_date,
            height_cm: context.height_cm.or(patient.height_cm),
            weight_kg: context.weight_kg.or(patient.weight_kg),
            date: case.date,
            seen: case.seen,
            basis: patient
                .sex
                .zip(patient.age)
                .map(|(sex, (age, _))| score_basis(sex, age, context.menopause).kind),
            t: ByPlace::lowest(counting.iter().copied(), sites::t),
            any_radius_t: ByPlace::lowest(radius, sites::t).radius_33,
            spines,
            counting,
        }
    }

    /// Where the regions that count stand among all.
    pub(super) fn counting_indices(&self) -> Vec<usize> {
        let counts = |scored: &Scored| self.counting.iter().any(|counting| std::ptr::eq(*counting, scored));
        (0..self.regions.len()).filter(|index| counts(&self.regions[*index])).collect()
    }

    /// The region with the lowest T that counts; of equals the first.
    pub(super) fn lowest(&self) -> Option<&'a Scored> {
        let with_t = self.counting.iter().filter_map(|scored| Some((*scored, sites::t(scored)?)));
        with_t.reduce(|lowest, next| if next.1 < lowest.1 { next } else { lowest }).map(|(scored, _)| scored)
    }

    /// The lowest T that counts.
    pub(super) fn lowest_t(&self) -> Option<f64> {
        self.lowest().and_then(sites::t)
    }

    /// The lowest percent of the young mean among the regions that count.
    pub(super) fn young_percent(&self) -> Option<f64> {
        let percents = self.counting.iter().filter_map(|scored| percent(scored));
        percents.reduce(f64::min)
    }

    /// The lowest T of one vertebra over the scans.
    pub(super) fn vertebra_t(&self, vertebra: Lumbar) -> Option<f64> {
        let of_scans = self.spines.iter().flat_map(|spine| &spine.t);
        of_scans.filter(|(of, _)| *of == vertebra).filter_map(|(_, t)| *t).reduce(f64::min)
    }

    /// The T of a set of vertebrae of one scan.
    pub(super) fn lumbar_t(&self, scan: usize, set: LumbarSet) -> Option<f64> {
        let of_set = |scored: &&Scored| scored.0.scan == scan && scored.0.site == Site::Lumbar(set);
        self.regions.iter().filter(of_set).find_map(sites::t)
    }

    /// Whether T is judged at all: no on Z basis, unknown without sex or age.
    pub(super) fn judged_on_t(&self) -> Answer {
        match self.basis {
            Some(basis) => Answer::known(basis == ScoreBasis::T),
            None => self.person(),
        }
    }

    /// What of the person is missing for the basis.
    pub(super) fn person(&self) -> Answer {
        let sex = Answer::about(Input::Sex, self.sex, |_| true);
        sex.and(Answer::about(Input::AgeYears, self.age, |_| true))
    }

    /// Whether the lowest T satisfies a limit. One T that does settles it; that none does is only known
    /// when spine, total hip and neck were all scored, or the radius stands in for what was not.
    pub(super) fn any_t(&self, test: impl Fn(f64) -> bool) -> Answer {
        let satisfied = self.lowest_t().is_some_and(test);
        let answer = if satisfied { Answer::known(true) } else { self.no_lower_place() };
        self.judged_on_t().and(answer)
    }

    /// No, when every place that could have a lower T was scored.
    pub(super) fn no_lower_place(&self) -> Answer {
        let places = [
            (Input::SpineT, self.t.spine),
            (Input::TotalHipT, self.t.total_hip),
            (Input::FemoralNeckT, self.t.femoral_neck),
        ];
        if self.t.radius_33.is_some() && places.iter().any(|(_, t)| t.is_some()) {
            return Answer::known(false);
        }
        Answer::any(places.map(|(input, t)| Answer::about(input, t, |_| false)))
    }

    /// Whether the age is in a range whose upper end does not belong to it.
    pub(super) fn aged(&self, from: f64, to: f64) -> Answer {
        Answer::about(Input::AgeYears, self.age, |age| from <= age && age < to)
    }

    pub(super) fn is(&self, sex: Sex) -> Answer {
        Answer::about(Input::Sex, self.sex, |own| own == sex)
    }
}

/// Percent of the young mean of a region.
pub(super) fn percent((_, scores): &Scored) -> Option<f64> {
    let score = scores.scores.iter().find(|score| score.kind == ScoreKind::T)?;
    score.percent.map(|percent| crate::units::round_half_away(percent, 1))
}
