//! Queries for studies and their retrieval: C-FIND and C-MOVE at the level of studies (PS3.4 annex C).

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::{TransferSyntaxIndex as _, TransferSyntaxRegistry};
use dxa_core::decode::text::CharacterSet;
use dxa_core::guard::{self, Input, Leniency, Limits};

use super::{Association, Proposal};
use crate::ingest::{command, file_head};
use crate::store::is_uid;

/// A study that an archive found.
#[derive(Clone, Debug, Default)]
pub(crate) struct FoundStudy {
    pub(crate) study: String,
    pub(crate) id: String,
    pub(crate) issuer: Option<String>,
    pub(crate) birth_date: Option<String>,
    pub(crate) sex: Option<String>,
    pub(crate) date: String,
    pub(crate) modalities: Vec<String>,
}

const FIND: &str = uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_FIND;
const MOVE: &str = uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_MOVE;

/// What an association for both proposes.
pub(crate) const QUERY_AND_MOVE: [Proposal; 2] = [proposal(FIND), proposal(MOVE)];

const fn proposal(class: &'static str) -> Proposal {
    let syntaxes = &[uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::IMPLICIT_VR_LITTLE_ENDIAN];
    Proposal { class, syntaxes, as_provider: false }
}

/// Studies that are taken of an answer.
const MOST: usize = 500;

/// The archive's studies of somebody with this identifier; whether it is the same person is for the caller to say.
pub(crate) async fn find_studies(
    association: &mut Association,
    patient_id: &str,
    dates: &str,
) -> Result<Vec<FoundStudy>, String> {
    let keys = [
        (tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
        (tags::STUDY_DATE, VR::DA, dates),
        (tags::QUERY_RETRIEVE_LEVEL, VR::CS, "STUDY"),
        (tags::MODALITIES_IN_STUDY, VR::CS, ""),
        (tags::PATIENT_ID, VR::LO, patient_id),
        (tags::ISSUER_OF_PATIENT_ID, VR::LO, ""),
        (tags::PATIENT_BIRTH_DATE, VR::DA, ""),
        (tags::PATIENT_SEX, VR::CS, ""),
        (tags::STUDY_INSTANCE_UID, VR::UI, ""),
    ];
    let (context, syntax) = context(association, FIND)?;
    let message = association.next_message();
    let request = command::query_request(command::C_FIND_RQ, context, message, FIND, None);
    association.send(context, request, &data_set(&keys, &syntax)).await.map_err(broken)?;
    let mut found = Vec::new();
    loop {
        let answer = association.receive().await.map_err(broken)?;
        match answer.command.status {
            Some(PENDING | PENDING_WITH_WARNING) => {
                let study = answer.data.and_then(|data| found_study(&data, &syntax));
                found.extend(study.filter(|_| found.len() < MOST));
            }
            Some(0) => return Ok(found),
            status => return Err(format!("C-FIND ended with status {:04X}", status.unwrap_or(0xFFFF))),
        }
    }
}

/// Has the archive send one study to us.
pub(crate) async fn move_study(
    association: &mut Association,
    ae_title: &str,
    study: &str,
) -> Result<(), String> {
    let keys = [(tags::QUERY_RETRIEVE_LEVEL, VR::CS, "STUDY"), (tags::STUDY_INSTANCE_UID, VR::UI, study)];
    let (context, syntax) = context(association, MOVE)?;
    let message = association.next_message();
    let request = command::query_request(command::C_MOVE_RQ, context, message, MOVE, Some(ae_title));
    association.send(context, request, &data_set(&keys, &syntax)).await.map_err(broken)?;
    loop {
        let answer = association.receive().await.map_err(broken)?;
        match answer.command.status {
            Some(PENDING) => {}
            // What could be sent is here; what could not is known to the archive.
            Some(0 | SOME_FAILED) => return Ok(()),
            status => return Err(format!("C-MOVE ended with status {:04X}", status.unwrap_or(0xFFFF))),
        }
    }
}

const PENDING: u16 = 0xFF00;
const PENDING_WITH_WARNING: u16 = 0xFF01;
const SOME_FAILED: u16 = 0xB000;

fn broken(error: impl std::fmt::Display) -> String {
    format!("the archive did not answer: {error}")
}

fn context(association: &Association, class: &str) -> Result<(u8, String), String> {
    let context = association.context(class).map(|(context, syntax)| (context, syntax.to_owned()));
    context.ok_or_else(|| "the archive does not answer queries for studies".to_owned())
}

fn data_set(keys: &[(Tag, VR, &str)], syntax: &str) -> Vec<u8> {
    let elements =
        keys.iter().map(|(tag, vr, value)| DataElement::new(*tag, *vr, PrimitiveValue::from(*value)));
    let set = InMemDicomObject::from_element_iter(elements);
    let mut bytes = Vec::new();
    if let Some(syntax) = TransferSyntaxRegistry.get(syntax) {
        // Writing to a Vec cannot fail, and every value is a text.
        let _ = set.write_dataset_with_ts(&mut bytes, syntax);
    }
    bytes
}

fn found_study(data: &[u8], syntax: &str) -> Option<FoundStudy> {
    let mut file = file_head(FIND, "2.25.1", syntax, "");
    file.extend_from_slice(data);
    let object = guard::open(Input::whole(&file), Leniency::Strict, &Limits::DEFAULT).ok()?;
    let root = object.root();
    let set = CharacterSet::of(root);
    let text = |tag| {
        let value = set.decode(root.get(tag)?.text_bytes()).value.trim().to_owned();
        Some(value).filter(|value| !value.is_empty())
    };
    let modalities = text(tags::MODALITIES_IN_STUDY).unwrap_or_default();
    Some(FoundStudy {
        study: text(tags::STUDY_INSTANCE_UID).filter(|uid| is_uid(uid))?,
        id: text(tags::PATIENT_ID)?,
        issuer: text(tags::ISSUER_OF_PATIENT_ID),
        birth_date: text(tags::PATIENT_BIRTH_DATE),
        sex: text(tags::PATIENT_SEX),
        date: text(tags::STUDY_DATE).unwrap_or_default(),
        modalities: modalities.split('\\').map(|modality| modality.trim().to_owned()).collect(),
    })
}
