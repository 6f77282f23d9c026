//! A plot as an SVG that carries its styles, for paper.

use dxa_exchange::view::plot::Plot;

/// The plot; letters are set by the font of the page.
pub(crate) fn svg(plot: &Plot) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" width=\"{0}\" height=\"{1}\">",
        plot.width, plot.height
    );
    for band in &plot.bands {
        let fill = match band.class {
            "who-normal" => "#e3f3e8",
            "who-low" => "#fdf3d9",
            _ => "#fbe3e1",
        };
        svg += &format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"/>",
            band.x, band.y, band.width, band.height
        );
    }
    for tick in &plot.rows {
        svg += &line(plot.left, plot.right, &tick.at, &tick.at);
    }
    for tick in &plot.columns {
        svg += &format!(
            "<path d=\"M{} {}V{}\" stroke=\"#c9d2da\" stroke-width=\"0.5\"/>",
            tick.at, plot.top, plot.bottom
        );
    }
    for path in &plot.paths {
        let (stroke, width, dashes) = match path.class {
            "p50" => ("#14202b", 1.4, ""),
            "p10" => ("#4b5a68", 0.8, ""),
            "p3" => ("#4b5a68", 0.8, "4 3"),
            "apart" => ("#9b1c1c", 1.0, "2 3"),
            "lsc" => ("#0b5c6b", 2.0, ""),
            _ => ("#0b5c6b", 1.4, ""),
        };
        svg += &format!(
            "<path d=\"{}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{width}\" stroke-dasharray=\"{dashes}\"/>",
            path.d
        )
        .replace(" stroke-dasharray=\"\"", "");
    }
    for dot in &plot.dots {
        let fill = if dot.class == "now" { "#b45309" } else { "#0b5c6b" };
        svg += &format!("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{fill}\"/>", dot.x, dot.y, dot.r);
    }
    svg + "</svg>"
}

fn line(from: f64, to: f64, upper: &str, lower: &str) -> String {
    format!("<path d=\"M{from} {upper}L{to} {lower}\" stroke=\"#c9d2da\" stroke-width=\"0.5\"/>")
}

/// A vertebral body of the strip; `None` of the path draws the place of one that was not found.
pub(crate) fn body(shape: Option<&str>, class: &str) -> String {
    let (fill, stroke) = match class {
        "grade-0" => ("#dff3e6", "#14653a"),
        "grade-1" => ("#ffe9a6", "#8a6800"),
        "grade-2" => ("#ffc078", "#8a4400"),
        "grade-3" => ("#f2736b", "#7d120b"),
        _ => ("#ffffff", "#8795a1"),
    };
    let dashes = if shape.is_none() { " stroke-dasharray=\"2 2\"" } else { "" };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 34\" width=\"40\" height=\"34\"><path d=\"{}\" \
         fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1.2\"{dashes}/></svg>",
        shape.unwrap_or("M6 6H34V28H6Z")
    )
}
