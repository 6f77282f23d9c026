//! The provenance of a table: what its sidecar says. `reference-data/SCHEMA.md` explains each field.

use serde::{Deserialize, Deserializer};

use super::device::{Device, Maker};
use crate::patient::{Ethnicity, Sex};

/// How far the numbers of a table may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Ticked by a person against the original publication.
    Verified,
    /// Computed by a script in this repository from named inputs.
    Derived,
    /// Read in an abstract, a citing paper or a printed chart.
    Secondary,
    /// Recovered from a site's own archive of printed scores.
    SiteInferred,
}

impl Status {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Derived => "derived",
            Self::Secondary => "secondary",
            Self::SiteInferred => "site-inferred",
        }
    }
}

/// Whose scale of density a table is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableMaker {
    /// One maker's.
    Of(Maker),
    /// Standardized BMD: no scanner's own scale.
    Standardized,
    /// Not stated by the source; such a table is used by name only.
    Unknown,
}

impl TableMaker {
    /// As sidecars write it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Of(maker) => maker.code(),
            Self::Standardized => "sBMD",
            Self::Unknown => "unknown",
        }
    }
}

/// What the rows are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantity {
    /// Areal bone mineral density, g/cm².
    #[default]
    Bmd,
}

/// How a value is taken from age bands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BandMode {
    /// Linear between the middles of adjoining bands; constant before the first middle and after the last.
    Interpolate,
    /// Constant within a band.
    #[default]
    Step,
}

/// Unit of the mean and the standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Unit {
    #[serde(rename = "g/cm2")]
    GramsPerCm2,
}

/// Everything a sidecar says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sidecar {
    /// Id: the file name.
    pub id: String,
    /// Version; changes whenever a number does.
    pub version: String,
    /// How far the numbers may be trusted.
    pub status: Status,
    /// Population in words, without sex and ages.
    pub population: String,
    /// Its code, when it has one.
    #[serde(default, deserialize_with = "ethnicity")]
    pub ethnicity: Option<Ethnicity>,
    /// Country, ISO 3166 alpha-2.
    pub country: Option<String>,
    /// Whose scale of density.
    #[serde(deserialize_with = "maker")]
    pub manufacturer: TableMaker,
    /// Models it is limited to; empty means all.
    #[serde(default)]
    pub models: Vec<String>,
    /// Software versions it is limited to; empty means all.
    #[serde(default)]
    pub software: Vec<String>,
    /// What the rows are about; density when not said.
    #[serde(default)]
    pub quantity: Quantity,
    /// Checked while reading; implied by the quantity.
    unit: Unit,
    /// First age of use for Z, years.
    pub z_age_min: Option<f64>,
    /// Age at which use for Z ends, years; not included.
    pub z_age_max: Option<f64>,
    /// How bands are read.
    #[serde(default)]
    pub band_mode: BandMode,
    /// What the source calls its site where it does not name it exactly, e.g. a spine without its
    /// vertebrae. Such a table is used by name only, and its scores decide nothing.
    pub site_as_stated: Option<String>,
    /// Numbers of the source that nothing measured can be held against.
    #[serde(default)]
    pub not_scored: Vec<NotScored>,
    /// Citation of the original.
    pub citation: String,
    /// Its digital object identifier.
    pub doi: Option<String>,
    /// Where the numbers were read.
    pub where_read: String,
    /// Terms under which the numbers are here.
    pub licence: String,
    /// What happened during transcription, and what a user should know.
    pub notes: Option<String>,
    /// What devices print for this reference.
    #[serde(default)]
    pub device_tags: Vec<String>,
    /// SHA-256 of the CSV file, lower-case hexadecimal.
    pub sha256: String,
    /// How a derived table was computed: records of the method, kept and never interpreted.
    #[serde(default)]
    pub derivation: toml::Table,
    /// The files it was computed from.
    #[serde(default)]
    pub inputs: Vec<InputFile>,
}

/// A mean that is shown and never scored against: its site could be one of several that differ.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotScored {
    /// Sex.
    #[serde(deserialize_with = "sex")]
    pub sex: Sex,
    /// The site in the words of the source.
    pub site: String,
    /// First and last year of age, where stated.
    pub ages: Option<[u8; 2]>,
    /// Mean, g/cm².
    pub mean: f64,
    /// Standard deviation, g/cm².
    pub sd: f64,
    /// Why nothing is scored against it.
    pub why: String,
}

