//! The report page: the result of a study as a picture of text that any viewer shows.

use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dxa_core::site::Site;

use crate::codes;
use crate::data_set::DataSet;
use crate::issue::{Issue, Status, WrittenObject};
use crate::record::{Region, Score, Study, Vertebra};
use crate::study_header::{self, Series};
use crate::text::{self, Language};

use super::canvas::{Canvas, Letters, Rgb};

/// Behind the report, before the pictures of scans.
const SERIES: Series =
    Series { kind: "sc page series", modality: "OT", number: "902", description: "DXA report page" };

const WIDTH: u32 = 1000;
const MARGIN: u32 = 30;
/// Letters of a line.
const LETTERS: usize = ((WIDTH - 2 * MARGIN) / 9) as usize;

const PLAIN: Rgb = [225, 225, 225];
const FAINT: Rgb = [160, 160, 160];
const HEADING: Rgb = [90, 220, 255];
const WARNING: Rgb = [255, 190, 70];

/// Draws and writes the page; `None` for a study without a UID, or one too long for a picture.
///
/// The same result, sources and standing give the same bytes.
#[must_use]
pub fn page(study: &Study, issue: &Issue<'_>) -> Option<WrittenObject> {
    study.study.instance_uid.as_deref().filter(|uid| !uid.is_empty())?;
    let lines = lines(study, issue);
    let height = u32::try_from(lines.len()).ok()? * Letters::Small.height() + 2 * MARGIN;
    let mut canvas = Canvas::new(WIDTH, height.clamp(400, 8000))?;
    for (row, line) in (0i32..).zip(&lines) {
        let y = i32::try_from(MARGIN).ok()? + row * i32::try_from(Letters::Small.height()).ok()?;
        canvas.text((i32::try_from(MARGIN).ok()?, y), &line.0, Letters::Small, line.1);
    }
    write(canvas, study, issue)
}

type Line = (String, Rgb);

fn lines(study: &Study, issue: &Issue<'_>) -> Vec<Line> {
    let mut lines = vec![("BONE DENSITOMETRY".to_owned(), HEADING), (person(study), PLAIN)];
    let standing = match issue.standing.status {
        Status::Preliminary => ("DRAFT - not signed; a physician decides.", WARNING),
        Status::Final => ("Signed.", PLAIN),
        Status::Amended => ("Signed again after a change.", PLAIN),
    };
    lines.push((standing.0.to_owned(), standing.1));
    section(&mut lines, "Regions", study.regions.iter().map(region).collect());
    section(&mut lines, "Vertebrae", study.vertebrae.iter().map(vertebra).collect());
    section(&mut lines, "Assessment", vec![(text::conclusion(study, Language::English), PLAIN)]);
    let findings = study.findings.iter().filter(|finding| finding.severity != "note");
    let findings = findings.map(|finding| (format!("{}: {}", finding.code, finding.message), WARNING));
    section(&mut lines, "To be looked at", findings.collect());
    let refusals = study.refusals.iter();
    let refusals = refusals.map(|refusal| (format!("{}: {}", refusal.code, refusal.message), WARNING));
    section(&mut lines, "Refused", refusals.collect());
    let made = format!("{}; protocol {}", study.provenance.software, study.provenance.protocol_sha256);
    section(&mut lines, "", vec![(made, FAINT)]);
    lines
}

fn section(lines: &mut Vec<Line>, heading: &str, rows: Vec<Line>) {
    if rows.is_empty() {
        return;
    }
    lines.push((String::new(), PLAIN));
    if !heading.is_empty() {
        lines.push((heading.to_owned(), HEADING));
    }
    for (text, color) in rows {
        lines.extend(wrapped(&text).into_iter().map(|line| (line, color)));
    }
}

/// Who and when; a name in another script than Latin is left to the header, which has it.
fn person(study: &Study) -> String {
    let patient = &study.patient;
    let latin = patient.name_raw.as_deref().unwrap_or_default().split('=').next().unwrap_or_default();
    let age = patient.age_years.map(|age| format!("{age:.1} years"));
    let parts = [
        Some(latin.replace('^', " ")),
        patient.id.clone(),
        patient.sex.clone(),
        age,
        study.study.date.clone(),
    ];
    let said: Vec<String> = parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect();
    said.join("   ")
}

