//! The picture of a scan with what was found on it, as a Secondary Capture that any viewer shows.

mod canvas;
mod drawing;
mod legend;
mod object;
mod page;
mod read;
mod vertebrae;

pub use page::page;
pub use read::{Drawn, drawn};

use dxa_core::pipeline::{self, Source};
use dxa_core::report::Analysis;
use dxa_core::study::{ScanKind, Tier};

/// The Secondary Capture of one scan; `None` for a scan without an image that regions are drawn on.
///
/// The same analysis and pixels give the same bytes.
#[must_use]
pub fn encode(analysis: &Analysis, scan: usize, source: Source<'_>) -> Option<Vec<u8>> {
    let of = analysis.scans.get(scan)?;
    let has_regions = matches!(of.kind, ScanKind::ApSpine | ScanKind::Hip | ScanKind::Forearm)
        || analysis.laterals.iter().any(|spine| spine.scan == scan);
    if !has_regions || !matches!(of.tier, Tier::Quantitative | Tier::Display) {
        return None;
    }
    let encoded = pipeline::depict(analysis, scan, source, |objects, gray| {
        let orientation = lateral(analysis, scan).or_else(|| object::orientation(objects));
        let picture = drawing::draw(analysis, scan, gray, orientation)?;
        object::write(analysis, scan, objects, picture)
    });
    encoded.ok().flatten()
}

/// Front and feet of a lateral image as they were found: what its header says of them cannot be trusted.
fn lateral(analysis: &Analysis, scan: usize) -> drawing::Orientation {
    let spine = analysis.laterals.iter().find(|spine| spine.scan == scan)?;
    Some([if spine.anterior_is_left { 'P' } else { 'A' }, 'F'])
}
