//! Two raters of the same things: kappa, sensitivity, specificity, each with its interval.

use std::collections::BTreeMap;

use super::bootstrap::{Draws, TIMES, interval};

/// Pairs of ratings from 0 upward, ours and the reader's, by study.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ratings {
    studies: BTreeMap<String, Vec<(usize, usize)>>,
}

/// A number with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The number.
    pub value: f64,
    /// Where 95 % of resampled studies have it.
    pub interval: Option<[f64; 2]>,
}

impl Ratings {
    /// Adds a pair.
    pub fn add(&mut self, study: &str, ours: usize, theirs: usize) {
        self.studies.entry(study.to_owned()).or_default().push((ours, theirs));
    }

    /// Pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.studies.values().map(Vec::len).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.studies.is_empty()
    }

    /// Studies.
    #[must_use]
    pub fn studies(&self) -> usize {
        self.studies.len()
    }

    /// The highest rating of each study.
    #[must_use]
    pub fn by_study(&self) -> Self {
        let highest = |pairs: &Vec<(usize, usize)>| {
            let most = |of: fn(&(usize, usize)) -> usize| pairs.iter().map(of).max().unwrap_or_default();
            vec![(most(|pair| pair.0), most(|pair| pair.1))]
        };
        Self { studies: self.studies.iter().map(|(study, pairs)| (study.clone(), highest(pairs))).collect() }
    }

    /// Cohen's kappa with linear weights.
    ///
    /// # References
    /// Cohen 1968, doi 10.1037/h0026256.
    #[must_use]
    pub fn kappa(&self) -> Option<Interval> {
        self.resampled(weighted_kappa)
    }

    /// Share of what the reader rates at or above the cut that we do too.
    #[must_use]
    pub fn sensitivity(&self, cut: usize) -> Option<Interval> {
        self.resampled(move |pairs| share(pairs, |theirs| theirs >= cut, |ours| ours >= cut))
    }

    /// Share of what the reader rates below the cut that we do too.
    #[must_use]
    pub fn specificity(&self, cut: usize) -> Option<Interval> {
        self.resampled(move |pairs| share(pairs, |theirs| theirs < cut, |ours| ours < cut))
    }

    fn resampled(&self, measure: impl Fn(&[(usize, usize)]) -> Option<f64>) -> Option<Interval> {
        let studies: Vec<&Vec<(usize, usize)>> = self.studies.values().collect();
        let all: Vec<(usize, usize)> = studies.iter().copied().flatten().copied().collect();
        let value = measure(&all)?;
        let mut draws = Draws::new();
        let once = |_| {
            let drawn = (0..studies.len()).flat_map(|_| studies[draws.below(studies.len())].iter().copied());
            measure(&drawn.collect::<Vec<_>>())
        };
        let values = (0..TIMES).filter_map(once).collect();
        Some(Interval { value, interval: interval(values) })
    }
}

fn share(
    pairs: &[(usize, usize)],
    theirs: impl Fn(usize) -> bool,
    ours: impl Fn(usize) -> bool,
) -> Option<f64> {
    let of = pairs.iter().filter(|pair| theirs(pair.1));
    let (all, found) =
        of.fold((0_u32, 0_u32), |(all, found), pair| (all + 1, found + u32::from(ours(pair.0))));
    (all > 0).then(|| f64::from(found) / f64::from(all))
}

/// 1 − Σ w·observed / Σ w·expected with w the distance of the two ratings; `None` where nothing varies.
fn weighted_kappa(pairs: &[(usize, usize)]) -> Option<f64> {
    let most = pairs.iter().map(|(ours, theirs)| (*ours).max(*theirs)).max()?;
    let n = pairs.len() as f64;
    let share = |of: fn(&(usize, usize)) -> usize| {
        let mut counts = vec![0.0; most + 1];
        pairs.iter().for_each(|pair| counts[of(pair)] += 1.0 / n);
        counts
    };
    let (ours, theirs) = (share(|pair| pair.0), share(|pair| pair.1));
    let observed: f64 = pairs.iter().map(|(one, other)| one.abs_diff(*other) as f64 / n).sum();
    let mut expected = 0.0;
    for (one, p) in ours.iter().enumerate() {
        for (other, q) in theirs.iter().enumerate() {
            expected += one.abs_diff(other) as f64 * p * q;
        }
    }
    (expected > 0.0).then(|| 1.0 - observed / expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of two readers of 50 grants: both yes 20, both no 15, one yes 5, the other yes 10:
    /// agreement 0.7, by chance 0.5, kappa 0.4.
    #[test]
    fn kappa_is_that_of_the_worked_example() {
        let mut ratings = Ratings::default();
        for (count, ours, theirs) in [(20, 1, 1), (15, 0, 0), (5, 1, 0), (10, 0, 1)] {
            for at in 0..count {
                ratings.add(&format!("{ours}{theirs}{at}"), ours, theirs);
            }
        }
        let kappa = ratings.kappa().unwrap();
        assert!((kappa.value - 0.4).abs() < 1e-12);
        let [low, high] = kappa.interval.unwrap();
        assert!(low < 0.4 && 0.4 < high && low > 0.0 && high < 0.8, "{low} {high}");
        // 20 of 30 and 15 of 20.
        let [sensitivity, specificity] = [ratings.sensitivity(1), ratings.specificity(1)].map(Option::unwrap);
        assert!((sensitivity.value - 20.0 / 30.0).abs() < 1e-12 && (specificity.value - 0.75).abs() < 1e-12);
        assert_eq!(ratings.kappa(), ratings.kappa());
    }

    #[test]
    fn a_study_has_its_highest_rating() {
        let mut ratings = Ratings::default();
        ratings.add("a", 0, 2);
        ratings.add("a", 1, 0);
        ratings.add("b", 3, 3);
        let by_study = ratings.by_study();
        assert_eq!((by_study.len(), by_study.studies(), ratings.len()), (2, 2, 3));
        assert_eq!(by_study.studies["a"], [(1, 2)]);
        assert_eq!(Ratings::default().kappa(), None);
    }
}
