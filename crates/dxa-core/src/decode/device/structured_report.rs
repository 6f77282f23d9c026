//! DXA numbers out of structured reports: TID 1500 groups, coded or named measurements, flat or nested.
//!
//! The reader works on a plain content tree, so that any way of getting one serves.
//! A number is taken when its quantity, its unit and its site are each named and none contradicts another;
//! the site may be named by the measurement itself or by any container around it, the nearest first.

mod codes;
mod content;
mod numeric;
mod site_naming;
mod subject;

pub use content::{Code, ContentItem, Numeric};
pub use subject::subject;

use super::assembly::{Assembly, Values, sided};
use super::headings::Quantity;
use crate::findings::{Finding, Severity};
use crate::reported::{BodyPart, DeviceItem, DeviceReport, ItemStatus};
use crate::site::Site;

use codes::{Concept, Role};
use site_naming::{Naming, Resolved, Target};

/// Deepest nesting that is followed, and most measurements that are read.
const DEPTH: usize = 64;
const NUMBERS: usize = 20_000;

/// Reads all measurements of a content tree.
#[must_use]
pub fn read_content(root: &ContentItem) -> DeviceReport {
    let mut reader = Reader::default();
    reader.walk(root, &Naming::default(), None, 0);
    reader.assembly.finish()
}

#[derive(Default)]
struct Reader {
    assembly: Assembly,
    numbers: usize,
}

/// The region that a property belongs to, such as a Z-score inside of its BMD.
type Owner = Option<Resolved>;

impl Reader {
    fn walk(&mut self, item: &ContentItem, outer: &Naming, owner: Owner, depth: usize) {
        if depth > DEPTH {
            let message = "The report is nested deeper than is followed; what lies below is left out.";
            return self.assembly.find("device_text_truncated", Severity::Review, message.to_owned());
        }
        let naming = outer.inside(item);
        let owner = match item.value_type.as_str() {
            "NUM" => self.number(item, &naming, owner),
            "CODE" if item.relationship.as_deref() == Some("CONTAINS") => {
                self.coded(item);
                owner
            }
            _ => owner,
        };
        for child in &item.children {
            self.walk(child, &naming, owner, depth + 1);
        }
    }

    /// Reads one measurement and returns the region that its properties belong to.
    fn number(&mut self, item: &ContentItem, naming: &Naming, owner: Owner) -> Owner {
        self.numbers += 1;
        if self.numbers > NUMBERS {
            if self.numbers == NUMBERS + 1 {
                let message = "The report has more measurements than are read; the rest is left out.";
                self.assembly.find("device_text_truncated", Severity::Review, message.to_owned());
            }
            return None;
        }
        let concept = codes::concept(item);
        match concept.role {
            Role::Quantity(quantity) => self.measured(item, &concept, quantity, naming, owner),
            Role::PassedThrough => {
                self.keep(item, ItemStatus::PassedThrough);
                owner
            }
            Role::Unknown => {
                self.keep(item, ItemStatus::Unknown);
                owner
            }
        }
    }

    fn measured(
        &mut self,
        item: &ContentItem,
        concept: &Concept,
        quantity: Quantity,
        naming: &Naming,
        owner: Owner,
    ) -> Owner {
        let resolved = naming.resolve(concept.class).or_else(|| owner.filter(|_| concept.class.is_none()));
        let Some(resolved) = resolved else {
            self.withhold(
                item,
                "site_not_named",
                "A measurement names no one site, or two that differ",
                None,
            );
            return owner;
        };
        let measure = match numeric::measure(item, quantity) {
            Ok(Some(measure)) => measure,
            Ok(None) => return Some(resolved),
            Err(doubt) => {
                self.withhold(item, doubt.code(), doubt.sentence(), Some(resolved));
                return Some(resolved);
            }
        };
        let values = Values::from([(quantity, measure)]);
        let composed =
            matches!(quantity, Quantity::Fat | Quantity::Lean | Quantity::Mass | Quantity::FatPercent);
        match (resolved.target, composed) {
            (Target::Site(Site::TotalBody), true) => self.assembly.add_composition(BodyPart::Total, values),
            (Target::Part(part), true) => self.assembly.add_composition(part, values),
            (Target::Site(site), false) => self.add(site, resolved, values, naming.reference(item)),
            _ => self.keep(item, ItemStatus::PassedThrough),
        }
        Some(resolved)
    }

    fn add(&mut self, site: Site, resolved: Resolved, values: Values, reference: Option<String>) {
        if resolved.by_convention {
            self.note_convention(site, resolved);
        }
        self.assembly.add_region(site, resolved.side, values, reference);
    }

    fn note_convention(&mut self, site: Site, resolved: Resolved) {
        let code = "site_from_convention";
        let told = |f: &Finding| f.code == code && f.site == Some(site) && f.side == resolved.side;
        if !self.assembly.findings.iter().any(told) {
            let place = sided(site, resolved.side);
            let message = format!(
                "The report names only the bone; by convention of its codes this is taken as {place}."
            );
            self.assembly
                .findings
                .push(Finding::new(code, Severity::Review, message).at(site, resolved.side));
        }
    }

    /// Keeps a number that cannot be used, and says why.
    fn withhold(&mut self, item: &ContentItem, code: &'static str, sentence: &str, at: Owner) {
        if !item.has_value() {
            return;
        }
        self.keep_item(item, ItemStatus::PassedThrough);
        let message = format!("{sentence}: {}; it is held back.", item.name());
        let finding = Finding::new(code, Severity::Withhold, message);
        self.assembly.findings.push(match at {
            Some(Resolved { target: Target::Site(site), side, .. }) => finding.at(site, side),
            _ => finding,
        });
    }

    fn keep(&mut self, item: &ContentItem, status: ItemStatus) {
        if item.has_value() {
            self.keep_item(item, status);
        }
    }

    fn keep_item(&mut self, item: &ContentItem, status: ItemStatus) {
        let name = item.name();
        let device_item = DeviceItem {
            key: name.clone(),
            code: item.concept.as_ref().map(|code| format!("{},{}", code.value, code.scheme)),
            value: item.value_text(),
            unit: item
                .numeric
                .as_ref()
                .and_then(|numeric| numeric.unit.as_ref())
                .map(|unit| unit.value.clone()),
            status,
        };
        match status {
            ItemStatus::Unknown => self.assembly.keep_unknown(&name, device_item),
            ItemStatus::PassedThrough => self.assembly.items.push(device_item),
        }
    }

    /// A coded statement such as a category: kept, never judged here.
    fn coded(&mut self, item: &ContentItem) {
        if !codes::is_context(item) {
            self.keep(item, ItemStatus::Unknown);
        }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod variant_tests;
