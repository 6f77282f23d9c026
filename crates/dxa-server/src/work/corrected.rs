//! All corrections of a study as one for the analysis, each about the body that its author meant.

use dxa_core::vertebra::Level;
use serde_json::{Map, Value, json};

use crate::store::Correction;

/// All corrections of a study as an element of `studies` of a corrections file; of two about the same part, the later
/// holds. `None` when there are none.
///
/// The first word of a target is the key of the analysis that its body is a part of.
/// A vertebra is named as its author saw it. When the labels are moved later, it is named anew, so that points placed
/// on a body stay with that body.
pub(super) fn together(study: &str, all: &[Correction]) -> Option<Value> {
    let mut parts: Vec<Said> = Vec::new();
    let mut shifts: Vec<(Value, i64)> = Vec::new();
    for correction in all {
        let Ok(body) = serde_json::from_str::<Map<String, Value>>(&correction.body) else { continue };
        let said = Said::of(&correction.target, body);
        if said.list == "spine" {
            let to = said.body.get("level_shift").and_then(Value::as_i64).unwrap_or(0);
            let by = to - shift_of(&shifts, &said.scan);
            shifts.retain(|(of, _)| *of != said.scan);
            shifts.push((said.scan.clone(), to));
            let same_scan = parts.iter_mut().filter(|part| part.scan == said.scan);
            same_scan.for_each(|part| part.level = part.level.map(|level| level + by));
        }
        parts.retain(|part| !part.is_about_the_same(&said));
        parts.push(said);
    }
    if parts.is_empty() {
        return None;
    }
    let mut file = Map::new();
    file.insert("study".to_owned(), json!({ "instance_uid": study }));
    for part in parts {
        let list = part.list.clone();
        let Some(body) = part.named() else { continue };
        if list == "spine" {
            file.insert(list, body);
        } else if let Value::Array(rows) = file.entry(list).or_insert_with(|| Value::Array(Vec::new())) {
            rows.push(body);
        }
    }
    Some(Value::Object(file))
}

struct Said {
    list: String,
    scan: Value,
    target: String,
    /// Of a vertebra: the index of its level as the labels are now. It may lie beyond the last one.
    level: Option<i64>,
    body: Map<String, Value>,
}

impl Said {
    fn of(target: &str, body: Map<String, Value>) -> Self {
        let list = target.split('/').next().unwrap_or_default().to_owned();
        let level = body.get("level").and_then(Value::as_str).filter(|_| list == "vertebrae");
        let level = level.and_then(|level| level.parse::<Level>().ok());
        Self {
            scan: body.get("scan").cloned().unwrap_or_default(),
            target: target.to_owned(),
            level: level.and_then(|level| i64::try_from(level.index()).ok()),
            list,
            body,
        }
    }

    fn is_about_the_same(&self, other: &Self) -> bool {
        match (self.level, other.level) {
            (Some(one), Some(another)) => one == another && self.scan == other.scan,
            _ => self.target == other.target,
        }
    }

    /// The part under the name that its body has now; `None` where there is no such level.
    fn named(mut self) -> Option<Value> {
        if let Some(level) = self.level {
            let level = Level::ALL.get(usize::try_from(level).ok()?)?;
            self.body.insert("level".to_owned(), level.code().into());
        }
        Some(Value::Object(self.body))
    }
}

fn shift_of(shifts: &[(Value, i64)], scan: &Value) -> i64 {
    shifts.iter().find(|(of, _)| of == scan).map_or(0, |(_, shift)| *shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn correction(target: &str, body: &Value) -> Correction {
        Correction {
            study: "1.2".to_owned(),
            base_version: 1,
            target: target.to_owned(),
            body: body.to_string(),
            author: "chen".to_owned(),
            created_at: 0,
        }
    }

    fn vertebra(level: &str, mark: i64) -> Correction {
        let body = json!({ "scan": 0, "level": level, "points_px": { "ps": [mark, mark] } });
        correction(&format!("vertebrae/0/{level}/"), &body)
    }

    fn spine(shift: i64) -> Correction {
        correction("spine/0//", &json!({ "scan": 0, "level_shift": shift }))
    }

    fn levels(all: &[Correction]) -> Vec<(String, i64)> {
        let file = together("1.2", all).unwrap();
        let rows = file["vertebrae"].as_array().cloned().unwrap_or_default();
        let read = |row: &Value| {
            (row["level"].as_str().unwrap().to_owned(), row["points_px"]["ps"][0].as_i64().unwrap())
        };
        rows.iter().map(read).collect()
    }

    #[test]
    fn points_stay_with_their_body_when_the_labels_move() {
        let moved = [vertebra("L1", 7), vertebra("L5", 9), spine(1)];
        assert_eq!(levels(&moved), [("L2".to_owned(), 7)], "no level lies below L5");
        // After the shift the author sees the new names.
        let then = [vertebra("L1", 7), spine(1), vertebra("L2", 8), vertebra("L1", 5)];
        assert_eq!(levels(&then), [("L2".to_owned(), 8), ("L1".to_owned(), 5)]);
        let back = [vertebra("L1", 7), spine(1), vertebra("L1", 5), spine(0)];
        assert_eq!(levels(&back), [("L1".to_owned(), 7), ("T12".to_owned(), 5)]);
        assert_eq!(together("1.2", &back).unwrap()["spine"]["level_shift"], 0);
        let away_and_back = [vertebra("L5", 9), spine(1), spine(0)];
        assert_eq!(levels(&away_and_back), [("L5".to_owned(), 9)]);
        assert_eq!(together("1.2", &[]), None);
    }
}
