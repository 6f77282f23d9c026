//! A region against age: the patient on the curve of the population that the scores name.

use crate::record::{Region, Score, Study};
use crate::text::said;
use dxa_core::assess::{NORMAL_T, OSTEOPOROSIS_T};
use dxa_core::patient::Sex;
use dxa_core::reference::{Library, ReferenceTable, Young};
use dxa_core::score::{share_below, z_of_share};
use dxa_core::site::{Lumbar, LumbarSet, Site};
use dxa_core::units::{GramsPerCm2, Years};

use super::Say;
use super::fill;
use super::number::decimals;
use super::plot::{Axes, Plot};
use super::trend::Seen;

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

/// The curve of a region with its other visits, and how far the density of this one may be off by chance; `None`
/// where its scores name no table with a curve.
#[must_use]
pub fn of(region: &Region, study: &Study, visits: &[Seen], lsc: Option<f64>, say: Say) -> Option<Plot> {
    let site: Site = region.site.parse().ok()?;
    let (age, bmd) = (study.patient.age_years?, region.bmd_g_cm2?);
    let z = score(region, "Z")?;
    let (table, sex) = curve_of(z, site, age, bmd)?;
    let people = |age: f64| table.at_age(sex, site, Years::new(age)?).ok();
    let ages: Vec<(f64, _)> = (0..=110).map(f64::from).map(|age| (age, people(age))).collect();
    let at = |percent: u8| -> Vec<(f64, Option<f64>)> {
        let z = z_of_share(f64::from(percent) / 100.0);
        ages.iter().map(|(age, people)| (*age, people.as_ref().and_then(|people| people.at_z(z)))).collect()
    };
    let lines = PERCENTILES.map(|(class, percent)| (class, percent, at(percent)));
    let known = |(age, value): &(f64, Option<f64>)| value.map(|_| *age);
    let covered: Vec<f64> = lines[0].2.iter().filter_map(known).collect();
    let (first, last) = (*covered.first()?, *covered.last()?);
    let range = (first.min(age.floor()), last.max(age.ceil()));
    let young = score(region, "T").and_then(|t| Some((young_of(t, site, bmd)?, t)));
    let values = lines.iter().flat_map(|(_, _, line)| line.iter().filter_map(|(_, value)| *value));
    let values =
        values.chain(reach(bmd, lsc)).chain(visits.iter().flat_map(|seen| reach(seen.bmd, seen.lsc)));
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
        plot.notes.push(fill(say.w.curve_bands, &[&said::population(&t.reference.population, say.language)]));
    } else {
        plot.notes.push(if on_t { say.w.curve_no_bands } else { say.w.curve_z_basis }.to_owned());
    }
    for (class, percent, line) in &lines {
        plot.paths.push(axes.line(class, line));
        let end = line.iter().rev().find_map(|(age, value)| Some((*age, (*value)?)));
        plot.labels.extend(end.map(|end| axes.label_at("percentile", end, format!("P{percent}"))));
    }
    for seen in visits {
        plot.paths.extend(seen.lsc.map(|lsc| axes.bar((seen.age, seen.bmd), lsc)));
        plot.dots.push(axes.dot("visit", (seen.age, seen.bmd), 3.5, seen.title.clone()));
    }
    plot.paths.extend(lsc.map(|lsc| axes.bar((age, bmd), lsc)));
    plot.dots.push(axes.dot(
        "now",
        (age, bmd),
        5.0,
        format!("{}: {}", say.w.this_visit, decimals(Some(bmd), 3)),
    ));
    let population = said::population(&z.reference.population, say.language);
    let percentile = percentile(z.exact.unwrap_or(z.value));
    let percentile = fill(say.w.curve_percentile, &[&percentile, &decimals(Some(z.value), 1), &population]);
    plot.said = format!("{}. {percentile}", plot.said);
    let curve = fill(say.w.curve_table, &[&population]);
    plot.notes.splice(0..0, [curve, percentile]);
    Some(plot)
}

/// Percentiles that are drawn: percent of the people of the same age below the line.
const PERCENTILES: [(&str, u8); 5] = [("p50", 50), ("p3", 3), ("p10", 10), ("p10", 90), ("p3", 97)];

/// The percentile of a Z-score; beyond the first and the last a whole number would be 0 or 100, which nobody has.
fn percentile(z: f64) -> String {
    let percent = 100.0 * share_below(z);
    match percent {
        ..1.0 => "<1".to_owned(),
        99.0.. => ">99".to_owned(),
        _ => decimals(Some(percent), 0),
    }
}

