//! From the facts of scans to the quality room.

use std::collections::BTreeMap;

use dxa_exchange::agreement::Pair;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::checks::Checks;
use super::phantoms::Phantoms;
use super::precision::Repeats;
use super::room::{AgreementRow, Room, ScannerRoom};
use super::{Period, order, service};
use crate::config::Config;
use crate::store::{CountedScan, Error, QUANTITIES, Scanner, Store, now, rfc3339};

/// After every day that can be written.
const NEVER: &str = "9999-12-31";

/// What the store says of a period. Patient IDs of phantoms are there for those who may read them.
///
/// # Errors
/// When the index does not answer.
pub(crate) async fn tally(
    store: &Store,
    config: &Config,
    period: &Period,
    sees_identity: bool,
) -> Result<Room, Error> {
    let from = match period.from {
        Some(from) => Some(from.to_string()),
        None => store.newest_scan_day().await?.and_then(|day| a_year_before(&day)),
    };
    let to = period.to.map(|to| to.to_string());
    let (first, last) = (from.as_deref().unwrap_or_default(), to.as_deref().unwrap_or(NEVER));
    let mut people: BTreeMap<i64, People> = BTreeMap::new();
    store.counted_scans(first, last, |scan| people.entry(scan.scanner).or_default().take(scan)).await?;
    let mut phantoms: BTreeMap<i64, Phantoms> = BTreeMap::new();
    for phantom in store.phantom_scans(last).await? {
        phantoms.entry(phantom.scan.scanner).or_default().take(&phantom);
    }
    let mut rooms: Vec<(Scanner, ScannerRoom)> = Vec::new();
    for (number, scanner) in store.scanners().await? {
        let people = people.remove(&number).unwrap_or_default();
        let phantoms = phantoms.remove(&number).unwrap_or_default();
        let charts = phantoms.charts(&scanner, &config.quality, first, sees_identity);
        if people.scans > 0 || !charts.is_empty() {
            let mut room = people.room(&scanner);
            room.phantoms = charts;
            rooms.push((scanner, room));
        }
    }
    rooms.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(Room {
        schema: "dxa.quality/1",
        made_at: rfc3339(now()),
        counting: store.is_counting(),
        scanners: rooms.into_iter().map(|(_, room)| room).collect(),
        deliveries: service::deliveries(store, &config.deliver).await?,
        queue: service::queue(store).await?,
        from,
        to,
    })
}

fn a_year_before(day: &str) -> Option<String> {
    let day: Date = day.parse().ok()?;
    Some(day.checked_sub(1.year()).ok()?.checked_add(1.day()).ok()?.to_string())
}

/// What is counted of the people who were scanned by one scanner.
#[derive(Debug, Default)]
struct People {
    scans: usize,
    /// By site.
    pairs: BTreeMap<String, Pairs>,
    repeats: Repeats,
    checks: Checks,
}

/// Pairs of a site.
#[derive(Debug, Default)]
struct Pairs {
    amounts: [Vec<Pair>; QUANTITIES.len()],
    /// By kind and reference table.
    scores: BTreeMap<(String, String), Vec<Pair>>,
}

impl People {
    fn take(&mut self, scan: CountedScan) {
        self.scans += 1;
        for region in &scan.facts.regions {
            let of_site = self.pairs.entry(region.site.clone()).or_default();
            for (at, pairs) in of_site.amounts.iter_mut().enumerate() {
                pairs.extend(region.ours[at].zip(region.device[at]));
            }
            for (kind, reference, ours, device) in &region.scores {
                let key = (kind.clone(), reference.clone());
                of_site.scores.entry(key).or_default().push((*ours, *device));
            }
        }
        self.checks.take(&scan.day, &scan.facts);
        self.repeats.take(scan);
    }

    fn room(self, scanner: &Scanner) -> ScannerRoom {
        let named = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let mut agreement = Vec::new();
        for (site, pairs) in self.pairs {
            let amounts = QUANTITIES.into_iter().zip(pairs.amounts);
            agreement
                .extend(amounts.filter_map(|(quantity, pairs)| AgreementRow::of(quantity, &site, "", pairs)));
            let scores = pairs.scores.into_iter();
            agreement.extend(
                scores.filter_map(|((kind, reference), pairs)| {
                    AgreementRow::of(&kind, &site, &reference, pairs)
                }),
            );
        }
        agreement.sort_by_key(|row| (place(&row.quantity), order(&row.site)));
        ScannerRoom {
            manufacturer: named(&scanner.manufacturer),
            model: named(&scanner.model),
            station: named(&scanner.station),
            serial: named(&scanner.serial),
            scans: self.scans,
            agreement,
            phantoms: Vec::new(),
            precision: self.repeats.rows(),
            checks: self.checks.rows(),
        }
    }
}

/// Density first, then what it is made of, then what is made of it.
fn place(quantity: &str) -> usize {
    let order = ["bmd_g_cm2", "bmc_g", "area_cm2", "T", "Z"];
    order.iter().position(|one| *one == quantity).unwrap_or(order.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_ends_with_its_last_day() {
        assert_eq!(a_year_before("2024-05-17").as_deref(), Some("2023-05-18"));
        assert_eq!(a_year_before("2024-02-29").as_deref(), Some("2023-03-01"));
        assert_eq!(a_year_before("nonsense"), None);
    }
}
