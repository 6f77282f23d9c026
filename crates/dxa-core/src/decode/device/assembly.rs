//! Gathers what the readers find into one report: merges rows, withholds contradictions, names what is unknown.

use std::collections::{BTreeMap, BTreeSet};

use super::checks;
use super::headings::Quantity;
use super::numbers::Measure;
use crate::findings::{Finding, Severity};
use crate::reported::{
    BodyPart, DeviceItem, DeviceReport, ItemStatus, ReportedAnatomy, ReportedComposition, ReportedRegion,
};
use crate::site::{Side, Site};

/// Numbers of one region or body part by quantity, in canonical units.
pub(super) type Values = BTreeMap<Quantity, Measure>;

/// A region as it is gathered.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) site: Site,
    pub(super) side: Option<Side>,
    pub(super) values: Values,
    pub(super) reference: Option<String>,
    conflict: bool,
}

/// A report under construction.
#[derive(Default)]
pub(super) struct Assembly {
    pub(super) regions: Vec<Pending>,
    composition: Vec<(BodyPart, Values, bool)>,
    pub(super) items: Vec<DeviceItem>,
    pub(super) findings: Vec<Finding>,
    pub(super) reference: Option<String>,
    unknown: BTreeSet<String>,
}

/// Most unknown keys that one finding names, and the most characters of each.
const NAMED_KEYS: usize = 20;
const KEY_LENGTH: usize = 48;

impl Assembly {
    /// Adds the numbers of a region; a second row of the same region must not contradict the first.
    pub(super) fn add_region(
        &mut self,
        site: Site,
        side: Option<Side>,
        values: Values,
        reference: Option<String>,
    ) {
        if values.is_empty() {
            return;
        }
        match self.regions.iter_mut().find(|known| known.site == site && known.side == side) {
            Some(known) => {
                known.conflict |= !merge(&mut known.values, values);
                known.reference = known.reference.take().or(reference);
            }
            None => self.regions.push(Pending { site, side, values, reference, conflict: false }),
        }
    }

    /// Adds the composition of a body part.
    pub(super) fn add_composition(&mut self, part: BodyPart, values: Values) {
        if values.is_empty() {
            return;
        }
        match self.composition.iter_mut().find(|known| known.0 == part) {
            Some(known) => known.2 |= !merge(&mut known.1, values),
            None => self.composition.push((part, values, false)),
        }
    }

    /// Keeps a known quantity that is none of ours.
    pub(super) fn carry(&mut self, key: String, value: String, unit: Option<String>) {
        self.items.push(DeviceItem { key, code: None, value, unit, status: ItemStatus::PassedThrough });
    }

    /// Keeps something unknown; `named` is what the finding calls it.
    pub(super) fn keep_unknown(&mut self, named: &str, item: DeviceItem) {
        if self.unknown.len() <= NAMED_KEYS {
            self.unknown.insert(named.chars().take(KEY_LENGTH).collect());
        }
        self.items.push(item);
    }

    /// Adds a finding.
    pub(super) fn find(&mut self, code: &'static str, severity: Severity, message: String) {
        self.findings.push(Finding::new(code, severity, message));
    }

    /// The finished report.
    pub(super) fn finish(mut self) -> DeviceReport {
        self.withhold_conflicts();
        for held in checks::hold_impossible(&mut self.regions) {
            self.carry(held.key, held.value, None);
            self.findings.push(held.finding);
        }
        self.regions.retain(|region| !region.values.is_empty());
        for finding in checks::checked(&self.regions) {
            self.findings.push(finding);
        }
        self.name_unknown();
        let reference = self.reference;
        let regions: Vec<ReportedRegion> =
            self.regions.into_iter().map(|pending| reported(pending, reference.as_deref())).collect();
        let composition: Vec<ReportedComposition> =
            self.composition.into_iter().map(|(part, values, _)| composed(part, &values)).collect();
        let anatomy = anatomy(&regions, &composition);
        DeviceReport { regions, composition, items: self.items, findings: self.findings, anatomy }
    }

