//! Lists of objects in requests for and reports of storage commitment (PS3.4 annex J), read and written.

use dicom_core::{DataElement, PrimitiveValue, Tag, VR, value::DataSetSequence};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::{TransferSyntaxIndex as _, TransferSyntaxRegistry};
use dxa_core::guard::{self, Input, Leniency, Limits};

use super::commitment::INSTANCE;
use super::contexts::STORAGE_COMMITMENT;
use super::object;
use crate::store::is_uid;

/// Objects of one transaction: those that are there, or are asked for, and those that are missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct References {
    pub(crate) transaction: String,
    /// SOP Class UID and SOP Instance UID of each.
    pub(crate) there: Vec<(String, String)>,
    /// The same and why.
    pub(crate) missing: Vec<(String, String, u16)>,
}

impl References {
    /// Reads a data set; `None` when it is none of commitment.
    pub(crate) fn read(bytes: &[u8], syntax: &str) -> Option<Self> {
        let mut file = object::head(STORAGE_COMMITMENT, INSTANCE, syntax, "");
        file.extend_from_slice(bytes);
        let object = guard::open(Input::whole(&file), Leniency::Strict, &Limits::DEFAULT).ok()?;
        let root = object.root();
        let items = |sequence: Tag| root.get(sequence).into_iter().flat_map(|element| element.items());
        let pair = |item| {
            Some((uid(item, tags::REFERENCED_SOP_CLASS_UID)?, uid(item, tags::REFERENCED_SOP_INSTANCE_UID)?))
        };
        let there: Option<Vec<_>> = items(tags::REFERENCED_SOP_SEQUENCE).map(pair).collect();
        let missing = items(tags::FAILED_SOP_SEQUENCE).map(|item| {
            let reason = item.get(tags::FAILURE_REASON).and_then(|element| element.u16()).unwrap_or(0);
            pair(item).map(|(class, instance)| (class, instance, reason))
        });
        let missing: Option<Vec<_>> = missing.collect();
        let read = Self { transaction: uid(root, tags::TRANSACTION_UID)?, there: there?, missing: missing? };
        (!read.there.is_empty() || !read.missing.is_empty()).then_some(read)
    }

    /// The data set in a transfer syntax without compression.
    pub(crate) fn data_set(&self, syntax: &str) -> Vec<u8> {
        let mut set =
            InMemDicomObject::from_element_iter([element(tags::TRANSACTION_UID, &self.transaction)]);
        let there = self
            .there
            .iter()
            .map(|(class, instance)| InMemDicomObject::from_element_iter(reference(class, instance)));
        put(&mut set, tags::REFERENCED_SOP_SEQUENCE, there.collect());
        let missing = self.missing.iter().map(|(class, instance, reason)| {
            let reason = DataElement::new(tags::FAILURE_REASON, VR::US, PrimitiveValue::from(*reason));
            InMemDicomObject::from_element_iter(reference(class, instance).into_iter().chain([reason]))
        });
        put(&mut set, tags::FAILED_SOP_SEQUENCE, missing.collect());
        let mut bytes = Vec::new();
        let syntax = TransferSyntaxRegistry.get(syntax).filter(|syntax| !syntax.is_encapsulated_pixel_data());
        if let Some(syntax) = syntax {
            // Writing to a Vec cannot fail, and every value is a UID or a number.
            let _ = set.write_dataset_with_ts(&mut bytes, syntax);
        }
        bytes
    }
}

fn uid(set: guard::Elements<'_>, tag: Tag) -> Option<String> {
    let text = String::from_utf8_lossy(set.get(tag)?.text_bytes()).into_owned();
    Some(text).filter(|text| is_uid(text))
}

fn element(tag: Tag, uid: &str) -> DataElement<InMemDicomObject> {
    DataElement::new(tag, VR::UI, PrimitiveValue::from(uid))
}

fn reference(class: &str, instance: &str) -> [DataElement<InMemDicomObject>; 2] {
    [element(tags::REFERENCED_SOP_CLASS_UID, class), element(tags::REFERENCED_SOP_INSTANCE_UID, instance)]
}

fn put(set: &mut InMemDicomObject, sequence: Tag, items: Vec<InMemDicomObject>) {
    if !items.is_empty() {
        set.put(DataElement::new(sequence, VR::SQ, DataSetSequence::from(items)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let references = References {
            transaction: "2.25.1".to_owned(),
            there: vec![("1.2.3".to_owned(), "1.2.3.4".to_owned())],
            missing: vec![("1.2.3".to_owned(), "1.2.3.5".to_owned(), 0x0112)],
        };
        for syntax in ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"] {
            let read = References::read(&references.data_set(syntax), syntax);
            assert_eq!(read.as_ref(), Some(&references), "{syntax}");
        }
        assert_eq!(References::read(b"nonsense", "1.2.840.10008.1.2"), None);
    }
}
