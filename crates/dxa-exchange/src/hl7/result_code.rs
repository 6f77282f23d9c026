//! The table by which a clinic says what a scanner's own codes measure.

use serde::{Deserialize, Serialize};

use super::measured::{Measured, is_site};

/// What a scanner's code, or the name that stands in OBX-4, means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResultCode {
    /// Code of OBX-3; any where it is empty.
    pub code: String,
    /// Its coding system; any where it is empty.
    pub system: String,
    /// OBX-4; any where it is empty.
    pub label: String,
    /// What was measured.
    pub quantity: Option<MeasuredQuantity>,
    /// Where, as results name it: `L1`, `L1-L4`, `femoral_neck`.
    pub site: Option<String>,
    /// `L` or `R`.
    pub side: Option<String>,
    /// The unit of numbers that come without one.
    pub unit: Option<String>,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MeasuredQuantity {
    /// Density.
    #[serde(rename = "BMD")]
    Density,
    /// Content.
    #[serde(rename = "BMC")]
    Content,
    /// Area.
    #[serde(rename = "AREA")]
    Area,
    /// T-score.
    #[serde(rename = "T")]
    T,
    /// Z-score.
    #[serde(rename = "Z")]
    Z,
}

impl MeasuredQuantity {
    /// The word under which the reader of content trees knows it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Density => "BMD",
            Self::Content => "BMC",
            Self::Area => "Area",
            Self::T => "T-score",
            Self::Z => "Z-score",
        }
    }
}

impl ResultCode {
    pub(super) fn is_about(&self, measured: &Measured) -> bool {
        let right = |wanted: &String, is: &String| wanted.is_empty() || wanted == is;
        let is_code = measured
            .codes
            .iter()
            .any(|said| right(&self.code, &said.code) && right(&self.system, &said.system));
        is_code && right(&self.label, &measured.label)
    }

    /// What is wrong with the row, if anything.
    #[must_use]
    pub fn mistake(&self) -> Option<&'static str> {
        if self.code.is_empty() && self.label.is_empty() {
            return Some("needs a code or a label");
        }
        if self.site.as_deref().is_some_and(|site| !is_site(site)) {
            return Some("names a site that there is not");
        }
        let is_side = |side: &String| matches!(side.as_str(), "L" | "R");
        (!self.side.iter().all(is_side)).then_some("has a side other than L or R")
    }
}
