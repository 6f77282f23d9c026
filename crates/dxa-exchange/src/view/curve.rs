//! A region against age: the patient on the curve of the population that the scores name.

use crate::record::{Region, Score, Study};
use crate::text::said;
use dxa_core::assess::{NORMAL_T, OSTEOPOROSIS_T};
use dxa_core::patient::Sex;
use dxa_core::reference::{Library, ReferenceTable, Young};
use dxa_core::site::{Lumbar, LumbarSet, Site};
use dxa_core::units::{GramsPerCm2, Years};

use super::Say;
use super::fill;
use super::number::decimals;
use super::plot::{Axes, Plot};

/// The regions that stand for a study: the spine without what is left out, femoral neck, total hip and the 33 %
/// radius, ours where there is one of ours and of the device.
#[must_use]
pub fn standing_for(study: &Study) -> Vec<&Region> {
    let spine = spine_site(study);
    let sites: Vec<String> = spine.into_iter().chain(SITES.map(str::to_owned)).collect();
    let mut chosen: Vec<&Region> = Vec::new();
    for site in &sites {
        let mut found: Vec<&Region> = study
            .regions
            .iter()
            .filter(|region| region.site == *site && region.bmd_g_cm2.is_some())
            .collect();
        found.sort_by_key(|region| region.provenance != "computed");
        for region in found {
            if !chosen.iter().any(|other| other.site == *site && other.laterality == region.laterality) {
                chosen.push(region);
            }
        }
    }
    chosen
}

const SITES: [&str; 3] = ["femoral_neck", "total_hip", "radius_33"];

/// The set of vertebrae that none is left out of.
#[must_use]
pub fn spine_site(study: &Study) -> Option<String> {
    let lumbar = |region: &&Region| matches!(region.site.parse(), Ok(Site::Lumbar(_)));
    let rows: Vec<&Region> = study.regions.iter().filter(lumbar).collect();
    let is_out = |vertebra: &Lumbar| {
        let name = LumbarSet::new(&[*vertebra]).map(|set| set.to_string());
        rows.iter().any(|row| Some(&row.site) == name.as_ref() && row.excluded.is_some())
    };
    let kept: Vec<Lumbar> = Lumbar::ALL.into_iter().filter(|vertebra| !is_out(vertebra)).collect();
    let kept = LumbarSet::new(&kept).map(|set| set.to_string());
    let has = |site: &String| rows.iter().any(|row| row.site == *site && row.bmd_g_cm2.is_some());
    let full = LumbarSet::FULL.to_string();
    kept.filter(has).or_else(|| Some(full).filter(has))
}

/// The curve of a region; `None` where its scores name no table with a curve.
#[must_use]
pub fn of(region: &Region, study: &Study, visits: &[(f64, f64, String)], say: Say) -> Option<Plot> {
    let site: Site = region.site.parse().ok()?;
    let (age, bmd) = (study.patient.age_years?, region.bmd_g_cm2?);
    let z = score(region, "Z")?;
    let (table, sex) = curve_of(z, site, age, bmd)?;
    let ages: Vec<f64> = (0..=110).map(f64::from).collect();
    let at = |z: f64| -> Vec<(f64, Option<f64>)> {
        let value = |age: f64| table.at_age(sex, site, Years::new(age)?).ok()?.at_z(z);
        ages.iter().map(|age| (*age, value(*age))).collect()
    };
    let lines: Vec<(&'static str, Vec<_>)> = LINES.into_iter().map(|(class, z)| (class, at(z))).collect();
    let known = |(age, value): &(f64, Option<f64>)| value.map(|_| *age);
    let covered: Vec<f64> = lines[0].1.iter().filter_map(known).collect();
    let (first, last) = (*covered.first()?, *covered.last()?);
    let range = (first.min(age.floor()), last.max(age.ceil()));
    let young = score(region, "T").and_then(|t| Some((young_of(t, site, bmd)?, t)));
    let values = lines.iter().flat_map(|(_, line)| line.iter().filter_map(|(_, value)| *value));
    let values = values.chain([bmd]).chain(visits.iter().map(|(_, bmd, _)| *bmd));
    let axes = Axes::over(range, values)?;
    let mut plot = axes.plot(if range.1 - range.0 > 40.0 { 10.0 } else { 5.0 });
    let name = said::place(&region.site, region.laterality.as_deref(), say.language);
    plot.title = fill(say.w.curve_of, &[&name]);
    plot.said = format!(
        "{}: {} {}, {} g/cm²",
        plot.title,
        decimals(Some(age), 1),
        say.w.years,
        decimals(Some(bmd), 3)
    );
    let on_t = study.assessment.score_basis.as_deref() == Some("T");
    if let Some((young, t)) = young.filter(|_| on_t) {
        let at_t = |t: f64| young.mean + t * young.sd;
        let (low, osteoporosis) = (at_t(NORMAL_T), at_t(OSTEOPOROSIS_T));
        plot.bands.extend(axes.band("who-normal", low, f64::MAX));
        plot.bands.extend(axes.band("who-low", osteoporosis, low));
        plot.bands.extend(axes.band("who-osteoporosis", f64::MIN, osteoporosis));
        plot.notes.push(fill(say.w.curve_bands, &[&t.reference.population]));
    } else {
        plot.notes.push(if on_t { say.w.curve_no_bands } else { say.w.curve_z_basis }.to_owned());
    }
    plot.paths.extend(lines.iter().map(|(class, line)| axes.line(class, line)));
    for (age, bmd, title) in visits {
        plot.dots.push(axes.dot("visit", (*age, *bmd), 3.5, title.clone()));
    }
    plot.dots.push(axes.dot(
        "now",
        (age, bmd),
        5.0,
        format!("{}: {}", say.w.this_visit, decimals(Some(bmd), 3)),
    ));
    plot.notes.insert(0, fill(say.w.curve_table, &[&z.reference.population]));
    Some(plot)
}

/// Standard deviations from the mean that are drawn.
const LINES: [(&str, f64); 5] =
    [("mean", 0.0), ("one-sd", 1.0), ("one-sd", -1.0), ("two-sd", 2.0), ("two-sd", -2.0)];

/// The profile's score of a kind.
#[must_use]
pub fn score<'a>(region: &'a Region, kind: &str) -> Option<&'a Score> {
    region.scores.iter().find(|score| score.kind == kind && !score.named)
}

/// A score is that of the rows that give it again: a profile may take women's rows for men.
const SAME: f64 = 0.01;

fn curve_of(z: &Score, site: Site, age: f64, bmd: f64) -> Option<(&'static ReferenceTable, Sex)> {
    let table = Library::bundled().get(&z.reference.id)?;
    let (age, bmd, wanted) = (Years::new(age)?, GramsPerCm2::new(bmd)?, z.exact.unwrap_or(z.value));
    let gives = |sex: &Sex| {
        table.at_age(*sex, site, age).is_ok_and(|distribution| (distribution.z(bmd) - wanted).abs() < SAME)
    };
    [Sex::Female, Sex::Male].into_iter().find(gives).map(|sex| (table, sex))
}

fn young_of(t: &Score, site: Site, bmd: f64) -> Option<Young> {
    let table = Library::bundled().get(&t.reference.id)?;
    let wanted = t.exact.unwrap_or(t.value);
    let rows = [Sex::Female, Sex::Male].into_iter().filter_map(|sex| table.young(sex, site).ok());
    rows.into_iter().find(|young| ((bmd - young.mean) / young.sd - wanted).abs() < SAME).copied()
}
