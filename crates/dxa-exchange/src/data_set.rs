//! A DICOM data set being written: text in UTF-8, bytes as they stand.

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};

use crate::codes::Code;

/// Identifies this writer; fixed, so that files do not change with a library.
const IMPLEMENTATION_CLASS: &str = "2.25.301562198447702938116540228843775163294";
const IMPLEMENTATION_VERSION: &str = "DXA_1";

/// A data set or an item of a sequence.
#[derive(Clone, Debug)]
pub(crate) struct DataSet(InMemDicomObject);

impl DataSet {
    pub(crate) fn new() -> Self {
        Self(InMemDicomObject::new_empty())
    }

    pub(crate) fn put(&mut self, tag: Tag, vr: VR, value: PrimitiveValue) {
        self.0.put(DataElement::new(tag, vr, value));
    }

    /// A text, in UTF-8 whatever it holds; a backslash, which would part it in two, becomes a slash.
    pub(crate) fn text(&mut self, tag: Tag, vr: VR, text: &str) {
        let value = match vr {
            // The library writes bytes under these as a list of numbers; their text is ASCII.
            VR::IS | VR::DS => PrimitiveValue::from(text),
            VR::CS | VR::UI | VR::UT | VR::ST | VR::LT => {
                PrimitiveValue::U8(padded(text.as_bytes(), vr).into())
            }
            _ => PrimitiveValue::U8(padded(text.replace('\\', "/").as_bytes(), vr).into()),
        };
        self.put(tag, vr, if text.is_empty() { PrimitiveValue::Empty } else { value });
    }

    /// A text, or an empty element where there is none.
    pub(crate) fn text_or_empty(&mut self, tag: Tag, vr: VR, text: Option<&str>) {
        self.text(tag, vr, text.unwrap_or_default());
    }

    /// A text, or no element where there is none.
    pub(crate) fn text_if(&mut self, tag: Tag, vr: VR, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.text(tag, vr, text);
        }
    }

    pub(crate) fn sequence(&mut self, tag: Tag, items: Vec<Self>) {
        let items: Vec<_> = items.into_iter().map(|item| item.0).collect();
        self.0.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
    }

    pub(crate) fn code(&mut self, tag: Tag, code: &Code) {
        self.sequence(tag, vec![Self::of_code(code)]);
    }

    /// An item that holds a code.
    pub(crate) fn of_code(code: &Code) -> Self {
        const SHORT: usize = 16;
        let mut item = Self::new();
        let long = code.value.len() > SHORT;
        let tag = if long { tags::LONG_CODE_VALUE } else { tags::CODE_VALUE };
        item.text(tag, if long { VR::UC } else { VR::SH }, &code.value);
        item.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, code.scheme.designator());
        item.text(tags::CODE_MEANING, VR::LO, &shortened(&code.meaning));
        item
    }

    /// The finished object, whose UIDs are in the data set.
    pub(crate) fn into_file(self, sop_class: &str, sop_instance: &str) -> Option<Vec<u8>> {
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
            .media_storage_sop_class_uid(sop_class)
            .media_storage_sop_instance_uid(sop_instance)
            .implementation_class_uid(IMPLEMENTATION_CLASS)
            .implementation_version_name(IMPLEMENTATION_VERSION)
            .build()
            .ok()?;
        let mut bytes = Vec::new();
        self.0.with_exact_meta(meta).write_all(&mut bytes).ok()?;
        Some(bytes)
    }

    /// A UID that depends on everything that is in the data set so far.
    pub(crate) fn derived_uid(&self, kind: &str) -> Option<String> {
        let bytes = self.clone().into_file("1.2.840.10008.1.1", "2.25.0")?;
        Some(crate::uid::derived(&[kind.as_bytes(), &bytes]))
    }
}

fn padded(bytes: &[u8], vr: VR) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.len() % 2 == 1 {
        bytes.push(if vr == VR::UI { 0 } else { b' ' });
    }
    bytes
}

/// A meaning of at most 64 letters, as a long string holds.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 64;
    text.chars().take(LONGEST).collect()
}

/// A decimal string of at most 16 letters, and whether it says the number exactly.
pub(crate) fn decimal(value: f64) -> (String, bool) {
    const LONGEST: usize = 16;
    let value = if value == 0.0 { 0.0 } else { value };
    let exact = value.to_string();
    if exact.len() <= LONGEST {
        return (exact, true);
    }
    let scientific = (0..=LONGEST).rev().map(|digits| format!("{value:.digits$e}"));
    let fitting = scientific.into_iter().find(|text| text.len() <= LONGEST).unwrap_or_default();
    let same = fitting.parse::<f64>().is_ok_and(|read| read.to_bits() == value.to_bits());
    (fitting, same)
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn decimals_fit_and_say_when_they_are_not_exact() {
        assert_eq!(decimal(-1.8), ("-1.8".to_owned(), true));
        assert_eq!(decimal(-0.0), ("0".to_owned(), true));
        assert_eq!(decimal(1.0 / 3.0), ("3.33333333333e-1".to_owned(), false));
        for value in [f64::MAX, -f64::MIN_POSITIVE, 123_456_789.123_456_78, -0.000_000_012_345_678_9] {
            assert!(decimal(value).0.len() <= 16, "{value}");
        }
    }
}
