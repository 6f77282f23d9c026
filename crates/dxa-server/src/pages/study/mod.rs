//! The page of a study: everything that a reader needs to judge it, in the order in which it is looked at.

mod corrections;
mod head;
mod life;
mod other_profiles;
mod second;
mod viewer;

pub(crate) use second::Read;
pub(crate) use viewer::name as scan_name;

use std::collections::HashMap;

use askama::Template;
use dxa_core::context::Treatment;
use dxa_exchange::record::{Region, Study, Vertebra};
use dxa_exchange::view::plot::Plot;
use dxa_exchange::view::trend::{self, Visit};
use dxa_exchange::view::vertebrae::Spine;
use dxa_exchange::view::{Fact, Say, Summary, Verdict, Words};
use dxa_exchange::view::{changes, curve, doubts, heights, regions, rules, treatments};
use serde_json::{Map, Value};

use super::frame::Frame;
use super::reading::has_readable;
use crate::store::{Comment, Correction, Signature, Standing, is_independent};

/// What a page of a study is made of.
pub(crate) struct Given<'a> {
    pub(crate) frame: &'a Frame,
    /// The result.
    pub(crate) study: &'a Study,
    /// Study Instance UID.
    pub(crate) uid: &'a str,
    /// What a change must name in `If-Match`.
    pub(crate) tag: String,
    /// Why the page shows an older result than was asked for, where it does.
    pub(crate) behind: Option<Behind>,
    /// Why the report of the version could not be printed, where it should have been.
    pub(crate) unprinted: Option<String>,
    /// Our own id of the patient.
    pub(crate) patient: &'a str,
    /// Every version of the report, oldest first; the last is shown.
    pub(crate) versions: Vec<Standing>,
    /// Where the image of an object is, by its SOP Instance UID.
    pub(crate) images: HashMap<String, String>,
    /// The scan to look at.
    pub(crate) scan: Option<usize>,
    /// The region that is pointed at on it.
    pub(crate) site: Option<String>,
    /// Results of all visits of the patient.
    pub(crate) visits: Vec<Visit>,
    /// Treatments of the patient.
    pub(crate) treatments: Vec<Treatment>,
    pub(crate) signatures: Vec<Signature>,
    pub(crate) corrections: Vec<Correction>,
    /// Comments, oldest first.
    pub(crate) comments: Vec<Comment>,
    /// Readings of second physicians, oldest first.
    pub(crate) readings: Vec<Read>,
    /// Account of who looks at the page.
    pub(crate) reader: &'a str,
}

