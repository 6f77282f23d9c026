//! The form for what DICOM does not know of a patient: the keys of docs/context.md with what is known now.

use askama::Template;
use dxa_core::context::IofItem;
use dxa_core::vertebra::Level;
use dxa_exchange::context::{Conflict, Said, Together};
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
        let lists = lists(w, &known.facts);
        let conflicts = known.conflicts.iter().map(|conflict| differing(conflict, &groups, &lists)).collect();
        let mut rest = rest(&known.facts, &groups);
        rest.extend(withdrawn.into_iter().map(|key| (key, Value::Null)));
        let rest = Value::Object(rest).to_string();
        Self { frame, w, patient, back, conflicts, rest, groups, lists }
    }
}

fn differing(conflict: &Conflict, groups: &[Group], lists: &[List]) -> Differing {
    let key = &conflict.key;
    let list = lists.iter().find(|list| list.key == key).map(|list| list.title);
    let field = groups.iter().flat_map(|group| &group.fields).find(|field| field.key == *key);
    let name = list.or(field.map(|field| field.name.as_str())).unwrap_or(key);
    Differing { name: name.to_owned(), said: conflict.values.iter().map(Said::in_words).collect() }
}

const LISTS: [&str; 2] = ["fractures", "treatments"];

fn lists(w: &'static Words, known: &Map<String, Value>) -> Vec<List> {
    let entries = |key: &str, fields: fn(&'static Words, &Value) -> Vec<Field>| {
        let known = known.get(key).and_then(Value::as_array).into_iter().flatten();
        let template = Entry { is_template: true, fields: fields(w, &Value::Null) };
        let entries = known.map(|one| Entry { is_template: false, fields: fields(w, one) });
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
    let form = Form { w, known };
    let body = vec![
        form.code(
            "menopause",
            w.menopause,
            &[("pre", w.menopause_pre), ("peri", w.menopause_peri), ("post", w.menopause_post)],
        ),
        form.number("height_cm", w.height, "cm"),
        form.number("weight_kg", w.weight, "kg"),
        form.number("tallest_height_cm", w.tallest_height, "cm"),
        form.number("height_lost_in_a_year_cm", w.height_lost, "cm"),
        form.flag("over_table_weight", w.over_table_weight),
    ];
    let taken = [("never", w.never), ("past", w.past), ("recent", w.recent), ("current", w.current)];
    let history = vec![
        form.code("glucocorticoid.taken", w.glucocorticoid, &taken),
        form.number("glucocorticoid.prednisolone_mg_per_day", w.glucocorticoid_dose, "mg/d"),
        form.number("glucocorticoid.duration_months", w.glucocorticoid_months, w.months),
        form.flag("bone_damaging_drugs", w.bone_damaging_drugs),
        form.flag("osteoporosis_treatment", w.treatment),
        form.flag("high_fall_risk", w.falls),
        form.flag("hyperparathyroidism", w.hyperparathyroidism),
        form.flag("androgen_deprivation", w.androgen_deprivation),
    ];
    let received = vec![
        form.number("frax_major_percent", w.frax_major, "%"),
        form.number("frax_hip_percent", w.frax_hip, "%"),
        form.number("qct_spine_mg_cm3", w.qct, "mg/cm³"),
        form.number("ultrasound_t", w.ultrasound, ""),
    ];
    let questions = IofItem::ALL
        .into_iter()
        .map(|item| form.flag(&format!("iof_one_minute.{}", item.code()), text::question(item, language)));
    vec![
        Group { title: w.context_body, fields: body },
        Group { title: w.context_history, fields: history },
        Group { title: w.context_received, fields: received },
        Group { title: w.context_iof, fields: questions.collect() },
    ]
}

fn fracture(w: &'static Words, known: &Value) -> Vec<Field> {
    let empty = Map::new();
    let form = Form { w, known: known.as_object().unwrap_or(&empty) };
    let sites = [
        ("hip", w.site_hip),
        ("vertebra", w.site_vertebra),
        ("proximal_humerus", w.site_humerus),
        ("pelvis", w.site_pelvis),
        ("distal_forearm", w.site_forearm),
        ("other", w.site_other),
    ];
    vec![
        form.code("site", w.site, &sites),
        Field { kind: "text", ..form.number("date", w.date, "") },
        form.flag("fragility", w.fragility),
        form.flag("confirmed", w.confirmed),
        form.flag("on_treatment", w.on_treatment),
    ]
}

fn treatment(w: &'static Words, known: &Value) -> Vec<Field> {
    let empty = Map::new();
    let form = Form { w, known: known.as_object().unwrap_or(&empty) };
    let kinds = [("drug", w.treatment_drug), ("augmentation", w.treatment_augmentation)];
    let levels = Level::ALL.map(|level| (level.code(), level.code()));
    vec![
        form.code("kind", w.kind, &kinds),
        Field { kind: "text", ..form.number("name", w.name, "") },
        form.code("level", w.level_of, &levels),
        Field { kind: "text", ..form.number("start", w.start, "") },
        Field { kind: "text", ..form.number("end", w.end, "") },
    ]
}

/// Fields with what is known of each.
struct Form<'k> {
    w: &'static Words,
    known: &'k Map<String, Value>,
}

impl Form<'_> {
    fn value(&self, key: &str) -> Option<&Value> {
        match key.split_once('.') {
            Some((outer, inner)) => self.known.get(outer)?.get(inner),
            None => self.known.get(key),
        }
    }

    fn number(&self, key: &str, name: &str, unit: &'static str) -> Field {
        let value = match self.value(key) {
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) => text.clone(),
            _ => String::new(),
        };
        let unit = Some(unit).filter(|unit| !unit.is_empty());
        Field { key: key.to_owned(), name: name.to_owned(), unit, kind: "number", value, choices: Vec::new() }
    }

    fn code(&self, key: &str, name: &str, codes: &[(&'static str, &'static str)]) -> Field {
        let known = self.value(key).and_then(Value::as_str);
        let choice = |(code, word): &(&'static str, &'static str)| Choice {
            code,
            word,
            is_chosen: known == Some(*code),
        };
        let choices = codes.iter().map(choice).collect();
        Field { kind: "code", choices, ..self.number(key, name, "") }
    }

    fn flag(&self, key: &str, name: &str) -> Field {
        let known = self.value(key).and_then(Value::as_bool);
        let choices = [("true", self.w.yes, true), ("false", self.w.no, false)];
        let choices = choices.map(|(code, word, yes)| Choice { code, word, is_chosen: known == Some(yes) });
        Field { kind: "flag", choices: choices.into(), ..self.number(key, name, "") }
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
        let w = Words::of(Language::English);
        let groups = groups(Language::English, &known);
        let kept = rest(&known, &groups);
        let keys: Vec<&str> = kept.keys().map(String::as_str).collect();
        assert_eq!(keys, ["ethnicity", "tbs", "not_assessable_vertebrae"]);
        for field in groups.iter().flat_map(|group| &group.fields) {
            let is_answered = field.choices.iter().any(|choice| choice.is_chosen) || !field.value.is_empty();
            assert!(is_answered, "{}", field.key);
        }
        assert!(
            fracture(w, &known["fractures"][0]).iter().all(|field| {
                field.choices.iter().any(|choice| choice.is_chosen) || !field.value.is_empty()
            })
        );
    }
}
