//! Facts of a person with the time of each, as a record system tells them piece by piece.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Keys of which a person may have several.
pub(crate) const LISTS: [&str; 2] = ["fractures", "treatments"];

/// When each key was so, Unix milliseconds; `part.key` for a key inside of another.
pub type Dates = BTreeMap<String, i64>;

/// Keys of a context file, `part.key` for one inside of another, each with its value and the time of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts(BTreeMap<String, Fact>);

#[derive(Clone, Debug, PartialEq)]
struct Fact {
    value: Value,
    at: Option<i64>,
}

impl Facts {
    /// The facts of a context file; a key without a date has the time `at`.
    #[must_use]
    pub fn of(context: &Map<String, Value>, dates: &Dates, at: Option<i64>) -> Self {
        let mut all = Self::default();
        for (key, value) in context {
            all.put(key, value.clone(), at);
        }
        for (key, fact) in &mut all.0 {
            fact.at = dates.get(key).copied().or(fact.at);
        }
        all
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a key; the keys inside of it are those of the value.
    pub(crate) fn put(&mut self, key: &str, value: Value, at: Option<i64>) {
        match (key.split_once('.'), value) {
            (None, Value::Object(parts)) if !parts.is_empty() => {
                parts.into_iter().for_each(|(part, value)| self.put(&format!("{key}.{part}"), value, at));
            }
            (outer, value) => {
                let inside = format!("{key}.");
                self.0.retain(|known, _| {
                    !known.starts_with(&inside) && outer.is_none_or(|(outer, _)| known != outer)
                });
                self.0.insert(key.to_owned(), Fact { value, at });
            }
        }
    }

    /// Takes the facts of a later message, which leave those that are younger than they are.
    pub fn update(&mut self, later: Self) {
        for (key, Fact { value, at }) in later.0 {
            if self.0.get(&key).is_none_or(|known| known.at <= at) {
                self.put(&key, value, at);
            }
        }
    }

    /// Without the keys of a context file that do not pass.
    pub fn retain(&mut self, passes: impl Fn(&str) -> bool) {
        self.0.retain(|key, _| passes(key.split('.').next().unwrap_or_default()));
    }

    /// The same, none of them younger than `now`, which is when those without a time were told.
    #[must_use]
    pub fn until(mut self, now: i64) -> Self {
        self.0.values_mut().for_each(|fact| fact.at = Some(fact.at.unwrap_or(now).min(now)));
        self
    }

    /// The keys and values of a context file.
    #[must_use]
    pub fn context(&self) -> Map<String, Value> {
        let mut all = Map::new();
        for (key, Fact { value, .. }) in &self.0 {
            match key.split_once('.') {
                Some((outer, inner)) => {
                    let part = all.entry(outer).or_insert_with(|| Value::Object(Map::new()));
                    part.as_object_mut().into_iter().for_each(|part| {
                        part.insert(inner.to_owned(), value.clone());
                    });
                }
                None => drop(all.insert(key.clone(), value.clone())),
            }
        }
        all
    }

    /// The times of those that have one.
    #[must_use]
    pub fn dates(&self) -> Dates {
        self.0.iter().filter_map(|(key, fact)| Some((key.clone(), fact.at?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts(context: &Value, at: i64) -> Facts {
        Facts::of(context.as_object().unwrap(), &Dates::new(), Some(at))
    }

    #[test]
    fn each_key_keeps_its_own_time() {
        let mut all = facts(&json!({ "weight_kg": 54, "glucocorticoid": { "taken": "past" } }), 1);
        all.update(facts(&json!({ "glucocorticoid": { "duration_months": 3 }, "weight_kg": 55 }), 5));
        all.update(facts(&json!({ "weight_kg": 50, "menopause": "post" }), 3));
        let context = json!({ "weight_kg": 55, "menopause": "post",
                              "glucocorticoid": { "taken": "past", "duration_months": 3 } });
        assert_eq!(Value::from(all.context()), context);
        let dates = all.dates();
        assert_eq!((dates["weight_kg"], dates["menopause"]), (5, 3));
        assert_eq!((dates["glucocorticoid.taken"], dates["glucocorticoid.duration_months"]), (1, 5));
        assert_eq!(Facts::of(&all.context(), &dates, None), all);
    }

    #[test]
    fn what_is_taken_back_takes_its_parts_along() {
        let mut all = facts(&json!({ "tbs": { "value": 1.2 } }), 1);
        all.update(facts(&json!({ "tbs": null }), 2));
        assert_eq!(Value::from(all.context()), json!({ "tbs": null }));
        all.update(facts(&json!({ "tbs": { "value": 1.3 } }), 3));
        assert_eq!(Value::from(all.context()), json!({ "tbs": { "value": 1.3 } }));
    }

    #[test]
    fn nothing_is_of_the_future() {
        let all = facts(&json!({ "weight_kg": 54 }), 90).until(10);
        assert_eq!(all.dates()["weight_kg"], 10);
    }
}
