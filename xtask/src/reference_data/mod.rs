//! `cargo xtask reference-data [--check] [--only densities|vertebrae]`: from public survey records to reference tables.
//!
//! Read records → leave out the impossible → choose the smoothness → make the tables → prove them →
//! write the files, or with `--check` compare them with those in the repository.

mod bspline;
mod cholesky;
mod curve;
#[cfg(test)]
mod independent;
mod nhanes;
mod outputs;
mod plausibility;
mod population;
mod pspline;
mod records;
mod sample;
mod sidecar;
mod smoothness;
mod survey;
mod table;
mod validation;
pub(crate) mod vertebra;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use nhanes::{Cycle, Input, Records};
use outputs::Outputs;
use population::Population;
use sample::Survey;
use table::{Penalties, Table, penalties};
use validation::Proof;

struct Options {
    records: Option<PathBuf>,
    readings: Option<PathBuf>,
    only: Option<String>,
    check: bool,
}

/// Runs the chore.
///
/// # Errors
/// An unknown option, records that cannot be read, a proof that fails, or with `--check` files that differ.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let options = options(arguments)?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in a workspace")?;
    let folder = repository.join("reference-data");
    let (mut outputs, mut proofs) = (Outputs::default(), Vec::new());
    if options.only.as_deref() != Some("vertebrae") {
        let records = records::folder(options.records, repository);
        records::ensure_present(&records)?;
        let records = nhanes::read(&records)?;
        if options.check {
            records::ensure_unchanged(&records)?;
        }
        proofs.extend(add_densities(&mut outputs, records)?);
    }
    if options.only.as_deref() != Some("densities") {
        let readings = options.readings.unwrap_or_else(|| repository.join(vertebra::DEFAULT_READINGS));
        proofs.extend(vertebra::add(&mut outputs, &readings)?);
    }
    for proof in &proofs {
        say(&format!("{} {} — {}", if proof.holds { "holds:" } else { "FAILS:" }, proof.claim, proof.found));
    }
    if options.check {
        outputs.check(&folder)?;
        say(&format!("{} files are as the records make them", outputs.len()));
    } else {
        outputs.write(&folder)?;
        say(&format!("{} files written to {}", outputs.len(), folder.display()));
    }
    ensure!(proofs.iter().all(|proof| proof.holds), "a proof fails");
    Ok(())
}

/// Whether a check can be asked for: not where the environment says that there are no records.
pub(crate) fn has_records() -> bool {
    std::env::var_os(records::VARIABLE).is_none_or(|folder| folder != "none")
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options { records: None, readings: None, only: None, check: false };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--check" => options.check = true,
            "--nhanes" => options.records = Some(rest.next().context("--nhanes needs a folder")?.into()),
            "--nhanes-vfa" => {
                options.readings = Some(rest.next().context("--nhanes-vfa needs a folder")?.into());
            }
            "--only" => match rest.next().map(String::as_str) {
                Some(part @ ("densities" | "vertebrae")) => options.only = Some(part.to_owned()),
                _ => bail!("--only needs `densities` or `vertebrae`"),
            },
            other => bail!(
                "unknown option `{other}`; use [--nhanes DIR] [--nhanes-vfa DIR] [--only PART] [--check]"
            ),
        }
    }
    Ok(options)
}

/// Adds everything about densities that follows from the records, and gives the proofs that it is right.
fn add_densities(outputs: &mut Outputs, mut records: Records) -> Result<Vec<Proof>> {
    let screened = plausibility::screen(&mut records.people);
    let penalties = penalties(&Survey::of(&records.people, Population::All.cycles()));
    let mut tables = Vec::new();
    for population in Population::ALL {
        let table = Table::make(&records.people, population, &penalties)?;
        add_table(outputs, &table, &penalties, &records)?;
        tables.push(table);
    }
    validation::add(outputs, &records.people, &tables, &penalties, &screened)
}

fn add_table(outputs: &mut Outputs, table: &Table, penalties: &Penalties, records: &Records) -> Result<()> {
    let csv = table.csv()?;
    let inputs = inputs(records, table.population.cycles());
    let sidecar = sidecar::toml(table.population, &csv, penalties, inputs)?;
    outputs.add(format!("tables/{}.csv", table.population.id()), csv);
    outputs.add(format!("tables/{}.toml", table.population.id()), sidecar);
    Ok(())
}

fn inputs(records: &Records, cycles: &[Cycle]) -> Vec<Input> {
    cycles.iter().filter_map(|cycle| records.inputs.get(cycle)).flatten().cloned().collect()
}

#[expect(clippy::print_stdout, reason = "a chore speaks to the person who runs it")]
fn say(sentence: &str) {
    println!("{sentence}");
}
