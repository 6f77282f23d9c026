//! What dxa-core may not reach through its dependencies, at any depth.

use super::Violation;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

const CORE: &str = "dxa-core";

/// Crates that mean waiting, sockets or a service.
const NOT_IN_CORE: [&str; 8] =
    ["async-std", "axum", "futures-executor", "hyper", "mio", "reqwest", "smol", "tokio"];

/// What `cargo metadata` says about the workspace at `root`.
pub(crate) fn metadata(root: &Path) -> Result<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root)
        .output()
        .context("cargo metadata cannot be started")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")
}

/// dxa-core reaches none of them, except for its own tests.
pub(super) fn core_stays_pure(metadata: &Value) -> Vec<Violation> {
    let manifest = "crates/dxa-core/Cargo.toml";
    let names = names_by_id(metadata);
    let Some(core) = names.iter().find(|(_, name)| **name == CORE).map(|(id, _)| *id) else {
        return vec![Violation::new(manifest, 1, "dxa-core is not in cargo metadata")];
    };
    let edges = edges(metadata);
    let mut seen = BTreeSet::from([core]);
    let mut open = vec![core];
    while let Some(id) = open.pop() {
        let reached = edges.get(id).into_iter().flatten().copied();
        open.extend(reached.filter(|next| seen.insert(next)));
    }
    seen.iter()
        .filter_map(|id| names.get(id).filter(|name| NOT_IN_CORE.contains(name)))
        .map(|name| {
            Violation::new(manifest, 1, format!("dxa-core reaches `{name}`; core is pure and synchronous"))
        })
        .collect()
}

fn names_by_id(metadata: &Value) -> BTreeMap<&str, &str> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    packages.iter().filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?))).collect()
}

/// Package → what it needs to be built or to run; what only its tests need is left out.
fn edges(metadata: &Value) -> BTreeMap<&str, Vec<&str>> {
    let nodes = metadata["resolve"]["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    nodes.iter().filter_map(|node| Some((node["id"].as_str()?, needed(node)))).collect()
}

fn needed(node: &Value) -> Vec<&str> {
    let deps = node["deps"].as_array().map(Vec::as_slice).unwrap_or_default();
    let beyond_tests = |dep: &&Value| {
        dep["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"] != "dev"))
    };
    deps.iter().filter(beyond_tests).filter_map(|dep| dep["pkg"].as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn workspace(kind: Option<&str>) -> Value {
        let edge = |to: &str, kind: Option<&str>| json!({"pkg": to, "dep_kinds": [{"kind": kind}]});
        json!({
            "packages": [{"id": "c", "name": "dxa-core"}, {"id": "m", "name": "middle"}, {"id": "t", "name": "tokio"}],
            "resolve": {"nodes": [
                {"id": "c", "deps": [edge("m", kind)]},
                {"id": "m", "deps": [edge("t", None)]},
                {"id": "t", "deps": []}
            ]}
        })
    }

    #[test]
    fn a_runtime_at_any_depth_is_reported() {
        for kind in [None, Some("build")] {
            let found = core_stays_pure(&workspace(kind));
            assert_eq!(found.len(), 1);
            assert!(found[0].what.contains("tokio"));
        }
    }

    #[test]
    fn what_only_tests_need_is_fine() {
        assert!(core_stays_pure(&workspace(Some("dev"))).is_empty());
    }

    #[test]
    fn metadata_without_core_does_not_pass_in_silence() {
        assert_eq!(core_stays_pure(&json!({"packages": [], "resolve": {"nodes": []}})).len(), 1);
    }
}
