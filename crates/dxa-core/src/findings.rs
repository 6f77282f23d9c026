//! Doubt and refusal as results: stable codes with a sentence each.

use crate::site::Side;
use crate::site::Site;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// A person should look before the number is used.
    Review,
    /// The number was held back.
    Withhold,
}

impl Severity {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Review => "review",
            Self::Withhold => "withhold",
        }
    }
}

/// Something a reader should know about a result. Messages never carry patient identifiers.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Stable code; its meaning never changes (docs/findings.md lists all).
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Index of the scan it is about.
    pub scan: Option<usize>,
    /// Site it is about.
    pub site: Option<Site>,
    /// Side of the site.
    pub side: Option<Side>,
    /// One sentence, in English.
    pub message: String,
}

impl Finding {
    /// A finding about no scan or site in particular; the fields may be set after.
    #[must_use]
    pub fn new(code: &'static str, severity: Severity, message: String) -> Self {
        Self { code, severity, scan: None, site: None, side: None, message }
    }

    /// The same finding about this site.
    #[must_use]
    pub fn at(mut self, site: Site, side: Option<Side>) -> Self {
        self.site = Some(site);
        self.side = side;
        self
    }
}

/// Why something was refused. The first four of `ErrorCode` never make a study; these belong to a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusalCode {
    /// Display pixels: no g/cm² can come from them.
    NotCalibrated,
    /// A modality that is not densitometry.
    UnsupportedModality,
    /// A device that is not a densitometer.
    UnsupportedDevice,
    /// Ultrasound.
    Ultrasound,
    /// An image object without pixel data.
    NoPixelData,
    /// Too few pixels to show the anatomy.
    ImageTooSmall,
    /// No pixel spacing: absolute lengths and densities are refused.
    NoSpacing,
    /// One partner of a dual-energy pair is missing.
    PairIncomplete,
    /// The anatomy or number could not be evaluated.
    NotEvaluable,
    /// No reference table applies.
    NoReference,
    /// Outside the ages of the reference table.
    OutOfReferenceRange,
    /// Pixels in a transfer syntax that cannot be decoded.
    UnsupportedTransferSyntax,
    /// A number that a person must confirm first (picture of a report).
    NeedsConfirmation,
}

impl RefusalCode {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::NotCalibrated,
        Self::UnsupportedModality,
        Self::UnsupportedDevice,
        Self::Ultrasound,
        Self::NoPixelData,
        Self::ImageTooSmall,
        Self::NoSpacing,
        Self::PairIncomplete,
        Self::NotEvaluable,
        Self::NoReference,
        Self::OutOfReferenceRange,
        Self::UnsupportedTransferSyntax,
        Self::NeedsConfirmation,
    ];

    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotCalibrated => "not_calibrated",
            Self::UnsupportedModality => "unsupported_modality",
            Self::UnsupportedDevice => "unsupported_device",
            Self::Ultrasound => "ultrasound",
            Self::NoPixelData => "no_pixel_data",
            Self::ImageTooSmall => "image_too_small",
            Self::NoSpacing => "no_spacing",
            Self::PairIncomplete => "pair_incomplete",
            Self::NotEvaluable => "not_evaluable",
            Self::NoReference => "no_reference",
            Self::OutOfReferenceRange => "out_of_reference_range",
            Self::UnsupportedTransferSyntax => "unsupported_transfer_syntax",
            Self::NeedsConfirmation => "needs_confirmation",
        }
    }
}

/// A refusal with its sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What kind.
    pub code: RefusalCode,
    /// Index of the scan, when one is meant.
    pub scan: Option<usize>,
    /// What, where, and what to do, in one English sentence.
    pub message: String,
}

impl Refusal {
    /// A refusal of no scan in particular; the scan may be set after.
    #[must_use]
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self { code, scan: None, message: message.into() }
    }
}
