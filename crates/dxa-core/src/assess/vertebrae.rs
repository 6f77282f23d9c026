//! Which lumbar vertebrae stand for the spine: those a reader leaves out, and those the rule does.

use super::Scored;
use crate::context::{Context, NotAssessable};
use crate::findings::{Finding, Severity};
use crate::measurement::Measurement;
use crate::score::{RegionScores, ScoreKind};
use crate::site::{Lumbar, LumbarSet, Site};

/// Why a vertebra is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExclusionReason {
    /// A reader says so.
    Reader(NotAssessable),
    /// Its T is more than 1.0 away from all its neighbors'.
    TOutlier,
}

impl ExclusionReason {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Reader(reason) => reason.code(),
            Self::TOutlier => "t_outlier",
        }
    }

    /// `rule` or `user`.
    #[must_use]
    pub fn by(self) -> &'static str {
        match self {
            Self::Reader(_) => "user",
            Self::TOutlier => "rule",
        }
    }
}

/// How the vertebrae of one scan are used.
#[derive(Clone, Debug, PartialEq)]
pub struct SpineUse {
    /// Index of the scan.
    pub scan: usize,
    /// The widest set with a score.
    pub measured: LumbarSet,
    /// The set that stands for the spine; `None` when fewer than two vertebrae remain.
    pub used: Option<LumbarSet>,
    /// Who was left out, in the order in which they left.
    pub excluded: Vec<(Lumbar, ExclusionReason)>,
    /// Vertebrae that remain because a reader takes them in, though their T is more than 1.0 away from all neighbors'.
    pub kept: Vec<Lumbar>,
    /// Vertebrae that remain though their T is more than 1.0 away from one neighbor's.
    pub doubtful: Vec<Lumbar>,
    /// T of each vertebra of the measured set, where there is one.
    pub t: Vec<(Lumbar, Option<f64>)>,
}

/// How the vertebrae of every scan of the spine are used, by scan.
///
/// # References
/// Rule `iscd-2023/vertebra-exclude`: a vertebra leaves when its T is more than 1.0 away from all its
/// neighbors'; of several the one furthest from the mean T of the others first, the caudal one on a
/// tie; then the rule is applied again. At least two must remain. One that a reader takes in counts all the same,
/// and changes nothing for the others.
#[must_use]
pub fn spines(context: &Context, regions: &[Scored]) -> Vec<SpineUse> {
    let mut scans: Vec<usize> = regions.iter().filter(|scored| lumbar(scored).is_some()).map(scan).collect();
    scans.sort_unstable();
    scans.dedup();
    scans.into_iter().filter_map(|scan| spine(context, regions, scan)).collect()
}

fn scan((region, _): &Scored) -> usize {
    region.scan
}

/// The lumbar set of a region that can stand for the spine: at least two vertebrae, with a score.
pub(super) fn lumbar((region, scores): &Scored) -> Option<LumbarSet> {
    let has_score = scores.deciding.is_some() || !scores.scores.is_empty() || region.device.z.is_some();
    match region.site {
        Site::Lumbar(set) if set.len() >= LEAST_VERTEBRAE && has_score && !region.withheld => Some(set),
        _ => None,
    }
}

/// A diagnosis needs at least this many vertebrae.
const LEAST_VERTEBRAE: usize = 2;

/// A larger distance between the T of neighbors is a doubt.
const NEIGHBOR_T: f64 = 1.0;

/// T-scores are compared as printed, to one decimal; the margin is for their binary form only.
const MARGIN: f64 = 1e-9;

fn spine(context: &Context, regions: &[Scored], index: usize) -> Option<SpineUse> {
    let sets = regions.iter().filter(|scored| scan(scored) == index).filter_map(lumbar);
    // Of sets of one size the first as listed, which is the most cranial.
    let measured = sets.reduce(|widest, set| if set.len() > widest.len() { set } else { widest })?;
    let t = t_of_one_reference(regions, index, measured);
    let mut excluded: Vec<(Lumbar, ExclusionReason)> = Lumbar::ALL
        .into_iter()
        .filter_map(|vertebra| {
            let told = context.not_assessable.get(&vertebra).copied();
            let told = told.filter(|_| measured.iter().any(|of_set| of_set == vertebra));
            let reason = told.or_else(|| said(regions, index, vertebra, |region| region.excluded))?;
            Some((vertebra, ExclusionReason::Reader(reason)))
        })
        .collect();
    let remaining: Vec<_> =
        t.iter().copied().filter(|(vertebra, _)| excluded.iter().all(|(left, _)| left != vertebra)).collect();
    let known: Option<Vec<(Lumbar, f64)>> =
        remaining.iter().map(|(vertebra, t)| Some((*vertebra, (*t)?))).collect();
    let mut left: Vec<Lumbar> = remaining.iter().map(|(vertebra, _)| *vertebra).collect();
    let (mut kept, mut doubtful) = (Vec::new(), Vec::new());
    if let Some(mut known) = known {
        let stays = |vertebra: &Lumbar| {
            said(regions, index, *vertebra, |region| region.included.then_some(())).is_some()
        };
        let out;
        (kept, out) = outliers(&mut known).into_iter().partition(stays);
        excluded.extend(out.into_iter().map(|out: Lumbar| (out, ExclusionReason::TOutlier)));
        doubtful = with_one_distant_neighbor(&known);
        left = known.into_iter().map(|(vertebra, _)| vertebra).chain(kept.iter().copied()).collect();
    }
    let used = LumbarSet::new(&left).filter(|set| set.len() >= LEAST_VERTEBRAE);
    Some(SpineUse { scan: index, measured, used, excluded, kept, doubtful, t })
}

