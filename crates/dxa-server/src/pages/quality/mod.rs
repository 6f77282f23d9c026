//! The quality room as people read it.

mod agreement;
mod checks;
mod phantoms;
mod service;

use askama::Template;
use dxa_exchange::text::said;
use dxa_exchange::view::number::{NOTHING, decimals, signed};
use dxa_exchange::view::{Say, Words, fill};

use super::Frame;
use crate::quality::{Room, ScannerRoom};

use agreement::Agreed;
use checks::Checked;
use phantoms::Phantom;
use service::{Destination, Working};

/// The page.
#[derive(Template)]
#[template(path = "quality.html")]
pub(crate) struct QualityPage<'a> {
    frame: &'a Frame,
    w: &'static Words,
    from: &'a str,
    to: &'a str,
    period: Option<String>,
    tables: Vec<(&'static str, String, String)>,
    counting: bool,
    scanners: Vec<Scanner>,
    destinations: Vec<Destination>,
    working: Working,
}

/// One scanner.
struct Scanner {
    anchor: String,
    name: String,
    scans: usize,
    glance: Glance,
    agreed: Agreed,
    phantoms_text: Option<String>,
    phantoms: Vec<Phantom>,
    precision: Vec<Precision>,
    checked: Checked,
}

/// What stands in the overview.
struct Glance {
    biases: Vec<String>,
    phantom: String,
    phantom_class: &'static str,
    lsc: String,
    check: String,
}

/// Precision of a region.
struct Precision {
    place: String,
    source: &'static str,
    subjects: usize,
    scans: usize,
    df: usize,
    is_enough: bool,
    rms_sd: String,
    upper95: String,
    cv: String,
    lsc: String,
    lsc_percent: String,
    acceptable: String,
}

/// Regions whose numbers stand in the overview.
const AT_A_GLANCE: [&str; 2] = ["L1-L4", "total_hip"];

impl<'a> QualityPage<'a> {
    /// The page of a room.
    pub(crate) fn of(frame: &'a Frame, room: &'a Room) -> Self {
        let say = Say::of(frame.language);
        let period = room.from.as_deref().map(|from| match room.to.as_deref() {
            Some(to) => fill(say.w.room_from_to, &[from, to]),
            None => fill(say.w.room_from, &[from]),
        });
        Self {
            frame,
            w: say.w,
            from: room.from.as_deref().unwrap_or_default(),
            to: room.to.as_deref().unwrap_or_default(),
            period,
            tables: tables(room, say),
            counting: room.counting,
            scanners: room.scanners.iter().enumerate().map(|(at, one)| Scanner::of(at, one, say)).collect(),
            destinations: room.deliveries.iter().map(|row| Destination::of(row, say)).collect(),
            working: Working::of(&room.queue, say),
        }
    }

    fn glance_sites(&self) -> Vec<String> {
        AT_A_GLANCE
            .map(|site| fill(self.w.bias_of, &[&said::place(site, None, self.frame.language)]))
            .to_vec()
    }
}

/// Where each table is, with its name.
fn tables(room: &Room, say: Say) -> Vec<(&'static str, String, String)> {
    let w = say.w;
    let days = [("from", room.from.as_deref()), ("to", room.to.as_deref())];
    let days: String = days.into_iter().filter_map(|(name, day)| Some(format!("&{name}={}", day?))).collect();
    [
        ("agreement", w.agreement_short),
        ("phantoms", w.phantoms),
        ("precision", w.precision),
        ("checks", w.quality),
        ("deliveries", w.deliveries),
    ]
    .map(|(table, name)| (table, name.to_owned(), format!("/api/v1/quality/csv?table={table}{days}")))
    .to_vec()
}

impl Scanner {
    fn of(at: usize, room: &ScannerRoom, say: Say) -> Self {
        let phantoms = phantoms::all(&room.phantoms, say);
        Self {
            anchor: format!("scanner-{}", at + 1),
            name: name(room, say),
            scans: room.scans,
            glance: Glance::of(room, &phantoms, say),
            agreed: Agreed::of(&room.agreement, say),
            phantoms_text: room.phantoms.first().map(|chart| phantoms::explained(chart, room, say)),
            phantoms,
            precision: room.precision.iter().map(|row| precision(row, say)).collect(),
            checked: Checked::of(&room.checks, say),
        }
    }
}

/// What a scanner is called.
fn name(room: &ScannerRoom, say: Say) -> String {
    let device =
        [&room.manufacturer, &room.model].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let device = if device.is_empty() { say.w.scanner_unknown.to_owned() } else { device };
    let station = room.station.as_deref().map(|station| fill(say.w.station_of, &[station]));
    let serial = room.serial.as_deref().map(|serial| fill(say.w.serial_of, &[serial]));
    std::iter::once(device).chain(station).chain(serial).collect::<Vec<_>>().join(" · ")
}

impl Glance {
    fn of(room: &ScannerRoom, phantoms: &[Phantom], say: Say) -> Self {
        let bias = |site: &str| {
            let row = room.agreement.iter().find(|row| row.quantity == "bmd_g_cm2" && row.site == site);
            row.map_or_else(
                || NOTHING.to_owned(),
                |row| format!("{} (n {})", signed(Some(row.bias), 4), row.n),
            )
        };
        let worst =
            phantoms.iter().flat_map(|phantom| &phantom.elements).max_by_key(|element| element.weight);
        let lsc = room.precision.iter().find(|row| row.site == AT_A_GLANCE[0]);
        let check = room.checks.first().filter(|row| row.whole.failed > 0);
        Self {
            biases: AT_A_GLANCE.map(bias).to_vec(),
            phantom: worst.map_or_else(|| NOTHING.to_owned(), |element| element.state.clone()),
            phantom_class: worst.map_or("", |element| element.state_class),
            lsc: lsc.map_or_else(
                || NOTHING.to_owned(),
                |row| format!("{} (df {}, {})", decimals(Some(row.lsc), 3), row.df, source(row.source, say)),
            ),
            check: check.map_or_else(
                || NOTHING.to_owned(),
                |row| {
                    let name = dxa_exchange::text::check(&row.check, say.language);
                    format!("{name}: {}", checks::percent(row.whole.share))
                },
            ),
        }
    }
}

fn precision(row: &crate::quality::PrecisionRow, say: Say) -> Precision {
    Precision {
        place: said::place(&row.site, row.laterality.as_deref(), say.language),
        source: source(row.source, say),
        subjects: row.subjects,
        scans: row.scans,
        df: row.df,
        is_enough: row.df_sufficient,
        rms_sd: decimals(Some(row.rms_sd), 4),
        upper95: decimals(Some(row.rms_sd_upper95), 4),
        cv: decimals(Some(row.rms_cv_percent), 2),
        lsc: decimals(Some(row.lsc), 3),
        lsc_percent: decimals(Some(row.lsc_percent), 1),
        acceptable: row
            .acceptable_lsc_percent
            .map_or_else(|| NOTHING.to_owned(), |percent| format!("≤ {}", decimals(Some(percent), 1))),
    }
}

/// Whose numbers they are.
fn source(code: &str, say: Say) -> &'static str {
    if code == "computed" { say.w.from_ours } else { say.w.from_device }
}
