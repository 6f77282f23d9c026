//! The outlines of a scan as a Segmentation (PS3.3 A.51): one binary frame for each region or vertebra, on the raster of
//! the image.

use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};

use crate::codes::{self, Code, Scheme};
use crate::data_set::DataSet;
use crate::issue::{Issue, SourceObject, WrittenObject};
use crate::record::Study;
use crate::shapes::{Outlined, Shape};
use crate::study_header::{self, Series};
use crate::uid;

const SERIES: Series =
    Series { kind: "seg series", modality: "SEG", number: "904", description: "DXA regions as masks" };

const ANATOMY: Code = Code::new(Scheme::Snomed, "91723000", "Anatomical Structure");
const SEGMENTATION: Code = Code::new(Scheme::Dicom, "113076", "Segmentation");
const SOURCE_IMAGE: Code = Code::new(Scheme::Dicom, "121322", "Source image for image processing operation");

/// Writes the masks of one scan; `None` for a scan without outlines.
///
/// A pixel belongs to a region when its middle lies inside the outline. The same result and sources give the same
/// bytes.
#[must_use]
pub fn encode(study: &Study, scan: usize, issue: &Issue<'_>) -> Option<WrittenObject> {
    let outlined = Outlined::of(study, scan, issue)?;
    let class = uids::SEGMENTATION_STORAGE;
    let mut set = DataSet::new();
    study_header::write(&mut set, study, issue, class, &SERIES);
    set.text(tags::INSTANCE_NUMBER, VR::IS, &(scan + 1).to_string());
    set.text_or_empty(tags::PATIENT_ORIENTATION, VR::CS, None);
    set.text(tags::CONTENT_LABEL, VR::CS, "DXA REGIONS");
    set.text(tags::CONTENT_DESCRIPTION, VR::LO, "Regions and vertebrae as they were measured");
    set.text(tags::CONTENT_CREATOR_NAME, VR::PN, study_header::MAKER);
    study_header::content_time(&mut set, issue);
    pixels(&mut set, &outlined);
    let segments = (1u16..).zip(&outlined.shapes).map(|(number, shape)| segment(number, shape, study));
    set.sequence(tags::SEGMENT_SEQUENCE, segments.collect());
    let dimension = uid::derived(&[b"seg dimension", study.study.instance_uid.as_deref()?.as_bytes()]);
    dimensions(&mut set, &dimension);
    set.sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared(&outlined)]);
    let frames = (1u16..).zip(&outlined.shapes).map(|(number, _)| frame(number));
    set.sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames.collect());
    set.sequence(tags::REFERENCED_SERIES_SEQUENCE, series(&outlined.objects));
    let sop_instance = set.derived_uid("seg")?;
    set.text(tags::SOP_INSTANCE_UID, VR::UI, &sop_instance);
    let bytes = set.into_file(class, &sop_instance)?;
    Some(WrittenObject { sop_instance, bytes })
}

fn short(set: &mut DataSet, tag: dicom_core::Tag, value: u16) {
    set.put(tag, VR::US, PrimitiveValue::from(value));
}

fn pixels(set: &mut DataSet, outlined: &Outlined<'_>) {
    let (rows, columns) = (outlined.rows, outlined.columns);
    set.text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\PRIMARY");
    short(set, tags::SAMPLES_PER_PIXEL, 1);
    set.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2");
    set.text(tags::NUMBER_OF_FRAMES, VR::IS, &outlined.shapes.len().to_string());
    short(set, tags::ROWS, u16::try_from(rows).unwrap_or(0));
    short(set, tags::COLUMNS, u16::try_from(columns).unwrap_or(0));
    short(set, tags::BITS_ALLOCATED, 1);
    short(set, tags::BITS_STORED, 1);
    short(set, tags::HIGH_BIT, 0);
    short(set, tags::PIXEL_REPRESENTATION, 0);
    set.text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00");
    set.text(tags::SEGMENTATION_TYPE, VR::CS, "BINARY");
    set.text(tags::BURNED_IN_ANNOTATION, VR::CS, "NO");
    let mut bits = Bits::default();
    for shape in &outlined.shapes {
        for row in 0..rows {
            let edges = crossings(&shape.corners, f64::from(row) + 0.5);
            let inside = |column: u32| {
                let middle = f64::from(column) + 0.5;
                edges.iter().filter(|edge| **edge <= middle).count() % 2 == 1
            };
            (0..columns).for_each(|column| bits.push(!edges.is_empty() && inside(column)));
        }
    }
    set.put(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(bits.padded().into()));
}

/// Columns at which a line through the middle of a row crosses an outline.
fn crossings(corners: &[[f64; 2]], row: f64) -> Vec<f64> {
    let next = corners.iter().cycle().skip(1);
    let crossing = |([x, y], [to_x, to_y]): (&[f64; 2], &[f64; 2])| {
        let crosses = (*y <= row) != (*to_y <= row);
        crosses.then(|| x + (row - y) / (to_y - y) * (to_x - x))
    };
    corners.iter().zip(next).filter_map(crossing).collect()
}