/// What became of the newest analysis, whose result is not the one that is shown.
pub(crate) enum Behind {
    /// It failed, and why.
    Failed(Option<String>),
    /// It is not done yet.
    Waits,
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
    given: &'a Given<'a>,
    say: Say,
    scan: Option<usize>,
    frame: &'a Frame,
    w: &'static Words,
    uid: &'a str,
    tag: String,
    notices: Vec<(&'static str, Option<String>)>,
    head: head::Head<'a>,
    standing: head::Shown,
    verdict: Verdict,
    scans: Vec<viewer::Tab>,
    viewer: Option<viewer::Viewer>,
    no_image: &'static str,
    groups: Vec<regions::Group<'a>>,
    subsets: Vec<regions::Subset>,
    composition: Vec<regions::Part>,
    others: Vec<other_profiles::Other>,
    other_sites: Vec<String>,
    spine: Option<Spine<'a>>,
    labels: Option<corrections::Labels>,
    refusals: Vec<doubts::Refusal>,
    findings: Vec<doubts::Finding>,
    checks: Vec<doubts::Check>,
    quality_summary: String,
    quality_failed: bool,
    curves: Vec<Plot>,
    trends: Vec<Plot>,
    heights: Vec<Plot>,
    treatments: Vec<String>,
    recoveries: Vec<heights::Recovery>,
    comparisons: Vec<changes::Row>,
    level_changes: Vec<changes::Row>,
    profile: String,
    sentences: Vec<String>,
    rules: Vec<rules::Rule>,
    comments: Vec<life::Said>,
    may_comment: bool,
    readings: Vec<second::Shown>,
    may_read: bool,
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
        let (visits, told) = (&given.visits, &given.treatments);
        let curves = standing.iter().filter_map(|region| {
            let lsc = trend::lsc_now(region, study, visits);
            curve::of(region, study, &trend::others(region, study, visits), lsc, say)
        });
        let trends = standing.iter().filter_map(|region| trend::of(region, study, visits, told, say));
        let checks = doubts::checks(study, say);
        let spine = Spine::of(study, say);
        let (other_sites, others) = other_profiles::of(study, &standing, say);
        Self {
            given,
            say,
            scan,
            frame: given.frame,
            w: say.w,
            uid: given.uid,
            tag: given.tag.clone(),
            notices: notices(given, say),
            head: head::Head::of(given, say),
            standing: head::Shown::of(given, say),
            verdict: Verdict::of(study, &Summary::of(study), say),
            scans: viewer::tabs(study, scan, say),
            viewer: scan.and_then(|scan| viewer::Viewer::of(given, scan, say)),
            no_image: viewer::why_no_image(study, scan, say),
            groups: regions::groups(study, say),
            subsets: regions::subsets(study, say),
            composition: regions::composition(study, say),
            others,
            other_sites,
            labels: spine.as_ref().map(|spine| corrections::Labels::of(given, spine.scan, say)),
            spine,
            refusals: doubts::refusals(study, say),
            findings: doubts::findings(study, say),
            quality_summary: doubts::quality_summary(study, say),
            quality_failed: study.quality.iter().any(|check| check.status == "fail"),
            checks,
            curves: curves.collect(),
            trends: trends.collect(),
            heights: heights::plots(study, visits, told, say),
            treatments: treatments::lines(told, say),
            recoveries: heights::recoveries(study, visits, told),
            comparisons: changes::regions(study, say),
            level_changes: changes::levels(study, say),
            profile: study.assessment.profile.clone(),
            sentences: rules::sentences(study, say),
            rules: rules::all(study, say),
            comments: life::comments(given, say),
            may_comment: given.frame.may_correct || given.frame.may_sign,
            readings: second::of(given, say),
            may_read: given.may_read_again(),
            life: life::events(given, say),
            provenance: dxa_exchange::view::head::provenance(study, say),
        }
    }
}

/// What a reader must know of the result as a whole: it is older than what was asked for, or its report did not leave.
fn notices(given: &Given<'_>, say: Say) -> Vec<(&'static str, Option<String>)> {
    let behind = given.behind.as_ref().map(|behind| match behind {
        Behind::Failed(why) => {
            (say.w.behind_failed, why.as_deref().map(|why| super::failure(why, say.language)))
        }
        Behind::Waits => (say.w.behind_waits, None),
    });
    let unprinted = given.unprinted.clone().map(|why| (say.w.unprinted, Some(why)));
    behind.into_iter().chain(unprinted).collect()
}

impl StudyPage<'_> {
    /// Leaving a region out, or taking it in again.
    fn change(&self, region: &Region) -> Option<Change> {
        corrections::of_region(self.given, region, self.say)
    }

    /// What can be changed of a vertebra.
    fn changes(&self, vertebra: &Vertebra) -> Vec<Change> {
        corrections::of_vertebra(self.given, vertebra, self.say)
    }

    /// What a reader can say of the fracture of a vertebra.
    fn readings(&self, vertebra: &Vertebra) -> Vec<Change> {
        corrections::of_fracture(self.given, vertebra, self.say)
    }

    /// Where the scan is seen that a doubt is about, with its region pointed at; without an image, the table.
    fn shown_at(&self, scan: Option<&usize>, site: Option<&str>) -> Option<String> {
        match scan.filter(|scan| viewer::address(self.given, **scan).is_some()) {
            Some(scan) => {
                let site = site.map(|site| format!("&site={site}")).unwrap_or_default();
                Some(format!("?scan={scan}{site}#viewer"))
            }
            None => site.map(|_| "#regions".to_owned()),
        }
    }

    /// Where the page is that shows a check on the image of another scan.
    fn elsewhere(&self, check: &doubts::Check) -> Option<String> {
        let shown = check.has_evidence && self.scan != Some(check.scan);
        shown.then(|| format!("?scan={}&check={}#viewer", check.scan, check.id))
    }
}

impl Given<'_> {
    /// Whether who looks can be a second reader of this version.
    fn may_read_again(&self) -> bool {
        let newest = self.versions.last().map(|version| version.version);
        let again = |read: &Read| Some(read.given.version) == newest && read.given.author == self.reader;
        self.frame.may_sign
            && has_readable(self.study)
            && is_independent(self.reader, &self.corrections, &self.signatures)
            && !self.readings.iter().any(again)
    }

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
