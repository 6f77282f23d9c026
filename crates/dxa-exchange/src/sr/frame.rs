//! The frame of the report: language, observer, procedure, the list of images.

use std::collections::BTreeMap;

use crate::codes::{
    CONCLUSION, Code, DEVICE, DEVICE_MANUFACTURER, DEVICE_MODEL, DEVICE_NAME, DEVICE_UID, DXA_PROCEDURE,
    IMAGE_LIBRARY, IMAGE_LIBRARY_GROUP, LANGUAGE, MEASUREMENTS, OBSERVER_TYPE, PROCEDURE_REPORTED,
    QUALITATIVE, REPORT, Scheme,
};
use crate::issue::Issue;
use crate::record::Study;
use crate::statement::{self, Subject};
use crate::study_header::{MAKER, MODEL};
use crate::text::{self, Language};
use crate::uid;

use super::content::{Item, Relation};
use super::{group, images, qualitative};

/// The whole tree.
pub(super) fn tree(study: &Study, issue: &Issue<'_>) -> Item {
    let mut children = vec![language(issue.language)];
    children.extend(observer(study));
    children.push(Item::code(Relation::Modifier, PROCEDURE_REPORTED, DXA_PROCEDURE));
    children.extend(library(study, issue));
    let (judged, measured): (Vec<_>, Vec<_>) = statement::of(study).into_iter().partition(|group| {
        matches!(
            group.about.subject,
            Subject::Assessment | Subject::Rule(_) | Subject::Finding(_) | Subject::Refusal(_)
        )
    });
    let groups: Vec<Item> = measured.iter().map(|group| group::item(group, study, issue)).collect();
    if !groups.is_empty() {
        children.push(Item::container(MEASUREMENTS, None, groups));
    }
    let mut answers: Vec<Item> = judged.iter().flat_map(qualitative::items).collect();
    answers.push(Item::text(Relation::Contains, CONCLUSION, text::conclusion(study, issue.language)));
    children.push(Item::container(QUALITATIVE, None, answers));
    Item::root(REPORT, "1500", children)
}

fn language(language: Language) -> Item {
    let code = match language {
        Language::English => Code::new(Scheme::Language, "en-US", "English (United States)"),
        Language::Chinese => Code::new(Scheme::Language, "zh-CN", "Chinese (China)"),
    };
    Item::code(Relation::Modifier, LANGUAGE, code)
}

fn observer(study: &Study) -> [Item; 5] {
    let software = &study.provenance.software;
    let device = uid::derived(&[b"device", software.as_bytes()]);
    [
        Item::code(Relation::Context, OBSERVER_TYPE, DEVICE),
        Item::uid(Relation::Context, DEVICE_UID, device),
        Item::text(Relation::Context, DEVICE_NAME, software.clone()),
        Item::text(Relation::Context, DEVICE_MANUFACTURER, MAKER),
        Item::text(Relation::Context, DEVICE_MODEL, MODEL),
    ]
}

/// The images of the study, one group a modality.
fn library(study: &Study, issue: &Issue<'_>) -> Option<Item> {
    let mut groups: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
    for uid in study.scans.iter().flat_map(|scan| &scan.sop_instance_uids) {
        let Some(object) = issue.sources.object(uid).filter(|object| images::is_image(&object.sop_class))
        else {
            continue;
        };
        let modality = object.modality.as_deref().unwrap_or_default();
        let item = Item::object(Relation::Contains, None, &object.sop_class, uid, true);
        groups.entry(modality).or_default().push(item);
    }
    let groups: Vec<Item> =
        groups.into_values().map(|items| Item::container(IMAGE_LIBRARY_GROUP, None, items)).collect();
    (!groups.is_empty()).then(|| Item::container(IMAGE_LIBRARY, None, groups))
}
