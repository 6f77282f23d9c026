//! The SR document around the content: identity, standing, evidence.

use std::collections::BTreeMap;

use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};

use crate::codes::DXA_PROCEDURE;
use crate::data_set::DataSet;
use crate::issue::{Issue, Signature, SourceObject, Status, WrittenObject};
use crate::record::Study;
use crate::study_header::{self, Series};

use super::{frame, series_uid};

/// Behind the series that a scanner makes.
pub(super) const SERIES: Series =
    Series { kind: "sr series", modality: "SR", number: "900", description: "DXA measurement report" };

pub(super) fn write(study: &Study, issue: &Issue<'_>) -> Option<WrittenObject> {
    let mut set = DataSet::new();
    study_header::write(&mut set, study, issue, uids::COMPREHENSIVE_SR_STORAGE, &SERIES);
    study_header::declare_local_scheme(&mut set);
    study_header::content_time(&mut set, issue);
    set.text(tags::INSTANCE_NUMBER, VR::IS, &study.provenance.version.to_string());
    set.sequence(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, Vec::new());
    set.code(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, &DXA_PROCEDURE);
    standing(&mut set, issue);
    evidence(&mut set, study, issue);
    predecessors(&mut set, study, issue);
    frame::tree(study, issue).write(&mut set);
    let sop_instance = set.derived_uid("sr")?;
    set.text(tags::SOP_INSTANCE_UID, VR::UI, &sop_instance);
    let bytes = set.into_file(uids::COMPREHENSIVE_SR_STORAGE, &sop_instance)?;
    Some(WrittenObject { sop_instance, bytes })
}

fn standing(set: &mut DataSet, issue: &Issue<'_>) {
    let signed = issue.standing.signature.as_ref().filter(|_| issue.standing.status != Status::Preliminary);
    set.text(tags::COMPLETION_FLAG, VR::CS, "COMPLETE");
    set.text(tags::VERIFICATION_FLAG, VR::CS, if signed.is_some() { "VERIFIED" } else { "UNVERIFIED" });
    set.text(tags::PRELIMINARY_FLAG, VR::CS, if signed.is_some() { "FINAL" } else { "PRELIMINARY" });
    if let Some(Signature { name, organization, at }) = signed {
        let mut item = DataSet::new();
        item.text(tags::VERIFYING_OBSERVER_NAME, VR::PN, name);
        item.sequence(tags::VERIFYING_OBSERVER_IDENTIFICATION_CODE_SEQUENCE, Vec::new());
        let organization = organization.as_deref().filter(|text| !text.is_empty());
        item.text(tags::VERIFYING_ORGANIZATION, VR::LO, organization.unwrap_or("not stated"));
        item.text(tags::VERIFICATION_DATE_TIME, VR::DT, &study_header::date_time(at));
        set.sequence(tags::VERIFYING_OBSERVER_SEQUENCE, vec![item]);
    }
}

/// The objects that the report refers to, by series.
fn evidence(set: &mut DataSet, study: &Study, issue: &Issue<'_>) {
    let uids = study.scans.iter().flat_map(|scan| &scan.sop_instance_uids);
    let mut series: BTreeMap<&str, Vec<&SourceObject>> = BTreeMap::new();
    for object in uids.filter_map(|uid| issue.sources.object(uid)) {
        let objects = series.entry(&object.series).or_default();
        if !objects.contains(&object) {
            objects.push(object);
        }
    }
    if series.is_empty() {
        return;
    }
    let series = series.into_iter().map(|(uid, objects)| {
        let mut item = DataSet::new();
        item.sequence(
            tags::REFERENCED_SOP_SEQUENCE,
            objects.iter().map(|object| reference(&object.sop_class, &object.sop_instance)).collect(),
        );
        item.text(tags::SERIES_INSTANCE_UID, VR::UI, uid);
        item
    });
    let mut item = DataSet::new();
    item.sequence(tags::REFERENCED_SERIES_SEQUENCE, series.collect());
    item.text(tags::STUDY_INSTANCE_UID, VR::UI, study.study.instance_uid.as_deref().unwrap_or_default());
    set.sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, vec![item]);
}

fn reference(class: &str, instance: &str) -> DataSet {
    let mut item = DataSet::new();
    item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, class);
    item.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, instance);
    item
}

/// The reports that this one replaces.
fn predecessors(set: &mut DataSet, study: &Study, issue: &Issue<'_>) {
    if issue.standing.replaces.is_empty() {
        return;
    }
    let uid = study.study.instance_uid.as_deref().unwrap_or_default();
    let earlier = issue.standing.replaces.iter();
    let earlier = earlier.map(|earlier| reference(uids::COMPREHENSIVE_SR_STORAGE, &earlier.sop_instance));
    let mut series = DataSet::new();
    series.sequence(tags::REFERENCED_SOP_SEQUENCE, earlier.collect());
    series.text(tags::SERIES_INSTANCE_UID, VR::UI, &series_uid(uid));
    let mut item = DataSet::new();
    item.sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![series]);
    item.text(tags::STUDY_INSTANCE_UID, VR::UI, uid);
    set.sequence(tags::PREDECESSOR_DOCUMENTS_SEQUENCE, vec![item]);
}
