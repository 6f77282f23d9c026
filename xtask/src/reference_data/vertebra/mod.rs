//! Vertebral shapes: from public readings to normals by level and sex, and to the fracture model.

mod cross_validation;
pub(crate) mod figures;
mod logistic;
mod model;
mod normals;
mod random;
mod records;
mod report;
mod sidecar;
mod spine_shape;

pub(crate) use report::accuracy;

use std::path::Path;

use anyhow::Result;
use dxa_core::measure::morphometry::heights;
use dxa_core::reference::vertebrae::{MODEL_ID, NORMALS_ID, SPINE_MODEL_ID};

use super::outputs::Outputs;
use super::validation::Proof;
use crate::simulated_spines::people_of_simulator;
use records::Reading;

/// Where the readings are looked for, from the repository.
pub(crate) const DEFAULT_READINGS: &str = "../shared/data/nhanes-vfa";

/// Adds the tables of the readings in a folder, and gives the proofs that the model holds on other people.
///
/// # Errors
/// Readings that cannot be read.
pub(super) fn add(outputs: &mut Outputs, folder: &Path) -> Result<Vec<Proof>> {
    let readings = records::read(folder)?;
    let people: Vec<&Reading> = readings.people.iter().collect();
    let normals = normals::make(&people);
    let model = model::fit(&model::examples(&people, &normals));
    let unseen = never_drawn(&people, folder)?;
    let spine = spine_shape::make(&unseen);
    let accuracy = report::of(&readings.people);
    let counts = sidecar::Counts::of(&people);
    for (id, csv, toml, counts) in [
        (NORMALS_ID, normals.to_csv(), sidecar::normals as sidecar::Write, &counts),
        (MODEL_ID, model.to_csv(), sidecar::model as sidecar::Write, &counts),
        (SPINE_MODEL_ID, spine.to_csv(), sidecar::spine as sidecar::Write, &sidecar::Counts::of(&unseen)),
    ] {
        let toml = toml(&csv, counts, &accuracy, &readings.input)?;
        outputs.add(format!("vertebrae/{id}.csv"), csv);
        outputs.add(format!("vertebrae/{id}.toml"), toml);
    }
    let mut proofs = report::proofs(&accuracy, &model);
    proofs.push(published_heights(&readings.people));
    Ok(proofs)
}

/// The people whose spines no renderer draws, so that every picture shows someone whom the shape model does
/// not know: even numbers, for the second renderer draws odd ones, less the people of the simulator.
fn never_drawn<'r>(people: &[&'r Reading], folder: &Path) -> Result<Vec<&'r Reading>> {
    let drawn = people_of_simulator(folder)?;
    let unseen = people.iter().copied().filter(|reading| reading.sequence.is_multiple_of(2));
    Ok(unseen.filter(|reading| !drawn.contains(&reading.sequence)).collect())
}

/// Largest difference of our heights from the published ones at the 99th percentile, pixels: both are rounded
/// to a tenth.
const CLOSE_PX: f64 = 0.5;

/// Heights of the points agree with the heights that the readers' program published.
fn published_heights(people: &[Reading]) -> Proof {
    let mut differences: Vec<f64> = Vec::new();
    for reading in people {
        for (level, points) in &reading.points {
            if let (Ok(ours), Some(published)) = (heights(points), reading.published.get(level)) {
                let ours = [ours.anterior, ours.middle, ours.posterior];
                differences.extend(ours.iter().zip(published).map(|(ours, theirs)| (ours - theirs).abs()));
            }
        }
    }
    differences.sort_by(f64::total_cmp);
    let high = differences.get(differences.len() * 99 / 100).copied().unwrap_or(f64::INFINITY);
    Proof {
        claim: "heights agree with the published ones",
        found: format!("{high:.2} px at the 99th percentile of {}", differences.len()),
        holds: high <= CLOSE_PX,
    }
}
