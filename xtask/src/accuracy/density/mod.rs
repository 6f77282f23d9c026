//! Area, BMC and BMD and landmarks on simulated scans whose truth is exact.

mod error;
mod landmarks;
mod linearity;
mod precision;
mod regions;

use std::time::Instant;

use anyhow::{Context as _, Result, bail};

/// Scans of each row when no number is given.
const SCANS: u64 = 200;
/// First seed when none is given; no test and no development used seeds from here on.
const FIRST_SEED: u64 = 700_001;

/// How many scans a row has, and from which seed on.
#[derive(Clone, Copy, Debug)]
struct Seeds {
    count: u64,
    first: u64,
}

impl Seeds {
    fn iter(self) -> std::ops::Range<u64> {
        self.first..self.first + self.count
    }
}

/// What can be asked for with `--only`, in the order of printing.
const TABLES: [&str; 6] = ["errors", "reposition", "conditions", "linearity", "labels", "femur"];

/// Prints the tables of measured density that are asked for.
///
/// # Errors
/// Arguments that are no numbers or tables; a scan that cannot be simulated.
pub(super) fn run(arguments: &[String]) -> Result<()> {
    let Asked { seeds, tables, rows, own_rows } = Asked::of(arguments)?;
    let start = Instant::now();
    println!("{} scans a row, seeds from {}.", seeds.count, seeds.first);
    if !own_rows.is_empty() {
        return regions::print_own(seeds, &own_rows);
    }
    for table in TABLES.into_iter().filter(|table| tables.iter().any(|asked| asked == table)) {
        match table {
            "errors" => regions::print(seeds, &rows)?,
            "reposition" => precision::repositioned(seeds, &rows)?,
            "conditions" => precision::changes(seeds, &rows)?,
            "linearity" => linearity::print(seeds)?,
            "labels" => landmarks::labels(seeds)?,
            _ => landmarks::femurs(seeds)?,
        }
    }
    println!("\n{:.0} s.", start.elapsed().as_secs_f64());
    Ok(())
}

/// `[SCANS [SEED]] [--only TABLE,…] [--rows TEXT,…] [--row "KIND KEY=VALUE…"]…`
struct Asked {
    seeds: Seeds,
    tables: Vec<String>,
    rows: Rows,
    own_rows: Vec<String>,
}

impl Asked {
    fn of(arguments: &[String]) -> Result<Self> {
        let mut numbers = Vec::new();
        let (mut tables, mut rows) = (TABLES.map(str::to_owned).to_vec(), Vec::new());
        let mut own_rows = Vec::new();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().with_context(|| format!("{argument} needs a value"));
            let list = |text: &String| text.split(',').map(str::to_owned).collect();
            match argument.as_str() {
                "--only" => tables = list(value()?),
                "--rows" => rows = list(value()?),
                "--row" => own_rows.push(value()?.clone()),
                text => {
                    numbers.push(
                        text.parse().with_context(|| format!("`{text}` is no number of scans or seed"))?,
                    );
                }
            }
        }
        if let Some(unknown) = tables.iter().find(|table| !TABLES.contains(&table.as_str())) {
            bail!("no table `{unknown}`; there are {}", TABLES.join(", "));
        }
        let number = |index: usize, without: u64| numbers.get(index).copied().unwrap_or(without);
        let seeds = Seeds { count: number(0, SCANS), first: number(1, FIRST_SEED) };
        Ok(Self { seeds, tables, rows: Rows(rows), own_rows })
    }
}

/// Which rows of a table are asked for: those whose name holds one of these texts; all without any.
#[derive(Debug)]
struct Rows(Vec<String>);

impl Rows {
    fn hold(&self, row: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|text| row.contains(text.as_str()))
    }
}
