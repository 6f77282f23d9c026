//! People made up for tests of the rules, in words that read like the cases of a guideline.

use jiff::civil::{Date, date};

use super::{Assessment, Case, Outcome, Scored, SeenFractures, assess};
use crate::context::{Context, DateRange, Fracture, FractureSite};
use crate::findings::Finding;
use crate::measurement::{DeviceScores, Measurement, Origin};
use crate::patient::{AgeSource, Patient, Sex};
use crate::reference::Status;
use crate::score::{DecidingT, RegionScores, Score, ScoreKind, ScoreReference};
use crate::site::{Side, Site};
use crate::units::{Years, round_half_away};
use crate::vertebra::Level;

/// Day of every scan.
pub(super) const SCAN: Date = date(2024, 5, 17);

#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) patient: Patient,
    pub(super) context: Context,
    pub(super) regions: Vec<Scored>,
    pub(super) suspected: bool,
    /// Levels whose fracture a reader confirmed.
    pub(super) confirmed: Vec<Level>,
}

pub(super) fn woman(age: f64) -> Person {
    person(Sex::Female, age)
}

pub(super) fn man(age: f64) -> Person {
    person(Sex::Male, age)
}

fn person(sex: Sex, age: f64) -> Person {
    let age = Years::new(age).map(|age| (age, AgeSource::BirthDate));
    let patient = Patient { sex: Some(sex), age, ..Patient::default() };
    Person {
        patient,
        context: Context::default(),
        regions: Vec::new(),
        suspected: false,
        confirmed: Vec::new(),
    }
}

impl Person {
    /// Adds a region with this T, and 100 + 10·T percent of the young mean.
    pub(super) fn t(self, site: &str, t: f64) -> Self {
        self.scored(site, Some(t), Some(10.0f64.mul_add(t, 100.0)))
    }

    /// Adds a region with this percent of the young mean and a T that decides nothing.
    pub(super) fn percent(self, site: &str, t: f64, percent: f64) -> Self {
        self.scored(site, Some(t), Some(percent))
    }

    /// Adds spine, total hip and neck, all with this T.
    pub(super) fn everywhere(self, t: f64) -> Self {
        self.t("L1-L4", t).t("total_hip", t).t("femoral_neck", t)
    }

    /// Adds a region with this Z and no T.
    pub(super) fn z(mut self, site: &str, z: f64) -> Self {
        let mut scored = region(site);
        scored.1.scores.push(score(ScoreKind::Z, z, None));
        self.regions.push(scored);
        self
    }

    fn scored(mut self, site: &str, t: Option<f64>, percent: Option<f64>) -> Self {
        let mut scored = region(site);
        if let Some(t) = t {
            let value = round_half_away(t, 1);
            scored.1.deciding = Some(DecidingT { value, exact: t, reference: "made-up".to_owned() });
            scored.1.scores.push(score(ScoreKind::T, t, percent));
        }
        self.regions.push(scored);
        self
    }

    /// The last region is of this side.
    pub(super) fn side(mut self, side: Side) -> Self {
        self.regions.last_mut().unwrap().0.side = Some(side);
        self
    }

    /// What DICOM does not know.
    pub(super) fn knowing(mut self, tell: impl FnOnce(&mut Context)) -> Self {
        tell(&mut self.context);
        self
    }

    /// One more fragility fracture, of which no more is known.
    pub(super) fn broke(self, site: FractureSite) -> Self {
        self.fractured(Fracture { fragility: Some(true), ..fracture(site) })
    }

    pub(super) fn fractured(mut self, fracture: Fracture) -> Self {
        self.context.fractures.get_or_insert_default().push(fracture);
        self
    }

    pub(super) fn judged(&self, profile: &str) -> (Assessment, Vec<Finding>) {
        let case = Case {
            patient: &self.patient,
            context: &self.context,
            date: Some(SCAN),
            regions: &self.regions,
            seen: SeenFractures { suspected: self.suspected, confirmed: &self.confirmed },
        };
        assess(&case, profile)
    }

    pub(super) fn assessment(&self, profile: &str) -> Assessment {
        self.judged(profile).0
    }

    /// The outcome of a rule, with what is missing.
    pub(super) fn rule(&self, profile: &str, id: &str) -> (Outcome, Vec<&'static str>) {
        let assessment = self.assessment(profile);
        let rule = assessment.rules.iter().find(|rule| rule.id.code() == id).expect(id);
        let missing = rule.answer.missing().iter().map(|input| input.code()).collect();
        (rule.answer.outcome(), missing)
    }
}

pub(super) fn fracture(site: FractureSite) -> Fracture {
    Fracture { site, date: None, fragility: None, confirmed: None, on_treatment: None }
}

pub(super) fn on(day: Date) -> Option<DateRange> {
    Some(DateRange { earliest: day, latest: day })
}

pub(super) fn region(site: &str) -> Scored {
    let measurement = Measurement {
        scan: 0,
        site: site.parse::<Site>().unwrap(),
        side: None,
        area_cm2: None,
        bmc_g: None,
        bmd_g_cm2: None,
        origin: Origin::DeviceReported,
        method: None,
        device: DeviceScores::default(),
        withheld: false,
        on_image: None,
        excluded: None,
        included: false,
    };
    (measurement, RegionScores::default())
}

fn score(kind: ScoreKind, exact: f64, percent: Option<f64>) -> Score {
    let reference = ScoreReference {
        id: "made-up".to_owned(),
        version: "1".to_owned(),
        population: "nobody".to_owned(),
        status: Status::Derived,
        site_as_stated: None,
        sha256: String::new(),
    };
    Score { kind, exact, value: round_half_away(exact, 1), percent, reference }
}

/// What a case is about, the person, and what a rule should say.
type Row = (&'static str, Person, Outcome);

/// Checks one rule of a profile on several people.
pub(super) fn check(profile: &str, id: &str, rows: impl IntoIterator<Item = Row>) {
    for (what, person, expected) in rows {
        let (outcome, missing) = person.rule(profile, id);
        assert_eq!(outcome, expected, "{id}: {what}; missing {missing:?}");
        assert_eq!(missing.is_empty(), outcome != Outcome::CannotTell, "{id}: {what}");
    }
}

pub(super) const CHINA: &str = "china-2022";

/// The person, known to have broken nothing.
pub(super) fn no_fractures(person: Person) -> Person {
    person.knowing(|context| context.fractures = Some(Vec::new()))
}
