//! The fonts at hand, and which of them a text needs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use typst::foundations::Bytes;
use typst::text::Font;
use walkdir::WalkDir;

use crate::PrintError;

/// Files with fonts, those that are to be used first at the front.
#[derive(Clone, Debug, Default)]
pub struct Fonts {
    files: Vec<Vec<PathBuf>>,
}

/// There is nothing to print with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FontsError {
    /// No font was found.
    #[error("no font was found; install fonts-liberation, or name a folder with fonts in `font_dirs`")]
    None,
}

/// Where systems keep fonts.
const SYSTEM: [&str; 5] = [
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/texmf/fonts",
    "/System/Library/Fonts",
    "C:\\Windows\\Fonts",
];

/// Fonts of systems by the beginnings of their file names: regular and bold of a family together, Latin first.
const KNOWN: [&[&str]; 13] = [
    &["LiberationSans-Regular", "LiberationSans-Bold."],
    &["NotoSans-Regular", "NotoSans-Bold."],
    &["DejaVuSans.", "DejaVuSans-Bold."],
    &["arial.", "arialbd."],
    &["Helvetica."],
    &["NotoSansCJK-Regular", "NotoSansCJK-Bold."],
    &["NotoSansSC-Regular", "NotoSansSC-Bold", "NotoSansSC["],
    &["SourceHanSansSC-Regular", "SourceHanSansSC-Bold"],
    &["wqy-microhei"],
    &["wqy-zenhei"],
    &["msyh.", "msyhbd."],
    &["PingFang"],
    // Rare characters of names.
    &["HanaMinA", "HanaMinB", "BabelStoneHan", "simsunb", "NotoSerifCJK-Regular"],
];

impl Fonts {
    /// All fonts of these folders, then those of the system that are known to serve.
    #[must_use]
    pub fn find(folders: &[PathBuf]) -> Self {
        let mut files: Vec<Vec<PathBuf>> = folders.iter().map(|folder| fonts_in(folder)).collect();
        let system: Vec<PathBuf> = SYSTEM.iter().flat_map(|folder| fonts_in(Path::new(folder))).collect();
        let named = |names: &&[&str]| -> Vec<PathBuf> {
            let is_it = |path: &&PathBuf| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                names.iter().any(|known| name.starts_with(known))
            };
            system.iter().filter(is_it).cloned().collect()
        };
        files.extend(KNOWN.iter().map(named));
        files.retain(|family| !family.is_empty());
        Self { files }
    }

    /// The fonts that have all letters of a text; files are read as far as they are needed.
    ///
    /// # Errors
    /// A letter that none has.
    pub(crate) fn of(&self, letters: &BTreeSet<char>) -> Result<Vec<Font>, PrintError> {
        let mut missing: BTreeSet<u32> = letters.iter().map(|letter| u32::from(*letter)).collect();
        let mut chosen: Vec<Font> = Vec::new();
        for family in &self.files {
            let fonts: Vec<Font> = family.iter().flat_map(|path| faces(path)).collect();
            let before = missing.len();
            missing.retain(|letter| !fonts.iter().any(|font| font.info().coverage.contains(*letter)));
            // Latin of the first family, and whatever has what is still missing.
            if chosen.is_empty() || missing.len() < before {
                chosen.extend(fonts);
            }
            if missing.is_empty() && !chosen.is_empty() {
                return Ok(chosen);
            }
        }
        match (chosen.is_empty(), missing.first()) {
            (true, _) | (_, None) => Err(FontsError::None.into()),
            (false, Some(letter)) => Err(PrintError::MissingGlyph(*letter)),
        }
    }
}

fn fonts_in(folder: &Path) -> Vec<PathBuf> {
    let is_font = |path: &PathBuf| {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        matches!(ending.as_str(), "ttf" | "otf" | "ttc" | "otc")
    };
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    entries.map(walkdir::DirEntry::into_path).filter(is_font).collect()
}

/// The faces of a file; of a collection for several countries, those for Simplified Chinese.
fn faces(path: &Path) -> Vec<Font> {
    let Ok(bytes) = std::fs::read(path) else { return Vec::new() };
    let all: Vec<Font> = Font::iter(Bytes::new(bytes)).collect();
    let family = |font: &Font| font.info().family.clone();
    let chinese: Vec<Font> = all.iter().filter(|font| family(font).ends_with(" SC")).cloned().collect();
    let chosen = if chinese.is_empty() { all } else { chinese };
    // Digits of a table stand under one another anyway; one face of a collection is enough.
    let mut seen = BTreeSet::new();
    chosen
        .into_iter()
        .filter(|font| !family(font).contains("Mono"))
        .filter(|font| seen.insert((family(font), format!("{:?}", font.info().variant))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_fonts_there_is_an_error_and_no_blank() {
        let letters = BTreeSet::from(['a']);
        assert_eq!(Fonts::default().of(&letters).map(|_| ()), Err(FontsError::None.into()));
    }

    #[test]
    fn a_letter_that_no_font_has_is_named() {
        let fonts = Fonts::find(&[]);
        let letters = BTreeSet::from(['a', '\u{10fffd}']);
        assert_eq!(fonts.of(&letters).map(|_| ()), Err(PrintError::MissingGlyph(0x0010_fffd)));
        let latin = fonts.of(&BTreeSet::from(['a', 'é', '−'])).unwrap();
        assert!(latin.iter().all(|font| !font.info().family.contains("CJK")), "Chinese fonts are large");
    }
}
