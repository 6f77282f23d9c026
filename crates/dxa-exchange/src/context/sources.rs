//! What several sources tell of a person, put together without hiding where they differ.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Dates;
use crate::text::{self, Language};

/// What one source told at one time: a context file.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Account or system.
    pub source: String,
    /// When it was told, Unix milliseconds.
    pub at: i64,
    /// Keys and values of the context file.
    pub facts: Map<String, Value>,
    /// When a key was so, where that is not when it was told.
    pub dates: Dates,
}

/// One value of a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    /// The value.
    pub value: Value,
    /// Account or system.
    pub source: String,
    /// When it was so, Unix milliseconds.
    pub at: i64,
}

/// A key of which sources tell different values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conflict {
    /// Key of the context file.
    pub key: String,
    /// The values, newest first.
    pub values: Vec<Said>,
}

impl Said {
    /// The value of a key, who said it, and when: `58 (anna, 2026-01-05 10:00 UTC)`.
    #[must_use]
    pub fn in_words(&self, key: &str, language: Language) -> String {
        let at =
            jiff::Timestamp::from_millisecond(self.at).unwrap_or_default().strftime("%Y-%m-%d %H:%M UTC");
        text::told(key, &self.value, &self.source, &at.to_string(), language)
    }
}

/// What all sources tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Together {
    /// The context that is used: of each key the newest value.
    pub facts: Map<String, Value>,
    /// Keys of which there is another value too.
    pub conflicts: Vec<Conflict>,
}

