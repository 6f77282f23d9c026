//! The form for what DICOM does not know of a patient: the keys of docs/context.md with what is known now.

use askama::Template;
use dxa_core::context::IofItem;
use dxa_core::vertebra::Level;
use dxa_exchange::context::{Conflict, Together};
use dxa_exchange::text::{self, Language};
use serde_json::{Map, Value};

use super::frame::Frame;
use dxa_exchange::view::Words;

/// The form.
#[derive(Template)]
#[template(path = "context.html")]
pub(crate) struct ContextPage<'a> {
    frame: &'a Frame,
    w: &'static Words,
    patient: &'a str,
    back: String,
    /// What sources tell differently.
    conflicts: Vec<Differing>,
    groups: Vec<Group>,
    lists: Vec<List>,
    /// Keys that the form has no field for; they are given back as they are.
    rest: String,
}

/// A key of which sources tell different values.
struct Differing {
    name: String,
    /// The values, each with who said it and when, the newest first.
    said: Vec<String>,
}

struct Group {
    title: &'static str,
    fields: Vec<Field>,
}

/// Something of which a patient may have several.
struct List {
    key: &'static str,
    title: &'static str,
    /// One of them.
    entry: &'static str,
    add: &'static str,
    /// The field without which an entry says nothing.
    needs: &'static str,
    /// What says that there were none, and whether it was said.
    none: Option<(&'static str, bool)>,
    entries: Vec<Entry>,
}

struct Entry {
    is_template: bool,
    fields: Vec<Field>,
}

/// A key with its choices, or a number.
struct Field {
    key: String,
    name: String,
    unit: Option<&'static str>,
    /// `number`, `text`, `flag` or `code`.
    kind: &'static str,
    value: String,
    choices: Vec<Choice>,
}

struct Choice {
    code: &'static str,
    word: &'static str,
    is_chosen: bool,
}

impl<'a> ContextPage<'a> {
    /// The form with what is known.
    /// What the reader withdrew before is said again, for what is sent takes the place of all that the reader said.
    pub(crate) fn of(
        frame: &'a Frame,
        patient: &'a str,
        back: String,
        known: &Together,
        withdrawn: Vec<String>,
    ) -> Self {
        let w = frame.words();
        let groups = groups(frame.language, &known.facts);
        let lists = lists(frame.language, &known.facts);
        let conflicts = known.conflicts.iter().map(|conflict| differing(conflict, frame.language)).collect();
        let mut rest = rest(&known.facts, &groups);
        rest.extend(withdrawn.into_iter().map(|key| (key, Value::Null)));
        let rest = Value::Object(rest).to_string();
        Self { frame, w, patient, back, conflicts, rest, groups, lists }
    }
}

fn differing(Conflict { key, values }: &Conflict, language: Language) -> Differing {
    let name = text::fact(key, language).unwrap_or(key).to_owned();
    Differing { name, said: values.iter().map(|said| said.in_words(key, language)).collect() }
}

const LISTS: [&str; 2] = ["fractures", "treatments"];

fn lists(language: Language, known: &Map<String, Value>) -> Vec<List> {
    let w = Words::of(language);
    let entries = |key: &str, fields: fn(Language, &Value) -> Vec<Field>| {
        let known = known.get(key).and_then(Value::as_array).into_iter().flatten();
        let template = Entry { is_template: true, fields: fields(language, &Value::Null) };
        let entries = known.map(|one| Entry { is_template: false, fields: fields(language, one) });
        std::iter::once(template).chain(entries).collect()
    };
    let none = known.get("fractures").and_then(Value::as_array).is_some_and(Vec::is_empty);
    vec![
        List {
            key: LISTS[0],
            title: w.fractures,
            entry: "fracture",
            add: w.add_fracture,
            needs: "site",
            none: Some((w.no_fractures, none)),
            entries: entries(LISTS[0], fracture),
        },
        List {
            key: LISTS[1],
            title: w.treatments,
            entry: "treatment",
            add: w.add_treatment,
            needs: "kind",
            none: None,
            entries: entries(LISTS[1], treatment),
        },
    ]
}

fn rest(known: &Map<String, Value>, groups: &[Group]) -> Map<String, Value> {
    let asked = |key: &str| {
        let mut keys = groups.iter().flat_map(|group| &group.fields);
        keys.any(|field| field.key.split('.').next() == Some(key))
    };
    let rest = known.iter().filter(|(key, _)| !LISTS.contains(&key.as_str()) && !asked(key));
    rest.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn groups(language: Language, known: &Map<String, Value>) -> Vec<Group> {
    let w = Words::of(language);
    let form = Form { language, of: "", known };
    let body = vec![
        form.code("menopause", &["pre", "peri", "post"]),
        form.number("height_cm", "cm"),
        form.number("weight_kg", "kg"),
        form.number("tallest_height_cm", "cm"),
        form.number("height_lost_in_a_year_cm", "cm"),
        form.flag("over_table_weight"),
    ];
    let history = vec![
        form.code("glucocorticoid.taken", &["never", "past", "recent", "current"]),
        form.number("glucocorticoid.prednisolone_mg_per_day", "mg/d"),
        form.number("glucocorticoid.duration_months", w.months),
        form.flag("bone_damaging_drugs"),
        form.flag("osteoporosis_treatment"),
        form.flag("high_fall_risk"),
        form.flag("hyperparathyroidism"),
        form.flag("androgen_deprivation"),
    ];
    let received = vec![
        form.number("frax_major_percent", "%"),
        form.number("frax_hip_percent", "%"),
        form.number("qct_spine_mg_cm3", "mg/cm³"),
        form.number("ultrasound_t", ""),
    ];
    let questions =
        IofItem::ALL.into_iter().map(|item| form.flag(&format!("iof_one_minute.{}", item.code())));
    vec![
        Group { title: w.context_body, fields: body },
        Group { title: w.context_history, fields: history },
        Group { title: w.context_received, fields: received },
        Group { title: w.context_iof, fields: questions.collect() },
    ]
}

fn fracture(language: Language, known: &Value) -> Vec<Field> {
    let empty = Map::new();
    let form = Form { language, of: "fractures.", known: known.as_object().unwrap_or(&empty) };
    vec![
        form.code("site", &["hip", "vertebra", "proximal_humerus", "pelvis", "distal_forearm", "other"]),
        Field { kind: "text", ..form.number("date", "") },
        form.flag("fragility"),
        form.flag("confirmed"),
        form.flag("on_treatment"),
    ]
}

fn treatment(language: Language, known: &Value) -> Vec<Field> {
    let empty = Map::new();
    let form = Form { language, of: "treatments.", known: known.as_object().unwrap_or(&empty) };
    vec![
        form.code("kind", &["drug", "augmentation"]),
        Field { kind: "text", ..form.number("name", "") },
        form.code("level", &Level::ALL.map(Level::code)),
        Field { kind: "text", ..form.number("start", "") },
        Field { kind: "text", ..form.number("end", "") },
    ]
}

/// Fields with what is known of each.
struct Form<'k> {
    language: Language,
    /// The list that the fields are of, with a dot.
    of: &'static str,
    known: &'k Map<String, Value>,
}

impl Form<'_> {
    fn value(&self, key: &str) -> Option<&Value> {
        match key.split_once('.') {
            Some((outer, inner)) => self.known.get(outer)?.get(inner),
            None => self.known.get(key),
        }
    }