/// A file that a derived table was computed from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFile {
    /// Name.
    pub file: String,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
}

impl Sidecar {
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())?;
        let sidecar: Self = toml::from_str(text).map_err(|error| one_line(&error))?;
        if let Some(field) = sidecar.blank_field() {
            return Err(format!("field `{field}` is empty"));
        }
        sidecar.check_ages()?;
        Ok(sidecar)
    }

    fn check_ages(&self) -> Result<(), String> {
        let from = self.z_age_min.unwrap_or(0.0);
        let to = self.z_age_max.unwrap_or(130.0);
        if 0.0 <= from && from < to && to <= 130.0 {
            return Ok(());
        }
        Err(format!("the ages of use {from} to {to} are no range within 0 to 130 years"))
    }

    /// A field without which nobody could check the numbers, left empty.
    fn blank_field(&self) -> Option<&'static str> {
        let needed = [
            ("version", &self.version),
            ("population", &self.population),
            ("citation", &self.citation),
            ("where_read", &self.where_read),
            ("licence", &self.licence),
        ];
        let stated = self.site_as_stated.iter().map(|text| ("site_as_stated", text));
        needed.into_iter().chain(stated).find(|(_, text)| text.trim().is_empty()).map(|(field, _)| field)
    }

    /// Whether a profile may apply the table to what this device measured: the same maker, and its
    /// model and software where the table is limited to some. An unknown or standardized scale never fits,
    /// nor does a table whose site is not named exactly.
    #[must_use]
    pub fn fits(&self, device: &Device) -> bool {
        let known = (device.model.is_some() || self.models.is_empty())
            && (device.software.is_some() || self.software.is_empty());
        known
            && self.site_as_stated.is_none()
            && device.maker.is_some_and(|maker| self.manufacturer == TableMaker::Of(maker))
            && !self.contradicts(device)
    }

    /// Whether something known of the device speaks against the table: another maker, model or
    /// software. Standardized BMD is no device's scale. What is not known speaks against nothing.
    #[must_use]
    pub fn contradicts(&self, device: &Device) -> bool {
        let maker = match (self.manufacturer, device.maker) {
            (TableMaker::Of(table), Some(maker)) => table == maker,
            (TableMaker::Of(_), None) | (TableMaker::Unknown, _) => true,
            (TableMaker::Standardized, _) => false,
        };
        let model = self.models.is_empty()
            || device.model.is_none()
            || self.models.iter().any(|name| device.is_model(name));
        let software = self.software.is_empty()
            || device.software.is_none()
            || self.software.iter().any(|version| device.is_software(version));
        !(maker && model && software)
    }
}

/// The message of a TOML error with its line, without the quoted source.
pub(super) fn one_line(error: &toml::de::Error) -> String {
    error.message().lines().collect::<Vec<_>>().join(" ")
}

fn ethnicity<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Ethnicity>, D::Error> {
    let code = String::deserialize(from)?;
    let known = Ethnicity::ALL.into_iter().find(|ethnicity| ethnicity.code() == code);
    known.map(Some).ok_or_else(|| serde::de::Error::custom(format!("`{code}` is no ethnicity")))
}

fn sex<'de, D: Deserializer<'de>>(from: D) -> Result<Sex, D::Error> {
    let code = String::deserialize(from)?;
    let known = [Sex::Female, Sex::Male].into_iter().find(|sex| sex.code() == code);
    known.ok_or_else(|| serde::de::Error::custom(format!("`{code}` is no sex")))
}

fn maker<'de, D: Deserializer<'de>>(from: D) -> Result<TableMaker, D::Error> {
    let code = String::deserialize(from)?;
    Maker::ALL
        .into_iter()
        .map(TableMaker::Of)
        .chain([TableMaker::Standardized, TableMaker::Unknown])
        .find(|maker| maker.code() == code)
        .ok_or_else(|| serde::de::Error::custom(format!("`{code}` is no manufacturer")))
}
