//! The content tree of a structured report as plain values.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::guard::Elements;

use super::device::structured_report::{Code, ContentItem, Numeric};
use super::header;
use super::text::CharacterSet;

/// Reads the content tree whose root container is the data set itself.
#[must_use]
pub(super) fn read(root: Elements<'_>) -> ContentItem {
    Reader { set: CharacterSet::of(root) }.item(root)
}

struct Reader {
    set: CharacterSet,
}

impl Reader {
    /// Descends one call a nesting level, of which the guard admits 32.
    fn item(&self, item: Elements<'_>) -> ContentItem {
        let code = |tag| header::items(item, tag).next().map(|code| self.code(code));
        let mut text = None;
        let mut read = ContentItem::default();
        for element in item.iter() {
            match element.tag() {
                tags::RELATIONSHIP_TYPE => read.relationship = header::code(&element),
                tags::VALUE_TYPE => read.value_type = header::code(&element).unwrap_or_default(),
                tags::CONCEPT_NAME_CODE_SEQUENCE => read.concept = code(tags::CONCEPT_NAME_CODE_SEQUENCE),
                tags::CONCEPT_CODE_SEQUENCE => read.code_value = code(tags::CONCEPT_CODE_SEQUENCE),
                tags::TEXT_VALUE
                | tags::UID
                | tags::PERSON_NAME
                | tags::DATE
                | tags::DATE_TIME
                | tags::TIME => {
                    text = Some(self.set.decode(element.text_bytes()).value);
                }
                tags::CONTENT_SEQUENCE => {
                    read.children = element.items().map(|child| self.item(child)).collect()
                }
                _ => {}
            }
        }
        if read.value_type == "NUM" {
            read.numeric = Some(self.numeric(item));
        }
        read.text = text;
        read
    }

    fn numeric(&self, item: Elements<'_>) -> Numeric {
        let measured = header::items(item, tags::MEASURED_VALUE_SEQUENCE).next();
        let qualifier = header::items(item, tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE).next();
        Numeric {
            value: measured
                .and_then(|value| value.get(tags::NUMERIC_VALUE))
                .and_then(|value| header::code(&value)),
            unit: measured
                .and_then(|value| header::items(value, tags::MEASUREMENT_UNITS_CODE_SEQUENCE).next())
                .map(|unit| self.code(unit)),
            qualifier: qualifier.map(|qualifier| self.code(qualifier)),
        }
    }

    fn code(&self, item: Elements<'_>) -> Code {
        let text = |tag: Tag| {
            let element = item.get(tag)?;
            Some(self.set.decode(element.text_bytes()).value.trim().to_owned())
        };
        let value =
            [tags::CODE_VALUE, tags::LONG_CODE_VALUE, tags::URN_CODE_VALUE].into_iter().find_map(text);
        Code {
            value: value.unwrap_or_default(),
            scheme: text(tags::CODING_SCHEME_DESIGNATOR).unwrap_or_default(),
            meaning: text(tags::CODE_MEANING).unwrap_or_default(),
        }
    }
}
