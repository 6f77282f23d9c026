//! Facts of a patient in a message: which key a code means, and its value in the unit of the key.

use std::collections::BTreeMap;

use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::message::Field;
use crate::context::{Facts, LISTS};
use crate::moment;

/// How the codes of a sender are understood, beside our own and the LOINC codes of height and weight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FactCode {
    /// Code of OBX-3; `PID-10` and `PID-22` are these fields.
    pub code: String,
    /// Its coding system; any where it is empty.
    pub system: String,
    /// Key of the context file, `part.key` for a key inside of another.
    pub key: String,
    /// What the sender's values are called in the context file, by the sender's words.
    pub values: BTreeMap<String, Value>,
    /// The field of OBX that holds the date of a fracture, or the start of a treatment; without it they have none.
    pub date: Option<usize>,
}

/// LOINC codes of body height and weight in the vital signs profiles of FHIR R4
/// (<http://hl7.org/fhir/R4/observation-vitalsigns.html>).
const VITAL: [(&str, &str); 2] = [("8302-2", "height_cm"), ("29463-7", "weight_kg")];
/// Our own scheme: its codes are the keys of the context file.
pub(super) const OWN: &str = "99DXA";

/// What a code means: the key, and what the clinic says of its values.
pub(super) struct Meaning<'m> {
    pub(super) key: String,
    words: Option<&'m BTreeMap<String, Value>>,
    /// The field of OBX with the date of an entry of a list.
    pub(super) date: Option<usize>,
}

/// OBX-14, which by our own codes is the date of a fracture or the start of a treatment.
const OWN_DATE: usize = 14;

/// A value that a message tells of a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ToldFact {
    pub(super) key: String,
    pub(super) value: Value,
    /// When it was so, Unix milliseconds, where the message says so.
    pub(super) at: Option<i64>,
}

/// What a message tells in all. The entries of lists add up; of other values of a key the youngest holds, and two of one
/// time that differ are both left.
pub(super) fn settled(told: Vec<ToldFact>, left: &mut Vec<String>) -> Facts {
    let mut by_key: Vec<(String, Vec<ToldFact>)> = Vec::new();
    for fact in told {
        match by_key.iter_mut().find(|(key, _)| *key == fact.key) {
            Some((_, same)) => same.push(fact),
            None => by_key.push((fact.key.clone(), vec![fact])),
        }
    }
    let mut facts = Facts::default();
    for (key, same) in by_key {
        let youngest = same.iter().map(|fact| fact.at).max().flatten();
        if LISTS.contains(&key.as_str()) {
            facts.put(&key, listed(same), youngest);
            continue;
        }
        let mut values = same.into_iter().filter(|fact| fact.at == youngest).map(|fact| fact.value);
        let Some(first) = values.next() else { continue };
        if values.all(|other| other == first) {
            facts.put(&key, first, youngest);
        } else {
            left.push(format!("{key} has two values, and neither is used"));
        }
    }
    facts
}

/// A list of all entries; null where each of them is taken back.
fn listed(told: Vec<ToldFact>) -> Value {
    if told.iter().all(|fact| fact.value.is_null()) {
        return Value::Null;
    }
    let entries = told.into_iter().filter(|fact| !fact.value.is_null()).flat_map(|fact| match fact.value {
        Value::Array(entries) => entries,
        one => vec![one],
    });
    Value::Array(entries.collect())
}

/// What a code means.
pub(super) fn meaning<'m>(code: &str, system: &str, mapping: &'m [FactCode]) -> Option<Meaning<'m>> {
    let own = |key: &str| Meaning { key: key.to_owned(), words: None, date: None };
    let told =
        mapping.iter().find(|fact| fact.code == code && (fact.system.is_empty() || fact.system == system));
    if let Some(told) = told {
        return Some(Meaning { key: told.key.clone(), words: Some(&told.values), date: told.date });
    }
    if matches!(system, "LN" | "LOINC") {
        return VITAL.iter().find(|(known, _)| *known == code).map(|(_, key)| own(key));
    }
    let date = LISTS.contains(&code).then_some(OWN_DATE);
    (system == OWN).then(|| Meaning { date, ..own(code) })
}

