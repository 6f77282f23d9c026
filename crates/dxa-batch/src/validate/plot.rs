//! Bland–Altman plots as SVG files that carry their styles.

use std::fmt::Write as _;

use dxa_exchange::agreement::Pair;
use dxa_exchange::view::agreement::bland_altman as plot;
use dxa_exchange::view::plot::Plot;

/// Room for the title above, and for the names of the axes at the left and below.
const ABOVE: f64 = 26.0;
const BESIDE: f64 = 18.0;
const BELOW: f64 = 18.0;

/// Differences over means, with bias and limits of agreement; an empty text without pairs.
#[must_use]
pub fn bland_altman(title: &str, unit: &str, pairs: &[Pair]) -> String {
    let Some(plot) = plot(pairs) else { return String::new() };
    let (width, height) = (plot.width + BESIDE, plot.height + ABOVE + BELOW);
    let (title, unit) = (escaped(title), escaped(unit));
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{} {} {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"9\">\n\
         <rect x=\"{0}\" y=\"{1}\" width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n\
         <text x=\"{}\" y=\"-10\" font-size=\"12\">{title}</text>\n",
        -BESIDE, -ABOVE, plot.left
    );
    drawn(&mut svg, &plot);
    let (middle, center) = (f64::midpoint(plot.left, plot.right), f64::midpoint(plot.top, plot.bottom));
    let _ = write!(
        svg,
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">mean of both, {unit}</text>\n\
         <text x=\"-8\" y=\"{center}\" text-anchor=\"middle\" transform=\"rotate(-90 -8 {center})\">ours − theirs, {unit}</text>\n\
         </svg>\n",
        plot.height + 8.0
    );
    svg
}

fn drawn(svg: &mut String, plot: &Plot) {
    for band in &plot.bands {
        let _ = writeln!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#dfeaf5\"/>",
            band.x, band.y, band.width, band.height
        );
    }
    let _ = writeln!(
        svg,
        "<path d=\"M{} {}V{}H{}\" fill=\"none\" stroke=\"black\"/>",
        plot.left, plot.top, plot.bottom, plot.right
    );
    for tick in &plot.columns {
        let (at, foot) = (&tick.at, plot.bottom + 12.0);
        let _ = writeln!(svg, "<text x=\"{at}\" y=\"{foot}\" text-anchor=\"middle\">{}</text>", tick.text);
    }
    for tick in &plot.rows {
        let (at, end) = (&tick.at, plot.left - 5.0);
        let _ = writeln!(
            svg,
            "<text x=\"{end}\" y=\"{at}\" dy=\"0.32em\" text-anchor=\"end\">{}</text>",
            tick.text
        );
    }
    for path in &plot.paths {
        let style = match path.class {
            "zero" => "stroke=\"#999999\"",
            "mean" => "stroke=\"#0b5cad\"",
            "two-sd" => "stroke=\"#0b5cad\" stroke-dasharray=\"6 4\"",
            _ => "stroke=\"#333333\" stroke-opacity=\"0.5\" stroke-width=\"4\" stroke-linecap=\"round\"",
        };
        let _ = writeln!(svg, "<path d=\"{}\" fill=\"none\" {style}/>", path.d);
    }
    for label in &plot.labels {
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#0b5cad\">{}</text>",
            label.x, label.y, label.text
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_a_mark_and_texts_are_escaped() {
        let svg = bland_altman("T < -2.5 & more", "SD", &[(1.0, 0.9), (2.0, 2.0), (3.0, 3.3)]);
        assert_eq!(svg.matches("h0").count(), 3);
        assert!(
            svg.contains("T &lt; -2.5 &amp; more") && svg.starts_with("<svg") && svg.ends_with("</svg>\n")
        );
        assert_eq!(bland_altman("", "", &[]), "");
        assert!(!bland_altman("", "", &[(1.0, 1.0)]).contains("NaN"));
    }
}
