//! The words beside the picture: what was measured, and what may not be read from it.

use dxa_core::quality::QualityStatus;
use dxa_core::report::{Analysis, Region};
use dxa_core::score::{Score, ScoreKind};
use dxa_core::site::Side;
use dxa_core::study::{Scan, Tier};
use dxa_core::units::round_half_away;

use crate::text::{self, Language, labels};

use super::canvas::Rgb;
use super::vertebrae;

/// A line of the legend.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) color: Rgb,
    pub(super) heading: bool,
}

const PLAIN: Rgb = [225, 225, 225];
const FAINT: Rgb = [160, 160, 160];
const WARNING: Rgb = [255, 190, 70];

/// The legend of a scan; lines are at most `letters` long.
pub(super) fn lines(analysis: &Analysis, index: usize, letters: usize) -> Vec<Line> {
    let Some(scan) = analysis.scans.get(index) else { return Vec::new() };
    let mut lines = vec![heading(&title(scan))];
    lines.extend(wrapped(tier(scan), letters, if scan.tier == Tier::Quantitative { PLAIN } else { WARNING }));
    lines.extend(table(analysis, index));
    for spine in analysis.laterals.iter().filter(|spine| spine.scan == index) {
        lines.extend(vertebrae::table(spine, scan.spacing));
    }
    lines.extend(doubts(analysis, index, letters));
    lines.push(plain("", FAINT));
    lines.extend(wrapped(&analysis.provenance.software, letters, FAINT));
    lines.extend(wrapped("Check outlines and labels before use.", letters, FAINT));
    lines
}

fn title(scan: &Scan) -> String {
    let side = scan.laterality.map_or("", |side| match side {
        Side::Left => "left ",
        Side::Right => "right ",
        Side::Both => "",
    });
    format!("{side}{}", labels::kind(scan.kind, Language::English))
}

fn tier(scan: &Scan) -> &'static str {
    match scan.tier {
        Tier::Quantitative => "Computed from calibrated pixels.",
        Tier::Display => "DISPLAY - no density.",
        Tier::Reported => "REPORTED by the device; no density from these pixels.",
        Tier::None => "No density.",
    }
}

/// Site, area, density with its uncertainty, and T; only of regions whose density was measured here.
fn table(analysis: &Analysis, index: usize) -> Vec<Line> {
    let of_scan =
        |region: &&Region| region.measurement.scan == index && region.measurement.on_image.is_some();
    let measured: Vec<&Region> = analysis
        .regions
        .iter()
        .filter(of_scan)
        .filter(|region| region.measurement.bmd_g_cm2.is_some() && is_shown(region, analysis))
        .collect();
    if measured.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![plain("", PLAIN), plain("          cm²   g     g/cm²  ±     T", FAINT)];
    lines.extend(measured.into_iter().map(row));
    lines
}

/// Single regions, and of the totals those of the whole bone and of the vertebrae that are used.
fn is_shown(region: &Region, analysis: &Analysis) -> bool {
    use dxa_core::site::{LumbarSet, Site};
    let measured = &region.measurement;
    let used = analysis.assessment.spines.iter().find(|spine| spine.scan == measured.scan);
    match measured.site {
        Site::Lumbar(set) => {
            set.len() == 1 || set == LumbarSet::FULL || used.is_some_and(|spine| spine.used == Some(set))
        }
        _ => true,
    }
}

fn row(region: &Region) -> Line {
    let measured = &region.measurement;
    let number = |value: Option<f64>, decimals: i32| {
        value.map_or_else(String::new, |value| {
            format!("{:.*}", decimals.unsigned_abs() as usize, round_half_away(value, decimals))
        })
    };
    let uncertainty = measured.on_image.as_ref().and_then(|on_image| on_image.uncertainty_g_cm2);
    let t = region.scores.iter().find(|score| score.kind == ScoreKind::T);
    let left_out = if measured.excluded.is_some() { " out" } else { "" };
    let text = format!(
        "{:<9} {:>5} {:>5} {:>5} {:>5} {:>5}{left_out}",
        short_name(measured.site),
        number(measured.area_cm2, 2),
        number(measured.bmc_g, 2),
        number(measured.bmd_g_cm2, 3),
        number(uncertainty, 3),
        t.map_or_else(String::new, |t: &Score| format!("{:.1}", t.value)),
    );
    plain(&text, PLAIN)
}

/// The abbreviation that reports use for a site.
pub(super) fn short_name(site: dxa_core::site::Site) -> String {
    use dxa_core::site::{ForearmBone, ForearmPart, Site};
    let forearm = |part| match part {
        ForearmPart::OneThird => "33%",
        ForearmPart::Mid => "MID",
        ForearmPart::Ultradistal => "UD",
        ForearmPart::Total => "TOTAL",
    };
    match site {
        Site::Lumbar(set) => set.to_string(),
        Site::FemoralNeck => "FN".to_owned(),
        Site::TotalHip => "TH".to_owned(),
        Site::Trochanter => "TROCH".to_owned(),
        Site::Intertrochanter => "INTER".to_owned(),
        Site::Wards => "WARD".to_owned(),
        Site::Forearm(ForearmBone::Radius, part) => forearm(part).to_owned(),
        Site::Forearm(ForearmBone::RadiusUlna, part) => format!("R+U {}", forearm(part)),
        Site::TotalBody | Site::TotalBodyLessHead => text::site(site, Language::English),
    }
}

/// Refusals, checks that failed and findings that ask for a look, of this scan.
fn doubts(analysis: &Analysis, index: usize, letters: usize) -> Vec<Line> {
    use dxa_core::findings::Severity;
    let here = |scan: Option<usize>| scan == Some(index);
    let refusals = analysis.refusals.iter().filter(|refusal| here(refusal.scan));
    let refusals = refusals.map(|refusal| format!("refused: {}", refusal.code.code()));
    let failed = analysis.quality.iter();
    let failed = failed.filter(|record| record.scan == index && record.status == QualityStatus::Fail);
    let failed = failed.map(|record| format!("quality: {}", record.id));
    let findings = analysis.findings.iter();
    let findings = findings.filter(|finding| here(finding.scan) && finding.severity > Severity::Note);
    let findings = findings.map(|finding| match finding.site {
        Some(site) => format!("look: {} ({})", finding.code, short_name(site)),
        None => format!("look: {}", finding.code),
    });
    let mut said: Vec<String> = refusals.chain(failed).chain(findings).collect();
    said.dedup();
    let blank = (!said.is_empty()).then(|| plain("", WARNING));
    let wrapped = said.iter().flat_map(|text| wrapped(text, letters, WARNING));
    blank.into_iter().chain(wrapped).collect()
}

fn heading(text: &str) -> Line {
    Line { text: text.to_owned(), color: [255, 255, 255], heading: true }
}

fn plain(text: &str, color: Rgb) -> Line {
    Line { text: text.to_owned(), color, heading: false }
}

/// Words on as many lines as they need.
fn wrapped(text: &str, letters: usize, color: Rgb) -> Vec<Line> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| plain(line, color)).collect()
}
