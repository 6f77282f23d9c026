//! A reference table: what a population's density is at each site, for young adults and by age.

use super::error::{LookupError, RowProblem, TableProblem};
use super::rows::{self, Content, Row};
use super::sha256_hex;
use super::sidecar::Sidecar;
use crate::patient::Sex;
use crate::site::Site;
use crate::units::Years;

/// One validated table.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceTable {
    /// Where it comes from and how it may be used.
    pub sidecar: Sidecar,
    sites: Vec<SiteRows>,
}

/// All rows of one site of one sex.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteRows {
    /// Sex.
    pub sex: Sex,
    /// Site.
    pub site: Site,
    /// Young adults, for T.
    pub young: Option<Young>,
    /// By age, for Z.
    pub curve: Option<Curve>,
}

/// Young adults of a population; g/cm².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Young {
    /// First and last year of age of the sample, where known.
    pub ages: Option<(f64, f64)>,
    /// People in the sample, where known.
    pub n: Option<u32>,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// Density by age.
#[derive(Clone, Debug, PartialEq)]
pub enum Curve {
    /// Means of age bands.
    Bands(Vec<Band>),
    /// Points of a smooth curve, linear between them.
    Knots(Vec<Knot>),
    /// L, M and S at points, each linear between them.
    Lms(Vec<LmsKnot>),
}

/// An age band, from the birthday `from` to the day before the birthday `to` + 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// First year of age.
    pub from: f64,
    /// Last year of age, the whole year included.
    pub to: f64,
    /// People, where known.
    pub n: Option<u32>,
    /// Mean, g/cm².
    pub mean: f64,
    /// Standard deviation, g/cm².
    pub sd: f64,
}

/// A point of a curve of mean and standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knot {
    /// Age, years.
    pub age: f64,
    /// Mean, g/cm².
    pub mean: f64,
    /// Standard deviation, g/cm².
    pub sd: f64,
}

/// A point of an LMS curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LmsKnot {
    /// Age, years.
    pub age: f64,
    /// Power.
    pub l: f64,
    /// Median, g/cm².
    pub m: f64,
    /// Coefficient of variation.
    pub s: f64,
}

/// How density is distributed at one age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// Mean and standard deviation, g/cm².
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Normal after a power transformation (Cole's L, M, S).
    Lms {
        /// Power.
        l: f64,
        /// Median, g/cm².
        m: f64,
        /// Coefficient of variation.
        s: f64,
    },
}