/// The T of each vertebra, as printed, all against one reference: the profile's where that is one and
/// the same, else our own scores. T-scores against several references cannot be compared.
fn t_of_one_reference(regions: &[Scored], scan: usize, set: LumbarSet) -> Vec<(Lumbar, Option<f64>)> {
    let of = |read: fn(&RegionScores) -> Option<(f64, &str)>| -> Vec<(Lumbar, Option<(f64, &str)>)> {
        set.iter().map(|vertebra| (vertebra, row(regions, scan, vertebra).and_then(read))).collect()
    };
    let deciding = of(|scores| scores.deciding.as_ref().map(|t| (t.value, t.reference.as_str())));
    let chosen = if one_reference(&deciding) { deciding } else { of(our_t) };
    let comparable = one_reference(&chosen);
    let t = chosen.into_iter().map(|(vertebra, t)| (vertebra, t.map(|(t, _)| t).filter(|_| comparable)));
    t.collect()
}

fn our_t(scores: &RegionScores) -> Option<(f64, &str)> {
    let score = scores.scores.iter().find(|score| score.kind == ScoreKind::T)?;
    Some((score.value, score.reference.id.as_str()))
}

fn one_reference(t: &[(Lumbar, Option<(f64, &str)>)]) -> bool {
    let mut references = t.iter().filter_map(|(_, t)| t.map(|(_, reference)| reference));
    references.next().is_none_or(|first| references.all(|other| other == first))
}

/// What a user said of a vertebra of a scan, if one did.
fn said<T>(
    regions: &[Scored],
    scan: usize,
    vertebra: Lumbar,
    of: impl Fn(&Measurement) -> Option<T>,
) -> Option<T> {
    let site = Site::Lumbar(LumbarSet::new(&[vertebra])?);
    let is_it = |region: &&Measurement| region.scan == scan && region.site == site;
    regions.iter().map(|(region, _)| region).filter(is_it).find_map(of)
}

/// The scores of one vertebra of one scan.
fn row(regions: &[Scored], scan: usize, vertebra: Lumbar) -> Option<&RegionScores> {
    let site = Site::Lumbar(LumbarSet::new(&[vertebra])?);
    let is_it = |region: &Measurement| region.scan == scan && region.site == site && !region.withheld;
    regions.iter().find(|(region, _)| is_it(region)).map(|(_, scores)| scores)
}

