//! The scores of one measured region under a profile, which T decides, and why a score is missing.

use super::{Score, ScoreKind, t_score, z_score};
use crate::findings::RefusalCode;
use crate::patient::Sex;
use crate::reference::{Candidate, Device, Library, LookupError, Profile, ReferenceTable, Subject};
use crate::site::Site;
use crate::units::{GramsPerCm2, Years, round_half_away};

/// Age from which a T-score has meaning, years; younger people get Z only (ISCD).
const T_FROM_AGE: f64 = 20.0;

/// A region with what was measured there and what its device printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured<'a> {
    /// Site.
    pub site: Site,
    /// Density.
    pub bmd: Option<GramsPerCm2>,
    /// The device's T-score.
    pub device_t: Option<f64>,
    /// The device's name of its reference.
    pub device_reference: Option<&'a str>,
}

/// What could be said about a region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionScores {
    /// Our scores, T before Z.
    pub scores: Vec<Score>,
    /// Why a T or a Z of ours is missing; a printed T may still decide.
    pub missing: Vec<Missing>,
    /// The T that counts for the assessment: the first of the profile's candidates that applies.
    pub deciding: Option<DecidingT>,
}

/// A score that could not be given.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// T or Z.
    pub kind: ScoreKind,
    /// Why.
    pub why: NoScore,
}

/// The T that decides.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidingT {
    /// Rounded to one decimal: what is classified.
    pub value: f64,
    /// Unrounded; of a printed T what was printed.
    pub exact: f64,
    /// The id of the table, or `device: ` and the name that the device printed.
    pub reference: String,
}

/// Why there is no score.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoScore {
    /// No table of the profile applies to this maker, site, sex and population.
    #[error("no reference table of the profile applies to {site} of this device and person")]
    NoReference {
        /// Site.
        site: Site,
    },
    /// The age is outside the table's.
    #[error("reference table `{table}` does not cover the age {age:.2} at {site}")]
    OutOfRange {
        /// Id of the table.
        table: String,
        /// Site.
        site: Site,
        /// Age, years.
        age: f64,
    },
    /// The named table has no such row.
    #[error("{0}")]
    NotCovered(LookupError),
    /// The named table is on another maker's scale, or limited to other models or software.
    #[error("reference table `{table}` ({maker}) is not about this device")]
    WrongDevice {
        /// Id of the table.
        table: String,
        /// Whose scale it is on.
        maker: &'static str,
    },
    /// T is for people of 20 and over.
    #[error("T-scores are for people of 20 years and over")]
    UnderTwenty,
    /// Sex is not recorded as female or male.
    #[error("sex is not recorded as female or male")]
    SexUnknown,
    /// Age is not known.
    #[error("age is not known")]
    AgeUnknown,
    /// There is no density above zero.
    #[error("there is no bone mineral density to score")]
    NoDensity,
}

impl NoScore {
    /// Short code for notes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoReference { .. } | Self::NotCovered(_) | Self::WrongDevice { .. } => "no_reference",
            Self::OutOfRange { .. } => "out_of_reference_range",
            Self::UnderTwenty => "age_under_20",
            Self::SexUnknown => "sex_unknown",
            Self::AgeUnknown => "age_unknown",
            Self::NoDensity => "no_density",
        }
    }

    /// The refusal of the contract, where it has one.
    #[must_use]
    pub fn refusal(&self) -> Option<RefusalCode> {
        match self {
            Self::NoReference { .. } | Self::NotCovered(_) | Self::WrongDevice { .. } => {
                Some(RefusalCode::NoReference)
            }
            Self::OutOfRange { .. } => Some(RefusalCode::OutOfReferenceRange),
            Self::UnderTwenty | Self::SexUnknown | Self::AgeUnknown | Self::NoDensity => None,
        }
    }
}

impl From<LookupError> for NoScore {
    fn from(error: LookupError) -> Self {
        match error {
            LookupError::OutOfRange { table, site, age } => Self::OutOfRange { table, site, age },
            LookupError::NotCovered { .. } => Self::NotCovered(error),
        }
    }
}

/// Scores a region as the profile says.
///
/// T: the first candidate whose table covers the site gives our T; the first candidate of all that
/// applies and may decide, the device's printed T among them, decides. Z: the first table with a curve for the
/// site; when the age is outside it, no other population is taken instead.
#[must_use]
pub fn score_region(
    profile: &Profile,
    library: &Library,
    subject: &Subject,
    device: &Device,
    region: &Measured<'_>,
) -> RegionScores {
    let mut out = RegionScores::default();
    let (sex, age) = match person(subject) {
        Ok(person) => person,
        Err(why) => return RegionScores::none(&why),
    };
    let offered = |kind| profile.candidates(kind, subject, device, region.site);
    if age.get() < T_FROM_AGE {
        out.missing.push(Missing { kind: ScoreKind::T, why: NoScore::UnderTwenty });
    } else {
        t_by_profile(&mut out, offered(ScoreKind::T), library, device, sex, region);
    }
    let z = first_table(offered(ScoreKind::Z), library, device, sex, |table, row| {
        table.curve(row, region.site).is_ok()
    });
    let z = match (z, density(region.bmd)) {
        (_, Err(why)) => Err(why),
        (None, Ok(_)) => Err(NoScore::NoReference { site: region.site }),
        (Some((table, row)), Ok(bmd)) => z_score(table, row, region.site, age, bmd).map_err(NoScore::from),
    };
    out.push(ScoreKind::Z, z);
    out
}

