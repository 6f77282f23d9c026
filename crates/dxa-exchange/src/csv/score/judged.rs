//! One row of numbers: scored by a profile or by named tables, and judged with its notes.

use dxa_core::assess::{Category, score_basis};
use dxa_core::reference::{Library, Profile, ReferenceTable, Status};
use dxa_core::score::{Measured, NoScore, RegionScores, ScoreKind, score_by_name, score_region};
use dxa_core::site::{Side, Site};

use super::{Row, Scheme};

/// What one output row says.
pub(super) struct Judged {
    pub(super) scores: RegionScores,
    pub(super) category: Option<&'static str>,
    pub(super) notes: Vec<String>,
}

/// The output rows of one input row: one by the profile, or one for each table.
pub(super) fn judged(row: &Row, scheme: &Scheme<'_>) -> Vec<Judged> {
    match scheme {
        Scheme::Profile(profile, library) => vec![judge(row, by_profile(row, profile, library), None)],
        Scheme::Named(tables) => {
            let mut all: Vec<Judged> =
                tables.iter().map(|table| judge(row, by_name(row, table), Some(table))).collect();
            let mut categories = all.iter().filter_map(|one| one.category);
            let first = categories.next();
            if categories.any(|category| Some(category) != first) {
                for one in all.iter_mut().filter(|one| one.category.is_some()) {
                    one.notes.push("category_depends_on_reference".to_owned());
                }
            }
            all
        }
    }
}

fn by_profile(row: &Row, profile: &Profile, library: &Library) -> RegionScores {
    let Some(site) = scorable(row) else { return RegionScores::default() };
    let measured = Measured { site, bmd: row.bmd, device_t: None, device_reference: None };
    score_region(profile, library, &row.subject, &row.device, &measured)
}

fn by_name(row: &Row, table: &ReferenceTable) -> RegionScores {
    let Some(site) = scorable(row) else { return RegionScores::default() };
    score_by_name(table, &row.subject, &row.device, site, row.bmd)
}

fn scorable(row: &Row) -> Option<Site> {
    row.site.filter(|_| row.obstacles.is_empty())
}

/// The category and the notes, each once.
fn judge(row: &Row, scores: RegionScores, table: Option<&ReferenceTable>) -> Judged {
    let mut notes = Notes::default();
    row.obstacles.iter().chain(&row.remarks).for_each(|code| notes.add(code));
    scores.missing.iter().for_each(|missing| notes.missing(&missing.why));
    if row.obstacles.is_empty() && row.device.maker.is_none() {
        notes.add("manufacturer_missing");
    }
    let category = category(row, &scores, &mut notes).map(Category::code);
    if let (Some(table), []) = (table, scores.scores.as_slice()) {
        notes.add(&format!("reference={}", table.id()));
    }
    if scores.scores.iter().any(|score| score.reference.site_as_stated.is_some()) {
        notes.add("site_not_stated");
    }
    for score in &scores.scores {
        if score.reference.status == Status::Secondary {
            notes.add(match score.kind {
                ScoreKind::T => "t_reference_secondary",
                ScoreKind::Z => "z_reference_secondary",
            });
        }
    }
    Judged { scores, category, notes: notes.0 }
}

fn category(row: &Row, scores: &RegionScores, notes: &mut Notes) -> Option<Category> {
    let (sex, age) = row.subject.sex.zip(row.subject.age)?;
    if scores.of(ScoreKind::T).is_some() && scores.deciding.is_none() {
        notes.add("t_shown_only");
    }
    let basis = score_basis(sex, age, row.menopause);
    let category = Category::of(basis.kind, scores)?;
    if basis.assumed {
        notes.add("menopause_assumed");
    }
    if Category::of_unrounded(basis.kind, scores) != Some(category) {
        notes.add("near_cut");
    }
    if !row.site.is_some_and(|site| counts_for_diagnosis(site, row.side)) {
        notes.add("site_not_for_diagnosis");
    }
    Some(category)
}

/// Rule `sites`: two lumbar vertebrae or more, neck, total hip, 33 % radius; never a mean of two hips.
fn counts_for_diagnosis(site: Site, side: Option<Side>) -> bool {
    use dxa_core::site::{ForearmBone::Radius, ForearmPart::OneThird};
    match site {
        Site::Lumbar(set) => set.len() >= 2,
        Site::FemoralNeck | Site::TotalHip => side != Some(Side::Both),
        Site::Forearm(bone, part) => (bone, part) == (Radius, OneThird),
        Site::Trochanter
        | Site::Intertrochanter
        | Site::Wards
        | Site::TotalBody
        | Site::TotalBodyLessHead => false,
    }
}

#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, code: &str) {
        if !self.0.iter().any(|note| note == code) {
            self.0.push(code.to_owned());
        }
    }

    fn missing(&mut self, why: &NoScore) {
        self.add(why.code());
        if matches!(why, NoScore::WrongDevice { .. }) {
            self.add("reference_of_other_device");
        }
    }
}
