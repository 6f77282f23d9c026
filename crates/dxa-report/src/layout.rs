//! What a clinic wants of its reports: head, logo, the order of the sections, fonts.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The layout of reports; every key has a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Layout {
    /// Name of the clinic, in the head of every page.
    pub organization: String,
    /// Lines under it: department, address, telephone.
    pub head: Vec<String>,
    /// A picture beside it: PNG, JPEG or SVG.
    pub logo: Option<PathBuf>,
    /// Sections of the report in their order; all of them when empty.
    pub sections: Vec<Section>,
    /// Folders whose fonts are used before those of the system.
    pub font_dirs: Vec<PathBuf>,
}

/// A part of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Category, the score that decides, what must be seen first.
    Conclusion,
    /// Densities and scores.
    Regions,
    /// Age curves.
    Curves,
    /// Scans with what was found on them.
    Images,
    /// Vertebral heights and grades.
    Vertebrae,
    /// What changed since the study before.
    Changes,
    /// Body composition.
    Composition,
    /// Diagnosis and risk, and the rules that are met.
    Assessment,
    /// Doubts, refusals and checks that failed.
    Doubts,
    /// What computed the numbers.
    Provenance,
}

impl Section {
    /// Every section in the usual order.
    pub const ALL: [Self; 10] = [
        Self::Conclusion,
        Self::Regions,
        Self::Curves,
        Self::Vertebrae,
        Self::Changes,
        Self::Composition,
        Self::Assessment,
        Self::Doubts,
        Self::Images,
        Self::Provenance,
    ];
}

impl Layout {
    /// The sections in the order in which they are printed.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        if self.sections.is_empty() { &Section::ALL } else { &self.sections }
    }
}

/// A logo that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// It cannot be read.
    #[error("the logo {path} cannot be read: {source}")]
    Unreadable {
        /// Where it should be.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no picture that can be set.
    #[error("the logo {0} is no PNG, JPEG or SVG")]
    NoPicture(PathBuf),
}

/// A logo that was read.
pub(crate) struct Logo {
    pub(crate) format: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl Logo {
    pub(crate) fn read(path: &Path) -> Result<Self, LayoutError> {
        let unreadable = |source| LayoutError::Unreadable { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let format = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => "png",
            [0xff, 0xd8, 0xff, ..] => "jpg",
            text if text.windows(4).take(512).any(|part| part == b"<svg") => "svg",
            _ => return Err(LayoutError::NoPicture(path.to_owned())),
        };
        Ok(Self { format, bytes })
    }
}