fn region(region: &Region) -> Line {
    let site = region.site.parse::<Site>();
    let site = site.map_or_else(|_| region.site.clone(), |site| text::site(site, Language::English));
    let side = region.laterality.as_deref().unwrap_or_default();
    let number = |value: Option<f64>, decimals: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
    };
    let score = |kind: &str| region.scores.iter().find(|score| score.kind == kind && !score.named);
    let shown = |score: Option<&Score>| number(score.map(|score| score.value), 1);
    let table = score("T").or(score("Z")).map(|score| score.reference.id.as_str()).unwrap_or_default();
    let device = region.device.t.map(|t| format!("device T {t:.1}")).unwrap_or_default();
    let out =
        region.excluded.as_ref().map(|excluded| format!("left out: {}", excluded.reason)).unwrap_or_default();
    let text = format!(
        "{site:<24} {side:1} {:>7} cm2 {:>7} g {:>6} g/cm2  T {:>4}  Z {:>4}  {table} {device} {out}",
        number(region.area_cm2, 2),
        number(region.bmc_g, 2),
        number(region.bmd_g_cm2, 3),
        shown(score("T")),
        shown(score("Z")),
    );
    let ours = if region.provenance == "computed" { PLAIN } else { FAINT };
    (text.trim_end().to_owned(), ours)
}

fn vertebra(vertebra: &Vertebra) -> Line {
    if !vertebra.evaluable {
        return (format!("{:<4} not evaluable", vertebra.level), FAINT);
    }
    let heights = vertebra.heights_mm.as_ref().map(|heights| {
        let mm = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
        format!("{} / {} / {} mm", mm(heights.anterior), mm(heights.middle), mm(heights.posterior))
    });
    let grade = vertebra.grade.map(|grade| codes::english(&format!("G{grade}"))).unwrap_or_default();
    let shape = vertebra.shape.as_deref().map(codes::english).unwrap_or_default();
    let color = if vertebra.grade.unwrap_or(0) > 0 { WARNING } else { PLAIN };
    (format!("{:<4} {:<24} {grade}; {shape}", vertebra.level, heights.unwrap_or_default()), color)
}

/// A text in lines that fit, cut between words where there are any.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for letter in text.chars() {
        if letter == '\n' || line.chars().count() == LETTERS {
            let cut = line.rfind(' ').filter(|at| letter != '\n' && letter != ' ' && *at > LETTERS / 2);
            let rest = cut.map(|at| line.split_off(at)).unwrap_or_default();
            lines.push(std::mem::replace(&mut line, rest.trim_start().to_owned()));
        }
        if letter != '\n' {
            line.push(letter);
        }
    }
    lines.push(line);
    lines
}

fn write(canvas: Canvas, study: &Study, issue: &Issue<'_>) -> Option<WrittenObject> {
    let mut set = DataSet::new();
    study_header::write(&mut set, study, issue, uids::SECONDARY_CAPTURE_IMAGE_STORAGE, &SERIES);
    study_header::content_time(&mut set, issue);
    set.text(tags::INSTANCE_NUMBER, VR::IS, &study.provenance.version.to_string());
    set.text(tags::CONVERSION_TYPE, VR::CS, "WSD");
    set.text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\SECONDARY\\OTHER");
    set.text(tags::BURNED_IN_ANNOTATION, VR::CS, "YES");
    set.text_or_empty(tags::PATIENT_ORIENTATION, VR::CS, None);
    set.text_or_empty(tags::LATERALITY, VR::CS, None);
    let short = |value: u32| u16::try_from(value).ok().map(PrimitiveValue::from);
    set.put(tags::SAMPLES_PER_PIXEL, VR::US, short(3)?);
    set.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "RGB");
    set.put(tags::PLANAR_CONFIGURATION, VR::US, short(0)?);
    set.put(tags::ROWS, VR::US, short(canvas.height())?);
    set.put(tags::COLUMNS, VR::US, short(canvas.width())?);
    set.put(tags::BITS_ALLOCATED, VR::US, short(8)?);
    set.put(tags::BITS_STORED, VR::US, short(8)?);
    set.put(tags::HIGH_BIT, VR::US, short(7)?);
    set.put(tags::PIXEL_REPRESENTATION, VR::US, short(0)?);
    set.put(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(canvas.into_rgb().into()));
    let sop_instance = set.derived_uid("sc page")?;
    set.text(tags::SOP_INSTANCE_UID, VR::UI, &sop_instance);
    let bytes = set.into_file(uids::SECONDARY_CAPTURE_IMAGE_STORAGE, &sop_instance)?;
    Some(WrittenObject { sop_instance, bytes })
}

#[cfg(test)]
mod tests {
    use super::{LETTERS, wrapped};

    #[test]
    fn nothing_of_a_text_is_lost_between_lines() {
        let text = "a word ".repeat(60) + &"x".repeat(3 * LETTERS);
        let lines = wrapped(&text);
        assert!(lines.iter().all(|line| line.chars().count() <= LETTERS), "{lines:?}");
        let letters = |text: &str| text.chars().filter(|letter| *letter != ' ').collect::<String>();
        assert_eq!(letters(&lines.concat()), letters(&text));
    }
}
