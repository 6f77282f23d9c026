//! What the buttons of the page change: regions and vertebrae are left out, taken in and confirmed, labels moved.

use dxa_core::site::Site;
use dxa_exchange::record::{Points, Region, Vertebra};
use dxa_exchange::text::said;
use dxa_exchange::view::Say;
use serde_json::{Map, Value, json};

use super::{Change, Given};

/// Leaving a region out, or taking it in again; totals follow from their parts.
pub(super) fn of_region(given: &Given<'_>, region: &Region, say: Say) -> Option<Change> {
    if matches!(region.site.parse(), Ok(Site::Lumbar(set)) if set.len() > 1) {
        return None;
    }
    let target = format!(
        "regions/{}/{}/{}",
        region.scan,
        region.site,
        region.laterality.as_deref().unwrap_or_default()
    );
    let outline = given.said(&target).remove("polygon_px").filter(|polygon| !polygon.is_null());
    let body = |excluded: Value| {
        let mut body = Map::from_iter([("laterality".to_owned(), json!(region.laterality))]);
        body.extend(outline.clone().map(|outline| ("polygon_px".to_owned(), outline)));
        body.insert("excluded".to_owned(), excluded);
        Value::Object(body).to_string()
    };
    let by_user = region.excluded.as_ref().filter(|excluded| excluded.by == "user");
    let now = by_user.map_or(Value::Null, |excluded| json!({ "reason": excluded.reason, "by": "user" }));
    let (word, to) = match by_user {
        Some(_) => (say.w.include, Value::Null),
        None => (say.w.exclude, json!({ "reason": "manual", "by": "user" })),
    };
    Some(Change {
        address: given.address(region.scan, &format!("regions/{}", region.site)),
        body: body(to),
        undo: body(now),
        word,
        sign: "",
        chooses: by_user.is_none(),
    })
}

/// Leave out or take in, and say that the points are right. The points go with each, so that none that was moved
/// before goes back.
pub(super) fn of_vertebra(given: &Given<'_>, one: &Vertebra, say: Say) -> Vec<Change> {
    let Some(points) = one.points_px.as_ref().and_then(points) else { return Vec::new() };
    let body = |evaluable: bool, provenance: &str| {
        json!({ "points_px": points, "evaluable": evaluable, "provenance": provenance }).to_string()
    };
    let now = if one.provenance == "user" { "user" } else { "automatic" };
    let change = |word, sign, evaluable, provenance: &str| Change {
        address: given.address(one.scan, &format!("vertebrae/{}", one.level)),
        body: body(evaluable, provenance),
        undo: body(one.evaluable, now),
        word,
        sign,
        chooses: false,
    };
    if !one.evaluable {
        return vec![change(say.w.evaluable, "↩", true, "user")];
    }
    let confirm = (now != "user").then(|| change(say.w.confirm, "✓", true, "user"));
    confirm.into_iter().chain([change(say.w.not_evaluable, "✕", false, "user")]).collect()
}

fn points(points: &Points) -> Option<Value> {
    Some(json!({ "ps": points.ps?, "ms": points.ms?, "as": points.as_?, "ai": points.ai?, "mi": points.mi?,
        "pi": points.pi? }))
}

/// Moving all labels of the lateral scan, and what the page needs to show grades before they are kept.
pub(super) struct Labels {
    /// Where the labels are moved, and what moves them.
    pub(super) address: String,
    pub(super) up: String,
    pub(super) down: String,
    pub(super) now: String,
    /// The words of the shapes, for what is shown before it is kept.
    pub(super) wedge: String,
    pub(super) biconcave: String,
    pub(super) crush: String,
}

impl Labels {
    pub(super) fn of(given: &Given<'_>, scan: usize, say: Say) -> Self {
        let shift = given.study.spine.as_ref().and_then(|spine| spine.level_shift).unwrap_or(0);
        let moved = |by: i64| json!({ "level_shift": shift + by }).to_string();
        Self {
            address: given.address(scan, "spine"),
            up: moved(-1),
            down: moved(1),
            now: moved(0),
            wedge: said::word("wedge", say.language),
            biconcave: said::word("biconcave", say.language),
            crush: said::word("crush", say.language),
        }
    }
}
