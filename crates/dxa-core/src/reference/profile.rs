//! A profile: which reference counts for which score, maker, site, sex and population. Data, not code.

use std::fmt;
use std::str::FromStr;

use super::device::{Device, Maker};
use super::error::{ProfileError, ProfileProblem};
use super::library::Library;
use super::profile_file;
use super::sha256_hex;
use super::sidecar::{Status, TableMaker};
use super::table::ReferenceTable;
use crate::patient::{Ethnicity, Sex};
use crate::site::{Site, UnknownSite};
use crate::units::Years;

/// T or Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScoreKind {
    /// Against young adults.
    T,
    /// Against people of the same age.
    Z,
}

impl ScoreKind {
    /// `T` or `Z`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::T => "T",
            Self::Z => "Z",
        }
    }
}

/// A person, as far as the choice of a reference depends on them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Subject {
    /// Sex.
    pub sex: Option<Sex>,
    /// Age at the scan.
    pub age: Option<Years>,
    /// Population.
    pub ethnicity: Option<Ethnicity>,
}

/// Sites that a rule speaks of together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteGroup {
    /// Every set of lumbar vertebrae.
    Spine,
    /// Every region of the proximal femur.
    Hip,
    /// Every region of the forearm.
    Forearm,
    /// Whole body with and without head.
    WholeBody,
    /// One site.
    One(Site),
}

impl SiteGroup {
    /// Whether the site belongs to the group.
    #[must_use]
    pub fn holds(self, site: Site) -> bool {
        let own = match site {
            Site::Lumbar(_) => Self::Spine,
            Site::FemoralNeck | Site::TotalHip | Site::Trochanter | Site::Intertrochanter | Site::Wards => {
                Self::Hip
            }
            Site::Forearm(..) => Self::Forearm,
            Site::TotalBody | Site::TotalBodyLessHead => Self::WholeBody,
        };
        self == own || self == Self::One(site)
    }
}

impl FromStr for SiteGroup {
    type Err = UnknownSite;

    /// `spine`, `hip`, `forearm`, `whole_body`, or the code of one site.
    fn from_str(text: &str) -> Result<Self, UnknownSite> {
        match text {
            "spine" => Ok(Self::Spine),
            "hip" => Ok(Self::Hip),
            "forearm" => Ok(Self::Forearm),
            "whole_body" => Ok(Self::WholeBody),
            site => site.parse().map(Self::One),
        }
    }
}

/// Whose rows of a table are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowSex {
    /// The person's own.
    #[default]
    Own,
    /// Always these, e.g. the women's for both.
    Always(Sex),
}

impl RowSex {
    /// The sex of the row for this person.
    #[must_use]
    pub fn of(self, person: Sex) -> Sex {
        match self {
            Self::Own => person,
            Self::Always(sex) => sex,
        }
    }
}

/// One reference that a rule offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// A table by its id.
    Table {
        /// Id.
        id: String,
        /// Whose rows.
        row: RowSex,
        /// Whether the profile loads without the table.
        optional: bool,
        /// Whether its T may decide; otherwise it is only shown.
        decides: bool,
    },
    /// Tables of status `site-inferred` that fit the device.
    Inferred {
        /// Whose rows.
        row: RowSex,
    },
    /// The T that the device printed.
    Device,
}

impl Candidate {
    /// Whether a T of this candidate may decide; otherwise it is only shown beside the one that does.
    #[must_use]
    pub fn decides(&self) -> bool {
        !matches!(self, Self::Table { decides: false, .. })
    }

    /// The loaded tables it stands for that fit the device, with the sex of the row to take.
    pub fn tables<'l>(
        &self,
        library: &'l Library,
        device: &Device,
        person: Sex,
    ) -> Vec<(&'l ReferenceTable, Sex)> {
        let (tables, row): (Vec<_>, _) = match self {
            Self::Table { id, row, .. } => (library.get(id).into_iter().collect(), *row),
            Self::Inferred { row } => {
                let inferred = library.iter().filter(|table| table.sidecar.status == Status::SiteInferred);
                (inferred.collect(), *row)
            }
            Self::Device => (Vec::new(), RowSex::Own),
        };
        let fitting = tables.into_iter().filter(|table| table.sidecar.fits(device));
        fitting.map(|table| (table, row.of(person))).collect()
    }
}

