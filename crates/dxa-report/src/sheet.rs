//! One page in plain words for the patient: what was measured, what it means, what everybody can do. It proposes no
//! drug and names no number but the one that decides.

use dxa_core::site::Site;
use dxa_exchange::record::Study;
use dxa_exchange::text::said;
use dxa_exchange::view::number::decimals;
use dxa_exchange::view::{Say, Summary, curve, fill};
use serde_json::json;

use crate::Printed;
use crate::content;
use crate::layout::Layout;
use crate::paper::Content;
use crate::words::Words;

/// The sheet of a study.
pub(crate) fn of(printed: &Printed<'_>, layout: &Layout) -> Content {
    let own = Words::of(printed.language);
    let say = Say::of(printed.language);
    let study = printed.study;
    let mut data = content::frame(printed, layout, own.sheet_title);
    if data["draft"] != "" {
        data["standing"] = own.sheet_draft.into();
    }
    data["measured"] = json!({ "title": own.sheet_measured, "texts": measured(study, own, say) });
    data["means"] =
        json!({ "title": own.sheet_means, "class": class(study), "texts": means(study, own, say) });
    data["do"] = own.sheet_do.into();
    data["advice"] = json!([
        { "title": own.sheet_move, "texts": [own.sheet_move_1, own.sheet_move_2, own.sheet_move_3] },
        { "title": own.sheet_eat, "texts": [own.sheet_eat_1, own.sheet_eat_2, own.sheet_eat_3] },
        { "title": own.sheet_falls, "texts": [own.sheet_falls_1, own.sheet_falls_2, own.sheet_falls_3] },
    ]);
    data["next"] = json!({ "title": own.sheet_next, "texts": [own.sheet_next_text, own.sheet_help] });
    Content { data, made: content::made(printed), ..Content::default() }
}

fn measured(study: &Study, own: &Words, say: Say) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    for region in curve::standing_for(study) {
        let name = match region.site.parse() {
            Ok(Site::Lumbar(_)) => said::scan_kind("ap_spine", say.language).to_owned(),
            Ok(Site::Forearm(..)) => said::place(
                said::scan_kind("forearm", say.language),
                region.laterality.as_deref(),
                say.language,
            ),
            _ => {
                said::place(said::scan_kind("hip", say.language), region.laterality.as_deref(), say.language)
            }
        };
        if !places.contains(&name) {
            places.push(name);
        }
    }
    let mut texts = Vec::new();
    if !places.is_empty() {
        texts.push(fill(own.sheet_measured_text, &[&places.join(say.language.of("; ", "、"))]));
    }
    if !study.vertebrae.is_empty() {
        texts.push(own.sheet_spine_text.to_owned());
    }
    texts
}

fn category(study: &Study) -> Option<String> {
    Summary::of(study).category
}

fn class(study: &Study) -> &'static str {
    dxa_exchange::view::category_class(category(study).as_deref())
}

fn means(study: &Study, own: &Words, say: Say) -> Vec<String> {
    let sentence = match category(study).as_deref() {
        Some("normal") => own.sheet_normal,
        Some("low_bone_mass") => own.sheet_low,
        Some("osteoporosis") => own.sheet_osteoporosis,
        Some("severe_osteoporosis") => own.sheet_severe,
        Some("within_expected") => own.sheet_expected,
        Some("below_expected") => own.sheet_below,
        _ => own.sheet_unknown,
    };
    let mut texts = vec![sentence.to_owned()];
    if !Summary::of(study).fractured.is_empty() {
        texts.push(own.sheet_fracture.to_owned());
    }
    let on_t = study.assessment.score_basis.as_deref() == Some("T");
    if let Some(lowest) = study.assessment.lowest.as_ref().filter(|_| on_t) {
        let place = said::place(&lowest.site, lowest.laterality.as_deref(), say.language);
        texts.push(fill(own.sheet_lowest, &[&decimals(Some(lowest.t), 1), &place]));
    }
    texts
}
