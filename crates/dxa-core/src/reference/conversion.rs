//! Standardized BMD: carries the mean and standard deviation of a population from one maker's scale to another's.

use super::device::Maker;
use super::error::TableProblem;
use super::library::SourceFile;
use super::profile::SiteGroup;
use super::sha256_hex;

/// Equations of standardized BMD. They are about populations: the error for one person is 4 to 7 %,
/// more than any change worth knowing, so nothing here takes one person's value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversion {
    lines: Vec<Line>,
}

/// sBMD = a + b · BMD at one site on one maker's scale; g/cm².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Site or the spine as a whole.
    pub site: SiteGroup,
    /// Maker.
    pub maker: Maker,
    /// Intercept, g/cm².
    pub a: f64,
    /// Slope.
    pub b: f64,
}

/// Mean and standard deviation of a population, g/cm².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Population {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

impl Conversion {
    /// Reads `<id>.csv` (`site,manufacturer,a,b`) whose checksum stands in `<id>.toml`.
    ///
    /// # Errors
    /// The problem that a table with the same fault would have.
    pub fn load(id: &str, files: &[SourceFile<'_>]) -> Result<Self, TableProblem> {
        let find = |ending: &str| files.iter().find(|file| file.name.strip_suffix(ending) == Some(id));
        let csv = find(".csv").ok_or(TableProblem::MissingRows)?;
        let sidecar = find(".toml").ok_or(TableProblem::MissingSidecar)?;
        let expected = checksum(sidecar.bytes)?;
        let found = sha256_hex(csv.bytes);
        if expected != found {
            return Err(TableProblem::Checksum { expected, found });
        }
        let mut lines = Vec::new();
        for record in csv::Reader::from_reader(csv.bytes).records() {
            let record = record.map_err(|error| TableProblem::Csv(error.to_string()))?;
            let line = line(&record).ok_or_else(|| TableProblem::Csv(format!("{record:?}")))?;
            lines.push(line);
        }
        Ok(Self { lines })
    }

    /// The population on the other maker's scale; `None` when no equation is known for the site.
    ///
    /// mean₂ = (a₁ + b₁ · mean₁ − a₂) / b₂ and SD₂ = b₁ · SD₁ / b₂
    ///
    /// # Units
    /// g/cm² throughout.
    ///
    /// # References
    /// Hui 1997 (spine, neck, total hip), Lu 2001 (femur regions); see `conversions/sbmd.toml`.
    #[must_use]
    pub fn population(
        &self,
        site: SiteGroup,
        from: Maker,
        to: Maker,
        people: Population,
    ) -> Option<Population> {
        let (one, two) = (self.line(site, from)?, self.line(site, to)?);
        Some(Population {
            mean: (one.a + one.b * people.mean - two.a) / two.b,
            sd: one.b * people.sd / two.b,
        })
    }

    /// The equation of this site and maker.
    #[must_use]
    pub fn line(&self, site: SiteGroup, maker: Maker) -> Option<&Line> {
        self.lines.iter().find(|line| line.site == site && line.maker == maker)
    }
}

fn line(record: &csv::StringRecord) -> Option<Line> {
    let number = |index| record.get(index)?.parse().ok().filter(|number: &f64| number.is_finite());
    let b = number(3).filter(|slope| *slope > 0.0)?;
    let maker = record.get(1)?;
    let maker = Maker::ALL.into_iter().find(|known| known.code() == maker)?;
    Some(Line { site: record.get(0)?.parse().ok()?, maker, a: number(2)?, b })
}

/// The checksum that a sidecar names.
pub(super) fn checksum(sidecar: &[u8]) -> Result<String, TableProblem> {
    let problem = |what: &str| TableProblem::Sidecar(what.to_owned());
    let text = std::str::from_utf8(sidecar).map_err(|_| problem("it is not UTF-8"))?;
    let table: toml::Table = toml::from_str(text).map_err(|error| problem(error.message()))?;
    let checksum = table.get("sha256").and_then(toml::Value::as_str);
    checksum.map(str::to_owned).ok_or_else(|| problem("missing field `sha256`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::Sex;
    use crate::reference::Library;
    use crate::site::Site;

    /// Tables derived from NHANES III are its rows through the equations, to the fourth decimal.
    #[test]
    fn derived_hip_tables_follow_from_nhanes_iii_and_the_equations() {
        let library = Library::bundled();
        let source = library.get("nhanes3-us-nhw").unwrap();
        for (maker, id) in
            [(Maker::Lunar, "nhanes3-us-nhw-lunar"), (Maker::Norland, "nhanes3-us-nhw-norland")]
        {
            let derived = library.get(id).unwrap();
            assert_eq!(derived.sites().len(), 2);
            for site in [Site::FemoralNeck, Site::TotalHip] {
                let young = source.young(Sex::Female, site).unwrap();
                let people = Population { mean: young.mean, sd: young.sd };
                let expected = Conversion::bundled()
                    .population(SiteGroup::One(site), Maker::Hologic, maker, people)
                    .unwrap();
                let found = derived.young(Sex::Female, site).unwrap();
                assert!((found.mean - expected.mean).abs() < 5.1e-5, "{id} {site}");
                assert!((found.sd - expected.sd).abs() < 5.1e-5, "{id} {site}");
            }
        }
    }

    /// Hui's printed form of the spine line and the chart values of Hologic and Lunar spines.
    #[test]
    fn the_spine_line_is_the_expanded_form_of_the_printed_one() {
        let conversion = Conversion::bundled();
        for (maker, b, center) in
            [(Maker::Hologic, 1.0550, 0.972), (Maker::Lunar, 0.9683, 1.100), (Maker::Norland, 0.9743, 0.969)]
        {
            let line = conversion.line(SiteGroup::Spine, maker).unwrap();
            let printed = b * (0.9 - center) + 1.0436;
            assert!((line.a + line.b * 0.9 - printed).abs() < 1e-5, "{maker}");
        }
        let people = Population { mean: 1.0, sd: 0.1 };
        let same = conversion.population(SiteGroup::Spine, Maker::Lunar, Maker::Lunar, people).unwrap();
        assert!((same.mean - 1.0).abs() < 1e-12 && (same.sd - 0.1).abs() < 1e-12);
        assert_eq!(
            conversion.population(SiteGroup::One(Site::Wards), Maker::Lunar, Maker::Hologic, people),
            None
        );
    }
}
