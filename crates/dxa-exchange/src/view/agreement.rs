//! Differences of two methods over their means, with bias and limits of agreement.

use dxa_core::statistics::Agreement;

use super::number::signed;
use super::plot::{Axes, Plot};
use crate::agreement::Pair;

/// Pairs that a plot shows at most; its lines come from all of them.
pub const DRAWN: usize = 400;

/// The plot of Bland and Altman; `None` without pairs. Of many pairs the last are drawn.
#[must_use]
pub fn bland_altman(pairs: &[Pair]) -> Option<Plot> {
    let agreement = Agreement::of(pairs)?;
    let drawn = &pairs[pairs.len().saturating_sub(DRAWN)..];
    let points = || drawn.iter().map(|(ours, theirs)| (f64::midpoint(*ours, *theirs), ours - theirs));
    let half = agreement.limit_half_interval().unwrap_or(0.0);
    let limits = agreement.limits();
    let ends = limits.into_iter().flat_map(|[low, high]| [low - half, high + half]);
    let axes = Axes::fitting(
        points().map(|point| point.0),
        points().map(|point| point.1).chain(ends).chain([0.0, agreement.bias]),
    )?;
    let mut plot = axes.fine_plot();
    let around = [
        ("interval", limits.map(|limits| limits[0]), agreement.limit_half_interval()),
        ("interval", Some(agreement.bias), agreement.bias_half_interval()),
        ("interval", limits.map(|limits| limits[1]), agreement.limit_half_interval()),
    ];
    for (class, middle, half) in around {
        let band = middle.zip(half).and_then(|(middle, half)| axes.band(class, middle - half, middle + half));
        plot.bands.extend(band);
    }
    plot.paths.push(axes.level("zero", 0.0));
    plot.paths.push(axes.level("mean", agreement.bias));
    plot.labels.push(axes.label("line-name", agreement.bias, signed(Some(agreement.bias), 4)));
    for limit in limits.into_iter().flatten() {
        plot.paths.push(axes.level("two-sd", limit));
        plot.labels.push(axes.label("line-name", limit, signed(Some(limit), 4)));
    }
    plot.paths.push(axes.cloud("cloud", points()));
    Some(plot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_a_mark_until_there_are_too_many() {
        let plot = bland_altman(&[(1.0, 0.9), (2.0, 2.0), (3.0, 3.3)]).unwrap();
        assert_eq!(plot.paths.last().unwrap().d.matches("h0").count(), 3);
        assert_eq!((plot.bands.len(), plot.labels.len()), (3, 3));
        let one = bland_altman(&[(1.0, 1.0)]).unwrap();
        assert_eq!((one.bands.len(), one.labels.len()), (0, 1));
        assert!(!format!("{one:?}").contains("NaN"));
        assert!(bland_altman(&[]).is_none());
        let many = bland_altman(&vec![(1.0, 1.1); 1000]).unwrap();
        assert_eq!(many.paths.last().unwrap().d.matches("h0").count(), DRAWN);
    }
}
