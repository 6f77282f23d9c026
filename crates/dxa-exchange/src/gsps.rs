//! The outlines of a scan as a Grayscale Softcopy Presentation State (PS3.3 A.33.1): lines and names that a viewer
//! draws over the image as it was received.

use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};

use crate::data_set::DataSet;
use crate::issue::{Issue, SourceObject, WrittenObject};
use crate::record::Study;
use crate::shapes::{Outlined, Shape};
use crate::study_header::{self, Series};

const SERIES: Series =
    Series { kind: "gsps series", modality: "PR", number: "903", description: "DXA regions over the scan" };
const LAYER: &str = "DXA";

/// Writes the presentation state of one scan; `None` for a scan without outlines.
///
/// The same result and sources give the same bytes.
#[must_use]
pub fn encode(study: &Study, scan: usize, issue: &Issue<'_>) -> Option<WrittenObject> {
    let outlined = Outlined::of(study, scan, issue)?;
    let class = uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE;
    let mut set = DataSet::new();
    study_header::write(&mut set, study, issue, class, &SERIES);
    set.text(tags::INSTANCE_NUMBER, VR::IS, &(scan + 1).to_string());
    set.text_or_empty(tags::LATERALITY, VR::CS, outlined.scan.laterality.as_deref());
    set.text(tags::CONTENT_LABEL, VR::CS, "DXA REGIONS");
    set.text(tags::CONTENT_DESCRIPTION, VR::LO, "Regions and vertebrae as they were measured");
    set.text(tags::CONTENT_CREATOR_NAME, VR::PN, study_header::MAKER);
    study_header::creation_time(&mut set, issue);
    set.sequence(tags::REFERENCED_SERIES_SEQUENCE, series(&outlined.objects));
    set.sequence(tags::DISPLAYED_AREA_SELECTION_SEQUENCE, vec![area(&outlined)]);
    let mut annotation = DataSet::new();
    annotation.sequence(tags::REFERENCED_IMAGE_SEQUENCE, images(&outlined.objects));
    annotation.text(tags::GRAPHIC_LAYER, VR::CS, LAYER);
    annotation.sequence(tags::TEXT_OBJECT_SEQUENCE, outlined.shapes.iter().map(name).collect());
    annotation.sequence(tags::GRAPHIC_OBJECT_SEQUENCE, outlined.shapes.iter().map(line).collect());
    set.sequence(tags::GRAPHIC_ANNOTATION_SEQUENCE, vec![annotation]);
    let mut layer = DataSet::new();
    layer.text(tags::GRAPHIC_LAYER, VR::CS, LAYER);
    layer.text(tags::GRAPHIC_LAYER_ORDER, VR::IS, "1");
    set.sequence(tags::GRAPHIC_LAYER_SEQUENCE, vec![layer]);
    // What is dark in an image that shows bone dark stays dark.
    let dark_is_high = |object: &&SourceObject| object.photometric.as_deref() == Some("MONOCHROME1");
    let inverse = outlined.objects.iter().any(dark_is_high);
    set.text(tags::PRESENTATION_LUT_SHAPE, VR::CS, if inverse { "INVERSE" } else { "IDENTITY" });
    let sop_instance = set.derived_uid("gsps")?;
    set.text(tags::SOP_INSTANCE_UID, VR::UI, &sop_instance);
    let bytes = set.into_file(class, &sop_instance)?;
    Some(WrittenObject { sop_instance, bytes })
}

fn series(objects: &[&SourceObject]) -> Vec<DataSet> {
    let mut uids: Vec<&str> = objects.iter().map(|object| object.series.as_str()).collect();
    uids.sort_unstable();
    uids.dedup();
    let of_series = |uid: &str| {
        let own: Vec<&SourceObject> = objects.iter().copied().filter(|object| object.series == uid).collect();
        let mut item = DataSet::new();
        item.text(tags::SERIES_INSTANCE_UID, VR::UI, uid);
        item.sequence(tags::REFERENCED_IMAGE_SEQUENCE, images(&own));
        item
    };
    uids.into_iter().map(of_series).collect()
}

fn images(objects: &[&SourceObject]) -> Vec<DataSet> {
    let reference = |object: &&SourceObject| {
        let mut item = DataSet::new();
        item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, &object.sop_class);
        item.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &object.sop_instance);
        item
    };
    objects.iter().map(reference).collect()
}

/// The whole image, in its proportions.
fn area(outlined: &Outlined<'_>) -> DataSet {
    let mut item = DataSet::new();
    let pair = |columns: u32, rows: u32| {
        let signed = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        PrimitiveValue::I32([signed(columns), signed(rows)].into_iter().collect())
    };
    item.put(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, VR::SL, pair(1, 1));
    item.put(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER, VR::SL, pair(outlined.columns, outlined.rows));
    item.text(tags::PRESENTATION_SIZE_MODE, VR::CS, "SCALE TO FIT");
    match outlined.scan.pixel_spacing_mm {
        Some([row, column]) => {
            let text = format!("{}\\{}", crate::data_set::decimal(row).0, crate::data_set::decimal(column).0);
            item.text(tags::PRESENTATION_PIXEL_SPACING, VR::DS, &text);
        }
        None => item.text(tags::PRESENTATION_PIXEL_ASPECT_RATIO, VR::IS, "1\\1"),
    }
    item
}

/// A presentation state counts as a result does: 0\0 is the corner of the first pixel (PS3.3 C.10.5).
#[expect(clippy::cast_possible_truncation, reason = "DICOM draws in single precision")]
fn place([column, row]: [f64; 2]) -> [f32; 2] {
    [column as f32, row as f32]
}

fn floats(points: impl Iterator<Item = [f32; 2]>) -> PrimitiveValue {
    PrimitiveValue::F32(points.flatten().collect())
}

fn line(shape: &Shape) -> DataSet {
    let mut item = DataSet::new();
    item.text(tags::GRAPHIC_ANNOTATION_UNITS, VR::CS, "PIXEL");
    item.put(tags::GRAPHIC_DIMENSIONS, VR::US, PrimitiveValue::from(2u16));
    // The first point again closes the line.
    let points = shape.corners.iter().chain(shape.corners.first()).copied().map(place);
    let count = u16::try_from(shape.corners.len() + 1).unwrap_or(u16::MAX);
    item.put(tags::NUMBER_OF_GRAPHIC_POINTS, VR::US, PrimitiveValue::from(count));
    item.put(tags::GRAPHIC_DATA, VR::FL, floats(points.take(usize::from(count))));
    item.text(tags::GRAPHIC_TYPE, VR::CS, "POLYLINE");
    item.text(tags::GRAPHIC_FILLED, VR::CS, "N");
    item
}

fn name(shape: &Shape) -> DataSet {
    let mut item = DataSet::new();
    item.text(tags::ANCHOR_POINT_ANNOTATION_UNITS, VR::CS, "PIXEL");
    item.text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, &shape.label);
    let count = shape.corners.len() as f64;
    let sum = |axis: usize| shape.corners.iter().map(|corner| corner[axis]).sum::<f64>();
    let middle = [sum(0) / count, sum(1) / count];
    item.put(tags::ANCHOR_POINT, VR::FL, floats(std::iter::once(place(middle))));
    item.text(tags::ANCHOR_POINT_VISIBILITY, VR::CS, "N");
    item
}
