//! `cargo xtask simulated-spines [--check] [DIR]`: spines of the simulator from public outlines of vertebrae.
//!
//! The file has no sequence numbers, ages or ethnic groups: shapes, sex and grade are all that is drawn from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use dxa_core::vertebra::Level;

const OUTLINES: &str = "nhanes2013_vfa_outlines_dev.csv.xz";
const READINGS: &str = "nhanes2013_vfa_sixpoint_dev.csv.gz";
/// Where they are looked for, from the repository.
const FOLDER: &str = "../shared/data/nhanes-vfa";
/// Where the table goes, from the repository.
const TABLE: &str = "crates/dxa-sim/data/spines.csv";
/// Millimeters of a pixel of the reading: the files do not say; with it L1 of women is 25.4 mm high behind.
const PIXEL_MM: f64 = 0.35;
/// Levels of a spine that is used.
const LEVELS: [Level; 13] = [
    Level::T4,
    Level::T5,
    Level::T6,
    Level::T7,
    Level::T8,
    Level::T9,
    Level::T10,
    Level::T11,
    Level::T12,
    Level::L1,
    Level::L2,
    Level::L3,
    Level::L4,
];
/// People without a graded vertebra in the table; of those with one, every second is taken.
const UNGRADED: usize = 80;
/// Points of an outline: corners, then middle lines of the plates and both lines of every rim and wall.
const SUPERIOR: std::ops::Range<usize> = 80..93;
const INFERIOR: std::ops::Range<usize> = 37..52;
const SUPERIOR_RIMS: [std::ops::Range<usize>; 2] = [66..73, 73..80];
const INFERIOR_RIMS: [std::ops::Range<usize>; 2] = [23..30, 30..37];
const ANTERIOR: std::ops::Range<usize> = 12..23;
const POSTERIOR: [std::ops::Range<usize>; 2] = [52..59, 59..66];

type Point = [f64; 2];

/// One vertebra as read.
struct Vertebra {
    outline: Vec<Point>,
    /// Posterior superior, anterior superior, anterior inferior, posterior inferior.
    corners: [Point; 4],
    grade: u8,
}

/// One person as read.
struct Person {
    male: bool,
    vertebrae: BTreeMap<Level, Vertebra>,
}

/// Runs the chore.
///
/// # Errors
/// Records that cannot be read, or with `--check` a table that differs.
pub(crate) fn run(repository: &Path, arguments: &[String]) -> Result<()> {
    let check = arguments.iter().any(|one| one == "--check");
    let folder = arguments.iter().find(|one| !one.starts_with("--"));
    let folder = folder.map_or_else(|| repository.join(FOLDER), Into::into);
    let people = read(&folder)?;
    let chosen = chosen(&people);
    let table = table(&people, &chosen);
    let path = repository.join(TABLE);
    if check {
        ensure!(std::fs::read_to_string(&path)? == table, "{TABLE} is not what the records make");
    } else {
        std::fs::write(&path, table).with_context(|| format!("cannot write {TABLE}"))?;
    }
    println!("{TABLE}: {} people", chosen.len());
    Ok(())
}

/// The people whose spines the simulator draws: shape models that are tried on it must not know them.
///
/// # Errors
/// Records that cannot be read.
pub(crate) fn people_of_simulator(folder: &Path) -> Result<BTreeSet<u32>> {
    Ok(chosen(&read(folder)?).into_iter().collect())
}

/// Every second eligible person with a graded vertebra, and as many others as asked for, evenly spread.
fn chosen(people: &BTreeMap<u32, Person>) -> Vec<u32> {
    let whole = |person: &&Person| LEVELS.iter().all(|level| person.vertebrae.contains_key(level));
    let graded = |person: &Person| person.vertebrae.values().any(|one| one.grade > 0);
    let eligible = people.iter().filter(|(_, person)| whole(person));
    let (fractured, intact): (Vec<_>, Vec<_>) = eligible.partition(|(_, person)| graded(person));
    let step = (intact.len() / UNGRADED).max(1);
    let mut chosen: Vec<u32> = fractured.iter().step_by(2).map(|(number, _)| **number).collect();
    chosen.extend(intact.iter().step_by(step).take(UNGRADED).map(|(number, _)| **number));
    // No order of the survey is kept: by a digest-like product instead.
    chosen.sort_by_key(|number| number.wrapping_mul(2_654_435_761));
    chosen
}

fn read(folder: &Path) -> Result<BTreeMap<u32, Person>> {
    let bytes = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let mut text = Vec::new();
    lzma_rs::xz_decompress(&mut bytes(OUTLINES)?.as_slice(), &mut text)
        .map_err(|error| anyhow::anyhow!("{OUTLINES} is not xz: {error}"))?;
    let mut outlines = BTreeMap::new();
    for row in csv::Reader::from_reader(text.as_slice()).records() {
        let row = row?;
        let numbers: Vec<f64> = row.iter().skip(2).map_while(|cell| cell.parse().ok()).collect();
        if numbers.len() == 186 {
            let points = numbers.chunks(2).map(|pair| [pair[0], pair[1]]).collect::<Vec<Point>>();
            outlines.insert((row[0].parse::<u32>()?, row[1].parse::<Level>()?), points);
        }
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes(READINGS)?.as_slice()).read_to_string(&mut text)?;
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let columns: BTreeMap<String, usize> = rows.headers()?.iter().map(str::to_owned).zip(0..).collect();
    let mut people: BTreeMap<u32, Person> = BTreeMap::new();
    for row in rows.records() {
        let row = row?;
        let cell = |name: &str| columns.get(name).and_then(|at| row.get(*at)).unwrap_or_default();
        let (number, level): (u32, Level) = (cell("seqn").parse()?, cell("level").parse()?);
        let male = match cell("sex_1m_2f") {
            "1" => true,
            "2" => false,
            other => bail!("the sex `{other}` is not known"),
        };
        let person = people.entry(number).or_insert_with(|| Person { male, vertebrae: BTreeMap::new() });
        let corner = |name: &str| {
            Some([cell(&format!("{name}_x")).parse().ok()?, cell(&format!("{name}_y")).parse().ok()?])
        };
        let corners: Option<Vec<Point>> = ["sp", "sa", "ia", "ip"].into_iter().map(corner).collect();
        let grade = cell("genant_fx").parse::<f64>().map_or(0, |grade| grade as u8);
        let outline = outlines.remove(&(number, level));
        if let (Some(outline), Some(Ok(corners))) = (outline, corners.map(<[Point; 4]>::try_from)) {
            person.vertebrae.insert(level, Vertebra { outline, corners, grade });
        }
    }
    Ok(people)
}

