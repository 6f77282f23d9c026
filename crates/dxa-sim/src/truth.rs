//! The files of a run and the document of truth that goes with them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::fixtures::{Damage, Fixture};
use crate::random::sha256_hex;
use crate::{SimError, SimFile};

/// Encodes every object and writes `truth.json` last.
pub(crate) fn files(
    kind: &str,
    seed: u64,
    settings: &BTreeMap<String, String>,
    fixtures: &[Fixture],
) -> Result<Vec<SimFile>, SimError> {
    let mut files = Vec::new();
    let mut entries = Vec::new();
    for fixture in fixtures {
        let whole = fixture.object.data.to_file(fixture.object.syntax)?;
        let bytes = match fixture.damage {
            Some(damage) => damage.apply(whole),
            None => whole,
        };
        entries.push(entry(fixture, &bytes));
        files.push(SimFile { name: fixture.name.to_owned(), bytes });
    }
    let truth = json!({
        "schema": "dxa.simulation/1",
        "kind": kind,
        "seed": seed,
        "settings": settings,
        "files": entries,
    });
    files.push(SimFile { name: "truth.json".to_owned(), bytes: format!("{truth:#}\n").into_bytes() });
    Ok(files)
}

fn entry(fixture: &Fixture, bytes: &[u8]) -> Value {
    let damage = fixture.damage.map(|damage| match damage {
        Damage::Truncated => "truncated",
        Damage::WithoutHeader => "without_header",
    });
    let mut entry = Map::new();
    entry.insert("file".to_owned(), json!(fixture.name));
    entry.insert("about".to_owned(), json!(fixture.about));
    entry.insert("sha256".to_owned(), json!(sha256_hex(bytes)));
    entry.insert("damage".to_owned(), json!(damage));
    entry.extend(fixture.object.to_json());
    Value::Object(entry)
}
