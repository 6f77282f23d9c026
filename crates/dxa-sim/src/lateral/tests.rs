//! The same seed gives the same bytes; points lie where they should; both directions are mirror images.

use std::collections::BTreeMap;

use serde_json::Value;

fn simulated(seed: u64, settings: &[(&str, &str)]) -> (Vec<u8>, Value) {
    let settings: BTreeMap<String, String> =
        settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let files = crate::simulate("lateral-spine", seed, &settings).unwrap();
    let truth: Value = serde_json::from_slice(&files[1].bytes).unwrap();
    (files[0].bytes.clone(), truth["files"][0]["scene"].clone())
}

const SMALL: [(&str, &str); 3] = [("spacing", "0.8"), ("object", "dx"), ("polarity", "bright")];

#[test]
fn a_seed_gives_the_same_bytes_again() {
    assert_eq!(simulated(3, &SMALL), simulated(3, &SMALL));
    assert_ne!(simulated(3, &SMALL).0, simulated(4, &SMALL).0);
}

#[test]
fn a_deformity_has_the_loss_that_was_asked_for() {
    for (form, key) in [("wedge", "anterior"), ("biconcave", "middle")] {
        let asked = format!("T9:{form}:33");
        let settings =
            [SMALL.as_slice(), &[("fracture", &asked), ("fractured", "0"), ("first", "T4")]].concat();
        let (_, scene) = simulated(11, &settings);
        let t9 = scene["vertebrae"].as_array().unwrap().iter().find(|one| one["level"] == "T9").unwrap();
        let loss = t9["loss"][key].as_f64().unwrap();
        assert!((loss - 0.33).abs() < 0.012, "{form} {t9}");
        assert_eq!((&t9["grade"], &t9["shape"]), (&Value::from(2), &Value::from(form)));
    }
}

#[test]
fn facing_left_mirrors_the_points() {
    let side = |side| simulated(5, &[SMALL.as_slice(), &[("facing", side)]].concat()).1;
    let (right, left) = (side("right"), side("left"));
    let columns = right["columns"].as_f64().unwrap();
    for (a, b) in right["vertebrae"].as_array().unwrap().iter().zip(left["vertebrae"].as_array().unwrap()) {
        let x = |one: &Value| one["points_px"]["as"][0].as_f64().unwrap();
        assert!((x(a) + x(b) - columns).abs() < 1e-9);
        assert_eq!(a["points_px"]["as"][1], b["points_px"]["as"][1]);
    }
}
