//! Numbers that a device already computed, read from its analysis text, structured report or PDF text layer.
//!
//! All three readers end in the same vocabulary (`vocabulary`, `region_names`, `headings`) and, for the two that
//! carry tables, in the same row logic (`table`): a number is only given when its region, quantity and unit are
//! all known; everything else is kept as an item and named in a finding.

pub mod hologic;
pub mod patient_facts;
pub mod pdf;
pub mod structured_report;

mod assembly;
mod checks;
mod headings;
mod markup;
mod numbers;
mod reference_line;
mod region_names;
mod spine_total;
mod table;
#[cfg(test)]
mod variant_cases;
mod vocabulary;

use crate::reported::ReportedAnatomy;
use crate::site::Side;

/// What the caller already knows about the scan; used only where the device's text is silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Anatomy, e.g. from the protocol name; decides what a row named `Total` means when no other row does.
    pub anatomy: Option<ReportedAnatomy>,
    /// Side of the scan.
    pub side: Option<Side>,
    /// Whether the spine was scanned from the side: its vertebrae are not those of the AP spine.
    pub lateral: bool,
}
