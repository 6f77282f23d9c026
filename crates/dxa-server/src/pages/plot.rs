//! A plot as numbers of an SVG: bands, lines, dots and the ticks of two axes.

use super::number::{coordinate, decimals};

/// A plot ready to be written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plot {
    pub(crate) title: String,
    /// What it shows, for those who cannot see it.
    pub(crate) said: String,
    pub(crate) bands: Vec<Band>,
    pub(crate) paths: Vec<Path>,
    pub(crate) dots: Vec<Dot>,
    pub(crate) rows: Vec<Tick>,
    pub(crate) columns: Vec<Tick>,
    pub(crate) notes: Vec<String>,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

/// A rectangle.
#[derive(Clone, Debug)]
pub(crate) struct Band {
    pub(crate) class: &'static str,
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) width: String,
    pub(crate) height: String,
}

/// A line or an area.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) class: &'static str,
    pub(crate) d: String,
}

/// A point with what it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Dot {
    pub(crate) class: &'static str,
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) r: f64,
    pub(crate) title: String,
}

/// A number beside an axis.
#[derive(Clone, Debug)]
pub(crate) struct Tick {
    pub(crate) at: String,
    pub(crate) text: String,
}

/// From values to places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axes {
    x: (f64, f64),
    y: (f64, f64),
}

const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 38.0;
// Half of a year stands beyond the last tick.
const RIGHT: f64 = WIDTH - 18.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = HEIGHT - 24.0;

impl Axes {
    /// Axes over these values, with some room above and below; `None` without two different places.
    pub(crate) fn over(x: (f64, f64), values: impl Iterator<Item = f64>) -> Option<Self> {
        let values = values.filter(|value| value.is_finite());
        let (low, high) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let room = ((high - low) * 0.06).max(0.02);
        let axes = Self { x, y: (low - room, high + room) };
        (x.0 < x.1 && axes.y.0 < axes.y.1 && axes.y.0.is_finite() && axes.y.1.is_finite()).then_some(axes)
    }

    fn x(&self, value: f64) -> f64 {
        LEFT + (value - self.x.0) / (self.x.1 - self.x.0) * (RIGHT - LEFT)
    }

    fn y(&self, value: f64) -> f64 {
        let place = BOTTOM - (value - self.y.0) / (self.y.1 - self.y.0) * (BOTTOM - TOP);
        place.clamp(TOP, BOTTOM)
    }

    /// An empty plot with ticks: `step` of the horizontal axis, two decimals on the vertical one.
    pub(crate) fn plot(&self, step: f64) -> Plot {
        let mut plot = Plot {
            width: WIDTH,
            height: HEIGHT,
            left: LEFT,
            right: RIGHT,
            top: TOP,
            bottom: BOTTOM,
            ..Plot::default()
        };
        for value in ticks(self.x, step) {
            plot.columns.push(Tick { at: coordinate(self.x(value)), text: decimals(Some(value), 0) });
        }
        let height = self.y.1 - self.y.0;
        let step = [0.02, 0.05, 0.1, 0.2, 0.5].into_iter().find(|step| height / step <= 7.0).unwrap_or(1.0);
        for value in ticks(self.y, step) {
            plot.rows.push(Tick { at: coordinate(self.y(value)), text: decimals(Some(value), 2) });
        }
        plot
    }

    /// A band over the whole width; ends beyond the axes are cut.
    pub(crate) fn band(&self, class: &'static str, from: f64, to: f64) -> Option<Band> {
        let (upper, lower) = (self.y(to), self.y(from));
        (lower - upper > 0.1).then(|| Band {
            class,
            x: coordinate(LEFT),
            y: coordinate(upper),
            width: coordinate(RIGHT - LEFT),
            height: coordinate(lower - upper),
        })
    }

    /// A line through points; a gap in the values is a gap in the line.
    pub(crate) fn line(&self, class: &'static str, points: &[(f64, Option<f64>)]) -> Path {
        let mut d = String::new();
        let mut is_down = false;
        for (x, y) in points {
            let Some(y) = y else {
                is_down = false;
                continue;
            };
            let place = format!("{} {}", coordinate(self.x(*x)), coordinate(self.y(*y)));
            d += if is_down { "L" } else { "M" };
            d += &place;
            is_down = true;
        }
        Path { class, d }
    }

    /// A dot.
    pub(crate) fn dot(&self, class: &'static str, (x, y): (f64, f64), r: f64, title: String) -> Dot {
        Dot { class, x: coordinate(self.x(x)), y: coordinate(self.y(y)), r, title }
    }
}

fn ticks((from, to): (f64, f64), step: f64) -> impl Iterator<Item = f64> {
    let first = (from / step - 1e-9).ceil();
    (0..100).map(move |index| (first + f64::from(index)) * step).take_while(move |value| *value <= to + 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_find_their_places() {
        let axes = Axes::over((20.0, 80.0), [0.6, 1.2].into_iter()).unwrap();
        let plot = axes.plot(10.0);
        let texts: Vec<&str> = plot.columns.iter().map(|tick| tick.text.as_str()).collect();
        assert_eq!(texts, ["20", "30", "40", "50", "60", "70", "80"]);
        assert_eq!(plot.columns[0].at, "38");
        let line = axes.line("mean", &[(20.0, Some(0.6)), (50.0, None), (80.0, Some(1.2))]);
        assert_eq!(line.d.matches('M').count(), 2, "a gap is not bridged: {}", line.d);
        assert!(Axes::over((20.0, 20.0), [1.0].into_iter()).is_none());
        assert!(Axes::over((20.0, 80.0), std::iter::empty()).is_none());
    }
}
