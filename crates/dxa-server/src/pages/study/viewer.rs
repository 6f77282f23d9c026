//! The image of a scan with everything that was found on it, in one SVG: overlays lie on the pixels they are about.

use dxa_core::site::Site;
use dxa_exchange::record::{Landmark, Region, Study, Vertebra};
use dxa_exchange::text::said;
use dxa_exchange::view::Say;
use dxa_exchange::view::number::coordinate;

use super::Given;
use super::corrections::{said_of_fracture, said_outline};

/// One of the scans to choose from.
pub(super) struct Tab {
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) mark: Option<String>,
    pub(super) is_current: bool,
}

/// The image of a scan.
pub(super) struct Viewer {
    pub(super) scan: usize,
    pub(super) title: String,
    pub(super) address: String,
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) width: String,
    pub(super) height: String,
    /// How much taller than wide a pixel is.
    pub(super) stretch: f64,
    /// `row,column` in millimeters; empty where it is not known.
    pub(super) spacing: String,
    pub(super) sex: String,
    pub(super) age: String,
    pub(super) handle: String,
    pub(super) letters: String,
    pub(super) has_heights: bool,
    pub(super) layers: Vec<Layer>,
    pub(super) regions: Vec<Outline>,
    pub(super) lines: Vec<Shape>,
    pub(super) cuts: Vec<Cut>,
    pub(super) neck_box: Option<NeckBox>,
    pub(super) bodies: Vec<Body>,
    pub(super) labels: Vec<Label>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) note: &'static str,
}

/// Overlays that are switched together.
pub(super) struct Layer {
    pub(super) name: &'static str,
    pub(super) word: &'static str,
}

pub(super) struct Outline {
    pub(super) site: String,
    /// Where it is corrected.
    pub(super) address: String,
    pub(super) class: &'static str,
    pub(super) points: String,
    pub(super) name: String,
    /// The outline that a user last gave it, JSON; null for the automatic one.
    pub(super) said: String,
}

pub(super) struct Shape {
    pub(super) class: &'static str,
    pub(super) d: String,
}

/// A line that cuts the bone, with its two ends.
pub(super) struct Cut {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) d: String,
    pub(super) ends: Vec<Point>,
}

/// The neck box of a hip: it is moved and turned as a whole.
pub(super) struct NeckBox {
    pub(super) address: String,
    pub(super) outline: String,
    /// Its corners in pixels with all digits, JSON.
    pub(super) corners: String,
}

/// A vertebral body with its six points.
pub(super) struct Body {
    pub(super) class: String,
    pub(super) level: String,
    pub(super) evaluable: bool,
    pub(super) provenance: &'static str,
    /// What a reader said of its fracture.
    pub(super) fracture: String,
    /// Where it is corrected.
    pub(super) address: String,
    pub(super) outline: String,
    pub(super) heights: Vec<String>,
    pub(super) points: Vec<Point>,
}

pub(super) struct Point {
    pub(super) name: &'static str,
    pub(super) word: &'static str,
    /// On the plane that is shown.
    pub(super) x: String,
    pub(super) y: String,
    /// In pixels, with all digits of the result, so that what is not moved is not changed.
    pub(super) px: f64,
    pub(super) py: f64,
}

pub(super) struct Label {
    pub(super) class: &'static str,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) text: String,
}

/// Where a check was made.
pub(super) struct Evidence {
    pub(super) id: String,
    pub(super) shapes: Vec<Shape>,
}

/// The scan that was asked for; else the one that says most: a graded spine, then the first with an image.
pub(super) fn scan_to_look_at(given: &Given<'_>) -> Option<usize> {
    let scans = &given.study.scans;
    if let Some(asked) = given.scan.filter(|asked| *asked < scans.len()) {
        return Some(asked);
    }
    let has_image = |scan: &usize| address(given, *scan).is_some();
    let graded = given.study.vertebrae.iter().find(|one| one.grade.is_some_and(|grade| grade > 0));
    let outlined = given.study.regions.iter().find(|region| region.polygon_px.is_some());
    let best = [graded.map(|one| one.scan), outlined.map(|region| region.scan)];
    let mut best = best.into_iter().flatten().filter(has_image);
    best.next().or_else(|| (0..scans.len()).find(has_image)).or(if scans.is_empty() { None } else { Some(0) })
}