fn table(people: &BTreeMap<u32, Person>, chosen: &[u32]) -> String {
    let mut text = "spine,sex,level,grade,ps_x,ps_y,as_x,as_y,ai_x,ai_y,pi_x,pi_y,\
        superior_1,superior_2,superior_3,superior_4,superior_5,\
        inferior_1,inferior_2,inferior_3,inferior_4,inferior_5,anterior_1,anterior_2,anterior_3,\
        posterior_1,posterior_2,posterior_3,superior_gap,superior_turn,inferior_gap,inferior_turn,\
        posterior_gap\n"
        .to_owned();
    for (index, person) in chosen.iter().filter_map(|number| people.get(number)).enumerate() {
        let origin = LEVELS.first().and_then(|level| person.vertebrae.get(level));
        let origin = origin.map_or([0.0; 2], |one| one.corners[0]);
        for level in LEVELS {
            let Some(vertebra) = person.vertebrae.get(&level) else { continue };
            let sex = if person.male { "M" } else { "F" };
            let _ = write!(text, "{},{sex},{level},{}", index + 1, vertebra.grade);
            for value in numbers(vertebra, origin) {
                let _ = write!(text, ",{}", (value * PIXEL_MM * 100.0).round());
            }
            text.push('\n');
        }
    }
    text
}

/// Corners, distances of plates and walls from the straight line between their corners, and how far both lines
/// of a double contour lie apart: on the whole, and more at the front than behind.
fn numbers(vertebra: &Vertebra, origin: Point) -> Vec<f64> {
    let [ps, as_, ai, pi] = vertebra.corners;
    let at = |range: &std::ops::Range<usize>| &vertebra.outline[range.clone()];
    let mut numbers: Vec<f64> =
        [ps, as_, ai, pi].iter().flat_map(|point| [point[0] - origin[0], point[1] - origin[1]]).collect();
    let sixths = [1.0, 2.0, 3.0, 4.0, 5.0].map(|part: f64| part / 6.0);
    let quarters = [0.25, 0.5, 0.75];
    numbers.extend(sixths.map(|t| height(&[at(&SUPERIOR)], ps, as_, t)));
    numbers.extend(sixths.map(|t| height(&[at(&INFERIOR)], pi, ai, t)));
    numbers.extend(quarters.map(|t| height(&[at(&ANTERIOR)], as_, ai, t)));
    let walls = [at(&POSTERIOR[0]), at(&POSTERIOR[1])];
    numbers.extend(
        quarters.map(|t| f64::midpoint(height(&[walls[0]], ps, pi, t), height(&[walls[1]], ps, pi, t))),
    );
    for (rims, from, to) in [(&SUPERIOR_RIMS, ps, as_), (&INFERIOR_RIMS, pi, ai)] {
        let gap = |t: f64| height(&[at(&rims[0])], from, to, t) - height(&[at(&rims[1])], from, to, t);
        numbers.push((gap(0.2) + gap(0.5) + gap(0.8)) / 3.0);
        numbers.push(gap(0.8) - gap(0.2));
    }
    numbers.push(height(&[walls[0]], ps, pi, 0.5) - height(&[walls[1]], ps, pi, 0.5));
    numbers
}

/// How far a line of points lies beside the straight line between two corners, at a part of the way; to the
/// right of the way is positive in an image whose y runs down.
fn height(lines: &[&[Point]], from: Point, to: Point, part: f64) -> f64 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let length2 = along[0] * along[0] + along[1] * along[1];
    let mut places: Vec<(f64, f64)> = vec![(0.0, 0.0), (1.0, 0.0)];
    for point in lines.iter().flat_map(|line| line.iter()) {
        let step = [point[0] - from[0], point[1] - from[1]];
        let t = (step[0] * along[0] + step[1] * along[1]) / length2;
        if (0.02..0.98).contains(&t) {
            places.push((t, (along[0] * step[1] - along[1] * step[0]) / length2.sqrt()));
        }
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let after = places.iter().position(|place| place.0 >= part).unwrap_or(places.len() - 1).max(1);
    let (before, after) = (places[after - 1], places[after]);
    before.1 + (after.1 - before.1) * (part - before.0) / (after.0 - before.0).max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_beside_its_chord() {
        let line = [[1.0, 2.0], [2.0, 4.0], [3.0, 2.0]];
        for (t, wanted) in [(0.25, 2.0), (0.5, 4.0), (0.375, 3.0), (0.125, 1.0)] {
            assert!((height(&[&line], [0.0, 0.0], [4.0, 0.0], t) - wanted).abs() < 1e-12);
        }
    }
}
