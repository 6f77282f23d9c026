//! The readable table of `dxa analyze`.

mod vertebrae;

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};
use dxa_core::assess::{ADULT_AGE, Comparison, FractureRisk, LscSource, Outcome, Role, SitePrecision};
use dxa_core::measurement::Origin;
use dxa_core::report::{Analysis, Compared, History, Region};
use dxa_core::score::{Score, ScoreKind};
use dxa_core::study::Scan;

use crate::Refused;
use crate::text::{self, Label, Language, labels};

/// Renders studies and the files that made none.
#[must_use]
pub fn render(analyses: &[Analysis], refused: &[Refused], page: &Page<'_>) -> String {
    let history = History::of(analyses);
    let mut out = String::new();
    let mut studies: Vec<&Analysis> = analyses.iter().collect();
    studies.sort_by_key(|analysis| (analysis.study_instance_uid.clone(), analysis.patient.id.clone()));
    for analysis in studies {
        page.study(&mut out, analysis, &history);
    }
    page.errors(&mut out, refused);
    out
}

/// A rule under the headings and bars between columns; rows close together.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction('│'))
    .header_separator(LineStyle::none().fill('─').junction('┼'))
    .content_lines(ContentLineStyle::none().junction('│'));

/// How the table is to look, and what it needs beside the studies.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Language of the reader.
    pub language: Language,
    /// Columns of the terminal.
    pub width: u16,
    /// The site's own precision.
    pub precision: &'a [SitePrecision],
}

