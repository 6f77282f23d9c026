//! The context of a person as a QuestionnaireResponse of FHIR R4: `linkId`s are the keys of the context file.

use serde_json::{Map, Value};

use super::{ContextError, LISTS};
use crate::fhir::Time;

/// The answers of a questionnaire, as a context file.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// Keys and values of the context file; not yet checked.
    pub facts: Map<String, Value>,
    /// When they were given, Unix milliseconds, where it is said.
    pub authored: Option<i64>,
    /// Whom they are of: the reference, where there is one.
    pub subject: Option<String>,
    /// The hospital's number of the subject, where there is one.
    pub subject_identifier: Option<String>,
}

/// Whether a document is a QuestionnaireResponse.
#[must_use]
pub fn is_questionnaire(document: &Value) -> bool {
    document.get("resourceType").and_then(Value::as_str) == Some("QuestionnaireResponse")
}

/// Takes the answers out of a QuestionnaireResponse.
///
/// # Errors
/// A response that is not finished, an item without a key, an answer of a kind that no key takes, a unit that is not
/// that of the key.
pub fn answered(response: &Value) -> Result<Answers, ContextError> {
    let text = |at: &str| response.pointer(at).and_then(Value::as_str).map(str::to_owned);
    if !matches!(text("/status").as_deref(), Some("completed" | "amended")) {
        return Err(refused("its status is neither completed nor amended"));
    }
    let authored = text("/authored").map(|text| last_moment(&text).ok_or(text)).transpose();
    Ok(Answers {
        facts: object(response)?,
        authored: authored.map_err(|_| refused("`authored` is no time"))?,
        subject: text("/subject/reference"),
        subject_identifier: text("/subject/identifier/value"),
    })
}

/// The last moment that a time can mean, Unix milliseconds.
fn last_moment(text: &str) -> Option<i64> {
    Some(Time::read(text)?.moments()?.1.as_millisecond() - 1)
}

fn refused(why: &str) -> ContextError {
    ContextError::Questionnaire(why.to_owned())
}

/// The items of a group by their keys; fractures and treatments are lists because a person may have several.
fn object(group: &Value) -> Result<Map<String, Value>, ContextError> {
    let mut all = Map::new();
    for item in items(group) {
        take(item, &mut all)?;
    }
    Ok(all)
}

fn items(group: &Value) -> impl Iterator<Item = &Value> {
    group.get("item").and_then(Value::as_array).into_iter().flatten()
}

/// Puts what an item says with what its group says.
fn take(item: &Value, all: &mut Map<String, Value>) -> Result<(), ContextError> {
    let link = item.get("linkId").and_then(Value::as_str).unwrap_or_default();
    let key = link.rsplit(['.', '/']).next().unwrap_or_default();
    if key.is_empty() {
        return Err(refused("an item has no linkId"));
    }
    let answers = item.get("answer").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match answers {
        [] if item.get("item").is_some() => return put(key, Value::Object(object(item)?), all),
        [] => return Ok(()),
        [_] => {}
        _ if LISTS.contains(&key) => {}
        _ => return Err(ContextError::Questionnaire(format!("`{key}` has several answers"))),
    }
    for one in answers {
        // Items below an answer are of the key where it has keys of its own, and beside it where it has none.
        match items(one).next() {
            None => put(key, answer(one, key)?, all)?,
            Some(_) if GROUPS.contains(&key) => {
                if one.get("valueBoolean") == Some(&Value::Bool(false)) {
                    return Err(ContextError::Questionnaire(format!("`{key}` is denied and then described")));
                }
                put(key, Value::Object(object(one)?), all)?;
            }
            Some(_) => {
                put(key, answer(one, key)?, all)?;
                for below in items(one) {
                    take(below, all)?;
                }
            }
        }
    }
    Ok(())
}

fn put(key: &str, value: Value, all: &mut Map<String, Value>) -> Result<(), ContextError> {
    if LISTS.contains(&key) {
        let list = all.entry(key).or_insert_with(|| Value::Array(Vec::new()));
        list.as_array_mut().into_iter().for_each(|list| list.push(value.clone()));
    } else if all.insert(key.to_owned(), value).is_some() {
        return Err(ContextError::Questionnaire(format!("`{key}` is answered twice")));
    }
    Ok(())
}

/// Keys that have others inside of them.
const GROUPS: [&str; 6] =
    ["fractures", "treatments", "glucocorticoid", "iof_one_minute", "tbs", "not_assessable_vertebrae"];