/// Bits of frames that follow each other without a gap, the first in the lowest bit.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        if self.count.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << (self.count % 8);
        }
        self.count += 1;
    }

    fn padded(mut self) -> Vec<u8> {
        if self.bytes.len() % 2 == 1 {
            self.bytes.push(0);
        }
        self.bytes
    }
}

fn segment(number: u16, shape: &Shape, study: &Study) -> DataSet {
    let mut item = DataSet::new();
    short(&mut item, tags::SEGMENT_NUMBER, number);
    item.text(tags::SEGMENT_LABEL, VR::LO, &shape.label);
    item.text(tags::SEGMENT_ALGORITHM_TYPE, VR::CS, if shape.by_user { "MANUAL" } else { "AUTOMATIC" });
    if !shape.by_user {
        item.text(tags::SEGMENT_ALGORITHM_NAME, VR::LO, &study.provenance.software);
    }
    item.code(tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE, &ANATOMY);
    let mut kind = DataSet::of_code(&shape.anatomy);
    if let Some(side) = shape.side.as_deref().and_then(codes::laterality) {
        kind.code(tags::SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE, &side);
    }
    item.sequence(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, vec![kind]);
    item
}

/// Frames are told apart by their segment.
fn dimensions(set: &mut DataSet, uid: &str) {
    let mut organization = DataSet::new();
    organization.text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, uid);
    set.sequence(tags::DIMENSION_ORGANIZATION_SEQUENCE, vec![organization]);
    let mut index = DataSet::new();
    index.text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, uid);
    index.put(tags::DIMENSION_INDEX_POINTER, VR::AT, PrimitiveValue::from(tags::REFERENCED_SEGMENT_NUMBER));
    let group = PrimitiveValue::from(tags::SEGMENT_IDENTIFICATION_SEQUENCE);
    index.put(tags::FUNCTIONAL_GROUP_POINTER, VR::AT, group);
    index.text(tags::DIMENSION_DESCRIPTION_LABEL, VR::LO, "Segment");
    set.sequence(tags::DIMENSION_INDEX_SEQUENCE, vec![index]);
}

/// What is said of all frames: the images that were outlined, pixel by pixel.
///
/// The size of a pixel is theirs; a group for it would need a thickness, which a projection does not have.
fn shared(outlined: &Outlined<'_>) -> DataSet {
    let mut groups = DataSet::new();
    let source = |object: &&SourceObject| {
        let mut item = reference(object);
        item.code(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, &SOURCE_IMAGE);
        item.text(tags::SPATIAL_LOCATIONS_PRESERVED, VR::CS, "YES");
        item
    };
    let mut derivation = DataSet::new();
    derivation.sequence(tags::SOURCE_IMAGE_SEQUENCE, outlined.objects.iter().map(source).collect());
    derivation.code(tags::DERIVATION_CODE_SEQUENCE, &SEGMENTATION);
    groups.sequence(tags::DERIVATION_IMAGE_SEQUENCE, vec![derivation]);
    groups
}

fn frame(number: u16) -> DataSet {
    let mut groups = DataSet::new();
    let mut content = DataSet::new();
    content.put(tags::DIMENSION_INDEX_VALUES, VR::UL, PrimitiveValue::from(u32::from(number)));
    groups.sequence(tags::FRAME_CONTENT_SEQUENCE, vec![content]);
    let mut segment = DataSet::new();
    short(&mut segment, tags::REFERENCED_SEGMENT_NUMBER, number);
    groups.sequence(tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![segment]);
    groups
}

fn reference(object: &SourceObject) -> DataSet {
    let mut item = DataSet::new();
    item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, &object.sop_class);
    item.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &object.sop_instance);
    item
}

fn series(objects: &[&SourceObject]) -> Vec<DataSet> {
    let mut uids: Vec<&str> = objects.iter().map(|object| object.series.as_str()).collect();
    uids.sort_unstable();
    uids.dedup();
    let of_series = |uid: &str| {
        let own = objects.iter().filter(|object| object.series == uid).map(|object| reference(object));
        let mut item = DataSet::new();
        item.text(tags::SERIES_INSTANCE_UID, VR::UI, uid);
        item.sequence(tags::REFERENCED_INSTANCE_SEQUENCE, own.collect());
        item
    };
    uids.into_iter().map(of_series).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_inside_when_its_middle_is() {
        let square = [[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0]];
        let row = |row: f64| {
            let edges = crossings(&square, row);
            (0..4)
                .map(|x| edges.iter().filter(|edge| **edge <= f64::from(x) + 0.5).count() % 2)
                .collect::<Vec<_>>()
        };
        assert_eq!(row(0.5), [0, 0, 0, 0]);
        assert_eq!(row(1.5), [0, 1, 1, 0]);
        assert_eq!(row(2.5), [0, 1, 1, 0]);
        assert_eq!(row(3.5), [0, 0, 0, 0]);
        let mut bits = Bits::default();
        [true, false, false, true, false, false, false, false, true]
            .into_iter()
            .for_each(|bit| bits.push(bit));
        assert_eq!(bits.padded(), [0b1001, 1]);
    }
}
