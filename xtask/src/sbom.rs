//! The bill of materials: every crate of the lock file, as CycloneDX 1.5.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Where it is kept.
pub(crate) const FILE: &str = "sbom.cdx.json";

/// Writes it.
pub(crate) fn run(root: &Path) -> Result<()> {
    let metadata = crate::tidy::metadata(root)?;
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).context("Cargo.lock cannot be read")?;
    std::fs::write(root.join(FILE), text(&metadata, &lock)?)
        .with_context(|| format!("{FILE} cannot be written"))
}

/// The bill as text: the same lock file gives the same bytes.
pub(crate) fn text(metadata: &Value, lock: &str) -> Result<String> {
    let lock: toml::Table = lock.parse().context("Cargo.lock is not TOML")?;
    let mut components: Vec<(String, Value)> = Vec::new();
    for package in lock.get("package").and_then(toml::Value::as_array).into_iter().flatten() {
        let field = |key: &str| package.get(key).and_then(toml::Value::as_str);
        let (Some(name), Some(version)) = (field("name"), field("version")) else { continue };
        // Our own crates have no source.
        if field("source").is_none() {
            continue;
        }
        let purl = format!("pkg:cargo/{name}@{version}");
        let mut component = json!({
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": version,
            "purl": purl,
        });
        if let Some(license) = license(metadata, name, version) {
            component["licenses"] = json!([{ "expression": license }]);
        }
        if let Some(checksum) = field("checksum") {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        components.push((purl, component));
    }
    components.sort_by(|a, b| a.0.cmp(&b.0));
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": { "type": "application", "bom-ref": "dxa", "name": "dxa" } },
        "components": components.into_iter().map(|(_, component)| component).collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&bill)?;
    text.push('\n');
    Ok(text)
}

/// What the crate says of its license, in the words of SPDX.
fn license(metadata: &Value, name: &str, version: &str) -> Option<String> {
    let packages = metadata["packages"].as_array()?;
    let package = packages.iter().find(|package| package["name"] == name && package["version"] == version)?;
    // Crates of long ago wrote a slash for "or".
    Some(package["license"].as_str()?.replace('/', " OR "))
}
