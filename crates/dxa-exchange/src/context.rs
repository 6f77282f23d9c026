//! The context file: what DICOM does not know of a person, as JSON. `docs/context.md` explains each key.
//!
//! A key that is not there, or null, is unknown. A key that is not known is refused by name.

mod facts;
mod questionnaire;
mod sources;

pub(crate) use facts::LISTS;
pub use facts::{Dates, Facts};
pub use questionnaire::{Answers, answered, is_questionnaire};
pub use sources::{Conflict, Said, Together, Told, together};

use std::collections::BTreeMap;

use dxa_core::context::{
    Context, DateRange, Fracture, FractureSite, Frax, Glucocorticoid, GlucocorticoidUse, IofItem,
    NotAssessable, Tbs, Treatment, TreatmentKind,
};
use dxa_core::patient::{Ethnicity, Menopause};
use dxa_core::site::Lumbar;
use dxa_core::vertebra::Level;
use jiff::civil::Date;
use serde::Deserialize;

/// Why a context file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// It is not JSON of this shape: the reader's sentence names the key or the place.
    #[error("the context cannot be read: {0}")]
    Json(String),
    /// A number that nobody has.
    #[error("`{key}` is {value}; it must be between {least} and {most}")]
    OutOfRange {
        /// Key.
        key: &'static str,
        /// What was given.
        value: String,
        /// Least.
        least: String,
        /// Most.
        most: String,
    },
    /// A code that is not in the list of its key.
    #[error("`{key}` is `{value}`; it must be one of {known}")]
    UnknownCode {
        /// Key.
        key: &'static str,
        /// What was given.
        value: String,
        /// The codes that are known.
        known: String,
    },
    /// A date that is no year, month or day.
    #[error("the date `{0}` is not YYYY, YYYY-MM or YYYY-MM-DD")]
    Date(String),
    /// A treatment that lacks what its kind needs, or ends before it begins.
    #[error("`treatments`: {0}")]
    Treatment(&'static str),
    /// A questionnaire whose answers cannot be taken.
    #[error("the questionnaire cannot be taken: {0}")]
    Questionnaire(String),
    /// The height now is above the tallest.
    #[error("`height_cm` is above `tallest_height_cm`")]
    TallerThanTallest,
}

/// Reads a context file.
///
/// # Errors
/// JSON that cannot be read, an unknown key or code, a number out of its range.
///
/// ```
/// let context = dxa_exchange::context::read(br#"{"menopause": "post", "fractures": []}"#)?;
/// assert_eq!(context.fractures, Some(vec![]));
/// assert!(dxa_exchange::context::read(br#"{"menopaus": "post"}"#).is_err());
/// # Ok::<(), dxa_exchange::context::ContextError>(())
/// ```
pub fn read(bytes: &[u8]) -> Result<Context, ContextError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // A list would be read as the values of the keys in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(ContextError::Json("it is not one JSON object".to_owned()));
    }
    let file: File = serde_json::from_slice(bytes).map_err(|error| ContextError::Json(error.to_string()))?;
    let context = Context {
        menopause: code("menopause", &Menopause::ALL, Menopause::code, file.menopause.as_deref())?,
        ethnicity: code("ethnicity", &Ethnicity::ALL, Ethnicity::code, file.ethnicity.as_deref())?,
        height_cm: within("height_cm", file.height_cm, HEIGHT_CM)?,
        weight_kg: within("weight_kg", file.weight_kg, WEIGHT_KG)?,
        tallest_height_cm: within("tallest_height_cm", file.tallest_height_cm, HEIGHT_CM)?,
        height_lost_in_a_year_cm: within("height_lost_in_a_year_cm", file.height_lost_in_a_year_cm, LOST_CM)?,
        fractures: file.fractures.map(|all| all.into_iter().map(fracture).collect()).transpose()?,
        glucocorticoid: glucocorticoid(file.glucocorticoid.unwrap_or_default())?,
        bone_damaging_drugs: file.bone_damaging_drugs,
        treatments: file
            .treatments
            .unwrap_or_default()
            .into_iter()
            .map(treatment)
            .collect::<Result<_, _>>()?,
        osteoporosis_treatment: file.osteoporosis_treatment,
        high_fall_risk: file.high_fall_risk,
        frax: Frax {
            major_percent: within("frax_major_percent", file.frax_major_percent, PERCENT)?,
            hip_percent: within("frax_hip_percent", file.frax_hip_percent, PERCENT)?,
        },
        hyperparathyroidism: file.hyperparathyroidism,
        androgen_deprivation: file.androgen_deprivation,
        over_table_weight: file.over_table_weight,
        iof_one_minute: answers(file.iof_one_minute.unwrap_or_default())?,
        qct_spine_mg_cm3: within("qct_spine_mg_cm3", file.qct_spine_mg_cm3, QCT_MG_CM3)?,
        tbs: tbs(file.tbs.unwrap_or_default())?,
        ultrasound_t: within("ultrasound_t", file.ultrasound_t, T_SCORE)?,
        not_assessable: not_assessable(file.not_assessable_vertebrae.unwrap_or_default())?,
    };
    match context.height_cm.zip(context.tallest_height_cm) {
        Some((now, tallest)) if now > tallest => Err(ContextError::TallerThanTallest),
        _ => Ok(context),
    }
}

