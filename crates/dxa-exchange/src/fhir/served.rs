//! The resources of a Bundle as a server gives them, with what they are searched by.

use std::collections::BTreeMap;

use serde_json::Value;

use super::observation::KEY_SYSTEM;

/// A value and the system that it is of: a code or an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// System; empty without one.
    pub system: String,
    /// Code or identifier.
    pub value: String,
}

/// A resource, with references to type and id.
#[derive(Clone, Debug, PartialEq)]
pub struct Served {
    /// Its type.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Id of the patient that it is of.
    pub patient: Option<String>,
    /// Status.
    pub status: Option<String>,
    /// Day that it speaks of, `YYYY-MM-DD`.
    pub day: Option<String>,
    /// Codes of what it says.
    pub codes: Vec<Token>,
    /// Identifiers.
    pub identifiers: Vec<Token>,
    /// The resource.
    pub body: Value,
}

/// The resources of a Bundle that [`super::bundle`] made, as they are read one by one.
///
/// # Errors
/// Bytes that are no JSON.
pub fn served(bundle: &[u8]) -> serde_json::Result<Vec<Served>> {
    let mut bundle: Value = serde_json::from_slice(bundle)?;
    let entries =
        bundle.get_mut("entry").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
    let resources: Vec<Value> =
        entries.into_iter().filter_map(|mut entry| Some(entry.get_mut("resource")?.take())).collect();
    let name = |resource: &Value| Some((text(resource, "/id")?, text(resource, "/resourceType")?));
    let kinds: BTreeMap<String, String> = resources.iter().filter_map(name).collect();
    Ok(resources.into_iter().filter_map(|body| Served::of(body, &kinds)).collect())
}

/// The id of the Observation with one of our keys, `study UID|key|code`, alone or behind its system.
#[must_use]
pub fn observation_id(identifier: &str) -> String {
    let key = identifier.strip_prefix(KEY_SYSTEM).and_then(|key| key.strip_prefix('|'));
    super::id(&["observation", key.unwrap_or(identifier)])
}

impl Served {
    fn of(mut body: Value, kinds: &BTreeMap<String, String>) -> Option<Self> {
        point_at_types(&mut body, kinds);
        let subject = text(&body, "/subject/reference");
        Some(Self {
            kind: text(&body, "/resourceType")?,
            id: text(&body, "/id")?,
            patient: subject.and_then(|subject| Some(subject.strip_prefix("Patient/")?.to_owned())),
            status: text(&body, "/status"),
            day: ["/effectiveDateTime", "/started"]
                .iter()
                .find_map(|at| Some(text(&body, at)?.get(..10)?.to_owned())),
            codes: tokens(&body, "/code/coding", "code"),
            identifiers: tokens(&body, "/identifier", "value"),
            body,
        })
    }
}

fn text(value: &Value, at: &str) -> Option<String> {
    value.pointer(at)?.as_str().map(str::to_owned)
}

fn tokens(body: &Value, at: &str, value: &str) -> Vec<Token> {
    let all = body.pointer(at).and_then(Value::as_array);
    let token = |one: &Value| {
        let of = |key: &str| one.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Token { system: of("system").unwrap_or_default(), value: of(value)? })
    };
    all.into_iter().flatten().filter_map(token).collect()
}

/// Turns the `urn:uuid:id` of a Bundle into `Type/id`.
fn point_at_types(value: &mut Value, kinds: &BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("reference")
                && let Some(id) = reference.strip_prefix("urn:uuid:")
                && let Some(kind) = kinds.get(id)
            {
                *reference = format!("{kind}/{id}");
            }
            fields.values_mut().for_each(|field| point_at_types(field, kinds));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point_at_types(item, kinds)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_types_and_searches_find_their_values() {
        let bundle = br#"{"resourceType":"Bundle","type":"collection","entry":[
            {"fullUrl":"urn:uuid:a","resource":{"resourceType":"Patient","id":"a",
             "identifier":[{"value":"7"}]}},
            {"fullUrl":"urn:uuid:b","resource":{"resourceType":"Observation","id":"b","status":"final",
             "effectiveDateTime":"2024-05-17T10:00:00+08:00","subject":{"reference":"urn:uuid:a"},
             "code":{"coding":[{"system":"http://loinc.org","code":"24966-4"}]},
             "derivedFrom":[{"reference":"urn:uuid:unknown"}]}}]}"#;
        let served = served(bundle).unwrap();
        assert_eq!(served[0].identifiers, [Token { system: String::new(), value: "7".to_owned() }]);
        let density = &served[1];
        assert_eq!((density.patient.as_deref(), density.day.as_deref()), (Some("a"), Some("2024-05-17")));
        assert_eq!(density.codes[0].value, "24966-4");
        assert_eq!(density.body["subject"]["reference"], "Patient/a");
        assert_eq!(density.body["derivedFrom"][0]["reference"], "urn:uuid:unknown");
    }
}
