//! Writes a simulation: `cargo run -p dxa-sim --example write-fixtures -- test-scans [KIND [SEED]]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "test-scans".into()));
    let kind = std::env::args().nth(2).unwrap_or_else(|| "fixtures".to_owned());
    let seed = std::env::args().nth(3).map_or(Ok(dxa_sim::DEFAULT_SEED), |seed| seed.parse())?;
    std::fs::create_dir_all(&folder)?;
    for file in dxa_sim::simulate(&kind, seed, &BTreeMap::new())? {
        std::fs::write(folder.join(&file.name), &file.bytes)?;
    }
    Ok(())
}
