//! What the report says: the same rows, plots and sentences as the page of the study, as data for the template.

use dxa_exchange::issue::{Standing, Status};
use dxa_exchange::record::Study;
use dxa_exchange::text::said;
use dxa_exchange::view::number::shown_name;
use dxa_exchange::view::plot::{Label, Tick};
use dxa_exchange::view::vertebrae::Spine;
use dxa_exchange::view::{Fact, Say, Summary, Verdict};
use dxa_exchange::view::{changes, curve, doubts, fill, head, regions, rules, trend};
use serde_json::{Value, json};

use crate::layout::{Layout, Section};
use crate::paper::Content;
use crate::words::Words;
use crate::{Printed, plot};

/// The report of a study.
pub(crate) fn of(printed: &Printed<'_>, layout: &Layout) -> Content {
    let Printed { study, language, pictures, visits, .. } = *printed;
    let say = Say::of(language);
    let own = Words::of(language);
    let data = frame(printed, layout, own.title);
    let mut content = Content { data, made: made(printed), ..Content::default() };
    let curves: Vec<Value> = curve::standing_for(study)
        .into_iter()
        .filter_map(|region| {
            let lsc = trend::lsc_now(region, study, visits);
            curve::of(region, study, &trend::others(region, study, visits), lsc, say)
        })
        .enumerate()
        .map(|(index, curve)| {
            let file = format!("curve-{index}.svg");
            content.files.insert(file.clone(), plot::svg(&curve).into_bytes());
            let place = |at: &str| at.parse::<f64>().unwrap_or(0.0);
            let ticks = |ticks: &[Tick]| -> Vec<Value> {
                ticks.iter().map(|tick| json!({ "at": place(&tick.at), "text": tick.text })).collect()
            };
            let label = |label: &Label| json!({ "x": place(&label.x), "y": place(&label.y), "text": label.text });
            let labels: Vec<Value> = curve.labels.iter().map(label).collect();
            json!({ "file": file, "title": curve.title, "notes": curve.notes, "rows": ticks(&curve.rows),
                "columns": ticks(&curve.columns), "labels": labels, "width": curve.width, "height": curve.height,
                "left": curve.left, "bottom": curve.bottom })
        })
        .collect();
    let images: Vec<Value> = pictures
        .iter()
        .map(|(scan, picture)| {
            let file = format!("scan-{scan}.rgb");
            content.files.insert(file.clone(), picture.rgb.clone());
            json!({ "file": file, "width": picture.width, "height": picture.height, "title": scan_title(study, *scan, say) })
        })
        .collect();
    let spine = Spine::of(study, say);
    let tiles: Vec<Value> = spine
        .iter()
        .flat_map(|spine| &spine.tiles)
        .map(|tile| {
            let file = format!("body-{}.svg", tile.level);
            content.files.insert(file.clone(), plot::body(tile.shape.as_deref(), &tile.class).into_bytes());
            json!({ "file": file, "level": tile.level, "grade": tile.grade })
        })
        .collect();
    let failed: Vec<doubts::Check> =
        doubts::checks(study, say).into_iter().filter(|check| check.class != "pass").collect();
    let rules = rules::all(study, say);
    let met: Vec<&rules::Rule> = rules.iter().filter(|rule| rule.class == "fired").collect();
    let parts = json!({
        "verdict": Verdict::of(study, &Summary::of(study), say),
        "groups": regions::groups(study, say),
        "curves": curves,
        "images": images,
        "spine": spine,
        "tiles": tiles,
        "changes": changes::regions(study, say),
        "level_changes": changes::levels(study, say),
        "composition": regions::composition(study, say),
        "sentences": rules::sentences(study, say),
        "profile": study.assessment.profile,
        "rules": met,
        "unknown": unknown(study, say),
        "refusals": doubts::refusals(study, say),
        "findings": doubts::findings(study, say).into_iter().filter(|finding| finding.class != "note").collect::<Vec<_>>(),
        "checks": failed,
        "quality": doubts::quality_summary(study, say),
        "provenance": head::provenance(study, say),
    });
    content.data["parts"] = parts;
    content.data["sections"] = sections(layout);
    content.data["w"] = words(say, own);
    content
}

