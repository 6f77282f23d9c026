//! The page of a study: everything that a reader needs to judge it, in the order in which it is looked at.

mod changes;
mod doubts;
mod head;
mod life;
mod other_profiles;
mod regions;
mod rules;
mod spine;
mod verdict;
mod viewer;

use std::collections::HashMap;

use askama::Template;
use dxa_exchange::record::Study;
use serde_json::{Map, Value};

use super::Say;
use super::curve;
use super::frame::Frame;
use super::plot::Plot;
use super::trend::{self, Visit};
use super::words::Words;
use crate::store::{Correction, Signature, Standing};
use crate::work::Summary;

/// What a page of a study is made of.
pub(crate) struct Given<'a> {
    pub(crate) frame: &'a Frame,
    /// The result.
    pub(crate) study: &'a Study,
    /// Study Instance UID.
    pub(crate) uid: &'a str,
    /// What a change must name in `If-Match`.
    pub(crate) tag: String,
    /// Our own id of the patient.
    pub(crate) patient: &'a str,
    /// Every version of the report, oldest first; the last is shown.
    pub(crate) versions: Vec<Standing>,
    /// Where the image of an object is, by its SOP Instance UID.
    pub(crate) images: HashMap<String, String>,
    /// The scan to look at.
    pub(crate) scan: Option<usize>,
    /// Results of all visits of the patient.
    pub(crate) visits: Vec<Visit>,
    pub(crate) signatures: Vec<Signature>,
    pub(crate) corrections: Vec<Correction>,
}

/// A name with its value.
pub(crate) struct Fact {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A correction that a button makes: where to, what it says, and what takes it back.
pub(crate) struct Change {
    pub(crate) address: String,
    pub(crate) body: String,
    pub(crate) undo: String,
    pub(crate) word: &'static str,
    /// The word in one letter, where there is little room.
    pub(crate) sign: &'static str,
    /// A reason is asked for first.
    pub(crate) chooses: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "study.html")]
pub(crate) struct StudyPage<'a> {
    frame: &'a Frame,
    w: &'static Words,
    uid: &'a str,
    tag: String,
    head: head::Head<'a>,
    standing: head::Shown,
    verdict: verdict::Verdict,
    scans: Vec<viewer::Tab>,
    viewer: Option<viewer::Viewer>,
    no_image: &'static str,
    groups: Vec<regions::Group>,
    subsets: Vec<regions::Subset>,
    composition: Vec<regions::Part>,
    others: Vec<other_profiles::Other>,
    other_sites: Vec<String>,
    spine: Option<spine::Spine>,
    refusals: Vec<doubts::Refusal>,
    findings: Vec<doubts::Finding>,
    checks: Vec<doubts::Check>,
    quality_summary: String,
    quality_failed: bool,
    curves: Vec<Plot>,
    trends: Vec<Plot>,
    comparisons: Vec<changes::Row>,
    level_changes: Vec<changes::Row>,
    profile: String,
    sentences: Vec<String>,
    rules: Vec<rules::Rule>,
    life: Vec<life::Event>,
    provenance: Vec<Fact>,
}

impl<'a> StudyPage<'a> {
    /// The page of what is given.
    pub(crate) fn of(given: &'a Given<'a>) -> Self {
        let study = given.study;
        let say = Say::of(given.frame.language);
        let scan = viewer::scan_to_look_at(given);
        let standing = curve::standing_for(study);
        let curves = standing
            .iter()
            .filter_map(|region| curve::of(region, study, &trend::others(region, study, &given.visits), say));
        let trends = standing.iter().filter_map(|region| trend::of(region, study, &given.visits, say));
        let checks = doubts::checks(study, scan, say);
        let (other_sites, others) = other_profiles::of(study, &standing, say);
        Self {
            frame: given.frame,
            w: say.w,
            uid: given.uid,
            tag: given.tag.clone(),
            head: head::Head::of(given, say),
            standing: head::Shown::of(given, say),
            verdict: verdict::Verdict::of(study, &Summary::of(study), say),
            scans: viewer::tabs(study, scan, say),
            viewer: scan.and_then(|scan| viewer::Viewer::of(given, scan, say)),
            no_image: viewer::why_no_image(study, scan, say),
            groups: regions::groups(given, say),
            subsets: regions::subsets(study, say),
            composition: regions::composition(study, say),
            others,
            other_sites,
            spine: spine::Spine::of(given, say),
            refusals: doubts::refusals(study, say),
            findings: doubts::findings(study, say),
            quality_summary: doubts::quality_summary(study, say),
            quality_failed: study.quality.iter().any(|check| check.status == "fail"),
            checks,
            curves: curves.collect(),
            trends: trends.collect(),
            comparisons: changes::regions(study, say),
            level_changes: changes::levels(study, say),
            profile: study.assessment.profile.clone(),
            sentences: rules::sentences(study, say),
            rules: rules::all(study, say),
            life: life::events(given, say),
            provenance: life::provenance(study, say),
        }
    }
}

impl Given<'_> {
    /// Where a part of a scan is corrected.
    fn address(&self, scan: usize, part: &str) -> String {
        format!("/api/v1/studies/{}/scans/{scan}/{part}", self.uid)
    }

    /// What a user last said of a part; it is said again where only something else of it is changed.
    fn said(&self, target: &str) -> Map<String, Value> {
        let last = self.corrections.iter().rfind(|correction| correction.target == target);
        last.and_then(|correction| serde_json::from_str(&correction.body).ok()).unwrap_or_default()
    }
}