/// Scores a region against one named table, by the rows of the person's own sex.
///
/// A table of an unknown maker is used for any device and a table of a known maker for a device
/// without one; a table on another maker's scale, or on none, is refused. A table whose source does not
/// name the site exactly gives scores that decide nothing.
#[must_use]
pub fn score_by_name(
    table: &ReferenceTable,
    subject: &Subject,
    device: &Device,
    site: Site,
    bmd: Option<GramsPerCm2>,
) -> RegionScores {
    let scorable = right_device(table, device).and_then(|()| Ok((person(subject)?, density(bmd)?)));
    let ((sex, age), bmd) = match scorable {
        Ok(scorable) => scorable,
        Err(why) => return RegionScores::none(&why),
    };
    let mut out = RegionScores::default();
    let t = if age.get() < T_FROM_AGE {
        Err(NoScore::UnderTwenty)
    } else {
        t_score(table, sex, site, bmd).map_err(NoScore::from)
    };
    let decides = table.sidecar.site_as_stated.is_none();
    out.deciding = t.as_ref().ok().filter(|_| decides).map(DecidingT::of);
    out.push(ScoreKind::T, t);
    out.push(ScoreKind::Z, z_score(table, sex, site, age, bmd).map_err(NoScore::from));
    out
}

/// Scores a region against several named tables, side by side in the order of the tables.
#[must_use]
pub fn score_by_names(
    tables: &[&ReferenceTable],
    subject: &Subject,
    device: &Device,
    site: Site,
    bmd: Option<GramsPerCm2>,
) -> Vec<RegionScores> {
    tables.iter().map(|table| score_by_name(table, subject, device, site, bmd)).collect()
}

impl RegionScores {
    /// Our score of this kind.
    #[must_use]
    pub fn of(&self, kind: ScoreKind) -> Option<&Score> {
        self.scores.iter().find(|score| score.kind == kind)
    }

    fn none(why: &NoScore) -> Self {
        let missing = [ScoreKind::T, ScoreKind::Z].map(|kind| Missing { kind, why: why.clone() });
        Self { missing: missing.into(), ..Self::default() }
    }

    /// Keeps a score, or why there is none. A density so far off that its score is no number is none.
    fn push(&mut self, kind: ScoreKind, score: Result<Score, NoScore>) {
        match score {
            Ok(score) if score.exact.is_finite() => self.scores.push(score),
            Ok(_) => self.missing.push(Missing { kind, why: NoScore::NoDensity }),
            Err(why) => self.missing.push(Missing { kind, why }),
        }
    }
}

impl DecidingT {
    fn of(score: &Score) -> Self {
        Self { value: score.value, exact: score.exact, reference: score.reference.id.clone() }
    }

    fn printed(t: f64, reference: Option<&str>) -> Self {
        let name = reference.map(str::trim).filter(|name| !name.is_empty()).unwrap_or("reference not named");
        Self { value: round_half_away(t, 1), exact: t, reference: format!("device: {name}") }
    }
}

fn t_by_profile<'p>(
    out: &mut RegionScores,
    offered: impl Iterator<Item = &'p Candidate>,
    library: &Library,
    device: &Device,
    sex: Sex,
    region: &Measured<'_>,
) {
    let printed = region.device_t.filter(|t| t.is_finite());
    let bmd = density(region.bmd);
    for candidate in offered {
        if let (Candidate::Device, Some(t), None) = (candidate, printed, &out.deciding) {
            out.deciding = Some(DecidingT::printed(t, region.device_reference));
        }
        let table = first_table([candidate], library, device, sex, |table, row| {
            table.young(row, region.site).is_ok()
        });
        if let (Some((table, row)), Ok(bmd), []) = (table, &bmd, out.scores.as_slice()) {
            let t = t_score(table, row, region.site, *bmd).map_err(NoScore::from);
            let decides = t.as_ref().ok().filter(|_| candidate.decides());
            out.deciding = out.deciding.take().or_else(|| decides.map(DecidingT::of));
            out.push(ScoreKind::T, t);
        }
    }
    if out.scores.is_empty() {
        let why = bmd.err().unwrap_or(NoScore::NoReference { site: region.site });
        out.missing.push(Missing { kind: ScoreKind::T, why });
    }
}

/// The first loaded table among the candidates that fits the device and covers the case.
fn first_table<'p, 'l>(
    candidates: impl IntoIterator<Item = &'p Candidate>,
    library: &'l Library,
    device: &Device,
    sex: Sex,
    covers: impl Fn(&ReferenceTable, Sex) -> bool,
) -> Option<(&'l ReferenceTable, Sex)> {
    candidates
        .into_iter()
        .flat_map(|candidate| candidate.tables(library, device, sex))
        .find(|(table, row)| covers(table, *row))
}

fn person(subject: &Subject) -> Result<(Sex, Years), NoScore> {
    let sex = subject.sex.ok_or(NoScore::SexUnknown)?;
    Ok((sex, subject.age.ok_or(NoScore::AgeUnknown)?))
}

fn density(bmd: Option<GramsPerCm2>) -> Result<GramsPerCm2, NoScore> {
    bmd.filter(|bmd| bmd.get() > 0.0).ok_or(NoScore::NoDensity)
}

fn right_device(table: &ReferenceTable, device: &Device) -> Result<(), NoScore> {
    if !table.sidecar.contradicts(device) {
        return Ok(());
    }
    let maker = table.sidecar.manufacturer.code();
    Err(NoScore::WrongDevice { table: table.id().to_owned(), maker })
}
