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

/// Scored vertebrae from the highest score down, so that every draw of people needs one pass.
pub(crate) struct Ranking(Vec<Scored>);

impl Ranking {
    /// Ranks.
    pub(crate) fn new(mut scored: Vec<Scored>) -> Self {
        scored.sort_by(|a, b| b.score.total_cmp(&a.score));
        Self(scored)
    }

    /// Area under the receiver operating characteristic when each person counts so often; ties count half.
    pub(crate) fn area(&self, times: &[u32]) -> f64 {
        let (mut area, mut above) = (0.0, 0.0);
        let [positives, negatives] = self.totals(times);
        for [hits, misses] in self.steps(times) {
            area += misses * (above + hits / 2.0);
            above += hits;
        }
        area / (positives * negatives)
    }

    /// The highest sensitivity of a limit whose specificity is not below this one.
    pub(crate) fn sensitivity_at(&self, specificity: f64, times: &[u32]) -> f64 {
        let [positives, negatives] = self.totals(times);
        let (mut found, mut hits, mut misses) = (0.0, 0.0, 0.0);
        for step in self.steps(times) {
            hits += step[0];
            misses += step[1];
            if misses > (1.0 - specificity) * negatives + 1e-9 {
                break;
            }
            found = hits;
        }
        found / positives
    }

    fn totals(&self, times: &[u32]) -> [f64; 2] {
        self.steps(times).fold([0.0; 2], |sum, step| [sum[0] + step[0], sum[1] + step[1]])
    }

    /// Positives and negatives of each score, from the highest.
    fn steps<'r>(&'r self, times: &'r [u32]) -> impl Iterator<Item = [f64; 2]> + 'r {
        self.0.chunk_by(|a, b| a.score.total_cmp(&b.score).is_eq()).map(|tied| {
            let count = |positive| {
                let those = tied.iter().filter(|one| one.positive == positive);
                those.map(|one| f64::from(times[one.person])).sum()
            };
            [count(true), count(false)]
        })
    }

    /// Expected calibration error: the mean distance of predicted from observed share over ten bins of equal
    /// width, each weighted with its vertebrae.
    pub(crate) fn calibration_error(&self, times: &[u32]) -> f64 {
        const BINS: usize = 10;
        let mut sums = [[0.0; 2]; BINS];
        let mut all = 0.0;
        for one in &self.0 {
            let bin = ((one.score * BINS as f64) as usize).min(BINS - 1);
            let weight = f64::from(times[one.person]);
            sums[bin][0] += weight * one.score;
            sums[bin][1] += weight * f64::from(u8::from(one.positive));
            all += weight;
        }
        sums.iter().map(|[predicted, observed]| (predicted - observed).abs()).sum::<f64>() / all
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

    fn ranking() -> Ranking {
        // By hand: 2 positives (0.9, 0.4), 4 negatives (0.8, 0.4, 0.2, 0.1).
        let scores = [(0.9, true), (0.8, false), (0.4, true), (0.4, false), (0.2, false), (0.1, false)];
        let scored = scores.iter().enumerate();
        Ranking::new(
            scored
                .map(|(person, (score, positive))| Scored { person, score: *score, positive: *positive })
                .collect(),
        )
    }

    #[test]
    fn figures_are_those_counted_by_hand() {
        let (ranking, once) = (ranking(), [1; 6]);
        // Pairs won: 4 by the first, 2 + ½ by the second, of 8.
        assert!((ranking.area(&once) - 6.5 / 8.0).abs() < 1e-12);
        assert_eq!(ranking.sensitivity_at(1.0, &once), 0.5);
        assert_eq!(ranking.sensitivity_at(0.75, &once), 0.5);
        assert_eq!(ranking.sensitivity_at(0.5, &once), 1.0);
        // Bins 9: |0.9−1|, 8: 0.8, 4: |0.8−1|, 2: 0.2, 1: 0.1; of 6.
        assert!((ranking.calibration_error(&once) - 1.4 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn a_person_counted_twice_is_as_two() {
        // Without the negative at 0.8 and with the positive at 0.4 twice: 3 + 2·2.5 of 9 pairs.
        assert!((ranking().area(&[1, 0, 2, 1, 1, 1]) - 8.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn a_share_has_the_interval_of_its_binomial() {
        // 100 people, 30 with: 0.30 ± 1.96·0.0458.
        let [share] = bootstrap(100, 1, |times| [f64::from(times[..30].iter().sum::<u32>()) / 100.0]);
        assert!((share.value - 0.3).abs() < 1e-12);
        assert!((share.low - 0.21).abs() < 0.025 && (share.high - 0.39).abs() < 0.025, "{share:?}");
    }
}