    fn number(&self, key: &str, unit: &'static str) -> Field {
        let value = match self.value(key) {
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) => text.clone(),
            _ => String::new(),
        };
        let whole = format!("{}{key}", self.of);
        Field {
            key: key.to_owned(),
            name: text::fact(&whole, self.language).unwrap_or_default().to_owned(),
            unit: Some(unit).filter(|unit| !unit.is_empty()),
            kind: "number",
            value,
            choices: Vec::new(),
        }
    }

    fn code(&self, key: &str, codes: &[&'static str]) -> Field {
        let known = self.value(key).and_then(Value::as_str);
        let whole = format!("{}{key}", self.of);
        let choice = |code: &&'static str| Choice {
            code,
            word: text::fact_code(&whole, code, self.language).unwrap_or(code),
            is_chosen: known == Some(*code),
        };
        Field { kind: "code", choices: codes.iter().map(choice).collect(), ..self.number(key, "") }
    }

    fn flag(&self, key: &str) -> Field {
        let w = Words::of(self.language);
        let known = self.value(key).and_then(Value::as_bool);
        let choices = [("true", w.yes, true), ("false", w.no, false)];
        let choices = choices.map(|(code, word, yes)| Choice { code, word, is_chosen: known == Some(yes) });
        Field { kind: "flag", choices: choices.into(), ..self.number(key, "") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the document is understood field by field, and nothing of it is lost.
    #[test]
    fn every_key_of_the_document_is_asked_or_given_back() {
        let document = include_str!("../../../../docs/context.md");
        let example = document.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let known: Map<String, Value> = serde_json::from_str(example).unwrap();
        let groups = groups(Language::English, &known);
        let kept = rest(&known, &groups);
        let keys: Vec<&str> = kept.keys().map(String::as_str).collect();
        assert_eq!(keys, ["ethnicity", "tbs", "not_assessable_vertebrae"]);
        for field in groups.iter().flat_map(|group| &group.fields) {
            let is_answered = field.choices.iter().any(|choice| choice.is_chosen) || !field.value.is_empty();
            assert!(is_answered, "{}", field.key);
            assert!(!field.name.is_empty(), "{} has no name", field.key);
        }
        assert!(
            fracture(Language::English, &known["fractures"][0]).iter().all(|field| {
                field.choices.iter().any(|choice| choice.is_chosen) || !field.value.is_empty()
            })
        );
    }
}
