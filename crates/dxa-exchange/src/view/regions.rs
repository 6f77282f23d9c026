//! The regions as tables: the device's numbers beside ours, never in one field.

use std::collections::BTreeMap;

use crate::record::{Region, Score, Study};
use crate::text::said;
use dxa_core::assess::WhoCategory;
use dxa_core::site::Site;

use super::curve::{score, spine_site};
use super::number::{NOTHING, decimals, signed};
use super::{Say, category_class, fill};

/// The regions of one bone.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Group<'a> {
    /// Which bone, and which side.
    pub title: String,
    /// Its regions.
    pub rows: Vec<Row<'a>>,
    /// The references that the scores are marked with.
    pub references: Vec<Note>,
}

/// A reference under its mark.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Note {
    /// The mark.
    pub mark: char,
    /// The reference.
    pub text: String,
}

/// A region.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Row<'a> {
    /// The region whose numbers count.
    #[serde(skip)]
    pub region: &'a Region,
    /// Style.
    pub class: &'static str,
    /// Site code.
    pub site: String,
    /// Its name.
    pub name: String,
    /// Where several scans have the region.
    pub scan: Option<String>,
    /// Why it is left out, or who takes it in.
    pub counts: Option<String>,
    /// Area.
    pub area: String,
    /// Content.
    pub bmc: String,
    /// Density by the device.
    pub device: String,
    /// Density by us.
    pub ours: String,
    /// How far ours may be off.
    pub uncertainty: Option<String>,
    /// Ours against the device's, percent.
    pub difference: String,
    /// The difference asks for a look.
    pub differs: bool,
    /// T-score.
    pub t: String,
    /// Style of the T-score.
    pub t_class: &'static str,
    /// Mark of its reference.
    pub t_mark: String,
    /// Z-score.
    pub z: String,
    /// Mark of its reference.
    pub z_mark: String,
    /// T and Z as the device printed them.
    pub device_scores: String,
    /// The reference that it names.
    pub device_reference: String,
}

/// The same region by the device and by us.
#[derive(Default)]
struct Pair<'a> {
    device: Option<&'a Region>,
    ours: Option<&'a Region>,
}

impl<'a> Pair<'a> {
    /// The row whose numbers count: ours where it has a density.
    fn shown(&self) -> Option<&'a Region> {
        self.ours.filter(|ours| ours.bmd_g_cm2.is_some()).or(self.device).or(self.ours)
    }
}

/// All bones that were measured.
#[must_use]
pub fn groups(study: &Study, say: Say) -> Vec<Group<'_>> {
    let used = spine_site(study);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for pair in pairs(study) {
        let Some(region) = pair.shown() else { continue };
        if !is_shown(&region.site, used.as_deref()) {
            continue;
        }
        let title = title(region, study, say);
        let is_total = Some(&region.site) == used.as_ref();
        let at = groups.iter().position(|group| group.title == title).unwrap_or_else(|| {
            groups.push(Group { title, rows: Vec::new(), references: Vec::new() });
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(at) else { continue };
        let row = row(study, &pair, region, is_total, &mut group.references, say);
        group.rows.push(row);
    }
    groups
}

/// Regions of the same name and side; of several by the same maker, each has a row of its own.
fn pairs(study: &Study) -> Vec<Pair<'_>> {
    type Name<'s> = (&'s str, Option<&'s str>);
    let mut named: Vec<(Name<'_>, Vec<Pair<'_>>)> = Vec::new();
    for region in &study.regions {
        let key = (region.site.as_str(), region.laterality.as_deref());
        let at = named.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            named.push((key, Vec::new()));
            named.len() - 1
        });
        let Some((_, pairs)) = named.get_mut(at) else { continue };
        let is_ours = region.provenance == "computed";
        let free = |pair: &Pair<'_>| if is_ours { pair.ours.is_none() } else { pair.device.is_none() };
        let at = pairs.iter().position(free).unwrap_or_else(|| {
            pairs.push(Pair::default());
            pairs.len() - 1
        });
        if let Some(pair) = pairs.get_mut(at) {
            *(if is_ours { &mut pair.ours } else { &mut pair.device }) = Some(region);
        }
    }
    named.into_iter().flat_map(|(_, pairs)| pairs).collect()
}

