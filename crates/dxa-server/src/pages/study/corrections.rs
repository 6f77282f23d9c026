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
    let outline = said_outline(given, region);
    let body = |key: &str, value: Value| {
        let mut body = Map::from_iter([("laterality".to_owned(), json!(region.laterality))]);
        body.extend(outline.clone().map(|outline| ("polygon_px".to_owned(), outline)));
        body.insert(key.to_owned(), value);
        Value::Object(body).to_string()
    };
    let (nothing, user) = (Value::Null, json!({ "by": "user" }));
    let by = region.excluded.as_ref().map(|excluded| (excluded.by.as_str(), &excluded.reason));
    let (word, key, to, now) = match by {
        Some(("user", reason)) => {
            (say.w.include, "excluded", nothing, json!({ "reason": reason, "by": "user" }))
        }
        // A rule left it out.
        Some(_) => (say.w.include, "included", user, nothing),
        None if region.included.is_some() => (say.w.leave_to_rule, "included", nothing, user),
        None => (say.w.exclude, "excluded", json!({ "reason": "manual", "by": "user" }), nothing),
    };
    let chooses = by.is_none() && region.included.is_none();
    let address = given.address(region.scan, &format!("regions/{}", region.site));
    Some(Change { address, body: body(key, to), undo: body(key, now), word, sign: "", chooses })
}

/// The outline that a user last gave a region.
pub(super) fn said_outline(given: &Given<'_>, region: &Region) -> Option<Value> {
    let side = region.laterality.as_deref().unwrap_or_default();
    let target = format!("regions/{}/{}/{side}", region.scan, region.site);
    given.said(&target).remove("polygon_px").filter(|polygon| !polygon.is_null())
}

/// What can be said of a vertebra. All of it is said each time, so that nothing that was said before goes back.
struct Body {
    address: String,
    points: Value,
    evaluable: bool,
    provenance: &'static str,
    /// `confirmed` or `rejected`.
    fracture: Option<String>,
}

impl Body {
    fn of(given: &Given<'_>, one: &Vertebra) -> Option<Self> {
        Some(Self {
            address: given.address(one.scan, &format!("vertebrae/{}", one.level)),
            points: one.points_px.as_ref().and_then(points)?,
            evaluable: one.evaluable,
            provenance: if one.provenance == "user" { "user" } else { "automatic" },
            fracture: said_of_fracture(one),
        })
    }

    fn text(&self, evaluable: bool, provenance: &str, fracture: Option<&str>) -> String {
        json!({ "points_px": self.points, "evaluable": evaluable, "provenance": provenance, "fracture": fracture })
            .to_string()
    }

    fn change(&self, word: &'static str, sign: &'static str, body: String) -> Change {
        let undo = self.text(self.evaluable, self.provenance, self.fracture.as_deref());
        Change { address: self.address.clone(), body, undo, word, sign, chooses: false }
    }
}

/// What a reader said of the fracture of a vertebra.
pub(super) fn said_of_fracture(one: &Vertebra) -> Option<String> {
    one.fracture.clone().filter(|said| said != "suspected")
}

/// Leave out or take in, and say that the points are right.
pub(super) fn of_vertebra(given: &Given<'_>, one: &Vertebra, say: Say) -> Vec<Change> {
    let Some(body) = Body::of(given, one) else { return Vec::new() };
    let fracture = body.fracture.as_deref();
    if !one.evaluable {
        return vec![body.change(say.w.evaluable, "↩", body.text(true, "user", None))];
    }
    let right = || body.change(say.w.confirm, "✓", body.text(true, "user", fracture));
    let confirm = (body.provenance != "user").then(right);
    let leave_out = body.change(say.w.not_evaluable, "✕", body.text(false, "user", None));
    confirm.into_iter().chain([leave_out]).collect()
}

/// What a lost height is: a fracture or none; and back again.
pub(super) fn of_fracture(given: &Given<'_>, one: &Vertebra, say: Say) -> Vec<Change> {
    if one.grade.is_none_or(|grade| grade == 0) {
        return Vec::new();
    }
    let Some(body) = Body::of(given, one) else { return Vec::new() };
    let change = |word, fracture| body.change(word, "", body.text(one.evaluable, body.provenance, fracture));
    if body.fracture.is_some() {
        return vec![change(say.w.withdraw_fracture, None)];
    }
    vec![change(say.w.confirm_fracture, Some("confirmed")), change(say.w.reject_fracture, Some("rejected"))]
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
