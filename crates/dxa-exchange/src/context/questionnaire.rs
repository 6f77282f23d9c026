//! The context of a person as a QuestionnaireResponse of FHIR R4: `linkId`s are the keys of the context file.

use serde_json::{Map, Value};

use super::{ContextError, LISTS};
use crate::moment;

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
    let authored = text("/authored").map(|text| moment::of_fhir(&text).ok_or(text)).transpose();
    Ok(Answers {
        facts: object(response)?,
        authored: authored.map_err(|_| refused("`authored` is no time"))?,
        subject: text("/subject/reference"),
        subject_identifier: text("/subject/identifier/value"),
    })
}

fn refused(why: &str) -> ContextError {
    ContextError::Questionnaire(why.to_owned())
}

/// The items of a group by their keys; fractures and treatments are lists because a person may have several.
fn object(group: &Value) -> Result<Map<String, Value>, ContextError> {
    let mut all = Map::new();
    for item in group.get("item").and_then(Value::as_array).into_iter().flatten() {
        let link = item.get("linkId").and_then(Value::as_str).unwrap_or_default();
        let key = link.rsplit(['.', '/']).next().unwrap_or_default();
        if key.is_empty() {
            return Err(refused("an item has no linkId"));
        }
        let Some(value) = value(item, key)? else { continue };
        if LISTS.contains(&key) {
            let list = all.entry(key).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().into_iter().for_each(|list| list.push(value.clone()));
        } else if all.insert(key.to_owned(), value).is_some() {
            return Err(ContextError::Questionnaire(format!("`{key}` is answered twice")));
        }
    }
    Ok(all)
}

/// The answer of an item, or its items; nothing where it was not answered.
fn value(item: &Value, key: &str) -> Result<Option<Value>, ContextError> {
    let answers = item.get("answer").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match answers {
        [] if item.get("item").is_some() => Ok(Some(Value::Object(object(item)?))),
        [] => Ok(None),
        [one] => answer(one, key).map(Some),
        _ => Err(ContextError::Questionnaire(format!("`{key}` has several answers"))),
    }
}

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
    fn what_cannot_be_meant_is_refused() {
        let one = |key: &str, answer: &Value| json!([{ "linkId": key, "answer": [answer] }]);
        for items in [
            one("weight_kg", &json!({ "valueQuantity": { "value": 120, "unit": "lb" } })),
            one("menopause", &json!({ "valueAttachment": {} })),
            one("", &json!({ "valueBoolean": true })),
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
