//! Area, BMC and BMD and landmarks on simulated scans whose truth is exact.

mod error;
mod landmarks;
mod linearity;
mod precision;
mod regions;

use std::time::Instant;

use anyhow::{Context as _, Result};

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

/// Prints all tables of measured density.
///
/// # Errors
/// Arguments that are no numbers; a scan that cannot be simulated.
pub(super) fn run(arguments: &[String]) -> Result<()> {
    let number = |index: usize, without: u64| match arguments.get(index) {
        Some(text) => text.parse().with_context(|| format!("`{text}` is no number of scans or seed")),
        None => Ok(without),
    };
    let seeds = Seeds { count: number(0, SCANS)?, first: number(1, FIRST_SEED)? };
    let start = Instant::now();
    println!("{} scans a row, seeds from {}.", seeds.count, seeds.first);
    regions::print(seeds)?;
    precision::print(seeds)?;
    linearity::print()?;
    landmarks::print(seeds)?;
    println!("\n{:.0} s.", start.elapsed().as_secs_f64());
    Ok(())
}
