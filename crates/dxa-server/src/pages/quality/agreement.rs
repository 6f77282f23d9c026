//! Agreement of our numbers with those of the device.

use dxa_exchange::text::said;
use dxa_exchange::view::agreement::{DRAWN, bland_altman};
use dxa_exchange::view::number::{NOTHING, decimals, signed};
use dxa_exchange::view::plot::Plot;
use dxa_exchange::view::{Say, fill};

use crate::quality::AgreementRow;

/// Agreement of one scanner.
pub(super) struct Agreed {
    pub(super) plots: Vec<Plot>,
    pub(super) rows: Vec<Row>,
    /// Some of the rows are of scores, which have reference tables.
    pub(super) has_scores: bool,
}

/// One quantity of one region.
pub(super) struct Row {
    pub(super) quantity: String,
    pub(super) place: String,
    pub(super) n: usize,
    pub(super) bias: Bounded,
    pub(super) sd: String,
    pub(super) lower: Bounded,
    pub(super) upper: Bounded,
    pub(super) rmse: String,
    pub(super) r: String,
    pub(super) within: String,
    pub(super) reference: String,
}

/// A number with its interval.
pub(super) struct Bounded {
    pub(super) value: String,
    pub(super) interval: Option<String>,
}

/// Regions that are drawn, where there are pairs of them; else single vertebrae are.
const DRAWN_SITES: [&str; 5] = ["L1-L4", "femoral_neck", "total_hip", "radius_33", "total_body"];

/// Fewer pairs make no picture.
const WORTH_A_PLOT: usize = 3;

impl Agreed {
    pub(super) fn of(all: &[AgreementRow], say: Say) -> Self {
        let of_density = |row: &&AgreementRow| row.quantity == "bmd_g_cm2" && row.n >= WORTH_A_PLOT;
        let densities = || all.iter().filter(of_density);
        let main: Vec<&AgreementRow> =
            densities().filter(|row| DRAWN_SITES.contains(&row.site.as_str())).collect();
        let drawn = if main.is_empty() { densities().collect() } else { main };
        Self {
            plots: drawn.into_iter().filter_map(|row| plot(row, say)).collect(),
            rows: all.iter().map(|row| Row::of(row, say)).collect(),
            has_scores: all.iter().any(|row| row.reference.is_some()),
        }
    }
}

fn plot(row: &AgreementRow, say: Say) -> Option<Plot> {
    let mut plot = bland_altman(&row.pairs)?;
    let place = said::place(&row.site, None, say.language);
    plot.title = fill(say.w.agreement_plot, &[&place]);
    let limits = row.limits.map_or_else(String::new, |[low, high]| {
        format!("; {} … {}", signed(Some(low), 4), signed(Some(high), 4))
    });
    plot.said = format!("{}: {} {}{limits}, n {}", plot.title, say.w.bias, signed(Some(row.bias), 4), row.n);
    if row.n > DRAWN {
        plot.notes.push(fill(say.w.agreement_last, &[&DRAWN.to_string(), &row.n.to_string()]));
    }
    Some(plot)
}

impl Row {
    fn of(row: &AgreementRow, say: Say) -> Self {
        let places = if matches!(row.quantity.as_str(), "T" | "Z") { 2 } else { 4 };
        let bounded = |value: Option<f64>, interval: Option<[f64; 2]>| Bounded {
            value: signed(value, places),
            interval: interval
                .map(|[low, high]| format!("{} … {}", signed(Some(low), places), signed(Some(high), places))),
        };
        let quantity = match row.quantity.as_str() {
            "bmd_g_cm2" => say.w.bmd,
            "bmc_g" => say.w.bmc,
            "area_cm2" => say.w.area,
            other => other,
        };
        Self {
            quantity: format!("{quantity}, {}", row.unit),
            place: said::place(&row.site, None, say.language),
            n: row.n,
            bias: bounded(Some(row.bias), row.bias_interval),
            sd: decimals(row.sd, places),
            lower: bounded(row.limits.map(|limits| limits[0]), row.lower_limit_interval),
            upper: bounded(row.limits.map(|limits| limits[1]), row.upper_limit_interval),
            rmse: decimals(Some(row.rmse), places),
            r: decimals(row.r, 4),
            within: row
                .within_tenth
                .map_or_else(|| NOTHING.to_owned(), |share| super::checks::percent(Some(share))),
            reference: row.reference.clone().unwrap_or_default(),
        }
    }
}
