//! The same person again: repositioned, thicker, fatter, on other pixels.

use anyhow::Result;

use super::super::scan::{Recipe, Scan, scans};
use super::error::{Quantity, measured, summary};
use super::{Rows, Seeds};

/// Visits of each person.
const VISITS: u64 = 3;
const SITES: [(&str, &[&str]); 3] = [
    ("ap-spine", &["L1-L4"]),
    ("hip", &["total_hip", "femoral_neck"]),
    ("forearm", &["radius_33", "radius_mid", "radius_ud"]),
];
/// Two settings of one person, and what they are called.
const CHANGES: [(&str, &str, &str); 3] = [
    ("thickness 15 to 30 g/cm²", "thickness=15", "thickness=30"),
    ("fat 5 to 45 %", "fat=5", "fat=45"),
    ("pixel 0.25 to 1.05 mm", "spacing=0.25", "spacing=1.05"),
];

/// Prints how much three visits of one person differ.
pub(super) fn repositioned(seeds: Seeds, rows: &Rows) -> Result<()> {
    println!("\n### Repositioning\n");
    println!("RMS coefficient of variation over {VISITS} visits, pixels of 0.5 mm.\n");
    println!("| site | people | without | RMS CV, % |\n|---|---|---|---|");
    for (kind, sites) in SITES.into_iter().filter(|(kind, _)| rows.hold(kind)) {
        let recipe = recipe(kind, "spacing=0.5");
        let people: Vec<u64> = seeds.iter().collect();
        let visits = |seed: u64| (1..=VISITS).map(move |visit| (visit, seed));
        let wanted: Vec<_> = people
            .iter()
            .flat_map(|seed| visits(*seed))
            .map(|(visit, seed)| (recipe.with(&format!("visit={visit}")), seed))
            .collect();
        let scans = scans(&wanted)?;
        for site in sites {
            let of_person: Vec<f64> =
                scans.chunks(VISITS as usize).filter_map(|own| relative_variance(own, site)).collect();
            let cv = 100.0 * (of_person.iter().sum::<f64>() / of_person.len() as f64).sqrt();
            println!("| {site} | {} | {} | {cv:.2} |", of_person.len(), people.len() - of_person.len());
        }
    }
    Ok(())
}

fn recipe(kind: &'static str, settings: &str) -> Recipe {
    let side = if kind == "ap-spine" { "" } else { " side=R" };
    Recipe::new(kind, &format!("manufacturer=HOLOGIC {settings}{side}"))
}

/// Variance over the squared mean of one person; `None` when a visit has no number.
fn relative_variance(visits: &[Scan], site: &str) -> Option<f64> {
    let values: Vec<f64> =
        visits.iter().map(|scan| measured(scan, site, Quantity::Bmd)).collect::<Option<_>>()?;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some(squares / (values.len() - 1) as f64 / mean.powi(2))
}

/// Prints how much the density of one person changes with what is around the bone, and with the pixels.
pub(super) fn changes(seeds: Seeds, rows: &Rows) -> Result<()> {
    println!("\n### One person under other conditions\n");
    println!("Change of BMD in percent: median, and the size that 95 % stay below.\n");
    println!("| change | site | people | median | 95 % |\n|---|---|---|---|---|");
    for (kind, sites) in SITES {
        for (name, before, after) in CHANGES {
            if !rows.hold(&format!("{kind} {name}")) {
                continue;
            }
            // A forearm is no 15 g/cm² thick.
            if kind == "forearm" && name.starts_with("thickness") {
                continue;
            }
            let recipe = recipe(kind, "");
            let of = |setting: &str| {
                scans(&seeds.iter().map(|seed| (recipe.with(setting), seed)).collect::<Vec<_>>())
            };
            let (first, second) = (of(before)?, of(after)?);
            for site in sites {
                let change = |(first, second): (&Scan, &Scan)| {
                    let before = measured(first, site, Quantity::Bmd)?;
                    Some(100.0 * (measured(second, site, Quantity::Bmd)? / before - 1.0))
                };
                let found: Vec<f64> = first.iter().zip(&second).filter_map(change).collect();
                let (median, most) = summary(&found);
                println!("| {name} | {site} | {} | {median:+.2} | {most:.2} |", found.len());
            }
        }
    }
    Ok(())
}
