//! What one clinic wants: version, character set, names of the two ends, codes, segments.

use serde::{Deserialize, Serialize};

use crate::text::Language;

/// The wishes of a clinic, as its TOML file has them; everything has a default.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// Version of HL7.
    pub version: Version,
    /// Character set of the message.
    pub encoding: TextEncoding,
    /// Language of names and sentences.
    pub language: MessageLanguage,
    /// MSH-3 and MSH-4.
    pub sending: Party,
    /// MSH-5 and MSH-6.
    pub receiving: Party,
    /// MSH-11: `P`, `T` or `D`.
    pub processing: String,
    /// Segments that are left out, such as `PV1`.
    pub drop_segments: Vec<String>,
    /// Segments that stand at the end, as they are.
    pub extra_segments: Vec<String>,
    /// Kinds that are left out: `region` `composition` `vertebra` `spine` `angle` `change` `quality` `assessment`
    /// `rule` `finding` `refusal` `outline`.
    pub leave_out: Vec<String>,
    /// Codes of quantities that are left out, ours or LOINC's.
    pub leave_out_codes: Vec<String>,
    /// Codes that are called otherwise.
    pub rename: Vec<Rename>,
    /// Whether a PDF that is at hand goes along.
    pub pdf: bool,
    /// The number of the procedure in OBR-4 instead of the LOINC code.
    pub procedure: Option<Named>,
    /// Field of OBR that holds the accession number; 18 unless said.
    pub accession_field: usize,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            version: Version::V2_5_1,
            encoding: TextEncoding::Utf8,
            language: MessageLanguage::English,
            sending: Party { application: "DXA".to_owned(), facility: String::new() },
            receiving: Party::default(),
            processing: "P".to_owned(),
            drop_segments: Vec::new(),
            extra_segments: Vec::new(),
            leave_out: Vec::new(),
            leave_out_codes: Vec::new(),
            rename: Vec::new(),
            pdf: true,
            procedure: None,
            accession_field: 18,
        }
    }
}

/// One end of the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Party {
    /// Application.
    pub application: String,
    /// Facility.
    pub facility: String,
}

/// A code with its text and system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Named {
    /// Code.
    pub code: String,
    /// Text.
    pub text: String,
    /// System.
    pub system: String,
}

/// A code that a clinic calls otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    /// Our code of the quantity, such as `BMD`, or the LOINC code.
    pub from: String,
    /// Only for this site.
    #[serde(default)]
    pub site: Option<String>,
    /// Only for this side, `L`, `R` or `B`.
    #[serde(default)]
    pub side: Option<String>,
    /// What OBX-3 says instead.
    pub to: Named,
    /// Unit in OBX-6 instead.
    #[serde(default)]
    pub unit: Option<String>,
}

/// A version of HL7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Version {
    #[serde(rename = "2.3.1")]
    V2_3_1,
    #[serde(rename = "2.4")]
    V2_4,
    #[serde(rename = "2.5")]
    V2_5,
    #[serde(rename = "2.5.1")]
    V2_5_1,
    #[serde(rename = "2.6")]
    V2_6,
}

impl Version {
    pub(super) fn term(self) -> &'static str {
        match self {
            Self::V2_3_1 => "2.3.1",
            Self::V2_4 => "2.4",
            Self::V2_5 => "2.5",
            Self::V2_5_1 => "2.5.1",
            Self::V2_6 => "2.6",
        }
    }

    /// The type of a coded value.
    pub(super) fn coded(self) -> &'static str {
        if self < Self::V2_5 { "CE" } else { "CWE" }
    }
}

/// A character set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum TextEncoding {
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// GB18030.
    #[serde(rename = "gb18030")]
    Gb18030,
}

impl TextEncoding {
    /// That of a message of ours, by MSH-18.
    pub(super) fn of(message: &str) -> Option<Self> {
        let named = super::message::character_set(message.split('\r').next()?);
        [Self::Utf8, Self::Gb18030].into_iter().find(|encoding| encoding.term() == named)
    }

    /// Its name in a media type.
    #[must_use]
    pub fn charset(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gb18030 => "gb18030",
        }
    }

    /// MSH-18, HL7 table 0211.
    pub(super) fn term(self) -> &'static str {
        match self {
            Self::Utf8 => "UNICODE UTF-8",
            Self::Gb18030 => "GB 18030-2000",
        }
    }

    pub(super) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Gb18030 => encoding_rs::GB18030.encode(text).0.into_owned(),
        }
    }
}

/// Language of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum MessageLanguage {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl From<MessageLanguage> for Language {
    fn from(language: MessageLanguage) -> Self {
        match language {
            MessageLanguage::English => Self::English,
            MessageLanguage::Chinese => Self::Chinese,
        }
    }
}

/// Why a mapping file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Not TOML of this shape.
    #[error("the mapping cannot be read: {0}")]
    Shape(String),
    /// A segment that would break the message.
    #[error("`extra_segments`: `{0}` is no segment: three capitals or digits, then `|`")]
    Segment(String),
}

impl Mapping {
    /// Reads the TOML of a clinic.
    ///
    /// # Errors
    /// An unknown key, a value that is not one of those named, a segment without a name.
    pub fn from_toml(text: &str) -> Result<Self, MappingError> {
        let mapping: Self =
            toml::from_str(text).map_err(|error| MappingError::Shape(error.message().to_owned()))?;
        let is_segment = |segment: &&String| {
            let name = segment.split('|').next().unwrap_or_default();
            let letters =
                name.len() == 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            letters && segment.contains('|') && !segment.chars().any(char::is_control)
        };
        match mapping.extra_segments.iter().find(|segment| !is_segment(segment)) {
            Some(segment) => Err(MappingError::Segment(segment.clone())),
            None => Ok(mapping),
        }
    }

    pub(super) fn renamed(
        &self,
        codes: [&str; 2],
        site: Option<&str>,
        side: Option<&str>,
    ) -> Option<&Rename> {
        let fits = |rename: &&Rename| {
            let right =
                |wanted: &Option<String>, is: Option<&str>| wanted.is_none() || wanted.as_deref() == is;
            codes.contains(&rename.from.as_str()) && right(&rename.site, site) && right(&rename.side, side)
        };
        self.rename.iter().find(fits)
    }
}
