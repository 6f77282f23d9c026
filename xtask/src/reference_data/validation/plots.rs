//! The pictures of the report: curves over people, all sites, Z-scores by decade.

use dxa_core::patient::Sex;
use dxa_core::site::Site;

use super::super::nhanes::Person;
use super::super::outputs::Outputs;
use super::super::population::Population;
use super::super::sample::{Survey, aged, main_sites, sites};
use super::super::survey::{Observation, mean};
use super::super::table::{Entry, Table, YOUNG};
use super::Evidence;
use super::decades::Cell;
use super::held_out::{HeldOut, Panel};
use super::svg::{Axes, Drawing};

/// The picture of Z-scores by decade.
pub(super) const HELD_OUT: &str = "plots/held-out-z-by-decade.svg";

const AGES: (f64, f64) = (15.0, 85.0);

/// The picture of people, decade means and curves at three sites.
pub(super) fn people_path(population: Population) -> String {
    format!("plots/{}-people.svg", population.id())
}

/// The picture of two-year means and curves at every site.
pub(super) fn sites_path(population: Population) -> String {
    format!("plots/{}-sites.svg", population.id())
}

/// Adds all pictures.
pub(super) fn add(outputs: &mut Outputs, people: &[Person], evidence: &Evidence<'_>) {
    for table in evidence.tables {
        let survey = Survey::of(people, table.population.cycles());
        let population = table.population;
        outputs.add(people_path(population), people_picture(&survey, table, &evidence.cells));
        outputs.add(sites_path(population), sites_picture(&survey, table));
    }
    outputs.add(HELD_OUT, held_out_picture(&evidence.held_out));
}

fn people_picture(survey: &Survey<'_>, table: &Table, cells: &[Cell]) -> String {
    let mut drawing =
        Drawing::new(1080.0, 640.0, &format!("{}: BMD (g/cm²) by age", table.population.label()));
    for (row, sex) in (0u8..).zip([Sex::Female, Sex::Male]) {
        for (column, site) in (0u8..).zip(main_sites()) {
            let Some(entry) = table.entry(sex, site) else { continue };
            let y = if site == Site::FemoralNeck { (0.3, 1.4) } else { (0.5, 1.6) };
            let axes = grid_place((column, row), (340.0, 255.0), (45.0, 355.0, 50.0, 300.0), AGES, y);
            drawing.frame(&axes, &format!("{site} {}", sex.code()), 10.0, 0.2);
            let sample = survey.sample(table.population, sex, site);
            drawing.dots(&axes, "people", sample.iter().map(|one| (one.age, one.value)));
            draw_entry(&mut drawing, &axes, table.population, entry);
            for cell in
                cells.iter().filter(|c| c.population == table.population && c.sex == sex && c.site == site)
            {
                draw_decade(&mut drawing, &axes, cell);
            }
        }
    }
    drawing.finish()
}

/// The axes of one panel of a grid: `size` px each, `start` and step in x and y.
fn grid_place(
    (column, row): (u8, u8),
    (width, height): (f64, f64),
    (left, step_x, top, step_y): (f64, f64, f64, f64),
    x: (f64, f64),
    y: (f64, f64),
) -> Axes {
    let (left, top) = (left + f64::from(column) * step_x, top + f64::from(row) * step_y);
    Axes { left, top, width: width - 25.0, height, x, y }
}

fn draw_entry(drawing: &mut Drawing, axes: &Axes, population: Population, entry: &Entry) {
    for sds in [-2.0, -1.0, 1.0, 2.0] {
        drawing.curve(axes, "band", &curve_points(population, entry, sds));
    }
    drawing.curve(axes, "curve", &curve_points(population, entry, 0.0));
    if let Some(young) = entry.young {
        let ages = (f64::from(YOUNG.0), f64::from(YOUNG.1) + 1.0);
        drawing.segment(axes, "young", (ages.0, young.mean), (ages.1, young.mean));
    }
}

/// Mean + `sds` SD at every half year of the usable ages.
fn curve_points(population: Population, entry: &Entry, sds: f64) -> Vec<(f64, f64)> {
    let (from, to) = population.usable_ages();
    (u16::from(from) * 2..=u16::from(to) * 2)
        .map(|half| f64::from(half) / 2.0)
        .map(|age| (age, entry.curve.mean_at(age) + sds * entry.curve.sd_at(age)))
        .collect()
}

