//! Scores that could not be given, said once a scan and reason rather than once a region.

use crate::assess::Scored;
use crate::findings::{Refusal, RefusalCode};
use crate::reference::ReferenceTable;
use crate::score::{NoScore, RegionScores, ScoreKind};

/// The refusals for missing scores; a T is not missing where the device's printed T decides.
pub(crate) fn missing_scores(regions: &[Scored]) -> Vec<Refusal> {
    let mut refusals: Vec<Missing> = Vec::new();
    for (region, scores) in regions {
        for missing in &scores.missing {
            let Some(code) = missing.why.refusal() else { continue };
            if missing.kind == ScoreKind::T && scores.deciding.is_some() {
                continue;
            }
            let place = refusals.iter_mut().find(|refusal| {
                (refusal.scan, refusal.code, refusal.kind) == (region.scan, code, missing.kind)
            });
            let site = region.site.to_string();
            match place {
                Some(refusal) if refusal.sites.contains(&site) => {}
                Some(refusal) => refusal.sites.push(site),
                None => {
                    refusals.push(Missing { scan: region.scan, code, kind: missing.kind, sites: vec![site] })
                }
            }
        }
    }
    refusals.into_iter().map(Missing::refusal).collect()
}

/// The refusals for tables asked for by name that give a region neither T nor Z.
pub(crate) fn missing_named(
    regions: &[Scored],
    named: &[Vec<RegionScores>],
    tables: &[&ReferenceTable],
) -> Vec<Refusal> {
    let mut refusals: Vec<MissingNamed<'_>> = Vec::new();
    for ((region, _), scores) in regions.iter().zip(named) {
        for (table, scores) in tables.iter().zip(scores) {
            let missing = scores.missing.first().filter(|_| scores.scores.is_empty());
            let Some((missing, code)) = missing.and_then(|missing| Some((missing, missing.why.refusal()?)))
            else {
                continue;
            };
            let site = region.site.to_string();
            let place = refusals.iter_mut().find(|refusal| {
                (refusal.scan, refusal.code, refusal.table) == (region.scan, code, table.id())
            });
            match place {
                Some(refusal) if refusal.sites.contains(&site) => {}
                Some(refusal) => refusal.sites.push(site),
                None => refusals.push(MissingNamed {
                    scan: region.scan,
                    code,
                    table: table.id(),
                    why: &missing.why,
                    sites: vec![site],
                }),
            }
        }
    }
    refusals.into_iter().map(MissingNamed::refusal).collect()
}

struct MissingNamed<'a> {
    scan: usize,
    code: RefusalCode,
    table: &'a str,
    why: &'a NoScore,
    sites: Vec<String>,
}

impl MissingNamed<'_> {
    fn refusal(self) -> Refusal {
        let why = match self.why {
            NoScore::WrongDevice { .. } => "the table is not about this device",
            NoScore::OutOfRange { .. } => "the age is outside the table",
            _ => "the table has no such rows",
        };
        let message = format!("No score by {} for {}: {why}.", self.table, self.sites.join(", "));
        Refusal { code: self.code, scan: Some(self.scan), message }
    }
}

struct Missing {
    scan: usize,
    code: RefusalCode,
    kind: ScoreKind,
    sites: Vec<String>,
}

impl Missing {
    fn refusal(self) -> Refusal {
        let kind = match self.kind {
            ScoreKind::T => "T",
            ScoreKind::Z => "Z",
        };
        let why = match self.code {
            RefusalCode::OutOfReferenceRange => "the age is outside the reference table",
            _ => "no reference table of the profile applies",
        };
        let message = format!("No {kind}-score for {}: {why}.", self.sites.join(", "));
        Refusal { code: self.code, scan: Some(self.scan), message }
    }
}