/// What a density with its bar takes of the axis.
fn reach(bmd: f64, lsc: Option<f64>) -> [f64; 2] {
    let half = lsc.unwrap_or(0.0);
    [bmd - half, bmd + half]
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;
    use serde_json::json;

    /// A woman of 63 whose Z comes from rows with a mean and an SD.
    const TABLE: &str = "nhanes-2005-2008-us-nhw";

    fn study(age: f64, bmd: f64, reference: &str) -> Study {
        let (site, age_of) = (Site::TotalHip, Years::new(age).unwrap());
        let table = Library::bundled().get(TABLE).unwrap();
        let z = table.at_age(Sex::Female, site, age_of).unwrap().z(GramsPerCm2::new(bmd).unwrap());
        serde_json::from_value(json!({
            "study": { "instance_uid": "1.2.3", "date": "2024-05-17" },
            "patient": { "sex": "F", "age_years": age },
            "regions": [{ "scan": 0, "site": "total_hip", "bmd_g_cm2": bmd, "provenance": "computed", "scores": [{
                "kind": "Z", "value": (z * 10.0).round() / 10.0, "exact": z,
                "reference": { "id": reference, "version": "1", "status": "derived", "population": "NHANES women" } }] }],
            "scans": [], "assessment": { "profile": "x", "score_basis": "Z" }, "provenance": { "software": "dxa", "protocol_sha256": "" },
        }))
        .unwrap()
    }

    fn drawn(study: &Study, visits: &[Seen], lsc: Option<f64>) -> Option<Plot> {
        of(&study.regions[0], study, visits, lsc, Say::of(Language::English))
    }

    /// Height of a path above an age, by the places of its points.
    fn height_at(plot: &Plot, class: &str, nth: usize, x: f64) -> f64 {
        let path = plot.paths.iter().filter(|path| path.class == class).nth(nth).unwrap();
        let points = path.d.split(['M', 'L']).filter(|point| !point.is_empty()).map(|point| {
            let (x, y) = point.split_once(' ').unwrap();
            (x.parse::<f64>().unwrap(), y.parse::<f64>().unwrap())
        });
        points.min_by(|one, other| (one.0 - x).abs().total_cmp(&(other.0 - x).abs())).unwrap().1
    }

    #[test]
    fn whoever_lies_on_a_percentile_is_drawn_on_its_line_and_told_so() {
        let table = Library::bundled().get(TABLE).unwrap();
        let at = table.at_age(Sex::Female, Site::TotalHip, Years::new(63.0).unwrap()).unwrap();
        for (percent, class, nth) in
            [(3, "p3", 0), (10, "p10", 0), (50, "p50", 0), (90, "p10", 1), (97, "p3", 1)]
        {
            let bmd = at.at_z(z_of_share(f64::from(percent) / 100.0)).unwrap();
            let plot = drawn(&study(63.0, bmd, TABLE), &[], None).unwrap();
            let dot = &plot.dots[0];
            let (x, y): (f64, f64) = (dot.x.parse().unwrap(), dot.y.parse().unwrap());
            assert!((height_at(&plot, class, nth, x) - y).abs() < 0.2, "percentile {percent}: {plot:?}");
            let told = format!("percentile {percent} of people of the same age");
            assert!(plot.notes[1].contains(&told) && plot.said.contains(&told), "{:?}", plot.notes);
            assert!(plot.notes[1].contains("NHANES women"), "the table is named: {:?}", plot.notes);
            assert!(plot.labels.iter().any(|label| label.text == format!("P{percent}")));
        }
    }

    #[test]
    fn a_table_of_l_m_and_s_gives_its_own_percentiles() {
        let skewed = dxa_core::reference::Distribution::Lms { l: -1.2, m: 0.687, s: 0.136 };
        let [low, middle, high] = [0.03, 0.5, 0.97].map(|share| skewed.at_z(z_of_share(share)).unwrap());
        assert!(high - middle > 1.3 * (middle - low), "not those of a symmetric distribution");
        assert_eq!(decimals(Some(middle), 3), "0.687");
    }

    #[test]
    fn nobody_is_at_percentile_0_or_100() {
        assert_eq!([-4.0, -2.3, 0.0, 2.3, 4.0].map(percentile), ["<1", "1", "50", "99", ">99"]);
    }

    #[test]
    fn a_table_that_does_not_give_the_score_gives_no_percentile() {
        assert!(drawn(&study(63.0, 0.8, "device: unknown"), &[], None).is_none());
        let mut without = study(63.0, 0.8, TABLE);
        without.regions[0].scores.clear();
        assert!(drawn(&without, &[], None).is_none());
    }

    #[test]
    fn each_visit_with_a_known_precision_has_a_bar() {
        let seen = |age, lsc| Seen { age, bmd: 0.85, lsc, title: "2019-05-17: 0.850 g/cm²".to_owned() };
        let visits = [seen(58.0, Some(0.03)), seen(60.0, None)];
        let plot = drawn(&study(63.0, 0.8, TABLE), &visits, Some(0.03)).unwrap();
        assert_eq!(
            plot.paths.iter().filter(|path| path.class == "lsc").count(),
            2,
            "none where it is not known"
        );
        assert_eq!(plot.dots.iter().filter(|dot| dot.class == "visit").count(), 2);
    }
}
