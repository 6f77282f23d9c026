//! `--out DIR --formats …`: the files of each study, in a folder named by its UID.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use dxa_core::pipeline::Source;
use dxa_core::report::Analysis;
use dxa_exchange::issue::{Issue, Standing};
use dxa_exchange::json::{self, Run};
use dxa_exchange::record::Study;
use dxa_exchange::sc::Drawn;
use dxa_exchange::text::Language;
use dxa_exchange::view::trend::Visit;
use dxa_exchange::view::visits;
use dxa_exchange::{csv, fhir, gsps, hl7, record, sc, seg, sr};
use dxa_files::Analyzed;
use dxa_report::{Printed, Printer};

/// What to write and where.
pub(super) struct Out<'a> {
    folder: Option<&'a Path>,
    formats: &'a [String],
    mapping: &'a hl7::Mapping,
    printer: &'a Printer,
}

/// The pictures that the report of a study shows, each with its scan.
type Pictures = Vec<(usize, Drawn)>;

impl<'a> Out<'a> {
    /// # Errors
    /// A format that is not written.
    pub(super) fn new(
        folder: Option<&'a Path>,
        formats: &'a [String],
        mapping: &'a hl7::Mapping,
        printer: &'a Printer,
    ) -> anyhow::Result<Self> {
        if let Some(format) = formats.iter().find(|format| !FORMATS.contains(&format.as_str())) {
            bail!("the format `{format}` is not written by this version; it writes {}", FORMATS.join(", "));
        }
        Ok(Self { folder, formats, mapping, printer })
    }

    fn has(&self, name: &str) -> bool {
        self.formats.iter().any(|format| format == name)
    }

    /// Writes the pictures of one study, for which its pixels are read once more; its report needs them again.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub(super) fn pictures(&self, analysis: &Analysis, source: Source<'_>) -> anyhow::Result<Pictures> {
        let wanted = self.has("sc") || self.has("pdf");
        let Some(folder) = self.folder.filter(|_| wanted).and_then(|root| of_study(root, analysis)) else {
            return Ok(Vec::new());
        };
        let mut drawn = Vec::new();
        for scan in 0..analysis.scans.len() {
            // A scan without an image to draw has no picture; its refusal is in the result.
            let Some(object) = sc::encode(analysis, scan, source) else { continue };
            if self.has("sc") {
                write(&folder, &format!("sc-{scan}.dcm"), &object)?;
            }
            if self.has("pdf") {
                drawn.extend(sc::drawn(&object).map(|picture| (scan, picture)));
            }
        }
        Ok(drawn)
    }

    /// Writes the documents of all studies; each is compared with the others of its patient.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub(super) fn documents(
        &self,
        all: &Analyzed<Pictures>,
        run: Run<'_>,
        language: Language,
    ) -> anyhow::Result<()> {
        let Some(root) = self.folder else { return Ok(()) };
        let standing = Standing::default();
        for ((analysis, sources), pictures) in all.analyses.iter().zip(&all.sources).zip(&all.seen) {
            let Some(folder) = of_study(root, analysis) else {
                super::bail_softly(
                    "a study without a valid Study Instance UID was not written to the output folder",
                );
                continue;
            };
            let mut document = Vec::new();
            json::write_study(&mut document, analysis, &all.analyses, &run)?;
            if self.has("json") {
                write(&folder, "analysis.json", &document)?;
            }
            let issue = Issue { sources, standing: &standing, language };
            let wanted =
                self.has("pdf").then(|| visits::earlier(analysis, &all.analyses, &run)).transpose()?;
            self.encoded(&folder, &document, &issue, (pictures, &wanted.unwrap_or_default()))?;
        }
        Ok(())
    }

    /// Writes what is made from the JSON of a study.
    fn encoded(
        &self,
        folder: &Path,
        json: &[u8],
        issue: &Issue<'_>,
        (pictures, visits): (&Pictures, &[Visit]),
    ) -> anyhow::Result<()> {
        for study in record::read(json)? {
            if self.has("sr") {
                let report =
                    sr::encode(&study, issue).context("the structured report could not be written")?;
                write(folder, "sr.dcm", &report.bytes)?;
            }
            if let Some(page) = sc::page(&study, issue).filter(|_| self.has("sc")) {
                write(folder, "sc.dcm", &page.bytes)?;
            }
            self.overlays(folder, &study, issue)?;
            let pdf = self.has("pdf").then(|| self.printed(&study, issue, pictures, visits)).transpose()?;
            if let Some(pdf) = &pdf {
                write(folder, "report.pdf", pdf)?;
            }
            if self.has("fhir") {
                let bundle = fhir::bundle(&study, issue, None).context("the bundle could not be made")?;
                write(folder, "fhir.json", &bundle.to_json()?)?;
            }
            if self.has("hl7") {
                let message =
                    hl7::oru(&study, issue, self.mapping, None).context("the message could not be made")?;
                write(folder, "oru.hl7", &message.bytes)?;
            }
            if self.has("csv") {
                let mut table = Vec::new();
                csv::regions::write(&mut table, &study)?;
                write(folder, "regions.csv", &table)?;
            }
        }
        Ok(())
    }
}

impl Out<'_> {
    /// The report of a study as PDF.
    fn printed(
        &self,
        study: &Study,
        issue: &Issue<'_>,
        pictures: &Pictures,
        visits: &[Visit],
    ) -> anyhow::Result<Vec<u8>> {
        let (standing, language) = (issue.standing, issue.language);
        let printed = Printed { study, standing, language, pictures, visits };
        self.printer.report(&printed).context("report.pdf could not be made")
    }

    /// What lies over the image of each scan.
    fn overlays(&self, folder: &Path, study: &Study, issue: &Issue<'_>) -> anyhow::Result<()> {
        for scan in 0..study.scans.len() {
            if let Some(state) = gsps::encode(study, scan, issue).filter(|_| self.has("gsps")) {
                write(folder, &format!("gsps-{scan}.dcm"), &state.bytes)?;
            }
            if let Some(masks) = seg::encode(study, scan, issue).filter(|_| self.has("seg")) {
                write(folder, &format!("seg-{scan}.dcm"), &masks.bytes)?;
            }
        }
        Ok(())
    }
}

const FORMATS: [&str; 9] = ["json", "sr", "sc", "gsps", "seg", "pdf", "fhir", "hl7", "csv"];

fn of_study(root: &Path, analysis: &Analysis) -> Option<PathBuf> {
    let uid = analysis.study_instance_uid.as_deref().filter(|uid| is_uid(uid))?;
    Some(root.join(uid))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let file = folder.join(name);
    std::fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

/// Digits and single dots between them: safe as a folder name.
fn is_uid(uid: &str) -> bool {
    let parts = || uid.split('.');
    uid.len() <= 128
        && parts().count() > 1
        && parts().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}
