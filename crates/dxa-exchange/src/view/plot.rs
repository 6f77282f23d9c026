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
    /// Words beside lines.
    pub labels: Vec<Label>,
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

/// A word beside a line, at the right.
#[derive(Clone, Debug)]
pub struct Label {
    /// Style.
    pub class: &'static str,
    /// Where it ends.
    pub x: String,
    /// Its foot.
    pub y: String,
    /// What it says.
    pub text: String,
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
const LEFT: f64 = 46.0;
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

    /// Axes that fit these points on all sides; `None` without a point. Every value that is equal lies in the middle.
    #[must_use]
    pub fn fitting(x: impl Iterator<Item = f64>, y: impl Iterator<Item = f64>) -> Option<Self> {
        let axes = Self { x: fitted(x)?, y: fitted(y)? };
        Some(axes)
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
        let mut plot = empty();
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

    /// An empty plot with round numbers on both axes, as fine as the axes ask for.
    #[must_use]
    pub fn fine_plot(&self) -> Plot {
        let mut plot = empty();
        let (step, places) = fine_step(self.x, 5.0);
        for value in ticks(self.x, step) {
            plot.columns.push(self.column(value, decimals(Some(value), places)));
        }
        plot.rows = self.fine_rows();
        plot
    }

    /// An empty plot with round numbers on the vertical axis alone.
    #[must_use]
    pub fn fine_rows_plot(&self) -> Plot {
        Plot { rows: self.fine_rows(), ..empty() }
    }

    fn fine_rows(&self) -> Vec<Tick> {
        let (step, places) = fine_step(self.y, 7.0);
        let tick = |value| Tick { at: coordinate(self.y(value)), text: decimals(Some(value), places) };
        ticks(self.y, step).map(tick).collect()
    }

    /// What is written at a place of the horizontal axis.
    #[must_use]
    pub fn column(&self, value: f64, text: String) -> Tick {
        Tick { at: coordinate(self.x(value)), text }
    }

    /// A word above the right end of a level line.
    #[must_use]
    pub fn label(&self, class: &'static str, level: f64, text: String) -> Label {
        self.label_at(class, (self.x.1, level), text)
    }

    /// A word above the right end of a line that ends here.
    #[must_use]
    pub fn label_at(&self, class: &'static str, (x, y): (f64, f64), text: String) -> Label {
        Label { class, x: coordinate(self.x(x) - 2.0), y: coordinate(self.y(y) - 3.0), text }
    }

    /// The least significant change on both sides of a value.
    #[must_use]
    pub fn bar(&self, (x, y): (f64, f64), lsc: f64) -> Path {
        self.line("lsc", &[(x, Some(y - lsc)), (x, Some(y + lsc))])
    }

    /// A level line over the whole width.
    #[must_use]
    pub fn level(&self, class: &'static str, value: f64) -> Path {
        self.line(class, &[(self.x.0, Some(value)), (self.x.1, Some(value))])
    }

    /// Many points as one path of marks without a length, which round ends make dots.
    #[must_use]
    pub fn cloud(&self, class: &'static str, points: impl Iterator<Item = (f64, f64)>) -> Path {
        let mark = |(x, y)| format!("M{} {}h0", coordinate(self.x(x)), coordinate(self.y(y)));
        Path { class, d: points.map(mark).collect() }
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

fn empty() -> Plot {
    Plot {
        width: WIDTH,
        height: HEIGHT,
        left: LEFT,
        right: RIGHT,
        top: TOP,
        bottom: BOTTOM,
        ..Plot::default()
    }
}

/// The ends of an axis that holds these values with some room.
fn fitted(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return None;
    }
    let least = low.abs().max(high.abs()).max(1e-3) * 1e-3;
    let room = ((high - low) * 0.06).max(least);
    Some((low - room, high + room))
}

/// A step of 1, 2 or 5 times a power of ten that gives at most so many ticks, and the decimals that it needs.
fn fine_step((from, to): (f64, f64), most: f64) -> (f64, u8) {
    let raw = (to - from) / most;
    let power = raw.log10().floor();
    let base = 10f64.powf(power);
    let step = [1.0, 2.0, 5.0].map(|factor| factor * base).into_iter().find(|step| *step >= raw);
    let (step, power) = step.map_or((10.0 * base, power + 1.0), |step| (step, power));
    (step, (-power).clamp(0.0, 9.0) as u8)
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
        assert_eq!(plot.columns[0].at, "46");
        let line = axes.line("mean", &[(20.0, Some(0.6)), (50.0, None), (80.0, Some(1.2))]);
        assert_eq!(line.d.matches('M').count(), 2, "a gap is not bridged: {}", line.d);
        assert!(Axes::over((20.0, 20.0), [1.0].into_iter()).is_none());
        assert_eq!(fine_step((0.0, 0.011), 7.0), (0.002, 3));
        assert_eq!(fine_step((-1.0, 69.0), 7.0), (10.0, 0));
        assert_eq!(fine_step((0.0, 68.0), 7.0), (10.0, 0));
        let fine = Axes::fitting([0.9, 1.1].into_iter(), [-0.004, 0.006].into_iter()).unwrap().fine_plot();
        let texts: Vec<&str> = fine.rows.iter().map(|tick| tick.text.as_str()).collect();
        assert_eq!(texts, ["−0.004", "−0.002", "0.000", "0.002", "0.004", "0.006"]);
        assert!(Axes::fitting([1.0].into_iter(), [1.0].into_iter()).is_some());
        assert!(Axes::fitting(std::iter::empty(), [1.0].into_iter()).is_none());
        assert!(Axes::over((20.0, 80.0), std::iter::empty()).is_none());
    }
}
