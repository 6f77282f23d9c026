//! Against the devices: a table of agreement by quantity, site and device, and a plot of each.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use anyhow::Context;
use dxa_batch::Record;
use dxa_batch::validate::{self, Group};
use dxa_core::statistics::Agreement;
use dxa_exchange::agreement::unit;

use crate::outcome::{self, Outcome};

use super::{number, table};

const HEADER: [&str; 14] = [
    "quantity",
    "site",
    "manufacturer",
    "model",
    "reference",
    "n",
    "bias",
    "sd",
    "limit_low",
    "limit_high",
    "rmse",
    "r",
    "within_0.1",
    "plot",
];

/// Fewer pairs make no picture.
const WORTH_A_PLOT: usize = 3;

/// Compares and writes `agreement.csv` and the plots.
///
/// # Errors
/// A run that cannot be read, a folder that cannot be written.
pub(super) fn compare(
    records: impl Iterator<Item = io::Result<Record>>,
    out: &Path,
) -> anyhow::Result<Outcome> {
    let groups = validate::device(records).context("the run cannot be read")?;
    let (mut rows, mut text) = (Vec::new(), String::new());
    for (at, (group, pairs)) in groups.iter().enumerate() {
        let Some(agreement) = Agreement::of(pairs) else { continue };
        let plot = plot(at, group, pairs, out)?;
        rows.push(row(group, &agreement, &plot));
        let _ = writeln!(text, "{}", sentence(group, &agreement));
    }
    table(&out.join("agreement.csv"), &HEADER, &rows)?;
    if rows.is_empty() {
        outcome::complain(&anyhow::anyhow!("no number of the run stands beside one of a device"));
    }
    outcome::print(&text)?;
    Ok(Outcome::Done)
}

fn plot(at: usize, group: &Group, pairs: &[(f64, f64)], out: &Path) -> anyhow::Result<String> {
    if pairs.len() < WORTH_A_PLOT {
        return Ok(String::new());
    }
    let plain = |text: &str| text.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    let name = format!("{:03}-{}-{}.svg", at + 1, plain(&group.quantity), plain(&group.site));
    let svg = validate::bland_altman(&title(group), unit(&group.quantity), pairs);
    let path = out.join(&name);
    std::fs::write(&path, svg).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(name)
}

fn title(group: &Group) -> String {
    let parts = [&group.quantity, &group.site, &group.manufacturer, &group.model, &group.reference];
    parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Of scores the share within 0.1; of other quantities 0.1 means nothing.
fn within(group: &Group, agreement: &Agreement) -> Option<f64> {
    matches!(group.quantity.as_str(), "T" | "Z").then_some(agreement.within_tenth)
}

fn row(group: &Group, agreement: &Agreement, plot: &str) -> Vec<String> {
    let Group { quantity, site, manufacturer, model, reference } = group.clone();
    let limits = agreement.limits();
    let mut row = vec![quantity, site, manufacturer, model, reference, agreement.n.to_string()];
    row.extend([Some(agreement.bias), agreement.sd].map(number));
    row.extend([limits.map(|limits| limits[0]), limits.map(|limits| limits[1])].map(number));
    row.extend([Some(agreement.rmse), agreement.r, within(group, agreement)].map(number));
    row.push(plot.to_owned());
    row
}

fn sentence(group: &Group, agreement: &Agreement) -> String {
    let mut text = format!("{}: n {}, bias {}", title(group), agreement.n, number(Some(agreement.bias)));
    if let Some([low, high]) = agreement.limits() {
        let _ = write!(text, ", limits {} to {}", number(Some(low)), number(Some(high)));
    }
    let _ = write!(text, ", RMSE {}", number(Some(agreement.rmse)));
    if let Some(within) = within(group, agreement) {
        let _ = write!(text, ", within 0.1 {} %", dxa_exchange::csv::fixed(within * 100.0, 1));
    }
    text
}