impl ReferenceTable {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.sidecar.id
    }

    /// Everything it holds, in the order of the file.
    #[must_use]
    pub fn sites(&self) -> &[SiteRows] {
        &self.sites
    }

    /// The young adults of this sex at this site.
    ///
    /// # Errors
    /// [`LookupError::NotCovered`] when there is no such row; no other site or sex is taken instead.
    pub fn young(&self, sex: Sex, site: Site) -> Result<&Young, LookupError> {
        self.find(sex, site)
            .and_then(|rows| rows.young.as_ref())
            .ok_or_else(|| self.not_covered("young-adult", sex, site))
    }

    /// The curve by age of this sex at this site.
    ///
    /// # Errors
    /// [`LookupError::NotCovered`] when there is no such curve.
    pub fn curve(&self, sex: Sex, site: Site) -> Result<&Curve, LookupError> {
        self.find(sex, site)
            .and_then(|rows| rows.curve.as_ref())
            .ok_or_else(|| self.not_covered("age", sex, site))
    }

    /// The distribution at this age.
    ///
    /// # Errors
    /// [`LookupError::NotCovered`] without a curve, [`LookupError::OutOfRange`] outside its ages.
    pub fn at_age(&self, sex: Sex, site: Site, age: Years) -> Result<Distribution, LookupError> {
        let curve = self.curve(sex, site)?;
        let age = age.get();
        let in_use = self.sidecar.z_age_min.is_none_or(|first| first <= age)
            && self.sidecar.z_age_max.is_none_or(|end| age < end);
        in_use
            .then(|| curve.at(age, self.sidecar.band_mode))
            .flatten()
            .ok_or_else(|| LookupError::OutOfRange { table: self.id().to_owned(), site, age })
    }

    pub(super) fn load(id: &str, csv: &[u8], sidecar: &[u8]) -> Result<Self, TableProblem> {
        let sidecar = Sidecar::parse(sidecar).map_err(TableProblem::Sidecar)?;
        if sidecar.id != id {
            return Err(TableProblem::IdDiffers(sidecar.id));
        }
        let found = sha256_hex(csv);
        if sidecar.sha256 != found {
            return Err(TableProblem::Checksum { expected: sidecar.sha256, found });
        }
        let mut table = Self { sidecar, sites: Vec::new() };
        let rows = rows::parse(csv)?;
        if rows.is_empty() && table.sidecar.not_scored.is_empty() {
            return Err(TableProblem::Empty);
        }
        for row in rows {
            table.take(&row).map_err(|problem| TableProblem::Row { line: row.line, problem })?;
        }
        Ok(table)
    }

    fn take(&mut self, row: &Row) -> Result<(), RowProblem> {
        let place = self.sites.iter().position(|rows| rows.sex == row.sex && rows.site == row.site);
        let place = place.unwrap_or_else(|| {
            self.sites.push(SiteRows { sex: row.sex, site: row.site, young: None, curve: None });
            self.sites.len() - 1
        });
        match self.sites.get_mut(place) {
            Some(rows) => rows.take(row.content),
            None => Ok(()),
        }
    }

    fn find(&self, sex: Sex, site: Site) -> Option<&SiteRows> {
        self.sites.iter().find(|rows| rows.sex == sex && rows.site == site)
    }

    fn not_covered(&self, what: &'static str, sex: Sex, site: Site) -> LookupError {
        LookupError::NotCovered { table: self.id().to_owned(), what, site, sex }
    }
}

impl SiteRows {
    fn take(&mut self, content: Content) -> Result<(), RowProblem> {
        match content {
            Content::Young { ages, n, mean, sd } => match self.young.replace(Young { ages, n, mean, sd }) {
                Some(_) => Err(RowProblem::Duplicate),
                None => Ok(()),
            },
            Content::Band { from, to, n, mean, sd } => {
                match self.curve.get_or_insert_with(|| Curve::Bands(Vec::new())) {
                    Curve::Bands(bands) => push_band(bands, Band { from, to, n, mean, sd }),
                    Curve::Knots(_) | Curve::Lms(_) => Err(RowProblem::MixedCurves),
                }
            }
            Content::Knot { age, mean, sd } => {
                match self.curve.get_or_insert_with(|| Curve::Knots(Vec::new())) {
                    Curve::Knots(knots) => push_sorted(knots, Knot { age, mean, sd }, |knot| knot.age),
                    Curve::Bands(_) | Curve::Lms(_) => Err(RowProblem::MixedCurves),
                }
            }
            Content::Lms { age, l, m, s } => match self.curve.get_or_insert_with(|| Curve::Lms(Vec::new())) {
                Curve::Lms(knots) => push_sorted(knots, LmsKnot { age, l, m, s }, |knot| knot.age),
                Curve::Bands(_) | Curve::Knots(_) => Err(RowProblem::MixedCurves),
            },
        }
    }
}

fn push_band(bands: &mut Vec<Band>, band: Band) -> Result<(), RowProblem> {
    if let Some(last) = bands.last() {
        if (band.from, band.to) == (last.from, last.to) {
            return Err(RowProblem::Duplicate);
        }
        if band.to < last.from {
            return Err(RowProblem::Unsorted);
        }
        if band.from <= last.to {
            return Err(RowProblem::Overlap);
        }
    }
    bands.push(band);
    Ok(())
}

fn push_sorted<K: Copy>(knots: &mut Vec<K>, knot: K, age: fn(&K) -> f64) -> Result<(), RowProblem> {
    match knots.last().map(|last| age(last).total_cmp(&age(&knot))) {
        Some(std::cmp::Ordering::Equal) => Err(RowProblem::Duplicate),
        Some(std::cmp::Ordering::Greater) => Err(RowProblem::Unsorted),
        Some(std::cmp::Ordering::Less) | None => {
            knots.push(knot);
            Ok(())
        }
    }
}