/// Candidates in order, and for whom. An empty list of makers, sexes or ethnicities means everybody.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// T or Z.
    pub score: ScoreKind,
    /// Makers.
    pub makers: Vec<Maker>,
    /// Sites.
    pub sites: Vec<SiteGroup>,
    /// Sexes.
    pub sexes: Vec<Sex>,
    /// Populations.
    pub ethnicities: Vec<Ethnicity>,
    /// What is offered; the first that applies is taken.
    pub candidates: Vec<Candidate>,
}

impl Rule {
    fn concerns(&self, score: ScoreKind, subject: &Subject, device: &Device, site: Site) -> bool {
        self.score == score
            && self.sites.iter().any(|group| group.holds(site))
            && admits(&self.makers, device.maker)
            && admits(&self.sexes, subject.sex)
            && admits(&self.ethnicities, subject.ethnicity)
    }
}

/// An empty list admits everybody, known or not; any other only those it names.
fn admits<T: PartialEq>(listed: &[T], value: Option<T>) -> bool {
    listed.is_empty() || value.is_some_and(|value| listed.contains(&value))
}

/// A named choice of references.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Id: the file name.
    pub id: String,
    /// Version; changes whenever a choice does.
    pub version: String,
    /// One line for people.
    pub title: String,
    /// Where the choice comes from.
    pub source: String,
    /// The rules in the order of the file.
    pub rules: Vec<Rule>,
    /// SHA-256 of the file.
    pub sha256: String,
}

impl Profile {
    /// Reads a profile and checks it against the tables at hand.
    ///
    /// # Errors
    /// A file that cannot be read, a table that is missing and not optional, or a table used for a
    /// maker that it is not about.
    pub fn load(name: &str, bytes: &[u8], library: &Library) -> Result<Self, ProfileError> {
        let id = name.strip_suffix(".toml").unwrap_or(name);
        let load = || {
            let mut profile = profile_file::parse(bytes).map_err(ProfileProblem::File)?;
            if profile.id != id {
                return Err(ProfileProblem::IdDiffers(profile.id));
            }
            profile.rules.iter().try_for_each(|rule| check(rule, library))?;
            profile.sha256 = sha256_hex(bytes);
            Ok(profile)
        };
        load().map_err(|problem| ProfileError { profile: id.to_owned(), problem })
    }

    /// What the profile offers here, in order: the candidates of every rule that concerns the case.
    pub fn candidates<'p>(
        &'p self,
        score: ScoreKind,
        subject: &'p Subject,
        device: &'p Device,
        site: Site,
    ) -> impl Iterator<Item = &'p Candidate> {
        let rules = self.rules.iter().filter(move |rule| rule.concerns(score, subject, device, site));
        rules.flat_map(|rule| &rule.candidates)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

fn check(rule: &Rule, library: &Library) -> Result<(), ProfileProblem> {
    for candidate in &rule.candidates {
        match candidate {
            Candidate::Device if rule.score == ScoreKind::Z => return Err(ProfileProblem::DeviceInZ),
            Candidate::Table { decides: false, .. } if rule.score == ScoreKind::Z => {
                return Err(ProfileProblem::ShownOnlyInZ);
            }
            Candidate::Device | Candidate::Inferred { .. } => {}
            Candidate::Table { id, optional, .. } => match library.get(id) {
                Some(table) if table.sidecar.site_as_stated.is_some() => {
                    return Err(ProfileProblem::SiteNotNamed(id.clone()));
                }
                Some(table) => check_maker(rule, table)?,
                None if *optional => {}
                None => return Err(ProfileProblem::MissingTable(id.clone())),
            },
        }
    }
    Ok(())
}

fn check_maker(rule: &Rule, table: &ReferenceTable) -> Result<(), ProfileProblem> {
    let about = table.sidecar.manufacturer;
    if !rule.makers.is_empty() && rule.makers.iter().all(|maker| about == TableMaker::Of(*maker)) {
        return Ok(());
    }
    let named: Vec<_> = rule.makers.iter().map(|maker| maker.code()).collect();
    let maker = if named.is_empty() { "every maker".to_owned() } else { named.join(" and ") };
    Err(ProfileProblem::WrongMaker { table: table.id().to_owned(), maker })
}