impl Meaning<'_> {
    /// The value of an OBX; a fracture or treatment with its date. What cannot be said is named in `left`.
    pub(super) fn value<'f>(
        &self,
        field: impl Fn(usize) -> Field<'f>,
        left: &mut Vec<String>,
    ) -> Option<Value> {
        let (key, date) = (&self.key, self.date.map(|number| field(number).component(1)));
        let value = value(field(5), &field(2).component(1), key, &field(6).component(1), self.words);
        if value.is_none() {
            left.push(format!("the value or unit of {key} is not understood"));
        }
        let value = value?;
        if !LISTS.contains(&key.as_str()) {
            return Some(value);
        }
        let date = date.filter(|date| !date.is_empty());
        let day = date.as_deref().and_then(shown_date);
        if date.is_some() && day.is_none() {
            left.push(format!("the date of {key} is none"));
        }
        let entries = match value {
            Value::Array(entries) => entries,
            one => vec![one],
        };
        let entries = entries.into_iter().map(|entry| entry_of(key, entry, day.as_deref()));
        Some(Value::Array(entries.collect()))
    }

    /// The value of a word of PID, where the clinic's table or our own codes know it.
    pub(super) fn word(&self, word: &str) -> Option<Value> {
        match self.words {
            Some(words) => words.get(word).cloned(),
            None => Some(word.into()),
        }
    }
}

/// An entry of a list with its date: a word alone is the site of a fracture, or the name of a drug.
fn entry_of(key: &str, entry: Value, day: Option<&str>) -> Value {
    let mut entry = match entry {
        Value::String(word) if key == "fractures" => json!({ "site": word }),
        Value::String(word) => json!({ "kind": "drug", "name": word }),
        other => other,
    };
    let name = if key == "fractures" { "date" } else { "start" };
    if let (Some(day), Some(parts)) = (day, entry.as_object_mut()) {
        parts.entry(name).or_insert_with(|| day.into());
    }
    entry
}

/// A date of HL7 as the context file writes it: a year, a month or a day.
fn shown_date(text: &str) -> Option<String> {
    let end = text.find(['+', '-', '.']).unwrap_or(text.len());
    let digits = &text[..end];
    moment::of_hl7(text, Offset::UTC)?;
    let part = |from: usize| digits.get(from..from + 2).map(|part| format!("-{part}")).unwrap_or_default();
    Some(format!("{}{}{}", digits.get(..4)?, part(4), part(6)))
}

/// The value of OBX-5 for a key.
fn value(
    field: Field<'_>,
    kind: &str,
    key: &str,
    unit: &str,
    words: Option<&BTreeMap<String, Value>>,
) -> Option<Value> {
    let text = field.component(1);
    if let Some(meant) = words.and_then(|words| words.get(&text)) {
        return Some(meant.clone());
    }
    if kind == "NM" {
        return Some(Value::from(in_unit(&text, key, unit)?));
    }
    match text.as_str() {
        "" => None,
        "true" | "Y" => Some(true.into()),
        "false" | "N" => Some(false.into()),
        _ => Some(text.into()),
    }
}

/// A number in the unit of its key; `None` for a text that is no number of HL7, which has neither an exponent nor a word,
/// and for a unit that cannot be turned into it.
///
/// Units differ by powers of ten, and the decimal point is moved in the text: a product of two binary numbers has digits
/// that nobody wrote.
fn in_unit(text: &str, key: &str, unit: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let places = match (key.rsplit('_').next(), unit) {
        (Some("cm"), "cm") | (Some("kg"), "kg") | (Some("percent"), "%" | "") => 0,
        (Some("cm"), "m") => 2,
        (Some("cm"), "mm") => -1,
        (Some("kg"), "g") => -3,
        (Some("cm" | "kg"), _) => return None,
        (_, "" | "1") => 0,
        (Some("day"), "mg/d" | "mg/day") | (Some("months"), "mo") | (Some("cm3"), "mg/cm3" | "mg/mL") => 0,
        _ => return None,
    };
    let number = format!("{text}e{places}").parse().ok().filter(|_| is_number);
    number.filter(|number: &f64| number.is_finite())
}
