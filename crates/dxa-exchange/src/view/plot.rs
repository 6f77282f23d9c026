//! A plot as numbers of an SVG: bands, lines, dots and the ticks of two axes.

use super::number::{coordinate, decimals};

/// A plot ready to be written.
#[derive(Clone, Debug, Default)]
pub struct Plot {
    /// What is above it.
    pub title: String,
    /// What it shows, for those who cannot see it.
    pub said: String,
    /// Colored parts, from the back.
    pub bands: Vec<Band>,
    /// Lines.
    pub paths: Vec<Path>,
    /// Points.
    pub dots: Vec<Dot>,
    /// Numbers of the vertical axis.
    pub rows: Vec<Tick>,
    /// Numbers of the horizontal axis.
    pub columns: Vec<Tick>,
    /// Treatments over time, by their numbers.
    pub marks: Vec<Mark>,
    /// Sentences under it.
    pub notes: Vec<String>,
    /// Size, in the unit of all places.
    pub width: f64,
    /// Size, in the unit of all places.
    pub height: f64,
    /// Where the axes end.
    pub left: f64,
    /// Where the axes end.
    pub right: f64,
    /// Where the axes end.
    pub top: f64,
    /// Where the axes end.
    pub bottom: f64,
}

/// A rectangle.
#[derive(Clone, Debug)]
pub struct Band {
    /// Style.
    pub class: &'static str,
    /// Left end.
    pub x: String,
    /// Upper end.
    pub y: String,
    /// Width.
    pub width: String,
    /// Height.
    pub height: String,
}

/// A line or an area.
#[derive(Clone, Debug)]
pub struct Path {
    /// Style.
    pub class: &'static str,
    /// Its places, as SVG writes them.
    pub d: String,
}

/// A point with what it stands for.
#[derive(Clone, Debug)]
pub struct Dot {
    /// Style.
    pub class: &'static str,
    /// Middle.
    pub x: String,
    /// Middle.
    pub y: String,
    /// Radius.
    pub r: f64,
    /// What it stands for.
    pub title: String,
}

/// A treatment: a line where it begins, a bar for as long as it goes on.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Its number in the list of treatments.
    pub number: String,
    /// Where it begins.
    pub x: String,
    /// How far its bar reaches.
    pub width: String,
    /// What it is.
    pub title: String,
}

/// A number beside an axis.
#[derive(Clone, Debug)]
pub struct Tick {
    /// Where.
    pub at: String,
    /// What is written there.
    pub text: String,
}

/// From values to places.
#[derive(Clone, Copy, Debug)]
pub struct Axes {
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
    #[must_use]
    pub fn over(x: (f64, f64), values: impl Iterator<Item = f64>) -> Option<Self> {
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

    /// An empty plot with ticks: `step` of the horizontal axis, two decimals on the vertical one where they tell.
    #[must_use]
    pub fn plot(&self, step: f64) -> Plot {
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
        let steps = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];
        let step = steps.into_iter().find(|step| height / step <= 7.0).unwrap_or(10.0);
        let places = if step < 1.0 { 2 } else { 0 };
        for value in ticks(self.y, step) {
            plot.rows.push(Tick { at: coordinate(self.y(value)), text: decimals(Some(value), places) });
        }
        plot
    }

    /// A band over the whole width; ends beyond the axes are cut.
    #[must_use]
    pub fn band(&self, class: &'static str, from: f64, to: f64) -> Option<Band> {
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
    #[must_use]
    pub fn line(&self, class: &'static str, points: &[(f64, Option<f64>)]) -> Path {
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

    /// A treatment from one time to another; `None` where it lies outside.
    #[must_use]
    pub fn mark(&self, number: usize, (from, to): (f64, f64), title: String) -> Option<Mark> {
        if to < self.x.0 || from > self.x.1 {
            return None;
        }
        let (left, right) = (self.x(from.max(self.x.0)), self.x(to.min(self.x.1)));
        let width = coordinate((right - left).max(2.0));
        Some(Mark { number: number.to_string(), x: coordinate(left), width, title })
    }

    /// A dot.
    #[must_use]
    pub fn dot(&self, class: &'static str, (x, y): (f64, f64), r: f64, title: String) -> Dot {
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
