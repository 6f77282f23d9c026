//! Phantoms: a table of their regions, charts with limits, and cumulative sums.

use dxa_exchange::text::said;
use dxa_exchange::view::number::{NOTHING, decimals, minus, signed};
use dxa_exchange::view::plot::{Axes, Plot};
use dxa_exchange::view::{Say, fill};
use jiff::civil::Date;

use super::source;
use crate::quality::{PhantomChart, PhantomPoint, ScannerRoom};

/// One phantom.
pub(super) struct Phantom {
    pub(super) name: String,
    pub(super) elements: Vec<Element>,
    pub(super) plots: Vec<Plot>,
}

/// One region of it.
pub(super) struct Element {
    pub(super) place: String,
    pub(super) source: &'static str,
    pub(super) n: usize,
    pub(super) mean: String,
    pub(super) sd: String,
    pub(super) variation: String,
    pub(super) last: String,
    pub(super) last_day: String,
    pub(super) deviation: String,
    pub(super) state: String,
    pub(super) state_class: &'static str,
    /// How much it needs eyes.
    pub(super) weight: u8,
}

/// Scans that a chart shows at most.
const DRAWN: usize = 200;

/// Every phantom with its charts.
pub(super) fn all(charts: &[PhantomChart], say: Say) -> Vec<Phantom> {
    charts
        .chunk_by(|one, other| one.phantom == other.phantom)
        .map(|charts| Phantom {
            name: match charts.first().and_then(|chart| chart.phantom.as_deref()) {
                Some(name) => fill(say.w.phantom, &[name]),
                None => say.w.phantom_unnamed.to_owned(),
            },
            elements: charts.iter().map(|chart| Element::of(chart, say)).collect(),
            plots: charts.iter().flat_map(|chart| [values(chart, say), sums(chart, say)]).flatten().collect(),
        })
        .collect()
}

/// How the charts are judged.
pub(super) fn explained(chart: &PhantomChart, room: &ScannerRoom, say: Say) -> String {
    let limited = room.phantoms.iter().find_map(|chart| chart.mean.zip(chart.limits));
    let percent = limited.map(|(mean, [_, high])| 100.0 * (high / mean - 1.0));
    let number = |value: f64| minus(&format!("{value}"));
    let scans = chart.baseline_scans.to_string();
    let percent = percent
        .map_or_else(|| NOTHING.to_owned(), |percent| format!("±{}", number((percent * 1e6).round() / 1e6)));
    fill(say.w.phantoms_text, &[&scans, &percent, &number(chart.cusum.k), &number(chart.cusum.h)])
}

impl Element {
    fn of(chart: &PhantomChart, say: Say) -> Self {
        let last = chart.points.last();
        let variation = chart.sd.zip(chart.mean).map(|(sd, mean)| 100.0 * sd / mean);
        let (state, state_class, weight) = state(chart, say);
        Self {
            place: said::place(&chart.site, chart.laterality.as_deref(), say.language),
            source: source(chart.source, say),
            n: chart.n,
            mean: decimals(chart.mean, 4),
            sd: decimals(chart.sd, 4),
            variation: decimals(variation, 2),
            last: decimals(last.map(|point| point.bmd_g_cm2), 4),
            last_day: last.map(|point| point.day.clone()).unwrap_or_default(),
            deviation: signed(last.and_then(|point| point.deviation_percent), 2),
            state,
            state_class,
            weight,
        }
    }
}

fn state(chart: &PhantomChart, say: Say) -> (String, &'static str, u8) {
    if chart.mean.is_none() {
        let text = fill(say.w.baseline_wait, &[&chart.n.to_string(), &chart.baseline_scans.to_string()]);
        return (text, "", 1);
    }
    let broken: Vec<&PhantomPoint> = chart.points.iter().filter(|point| !point.signals.is_empty()).collect();
    match (chart.points.last().filter(|last| !last.signals.is_empty()), broken.last()) {
        (Some(last), _) => {
            let words: Vec<&str> = last.signals.iter().map(|signal| word(signal, say)).collect();
            (fill(say.w.signal_now, &[&words.join(", ")]), "withhold", 3)
        }
        (None, Some(point)) => {
            (fill(say.w.signal_before, &[&broken.len().to_string(), &point.day]), "review", 2)
        }
        (None, None) => (say.w.in_control.to_owned(), "good", 0),
    }
}

fn word(signal: &str, say: Say) -> &'static str {
    match signal {
        "limit" => say.w.signal_limit,
        "three_sd" => say.w.signal_three_sd,
        _ => say.w.signal_cusum,
    }
}

