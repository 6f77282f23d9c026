//! The proofs that the tables are right, and the report that shows them.

mod decades;
mod held_out;
mod plots;
mod published;
mod report;
mod svg;

use anyhow::Result;

use super::nhanes::Person;
use super::outputs::Outputs;
use super::plausibility::{Found, Rule};
use super::table::{Penalties, Table};

use decades::Cell;
use held_out::HeldOut;
use published::Comparison;

/// A statement that must hold, with what was found.
#[derive(Clone, Debug)]
pub(super) struct Proof {
    /// What must hold.
    pub(super) claim: &'static str,
    /// What was found, in numbers.
    pub(super) found: String,
    /// Whether it holds.
    pub(super) holds: bool,
}

/// What the proofs were worked out from.
struct Evidence<'a> {
    tables: &'a [Table],
    penalties: &'a Penalties,
    screened: &'a Found,
    cells: Vec<Cell>,
    published: Vec<Comparison>,
    held_out: HeldOut,
}

/// Adds the report, its machine-readable tables and its plots to the outputs, and gives the proofs.
///
/// # Errors
/// A table of facts in the sources that cannot be read.
pub(super) fn add(
    outputs: &mut Outputs,
    people: &[Person],
    tables: &[Table],
    penalties: &Penalties,
    screened: &Found,
) -> Result<Vec<Proof>> {
    let evidence = Evidence {
        tables,
        penalties,
        screened,
        cells: tables.iter().flat_map(|table| decades::cells(people, table)).collect(),
        published: published::compare(people)?,
        held_out: held_out::score(people),
    };
    let proofs = proofs(&evidence);
    outputs.add("VALIDATION.md", report::markdown(&evidence, &proofs));
    outputs.add("validation-decades.csv", decades::csv(&evidence.cells)?);
    outputs.add("validation-curves.csv", report::curves_csv(tables)?);
    plots::add(outputs, people, &evidence);
    Ok(proofs)
}

fn proofs(evidence: &Evidence<'_>) -> Vec<Proof> {
    let mut proofs = vec![published::proof(&evidence.published), decades::proof(&evidence.cells)];
    proofs.extend(evidence.held_out.proofs());
    proofs.push(contradictions(
        evidence.screened,
        Rule::SpineTotalContradictsParts,
        "Spine totals that contradict ΣBMC/Σarea are 26, 5 and 4 in the three cycles.",
        [26, 5, 4],
    ));
    proofs.push(contradictions(
        evidence.screened,
        Rule::FemurTotalContradictsParts,
        "Femur totals that contradict ΣBMC/Σarea are 1, 0 and 70 in the three cycles.",
        [1, 0, 70],
    ));
    proofs
}

fn contradictions(screened: &Found, rule: Rule, claim: &'static str, expected: [usize; 3]) -> Proof {
    let found = report::by_cycle(screened, rule);
    Proof { claim, found: format!("{}, {} and {}", found[0], found[1], found[2]), holds: found == expected }
}
