//! Errors of area, BMC and BMD, condition by condition.

use anyhow::{Result, bail};

use super::super::scan::{Recipe, scans};
use super::error::{Quantity, pairs, summary};
use super::{Rows, Seeds};

/// Conditions of a spine scan.
const SPINES: [&str; 12] = [
    "spacing=0.5",
    "spacing=0.25x0.30",
    "spacing=1.05x0.60",
    "spacing=0.5 beam=switching",
    "spacing=0.25x0.30 beam=switching scale=transmission",
    "spacing=0.5 output=map",
    "spacing=0.5 photons=0",
    "spacing=0.5 beam=kedge100 edge=slab",
    "spacing=0.5 beam=switching80 edge=linear",
    "spacing=0.5 edge=soft",
    "spacing=0.5 edge=shell",
    "spacing=0.5 fat_over_bone=10",
];
const SPINE_SITES: [&str; 5] = ["L1", "L2", "L3", "L4", "L1-L4"];

/// Conditions of hip and forearm scans.
const LIMBS: [&str; 6] = [
    "spacing=0.5",
    "spacing=0.25x0.30",
    "spacing=1.05x0.60",
    "spacing=0.5 beam=switching",
    "spacing=0.5 edge=linear",
    "spacing=0.5 edge=shell",
];
const HIP_SITES: [&str; 5] = ["femoral_neck", "total_hip", "trochanter", "intertrochanter", "wards"];
const FOREARM_SITES: [&str; 4] = ["radius_33", "radius_mid", "radius_ud", "radius_total"];

/// Prints one table a kind.
pub(super) fn print(seeds: Seeds, rows: &Rows) -> Result<()> {
    heading();
    let of = |kind: &'static str, conditions: &'static [&str], sites: &'static [&str]| {
        conditions.iter().map(move |condition| (kind, *condition, sites))
    };
    let spines = of("ap-spine", &SPINES, &SPINE_SITES);
    let limbs = of("hip", &LIMBS, &HIP_SITES).chain(of("forearm", &LIMBS, &FOREARM_SITES));
    for (kind, condition, sites) in spines.chain(limbs) {
        if rows.hold(&format!("{kind} {condition}")) {
            table(kind, condition, sites, seeds)?;
        }
    }
    Ok(())
}

/// Prints rows that a caller made up, each a kind with its settings.
pub(super) fn print_own(seeds: Seeds, rows: &[String]) -> Result<()> {
    heading();
    for row in rows {
        let (kind, condition) = row.split_once(' ').unwrap_or((row, ""));
        match kind {
            "hip" => table("hip", condition, &HIP_SITES, seeds)?,
            "forearm" => table("forearm", condition, &FOREARM_SITES, seeds)?,
            "ap-spine" => table("ap-spine", condition, &SPINE_SITES, seeds)?,
            "ct-ap-spine" => table("ct-ap-spine", condition, &SPINE_SITES, seeds)?,
            _ => bail!("`{kind}` is no ap-spine, ct-ap-spine, hip or forearm"),
        }
    }
    Ok(())
}

fn heading() {
    println!("\n### Errors of regions\n");
    println!(
        "Median error and the size that 95 % of the errors stay below, percent; scans without a number apart.\n"
    );
    println!(
        "| scan | site | n | without | BMD median | BMD 95 % | BMC median | BMC 95 % | area median | area 95 % |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
}

fn table(kind: &'static str, condition: &str, sites: &[&str], seeds: Seeds) -> Result<()> {
    // Maker and side are those whose conventions the truth is read by.
    let side = if kind.ends_with("ap-spine") { "" } else { " side=R" };
    let recipe = Recipe::new(kind, &format!("manufacturer=HOLOGIC {condition}{side}"));
    let wanted: Vec<_> = seeds.iter().map(|seed| (recipe.clone(), seed)).collect();
    let scans = scans(&wanted)?;
    for site in sites {
        let mut cells = Vec::new();
        let (of_density, without) = pairs(&scans, site, Quantity::Bmd);
        for quantity in [Quantity::Bmd, Quantity::Bmc, Quantity::Area] {
            let (pairs, _) = pairs(&scans, site, quantity);
            let errors: Vec<f64> = pairs.into_iter().map(super::error::Pair::percent).collect();
            let (median, most) = summary(&errors);
            cells.push(format!("{median:+.2} | {most:.2}"));
        }
        println!(
            "| {kind} {condition} | {site} | {} | {without} | {} |",
            of_density.len(),
            cells.join(" | ")
        );
    }
    Ok(())
}