/// All scans.
pub(super) fn tabs(study: &Study, current: Option<usize>, say: Say) -> Vec<Tab> {
    let tab = |(index, scan): (usize, &dxa_exchange::record::Scan)| {
        let worst = study.vertebrae.iter().filter(|one| one.scan == index).filter_map(|one| one.grade).max();
        Tab {
            index,
            name: format!("{} · {}", index + 1, name(scan, say)),
            mark: worst.filter(|grade| *grade > 0).map(|grade| format!("G{grade}")),
            is_current: current == Some(index),
        }
    };
    study.scans.iter().enumerate().map(tab).collect()
}

/// What a scan shows.
pub(crate) fn name(scan: &dxa_exchange::record::Scan, say: Say) -> String {
    said::place(said::scan_kind(&scan.kind, say.language), scan.laterality.as_deref(), say.language)
}

/// Why there is no image.
pub(super) fn why_no_image(study: &Study, scan: Option<usize>, say: Say) -> &'static str {
    match scan.and_then(|scan| study.scans.get(scan)) {
        None => say.w.no_image_none,
        Some(scan) if matches!(scan.kind.as_str(), "structured_report" | "document") => say.w.no_image_report,
        Some(scan) if scan.rows.is_none() => say.w.no_image_report,
        Some(_) => say.w.no_image_damaged,
    }
}

pub(super) fn address(given: &Given<'_>, scan: usize) -> Option<String> {
    let scan = given.study.scans.get(scan)?;
    scan.sop_instance_uids.iter().find_map(|uid| given.images.get(uid)).cloned()
}

/// From pixels to the plane that is shown, in which a millimeter is as long down as across.
#[derive(Clone, Copy)]
struct Plane {
    stretch: f64,
    /// Half of a dot.
    dot: f64,
}

impl Viewer {
    /// The image of a scan; `None` where there is none.
    pub(super) fn of(given: &Given<'_>, index: usize, say: Say) -> Option<Self> {
        let study = given.study;
        let scan = study.scans.get(index)?;
        let (rows, columns) = (scan.rows?, scan.columns?);
        let stretch = scan.pixel_spacing_mm.map_or(1.0, |[row, column]| row / column);
        let (width, height) = (f64::from(columns), f64::from(rows) * stretch);
        let unit = width.max(height) / 700.0;
        let plane = Plane { stretch, dot: 4.0 * unit };
        let regions: Vec<&Region> = study
            .regions
            .iter()
            .filter(|region| region.scan == index && region.polygon_px.is_some())
            .collect();
        let vertebrae: Vec<&Vertebra> = study.vertebrae.iter().filter(|one| one.scan == index).collect();
        let landmarks = study.landmarks.iter().filter(|landmark| landmark.scan == index);
        let (boxes, landmarks): (Vec<&Landmark>, Vec<&Landmark>) =
            landmarks.partition(|landmark| landmark.name == "neck_box");
        let (discs, others): (Vec<&Landmark>, Vec<&Landmark>) =
            landmarks.into_iter().partition(|landmark| is_disc(landmark));
        let lines: Vec<Shape> = others.into_iter().map(|landmark| plane.shape(landmark)).collect();
        let cuts: Vec<Cut> = discs.into_iter().filter_map(|disc| plane.cut(given, disc, say)).collect();
        let mut labels: Vec<Label> =
            regions.iter().filter_map(|region| plane.region_label(region, say)).collect();
        labels.extend(vertebrae.iter().filter_map(|one| plane.level_label(one)));
        Some(Self {
            scan: index,
            title: name(scan, say),
            address: address(given, index)?,
            columns,
            rows,
            width: coordinate(width),
            height: coordinate(height),
            stretch,
            spacing: scan.pixel_spacing_mm.map(|[row, column]| format!("{row},{column}")).unwrap_or_default(),
            sex: study.patient.sex.clone().unwrap_or_default(),
            age: study.patient.age_years.map(|age| age.to_string()).unwrap_or_default(),
            handle: coordinate(5.0 * unit),
            letters: coordinate(if vertebrae.is_empty() { 25.0 } else { 17.0 } * unit),
            has_heights: !vertebrae.is_empty(),
            layers: layers(
                !regions.is_empty(),
                !(lines.is_empty() && cuts.is_empty() && boxes.is_empty()),
                !vertebrae.is_empty(),
                say,
            ),
            regions: regions.iter().map(|region| plane.outline(given, region, say)).collect(),
            lines,
            cuts,
            neck_box: boxes.first().map(|landmark| plane.neck_box(given, landmark)),
            bodies: vertebrae.iter().filter_map(|one| plane.body(given, one, say)).collect(),
            labels,
            evidence: plane.evidence(study, index),
            note: say.w.not_for_density,
        })
    }
}

