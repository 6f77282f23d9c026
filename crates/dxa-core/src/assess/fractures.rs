//! Questions about fractures, answered from what was told of them.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::answer::Answer;
use super::facts::Facts;
use super::input::Input;
use crate::context::{DateRange, Fracture, FractureSite};

/// Whether a vertebra seen in the image is a *suspected* fracture: it counts for nothing until a reader
/// confirms it.
///
/// # References
/// Rule `cn-2022/dx-fracture`: grade 2 or more, or grade 1 with an endplate depression marked by a reader.
///
/// ```
/// use dxa_core::assess::is_suspected_fracture;
/// assert!(is_suspected_fracture(2, false) && is_suspected_fracture(1, true));
/// assert!(!is_suspected_fracture(1, false));
/// ```
#[must_use]
pub fn is_suspected_fracture(grade: u8, endplate_depression_marked: bool) -> bool {
    grade >= 2 || (grade == 1 && endplate_depression_marked)
}

/// A fragility fracture of one of these bones.
pub(super) fn fragility_fracture_of(facts: &Facts<'_>, sites: &[FractureSite]) -> Answer {
    let told = any(facts, |fracture| Answer::known(sites.contains(&fracture.site)).and(fragility(fracture)));
    if !sites.contains(&FractureSite::Vertebra) {
        return told;
    }
    let suspected = if facts.seen.suspected {
        Answer::needs(Input::SuspectedFractureConfirmed)
    } else {
        Answer::known(false)
    };
    told.or(suspected).or(Answer::known(is_confirmed(facts)))
}

/// Whether a reader confirmed a vertebral fracture on the image. It may be one that was told of, too.
fn is_confirmed(facts: &Facts<'_>) -> bool {
    !facts.seen.confirmed.is_empty()
}

/// What is asked of a fracture that the image shows: it is there, and this much of it is not seen.
fn seen_but(facts: &Facts<'_>, unseen: Input) -> Answer {
    if is_confirmed(facts) { Answer::needs(unseen) } else { Answer::known(false) }
}

/// A fragility fracture of any bone.
pub(super) fn fragility_fracture(facts: &Facts<'_>) -> Answer {
    fragility_fracture_of(facts, &FractureSite::ALL)
}

/// A fragility fracture within this many months before the scan.
pub(super) fn recent(facts: &Facts<'_>, months: i64) -> Answer {
    any(facts, |fracture| fragility(fracture).and(within(facts, fracture.date, months)))
        .or(seen_but(facts, Input::FractureDate))
}

/// A fragility fracture under treatment.
pub(super) fn on_treatment(facts: &Facts<'_>) -> Answer {
    any(facts, |fracture| {
        fragility(fracture).and(Answer::given(Input::FractureOnTreatment, fracture.on_treatment))
    })
    .or(seen_but(facts, Input::FractureOnTreatment))
}

/// Two fragility fractures or more: told of, seen, or one of each that cannot be the same.
pub(super) fn multiple(facts: &Facts<'_>) -> Answer {
    let seen = Answer::known(facts.seen.confirmed.len() > 1);
    let beside = any(facts, |fracture| {
        // A vertebral fracture that was told of may be the one that is seen: when that happened would tell.
        let another = match fracture.site {
            FractureSite::Vertebra => Answer::needs(Input::FractureDate),
            _ => Answer::known(true),
        };
        fragility(fracture).and(another)
    });
    told_twice(facts).or(seen).or(Answer::known(is_confirmed(facts)).and(beside))
}

fn told_twice(facts: &Facts<'_>) -> Answer {
    let Some(fractures) = &facts.context.fractures else { return Answer::needs(Input::Fractures) };
    let answers: Vec<Answer> =
        fractures.iter().map(|fracture| counts(fracture).and(fragility(fracture))).collect();
    // Two are there when some fracture and a later one are.
    let pairs = answers
        .iter()
        .enumerate()
        .flat_map(|(at, one)| answers.iter().skip(at + 1).map(move |other| one.clone().and(other.clone())));
    Answer::any(pairs)
}

/// A fragility fracture from this age on that was told of: what an image shows is no reason to make one.
pub(super) fn from_age(facts: &Facts<'_>, years: f64) -> Answer {
    any(facts, |fracture| fragility(fracture).and(aged(facts, fracture.date, years)))
}

/// A vertebral fracture that is reported but not documented.
pub(super) fn undocumented_vertebral(facts: &Facts<'_>) -> Answer {
    let undocumented =
        |fracture: &Fracture| fracture.site == FractureSite::Vertebra && fracture.confirmed == Some(false);
    let fractures = facts.context.fractures.as_ref();
    Answer::about(Input::Fractures, fractures, |fractures| fractures.iter().any(undocumented))
}

/// Whether any fracture that counts passes the test.
fn any(facts: &Facts<'_>, test: impl Fn(&Fracture) -> Answer) -> Answer {
    match &facts.context.fractures {
        None => Answer::needs(Input::Fractures),
        Some(fractures) => Answer::any(fractures.iter().map(|fracture| test(fracture).and(counts(fracture)))),
    }
}

/// One that is said not to be confirmed does not count, and may yet.
fn counts(fracture: &Fracture) -> Answer {
    match fracture.confirmed {
        Some(false) => Answer::needs(Input::FractureConfirmed),
        Some(true) | None => Answer::known(true),
    }
}

fn fragility(fracture: &Fracture) -> Answer {
    Answer::given(Input::FractureFragility, fracture.fragility)
}

fn within(facts: &Facts<'_>, date: Option<DateRange>, months: i64) -> Answer {
    let start = facts.date.and_then(|end| Some((end.checked_sub(months.months()).ok()?, end)));
    let Some((start, end)) = start else { return Answer::needs(Input::StudyDate) };
    let Some(date) = date else { return Answer::needs(Input::FractureDate) };
    if date.latest < start || date.earliest > end {
        Answer::known(false)
    } else if date.earliest >= start && date.latest <= end {
        Answer::known(true)
    } else {
        Answer::needs(Input::FractureDate)
    }
}

/// Whether a fracture happened at this age or later. Nobody younger than that now can have had one.
fn aged(facts: &Facts<'_>, date: Option<DateRange>, years: f64) -> Answer {
    let Some(age) = facts.age else { return Answer::needs(Input::AgeYears) };
    if age < years {
        return Answer::known(false);
    }
    let Some(date) = date else { return Answer::needs(Input::FractureDate) };
    let Some(reached) = reached(facts, age, years) else { return Answer::needs(Input::StudyDate) };
    match (date.earliest >= reached, date.latest < reached) {
        (true, _) => Answer::known(true),
        (_, true) => Answer::known(false),
        _ => Answer::needs(Input::FractureDate),
    }
}

/// The day on which this age was reached: by the birth date, else counted back from the scan.
fn reached(facts: &Facts<'_>, age: f64, years: f64) -> Option<Date> {
    if let Some(birth) = facts.birth_date {
        return birth.checked_add(months(years).months()).ok();
    }
    facts.date?.checked_sub(months(age - years).months()).ok()
}

#[expect(clippy::cast_possible_truncation, reason = "ages are at most 130 years")]
fn months(years: f64) -> i64 {
    (years * 12.0).floor() as i64
}
