//! Writes one scene with settings: `cargo run -p dxa-sim --example scene -- DIR KIND SEED key=value…`.

use std::collections::BTreeMap;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("a folder")?);
    let kind = arguments.next().ok_or("a kind")?;
    let seed = arguments.next().ok_or("a seed")?.parse()?;
    let pairs = arguments.filter_map(|text| text.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned())));
    let settings: BTreeMap<String, String> = pairs.collect();
    std::fs::create_dir_all(&folder)?;
    for file in dxa_sim::simulate(&kind, seed, &settings)? {
        std::fs::write(folder.join(&file.name), &file.bytes)?;
    }
    Ok(())
}