/// Densities by day with the limits of the baseline.
fn values(chart: &PhantomChart, say: Say) -> Option<Plot> {
    let points = drawn(chart);
    let lines = [chart.limits, chart.control_limits].into_iter().flatten().flatten();
    let values = points.iter().map(|(_, point)| point.bmd_g_cm2);
    let axes = Axes::fitting(points.iter().map(|(at, _)| *at), values.chain(lines))?;
    let mut plot = axes.fine_rows_plot();
    days(&mut plot, &axes, &points);
    plot.title = fill(say.w.phantom_chart, &[&title(chart, say)]);
    plot.said = format!("{}: {}", plot.title, Element::of(chart, say).state);
    if let Some([low, high]) = chart.limits {
        plot.bands.extend(axes.band("within", low, high));
        for limit in [low, high] {
            plot.paths.push(axes.level("two-sd", limit));
            plot.labels.push(axes.label("line-name", limit, decimals(Some(limit), 4)));
        }
    }
    for limit in chart.control_limits.into_iter().flatten() {
        plot.paths.push(axes.level("three-sd", limit));
    }
    if let Some(mean) = chart.mean {
        plot.paths.push(axes.level("mean", mean));
    }
    let line: Vec<(f64, Option<f64>)> =
        points.iter().map(|(at, point)| (*at, Some(point.bmd_g_cm2))).collect();
    plot.paths.push(axes.line("course", &line));
    plot.paths.push(axes.cloud("cloud", points.iter().map(|(at, point)| (*at, point.bmd_g_cm2))));
    for (at, point) in points.iter().filter(|(_, point)| !point.signals.is_empty()) {
        let words: Vec<&str> = point.signals.iter().map(|signal| word(signal, say)).collect();
        let title = format!("{}: {} ({})", point.day, decimals(Some(point.bmd_g_cm2), 4), words.join(", "));
        plot.dots.push(axes.dot("signal", (*at, point.bmd_g_cm2), 4.0, title));
    }
    if chart.points.len() > DRAWN {
        plot.notes.push(fill(say.w.phantom_last, &[&DRAWN.to_string(), &chart.points.len().to_string()]));
    }
    Some(plot)
}

/// The upper sum above zero, the lower one below it, and the decision interval on both sides.
fn sums(chart: &PhantomChart, say: Say) -> Option<Plot> {
    let points = drawn(chart);
    let upper = |point: &PhantomPoint| point.cusum_upper;
    let lower = |point: &PhantomPoint| point.cusum_lower.map(|sum| 0.0 - sum);
    let found = points.iter().flat_map(|(_, point)| [upper(point), lower(point)]).flatten();
    let found: Vec<f64> = found.collect();
    if found.is_empty() {
        return None;
    }
    let h = chart.cusum.h;
    let axes = Axes::fitting(points.iter().map(|(at, _)| *at), found.into_iter().chain([-h, h]))?;
    let mut plot = axes.fine_rows_plot();
    days(&mut plot, &axes, &points);
    plot.title = fill(say.w.phantom_sums, &[&title(chart, say)]);
    let last = points.last().map(|(_, point)| point);
    plot.said = format!(
        "{}: {} / {}",
        plot.title,
        decimals(last.and_then(|point| point.cusum_upper), 2),
        decimals(last.and_then(|point| point.cusum_lower), 2)
    );
    plot.paths.push(axes.level("zero", 0.0));
    for limit in [-h, h] {
        plot.paths.push(axes.level("two-sd", limit));
    }
    for sum in [upper as fn(&PhantomPoint) -> Option<f64>, lower] {
        let line: Vec<(f64, Option<f64>)> = points.iter().map(|(at, point)| (*at, sum(point))).collect();
        plot.paths.push(axes.line("course", &line));
        let marks = line.iter().filter_map(|(at, sum)| Some((*at, (*sum)?)));
        plot.paths.push(axes.cloud("cloud", marks));
    }
    for (at, point) in points.iter().filter(|(_, point)| point.signals.contains(&"cusum")) {
        let [up, down] = [upper(point), lower(point)];
        let sum = up.filter(|sum| *sum > h).or(down).unwrap_or_default();
        let title = format!("{}: {}", point.day, decimals(Some(sum), 2));
        plot.dots.push(axes.dot("signal", (*at, sum), 4.0, title));
    }
    Some(plot)
}

fn title(chart: &PhantomChart, say: Say) -> String {
    let place = said::place(&chart.site, chart.laterality.as_deref(), say.language);
    format!("{place} ({})", source(chart.source, say))
}

/// The last scans with the days since the first of them; several of one day lie beside each other.
fn drawn(chart: &PhantomChart) -> Vec<(f64, &PhantomPoint)> {
    let last = &chart.points[chart.points.len().saturating_sub(DRAWN)..];
    let first = last.first().and_then(day);
    let mut placed: Vec<(f64, &PhantomPoint)> = Vec::new();
    for group in last.chunk_by(|one, other| one.day == other.day) {
        let share = 1.0 / group.len() as f64;
        let since = first.zip(group.first().and_then(day)).and_then(|(first, day)| day.since(first).ok());
        let at_day = since.map_or(0.0, |since| f64::from(since.get_days()));
        placed.extend(group.iter().enumerate().map(|(at, point)| (at_day + at as f64 * share, point)));
    }
    placed
}

fn day(point: &PhantomPoint) -> Option<Date> {
    point.day.parse().ok()
}

/// At most five days are written below.
fn days(plot: &mut Plot, axes: &Axes, points: &[(f64, &PhantomPoint)]) {
    let (Some((_, first)), Some((last, _))) = (points.first(), points.last()) else { return };
    let Some(first) = day(first) else { return };
    let span = last.floor() as i64;
    let step = usize::try_from((span + 3) / 4).unwrap_or(1).max(1);
    for at in (0..=span).step_by(step) {
        let text = first.checked_add(jiff::Span::new().days(at)).map(|day| day.to_string());
        plot.columns.push(axes.column(at as f64, text.unwrap_or_default()));
    }
}