fn draw_decade(drawing: &mut Drawing, axes: &Axes, cell: &Cell) {
    let (age, mean, error) = (f64::from(cell.from) + 5.0, cell.mean.value, cell.mean.error);
    drawing.segment(axes, "bar", (age, mean - error), (age, mean + error));
    drawing.segment(axes, "bar", (age - 1.0, mean), (age + 1.0, mean));
}

fn sites_picture(survey: &Survey<'_>, table: &Table) -> String {
    let heading = format!(
        "{}: two-year weighted means and curves with ±1 SD (red women, blue men), g/cm²",
        table.population.label()
    );
    let mut drawing = Drawing::new(1300.0, 1010.0, &heading);
    for (index, site) in (0u8..).zip(sites()) {
        let y = if matches!(site, Site::Wards | Site::FemoralNeck | Site::Trochanter) {
            (0.3, 1.3)
        } else {
            (0.6, 1.6)
        };
        let place = (index % 5, index / 5);
        let axes = grid_place(place, (245.0, 195.0), (40.0, 250.0, 55.0, 240.0), AGES, y);
        drawing.frame(&axes, &site.to_string(), 10.0, 0.2);
        for (sex, class) in [(Sex::Female, "f"), (Sex::Male, "m")] {
            let Some(entry) = table.entry(sex, site) else { continue };
            let sample = survey.sample(table.population, sex, site);
            drawing.dots(&axes, &format!("dots {class}"), two_year_means(&sample).into_iter());
            for sds in [-1.0, 1.0] {
                let points = curve_points(table.population, entry, sds);
                drawing.curve(&axes, &format!("band {class}"), &points);
            }
            let points = curve_points(table.population, entry, 0.0);
            drawing.curve(&axes, &format!("curve {class}"), &points);
        }
    }
    drawing.finish()
}

/// Weighted mean of each two completed years with at least five people, at their middle.
fn two_year_means(sample: &[Observation]) -> Vec<(f64, f64)> {
    (16..84)
        .step_by(2)
        .map(|from| (from, aged(sample, from, from + 1)))
        .filter(|(_, part)| part.len() >= 5)
        .map(|(from, part)| (f64::from(from) + 1.0, mean(&part)))
        .collect()
}

fn held_out_picture(held_out: &HeldOut) -> String {
    let mut drawing = Drawing::new(
        1080.0,
        640.0,
        "Z of 2007-08 by curves of 2005-06, non-Hispanic White: 2.5, 16, 50, 84, 97.5 % by decade",
    );
    for (index, panel) in (0u8..).zip(&held_out.panels) {
        let place = (index % 3, index / 3);
        let axes = grid_place(place, (340.0, 255.0), (45.0, 355.0, 50.0, 300.0), (15.0, 85.0), (-3.5, 3.5));
        drawing.frame(&axes, &format!("{} {}", panel.site, panel.sex.code()), 10.0, 1.0);
        for expected in [-1.96, -0.994, 0.0, 0.994, 1.96] {
            drawing.segment(&axes, "young", (axes.x.0, expected), (axes.x.1, expected));
        }
        draw_boxes(&mut drawing, &axes, panel, held_out.t);
    }
    drawing.finish()
}

fn draw_boxes(drawing: &mut Drawing, axes: &Axes, panel: &Panel, t: f64) {
    for decade in &panel.decades {
        let middle = f64::from(decade.from) + 5.0;
        let scores = aged(&panel.scores, decade.from, decade.from + 9);
        let [low, lower, median, upper, high] = [0.025, 0.16, 0.5, 0.84, 0.975].map(|p| quantile(&scores, p));
        drawing.segment(axes, "curve", (middle, low), (middle, high));
        drawing.rectangle(axes, "box", (middle - 2.5, lower), (middle + 2.5, upper));
        drawing.segment(axes, "curve", (middle - 2.5, median), (middle + 2.5, median));
        let (mean, half) = (decade.mean.value, t * decade.mean.error);
        drawing.segment(axes, "bar", (middle + 3.5, mean - half), (middle + 3.5, mean + half));
    }
}

/// The smallest value that at least the share `p` of the weight does not exceed; NaN of nothing.
fn quantile(sample: &[Observation], p: f64) -> f64 {
    let mut sorted: Vec<&Observation> = sample.iter().collect();
    sorted.sort_by(|a, b| a.value.total_cmp(&b.value));
    let goal = p * sorted.iter().map(|one| one.weight).sum::<f64>();
    let mut reached = 0.0;
    sorted
        .iter()
        .find(|one| {
            reached += one.weight;
            reached >= goal
        })
        .map_or(f64::NAN, |one| one.value)
}