fn layers(regions: bool, lines: bool, vertebrae: bool, say: Say) -> Vec<Layer> {
    let all = [
        ("regions", say.w.layer_regions, regions),
        ("lines", say.w.layer_lines, lines),
        ("vertebrae", say.w.layer_vertebrae, vertebrae),
        ("labels", say.w.layer_labels, regions || vertebrae),
    ];
    all.into_iter().filter(|(.., is_there)| *is_there).map(|(name, word, _)| Layer { name, word }).collect()
}

impl Plane {
    fn place(self, [x, y]: [f64; 2]) -> String {
        format!("{},{}", coordinate(x), coordinate(y * self.stretch))
    }

    fn places(self, points: &[[f64; 2]]) -> String {
        points.iter().map(|point| self.place(*point)).collect::<Vec<_>>().join(" ")
    }

    fn outline(self, given: &Given<'_>, region: &Region, say: Say) -> Outline {
        Outline {
            site: region.site.clone(),
            address: given.address(region.scan, &format!("regions/{}", region.site)),
            class: match (region.excluded.is_some(), given.site.as_ref() == Some(&region.site)) {
                (false, false) => "region",
                (false, true) => "region pointed",
                (true, false) => "region out",
                (true, true) => "region pointed out",
            },
            points: self.places(region.polygon_px.as_deref().unwrap_or_default()),
            name: said::place(&region.site, region.laterality.as_deref(), say.language),
            said: said_outline(given, region).unwrap_or_default().to_string(),
        }
    }

    fn shape(self, landmark: &Landmark) -> Shape {
        let class = if landmark.shape == "point" { "dot" } else { pen(&landmark.name) };
        Shape { class, d: self.path(landmark) }
    }

    fn path(self, landmark: &Landmark) -> String {
        let round = |[x, y]: [f64; 2], rx: f64, ry: f64| {
            let (x, y, rx, ry) = (x, y * self.stretch, coordinate(rx), coordinate(ry));
            let (left, right) = (coordinate(x), coordinate(y));
            format!("M{left},{right}m-{rx},0a{rx},{ry} 0 1 0 {rx},-{ry}a{rx},{ry} 0 1 0 -{rx},{ry}")
        };
        let joined = |points: &[[f64; 2]]| {
            let places: Vec<String> = points.iter().map(|point| self.place(*point)).collect();
            if places.is_empty() { String::new() } else { format!("M{}", places.join("L")) }
        };
        match (landmark.shape.as_str(), landmark.points_px.first()) {
            ("point", Some(point)) => round(*point, self.dot, self.dot),
            ("circle", Some(middle)) => {
                let [rx, ry] = landmark.radius_px.unwrap_or_default();
                round(*middle, rx, ry * self.stretch)
            }
            ("area", Some(_)) => format!("{}Z", joined(&landmark.points_px)),
            _ => joined(&landmark.points_px),
        }
    }

    fn cut(self, given: &Given<'_>, disc: &Landmark, say: Say) -> Option<Cut> {
        let [from, to] = disc.points_px.as_slice() else { return None };
        let end = |name, word, [x, y]: [f64; 2]| self.point(name, word, x, y);
        Some(Cut {
            name: disc.name.trim_start_matches("disc_").replace('_', "/").to_uppercase(),
            address: given.address(disc.scan, &format!("landmarks/{}", disc.name)),
            d: self.path(disc),
            ends: vec![end("from", say.w.first_end, *from), end("to", say.w.other_end, *to)],
        })
    }

    fn neck_box(self, given: &Given<'_>, landmark: &Landmark) -> NeckBox {
        NeckBox {
            address: given.address(landmark.scan, "landmarks/neck_box"),
            outline: self.places(&landmark.points_px),
            corners: serde_json::json!(landmark.points_px).to_string(),
        }
    }

    fn point(self, name: &'static str, word: &'static str, x: f64, y: f64) -> Point {
        Point { name, word, x: coordinate(x), y: coordinate(y * self.stretch), px: x, py: y }
    }

