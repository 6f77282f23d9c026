//! Statements of changes, quality, assessment, doubts and refusals.

use crate::record::{Assessment, Comparison, Finding, LevelChange, Quality, Refusal, Rule, Study};

use super::{Group, Quantity, Said, Subject, Why};

pub(super) fn groups(study: &Study) -> Vec<Group> {
    let changes = study.comparisons.iter().map(change);
    let levels = study.vertebra_comparisons.iter().map(level_change);
    let quality = study.quality.iter().map(quality);
    let rules = study.assessment.rules.iter().map(rule);
    let findings = study.findings.iter().map(finding);
    let refusals = study.refusals.iter().map(refusal);
    let assessment = std::iter::once(assessment(&study.assessment));
    changes
        .chain(levels)
        .chain(quality)
        .chain(assessment)
        .chain(rules)
        .chain(findings)
        .chain(refusals)
        .collect()
}

fn change(change: &Comparison) -> Group {
    let mut said = Said::default();
    if change.refused.is_some() && change.change_g_cm2.is_none() {
        said.missing(Quantity::Change, Why::NotAttempted);
        said.missing(Quantity::ChangePercent, Why::NotAttempted);
    }
    said.number(Quantity::Change, change.change_g_cm2, "g/cm2");
    said.number(Quantity::ChangePercent, change.change_percent, "%");
    said.number(Quantity::Lsc, change.lsc_g_cm2, "g/cm2");
    said.number(Quantity::LscPercent, change.lsc_percent, "%");
    said.word(Quantity::LscSource, change.lsc_source.as_deref());
    said.flag(Quantity::Significant, change.significant);
    said.text(Quantity::PriorStudy, change.prior.study_instance_uid.as_deref());
    said.text(Quantity::PriorDate, change.prior.date.as_deref());
    if let Some(refused) = &change.refused {
        said.word(Quantity::NotCompared, Some(&refused.code));
        said.text(Quantity::Message, Some(&refused.message));
    }
    let subject = Subject::Change { site: change.site.clone(), side: change.laterality.clone() };
    said.group(Some(change.scan), subject)
}

fn level_change(change: &LevelChange) -> Group {
    let mut said = Said::default();
    said.word(Quantity::LevelChange, Some(&change.change));
    said.number(Quantity::LossGained, change.loss_gained_percent, "%");
    said.number(Quantity::NewFracture, change.new_fracture_probability, "1");
    said.text(Quantity::PriorStudy, change.prior.study_instance_uid.as_deref());
    said.text(Quantity::PriorDate, change.prior.date.as_deref());
    said.group(Some(change.scan), Subject::LevelChange(change.level.clone()))
}

fn quality(quality: &Quality) -> Group {
    let mut said = Said::default();
    let unit = quality.unit.as_deref().filter(|unit| !unit.is_empty()).unwrap_or("1");
    said.word(Quantity::Status, Some(&quality.status));
    if quality.measured.is_none() && quality.status == "not_evaluable" {
        said.missing(Quantity::Measured, Why::Failed);
    }
    said.number(Quantity::Measured, quality.measured, unit);
    said.number(Quantity::Limit, quality.limit, unit);
    said.group(Some(quality.scan), Subject::Quality(quality.id.clone()))
}

fn assessment(assessment: &Assessment) -> Group {
    let mut said = Said::default();
    let (who, age) = (assessment.who_category.as_deref(), assessment.age_category.as_deref());
    // Which of the two there should be depends on the score that decides.
    match assessment.score_basis.as_deref() {
        Some("T") => said.word_or(Quantity::WhoCategory, who, Why::Unknown),
        _ => said.word(Quantity::WhoCategory, who),
    }
    match assessment.score_basis.as_deref() {
        Some("Z") => said.word_or(Quantity::AgeCategory, age, Why::Unknown),
        _ => said.word(Quantity::AgeCategory, age),
    }
    said.word(Quantity::ScoreBasis, assessment.score_basis.as_deref());
    if let Some(lowest) = &assessment.lowest {
        said.number(Quantity::LowestT, Some(lowest.t), "1");
        said.word(Quantity::LowestSite, Some(&lowest.site));
        said.word(Quantity::LowestSide, lowest.laterality.as_deref());
        said.text(Quantity::LowestReference, Some(&lowest.reference));
    }
    said.flag(Quantity::DiagnosisOsteoporosis, assessment.diagnosis.osteoporosis);
    let criteria = assessment.diagnosis.criteria.iter();
    criteria.for_each(|criterion| said.word(Quantity::Criterion, Some(criterion)));
    said.word(Quantity::FractureRisk, assessment.fracture_risk.as_deref());
    said.flag(Quantity::VfaIndicated, assessment.vfa_indicated);
    said.word(Quantity::Profile, Some(&assessment.profile));
    said.group(None, Subject::Assessment)
}

fn rule(rule: &Rule) -> Group {
    let mut said = Said::default();
    said.word(Quantity::RuleOutcome, Some(&rule.outcome));
    said.group(None, Subject::Rule(rule.id.clone()))
}

fn finding(finding: &Finding) -> Group {
    let mut said = Said::default();
    said.word(Quantity::Finding, Some(&finding.code));
    said.word(Quantity::Severity, Some(&finding.severity));
    said.word(Quantity::AboutSite, finding.site.as_deref());
    said.word(Quantity::AboutSide, finding.laterality.as_deref());
    said.text(Quantity::Message, Some(&finding.message));
    said.group(finding.scan, Subject::Finding(finding.code.clone()))
}

fn refusal(refusal: &Refusal) -> Group {
    let mut said = Said::default();
    said.word(Quantity::Refusal, Some(&refusal.code));
    said.text(Quantity::Message, Some(&refusal.message));
    said.group(refusal.scan, Subject::Refusal(refusal.code.clone()))
}
