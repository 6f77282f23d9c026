//! A content tree as plain values.

/// A coded concept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// Code value.
    pub value: String,
    /// Coding scheme designator: `SCT`, `SRT`, `LN`, `DCM`, `UCUM`, …
    pub scheme: String,
    /// Code meaning.
    pub meaning: String,
}

impl Code {
    /// A code of these three texts.
    #[must_use]
    pub fn new(value: &str, scheme: &str, meaning: &str) -> Self {
        Self { value: value.to_owned(), scheme: scheme.to_owned(), meaning: meaning.to_owned() }
    }

    /// Whether this is the code; LOINC and SNOMED go by several designators.
    pub(super) fn is(&self, value: &str, scheme: &str) -> bool {
        self.value.trim() == value && scheme_name(&self.scheme) == scheme
    }
}

/// One designator for each scheme.
pub(super) fn scheme_name(scheme: &str) -> &str {
    match scheme.trim() {
        "LOINC" => "LN",
        "SNM3" | "99SDM" => "SRT",
        other => other,
    }
}

/// The measured value of a NUM item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numeric {
    /// Numeric Value (0040,A30A) as written; `None` for an empty Measured Value Sequence.
    pub value: Option<String>,
    /// Measurement Units Code Sequence (0040,08EA).
    pub unit: Option<Code>,
    /// Numeric Value Qualifier Code Sequence (0040,A301).
    pub qualifier: Option<Code>,
}

/// One item of the content tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentItem {
    /// Relationship Type (0040,A010) to its parent; `None` at the root.
    pub relationship: Option<String>,
    /// Value Type (0040,A040): `CONTAINER`, `NUM`, `CODE`, `TEXT`, …
    pub value_type: String,
    /// Concept Name Code Sequence (0040,A043).
    pub concept: Option<Code>,
    /// Value of a NUM item.
    pub numeric: Option<Numeric>,
    /// Value of a CODE item.
    pub code_value: Option<Code>,
    /// Value of a TEXT item.
    pub text: Option<String>,
    /// Items below, in order.
    pub children: Vec<ContentItem>,
}

impl ContentItem {
    /// The meaning of its concept, or the code where it has none.
    pub(super) fn name(&self) -> String {
        let code = self.concept.as_ref();
        let text =
            code.map_or("", |code| if code.meaning.trim().is_empty() { &code.value } else { &code.meaning });
        text.trim().to_owned()
    }

    pub(super) fn has_value(&self) -> bool {
        !self.value_text().is_empty()
    }

    /// Its value as text.
    pub(super) fn value_text(&self) -> String {
        let number = self.numeric.as_ref().and_then(|numeric| numeric.value.clone());
        let coded = || self.code_value.as_ref().map(|code| code.meaning.clone());
        number.or_else(coded).or_else(|| self.text.clone()).unwrap_or_default().trim().to_owned()
    }

    pub(super) fn is_concept(&self, codes: &[(&str, &str)]) -> bool {
        self.concept.as_ref().is_some_and(|code| codes.iter().any(|(value, scheme)| code.is(value, scheme)))
    }
}
