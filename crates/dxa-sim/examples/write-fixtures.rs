//! Writes the committed test scans: `cargo run -p dxa-sim --example write-fixtures -- test-scans`.

use std::collections::BTreeMap;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "test-scans".into()));
    let kind = std::env::args().nth(2).unwrap_or_else(|| "fixtures".to_owned());
    std::fs::create_dir_all(&folder)?;
    for file in dxa_sim::simulate(&kind, dxa_sim::DEFAULT_SEED, &BTreeMap::new())? {
        std::fs::write(folder.join(&file.name), &file.bytes)?;
    }
    Ok(())
}
