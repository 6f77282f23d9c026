//! The tables of the pictures: found, points, labels, grades; each figure with its interval over people.

use dxa_core::vertebra::Level;

use super::picture::{Found, Picture, Truth};
use crate::reference_data::vertebra::figures::{Figure, bootstrap};

/// A set of pictures under its name.
type Set = (String, Vec<Picture>);

/// Prints all of them.
pub(super) fn print(sets: &[Set], seed: u64) {
    found(sets, seed);
    points(sets, seed);
    grades(sets, seed);
}

fn shown(figure: Figure, percent: bool) -> String {
    let Figure { value, low, high } = figure;
    if percent {
        format!("{:.1} ({:.1} to {:.1})", 100.0 * value, 100.0 * low, 100.0 * high)
    } else {
        format!("{value:.2} ({low:.2} to {high:.2})")
    }
}

/// Share of the vertebrae that hold.
fn share<'p>(
    pictures: &'p [Picture],
    times: &[u32],
    of: impl Fn(&'p (Truth, Option<Found>)) -> Option<bool>,
) -> f64 {
    let (mut all, mut held) = (0.0, 0.0);
    for (picture, times) in pictures.iter().zip(times) {
        for holds in picture.vertebrae.iter().filter_map(&of) {
            all += f64::from(*times);
            held += f64::from(*times) * f64::from(u8::from(holds));
        }
    }
    held / f64::max(all, 1.0)
}

fn found(sets: &[Set], seed: u64) {
    println!("### Found and labeled\n");
    println!(
        "| pictures | vertebrae | found T7-L4, % | found T4-L4, % | measured of the found, % | label right, % | label right or flagged, % | pictures with right labels | invented bodies |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (name, pictures) in sets {
        let vertebrae: usize = pictures.iter().map(|picture| picture.vertebrae.len()).sum();
        let figures = bootstrap(pictures.len(), seed, |times| {
            let lower = share(pictures, times, |(truth, found)| {
                (truth.level >= Level::T7).then_some(found.is_some())
            });
            let all = share(pictures, times, |(_, found)| Some(found.is_some()));
            let measured = share(pictures, times, |(_, found)| found.as_ref().map(|found| found.evaluated));
            let right = share(pictures, times, |(truth, found)| Some(found.as_ref()?.level == truth.level));
            let flagged: Vec<Picture> = pictures.iter().map(excused).collect();
            let safe = share(&flagged, times, |(truth, found)| Some(found.as_ref()?.level == truth.level));
            [lower, all, measured, right, safe]
        });
        let right = pictures.iter().filter(|picture| picture.vertebrae.iter().all(is_right)).count();
        let invented: usize = pictures.iter().map(|picture| picture.invented).sum();
        let cells: Vec<String> = figures.into_iter().map(|figure| shown(figure, true)).collect();
        println!(
            "| {name} | {vertebrae} | {} | {right} of {} | {invented} |",
            cells.join(" | "),
            pictures.len()
        );
    }
    println!();
}

fn is_right((truth, found): &(Truth, Option<Found>)) -> bool {
    found.as_ref().is_none_or(|found| found.level == truth.level)
}

/// The picture with labels that a reader was told to check counted as right.
fn excused(picture: &Picture) -> Picture {
    let mut picture = picture.clone();
    if picture.flagged {
        for (truth, found) in &mut picture.vertebrae {
            if let Some(found) = found {
                found.level = truth.level;
            }
        }
    }
    picture
}

/// A quantile of values that count with their pictures.
fn quantile(
    pictures: &[Picture],
    times: &[u32],
    part: f64,
    of: impl Fn(&Truth, &Found) -> Option<[f64; 6]>,
) -> f64 {
    let mut values = Vec::new();
    for (picture, times) in pictures.iter().zip(times) {
        for (truth, found) in &picture.vertebrae {
            let Some(found) = found.as_ref().filter(|found| found.evaluated) else { continue };
            let errors = of(truth, found).into_iter().flatten();
            errors.for_each(|error| values.extend((0..*times).map(|_| error)));
        }
    }
    values.sort_by(f64::total_cmp);
    let place = (values.len().saturating_sub(1)) as f64 * part;
    values.get(place.round() as usize).copied().unwrap_or(f64::NAN)
}