const HEIGHT_CM: (f64, f64) = (40.0, 250.0);
const WEIGHT_KG: (f64, f64) = (2.0, 400.0);
const LOST_CM: (f64, f64) = (0.0, 30.0);
const PERCENT: (f64, f64) = (0.0, 100.0);
const MG_PER_DAY: (f64, f64) = (0.0, 2000.0);
const MONTHS: (f64, f64) = (0.0, 1200.0);
const QCT_MG_CM3: (f64, f64) = (-100.0, 500.0);
const TBS: (f64, f64) = (0.0, 3.0);
const T_SCORE: (f64, f64) = (-10.0, 10.0);

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    menopause: Option<String>,
    ethnicity: Option<String>,
    height_cm: Option<f64>,
    weight_kg: Option<f64>,
    tallest_height_cm: Option<f64>,
    height_lost_in_a_year_cm: Option<f64>,
    fractures: Option<Vec<FractureFile>>,
    glucocorticoid: Option<GlucocorticoidFile>,
    bone_damaging_drugs: Option<bool>,
    treatments: Option<Vec<TreatmentFile>>,
    osteoporosis_treatment: Option<bool>,
    high_fall_risk: Option<bool>,
    frax_major_percent: Option<f64>,
    frax_hip_percent: Option<f64>,
    hyperparathyroidism: Option<bool>,
    androgen_deprivation: Option<bool>,
    over_table_weight: Option<bool>,
    iof_one_minute: Option<BTreeMap<String, Option<bool>>>,
    qct_spine_mg_cm3: Option<f64>,
    tbs: Option<TbsFile>,
    ultrasound_t: Option<f64>,
    not_assessable_vertebrae: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FractureFile {
    site: String,
    date: Option<String>,
    fragility: Option<bool>,
    confirmed: Option<bool>,
    on_treatment: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TreatmentFile {
    kind: String,
    name: Option<String>,
    level: Option<String>,
    start: String,
    end: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct GlucocorticoidFile {
    taken: Option<String>,
    prednisolone_mg_per_day: Option<f64>,
    duration_months: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TbsFile {
    value: Option<f64>,
    device_category: Option<String>,
}

fn fracture(file: FractureFile) -> Result<Fracture, ContextError> {
    let site = required("fractures.site", &FractureSite::ALL, FractureSite::code, &file.site)?;
    Ok(Fracture {
        site,
        date: file.date.as_deref().map(date).transpose()?,
        fragility: file.fragility,
        confirmed: file.confirmed,
        on_treatment: file.on_treatment,
    })
}

/// Longest name of a drug, characters.
const LONGEST_NAME: usize = 100;

fn treatment(file: TreatmentFile) -> Result<Treatment, ContextError> {
    let refused = |why| Err(ContextError::Treatment(why));
    let name = file.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let kind = match (file.kind.as_str(), name, file.level.as_deref()) {
        ("drug", Some(name), None) if name.chars().count() <= LONGEST_NAME => {
            TreatmentKind::Drug(name.to_owned())
        }
        ("drug", ..) => return refused("a drug has a `name` of at most 100 letters and no `level`"),
        ("augmentation", None, Some(level)) => match level.parse::<Level>() {
            Ok(level) => TreatmentKind::Augmentation(level),
            Err(_) => return refused("the `level` of an augmentation is one from T4 to L5"),
        },
        ("augmentation", ..) => return refused("an augmentation has a `level` and no `name`"),
        _ => return refused("the `kind` must be `drug` or `augmentation`"),
    };
    let (start, end) = (date(&file.start)?, file.end.as_deref().map(date).transpose()?);
    if end.is_some_and(|end| end.latest < start.earliest) {
        return refused("the `end` lies before the `start`");
    }
    Ok(Treatment { kind, start, end })
}

/// A year, a month or a day, as the days that it may have been.
fn date(text: &str) -> Result<DateRange, ContextError> {
    let refused = || ContextError::Date(text.to_owned());
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    let shape = matches!(parts.as_slice(), [year, rest @ ..]
        if digits(year, 4) && rest.len() <= 2 && rest.iter().all(|part| digits(part, 2)));
    let number = |at: usize| parts.get(at).map(|part| part.parse::<i16>()).transpose().map_err(|_| refused());
    let (year, month, day) = (number(0)?, small(number(1)?), small(number(2)?));
    let year = year.filter(|_| shape).ok_or_else(refused)?;
    let at = |month, day| Date::new(year, month, day).map_err(|_| refused());
    let earliest = at(month.unwrap_or(1), day.unwrap_or(1))?;
    let latest = match (month, day) {
        (_, Some(_)) => earliest,
        (Some(_), None) => earliest.last_of_month(),
        (None, None) => at(12, 31)?,
    };
    Ok(DateRange { earliest, latest })
}

/// Two digits; anything else was refused by its shape.
fn small(number: Option<i16>) -> Option<i8> {
    number.map(|number| i8::try_from(number).unwrap_or(0))
}

fn glucocorticoid(file: GlucocorticoidFile) -> Result<Glucocorticoid, ContextError> {
    let key = "glucocorticoid.taken";
    Ok(Glucocorticoid {
        taken: code(key, &GlucocorticoidUse::ALL, GlucocorticoidUse::code, file.taken.as_deref())?,
        mg_per_day: within(
            "glucocorticoid.prednisolone_mg_per_day",
            file.prednisolone_mg_per_day,
            MG_PER_DAY,
        )?,
        months: within("glucocorticoid.duration_months", file.duration_months, MONTHS)?,
    })
}

fn tbs(file: TbsFile) -> Result<Tbs, ContextError> {
    Ok(Tbs { value: within("tbs.value", file.value, TBS)?, category: file.device_category })
}

fn answers(file: BTreeMap<String, Option<bool>>) -> Result<BTreeMap<IofItem, bool>, ContextError> {
    let mut answers = BTreeMap::new();
    for (question, answer) in file {
        let item = required("iof_one_minute", &IofItem::ALL, IofItem::code, &question)?;
        answers.extend(answer.map(|answer| (item, answer)));
    }
    Ok(answers)
}

fn not_assessable(file: BTreeMap<String, String>) -> Result<BTreeMap<Lumbar, NotAssessable>, ContextError> {
    let key = "not_assessable_vertebrae";
    let entry = |(level, reason): (String, String)| {
        let level = required(key, &Lumbar::ALL, Lumbar::code, &level)?;
        Ok((level, required(key, &NotAssessable::ALL, NotAssessable::code, &reason)?))
    };
    file.into_iter().map(entry).collect()
}

fn code<T: Copy>(
    key: &'static str,
    all: &[T],
    code: fn(T) -> &'static str,
    given: Option<&str>,
) -> Result<Option<T>, ContextError> {
    given.map(|given| required(key, all, code, given)).transpose()
}

fn required<T: Copy>(
    key: &'static str,
    all: &[T],
    code: fn(T) -> &'static str,
    given: &str,
) -> Result<T, ContextError> {
    let known = || all.iter().map(|value| code(*value)).collect::<Vec<_>>().join(", ");
    all.iter().copied().find(|value| code(*value) == given).ok_or_else(|| ContextError::UnknownCode {
        key,
        value: given.to_owned(),
        known: known(),
    })
}

fn within(
    key: &'static str,
    value: Option<f64>,
    (least, most): (f64, f64),
) -> Result<Option<f64>, ContextError> {
    match value {
        Some(value) if !(least <= value && value <= most) => Err(ContextError::OutOfRange {
            key,
            value: value.to_string(),
            least: least.to_string(),
            most: most.to_string(),
        }),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    /// The example of docs/context.md, which has every key.
    fn example() -> String {
        let text = include_str!("../../../docs/context.md");
        let start = text.find("```json\n").expect("an example") + 8;
        let end = text[start..].find("```").expect("its end");
        text[start..start + end].to_owned()
    }

    #[test]
    fn the_documented_example_is_read_whole() {
        let context = read(example().as_bytes()).unwrap();
        assert_eq!(context.menopause, Some(Menopause::Post));
        assert_eq!(context.ethnicity, Some(Ethnicity::Chinese));
        let fractures = context.fractures.unwrap();
        assert_eq!(fractures.len(), 2);
        assert_eq!(fractures[0].site, FractureSite::DistalForearm);
        let may = DateRange { earliest: day(2023, 5, 1), latest: day(2023, 5, 31) };
        assert_eq!((fractures[0].date, fractures[0].fragility), (Some(may), Some(true)));
        assert_eq!(fractures[1].confirmed, Some(false));
        assert_eq!(context.glucocorticoid.mg_per_day, Some(7.5));
        assert_eq!(context.frax, Frax { major_percent: Some(12.5), hip_percent: Some(3.1) });
        assert_eq!(context.iof_one_minute.len(), IofItem::ALL.len());
        assert_eq!(context.not_assessable.get(&Lumbar::L4), Some(&NotAssessable::Artefact));
    }

    #[test]
    fn the_documented_example_has_every_key() {
        let keys: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&example()).unwrap();
        assert_eq!(keys.len(), 22, "{keys:?}");
    }

    #[test]
    fn nothing_is_known_of_what_is_not_given() {
        assert_eq!(read(b"{}"), Ok(Context::default()));
        assert_eq!(read(br#"{"menopause": null, "fractures": null, "tbs": null}"#), Ok(Context::default()));
        let unanswered = read(br#"{"iof_one_minute": {"smoking": null}}"#).unwrap();
        assert_eq!(unanswered.iof_one_minute.get(&IofItem::Smoking), None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (json, named) in [
            (r#"{"menopauze": "post"}"#, "menopauze"),
            (r#"{"fractures": [{"site": "hip", "when": "2020"}]}"#, "when"),
            (r#"{"fractures": [{"site": "toe"}]}"#, "toe"),
            (r#"{"fractures": [{"site": "hip", "date": "05/2020"}]}"#, "05/2020"),
            (r#"{"fractures": [{"site": "hip", "date": "2020-13"}]}"#, "2020-13"),
            (r#"{"fractures": [{"site": "hip", "date": "2023-02-29"}]}"#, "2023-02-29"),
            (r#"{"menopause": "yes"}"#, "pre, peri, post"),
            (r#"{"frax_hip_percent": 101}"#, "frax_hip_percent"),
            (r#"{"height_cm": 1.62}"#, "height_cm"),
            (r#"{"weight_kg": -1}"#, "weight_kg"),
            (r#"{"height_cm": 165, "tallest_height_cm": 160}"#, "tallest_height_cm"),
            (r#"{"iof_one_minute": {"smokes": true}}"#, "smokes"),
            (r#"{"not_assessable_vertebrae": {"L5": "artefact"}}"#, "L5"),
            (r#"{"high_fall_risk": "no"}"#, "boolean"),
            (r#"{"menopause": "post", "menopause": "pre"}"#, "menopause"),
            ("[1", "cannot be read"),
            (r#"["post"]"#, "not one JSON object"),
            ("", "cannot be read"),
        ] {
            let sentence = read(json.as_bytes()).unwrap_err().to_string();
            assert!(sentence.contains(named), "{json}: {sentence}");
        }
    }

    #[test]
    fn a_date_is_a_day_a_month_or_a_year() {
        let of = |text: &str| date(text).map(|range| (range.earliest, range.latest));
        assert_eq!(of("2020"), Ok((day(2020, 1, 1), day(2020, 12, 31))));
        assert_eq!(of("2020-02"), Ok((day(2020, 2, 1), day(2020, 2, 29))));
        assert_eq!(of("2020-02-03"), Ok((day(2020, 2, 3), day(2020, 2, 3))));
        for text in ["", "20", "2020-2", "2020-02-03-04", "2020-00", "+020", "2020-", "二〇二〇"] {
            assert!(of(text).is_err(), "{text}");
        }
    }
}
