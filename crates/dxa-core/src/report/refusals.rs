//! Scores that could not be given, said once a scan and reason rather than once a region.

use crate::assess::Scored;
use crate::findings::{Refusal, RefusalCode};
use crate::score::ScoreKind;

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
