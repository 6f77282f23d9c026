//! The study as it was received, the devices that made it, and the software that computed on it.

use std::collections::BTreeMap;

use crate::issue::{Issue, OrderNumber, OrderNumbers, SourceObject};
use crate::record::{Scan, Study};
use crate::study_header::{MAKER, MODEL};

use super::coding::hl7;
use super::types::{
    Coding, Device, DeviceName, DeviceVersion, Identifier, ImagingStudy, Instance, Performer, Reference,
    Series,
};

/// The software.
pub(super) fn software(study: &Study) -> Device {
    Device {
        id: software_id(study),
        status: Some("active".to_owned()),
        manufacturer: Some(MAKER.to_owned()),
        serial_number: None,
        device_name: vec![DeviceName { name: MODEL.to_owned(), kind: "model-name".to_owned() }],
        version: vec![DeviceVersion { value: study.provenance.software.clone() }],
    }
}

pub(super) fn software_id(study: &Study) -> String {
    super::id(&["software", &study.provenance.software])
}

/// The device of a scan; `None` when nothing is known of it.
pub(super) fn scanner(scan: &Scan, issue: &Issue<'_>) -> Option<Device> {
    let maker = scan.manufacturer.as_deref()?;
    let model = scan.model.as_deref().unwrap_or_default();
    let version = scan.software.as_deref().unwrap_or_default();
    let mut objects = scan.sop_instance_uids.iter().filter_map(|uid| issue.sources.object(uid));
    let serial = objects.find_map(|object| object.device_serial.clone());
    let named = DeviceName { name: model.to_owned(), kind: "model-name".to_owned() };
    Some(Device {
        id: super::id(&["scanner", maker, model, version, serial.as_deref().unwrap_or_default()]),
        status: None,
        manufacturer: Some(maker.to_owned()),
        serial_number: serial,
        device_name: if model.is_empty() { Vec::new() } else { vec![named] },
        version: if version.is_empty() {
            Vec::new()
        } else {
            vec![DeviceVersion { value: version.to_owned() }]
        },
    })
}

/// The received study.
pub(super) fn imaging_study(study: &Study, issue: &Issue<'_>, patient: &Reference) -> ImagingStudy {
    let uid = study.study.instance_uid.as_deref().unwrap_or_default();
    let mut identifier = vec![Identifier {
        system: Some("urn:dicom:uid".to_owned()),
        value: Some(format!("urn:oid:{uid}")),
        ..Identifier::default()
    }];
    identifier.extend(study.study.accession_number.clone().map(|value| Identifier {
        kind: Some(hl7("v2-0203", "ACSN", "Accession ID")),
        value: Some(value),
        ..Identifier::default()
    }));
    let mut by_series: BTreeMap<&str, Vec<&SourceObject>> = BTreeMap::new();
    for object in &issue.sources.objects {
        by_series.entry(&object.series).or_default().push(object);
    }
    let mut modalities: Vec<&str> =
        issue.sources.objects.iter().filter_map(|object| object.modality.as_deref()).collect();
    modalities.sort_unstable();
    modalities.dedup();
    let count = |number: usize| u32::try_from(number).ok().filter(|number| *number > 0);
    ImagingStudy {
        id: super::id(&["imaging study", uid]),
        identifier,
        status: "available".to_owned(),
        modality: modalities.into_iter().map(modality).collect(),
        subject: patient.clone(),
        started: when(study, issue),
        based_on: orders(issue),
        referrer: issue.sources.referring_physician.as_ref().map(|name| Reference {
            display: Some(name.split('=').next().unwrap_or_default().replace('^', " ")),
            ..Reference::default()
        }),
        number_of_series: count(by_series.len()),
        number_of_instances: count(issue.sources.objects.len()),
        description: study.study.description.clone(),
        series: by_series.into_iter().map(|(uid, objects)| series(uid, &objects, study, issue)).collect(),
    }
}

/// The orders that the study was made for: resources of whoever ordered, known by their numbers only.
pub(super) fn orders(issue: &Issue<'_>) -> Vec<Reference> {
    let order = |order: &OrderNumbers| {
        let placer = number(&order.placer, "PLAC", "Placer Identifier");
        let identifier = placer.or_else(|| number(&order.filler, "FILL", "Filler Identifier"))?;
        let kind = Some("ServiceRequest".to_owned());
        Some(Reference { kind, identifier: Some(Box::new(identifier)), ..Reference::default() })
    };
    issue.sources.orders.iter().filter_map(order).collect()
}

fn number(of: &OrderNumber, kind: &str, display: &str) -> Option<Identifier> {
    let value = Some(of.value.clone()).filter(|value| !value.is_empty())?;
    let mut authority = of.authority.split('^');
    let mut part = || authority.next().filter(|part| !part.is_empty());
    let (namespace, universal, form) = (part(), part(), part());
    let system = universal.and_then(|id| match form? {
        "ISO" => Some(format!("urn:oid:{id}")),
        "UUID" | "GUID" => Some(format!("urn:uuid:{}", id.to_lowercase())),
        "URI" => Some(id.to_owned()),
        _ => None,
    });
    Some(Identifier {
        kind: Some(hl7("v2-0203", kind, display)),
        system,
        value: Some(value),
        assigner: namespace
            .map(|display| Reference { display: Some(display.to_owned()), ..Reference::default() }),
        ..Identifier::default()
    })
}

fn series(uid: &str, objects: &[&SourceObject], study: &Study, issue: &Issue<'_>) -> Series {
    let instance = |object: &&SourceObject| Instance {
        uid: object.sop_instance.clone(),
        sop_class: Coding {
            system: Some("urn:ietf:rfc:3986".to_owned()),
            code: Some(format!("urn:oid:{}", object.sop_class)),
            ..Coding::default()
        },
    };
    let has =
        |scan: &&Scan| objects.iter().any(|object| scan.sop_instance_uids.contains(&object.sop_instance));
    let device = study.scans.iter().find(has).and_then(|scan| scanner(scan, issue));
    let performer = device.map(|device| Performer { actor: super::bundle::refer("Device", &device.id) });
    let kind = objects.iter().find_map(|object| object.modality.as_deref()).unwrap_or("OT");
    Series {
        uid: uid.to_owned(),
        modality: modality(kind),
        number_of_instances: u32::try_from(objects.len()).ok(),
        performer: performer.into_iter().collect(),
        instance: objects.iter().map(instance).collect(),
    }
}

fn modality(code: &str) -> Coding {
    Coding {
        system: Some(crate::codes::Scheme::Dicom.uri().into_owned()),
        code: Some(code.to_owned()),
        ..Coding::default()
    }
}

/// When the study was made: to the second where its time and time zone are known, else the day.
pub(super) fn when(study: &Study, issue: &Issue<'_>) -> Option<String> {
    let day = study.study.date.clone()?;
    let sources = issue.sources;
    let time = sources.study_time.as_deref().filter(|time| time.len() >= 6 && time.is_char_boundary(6));
    let zone = sources.timezone.as_deref().filter(|zone| zone.len() == 5 && zone.is_ascii());
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match (time, zone) {
        (Some(time), Some(zone)) if digits(&time[..6]) && digits(&zone[1..]) => {
            Some(format!("{day}T{}:{}:{}{}:{}", &time[..2], &time[2..4], &time[4..6], &zone[..3], &zone[3..]))
        }
        _ => Some(day),
    }
}
