//! `dxa reference list` and `show`: what every table is, and one table whole.

use std::fmt::Write as _;

use dxa_core::reference::{BandMode, Curve, Library, ReferenceTable, SiteRows};
use dxa_core::site::Site;

use crate::outcome::{Outcome, print};

/// Prints one line a table.
pub(super) fn list(library: &Library) -> anyhow::Result<Outcome> {
    let header = ["id", "status", "maker", "sex", "n", "sites", "population"].map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(header).chain(library.iter().map(line)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "{cell:width$}  ");
        }
        let _ = writeln!(text, "{}", row[6]);
    }
    print(&text)?;
    Ok(Outcome::Done)
}

fn line(table: &ReferenceTable) -> [String; 7] {
    let sidecar = &table.sidecar;
    [
        table.id().to_owned(),
        sidecar.status.code().to_owned(),
        sidecar.manufacturer.code().to_owned(),
        sexes(table),
        people(table),
        sites(table),
        sidecar.population.clone(),
    ]
}

fn sexes(table: &ReferenceTable) -> String {
    let mut codes: Vec<&str> = table.sites().iter().map(|rows| rows.sex.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.concat()
}

/// People behind the young rows, where the source says it: the least and the most of a site.
fn people(table: &ReferenceTable) -> String {
    let counts = || table.sites().iter().filter_map(|rows| rows.young.and_then(|young| young.n));
    match (counts().min(), counts().max()) {
        (Some(least), Some(most)) if least < most => format!("{least}-{most}"),
        (Some(only), _) => only.to_string(),
        _ => "-".to_owned(),
    }
}

/// The codes of the sites; all fifteen lumbar sets in two words.
fn sites(table: &ReferenceTable) -> String {
    let mut sites: Vec<Site> = table.sites().iter().map(|rows| rows.site).collect();
    sites.sort_by_key(|site| site.order());
    sites.dedup();
    let lumbar = sites.iter().filter(|site| matches!(site, Site::Lumbar(_))).count();
    let every_set = lumbar == dxa_core::site::LumbarSet::all().len();
    let listed = sites.iter().filter(|site| !every_set || !matches!(site, Site::Lumbar(_)));
    let codes = listed.map(ToString::to_string);
    let codes =
        every_set.then(|| "L1...L1-L4".to_owned()).into_iter().chain(codes).collect::<Vec<_>>().join(" ");
    match &table.sidecar.site_as_stated {
        _ if codes.is_empty() => "none, only shown".to_owned(),
        Some(stated) => format!("{codes} (stated: {stated})"),
        None => codes,
    }
}

/// Prints the provenance and the rows of one table.
pub(super) fn show(table: &ReferenceTable) -> anyhow::Result<Outcome> {
    let sidecar = &table.sidecar;
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let list = |items: &[String]| if items.is_empty() { "-".to_owned() } else { items.join(", ") };
    let age = |age: Option<f64>| age.map_or("-".to_owned(), |age| age.to_string());
    let band_mode = match sidecar.band_mode {
        BandMode::Step => "step",
        BandMode::Interpolate => "interpolate",
    };
    let fields = [
        ("id", table.id().to_owned()),
        ("version", sidecar.version.clone()),
        ("status", sidecar.status.code().to_owned()),
        ("population", sidecar.population.clone()),
        ("ethnicity", sidecar.ethnicity.map_or("-", |ethnicity| ethnicity.code()).to_owned()),
        ("country", text(&sidecar.country)),
        ("manufacturer", sidecar.manufacturer.code().to_owned()),
        ("models", list(&sidecar.models)),
        ("software", list(&sidecar.software)),
        ("unit", "g/cm2".to_owned()),
        ("z_age_min", age(sidecar.z_age_min)),
        ("z_age_max", age(sidecar.z_age_max)),
        ("band_mode", band_mode.to_owned()),
        ("site_as_stated", text(&sidecar.site_as_stated)),
        ("citation", sidecar.citation.clone()),
        ("doi", text(&sidecar.doi)),
        ("where_read", sidecar.where_read.clone()),
        ("licence", sidecar.licence.clone()),
        ("notes", text(&sidecar.notes)),
        ("device_tags", list(&sidecar.device_tags)),
        ("sha256", sidecar.sha256.clone()),
    ];
    let mut out = String::new();
    for (field, value) in fields {
        let _ = writeln!(out, "{field}: {value}");
    }
    for row in &sidecar.not_scored {
        let ages = row.ages.map_or("ages not stated".to_owned(), |[from, to]| format!("{from}-{to} years"));
        let (sex, site, mean, sd, why) = (row.sex.code(), &row.site, row.mean, row.sd, &row.why);
        let _ = writeln!(out, "not scored: {sex}, {site}, {ages}: mean {mean}, SD {sd}; {why}");
    }
    for (field, value) in &sidecar.derivation {
        let _ =
            writeln!(out, "derivation.{field}: {}", value.as_str().map_or(value.to_string(), str::to_owned));
    }
    for input in &sidecar.inputs {
        let _ = writeln!(out, "input: {} sha256 {}", input.file, input.sha256);
    }
    let _ = writeln!(out, "\nkind,sex,site,age_min,age_max,n,mean,sd,l,m,s");
    table.sites().iter().for_each(|rows| write_rows(&mut out, rows));
    print(&out)?;
    Ok(Outcome::Done)
}

/// Rows as the file of the table has them.
fn write_rows(out: &mut String, rows: &SiteRows) {
    let code = rows.site.to_string();
    let site = if code.contains(',') { format!("\"{code}\"") } else { code };
    let start = format!("{},{site}", rows.sex.code());
    let count = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    if let Some(young) = &rows.young {
        let (from, to) = young
            .ages
            .map_or((String::new(), String::new()), |(from, to)| (from.to_string(), to.to_string()));
        let (n, mean, sd) = (count(young.n), young.mean, young.sd);
        let _ = writeln!(out, "young,{start},{from},{to},{n},{mean},{sd},,,");
    }
    match &rows.curve {
        None => {}
        Some(Curve::Bands(bands)) => bands.iter().for_each(|band| {
            let n = count(band.n);
            let _ = writeln!(out, "band,{start},{},{},{n},{},{},,,", band.from, band.to, band.mean, band.sd);
        }),
        Some(Curve::Knots(knots)) => knots.iter().for_each(|knot| {
            let _ = writeln!(out, "knot,{start},{0},{0},,{1},{2},,,", knot.age, knot.mean, knot.sd);
        }),
        Some(Curve::Lms(knots)) => knots.iter().for_each(|knot| {
            let _ = writeln!(out, "lms,{start},{0},{0},,,,{1},{2},{3}", knot.age, knot.l, knot.m, knot.s);
        }),
    }
}
