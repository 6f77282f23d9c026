//! `cargo xtask reference-data --nhanes DIR [--check]`: from public survey records to reference tables.
//!
//! Read records → leave out the impossible → choose the smoothness → make the tables → prove them →
//! write the files, or with `--check` compare them with those in the repository.

mod bspline;
mod cholesky;
mod curve;
mod nhanes;
mod outputs;
mod plausibility;
mod population;
mod pspline;
mod sample;
mod sidecar;
mod smoothness;
mod student_t;
mod survey;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use nhanes::{Cycle, Input, Records};
use outputs::Outputs;
use population::Population;
use sample::Survey;
use table::{Penalties, Table, penalties};

/// Where the records are looked for when `--nhanes` is not given.
const DEFAULT_RECORDS: &str = "../shared/data/nhanes";

struct Options {
    records: PathBuf,
    check: bool,
}

/// Runs the chore.
///
/// # Errors
/// An unknown option, records that cannot be read, or with `--check` files that differ.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let options = options(arguments)?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in a workspace")?;
    let folder = repository.join("reference-data");
    let outputs = make(nhanes::read(&options.records)?)?;
    if options.check {
        outputs.check(&folder)?;
        say(&format!("{} files are as the records make them", outputs.len()));
    } else {
        outputs.write(&folder)?;
        say(&format!("{} files written to {}", outputs.len(), folder.display()));
    }
    Ok(())
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options { records: PathBuf::from(DEFAULT_RECORDS), check: false };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--check" => options.check = true,
            "--nhanes" => options.records = rest.next().context("--nhanes needs a folder")?.into(),
            other => bail!("unknown option `{other}`; use --nhanes DIR [--check]"),
        }
    }
    Ok(options)
}

/// Everything that lies in `reference-data/` because of the records.
fn make(mut records: Records) -> Result<Outputs> {
    let excluded = plausibility::screen(&mut records.people);
    let penalties = penalties(&Survey::of(&records.people, Population::All.cycles()));
    let mut outputs = Outputs::default();
    let mut tables = Vec::new();
    for population in Population::ALL {
        let table = Table::make(&records.people, population, &penalties)?;
        add_table(&mut outputs, &table, &penalties, &records)?;
        tables.push(table);
    }
    Ok(outputs)
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
