//! Typst's view of the world: a template, its data, the pictures and fonts of one PDF, and nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use serde_json::Value;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World, WorldExt as _};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::PrintError;
use crate::fonts::Fonts;
use crate::layout::Logo;

/// The template of the report.
pub(crate) const REPORT: &str = include_str!("../templates/report.typ");
/// The template of the patient's sheet.
pub(crate) const SHEET: &str = include_str!("../templates/sheet.typ");
/// What both share.
const FRAME: &str = include_str!("../templates/frame.typ");

/// What a template is given: data, and the pictures that the data names.
#[derive(Default)]
pub(crate) struct Content {
    pub(crate) data: Value,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// When it was signed or the study taken, `YYYY-MM-DD` with or without `THH:MM:SS`: a report that is printed
    /// again says the same.
    pub(crate) made: Option<String>,
}

impl Content {
    /// Adds the logo of the head.
    pub(crate) fn logo(&mut self, logo: Option<&Logo>) {
        let Some(logo) = logo else { return };
        let name = format!("logo.{}", logo.format);
        self.data["logo"] = Value::from(name.clone());
        self.files.insert(name, logo.bytes.clone());
    }

    /// Every letter that is printed.
    fn letters(&self) -> BTreeSet<char> {
        let mut letters: BTreeSet<char> = ('!'..='~').collect();
        collect(&self.data, &mut letters);
        letters
    }
}

fn collect(value: &Value, letters: &mut BTreeSet<char>) {
    match value {
        Value::String(text) => {
            letters.extend(text.chars().filter(|letter| !letter.is_whitespace() && !letter.is_control()));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, letters)),
        Value::Object(values) => values.values().for_each(|value| collect(value, letters)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Sets a template and writes it as PDF/A-2b.
pub(crate) fn print(template: &str, content: &Content, fonts: &Fonts) -> Result<Vec<u8>, PrintError> {
    let fonts = fonts.of(&content.letters())?;
    let world = Paper::new(template, content, fonts)?;
    let set = typst::compile::<PagedDocument>(&world).output;
    let standards = PdfStandards::new(&[PdfStandard::A_2b])
        .map_err(|error| PrintError::Set(error.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Auto,
        creator: Smart::Custom(Some("dxa".to_owned())),
        timestamp: content.made.as_deref().and_then(timestamp).or_else(|| timestamp(UNDATED)),
        standards,
        ..PdfOptions::default()
    };
    let pdf = set.and_then(|document| typst_pdf::pdf(&document, &options));
    // What was remembered of this report serves no other, and its fonts are large.
    comemo::evict(0);
    pdf.map_err(|errors| defect(&world, &errors))
}

/// The sentences name places of our templates, and no content of the report.
fn defect(world: &Paper, errors: &[SourceDiagnostic]) -> PrintError {
    let sentence = |error: &SourceDiagnostic| {
        let place = world.range(error.span).map_or(0, |range| range.start);
        format!("{} (at byte {place})", error.message)
    };
    PrintError::Set(errors.iter().map(sentence).collect::<Vec<_>>().join("; "))
}

/// Of a report without any date, as in DICOM documents: nobody was scanned on that day.
const UNDATED: &str = "1900-01-01";

fn timestamp(text: &str) -> Option<Timestamp> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
    let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
    let at = Datetime::from_ymd_hms(
        text.get(..4)?.parse().ok()?,
        number(5, 7)?,
        number(8, 10)?,
        hour.unwrap_or(0),
        minute.unwrap_or(0),
        second.unwrap_or(0),
    )?;
    Some(Timestamp::new_utc(at))
}

struct Paper {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    main: Source,
    frame: Source,
    files: HashMap<FileId, Bytes>,
}

fn file(name: &str) -> Result<FileId, PrintError> {
    let path = VirtualPath::new(name).map_err(|_| PrintError::Set("a file has no name".to_owned()))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn library() -> &'static LazyHash<Library> {
    static LIBRARY: OnceLock<LazyHash<Library>> = OnceLock::new();
    LIBRARY.get_or_init(|| LazyHash::new(Library::default()))
}

impl Paper {
    fn new(template: &str, content: &Content, fonts: Vec<Font>) -> Result<Self, PrintError> {
        let mut data = content.data.clone();
        let mut families: Vec<String> = Vec::new();
        for font in &fonts {
            let family = font.info().family.to_lowercase();
            if !families.contains(&family) {
                families.push(family);
            }
        }
        data["fonts"] = families.into();
        let mut files = HashMap::new();
        for (name, bytes) in &content.files {
            files.insert(file(name)?, Bytes::new(bytes.clone()));
        }
        files.insert(file("data.json")?, Bytes::from_string(data.to_string()));
        Ok(Self {
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            main: Source::new(file("main.typ")?, template.to_owned()),
            frame: Source::new(file("frame.typ")?, FRAME.to_owned()),
            files,
        })
    }
}

impl World for Paper {
    fn library(&self) -> &LazyHash<Library> {
        library()
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let known = [&self.main, &self.frame].into_iter().find(|source| source.id() == id);
        known.cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    /// A report says when it was made where the result does; the clock is no part of it.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