    fn withhold_conflicts(&mut self) {
        for pending in self.regions.extract_if(.., |pending| pending.conflict) {
            let message = format!(
                "The device gives {} twice with different numbers; both are held back.",
                sided(pending.site, pending.side)
            );
            let finding = Finding::new("duplicate_row_conflict", Severity::Withhold, message);
            self.findings.push(finding.at(pending.site, pending.side));
        }
        for (part, _, _) in self.composition.extract_if(.., |(_, _, conflict)| *conflict) {
            let message = format!(
                "The device gives the composition of {} twice with different numbers; both are held back.",
                part.code()
            );
            self.findings.push(Finding::new("duplicate_row_conflict", Severity::Withhold, message));
        }
    }

    fn name_unknown(&mut self) {
        if self.unknown.is_empty() {
            return;
        }
        let more = if self.unknown.len() > NAMED_KEYS { " and more" } else { "" };
        let keys: Vec<&str> = self.unknown.iter().take(NAMED_KEYS).map(String::as_str).collect();
        let message = format!("Not known and kept as device items: {}{more}.", keys.join("; "));
        self.find("device_item_unknown", Severity::Note, message);
    }
}

/// A site as messages name it: with its side, where it has one.
pub(super) fn sided(site: Site, side: Option<Side>) -> String {
    side.map_or(site.to_string(), |side| format!("{site} {}", side.code()))
}

/// Takes over what is new; false when a number contradicts the one already there.
fn merge(known: &mut Values, new: Values) -> bool {
    let mut agree = true;
    for (quantity, measure) in new {
        let kept = known.entry(quantity).or_insert(measure);
        agree &= agrees(*kept, measure);
        // The finer print says more.
        if measure.half_unit < kept.half_unit {
            *kept = measure;
        }
    }
    agree
}

/// Whether two prints can be of one number.
pub(super) fn agrees(a: Measure, b: Measure) -> bool {
    (a.value - b.value).abs() <= a.half_unit + b.half_unit + 1e-9
}

fn reported(pending: Pending, reference: Option<&str>) -> ReportedRegion {
    let value = |quantity| pending.values.get(&quantity).map(|measure: &Measure| measure.value);
    ReportedRegion {
        site: pending.site,
        side: pending.side,
        area_cm2: value(Quantity::Area),
        bmc_g: value(Quantity::Bmc),
        bmd_g_cm2: value(Quantity::Bmd),
        t: value(Quantity::T),
        z: value(Quantity::Z),
        reference: pending.reference.or_else(|| reference.map(str::to_owned)),
    }
}

fn composed(part: BodyPart, values: &Values) -> ReportedComposition {
    let value = |quantity| values.get(&quantity).map(|measure: &Measure| measure.value);
    ReportedComposition {
        part,
        fat_g: value(Quantity::Fat),
        lean_g: value(Quantity::Lean),
        total_g: value(Quantity::Mass),
        fat_percent: value(Quantity::FatPercent),
    }
}

fn anatomy(regions: &[ReportedRegion], composition: &[ReportedComposition]) -> Option<ReportedAnatomy> {
    let mut named: Vec<ReportedAnatomy> = regions.iter().map(|region| site_anatomy(region.site)).collect();
    named.extend(composition.iter().map(|_| ReportedAnatomy::WholeBody));
    named.dedup();
    match named.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

fn site_anatomy(site: Site) -> ReportedAnatomy {
    match site {
        Site::Lumbar(_) => ReportedAnatomy::Spine,
        Site::FemoralNeck | Site::TotalHip | Site::Trochanter | Site::Intertrochanter | Site::Wards => {
            ReportedAnatomy::Hip
        }
        Site::Forearm(..) => ReportedAnatomy::Forearm,
        Site::TotalBody | Site::TotalBodyLessHead => ReportedAnatomy::WholeBody,
    }
}