/// Takes vertebrae out one at a time and returns them in the order in which they left.
fn outliers(remaining: &mut Vec<(Lumbar, f64)>) -> Vec<Lumbar> {
    let mut out = Vec::new();
    while remaining.len() >= LEAST_VERTEBRAE {
        let candidates = (0..remaining.len()).filter(|at| distant_neighbors(remaining, *at) == Distant::All);
        let furthest = candidates.map(|at| (at, from_the_others(remaining, at))).reduce(|best, next| {
            // A later one is more caudal, so it wins a tie.
            if next.1 >= best.1 - MARGIN { next } else { best }
        });
        let Some((at, _)) = furthest else { break };
        out.push(remaining.remove(at).0);
    }
    out
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Distant {
    None,
    One,
    All,
}

/// Which of the neighbors among the remaining vertebrae are more than 1.0 away.
fn distant_neighbors(remaining: &[(Lumbar, f64)], at: usize) -> Distant {
    let t = remaining[at].1;
    let neighbors: Vec<f64> = [at.checked_sub(1), at.checked_add(1)]
        .into_iter()
        .flatten()
        .filter_map(|neighbor| remaining.get(neighbor).map(|(_, t)| *t))
        .collect();
    match neighbors.iter().filter(|neighbor| (t - **neighbor).abs() > NEIGHBOR_T + MARGIN).count() {
        0 => Distant::None,
        far if far == neighbors.len() => Distant::All,
        _ => Distant::One,
    }
}

fn from_the_others(remaining: &[(Lumbar, f64)], at: usize) -> f64 {
    let sum: f64 = remaining.iter().map(|(_, t)| t).sum();
    let t = remaining[at].1;
    // There are at least two, so there is another.
    let others = u32::try_from(remaining.len() - 1).map_or(1.0, f64::from);
    (t - (sum - t) / others).abs()
}

fn with_one_distant_neighbor(remaining: &[(Lumbar, f64)]) -> Vec<Lumbar> {
    let doubtful = (0..remaining.len()).filter(|at| distant_neighbors(remaining, *at) == Distant::One);
    doubtful.map(|at| remaining[at].0).collect()
}

/// What a reader should know of vertebrae left out or doubtful.
pub(super) fn findings(spine: &SpineUse) -> Vec<Finding> {
    let at = |finding: Finding, vertebra: Lumbar| {
        let site = LumbarSet::new(&[vertebra]).map(Site::Lumbar);
        Finding { scan: Some(spine.scan), site, ..finding }
    };
    let mut findings = Vec::new();
    for (vertebra, reason) in &spine.excluded {
        let why = match reason {
            ExclusionReason::Reader(_) => "a reader found it not assessable",
            ExclusionReason::TOutlier => "its T-score is more than 1.0 away from those of all its neighbors",
        };
        let message = format!("{vertebra:?} was left out: {why}.");
        findings.push(at(Finding::new("vertebra_excluded", Severity::Review, message), *vertebra));
    }
    for vertebra in &spine.kept {
        let message = format!(
            "{vertebra:?} counts because a reader says so, though its T-score is more than 1.0 away from those of all its neighbors."
        );
        findings.push(at(Finding::new("vertebra_kept", Severity::Review, message), *vertebra));
    }
    for vertebra in &spine.doubtful {
        let message = format!(
            "The T-score of {vertebra:?} is more than 1.0 away from that of one neighbor; it was not left out."
        );
        findings.push(at(Finding::new("vertebra_t_differs", Severity::Review, message), *vertebra));
    }
    if spine.used.is_none() {
        let message = "Fewer than two vertebrae remain; the spine does not count.".to_owned();
        let finding = Finding::new("spine_not_usable", Severity::Review, message);
        findings.push(Finding {
            scan: Some(spine.scan),
            site: Some(Site::Lumbar(spine.measured)),
            ..finding
        });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use Lumbar::{L1, L2, L3, L4};

    fn run(t: &[(Lumbar, f64)]) -> (Vec<Lumbar>, Vec<Lumbar>, Vec<Lumbar>) {
        let mut remaining = t.to_vec();
        let out = outliers(&mut remaining);
        let doubtful = with_one_distant_neighbor(&remaining);
        (out, remaining.into_iter().map(|(vertebra, _)| vertebra).collect(), doubtful)
    }

    /// Worked by hand from the wording of rule `iscd-2023/vertebra-exclude`.
    #[test]
    fn vertebrae_leave_as_the_rule_says() {
        let four = |t: [f64; 4]| run(&[(L1, t[0]), (L2, t[1]), (L3, t[2]), (L4, t[3])]);
        let cases: [([f64; 4], &[Lumbar], &[Lumbar]); 8] = [
            // Exactly 1.0 away is not more than 1.0 away, in binary too.
            ([-1.1, -2.1, -1.1, -2.1], &[], &[]),
            // One vertebra far from both neighbors.
            ([-1.0, -1.2, 0.5, -1.1], &[L3], &[]),
            // An end vertebra has one neighbor, and that is all of them.
            ([0.4, -1.0, -1.2, -1.1], &[L1], &[]),
            ([-1.0, -1.2, -1.1, 0.3], &[L4], &[]),
            // A step in the middle: each of the two is away from one only.
            ([-1.0, -1.2, -2.6, -2.5], &[], &[L2, L3]),
            // All qualify; L2 is furthest from the mean of the others (2.5), and when it has left only
            // L4 still does.
            ([-1.0, 2.0, -1.0, 0.6], &[L2, L4], &[]),
            // All four qualify and are equally far (1.3): the caudal one goes; then L2 is furthest.
            ([0.0, 2.0, 0.0, 2.0], &[L4, L2], &[]),
            // Both ends qualify and are equally far: the caudal one goes, then the other.
            ([-3.0, -1.0, -1.0, -3.0], &[L4, L1], &[]),
        ];
        for (t, out, doubtful) in cases {
            let (left, _, doubts) = four(t);
            assert_eq!((left.as_slice(), doubts.as_slice()), (out, doubtful), "{t:?}");
        }
    }

    #[test]
    fn two_that_disagree_leave_one() {
        assert_eq!(run(&[(L1, -1.0), (L2, -2.1)]), (vec![L2], vec![L1], vec![]));
    }
}