/// Puts together what was told, in any order. Of each source its newest entry counts; a key that is null in it
/// withdraws what was told of it before, by whomever.
#[must_use]
pub fn together(told: &[Told]) -> Together {
    let mut told: Vec<&Told> = told.iter().collect();
    told.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    let mut newest: Vec<&Told> = Vec::new();
    for entry in told {
        if !newest.iter().any(|other| other.source == entry.source) {
            newest.push(entry);
        }
    }
    let mut keys: Vec<&String> = newest.iter().flat_map(|entry| entry.facts.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut all = Together::default();
    for key in keys {
        let values = values(&newest, key);
        let Some(first) = values.first() else { continue };
        all.facts.insert(key.clone(), first.value.clone());
        if values.iter().any(|other| !is_same(&other.value, &first.value)) {
            all.conflicts.push(Conflict { key: key.clone(), values });
        }
    }
    all.settle_heights(&newest);
    all
}

impl Together {
    /// Nobody is taller than at their tallest: of two sources that say so the newer counts.
    fn settle_heights(&mut self, newest: &[&Told]) {
        let number = |key: &str| self.facts.get(key).and_then(Value::as_f64);
        let (Some(now), Some(tallest)) = (number(HEIGHT), number(TALLEST)) else { return };
        if now <= tallest {
            return;
        }
        let of = |key: &str| values(newest, key).into_iter().next();
        let mut values: Vec<(&str, Said)> =
            [HEIGHT, TALLEST].into_iter().filter_map(|key| Some((key, of(key)?))).collect();
        values.sort_by_key(|(_, said)| std::cmp::Reverse(said.at));
        let Some((older, _)) = values.last() else { return };
        self.facts.remove(*older);
        let key = (*older).to_owned();
        self.conflicts.retain(|conflict| conflict.key != key);
        self.conflicts.push(Conflict { key, values: values.into_iter().map(|(_, said)| said).collect() });
    }
}

const HEIGHT: &str = "height_cm";
const TALLEST: &str = "tallest_height_cm";

/// What each source says of a key, the newest first. A fact is as old as it is, whenever it was told; what is not newer
/// than when somebody withdrew the key is not said any more.
fn values(told: &[&Told], key: &str) -> Vec<Said> {
    let withdrawn =
        told.iter().filter(|entry| entry.facts.get(key) == Some(&Value::Null)).map(|entry| entry.at);
    let withdrawn = withdrawn.max();
    let mut values: Vec<Said> = told.iter().filter_map(|entry| said(entry, key)).collect();
    values.retain(|said| withdrawn.is_none_or(|at| said.at > at));
    values.sort_by_key(|said| std::cmp::Reverse(said.at));
    values
}

fn said(entry: &Told, key: &str) -> Option<Said> {
    let value = entry.facts.get(key).filter(|value| !value.is_null())?;
    // A key with others inside of it is as new as the newest of them.
    let is_of =
        |part: &str| part.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let dates = entry.dates.iter().filter(|(part, _)| is_of(part)).map(|(_, at)| *at);
    Some(Said { value: value.clone(), source: entry.source.clone(), at: dates.max().unwrap_or(entry.at) })
}

/// Whether two values mean the same: 54 and 54.0 do.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(source: &str, at: i64, facts: &Value) -> Told {
        let facts = facts.as_object().cloned().unwrap();
        Told { source: source.to_owned(), at, facts, dates: Dates::new() }
    }

    #[test]
    fn the_newest_counts_and_the_others_are_shown() {
        let all = together(&[
            told("clinic", 10, &json!({ "menopause": "peri", "weight_kg": 54, "height_cm": 158 })),
            told("record", 20, &json!({ "menopause": "post", "weight_kg": 54.0 })),
            told("clinic", 5, &json!({ "menopause": "pre" })),
        ]);
        assert_eq!(
            Value::from(all.facts),
            json!({ "menopause": "post", "weight_kg": 54.0, "height_cm": 158 })
        );
        assert_eq!(all.conflicts.len(), 1);
        let values: Vec<&Value> = all.conflicts[0].values.iter().map(|said| &said.value).collect();
        assert_eq!(
            (all.conflicts[0].key.as_str(), values),
            ("menopause", vec![&json!("post"), &json!("peri")])
        );
    }

    #[test]
    fn a_fact_is_as_old_as_it_is_and_not_as_its_entry() {
        let mut record = told("record", 100, &json!({ "weight_kg": 54, "tbs": { "value": 1.2 } }));
        record.dates = [("weight_kg".to_owned(), 10), ("tbs.value".to_owned(), 60)].into();
        let all =
            together(&[record, told("nurse", 50, &json!({ "weight_kg": 58, "tbs": { "value": 1.3 } }))]);
        assert_eq!(Value::from(all.facts), json!({ "tbs": { "value": 1.2 }, "weight_kg": 58 }));
        let of = |key: &str| all.conflicts.iter().find(|conflict| conflict.key == key).unwrap();
        let times = |key: &str| of(key).values.iter().map(|said| said.at).collect::<Vec<_>>();
        assert_eq!((times("weight_kg"), times("tbs")), (vec![50, 10], vec![60, 50]));
    }

    #[test]
    fn a_source_takes_back_what_it_said() {
        let all = together(&[
            told("record", 1, &json!({ "menopause": "post" })),
            told("record", 2, &json!({ "menopause": null })),
        ]);
        assert_eq!(all, Together::default());
    }

    #[test]
    fn what_another_source_said_is_withdrawn_until_it_is_said_again() {
        let before = told("record", 1, &json!({ "menopause": "post", "weight_kg": 54 }));
        let withdrawn = told("clinic", 2, &json!({ "menopause": null }));
        let all = together(&[before.clone(), withdrawn.clone()]);
        assert_eq!((Value::from(all.facts), all.conflicts.len()), (json!({ "weight_kg": 54 }), 0));
        let again = told("other", 3, &json!({ "menopause": "peri" }));
        let all = together(&[before, withdrawn, again]);
        assert_eq!(
            (Value::from(all.facts), all.conflicts.len()),
            (json!({ "menopause": "peri", "weight_kg": 54 }), 0)
        );
    }

    #[test]
    fn nobody_is_taller_than_at_their_tallest() {
        let all = together(&[
            told("clinic", 10, &json!({ "tallest_height_cm": 160 })),
            told("record", 20, &json!({ "height_cm": 165 })),
        ]);
        assert_eq!(Value::from(all.facts), json!({ "height_cm": 165 }));
        assert_eq!(all.conflicts[0].key, "tallest_height_cm");
        assert_eq!(all.conflicts[0].values.len(), 2);
    }
}