/// Single regions, the whole spine, and the set of vertebrae that is used.
#[must_use]
pub fn is_shown(site: &str, used: Option<&str>) -> bool {
    match site.parse() {
        Ok(Site::Lumbar(set)) => set.len() == 1 || set.len() == 4 || Some(site) == used,
        _ => true,
    }
}

fn title(region: &Region, study: &Study, say: Say) -> String {
    let kind = match region.site.parse() {
        Ok(Site::Lumbar(_)) => "ap_spine",
        Ok(Site::Forearm(..)) => "forearm",
        Ok(Site::TotalBody | Site::TotalBodyLessHead) => "whole_body",
        Ok(_) => "hip",
        Err(_) => study.scans.get(region.scan).map_or("unsupported", |scan| scan.kind.as_str()),
    };
    let name = said::scan_kind(kind, say.language);
    match region.laterality.as_deref() {
        None => name.to_owned(),
        side => said::place(name, side, say.language),
    }
}

/// The mark of a score's reference; the same reference has the same mark.
fn mark(score: Option<&Score>, notes: &mut Vec<Note>, say: Say) -> String {
    let Some(reference) = score.map(|score| &score.reference) else { return String::new() };
    let status = said::word(&reference.status, say.language);
    let population = said::population(&reference.population, say.language);
    let text = format!("{} ({population}; {status})", reference.id);
    if let Some(known) = notes.iter().find(|note| note.text == text) {
        return known.mark.to_string();
    }
    let mark = ('a'..='z').nth(notes.len()).unwrap_or('*');
    notes.push(Note { mark, text });
    mark.to_string()
}

/// Why a region is left out of totals, or who takes it in.
fn counts(region: &Region, say: Say) -> Option<String> {
    let excluded = region.excluded.as_ref();
    let excluded = excluded.map(|why| fill(say.w.excluded, &[&said::word(&why.reason, say.language)]));
    excluded.or_else(|| region.included.is_some().then(|| say.w.included.to_owned()))
}

fn row<'a>(
    study: &Study,
    pair: &Pair<'_>,
    region: &'a Region,
    is_total: bool,
    notes: &mut Vec<Note>,
    say: Say,
) -> Row<'a> {
    let bmd = |region: Option<&Region>| region.and_then(|region| region.bmd_g_cm2);
    let (device, ours) = (bmd(pair.device), bmd(pair.ours));
    let apart = device.zip(ours).filter(|(device, _)| *device > 0.0);
    let difference = apart.map(|(device, ours)| (ours / device - 1.0) * 100.0);
    let (t, z) = (score(region, "T"), score(region, "Z"));
    let printed = pair.device.map(|region| &region.device);
    let on_t = study.assessment.score_basis.as_deref() == Some("T");
    let uncertainty = pair.ours.and_then(|ours| ours.uncertainty_g_cm2);
    Row {
        region,
        class: if is_total {
            "total"
        } else if region.excluded.is_some() {
            "excluded"
        } else {
            ""
        },
        site: region.site.clone(),
        name: said::place(&region.site, None, say.language),
        scan: is_repeated(region, study).then(|| fill(say.w.scan, &[&(region.scan + 1).to_string()])),
        counts: counts(region, say),
        area: decimals(region.area_cm2, 2),
        bmc: decimals(region.bmc_g, 2),
        device: decimals(device, 3),
        ours: decimals(ours, 3),
        uncertainty: uncertainty.map(|sd| format!("±{}", decimals(Some(sd), 3))),
        difference: signed(difference, 1),
        differs: study
            .findings
            .iter()
            .any(|finding| finding.code == "device_differs" && finding.site.as_ref() == Some(&region.site)),
        t: decimals(t.map(|score| score.value), 1),
        t_class: category_class(t.filter(|_| on_t).map(|t| WhoCategory::of(t.value).code())),
        t_mark: mark(t, notes, say),
        z: decimals(z.map(|score| score.value), 1),
        z_mark: mark(z, notes, say),
        device_scores: printed.filter(|printed| printed.t.is_some() || printed.z.is_some()).map_or_else(
            || NOTHING.to_owned(),
            |printed| format!("{} / {}", decimals(printed.t, 1), decimals(printed.z, 1)),
        ),
        device_reference: printed.and_then(|printed| printed.reference.clone()).unwrap_or_default(),
    }
}

