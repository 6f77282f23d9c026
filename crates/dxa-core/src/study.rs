//! What a study is made of: scans, what each shows, and what can be computed from it.

use crate::site::Side;

/// What was scanned, where the object says so; else the form of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScanKind {
    /// AP lumbar spine.
    ApSpine,
    /// Proximal femur.
    Hip,
    /// Forearm.
    Forearm,
    /// Whole body.
    WholeBody,
    /// Knee.
    Knee,
    /// Lateral spine.
    LateralSpine,
    /// Picture of a report.
    ReportPage,
    /// Structured report, or a message that tells what one would.
    StructuredReport,
    /// Encapsulated document.
    Document,
    /// None of these.
    Unsupported,
}

impl ScanKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::ApSpine,
        Self::Hip,
        Self::Forearm,
        Self::WholeBody,
        Self::Knee,
        Self::LateralSpine,
        Self::ReportPage,
        Self::StructuredReport,
        Self::Document,
        Self::Unsupported,
    ];

    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ApSpine => "ap_spine",
            Self::Hip => "hip",
            Self::Forearm => "forearm",
            Self::WholeBody => "whole_body",
            Self::Knee => "knee",
            Self::LateralSpine => "lateral_spine",
            Self::ReportPage => "report_page",
            Self::StructuredReport => "structured_report",
            Self::Document => "document",
            Self::Unsupported => "unsupported",
        }
    }

    /// Whether the anatomy has a left and a right.
    #[must_use]
    pub fn is_paired(self) -> bool {
        matches!(self, Self::Hip | Self::Forearm | Self::Knee)
    }
}

/// The best that can be had from a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Nothing.
    None,
    /// Geometry and overlays from display pixels.
    Display,
    /// Numbers the device computed.
    Reported,
    /// Pixels that are densities, or can be made so.
    Quantitative,
}

impl Tier {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Display => "display",
            Self::Reported => "reported",
            Self::Quantitative => "quantitative",
        }
    }
}

/// Size of a pixel in the plane of the patient, millimeters; the two axes are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PixelSpacing {
    /// Distance between rows.
    pub row_mm: f64,
    /// Distance between columns.
    pub column_mm: f64,
}

/// Where a pixel spacing comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpacingSource {
    /// Pixel Spacing (0028,0030).
    PixelSpacing,
    /// Imager Pixel Spacing (0018,1164), divided by the magnification where one is given.
    ImagerPixelSpacing,
    /// Nominal Scanned Pixel Spacing (0018,2010).
    NominalScanned,
    /// Exposed Area (0040,0303) divided by columns and rows.
    ExposedArea,
    /// The known raster of the model.
    ModelDefault,
    /// There is none.
    None,
}

impl SpacingSource {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::PixelSpacing => "pixel_spacing",
            Self::ImagerPixelSpacing => "imager_pixel_spacing",
            Self::NominalScanned => "nominal_scanned",
            Self::ExposedArea => "exposed_area",
            Self::ModelDefault => "model_default",
            Self::None => "none",
        }
    }
}

/// One scan: one object, or the objects that together are one acquisition.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// What it shows.
    pub kind: ScanKind,
    /// Which side, for paired anatomy.
    pub laterality: Option<Side>,
    /// The best that can be had from it.
    pub tier: Tier,
    /// SOP Instance UIDs of its objects; empty for objects without one.
    pub sop_instance_uids: Vec<String>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Software versions.
    pub software: Option<String>,
    /// Rows of its image.
    pub rows: Option<u16>,
    /// Columns of its image.
    pub columns: Option<u16>,
    /// Size of a pixel.
    pub spacing: Option<PixelSpacing>,
    /// Where that size comes from.
    pub spacing_source: SpacingSource,
}
