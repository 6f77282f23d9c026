//! Bland–Altman plots as SVG.

use std::fmt::Write as _;

use super::Agreement;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;

/// Differences over means, with bias and limits of agreement; an empty text without pairs.
#[must_use]
pub fn bland_altman(title: &str, unit: &str, pairs: &[(f64, f64)]) -> String {
    let Some(agreement) = Agreement::of(pairs) else { return String::new() };
    let points: Vec<[f64; 2]> =
        pairs.iter().map(|(ours, theirs)| [(ours + theirs) / 2.0, ours - theirs]).collect();
    let limits = agreement.limits().unwrap_or([agreement.bias; 2]);
    let x = Axis::over(points.iter().map(|point| point[0]), LEFT, WIDTH - RIGHT);
    let y = Axis::over(points.iter().map(|point| point[1]).chain(limits).chain([0.0]), HEIGHT - BOTTOM, TOP);
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"14\">{}</text>\n",
        escaped(title)
    );
    axes(&mut svg, &x, &y, unit);
    line(&mut svg, &y, 0.0, "#999999", "", "");
    line(&mut svg, &y, agreement.bias, "#0b5cad", "", &format!("bias {:.4}", agreement.bias));
    if agreement.sd.is_some() {
        for limit in limits {
            line(&mut svg, &y, limit, "#0b5cad", " stroke-dasharray=\"6 4\"", &format!("{limit:.4}"));
        }
    }
    for [mean, difference] in &points {
        let (cx, cy) = (x.place(*mean), y.place(*difference));
        let _ = writeln!(
            svg,
            "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"2.5\" fill=\"#333333\" fill-opacity=\"0.5\"/>"
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// Values along one side of the picture.
struct Axis {
    least: f64,
    most: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
            (least.min(value), most.max(value))
        });
        let margin = ((most - least) * 0.06).max(1e-3);
        Self { least: least - margin, most: most + margin, from, to }
    }

    fn place(&self, value: f64) -> f64 {
        self.from + (value - self.least) / (self.most - self.least) * (self.to - self.from)
    }

    /// Five values over the axis.
    fn marks(&self) -> impl Iterator<Item = f64> {
        let (least, most) = (self.least, self.most);
        (0..5).map(move |at| least + (most - least) * (f64::from(at) + 0.5) / 5.0)
    }
}

fn axes(svg: &mut String, x: &Axis, y: &Axis, unit: &str) {
    let bottom = HEIGHT - BOTTOM;
    let _ = writeln!(
        svg,
        "<path d=\"M{LEFT} {TOP}V{bottom}H{}\" fill=\"none\" stroke=\"black\"/>",
        WIDTH - RIGHT
    );
    for mark in x.marks() {
        let at = x.place(mark);
        let _ = writeln!(
            svg,
            "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{mark:.2}</text>",
            bottom + 18.0
        );
    }
    for mark in y.marks() {
        let at = y.place(mark);
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{mark:.3}</text>",
            LEFT - 6.0,
            at + 4.0
        );
    }
    let (middle, unit) = (f64::midpoint(LEFT, WIDTH - RIGHT), escaped(unit));
    let _ = writeln!(
        svg,
        "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">mean of both, {unit}</text>",
        HEIGHT - 12.0
    );
    let _ = writeln!(
        svg,
        "<text x=\"14\" y=\"{:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {:.1})\">ours − theirs, {unit}</text>",
        HEIGHT / 2.0,
        HEIGHT / 2.0
    );
}

fn line(svg: &mut String, y: &Axis, at: f64, color: &str, style: &str, label: &str) {
    let (place, end) = (y.place(at), WIDTH - RIGHT);
    let _ = writeln!(
        svg,
        "<line x1=\"{LEFT}\" x2=\"{end}\" y1=\"{place:.1}\" y2=\"{place:.1}\" stroke=\"{color}\"{style}/>"
    );
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"{color}\">{label}</text>",
        end - 4.0,
        place - 4.0
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_a_point_and_texts_are_escaped() {
        let svg = bland_altman("T < -2.5 & more", "SD", &[(1.0, 0.9), (2.0, 2.0), (3.0, 3.3)]);
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(
            svg.contains("T &lt; -2.5 &amp; more") && svg.starts_with("<svg") && svg.ends_with("</svg>\n")
        );
        assert_eq!(bland_altman("", "", &[]), "");
        assert!(!bland_altman("", "", &[(1.0, 1.0)]).contains("NaN"));
    }
}