fn answer(answer: &Value, key: &str) -> Result<Value, ContextError> {
    for kind in ["valueBoolean", "valueDecimal", "valueInteger", "valueString", "valueDate"] {
        if let Some(value) = answer.get(kind) {
            return Ok(value.clone());
        }
    }
    if let Some(code) = answer.pointer("/valueCoding/code") {
        return Ok(code.clone());
    }
    let quantity = answer.get("valueQuantity");
    let Some(value) = quantity.and_then(|quantity| quantity.get("value")) else {
        return Err(ContextError::Questionnaire(format!(
            "`{key}` has an answer of a kind that is not taken"
        )));
    };
    let unit =
        quantity.and_then(|quantity| quantity.get("code").or(quantity.get("unit"))).and_then(Value::as_str);
    if unit.is_some_and(|unit| !is_unit_of(key, unit)) {
        return Err(ContextError::Questionnaire(format!("`{key}` has a unit that is not its own")));
    }
    Ok(value.clone())
}

/// The unit stands at the end of the key.
fn is_unit_of(key: &str, unit: &str) -> bool {
    match key.rsplit('_').next() {
        Some("cm") => unit == "cm",
        Some("kg") => unit == "kg",
        Some("percent") => unit == "%",
        Some("day") => matches!(unit, "mg/d" | "mg/day"),
        Some("months") => matches!(unit, "mo" | "month" | "months"),
        Some("cm3") => matches!(unit, "mg/cm3" | "mg/mL"),
        _ => unit == "1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn response(items: &Value) -> Value {
        json!({ "resourceType": "QuestionnaireResponse", "status": "completed",
                "subject": { "reference": "Patient/p" }, "item": items })
    }

    #[test]
    fn answers_are_the_keys_of_the_context_file() {
        let response = response(&json!([
            { "linkId": "menopause", "answer": [{ "valueCoding": { "code": "post" } }] },
            { "linkId": "weight_kg", "answer": [{ "valueQuantity": { "value": 54.5, "code": "kg" } }] },
            { "linkId": "fractures", "item": [
                { "linkId": "fractures.site", "answer": [{ "valueString": "hip" }] },
                { "linkId": "fractures.fragility", "answer": [{ "valueBoolean": true }] }] },
            { "linkId": "fractures", "item": [{ "linkId": "site", "answer": [{ "valueString": "vertebra" }] }] },
            { "linkId": "high_fall_risk" },
        ]));
        let Answers { facts, subject, .. } = answered(&response).unwrap();
        assert_eq!(subject.as_deref(), Some("Patient/p"));
        let facts = Value::Object(facts);
        assert_eq!(
            facts,
            json!({ "menopause": "post", "weight_kg": 54.5,
                    "fractures": [{ "site": "hip", "fragility": true }, { "site": "vertebra" }] })
        );
        assert!(super::super::read(facts.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn items_below_an_answer_are_read() {
        let response = response(&json!([
            { "linkId": "fractures", "answer": [
                { "valueBoolean": true, "item": [{ "linkId": "site", "answer": [{ "valueString": "hip" }] }] },
                { "item": [{ "linkId": "site", "answer": [{ "valueString": "pelvis" }] }] }] },
            { "linkId": "osteoporosis_treatment", "answer": [{ "valueBoolean": true, "item": [
                { "linkId": "treatments", "item": [
                    { "linkId": "kind", "answer": [{ "valueString": "drug" }] },
                    { "linkId": "name", "answer": [{ "valueString": "x" }] },
                    { "linkId": "start", "answer": [{ "valueDate": "2022-05" }] }] }] }] },
        ]));
        let facts = Value::Object(answered(&response).unwrap().facts);
        assert_eq!(
            facts,
            json!({ "fractures": [{ "site": "hip" }, { "site": "pelvis" }], "osteoporosis_treatment": true,
                    "treatments": [{ "kind": "drug", "name": "x", "start": "2022-05" }] })
        );
        assert!(super::super::read(facts.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let one = |key: &str, answer: &Value| json!([{ "linkId": key, "answer": [answer] }]);
        for items in [
            one("weight_kg", &json!({ "valueQuantity": { "value": 120, "unit": "lb" } })),
            one("menopause", &json!({ "valueAttachment": {} })),
            one("", &json!({ "valueBoolean": true })),
            one(
                "fractures",
                &json!({ "valueBoolean": false,
                         "item": [{ "linkId": "site", "answer": [{ "valueString": "hip" }] }] }),
            ),
            json!([{ "linkId": "menopause", "answer": [{ "valueString": "pre" }, { "valueString": "post" }] }]),
        ] {
            assert!(answered(&response(&items)).is_err(), "{items}");
        }
        let mut undated = response(&json!([]));
        undated["authored"] = "last week".into();
        assert!(answered(&undated).is_err());
        let mut unfinished = response(&json!([]));
        unfinished["status"] = "in-progress".into();
        assert!(answered(&unfinished).is_err());
    }
}