/// What the rules that cannot tell would have to know, each once.
fn unknown(study: &Study, say: Say) -> String {
    let mut missing: Vec<String> = Vec::new();
    for rule in study.assessment.rules.iter().filter(|rule| rule.outcome == "cannot_tell") {
        for code in &rule.missing {
            let name = said::input(code, say.language);
            if !missing.contains(&name) {
                missing.push(name);
            }
        }
    }
    missing.join(say.language.of(", ", "、"))
}

/// Sections in their order.
fn sections(layout: &Layout) -> Value {
    let names = layout.sections().iter().map(|section: &Section| json!(section));
    names.collect()
}

/// What both kinds of pages have: head, patient, standing.
pub(crate) fn frame(printed: &Printed<'_>, layout: &Layout, title: &str) -> Value {
    let Printed { study, standing, language, .. } = *printed;
    let (say, own) = (Say::of(language), Words::of(language));
    let name = shown_name(study.patient.name.as_deref());
    let mut facts = vec![Fact { name: own.name.to_owned(), value: name.clone() }];
    facts.extend(head::facts(study, say));
    json!({
        "title": title,
        "lang": language.of("en", "zh"),
        "organization": layout.organization,
        "head": layout.head,
        "logo": null,
        "name": name,
        "id": study.patient.id.as_deref().unwrap_or_default(),
        "date": study.study.date.as_deref().unwrap_or_default(),
        "facts": facts,
        "draft": if standing.status == Status::Preliminary { own.draft } else { "" },
        "standing": standing_text(standing, own),
        "version": fill(own.version, &[&study.provenance.version.to_string()]),
        "software": study.provenance.software,
        "safety": say.w.safety,
        "page": own.page,
        "page_of": own.page_of,
        "page_end": own.page_end,
    })
}

/// When the report was signed, else when the study was taken.
pub(crate) fn made(printed: &Printed<'_>) -> Option<String> {
    let signed = printed.standing.signature.as_ref().map(|signature| signature.at.clone());
    signed.or_else(|| printed.study.study.date.clone())
}

fn standing_text(standing: &Standing, own: &Words) -> String {
    let signed = |sentence: &str| {
        let signature = standing.signature.as_ref();
        let name = shown_name(signature.map(|signature| signature.name.as_str()));
        fill(sentence, &[&name, signature.map_or("", |signature| signature.at.as_str())])
    };
    match standing.status {
        Status::Preliminary => own.draft_text.to_owned(),
        Status::Final => signed(own.signed),
        Status::Amended => signed(own.amended),
    }
}

fn scan_title(study: &Study, scan: usize, say: Say) -> String {
    let Some(of) = study.scans.get(scan) else { return String::new() };
    let kind = said::scan_kind(&of.kind, say.language);
    said::place(kind, of.laterality.as_deref(), say.language)
}

/// The words that the template writes.
fn words(say: Say, own: &Words) -> Value {
    let w = say.w;
    let own = json!({
        "images": own.images, "grades": own.legend_grades, "gray": own.no_absolute, "more": own.more_findings,
    });
    let densities = json!({
        "summary": w.summary, "regions": w.regions, "region": w.region, "area": w.area, "bmc": w.bmc,
        "bmd_device": w.bmd_device, "bmd_ours": w.bmd_ours, "difference": w.difference, "device_t_z": w.device_t_z,
        "curves": w.curves, "vertebrae": w.vertebrae, "level": w.level_of, "grade": w.grade,
        "loss": w.loss, "remarks": w.remarks,
    });
    let rest = json!({
        "changes": w.changes, "since": w.since, "change": w.change,
        "per_year": w.per_year, "lsc": w.lsc, "meaning": w.meaning, "loss_gained": w.loss_gained,
        "composition": w.composition, "part": w.part, "fat": w.fat, "lean": w.lean, "total": w.total_mass,
        "assessment": w.assessment, "not_known": w.not_known, "source": w.source, "doubts": w.doubts,
        "no_doubts": w.no_doubts, "refused": w.refused, "findings": w.findings, "quality": w.quality,
        "check": w.check, "result": w.result, "measured": w.measured, "limit": w.limit,
        "provenance": w.provenance, "no_regions": w.no_regions,
    });
    let parts = [own, densities, rest].into_iter().filter_map(|part| part.as_object().cloned());
    Value::Object(parts.flatten().collect())
}
