//! How good predictions are: area under the curve, sensitivity at a specificity, calibration; with intervals
//! from drawing people again.

use super::random::Random;

/// What is predicted: a score, higher for fractures, and whether it was one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scored {
    /// Index of the person.
    pub(crate) person: usize,
    /// The score.
    pub(crate) score: f64,
    /// The truth.
    pub(crate) positive: bool,
}

/// Bins of the calibration error.
const BINS: usize = 10;

/// Scored vertebrae from the highest score down, so that every draw of people needs one pass.
pub(crate) struct Ranking {
    scored: Vec<Scored>,
    /// Positives and negatives of each person.
    counts: Vec<[f64; 2]>,
    specificity: f64,
}

/// The figures of one ranking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figures {
    /// Area under the receiver operating characteristic; ties count half.
    pub(crate) area: f64,
    /// The highest sensitivity of a limit whose specificity is not below the one asked for.
    pub(crate) sensitivity: f64,
    /// Expected calibration error: the mean distance of predicted from observed share over ten bins of equal
    /// width, each weighted with its vertebrae.
    pub(crate) calibration_error: f64,
}

impl Ranking {
    /// Ranks vertebrae of so many people; the sensitivity will be given at this specificity.
    pub(crate) fn new(mut scored: Vec<Scored>, people: usize, specificity: f64) -> Self {
        scored.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut counts = vec![[0.0; 2]; people];
        for one in &scored {
            counts[one.person][usize::from(!one.positive)] += 1.0;
        }
        Self { scored, counts, specificity }
    }

    /// The figures when each person counts so often.
    pub(crate) fn figures(&self, times: &[u32]) -> Figures {
        let [positives, negatives] = self.totals(times);
        let most_misses = (1.0 - self.specificity) * negatives + 1e-9;
        let (mut area, mut found, mut hits, mut misses) = (0.0, 0.0, 0.0, 0.0);
        let mut bins = [0.0; BINS];
        for tied in self.scored.chunk_by(|a, b| a.score.total_cmp(&b.score).is_eq()) {
            let mut step = [0.0; 2];
            for one in tied {
                let weight = f64::from(times[one.person]);
                step[usize::from(!one.positive)] += weight;
                let bin = ((one.score * BINS as f64).max(0.0) as usize).min(BINS - 1);
                bins[bin] += weight * (one.score - f64::from(u8::from(one.positive)));
            }
            area += step[1] * (hits + step[0] / 2.0);
            hits += step[0];
            misses += step[1];
            if misses <= most_misses {
                found = hits;
            }
        }
        let error: f64 = bins.iter().map(|bin: &f64| bin.abs()).sum();
        Figures {
            area: area / (positives * negatives),
            sensitivity: found / positives,
            calibration_error: error / (positives + negatives),
        }
    }

    fn totals(&self, times: &[u32]) -> [f64; 2] {
        let weighted = self.counts.iter().zip(times);
        weighted.fold([0.0; 2], |sum, (counts, times)| {
            [sum[0] + f64::from(*times) * counts[0], sum[1] + f64::from(*times) * counts[1]]
        })
    }
}

/// Draws of the interval.
const DRAWS: usize = 1000;

/// A figure with its 95 % interval over people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figure {
    /// Of everybody.
    pub(crate) value: f64,
    /// Lower end.
    pub(crate) low: f64,
    /// Upper end.
    pub(crate) high: f64,
}

/// Figures of everybody, with percentile intervals from drawing as many people with replacement; the same
/// draws for all figures, so that their differences are paired.
pub(crate) fn bootstrap<const N: usize>(
    people: usize,
    seed: u64,
    figures: impl Fn(&[u32]) -> [f64; N],
) -> [Figure; N] {
    let mut random = Random::new(seed);
    let mut drawn: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(DRAWS));
    for _ in 0..DRAWS {
        let mut times = vec![0u32; people];
        for _ in 0..people {
            times[random.below(people)] += 1;
        }
        for (list, value) in drawn.iter_mut().zip(figures(&times)) {
            list.push(value);
        }
    }
    let values = figures(&vec![1; people]);
    std::array::from_fn(|at| {
        drawn[at].sort_by(f64::total_cmp);
        Figure { value: values[at], low: drawn[at][DRAWS / 40], high: drawn[at][DRAWS - 1 - DRAWS / 40] }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(specificity: f64, times: [u32; 6]) -> Figures {
        // By hand: 2 positives (0.9, 0.4), 4 negatives (0.8, 0.4, 0.2, 0.1).
        let scores = [(0.9, true), (0.8, false), (0.4, true), (0.4, false), (0.2, false), (0.1, false)];
        let scored = scores.into_iter().enumerate();
        let scored = scored.map(|(person, (score, positive))| Scored { person, score, positive }).collect();
        Ranking::new(scored, 6, specificity).figures(&times)
    }

    #[test]
    fn figures_are_those_counted_by_hand() {
        let found = figures(1.0, [1; 6]);
        // Pairs won: 4 by the first, 2 + ½ by the second, of 8.
        assert!((found.area - 6.5 / 8.0).abs() < 1e-12);
        // Bins 9: |0.9−1|, 8: 0.8, 4: |0.8−1|, 2: 0.2, 1: 0.1; of 6.
        assert!((found.calibration_error - 1.4 / 6.0).abs() < 1e-12);
        for (specificity, sensitivity) in [(1.0, 0.5), (0.75, 0.5), (0.5, 1.0)] {
            assert!((figures(specificity, [1; 6]).sensitivity - sensitivity).abs() < 1e-12);
        }
    }

    #[test]
    fn a_person_counted_twice_is_as_two() {
        // Without the negative at 0.8 and with the positive at 0.4 twice: 3 + 2·2.5 of 9 pairs.
        assert!((figures(1.0, [1, 0, 2, 1, 1, 1]).area - 8.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn a_share_has_the_interval_of_its_binomial() {
        // 100 people, 30 with: 0.30 ± 1.96·0.0458.
        let [share] = bootstrap(100, 1, |times| [f64::from(times[..30].iter().sum::<u32>()) / 100.0]);
        assert!((share.value - 0.3).abs() < 1e-12);
        assert!((share.low - 0.21).abs() < 0.025 && (share.high - 0.39).abs() < 0.025, "{share:?}");
    }
}
