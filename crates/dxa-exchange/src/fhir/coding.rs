//! Codes and quantities in FHIR's form, in both languages.

use crate::codes::{self, Code, Scheme};
use crate::statement::Quantity;
use crate::text::Language;

use super::types::{Coding, Concept, Element, Extension, Quantity as Amount};

/// FHIR's extension for a text in another language.
const TRANSLATION: &str = "http://hl7.org/fhir/StructureDefinition/translation";

/// A code with its English display and, where there is one, its Chinese.
pub(super) fn coding(code: &Code, chinese: Option<&str>) -> Coding {
    let said = |url: &str, code: Option<&str>, text: Option<&str>| Extension {
        url: url.to_owned(),
        value_code: code.map(str::to_owned),
        value_string: text.map(str::to_owned),
        ..Extension::default()
    };
    let translated = chinese.map(|text| Element {
        extension: vec![Extension {
            url: TRANSLATION.to_owned(),
            extension: vec![said("lang", Some("zh-CN"), None), said("content", None, Some(text))],
            ..Extension::default()
        }],
    });
    let version = (code.scheme == Scheme::Local).then(|| codes::LOCAL_SCHEME_VERSION.to_owned());
    Coding {
        system: Some(code.scheme.uri().into_owned()),
        version,
        code: Some(code.value.clone().into_owned()),
        display: Some(code.meaning.clone().into_owned()),
        other_display: translated,
    }
}

/// A concept of single codes.
pub(super) fn concept(codings: Vec<Coding>, text: Option<String>) -> Concept {
    Concept { coding: codings, text }
}

/// A word of the contract.
pub(super) fn word(word: &str, language: Language) -> Concept {
    let chinese = codes::chinese(word);
    let english = codes::english(word);
    let text = match language {
        Language::English => english,
        Language::Chinese => chinese.map_or(english, str::to_owned),
    };
    concept(vec![coding(&codes::code_of_word(word), chinese)], Some(text))
}

/// Our own code of a quantity.
pub(super) fn own(quantity: Quantity) -> Coding {
    coding(&Code::local(quantity.code(), quantity.english()), Some(quantity.chinese()))
}

/// A number in a UCUM unit.
pub(super) fn amount(value: f64, ucum: &str) -> Amount {
    let unit = match ucum {
        "1" => "1",
        "cm2" => "cm²",
        "g/cm2" => "g/cm²",
        other => other,
    };
    Amount {
        value: Some(if value == 0.0 { 0.0 } else { value }),
        unit: Some(unit.to_owned()),
        system: Some(Scheme::Ucum.uri().into_owned()),
        code: Some(ucum.to_owned()),
    }
}

/// A code of one of HL7's own systems.
pub(super) fn hl7(system: &str, code: &str, display: &str) -> Concept {
    let coding = Coding {
        system: Some(format!("http://terminology.hl7.org/CodeSystem/{system}")),
        code: Some(code.to_owned()),
        display: Some(display.to_owned()),
        ..Coding::default()
    };
    concept(vec![coding], None)
}
