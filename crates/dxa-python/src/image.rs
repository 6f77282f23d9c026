//! The image of every scan whose regions are looked for, and which of its pixels lie in which region.

use dxa_core::field::{Field, Pixel, Quantity};
use dxa_core::geometry::PixelIndex;
use dxa_core::outline::RegionOutline;
use dxa_core::pipeline::{self, Source};
use dxa_core::report::Analysis;
use ndarray::Array2;

use crate::analysis::{self, Call, Wrong};

/// One image.
pub(crate) struct Image {
    pub(crate) study: Option<String>,
    pub(crate) scan: usize,
    pub(crate) kind: &'static str,
    pub(crate) quantity: &'static str,
    pub(crate) values: Array2<f32>,
    pub(crate) measured: Array2<u8>,
    pub(crate) spacing_mm: (f64, f64),
    pub(crate) masks: Vec<(String, Array2<u8>)>,
}

/// The images of a call, in the order of its document.
pub(crate) fn of(call: Call) -> Result<Vec<Image>, Wrong> {
    Ok(analysis::run(call, of_study)?.seen.into_iter().flatten().collect())
}

fn of_study(analysis: &Analysis, source: Source<'_>) -> Vec<Image> {
    let image = |scan: usize| {
        // A scan without an image that regions are found in has none; its refusal is in the document.
        let field = pipeline::values(analysis, scan, source).ok()?;
        let outlines =
            analysis.outlines.get(scan).map(|outlines| outlines.regions.as_slice()).unwrap_or_default();
        Some(Image {
            study: analysis.study_instance_uid.clone(),
            scan,
            kind: analysis.scans.get(scan)?.kind.code(),
            quantity: match field.quantity {
                Quantity::BoneDensity => "bone_density",
                Quantity::Gray => "gray",
            },
            measured: field.pixels.mapv(|pixel| u8::from(pixel == Pixel::Tissue)),
            spacing_mm: (field.spacing.row_mm, field.spacing.column_mm),
            masks: outlines.iter().map(|region| (region.site.to_string(), mask(region, &field))).collect(),
            values: field.values,
        })
    };
    (0..analysis.scans.len()).filter_map(image).collect()
}

/// Pixels whose middle lies in a region.
fn mask(region: &RegionOutline, field: &Field) -> Array2<u8> {
    let mut mask = Array2::zeros(field.shape());
    for (row, mut line) in mask.rows_mut().into_iter().enumerate() {
        let middle = |column| PixelIndex { row, column }.middle().to_detector(field.spacing);
        let across: Vec<_> = region.outline.iter().map(|part| part.across(middle(0).y_mm)).collect();
        for (column, inside) in line.iter_mut().enumerate() {
            *inside = u8::from(across.iter().any(|part| part.contains(middle(column).x_mm)));
        }
    }
    mask
}
