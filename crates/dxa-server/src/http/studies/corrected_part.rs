//! A corrected part held against the result that it is about: what cannot fit is refused before it is kept, because a
//! correction that was kept is part of every later analysis.

use dxa_core::corrections::is_measured;
use dxa_core::site::Site;
use dxa_core::study::ScanKind;
use serde_json::{Map, Value, json};

use super::corrections::{Part, invalid};
use crate::http::problem::{Code, Problem};

/// Checks the part and fills in what its path leaves open.
///
/// # Errors
/// 404 for what the result does not have, 422 for what cannot be.
pub(super) fn complete(part: &Part, body: &mut Map<String, Value>, shown: &Value) -> Result<(), Problem> {
    let scan = shown.pointer(&format!("/scans/{}", part.scan));
    let scan = scan.ok_or_else(|| Problem::new(Code::NotFound, "the study has no such scan"))?;
    let rows = shown.get(part.list).and_then(Value::as_array).into_iter().flatten();
    let mut own = rows.filter(|row| {
        let named = part.key.as_ref().is_none_or(|(key, name)| row[key] == name.as_str());
        named && row["scan"] == part.scan
    });
    match part.list {
        "regions" => region(body, &own.collect::<Vec<_>>(), scan),
        "landmarks" => landmark(body, own.next(), scan),
        "vertebrae" => lateral(scan).and_then(|()| vertebra(body, own.next(), scan)),
        _ => lateral(scan).and_then(|()| spine(body, part, shown)),
    }
}

fn spine(body: &Map<String, Value>, part: &Part, shown: &Value) -> Result<(), Problem> {
    if shown["spine"]["scan"] != part.scan {
        return Err(Problem::new(Code::NotFound, "the result has no spine of this scan"));
    }
    if body.get("level_shift").is_some_and(Value::is_i64) {
        return Ok(());
    }
    Err(invalid("level_shift", "must be a whole number"))
}

fn region(body: &mut Map<String, Value>, own: &[&Value], scan: &Value) -> Result<(), Problem> {
    if let ([only], None) = (own, body.get("laterality")) {
        body.insert("laterality".to_owned(), only["laterality"].clone());
    }
    let said = body.get("laterality").unwrap_or(&Value::Null);
    let is_there = own.iter().any(|row| row["laterality"] == *said);
    let outlined = body.get("polygon_px").is_some_and(|polygon| !polygon.is_null());
    if !is_there && !own.is_empty() {
        return Err(invalid("laterality", "is not a side that this region has"));
    }
    if outlined {
        let site: Option<Site> = body.get("site").and_then(Value::as_str).and_then(|site| site.parse().ok());
        if site.is_some_and(|site| !is_measured(kind(scan), site)) {
            return Err(invalid("polygon_px", "has no meaning: this site is not measured on this scan"));
        }
    } else if !is_there && body.get("site").and_then(Value::as_str).is_some_and(|s| s.parse::<Site>().is_ok())
    {
        return Err(Problem::new(Code::NotFound, "the scan has no such region"));
    }
    inside(body.get("polygon_px"), scan, &Value::Null)
}

/// Only the lines of discs and the neck box are cut anew; other landmarks follow from the image.
fn landmark(body: &Map<String, Value>, own: Option<&Value>, scan: &Value) -> Result<(), Problem> {
    let own = own.ok_or_else(|| Problem::new(Code::NotFound, "the scan has no such landmark"))?;
    let name = own["name"].as_str().unwrap_or_default();
    let is_box = name == "neck_box";
    if !is_box && (!name.starts_with("disc_") || own["shape"] != "line") {
        return Err(invalid("name", "is neither the line of a disc nor the neck box"));
    }
    let points = body.get("points_px").filter(|points| !points.is_null());
    if points.is_none() {
        return Err(invalid("points_px", "must be given"));
    }
    if is_box {
        // It may reach beyond the image; what it is laid across may not.
        let mut corners = Vec::new();
        collect_points(points.unwrap_or(&Value::Null), &mut corners);
        let mean = |of: fn(&(f64, f64)) -> f64| corners.iter().map(of).sum::<f64>() / corners.len() as f64;
        return inside(Some(&json!([mean(|at| at.0), mean(|at| at.1)])), scan, &Value::Null);
    }
    inside(points, scan, &own["points_px"])
}

fn lateral(scan: &Value) -> Result<(), Problem> {
    if kind(scan) == ScanKind::LateralSpine {
        return Ok(());
    }
    Err(Problem::new(Code::Invalid, "this scan is not a lateral spine"))
}

fn vertebra(body: &Map<String, Value>, own: Option<&Value>, scan: &Value) -> Result<(), Problem> {
    let points = body.get("points_px").filter(|points| !points.is_null());
    if own.is_none() && points.is_none() {
        return Err(invalid("points_px", "must be given for a level that was not found"));
    }
    if let Some(own) = own {
        fracture(body, own)?;
    }
    inside(points, scan, own.map_or(&Value::Null, |own| &own["points_px"]))
}

/// A fracture is said of a loss of height; whether points that are moved lose any is seen when they are measured.
fn fracture(body: &Map<String, Value>, own: &Value) -> Result<(), Problem> {
    let is_said = body.get("fracture").is_some_and(|said| said == "confirmed" || said == "rejected");
    let left_out = body.get("evaluable") == Some(&Value::Bool(false));
    let as_they_were = body.get("points_px").is_none_or(|points| points == &own["points_px"]);
    let sound = as_they_were && own["evaluable"] == true && own["grade"] == 0;
    if is_said && (left_out || sound) {
        return Err(invalid("fracture", "is said of a vertebra that lost no height or is left out"));
    }
    Ok(())
}

fn kind(scan: &Value) -> ScanKind {
    let code = scan["kind"].as_str().unwrap_or_default();
    ScanKind::ALL.into_iter().find(|kind| kind.code() == code).unwrap_or(ScanKind::Unsupported)
}

/// Points must lie on the image, unless the service itself placed them beyond its edge.
fn inside(said: Option<&Value>, scan: &Value, shown: &Value) -> Result<(), Problem> {
    let size = |key: &str| scan.get(key).and_then(Value::as_f64).unwrap_or(0.0);
    let (width, height) = (size("columns"), size("rows"));
    let mut known = Vec::new();
    collect_points(shown, &mut known);
    let mut points = Vec::new();
    collect_points(said.unwrap_or(&Value::Null), &mut points);
    let fits = |point: &(f64, f64)| {
        known.contains(point) || ((0.0..=width).contains(&point.0) && (0.0..=height).contains(&point.1))
    };
    if points.iter().all(fits) { Ok(()) } else { Err(invalid("points", "lie outside the image")) }
}

/// All pairs of numbers, however deep.
fn collect_points(value: &Value, points: &mut Vec<(f64, f64)>) {
    match value {
        Value::Array(items) => {
            if let [x, y] = &items[..]
                && let (Some(x), Some(y)) = (x.as_f64(), y.as_f64())
            {
                points.push((x, y));
                return;
            }
            items.iter().for_each(|item| collect_points(item, points));
        }
        Value::Object(fields) => fields.values().for_each(|field| collect_points(field, points)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
