//! Weighted moments and their design-based standard errors.
//!
//! Standard errors are Taylor-linearized with-replacement estimates from strata and primary
//! sampling units; a domain keeps every unit of the design, those without a member adding zero.
//!
//! # References
//! Binder DA. Int Stat Rev 1983;51:279-292, doi:10.2307/1402588.

use std::collections::BTreeMap;

/// One person's number with the weight and the sampling unit it came with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observation {
    /// Decimal years.
    pub(super) age: f64,
    /// Completed years at the interview.
    pub(super) completed_years: u8,
    /// g/cm², or SD for a Z-score.
    pub(super) value: f64,
    /// People represented.
    pub(super) weight: f64,
    /// Index of the primary sampling unit in the design.
    pub(super) unit: usize,
}

/// An estimate with its design-based standard error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) error: f64,
}

/// The strata of a survey and the sampling units in each.
#[derive(Clone, Debug)]
pub(super) struct Design {
    units: BTreeMap<(u16, u8), usize>,
    /// For each unit, by index: its stratum.
    stratum_of: Vec<u16>,
}

impl Design {
    /// The design that these people (stratum, unit within stratum) were drawn by.
    pub(super) fn new(people: impl Iterator<Item = (u16, u8)>) -> Self {
        let mut units: BTreeMap<(u16, u8), usize> = people.map(|unit| (unit, 0)).collect();
        for (index, slot) in units.values_mut().enumerate() {
            *slot = index;
        }
        let stratum_of = units.keys().map(|(stratum, _)| *stratum).collect();
        Self { units, stratum_of }
    }

    /// Index of a unit.
    pub(super) fn unit(&self, stratum: u16, psu: u8) -> Option<usize> {
        self.units.get(&(stratum, psu)).copied()
    }

    /// How many sampling units.
    pub(super) fn unit_count(&self) -> usize {
        self.stratum_of.len()
    }

    /// How many strata.
    pub(super) fn stratum_count(&self) -> usize {
        self.units_by_stratum().len()
    }

    /// Units minus strata.
    pub(super) fn degrees_of_freedom(&self) -> usize {
        self.unit_count() - self.stratum_count()
    }

    /// √ Σₕ nₕ/(nₕ−1) Σᵢ (uₕᵢ − ūₕ)², with u the sum of the influences in a unit.
    ///
    /// A stratum of one unit says nothing about its variance and adds none.
    pub(super) fn standard_error(&self, influences: impl Iterator<Item = (usize, f64)>) -> f64 {
        let mut totals = vec![0.0; self.unit_count()];
        for (unit, influence) in influences {
            totals[unit] += influence;
        }
        let variance: f64 = self
            .units_by_stratum()
            .values()
            .filter(|units| units.len() > 1)
            .map(|units| {
                let n = units.len() as f64;
                let mean = units.iter().map(|&unit| totals[unit]).sum::<f64>() / n;
                n / (n - 1.0) * units.iter().map(|&unit| (totals[unit] - mean).powi(2)).sum::<f64>()
            })
            .sum();
        variance.sqrt()
    }

    fn units_by_stratum(&self) -> BTreeMap<u16, Vec<usize>> {
        let mut strata: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for (unit, stratum) in self.stratum_of.iter().enumerate() {
            strata.entry(*stratum).or_default().push(unit);
        }
        strata
    }

    /// Weighted mean with the error of a ratio: influence wᵢ(yᵢ − ȳ)/Σw.
    pub(super) fn mean(&self, sample: &[Observation]) -> Estimate {
        let (value, total) = (mean(sample), total_weight(sample));
        let influences = sample.iter().map(|one| (one.unit, one.weight * (one.value - value) / total));
        Estimate { value, error: self.standard_error(influences) }
    }

    /// Weighted SD with its error: influence wᵢ((yᵢ − ȳ)² − s²)/(2 s Σw).
    pub(super) fn sd(&self, sample: &[Observation]) -> Estimate {
        let (center, value, total) = (mean(sample), sd(sample), total_weight(sample));
        let influences = sample.iter().map(|one| {
            let excess = (one.value - center).powi(2) - value.powi(2);
            (one.unit, one.weight * excess / (2.0 * value * total))
        });
        Estimate { value, error: self.standard_error(influences) }
    }

    /// Mean of a part minus mean of the whole it belongs to, with the error of that difference.
    pub(super) fn mean_beyond_whole(&self, part: &[Observation], whole: &[Observation]) -> Estimate {
        let (mean_part, total_part) = (mean(part), total_weight(part));
        let (mean_whole, total_whole) = (mean(whole), total_weight(whole));
        let of_part = part.iter().map(|o| (o.unit, o.weight * (o.value - mean_part) / total_part));
        let of_whole = whole.iter().map(|o| (o.unit, -o.weight * (o.value - mean_whole) / total_whole));
        Estimate { value: mean_part - mean_whole, error: self.standard_error(of_part.chain(of_whole)) }
    }
}

/// Σw.
fn total_weight(sample: &[Observation]) -> f64 {
    sample.iter().map(|one| one.weight).sum()
}

/// Σwy / Σw; NaN of nothing.
pub(super) fn mean(sample: &[Observation]) -> f64 {
    sample.iter().map(|one| one.weight * one.value).sum::<f64>() / total_weight(sample)
}

/// √(Σw(y − ȳ)² / Σw), the SD of the population that the weights stand for; NaN of nothing.
pub(super) fn sd(sample: &[Observation]) -> f64 {
    let center = mean(sample);
    let squares: f64 = sample.iter().map(|one| one.weight * (one.value - center).powi(2)).sum();
    (squares / total_weight(sample)).sqrt()
}
