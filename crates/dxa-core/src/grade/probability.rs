//! From evidence to the probability of each final grade.

use super::evidence::Evidence;
use crate::reference::vertebrae::{Coefficients, FractureModel, Term};

/// One term's share of the log-odds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// Which.
    pub term: Term,
    /// Its value.
    pub value: f64,
    /// Coefficient times value.
    pub log_odds: f64,
}

impl FractureModel {
    /// Probabilities of the grades 0 to 3 that an expert would give in the end; they sum to 1.
    ///
    /// P(fracture) = σ(Σ coefficient · term); P(grade ≥ g) = P(fracture) · σ(slope · loss − threshold)
    #[must_use]
    pub fn probabilities(&self, evidence: &Evidence, largest_loss: f64) -> [f64; 4] {
        let fracture = logistic(self.coefficients(evidence).dot(&evidence.values));
        let [moderate, severe] = self.severity.at_least(largest_loss);
        let (p1, p2, p3) = (fracture * (1.0 - moderate), fracture * (moderate - severe), fracture * severe);
        [1.0 - (p1 + p2 + p3), p1, p2, p3]
    }

    /// What each term adds to the log-odds of a fracture, in the order of the terms.
    pub fn contributions<'e>(&'e self, evidence: &'e Evidence) -> impl Iterator<Item = Contribution> + 'e {
        let coefficients = self.coefficients(evidence);
        Term::ALL.into_iter().map(|term| {
            let value = evidence.values.of(term);
            Contribution { term, value, log_odds: coefficients.of(term) * value }
        })
    }

    /// Which coefficients apply to the evidence.
    fn coefficients(&self, evidence: &Evidence) -> &Coefficients {
        match (evidence.has_normals, evidence.has_age) {
            (false, _) => &self.loss_only,
            (true, false) => &self.without_age,
            (true, true) => &self.with_age,
        }
    }
}

impl crate::reference::vertebrae::Severity {
    /// Probabilities of grade 2 or more and of grade 3, given a fracture with this loss.
    #[must_use]
    pub fn at_least(&self, loss: f64) -> [f64; 2] {
        [self.moderate, self.severe].map(|threshold| logistic(self.slope * loss - threshold))
    }
}

/// 1 / (1 + e⁻ˣ), without overflow.
fn logistic(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }
}