impl Page<'_> {
    fn label(&self, label: Label) -> &'static str {
        label.text(self.language)
    }

    fn study(&self, out: &mut String, analysis: &Analysis, history: &History<'_>) {
        let uid = analysis.study_instance_uid.as_deref().unwrap_or(self.label(Label::Unknown));
        let date = analysis.date.map(|date| date.to_string()).unwrap_or_default();
        line(out, &format!("{} {uid}  {date}", self.label(Label::Study)));
        line(out, &format!("{}: {}", self.label(Label::Patient), self.patient(analysis)));
        self.scans(out, analysis);
        self.regions(out, &analysis.regions);
        self.composition(out, analysis);
        self.vertebrae(out, analysis);
        self.spine_changes(out, analysis, history);
        self.assessment(out, analysis);
        self.conclusions(out, analysis);
        let compared = history.compared(analysis, self.precision);
        if !compared.is_empty() {
            self.comparisons(out, &compared);
        }
        let refusals = analysis.refusals.iter().map(|refusal| {
            (refusal.scan, refusal.code.code(), text::refusal(refusal, self.language).to_owned())
        });
        self.sentences(out, Label::Refused, refusals);
        let findings = analysis.findings.iter().map(|finding| {
            let mut sentence = text::finding(finding, self.language);
            if let (Language::Chinese, Some(site)) = (self.language, finding.site) {
                let _ = write!(sentence, "（{}）", text::site(site, self.language));
            }
            (finding.scan, finding.code, sentence)
        });
        self.sentences(out, Label::Findings, findings);
        out.push('\n');
    }

    fn patient(&self, analysis: &Analysis) -> String {
        let patient = &analysis.patient;
        let mut parts: Vec<String> = Vec::new();
        parts.extend(patient.name.clone());
        parts.extend(patient.id.clone());
        parts.extend(patient.sex.map(|sex| labels::sex(sex, self.language).to_owned()));
        parts.extend(patient.age.map(|(age, _)| format!("{:.1} {}", age.get(), self.label(Label::Years))));
        if parts.is_empty() { self.label(Label::Unknown).to_owned() } else { parts.join(", ") }
    }

    fn scans(&self, out: &mut String, analysis: &Analysis) {
        let headings = [Label::Scan, Label::Side, Label::Use, Label::PixelSize, Label::Device];
        let mut table = self.table(&headings);
        for (index, scan) in analysis.scans.iter().enumerate() {
            table.add_row(self.scan(index, scan));
        }
        line(out, &table.to_string());
    }

    fn scan(&self, index: usize, scan: &Scan) -> [String; 5] {
        let pixel = scan.spacing.map_or_else(String::new, |spacing| {
            format!("{:.3} × {:.3} ({})", spacing.row_mm, spacing.column_mm, scan.spacing_source.code())
        });
        let device: Vec<&str> =
            [&scan.manufacturer, &scan.model].into_iter().flatten().map(String::as_str).collect();
        [
            format!("{index} {}", labels::kind(scan.kind, self.language)),
            scan.laterality.map_or("", |side| labels::side(side, self.language)).to_owned(),
            labels::tier(scan.tier, self.language).to_owned(),
            pixel,
            device.join(" "),
        ]
    }

    fn regions(&self, out: &mut String, regions: &[Region]) {
        if regions.is_empty() {
            return;
        }
        let headings = [
            Label::Scan,
            Label::Site,
            Label::Area,
            Label::Content,
            Label::Density,
            Label::DeviceScores,
            Label::TScore,
            Label::ZScore,
            Label::Reference,
        ];
        let mut table = self.table(&headings);
        for region in regions {
            table.add_row(self.region(region));
            by_table(&region.named).into_iter().for_each(|scores| {
                table.add_row(named_row(&scores));
            });
        }
        line(out, &table.to_string());
    }

    fn region(&self, region: &Region) -> [String; 9] {
        let measured = &region.measurement;
        let side =
            measured.side.map(|side| format!(" {}", labels::side(side, self.language))).unwrap_or_default();
        let uncertainty = measured.on_image.as_ref().map(|on_image| on_image.uncertainty_g_cm2);
        let computed = match uncertainty {
            Some(_) => format!(" ({})", self.label(Label::Computed)),
            None if measured.origin == Origin::Computed => " Σ".to_owned(),
            None => String::new(),
        };
        let uncertainty = uncertainty.flatten().map(|value| format!(" ± {}", number(Some(value), 3)));
        let score = |kind| region.scores.iter().find(|score| score.kind == kind);
        let mut references: Vec<&str> =
            region.scores.iter().map(|score| score.reference.id.as_str()).collect();
        references.dedup();
        [
            measured.scan.to_string(),
            format!("{}{side}{computed}", text::site(measured.site, self.language)),
            number(measured.area_cm2, 2),
            number(measured.bmc_g, 2),
            number(measured.bmd_g_cm2, 3) + &uncertainty.unwrap_or_default(),
            device_scores(region),
            shown(score(ScoreKind::T)),
            shown(score(ScoreKind::Z)),
            references.join("\n"),
        ]
    }

    fn composition(&self, out: &mut String, analysis: &Analysis) {
        if analysis.composition.is_empty() {
            return;
        }
        let mut table = self.table(&[Label::Composition, Label::Fat, Label::Lean, Label::TotalMass]);
        for (_, row) in &analysis.composition {
            table.add_row([
                row.part.code().to_owned(),
                number(row.fat_g, 1),
                number(row.lean_g, 1),
                number(row.total_g, 1),
            ]);
        }
        line(out, &table.to_string());
    }

    fn assessment(&self, out: &mut String, analysis: &Analysis) {
        let assessment = &analysis.assessment;
        let category = match (assessment.who, assessment.age) {
            (_, Some(age)) => text::age_category(age, is_under_twenty(analysis), self.language),
            (Some(who), None) if assessment.lowest.is_some() => labels::who(who, self.language),
            _ => return,
        };
        let lowest = assessment.lowest.as_ref().map_or_else(String::new, |lowest| {
            let side =
                lowest.side.map(|side| format!(" {}", labels::side(side, self.language))).unwrap_or_default();
            let site = text::site(lowest.site, self.language);
            format!("; {} {:.1}, {site}{side}, {}", self.label(Label::LowestT), lowest.t, lowest.reference)
        });
        let (heading, profile) = (self.label(Label::Category), self.label(Label::Profile));
        line(out, &format!("{heading}: {category}{lowest} ({profile} {})", analysis.provenance.profile));
    }

    /// What follows from the rules, where it can be told, and the rules that say so.
    fn conclusions(&self, out: &mut String, analysis: &Analysis) {
        let assessment = &analysis.assessment;
        let mut sentences = Vec::new();
        if assessment.diagnosis.osteoporosis.is_some() {
            sentences.push(text::diagnosis(&assessment.diagnosis, self.language));
        }
        if assessment.fracture_risk != FractureRisk::Unknown {
            sentences.push(text::fracture_risk(assessment.fracture_risk, self.language));
        }
        if assessment.vfa_indicated.is_some() {
            sentences.push(text::vfa(assessment.vfa_indicated, self.language));
        }
        for sentence in sentences {
            line(out, sentence);
        }
        let fired = assessment.rules.iter().filter(|rule| rule.answer.outcome() == Outcome::Fired);
        for rule in fired.filter(|rule| rule.id.role() != Role::Alone) {
            line(out, &format!("  {} [{}]", text::rule(rule, self.language), rule.id.code()));
        }
    }

    /// What changed since the study before, or why that is not said.
    fn comparisons(&self, out: &mut String, compared: &[Compared<'_>]) {
        let headings = [
            Label::Scan,
            Label::Site,
            Label::Since,
            Label::Change,
            Label::ChangePercent,
            Label::LeastSignificantChange,
            Label::Meaning,
        ];
        let mut table = self.table(&headings);
        for one in compared {
            table.add_row(self.comparison(&one.comparison));
        }
        line(out, &table.to_string());
        let doubts = compared.iter().flat_map(|one| &one.comparison.findings);
        let doubts = doubts.map(|doubt| (doubt.scan, doubt.code, text::finding(doubt, self.language)));
        self.sentences(out, Label::Findings, doubts);
    }

    fn comparison(&self, comparison: &Comparison) -> [String; 7] {
        let side =
            comparison.side.map(|side| format!(" {}", labels::side(side, self.language))).unwrap_or_default();
        let change = comparison.change.ok();
        let lsc = change.and_then(|change| change.lsc).map(|lsc| match lsc.source {
            LscSource::Measured => number(Some(lsc.g_cm2), 3),
            LscSource::Default => {
                format!("{} ({})", number(Some(lsc.g_cm2), 3), self.label(Label::ByDefault))
            }
        });
        let meaning = match comparison.change {
            Ok(change) => text::change(change.significant, self.language),
            Err(why) => text::incomparable(why, self.language),
        };
        [
            comparison.scan.to_string(),
            format!("{}{side}", text::site(comparison.site, self.language)),
            comparison.prior_date.map(|date| date.to_string()).unwrap_or_default(),
            signed(change.map(|change| change.g_cm2), 3),
            signed(change.map(|change| change.percent), 1),
            lsc.unwrap_or_default(),
            meaning.to_owned(),
        ]
    }

    /// One line a scan and code; the JSON document lists each of them.
    fn sentences(
        &self,
        out: &mut String,
        heading: Label,
        sentences: impl Iterator<Item = (Option<usize>, &'static str, String)>,
    ) {
        let mut rows = sentences.peekable();
        if rows.peek().is_some() {
            line(out, &format!("{}:", self.label(heading)));
        }
        let mut said: Vec<(Option<usize>, &str, String, usize)> = Vec::new();
        for (scan, code, sentence) in rows {
            match said.iter_mut().find(|row| (row.0, row.1) == (scan, code)) {
                Some(row) => row.3 += 1,
                None => said.push((scan, code, sentence, 1)),
            }
        }
        for (scan, code, sentence, times) in said {
            let scan = scan.map(|scan| format!("{} {scan}: ", self.label(Label::Scan))).unwrap_or_default();
            let more = if times > 1 {
                format!(" ({})", self.label(Label::More).replace("{}", &(times - 1).to_string()))
            } else {
                String::new()
            };
            line(out, &format!("  {scan}{sentence}{more} [{code}]"));
        }
    }

    /// Files that made no study, those with the same reason together.
    fn errors(&self, out: &mut String, refused: &[Refused]) {
        if refused.is_empty() {
            return;
        }
        line(out, &format!("{} ({}):", self.label(Label::NotRead), refused.len()));
        let mut sorted: Vec<&Refused> = refused.iter().collect();
        sorted.sort();
        for file in sorted {
            let sentence = text::error(file, self.language);
            line(out, &format!("  {}: {sentence} [{}]", file.path, file.code));
        }
    }

    fn table(&self, headings: &[Label]) -> Table {
        let mut table = Table::new();
        table
            .load_style(STYLE)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(self.width)
            .set_header(headings.iter().map(|heading| self.label(*heading)));
        table
    }
}

fn is_under_twenty(analysis: &Analysis) -> bool {
    analysis.patient.age.is_some_and(|(age, _)| age.get() < ADULT_AGE)
}

/// Writes a line without control characters, so that no text of a file can steer the terminal.
fn line(out: &mut String, text: &str) {
    out.extend(text.chars().filter(|c| !c.is_control() || *c == '\n'));
    out.push('\n');
}

fn number(value: Option<f64>, decimals: i32) -> String {
    let rounded = value.map(|value| dxa_core::units::round_half_away(value, decimals));
    rounded.map_or_else(String::new, |value| format!("{value:.*}", decimals.unsigned_abs() as usize))
}

fn signed(value: Option<f64>, decimals: i32) -> String {
    let text = number(value, decimals);
    if text.is_empty() || text.starts_with('-') { text } else { format!("+{text}") }
}

/// Scores against tables asked for by name, those of one table together.
fn by_table(named: &[Score]) -> Vec<Vec<&Score>> {
    let mut tables: Vec<Vec<&Score>> = Vec::new();
    for score in named {
        match tables.last_mut().filter(|scores| scores[0].reference.id == score.reference.id) {
            Some(scores) => scores.push(score),
            None => tables.push(vec![score]),
        }
    }
    tables
}

/// A row under that of the region, with the scores against one table asked for by name.
fn named_row(scores: &[&Score]) -> [String; 9] {
    let of = |kind| shown(scores.iter().copied().find(|score| score.kind == kind));
    let id = scores.first().map(|score| score.reference.id.clone()).unwrap_or_default();
    let mut row: [String; 9] = Default::default();
    [row[6], row[7], row[8]] = [of(ScoreKind::T), of(ScoreKind::Z), format!("↳ {id}")];
    row
}

fn device_scores(region: &Region) -> String {
    let device = &region.measurement.device;
    if device.t.is_none() && device.z.is_none() {
        return String::new();
    }
    let part = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
    format!("{} / {}", part(device.t), part(device.z))
}

fn shown(score: Option<&Score>) -> String {
    score.map_or_else(String::new, |score| format!("{:.1}", score.value))
}
