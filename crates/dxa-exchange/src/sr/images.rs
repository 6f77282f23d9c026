//! References to the objects that a number was taken from.

use crate::codes::{Code, SOURCE_OF_MEASUREMENT};
use crate::issue::Issue;
use crate::record::Study;

use super::content::{Item, Relation};

/// Storage classes of images that densitometry uses share these roots.
const IMAGES: [&str; 6] = [
    "1.2.840.10008.5.1.4.1.1.1",
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.12.1",
    "1.2.840.10008.5.1.4.1.1.12.2",
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.6.1",
];

/// Whether a SOP class is one of images.
pub(super) fn is_image(class: &str) -> bool {
    IMAGES
        .iter()
        .any(|root| class.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// The objects of a scan as sources of its measurements.
pub(super) fn sources(scan: usize, study: &Study, issue: &Issue<'_>) -> Vec<Item> {
    let uids = study.scans.get(scan).map(|scan| scan.sop_instance_uids.as_slice()).unwrap_or_default();
    let objects = uids.iter().filter_map(|uid| issue.sources.object(uid));
    let item = |object: &crate::issue::SourceObject| {
        let is_image = is_image(&object.sop_class);
        let concept: Code = SOURCE_OF_MEASUREMENT;
        Item::object(Relation::Contains, Some(concept), &object.sop_class, &object.sop_instance, is_image)
    };
    objects.map(item).collect()
}

/// The first image of a scan, which coordinates refer to.
pub(super) fn pictured(scan: usize, study: &Study, issue: &Issue<'_>) -> Option<Item> {
    let uids = &study.scans.get(scan)?.sop_instance_uids;
    let object =
        uids.iter().filter_map(|uid| issue.sources.object(uid)).find(|object| is_image(&object.sop_class))?;
    Some(Item::object(Relation::SelectedFrom, None, &object.sop_class, &object.sop_instance, true))
}
