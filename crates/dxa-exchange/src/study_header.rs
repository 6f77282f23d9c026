//! The patient, study, series and equipment of an object of ours: whose and which as the source says, the rest ours.

use dicom_core::VR;
use dicom_dictionary_std::tags;

use crate::codes::{ACQUISITION_EQUIPMENT, LOCAL_SCHEME_UID, LOCAL_SCHEME_VERSION, Scheme};
use crate::data_set::{DataSet, decimal};
use crate::issue::Issue;
use crate::record::Study;
use crate::uid;

/// A series of ours in the study.
pub(crate) struct Series {
    /// What is in it, for its UID.
    pub(crate) kind: &'static str,
    pub(crate) modality: &'static str,
    pub(crate) number: &'static str,
    pub(crate) description: &'static str,
}

pub(crate) const MAKER: &str = dxa_core::decode::form::OURS;
pub(crate) const MODEL: &str = "dxa";

/// The SOP common, patient, study, series and equipment modules.
pub(crate) fn write(set: &mut DataSet, study: &Study, issue: &Issue<'_>, sop_class: &str, series: &Series) {
    set.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192");
    set.text(tags::SOP_CLASS_UID, VR::UI, sop_class);
    set.text_if(tags::TIMEZONE_OFFSET_FROM_UTC, VR::SH, issue.sources.timezone.as_deref());
    patient(set, study, issue);
    let uid = study.study.instance_uid.as_deref().unwrap_or_default();
    set.text(tags::STUDY_INSTANCE_UID, VR::UI, uid);
    set.text_or_empty(tags::STUDY_DATE, VR::DA, issue.sources.study_date.as_deref());
    set.text_or_empty(tags::STUDY_TIME, VR::TM, issue.sources.study_time.as_deref());
    set.text_or_empty(tags::ACCESSION_NUMBER, VR::SH, study.study.accession_number.as_deref());
    set.text_or_empty(tags::STUDY_ID, VR::SH, issue.sources.study_id.as_deref());
    set.text_or_empty(tags::REFERRING_PHYSICIAN_NAME, VR::PN, issue.sources.referring_physician.as_deref());
    set.text_if(tags::STUDY_DESCRIPTION, VR::LO, study.study.description.as_deref());
    set.text(tags::MODALITY, VR::CS, series.modality);
    set.text(tags::SERIES_INSTANCE_UID, VR::UI, &uid::derived(&[series.kind.as_bytes(), uid.as_bytes()]));
    set.text(tags::SERIES_NUMBER, VR::IS, series.number);
    set.text(tags::SERIES_DESCRIPTION, VR::LO, series.description);
    set.text(tags::MANUFACTURER, VR::LO, MAKER);
    set.text(tags::MANUFACTURER_MODEL_NAME, VR::LO, MODEL);
    set.text(tags::DEVICE_SERIAL_NUMBER, VR::LO, "1");
    set.text(tags::SOFTWARE_VERSIONS, VR::LO, &study.provenance.software);
    scanners(set, study, issue);
}

fn patient(set: &mut DataSet, study: &Study, issue: &Issue<'_>) {
    let patient = &study.patient;
    let plain = |date: &Option<String>| date.as_ref().map(|date| date.replace('-', ""));
    set.text_or_empty(tags::PATIENT_NAME, VR::PN, patient.name_raw.as_deref().or(patient.name.as_deref()));
    set.text_or_empty(tags::PATIENT_ID, VR::LO, patient.id.as_deref());
    set.text_if(tags::ISSUER_OF_PATIENT_ID, VR::LO, issue.sources.patient_id_issuer.as_deref());
    set.text_or_empty(tags::PATIENT_BIRTH_DATE, VR::DA, plain(&patient.birth_date).as_deref());
    set.text_or_empty(tags::PATIENT_SEX, VR::CS, patient.sex.as_deref());
    let age = patient.age_years.filter(|age| (0.0..1000.0).contains(age));
    set.text_if(tags::PATIENT_AGE, VR::AS, age.map(|age| format!("{:03}Y", age.floor())).as_deref());
    let decimal = |value: f64| decimal(value).0;
    let meters = patient.height_cm.map(|height| decimal(dxa_core::units::round_half_away(height / 100.0, 4)));
    set.text_if(tags::PATIENT_SIZE, VR::DS, meters.as_deref());
    set.text_if(tags::PATIENT_WEIGHT, VR::DS, patient.weight_kg.map(decimal).as_deref());
}

