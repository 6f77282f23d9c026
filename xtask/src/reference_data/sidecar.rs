//! The TOML beside each table: where it comes from, how it was made, when it may be used.

use anyhow::Result;
use dxa_core::patient::Sex;
use serde::Serialize;

use super::curve::KNOT_SPACING;
use super::nhanes::{Input, hex_sha256};
use super::population::Population;
use super::smoothness::BodyRegion;
use super::table::Penalties;

#[derive(Serialize)]
struct Sidecar {
    id: &'static str,
    version: &'static str,
    status: &'static str,
    population: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ethnicity: Option<&'static str>,
    country: &'static str,
    manufacturer: &'static str,
    unit: &'static str,
    z_age_min: u8,
    z_age_max: u8,
    citation: String,
    licence: &'static str,
    where_read: &'static str,
    device_tags: [&'static str; 0],
    sha256: String,
    derivation: Derivation,
    inputs: Vec<Input>,
}

#[derive(Serialize)]
struct Derivation {
    command: &'static str,
    method: &'static str,
    young: &'static str,
    ages: String,
    weights: &'static str,
    left_out: &'static str,
    knot_spacing_years: f64,
    lambda_mean_spine_f: f64,
    lambda_sd_spine_f: f64,
    lambda_mean_spine_m: f64,
    lambda_sd_spine_m: f64,
    lambda_mean_femur_f: f64,
    lambda_sd_femur_f: f64,
    lambda_mean_femur_m: f64,
    lambda_sd_femur_m: f64,
}

/// The sidecar of a population's table.
///
/// # Errors
/// None in practice: every field is text or a number.
pub(super) fn toml(
    population: Population,
    csv: &[u8],
    penalties: &Penalties,
    inputs: Vec<Input>,
) -> Result<String> {
    let (z_age_min, z_age_max) = population.usable_ages();
    let years: Vec<&str> = population.cycles().iter().map(|cycle| cycle.years()).collect();
    let sidecar = Sidecar {
        id: population.id(),
        version: "1",
        status: "derived",
        population: population.label(),
        ethnicity: population.ethnicity(),
        country: "US",
        manufacturer: "Hologic",
        unit: "g/cm2",
        z_age_min,
        z_age_max,
        citation: citation(&years),
        licence: "US government public use",
        where_read: "the public-use records themselves; see inputs and derivation",
        device_tags: [],
        sha256: hex_sha256(csv),
        derivation: derivation(population, penalties),
        inputs,
    };
    Ok(toml::to_string(&sidecar)?)
}

fn citation(years: &[&str]) -> String {
    format!(
        "National Center for Health Statistics, National Health and Nutrition Examination Survey {}: \
         demography, dual-energy X-ray absorptiometry of the spine and of the femur. \
         Compared with Looker AC et al., Vital Health Stat 11(251), 2012.",
        years.join(" and ")
    )
}

fn derivation(population: Population, penalties: &Penalties) -> Derivation {
    let lambda = |sex, region| penalties[&(sex, region)];
    let (from, to) = population.fitted_ages(population.cycles());
    Derivation {
        command: "cargo xtask reference-data --nhanes DIR",
        method: "knots: weighted penalized cubic B-splines (second differences) for the mean, and with log link \
                 for the variance of the residuals; penalties by cross-validation over sampling units",
        young: if population.has_young_adults() {
            "weighted mean and SD of completed years 20 to 29 at the interview"
        } else {
            "none: nobody under 40 was scanned"
        },
        ages: format!(
            "curves fitted from exact age {from:.0} to below {to:.0}, beyond which ages are top-coded; \
             for use from z_age_min to below z_age_max"
        ),
        weights: "WTMEC2YR divided by the number of cycles",
        left_out: "invalid regions by their codes; impossible records by the rules of VALIDATION.md",
        knot_spacing_years: KNOT_SPACING,
        lambda_mean_spine_f: rounded(lambda(Sex::Female, BodyRegion::Spine).mean),
        lambda_sd_spine_f: rounded(lambda(Sex::Female, BodyRegion::Spine).variance),
        lambda_mean_spine_m: rounded(lambda(Sex::Male, BodyRegion::Spine).mean),
        lambda_sd_spine_m: rounded(lambda(Sex::Male, BodyRegion::Spine).variance),
        lambda_mean_femur_f: rounded(lambda(Sex::Female, BodyRegion::Femur).mean),
        lambda_sd_femur_f: rounded(lambda(Sex::Female, BodyRegion::Femur).variance),
        lambda_mean_femur_m: rounded(lambda(Sex::Male, BodyRegion::Femur).mean),
        lambda_sd_femur_m: rounded(lambda(Sex::Male, BodyRegion::Femur).variance),
    }
}

/// Two decimals, so that the text does not hang on the last bit.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