fn points(sets: &[Set], seed: u64) {
    println!("### Points of measured vertebrae, mm\n");
    println!(
        "| pictures | median | 95 % | fractured bodies, median | fractured bodies, 95 % | along the axis, median | along the axis, 95 % |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (name, pictures) in sets {
        let figures = bootstrap(pictures.len(), seed, |times| {
            let all = |part| quantile(pictures, times, part, |_, found| Some(found.errors));
            let broken = |part| {
                quantile(pictures, times, part, |truth, found| (truth.grade > 0).then_some(found.errors))
            };
            let along = |part| quantile(pictures, times, part, |_, found| Some(found.along));
            [all(0.5), all(0.95), broken(0.5), broken(0.95), along(0.5), along(0.95)]
        });
        let cells: Vec<String> = figures.into_iter().map(|figure| shown(figure, false)).collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
    println!();
    println!("| pictures | PS | MS | AS | AI | MI | PI |\n|---|---|---|---|---|---|---|");
    for (name, pictures) in sets {
        let once = vec![1; pictures.len()];
        let of = |at: usize| {
            let values = |part| quantile(pictures, &once, part, |_, found| Some([found.errors[at]; 6]));
            format!("{:.2} / {:.2}", values(0.5), values(0.95))
        };
        let cells: Vec<String> = (0..6).map(of).collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
    println!("\nMedian / 95 % of each point.\n");
}

/// Counts of true and given grade.
fn confusion(pictures: &[Picture], times: &[u32]) -> [[f64; 4]; 4] {
    let mut counts = [[0.0; 4]; 4];
    for (picture, times) in pictures.iter().zip(times) {
        for (truth, found) in &picture.vertebrae {
            if let Some(found) = found.as_ref().filter(|found| found.evaluated) {
                counts[usize::from(truth.grade)][usize::from(found.grade)] += f64::from(*times);
            }
        }
    }
    counts
}

/// Cohen's kappa of four grades, unweighted.
fn kappa(counts: &[[f64; 4]; 4]) -> f64 {
    let all: f64 = counts.iter().flatten().sum();
    let agreed: f64 = (0..4).map(|grade| counts[grade][grade]).sum::<f64>() / all;
    let row = |grade: usize| counts[grade].iter().sum::<f64>() / all;
    let column = |grade: usize| counts.iter().map(|row| row[grade]).sum::<f64>() / all;
    let chance: f64 = (0..4).map(|grade| row(grade) * column(grade)).sum();
    (agreed - chance) / (1.0 - chance)
}

fn grades(sets: &[Set], seed: u64) {
    println!("### Grades, end to end\n");
    println!(
        "| pictures | graded | deformed | kappa of four grades | specificity, grade ≥ 1, % | sensitivity, grade ≥ 1, % | sensitivity, grade ≥ 2, % | deformed of the found: measured, % | called sound, % |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (name, pictures) in sets {
        let counts = confusion(pictures, &vec![1; pictures.len()]);
        let all: f64 = counts.iter().flatten().sum();
        let sound: f64 = counts[0].iter().sum();
        let figures = bootstrap(pictures.len(), seed, |times| {
            let counts = confusion(pictures, times);
            let sound: f64 = counts[0].iter().sum();
            let caught = |from: usize| {
                let rows = counts.iter().skip(from);
                let (hit, of) = rows.fold((0.0, 0.0), |(hit, of), row| {
                    (hit + row.iter().skip(from).sum::<f64>(), of + row.iter().sum::<f64>())
                });
                hit / f64::max(of, 1.0)
            };
            let deformed = |holds: fn(&Found) -> bool| {
                share(pictures, times, |(truth, found)| found.as_ref().filter(|_| truth.grade > 0).map(holds))
            };
            let measured = deformed(|found| found.evaluated);
            let missed = deformed(|found| found.evaluated && found.grade == 0);
            [kappa(&counts), counts[0][0] / f64::max(sound, 1.0), caught(1), caught(2), measured, missed]
        });
        let [kappa, rest @ ..] = figures;
        let cells: Vec<String> = rest.into_iter().map(|figure| shown(figure, true)).collect();
        println!(
            "| {name} | {all:.0} | {:.0} | {} | {} |",
            all - sound,
            shown(kappa, false),
            cells.join(" | ")
        );
    }
}

#[cfg(test)]
mod tests {
    use super::kappa;

    #[test]
    fn kappa_is_the_one_of_a_textbook() {
        // Fleiss: 0.5 of 0.7 agreed where 0.5 is chance, (0.7 − 0.5)/(1 − 0.5).
        let counts = [[20.0, 5.0, 0.0, 0.0], [10.0, 15.0, 0.0, 0.0], [0.0; 4], [0.0; 4]];
        assert!((kappa(&counts) - 0.4).abs() < 1e-12);
    }
}
