//! The picture of a scan with what was found on it, as a Secondary Capture that any viewer shows.

mod canvas;
mod drawing;
mod legend;
mod object;
mod page;

pub use page::{Page, page};

use dxa_core::pipeline::{self, Source};
use dxa_core::report::Analysis;
use dxa_core::study::{ScanKind, Tier};

/// The Secondary Capture of one scan; `None` for a scan without an image that regions are drawn on.
///
/// The same analysis and pixels give the same bytes.
#[must_use]
pub fn encode(analysis: &Analysis, scan: usize, source: Source<'_>) -> Option<Vec<u8>> {
    let of = analysis.scans.get(scan)?;
    let has_regions = matches!(of.kind, ScanKind::ApSpine | ScanKind::Hip | ScanKind::Forearm);
    if !has_regions || !matches!(of.tier, Tier::Quantitative | Tier::Display) {
        return None;
    }
    let encoded = pipeline::depict(analysis, scan, source, |objects, gray| {
        let picture = drawing::draw(analysis, scan, gray, object::orientation(objects))?;
        object::write(analysis, scan, objects, picture)
    });
    encoded.ok().flatten()
}
