//! Which rules each profile applies.

use super::rules::RuleId;

/// The rules of a profile, in the order of results. A profile that is not listed, such as a clinic's
/// own, has those that every profile has.
#[must_use]
pub fn rules_of(profile: &str) -> Vec<RuleId> {
    use RuleId::*;
    let own: &[RuleId] = match profile {
        "iscd-2023" => &[Who, VfaIscd2019, Ost],
        "china-2022" => &[
            Who,
            DxFracture2022,
            DxBmd2022,
            DxLowPlusFracture2022,
            Treat2022,
            VeryHighRisk2022,
            FraxThreshold2022,
            Osta,
            IofOneMinute,
            Vfa70,
            Vfa65,
            VfaRisk,
        ],
        "hong-kong" => &[Who, VfaIscd2019, Osta],
        "japan-2012" => &[DxFractureJapan, DxSdJapan, YoungPercent],
        _ => &[Who, VfaIscd2019],
    };
    let everywhere = [
        ScoreT,
        ScoreZ,
        ScoreBasis,
        Sites,
        VertebraExclude,
        ReceivedQct,
        ReceivedTbs,
        ReceivedUltrasound,
        Interval,
        Plausibility,
    ];
    RuleId::ALL.into_iter().filter(|id| own.contains(id) || everywhere.contains(id)).collect()
}
