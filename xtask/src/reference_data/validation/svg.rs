//! Just enough SVG to draw points, lines and axes; every coordinate is written with one decimal.

use std::collections::BTreeSet;
use std::fmt::Write as _;

const STYLE: &str = "\
text{font:11px sans-serif;fill:#333}.title{font-size:13px;font-weight:bold}.frame{fill:none;stroke:#888}\
.grid{stroke:#e4e4e4}.people{stroke:#8fb0d2;stroke-width:2;stroke-linecap:round;fill:none}\
.curve{fill:none;stroke:#123f73;stroke-width:1.8}.band{fill:none;stroke:#123f73;stroke-width:.8;opacity:.7}\
.f{stroke:#b3245f}.m{stroke:#1b5fa8}.bar{stroke:#d03a22;stroke-width:1.6;fill:#d03a22}.box{fill:#c9daec;stroke:#123f73}\
.young{stroke:#2c7a3f;stroke-width:1.4;stroke-dasharray:4 3}.dots{stroke-width:3;stroke-linecap:round;fill:none;opacity:.7}";

/// A picture under construction.
pub(super) struct Drawing {
    width: f64,
    height: f64,
    body: String,
}

/// A rectangle of the picture in which data are drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axes {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
}

impl Axes {
    /// Where a data point lies in the picture, px.
    pub(super) fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let across = (x - self.x.0) / (self.x.1 - self.x.0);
        let up = (y - self.y.0) / (self.y.1 - self.y.0);
        (self.left + across * self.width, self.top + (1.0 - up) * self.height)
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.x.0..=self.x.1).contains(&x) && (self.y.0..=self.y.1).contains(&y)
    }
}

impl Drawing {
    /// An empty picture with a heading.
    pub(super) fn new(width: f64, height: f64, heading: &str) -> Self {
        let mut drawing = Self { width, height, body: String::new() };
        drawing.text((12.0, 20.0), "title", heading);
        drawing
    }

    /// The file.
    pub(super) fn finish(self) -> String {
        let (w, h) = (self.width, self.height);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.0} {h:.0}\" width=\"{w:.0}\" height=\"{h:.0}\">\n\
             <style>{STYLE}</style>\n<rect width=\"{w:.0}\" height=\"{h:.0}\" fill=\"#fff\"/>\n{}</svg>\n",
            self.body
        )
    }

    /// Text with its left end at a point of the picture.
    pub(super) fn text(&mut self, (x, y): (f64, f64), class: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(self.body, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>");
    }

    /// Frame, grid, tick labels and a title.
    pub(super) fn frame(&mut self, axes: &Axes, title: &str, x_step: f64, y_step: f64) {
        for x in ticks(axes.x, x_step) {
            self.segment(axes, "grid", (x, axes.y.0), (x, axes.y.1));
            let (left, _) = axes.place((x, axes.y.0));
            self.text((left - 6.0, axes.top + axes.height + 13.0), "tick", &format!("{x:.0}"));
        }
        for y in ticks(axes.y, y_step) {
            self.segment(axes, "grid", (axes.x.0, y), (axes.x.1, y));
            let (_, top) = axes.place((axes.x.0, y));
            self.text((axes.left - 24.0, top + 4.0), "tick", &format!("{y:.1}"));
        }
        let _ = writeln!(
            self.body,
            "<rect class=\"frame\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            axes.left, axes.top, axes.width, axes.height
        );
        self.text((axes.left + 4.0, axes.top - 5.0), "title", title);
    }

    /// A line through data points.
    pub(super) fn curve(&mut self, axes: &Axes, class: &str, points: &[(f64, f64)]) {
        let places: Vec<String> =
            points.iter().map(|point| axes.place(*point)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(self.body, "<polyline class=\"{class}\" points=\"{}\"/>", places.join(" "));
    }

    /// A straight line between two data points.
    pub(super) fn segment(&mut self, axes: &Axes, class: &str, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (axes.place(from), axes.place(to));
        let _ = writeln!(
            self.body,
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        );
    }

    /// Dots on a grid of whole pixels, each drawn once; those outside the axes are left out.
    pub(super) fn dots(&mut self, axes: &Axes, class: &str, points: impl Iterator<Item = (f64, f64)>) {
        let places: BTreeSet<(i64, i64)> = points
            .filter(|point| axes.holds(*point))
            .map(|point| axes.place(point))
            .map(|(x, y)| (x.round() as i64, y.round() as i64))
            .collect();
        let path: String = places.iter().map(|(x, y)| format!("M{x} {y}h0")).collect();
        let _ = writeln!(self.body, "<path class=\"{class}\" d=\"{path}\"/>");
    }

    /// A rectangle between two opposite corners in data units.
    pub(super) fn rectangle(&mut self, axes: &Axes, class: &str, low: (f64, f64), high: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (axes.place(low), axes.place(high));
        let _ = writeln!(
            self.body,
            "<rect class=\"{class}\" x=\"{x1:.1}\" y=\"{y2:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            x2 - x1,
            y1 - y2
        );
    }
}

/// Multiples of the step within a range.
fn ticks((from, to): (f64, f64), step: f64) -> Vec<f64> {
    let first = (from / step - 1e-9).ceil() as i64;
    let last = (to / step + 1e-9).floor() as i64;
    (first..=last).map(|index| index as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_are_placed_upwards_and_ticks_are_multiples() {
        let axes = Axes { left: 10.0, top: 20.0, width: 100.0, height: 50.0, x: (0.0, 10.0), y: (0.0, 1.0) };
        assert_eq!(axes.place((0.0, 0.0)), (10.0, 70.0));
        assert_eq!(axes.place((10.0, 1.0)), (110.0, 20.0));
        assert_eq!(ticks((15.0, 85.0), 20.0), [20.0, 40.0, 60.0, 80.0]);
    }

    #[test]
    fn text_is_escaped() {
        let mut drawing = Drawing::new(10.0, 10.0, "a < b & c");
        drawing.text((0.0, 0.0), "tick", "x");
        assert!(drawing.finish().contains("a &lt; b &amp; c"));
    }
}
