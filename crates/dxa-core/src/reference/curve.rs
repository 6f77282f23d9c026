//! Reading a curve at one age: between its points, never beyond them.

use super::sidecar::BandMode;
use super::table::{Band, Curve, Distribution, Knot, LmsKnot};

impl Curve {
    /// The distribution at `age` years; `None` outside the ages of the rows.
    pub(super) fn at(&self, age: f64, mode: BandMode) -> Option<Distribution> {
        match self {
            Self::Bands(bands) => {
                band_at(bands, age, mode).map(|(mean, sd)| Distribution::Normal { mean, sd })
            }
            Self::Knots(knots) => {
                let (low, high, part) = around(knots, age, |knot: &Knot| knot.age)?;
                let mix = |of: fn(&Knot) -> f64| between(of(low), of(high), part);
                Some(Distribution::Normal { mean: mix(|knot| knot.mean), sd: mix(|knot| knot.sd) })
            }
            Self::Lms(knots) => {
                let (low, high, part) = around(knots, age, |knot: &LmsKnot| knot.age)?;
                let mix = |of: fn(&LmsKnot) -> f64| between(of(low), of(high), part);
                Some(Distribution::Lms {
                    l: mix(|knot| knot.l),
                    m: mix(|knot| knot.m),
                    s: mix(|knot| knot.s),
                })
            }
        }
    }
}

impl Band {
    /// The middle of the band: 25 for 20 to 29, which ends with the 30th birthday.
    fn middle(&self) -> f64 {
        f64::midpoint(self.from, self.to + 1.0)
    }

    fn holds(&self, age: f64) -> bool {
        self.from <= age && age < self.to + 1.0
    }

    /// Whether `next` begins where this one ends; there is no line across a gap.
    fn adjoins(&self, next: &Self) -> bool {
        next.from <= self.to + 1.0
    }
}

fn band_at(bands: &[Band], age: f64, mode: BandMode) -> Option<(f64, f64)> {
    let place = bands.iter().position(|band| band.holds(age))?;
    let own = bands.get(place)?;
    let neighbor = match mode {
        BandMode::Step => None,
        BandMode::Interpolate if age < own.middle() => {
            place.checked_sub(1).and_then(|before| bands.get(before)).filter(|before| before.adjoins(own))
        }
        BandMode::Interpolate => bands.get(place + 1).filter(|after| own.adjoins(after)),
    };
    let Some(other) = neighbor else {
        return Some((own.mean, own.sd));
    };
    let part = (age - own.middle()) / (other.middle() - own.middle());
    Some((between(own.mean, other.mean, part), between(own.sd, other.sd, part)))
}

/// The points on either side of `age`, and how far it is from the first to the second.
fn around<K>(knots: &[K], age: f64, age_of: fn(&K) -> f64) -> Option<(&K, &K, f64)> {
    let after = knots.partition_point(|knot| age_of(knot) < age);
    let high = knots.get(after)?;
    if age_of(high) <= age {
        return Some((high, high, 0.0));
    }
    let low = after.checked_sub(1).and_then(|before| knots.get(before))?;
    Some((low, high, (age - age_of(low)) / (age_of(high) - age_of(low))))
}

fn between(low: f64, high: f64, part: f64) -> f64 {
    low + (high - low) * part
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(rows: &[(f64, f64, f64)]) -> Curve {
        let band = |&(from, to, mean): &(f64, f64, f64)| Band { from, to, n: None, mean, sd: mean / 10.0 };
        Curve::Bands(rows.iter().map(band).collect())
    }

    fn mean(curve: &Curve, age: f64, mode: BandMode) -> Option<f64> {
        match curve.at(age, mode)? {
            Distribution::Normal { mean, sd } => {
                assert!((sd - mean / 10.0).abs() < 1e-12, "mean and SD are read alike");
                Some((mean * 1e9).round() / 1e9)
            }
            Distribution::Lms { m, .. } => Some(m),
        }
    }

    #[test]
    fn a_step_band_is_constant_until_the_birthday_after_its_last_year() {
        let curve = bands(&[(20.0, 29.0, 1.0), (30.0, 39.0, 0.8)]);
        let at = |age| mean(&curve, age, BandMode::Step);
        assert_eq!(at(19.99), None);
        assert_eq!(at(20.0), Some(1.0));
        assert_eq!(at(29.99), Some(1.0));
        assert_eq!(at(30.0), Some(0.8));
        assert_eq!(at(40.0), None);
    }

    #[test]
    fn interpolated_bands_are_flat_at_the_ends_and_linear_between_their_middles() {
        let curve = bands(&[(20.0, 29.0, 1.0), (30.0, 39.0, 0.8)]);
        let at = |age| mean(&curve, age, BandMode::Interpolate);
        assert_eq!(at(21.0), Some(1.0));
        assert_eq!(at(25.0), Some(1.0));
        assert_eq!(at(27.5), Some(0.95));
        assert_eq!(at(30.0), Some(0.9));
        assert_eq!(at(35.0), Some(0.8));
        assert_eq!(at(39.5), Some(0.8));
        assert_eq!(at(40.0), None);
    }

    #[test]
    fn no_line_is_drawn_across_a_missing_band() {
        let curve = bands(&[(20.0, 29.0, 1.0), (40.0, 49.0, 0.8)]);
        let at = |age| mean(&curve, age, BandMode::Interpolate);
        assert_eq!(at(29.0), Some(1.0));
        assert_eq!(at(35.0), None);
        assert_eq!(at(41.0), Some(0.8));
    }

    #[test]
    fn knots_are_met_exactly_and_never_extrapolated() {
        let knot = |age, mean: f64| Knot { age, mean, sd: mean / 10.0 };
        let curve = Curve::Knots(vec![knot(20.0, 1.0), knot(21.0, 0.9), knot(25.0, 0.5)]);
        let at = |age| mean(&curve, age, BandMode::Step);
        assert_eq!(at(19.999), None);
        assert_eq!(at(20.0), Some(1.0));
        assert_eq!(at(20.25), Some(0.975));
        assert_eq!(at(21.0), Some(0.9));
        assert_eq!(at(23.0), Some(0.7));
        assert_eq!(at(25.0), Some(0.5));
        assert_eq!(at(25.001), None);
    }

    #[test]
    fn l_m_and_s_are_interpolated_apart() {
        let curve = Curve::Lms(vec![
            LmsKnot { age: 10.0, l: 0.0, m: 0.6, s: 0.1 },
            LmsKnot { age: 12.0, l: 1.0, m: 0.8, s: 0.2 },
        ]);
        let Some(Distribution::Lms { l, m, s }) = curve.at(10.5, BandMode::Step) else {
            panic!("within the knots")
        };
        assert!((l - 0.25).abs() < 1e-12 && (m - 0.65).abs() < 1e-12 && (s - 0.125).abs() < 1e-12);
    }
}