    fn body(self, given: &Given<'_>, one: &Vertebra, say: Say) -> Option<Body> {
        let points = one.points_px.as_ref()?;
        let named = [
            ("ps", say.w.point_ps, points.ps?),
            ("ms", say.w.point_ms, points.ms?),
            ("as", say.w.point_as, points.as_?),
            ("ai", say.w.point_ai, points.ai?),
            ("mi", say.w.point_mi, points.mi?),
            ("pi", say.w.point_pi, points.pi?),
        ];
        let corners = named.map(|(.., place)| place);
        let pairs = [(2, 3), (1, 4), (0, 5)];
        let class = match one.grade {
            Some(grade) => format!("grade-{grade}"),
            None => "unmeasured".to_owned(),
        };
        Some(Body {
            class,
            level: one.level.clone(),
            evaluable: one.evaluable,
            provenance: if one.provenance == "user" { "user" } else { "automatic" },
            fracture: said_of_fracture(one).unwrap_or_default(),
            address: given.address(one.scan, &format!("vertebrae/{}", one.level)),
            outline: self.places(&corners),
            heights: pairs
                .map(|(upper, lower)| {
                    format!("M{}L{}", self.place(corners[upper]), self.place(corners[lower]))
                })
                .into(),
            points: named.map(|(name, word, [x, y])| self.point(name, word, x, y)).into(),
        })
    }

    fn level_label(self, one: &Vertebra) -> Option<Label> {
        let points = one.points_px.as_ref()?;
        let all = [points.ps?, points.ms?, points.as_?, points.ai?, points.mi?, points.pi?];
        let mean = |axis: usize| all.iter().map(|point| point[axis]).sum::<f64>() / 6.0;
        let text = match one.grade {
            Some(grade) if grade > 0 => format!("{} G{grade}", one.level),
            Some(_) => one.level.clone(),
            None => format!("{} ?", one.level),
        };
        let class = if one.grade.is_some_and(|grade| grade > 0) { "level grave" } else { "level" };
        Some(Label { class, x: coordinate(mean(0)), y: coordinate(mean(1) * self.stretch), text })
    }

    fn region_label(self, region: &Region, say: Say) -> Option<Label> {
        let [x, y] = middle(region.polygon_px.as_deref()?)?;
        let text = match region.site.parse() {
            Ok(Site::Lumbar(_)) => region.site.clone(),
            _ => said::place(&region.site, None, say.language),
        };
        Some(Label { class: "name", x: coordinate(x), y: coordinate(y * self.stretch), text })
    }

    fn evidence(self, study: &Study, scan: usize) -> Vec<Evidence> {
        let of_scan = study.quality.iter().filter(|check| check.scan == scan);
        let of_scan = of_scan.filter(|check| !check.evidence.landmarks.is_empty());
        let all = of_scan.map(|check| Evidence {
            id: check.id.clone(),
            shapes: check.evidence.landmarks.iter().map(|landmark| self.shape(landmark)).collect(),
        });
        all.collect()
    }
}

/// The lines that a reader may move.
fn is_disc(landmark: &Landmark) -> bool {
    landmark.name.starts_with("disc_") && landmark.shape == "line"
}

fn pen(name: &str) -> &'static str {
    match name {
        _ if name.starts_with("disc_") || name.ends_with("_line") => "line cut",
        _ if name.contains("box") => "line box",
        _ if ["endplate_", "spine_edge_", "outline"].iter().any(|part| name.contains(part)) => "line aid",
        _ => "line axis",
    }
}

/// The center of gravity of an outline.
fn middle(corners: &[[f64; 2]]) -> Option<[f64; 2]> {
    let next = corners.iter().cycle().skip(1);
    let (mut x, mut y, mut doubled) = (0.0, 0.0, 0.0);
    for (a, b) in corners.iter().zip(next) {
        let cross = a[0] * b[1] - b[0] * a[1];
        (x, y, doubled) = (x + (a[0] + b[0]) * cross, y + (a[1] + b[1]) * cross, doubled + cross);
    }
    let middle = [x / (3.0 * doubled), y / (3.0 * doubled)];
    middle.iter().all(|part| part.is_finite()).then_some(middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_stretched_with_the_pixels() {
        let plane = Plane { stretch: 2.0, dot: 1.0 };
        assert_eq!(plane.places(&[[1.0, 2.0], [3.25, 4.0]]), "1,4 3.2,8");
        let circle = Landmark {
            shape: "circle".to_owned(),
            points_px: vec![[10.0, 10.0]],
            radius_px: Some([4.0, 2.0]),
            ..Landmark::default()
        };
        assert_eq!(plane.path(&circle), "M10,20m-4,0a4,4 0 1 0 4,-4a4,4 0 1 0 -4,4");
        assert_eq!(middle(&[[0.0, 0.0], [4.0, 0.0], [4.0, 2.0], [0.0, 2.0]]), Some([2.0, 1.0]));
        assert_eq!(middle(&[[0.0, 0.0], [1.0, 1.0]]), None);
    }
}
