//! What a user changed, put in the place of what was found.

use crate::corrections::{CorrectedOutline, ScanCorrections};
use crate::field::Field;
use crate::geometry::{ImagePoint, Polygon};
use crate::outline::{Outlines, RegionOutline};
use crate::site::Site;
use crate::study::{PixelSpacing, Scan};

/// What of a scan a user changed.
#[derive(Debug, Default)]
pub(super) struct Changed {
    outlines: Vec<Site>,
    lines: Vec<String>,
}

impl Changed {
    pub(super) fn any(&self) -> bool {
        !(self.outlines.is_empty() && self.lines.is_empty())
    }

    /// Whether the outline of a region is a user's.
    pub(super) fn is(&self, site: Site) -> bool {
        self.outlines.contains(&site)
    }

    /// What was changed, as a sentence.
    pub(super) fn sentence(&self) -> String {
        let sites = self.outlines.iter().map(|site| format!("outline of {site}"));
        let lines = self.lines.iter().map(|name| format!("line {name}"));
        let changed: Vec<String> = sites.chain(lines).collect();
        format!("Corrected by a user and measured again: {}.", changed.join(", "))
    }
}

/// Puts changed outlines in the place of those that were found; what equals the result as it was printed is
/// no change.
pub(super) fn apply(outlines: &mut Outlines, field: &Field, scan: &Scan, said: &ScanCorrections) -> Changed {
    let mut changed = Changed::default();
    let side = scan.laterality.filter(|_| scan.kind.is_paired());
    for wanted in said.outlines.iter().filter(|wanted| wanted.side == side) {
        let found = outlines.regions.iter_mut().find(|region| region.site == wanted.site);
        if found.as_ref().is_some_and(|region| is_printed(region, wanted, field.spacing)) {
            continue;
        }
        let corners = wanted.corners.iter().map(|corner| corner.to_detector(field.spacing)).collect();
        let outline = vec![Polygon { corners }];
        match found {
            Some(region) => region.outline = outline,
            None => outlines.regions.push(RegionOutline { site: wanted.site, outline }),
        }
        changed.outlines.push(wanted.site);
    }
    outlines.regions.sort_by_key(|region| region.site.order());
    changed
}

/// Whether a user gave back what was printed.
fn is_printed(region: &RegionOutline, wanted: &CorrectedOutline, spacing: PixelSpacing) -> bool {
    let printed = region.corners_px(spacing);
    let same =
        |(a, b): (&ImagePoint, &ImagePoint)| (a.x - b.x).abs() < LAST_DIGIT && (a.y - b.y).abs() < LAST_DIGIT;
    printed.len() == wanted.corners.len() && printed.iter().zip(&wanted.corners).all(same)
}

/// Less than a unit of the last printed digit, pixels.
const LAST_DIGIT: f64 = 1e-4;