/// The devices that made the scans.
fn scanners(set: &mut DataSet, study: &Study, issue: &Issue<'_>) {
    let mut seen = Vec::new();
    for scan in &study.scans {
        let serial =
            scan.sop_instance_uids.iter().find_map(|uid| issue.sources.object(uid)?.device_serial.clone());
        let device = (scan.manufacturer.clone(), scan.model.clone(), serial, scan.software.clone());
        if device.0.is_some() && !seen.contains(&device) {
            seen.push(device);
        }
    }
    let items = seen.iter().map(|(maker, model, serial, software)| {
        let mut item = DataSet::new();
        item.code(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, &ACQUISITION_EQUIPMENT);
        item.text_or_empty(tags::MANUFACTURER, VR::LO, maker.as_deref());
        item.text_if(tags::MANUFACTURER_MODEL_NAME, VR::LO, model.as_deref());
        item.text_if(tags::DEVICE_SERIAL_NUMBER, VR::LO, serial.as_deref());
        item.text_if(tags::SOFTWARE_VERSIONS, VR::LO, software.as_deref());
        item.text(tags::CONTRIBUTION_DESCRIPTION, VR::ST, "Made a scan of this study");
        item
    });
    let items: Vec<DataSet> = items.collect();
    if !items.is_empty() {
        set.sequence(tags::CONTRIBUTING_EQUIPMENT_SEQUENCE, items);
    }
}

/// Who keeps the codes that are no standard's.
pub(crate) fn declare_local_scheme(set: &mut DataSet) {
    let mut item = DataSet::new();
    item.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, Scheme::Local.designator());
    item.text(tags::CODING_SCHEME_UID, VR::UI, LOCAL_SCHEME_UID);
    item.text(tags::CODING_SCHEME_NAME, VR::ST, "Codes of bone densitometry that no standard has");
    item.text(tags::CODING_SCHEME_VERSION, VR::SH, LOCAL_SCHEME_VERSION);
    item.text(tags::CODING_SCHEME_RESPONSIBLE_ORGANIZATION, VR::ST, MAKER);
    set.sequence(tags::CODING_SCHEME_IDENTIFICATION_SEQUENCE, vec![item]);
}

/// Date and time of the content: of the signature, else of the study, so that a re-run says the same.
///
/// A draft of a study without a date says the first day of 1900, on which nobody was scanned.
pub(crate) fn content_time(set: &mut DataSet, issue: &Issue<'_>) {
    let (date, time) = when(issue);
    set.text(tags::CONTENT_DATE, VR::DA, &date);
    set.text(tags::CONTENT_TIME, VR::TM, &time);
}

/// The same as date and time of the making of a presentation.
pub(crate) fn creation_time(set: &mut DataSet, issue: &Issue<'_>) {
    let (date, time) = when(issue);
    set.text(tags::PRESENTATION_CREATION_DATE, VR::DA, &date);
    set.text(tags::PRESENTATION_CREATION_TIME, VR::TM, &time);
}

fn when(issue: &Issue<'_>) -> (String, String) {
    let signed = issue.standing.signature.as_ref().map(|signature| date_time(&signature.at));
    let sources = issue.sources;
    match signed {
        Some(at) if at.len() >= 14 => (at[..8].to_owned(), at[8..14].to_owned()),
        _ => (
            sources.study_date.clone().unwrap_or_else(|| "19000101".to_owned()),
            sources
                .study_time
                .clone()
                .filter(|_| sources.study_date.is_some())
                .unwrap_or_else(|| "000000".to_owned()),
        ),
    }
}

/// `2024-05-17T10:11:12+08:00` as DICOM writes it, `20240517101112+0800`.
pub(crate) fn date_time(iso: &str) -> String {
    let (date, rest) = iso.split_once(['T', ' ']).unwrap_or((iso, ""));
    let offset = rest.find(['+', '-', 'Z']).unwrap_or(rest.len());
    let (time, offset) = rest.split_at(offset);
    let time = time.split('.').next().unwrap_or_default();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let offset = match offset {
        "" => String::new(),
        "Z" => "+0000".to_owned(),
        _ => format!("{}{}", &offset[..1], digits(offset)),
    };
    format!("{}{}{offset}", digits(date), digits(time))
}

#[cfg(test)]
mod tests {
    use super::date_time;

    #[test]
    fn times_are_written_as_dicom_has_them() {
        assert_eq!(date_time("2024-05-17T10:11:12+08:00"), "20240517101112+0800");
        assert_eq!(date_time("2024-05-17T10:11:12.345Z"), "20240517101112+0000");
        assert_eq!(date_time("2024-05-17T10:11:12"), "20240517101112");
    }
}
