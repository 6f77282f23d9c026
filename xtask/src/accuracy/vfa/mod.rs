//! `cargo xtask accuracy vfa [PICTURES [SEED [FOLDER]]]`: vertebrae found on simulated lateral images.
//!
//! `FOLDER` holds pictures of the second renderer (`tests/renderers`), each with its truth beside it.

mod picture;
mod rows;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};
use rayon::prelude::*;

use super::density::scan::{self, Recipe};
use picture::Picture;

/// Pictures of each row when no number is given.
const PICTURES: u64 = 40;
/// First seed when none is given; no test and no development used seeds from here on.
const FIRST_SEED: u64 = 700_001;
/// The matrix of a usual export, for the time.
const EXPORT: &str = "object=cr scale_from=exposed_area deform=0";

/// Prints all tables.
///
/// # Errors
/// Arguments that are no numbers, pictures that cannot be simulated or read.
pub(super) fn run(arguments: &[String]) -> Result<()> {
    let number = |index: usize, without: u64| match arguments.get(index) {
        Some(text) => text.parse().with_context(|| format!("`{text}` is no number of pictures or seed")),
        None => Ok(without),
    };
    let (count, first) = (number(0, PICTURES)?, number(1, FIRST_SEED)?);
    println!("{count} pictures a row, seeds from {first}; intervals of 95 % from drawing people again.\n");
    let mut sets = Vec::new();
    for (name, settings) in [
        ("clean", "renderer=clean"),
        ("hard", "renderer=hard"),
        ("clean, a tenth deformed", "renderer=clean deform=10"),
        ("hard, a tenth deformed", "renderer=hard deform=10"),
        ("hard, from T8 to L2 only", "renderer=hard first=T8 last=L2"),
    ] {
        let recipe = Recipe::new("lateral-spine", settings);
        let pictures = (first..first + count).into_par_iter().map(|seed| {
            let scan = scan::scan(&recipe, seed)?;
            Ok(Picture::of(&scan.truth, &scan.analysis))
        });
        sets.push((name.to_owned(), pictures.collect::<Result<Vec<Picture>>>()?));
    }
    if let Some(folder) = arguments.get(2) {
        sets.extend(picture::folder(Path::new(folder))?);
    }
    rows::print(&sets, first);
    let recipe = Recipe::new("lateral-spine", EXPORT);
    time(&recipe, first)
}

/// Reading, finding and grading one export of 1768 × 808 pixels, one at a time.
fn time(recipe: &Recipe, first: u64) -> Result<()> {
    let mut seconds = Vec::new();
    for seed in first..first + 5 {
        let files = dxa_sim::simulate(recipe.kind, seed, &recipe.settings)?;
        let pixels: Vec<_> = files.iter().filter(|file| file.name.ends_with(".dcm")).collect();
        let start = Instant::now();
        scan::analyze(&pixels)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    println!(
        "\nOne export of 1768 × 808 pixels: {:.2} s (median of {}).",
        seconds[seconds.len() / 2],
        seconds.len()
    );
    Ok(())
}
