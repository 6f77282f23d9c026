//! A DICOM object under construction, and its way into bytes.

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::value::{DataSetSequence, PixelFragmentSequence};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use serde_json::{Map, Value, json};

use crate::SimError;
use crate::charset::Charset;

/// Identifies the writer in every file; a fixed value keeps files equal when a library moves on.
const IMPLEMENTATION_CLASS: &str = "2.25.194836173905126447518202336617042839553";
const IMPLEMENTATION_VERSION: &str = "DXA_SIM_1";

/// How the object is laid out in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// Implicit VR Little Endian.
    Implicit,
    /// Explicit VR Little Endian.
    Explicit,
    /// Explicit VR Little Endian with RLE pixels.
    Rle,
    /// Explicit VR Little Endian with JPEG lossless pixels, first-order prediction.
    JpegLossless,
    /// Explicit VR Little Endian with JPEG 2000 pixels, reversible.
    Jpeg2000,
}

impl Syntax {
    /// Transfer Syntax UID.
    pub(crate) fn uid(self) -> &'static str {
        match self {
            Self::Implicit => uids::IMPLICIT_VR_LITTLE_ENDIAN,
            Self::Explicit => uids::EXPLICIT_VR_LITTLE_ENDIAN,
            Self::Rle => uids::RLE_LOSSLESS,
            Self::JpegLossless => uids::JPEG_LOSSLESS_SV1,
            Self::Jpeg2000 => uids::JPEG2000_LOSSLESS,
        }
    }
}

/// A data set together with a record, by keyword, of what was put into its top level.
#[derive(Clone, Debug)]
pub(crate) struct DataSet {
    elements: InMemDicomObject,
    charset: Charset,
    written: Map<String, Value>,
}

impl DataSet {
    /// The top level of an object, which names its character set.
    pub(crate) fn object(charset: Charset) -> Self {
        let empty = Self { elements: InMemDicomObject::new_empty(), charset, written: Map::new() };
        empty.text(tags::SPECIFIC_CHARACTER_SET, charset.term())
    }

    /// An item of a sequence that holds ASCII only.
    pub(crate) fn item() -> Self {
        Self { elements: InMemDicomObject::new_empty(), charset: Charset::Latin1, written: Map::new() }
    }

    /// An item of a sequence in this character set.
    pub(crate) fn item_in(charset: Charset) -> Self {
        Self { charset, ..Self::item() }
    }

    /// A standard element of any VR that is written as characters; several values with backslashes.
    pub(crate) fn text(mut self, tag: Tag, text: &str) -> Self {
        let vr = standard_vr(tag);
        self.record(tag, json!(text));
        let value = match vr {
            // The library writes bytes under these two as a list of numbers.
            VR::IS | VR::DS => PrimitiveValue::from(text),
            _ => raw(padded(self.charset.encode(text), vr)),
        };
        self.put(tag, vr, value);
        self
    }

    /// Unsigned shorts.
    pub(crate) fn shorts(mut self, tag: Tag, values: &[u16]) -> Self {
        self.record(tag, json!(values));
        self.put(tag, VR::US, PrimitiveValue::U16(values.into()));
        self
    }

    /// A signed short.
    pub(crate) fn signed_short(mut self, tag: Tag, value: i16) -> Self {
        self.record(tag, json!([value]));
        self.put(tag, VR::SS, PrimitiveValue::from(value));
        self
    }

    /// Doubles.
    pub(crate) fn doubles(mut self, tag: Tag, values: &[f64]) -> Self {
        self.record(tag, json!(values));
        self.put(tag, VR::FD, PrimitiveValue::F64(values.into()));
        self
    }

    /// Bytes that are not text: 8-bit pixels, documents.
    pub(crate) fn bytes(mut self, tag: Tag, bytes: Vec<u8>) -> Self {
        self.put(tag, VR::OB, raw(even(bytes, 0)));
        self
    }

    /// Pixels of 16 bits.
    pub(crate) fn words(mut self, tag: Tag, words: &[u16]) -> Self {
        self.put(tag, VR::OW, PrimitiveValue::U16(words.into()));
        self
    }

    /// One frame of compressed pixels with an empty offset table.
    pub(crate) fn frame(mut self, tag: Tag, frame: Vec<u8>) -> Self {
        let fragments = PixelFragmentSequence::new(Vec::<u32>::new(), vec![even(frame, 0)]);
        self.elements.put(DataElement::new(tag, VR::OB, fragments));
        self
    }

    /// A sequence.
    pub(crate) fn sequence(mut self, tag: Tag, items: Vec<Self>) -> Self {
        let items: Vec<_> = items.into_iter().map(|item| item.elements).collect();
        self.elements.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
        self
    }

    /// A private text element; the creator must be put with the same block.
    pub(crate) fn private_text(mut self, tag: Tag, vr: VR, text: &str) -> Self {
        let bytes = padded(self.charset.encode(text), vr);
        self.put(tag, vr, raw(bytes));
        self
    }

    /// Private doubles.
    pub(crate) fn private_doubles(mut self, tag: Tag, values: &[f64]) -> Self {
        self.put(tag, VR::FD, PrimitiveValue::F64(values.into()));
        self
    }

    /// What the top level holds, by keyword: text as meant, numbers as arrays.
    pub(crate) fn written(&self) -> &Map<String, Value> {
        &self.written
    }

    /// A text of the top level.
    pub(crate) fn text_of(&self, keyword: &str) -> Option<&str> {
        self.written.get(keyword).and_then(Value::as_str)
    }

    /// The character set of its text.
    pub(crate) fn charset(&self) -> Charset {
        self.charset
    }

    /// A whole DICOM file.
    pub(crate) fn to_file(&self, syntax: Syntax) -> Result<Vec<u8>, SimError> {
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax(syntax.uid())
            .media_storage_sop_class_uid(self.text_of("SOPClassUID").unwrap_or_default())
            .media_storage_sop_instance_uid(self.text_of("SOPInstanceUID").unwrap_or_default())
            .implementation_class_uid(IMPLEMENTATION_CLASS)
            .implementation_version_name(IMPLEMENTATION_VERSION)
            .build()
            .map_err(writing)?;
        let mut bytes = Vec::new();
        self.elements.clone().with_exact_meta(meta).write_all(&mut bytes).map_err(writing)?;
        Ok(bytes)
    }

    fn put(&mut self, tag: Tag, vr: VR, value: PrimitiveValue) {
        self.elements.put(DataElement::new(tag, vr, value));
    }

    fn record(&mut self, tag: Tag, value: Value) {
        if let Some(entry) = StandardDataDictionary.by_tag(tag) {
            self.written.insert(entry.alias().to_owned(), value);
        }
    }
}

fn writing(error: impl std::fmt::Display) -> SimError {
    SimError::Writing(error.to_string())
}

fn standard_vr(tag: Tag) -> VR {
    StandardDataDictionary.by_tag(tag).map_or(VR::LO, |entry| entry.vr().relaxed())
}

/// Bytes as they are: the library must not encode text, for some files lie about their character set.
fn raw(bytes: Vec<u8>) -> PrimitiveValue {
    if bytes.is_empty() { PrimitiveValue::Empty } else { PrimitiveValue::U8(bytes.into()) }
}

fn padded(bytes: Vec<u8>, vr: VR) -> Vec<u8> {
    even(bytes, if vr == VR::UI { 0 } else { b' ' })
}

fn even(mut bytes: Vec<u8>, filler: u8) -> Vec<u8> {
    if bytes.len() % 2 == 1 {
        bytes.push(filler);
    }
    bytes
}
