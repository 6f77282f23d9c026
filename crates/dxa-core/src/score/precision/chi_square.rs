//! Quantiles of χ² with whole degrees of freedom, from the series of the incomplete gamma function.

/// The value below which χ² with `df` degrees of freedom lies with probability `p`.
///
/// Bisection on the distribution function, to the last digits of a double. Zero degrees give zero.
///
/// # References
/// Abramowitz and Stegun 26.4.19 (relation to the incomplete gamma function) and 6.5.29 (its series).
pub(in crate::score) fn chi_square_quantile(p: f64, df: usize) -> f64 {
    let (mut low, mut high) = (0.0, df as f64);
    while cumulative(high, df) < p && high < f64::MAX / 2.0 {
        high *= 2.0;
    }
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(low, high);
        if cumulative(middle, df) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Halvings after which the interval is no wider than the spacing of doubles.
const BISECTIONS: usize = 80;

/// The probability that χ² lies below `x`: P(df/2, x/2), the regularized lower incomplete gamma function.
pub(in crate::score) fn cumulative(x: f64, df: usize) -> f64 {
    if x <= 0.0 || df == 0 {
        return if df == 0 { 1.0 } else { 0.0 };
    }
    let (a, x) = (df as f64 / 2.0, x / 2.0);
    let (mut term, mut sum, mut n) = (1.0, 1.0, a);
    while term > sum * f64::EPSILON / 4.0 {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    (a * x.ln() - x - ln_gamma_half(df + 2) + sum.ln()).exp().min(1.0)
}

/// ln Γ(k/2), by the recurrence from Γ(1/2) = √π or Γ(1) = 1.
fn ln_gamma_half(k: usize) -> f64 {
    let start = if k.is_multiple_of(2) { 0.0 } else { 0.5 * std::f64::consts::PI.ln() };
    let first = if k.is_multiple_of(2) { 2 } else { 1 };
    (first..k).step_by(2).map(|twice| (twice as f64 / 2.0).ln()).fold(start, |sum, ln| sum + ln)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `chi_square.csv` is written by scipy; see `chi_square.py` beside it.
    #[test]
    fn quantiles_are_scipys() {
        let rows = include_str!("chi_square.csv").lines().skip(1).map(|line| {
            let mut cells = line.split(',');
            let df: usize = cells.next().unwrap().parse().unwrap();
            let p: f64 = cells.next().unwrap().parse().unwrap();
            (df, p, cells.next().unwrap().parse::<f64>().unwrap())
        });
        let mut seen = 0;
        for (df, p, expected) in rows {
            let found = chi_square_quantile(p, df);
            assert!((found / expected - 1.0).abs() < 1e-9, "df {df}, p {p}: {found}, scipy {expected}");
            seen += 1;
        }
        assert!(seen > 100);
    }

    #[test]
    fn no_degrees_of_freedom_give_zero() {
        assert!(chi_square_quantile(0.05, 0).abs() < f64::EPSILON);
    }
}
