//! The printed report of a study, and the sheet for its patient, as PDF.
//!
//! Both are made from the JSON of a result, like every other document. Typst sets them; it is given text as data,
//! never as markup, and no file but those named here.

mod content;
mod fonts;
mod layout;
mod paper;
mod plot;
mod sheet;
mod words;

pub use fonts::{Fonts, FontsError};
pub use layout::{Layout, LayoutError, Section};

use std::sync::OnceLock;

use dxa_exchange::issue::Standing;
use dxa_exchange::record::Study;
use dxa_exchange::sc::Drawn;
use dxa_exchange::text::Language;
use dxa_exchange::view::trend::Visit;

/// Makes PDF files in the fonts and the layout of a clinic.
pub struct Printer {
    layout: Layout,
    logo: Option<layout::Logo>,
    /// Looked for when the first page is printed.
    fonts: OnceLock<Fonts>,
}

impl std::fmt::Debug for Printer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Printer").field("layout", &self.layout).finish_non_exhaustive()
    }
}

/// What a PDF is made of.
#[derive(Clone, Copy)]
pub struct Printed<'a> {
    /// The result.
    pub study: &'a Study,
    /// How far people stand behind it.
    pub standing: &'a Standing,
    /// Language of all words.
    pub language: Language,
    /// Pictures of scans with what was found on them, by the index of the scan.
    pub pictures: &'a [(usize, Drawn)],
    /// Earlier visits of the patient, for the curves.
    pub visits: &'a [Visit],
}

/// Why there is no PDF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// A letter would be a blank.
    #[error(
        "no font at hand has the letter U+{0:04X}; name a folder with one that has it in `font_dirs`, or install \
         fonts for Chinese such as fonts-noto-cjk, fonts-wqy-microhei or fonts-hanazono"
    )]
    MissingGlyph(u32),
    /// There is no font.
    #[error(transparent)]
    Fonts(#[from] FontsError),
    /// A defect of ours.
    #[error("the report could not be set: {0}")]
    Set(String),
}

impl PrintError {
    /// The sentence in the language of whoever asked for the report.
    #[must_use]
    pub fn said(&self, language: Language) -> String {
        match (language, self) {
            (Language::English, _) => self.to_string(),
            (Language::Chinese, Self::MissingGlyph(letter)) => format!(
                "现有字体均不含字符 U+{letter:04X}；请在 `font_dirs` 中指定含有该字的字体文件夹，或安装 fonts-noto-cjk、\
                 fonts-wqy-microhei、fonts-hanazono 等中文字体"
            ),
            (Language::Chinese, Self::Fonts(FontsError::None)) => {
                "未找到任何字体；请安装 fonts-liberation，或在 `font_dirs` 中指定字体文件夹".to_owned()
            }
            (Language::Chinese, Self::Set(why)) => format!("报告无法排版：{why}"),
        }
    }
}

impl Printer {
    /// With the logo of a layout.
    ///
    /// # Errors
    /// A logo that cannot be read or is no picture.
    pub fn new(layout: Layout) -> Result<Self, LayoutError> {
        let logo = layout.logo.as_deref().map(layout::Logo::read).transpose()?;
        Ok(Self { layout, logo, fonts: OnceLock::new() })
    }

    fn fonts(&self) -> &Fonts {
        self.fonts.get_or_init(|| Fonts::find(&self.layout.font_dirs))
    }

    /// The report for a physician.
    ///
    /// The same result, layout and fonts give the same bytes.
    ///
    /// # Errors
    /// A letter that no font has, or no font at all.
    pub fn report(&self, printed: &Printed<'_>) -> Result<Vec<u8>, PrintError> {
        let mut content = content::of(printed, &self.layout);
        content.logo(self.logo.as_ref());
        paper::print(paper::REPORT, &content, self.fonts())
    }

    /// One page in plain words for the patient.
    ///
    /// # Errors
    /// As [`Printer::report`].
    pub fn sheet(&self, printed: &Printed<'_>) -> Result<Vec<u8>, PrintError> {
        let mut content = sheet::of(printed, &self.layout);
        content.logo(self.logo.as_ref());
        paper::print(paper::SHEET, &content, self.fonts())
    }
}