/// Whether another scan has the same region by the same maker.
fn is_repeated(region: &Region, study: &Study) -> bool {
    let same = |other: &&Region| {
        other.scan != region.scan
            && other.site == region.site
            && other.laterality == region.laterality
            && other.provenance == region.provenance
    };
    study.regions.iter().any(|other| same(&other))
}

/// A set of vertebrae.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Subset {
    /// Which.
    pub name: String,
    /// Area.
    pub area: String,
    /// Content.
    pub bmc: String,
    /// Density.
    pub bmd: String,
    /// T-score.
    pub t: String,
    /// Z-score.
    pub z: String,
    /// Device or ours.
    pub origin: String,
}

/// Every set of vertebrae that was measured.
#[must_use]
pub fn subsets(study: &Study, say: Say) -> Vec<Subset> {
    let is_set = |region: &&Region| matches!(region.site.parse(), Ok(Site::Lumbar(set)) if set.len() > 1);
    let rows = study.regions.iter().filter(is_set).map(|region| Subset {
        name: region.site.clone(),
        area: decimals(region.area_cm2, 2),
        bmc: decimals(region.bmc_g, 2),
        bmd: decimals(region.bmd_g_cm2, 3),
        t: decimals(score(region, "T").map(|score| score.value), 1),
        z: decimals(score(region, "Z").map(|score| score.value), 1),
        origin: said::word(&region.provenance, say.language),
    });
    rows.collect()
}

/// A part of the body.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Part {
    /// Which.
    pub part: String,
    /// Fat mass.
    pub fat: String,
    /// Lean mass.
    pub lean: String,
    /// Total mass.
    pub total: String,
    /// Fat in percent.
    pub percent: String,
}

/// The composition of the body.
#[must_use]
pub fn composition(study: &Study, say: Say) -> Vec<Part> {
    let parts: BTreeMap<&str, &str> = PARTS.into_iter().collect();
    let row = |row: &crate::record::Composition| Part {
        part: match (say.language, parts.get(row.region.as_str())) {
            (crate::text::Language::Chinese, Some(chinese)) => (*chinese).to_owned(),
            _ => row.region.replace('_', " "),
        },
        fat: decimals(row.fat_g, 0),
        lean: decimals(row.lean_g, 0),
        total: decimals(row.total_g, 0),
        percent: decimals(row.fat_percent, 1),
    };
    study.body_composition.iter().map(row).collect()
}

const PARTS: [(&str, &str); 10] = [
    ("head", "头部"),
    ("left_arm", "左上肢"),
    ("right_arm", "右上肢"),
    ("trunk", "躯干"),
    ("pelvis", "骨盆"),
    ("left_leg", "左下肢"),
    ("right_leg", "右下肢"),
    ("android", "男性型区"),
    ("gynoid", "女性型区"),
    ("total", "全身"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_device_and_we_share_a_row_and_two_of_a_kind_do_not() {
        let study: Study = serde_json::from_value(json!({ "study": {}, "patient": {}, "scans": [],
            "assessment": {}, "provenance": { "software": "", "protocol_sha256": "" }, "regions": [
            { "scan": 0, "site": "L1", "provenance": "device_reported", "bmd_g_cm2": 0.9 },
            { "scan": 1, "site": "L1", "provenance": "computed", "bmd_g_cm2": 0.91 },
            { "scan": 2, "site": "L1", "provenance": "device_reported", "bmd_g_cm2": 0.8 },
            { "scan": 3, "site": "total_hip", "laterality": "L", "provenance": "device_reported" },
            { "scan": 3, "site": "total_hip", "laterality": "R", "provenance": "computed" }] }))
        .unwrap();
        let found: Vec<(Option<usize>, Option<usize>)> = pairs(&study)
            .iter()
            .map(|pair| (pair.device.map(|one| one.scan), pair.ours.map(|one| one.scan)))
            .collect();
        assert_eq!(found, [(Some(0), Some(1)), (Some(2), None), (Some(3), None), (None, Some(3))]);
    }
}
