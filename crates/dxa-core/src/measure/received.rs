//! Values of other methods among the items of a device, for the rules that pass them on: TBS, QCT, ultrasound.

use crate::context::{Context, Tbs};
use crate::reported::DeviceItem;

/// Fills in what the context does not say and the device's items do. What a person wrote in the context
/// stays; two items that differ, and values of a single vertebra, leave it unknown.
///
/// ```
/// use dxa_core::{context::Context, measure::received, reported::{DeviceItem, ItemStatus}};
/// let item = DeviceItem {
///     key: "TBS L1-L4".to_owned(),
///     code: None,
///     value: "1.284".to_owned(),
///     unit: Some("1".to_owned()),
///     status: ItemStatus::PassedThrough,
/// };
/// let mut context = Context::default();
/// received::complete(&mut context, [&item]);
/// assert_eq!(context.tbs.value, Some(1.284));
/// ```
pub fn complete<'i>(context: &mut Context, items: impl IntoIterator<Item = &'i DeviceItem>) {
    let named: Vec<Named<'_>> = items.into_iter().map(Named::of).collect();
    if context.tbs == Tbs::default() {
        context.tbs =
            Tbs { value: only(named.iter().filter_map(Named::tbs)), category: tbs_category(&named) };
    }
    context.qct_spine_mg_cm3 =
        context.qct_spine_mg_cm3.or_else(|| only(named.iter().filter_map(Named::qct_spine)));
    context.ultrasound_t =
        context.ultrasound_t.or_else(|| only(named.iter().filter_map(Named::ultrasound_t)));
}

/// The value, where there is one and no other.
fn only<T: PartialEq>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values = values;
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

fn tbs_category(named: &[Named<'_>]) -> Option<String> {
    let texts = named.iter().filter(|item| item.is_tbs() && item.number().is_none());
    only(texts.map(|item| item.item.value.trim()).filter(|text| !text.is_empty())).map(str::to_owned)
}

const TBS_WORDS: [&str; 4] = [" tbs ", " trabecular bone score ", "骨小梁评分", "骨小梁分数"];
const SCORE_WORDS: [&str; 6] = [" t score ", " tscore ", "t值", " z score ", " zscore ", "z值"];
const T_WORDS: [&str; 3] = [" t score ", " tscore ", "t值"];
const ULTRASOUND_WORDS: [&str; 5] = [" ultrasound ", " qus ", " stiffness ", "超声", " ultrasonometry "];
const SPINE_WORDS: [&str; 5] = [" spine ", " lumbar ", " vertebrae ", "腰椎", "脊柱"];
const VOLUMETRIC_UNITS: [&str; 4] = ["mg/cm3", "mg/cm³", "mg/cc", "mg/ml"];

/// Values that these quantities can have; anything else is no such value.
const TBS_RANGE: std::ops::RangeInclusive<f64> = 0.3..=3.0;
const QCT_RANGE: std::ops::RangeInclusive<f64> = -100.0..=500.0;
const T_RANGE: std::ops::RangeInclusive<f64> = -10.0..=10.0;

/// An item with its name in plain words.
struct Named<'i> {
    item: &'i DeviceItem,
    /// Lower case, one blank around each word.
    name: String,
}

impl<'i> Named<'i> {
    fn of(item: &'i DeviceItem) -> Self {
        let plain: String =
            item.key.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        let words: Vec<&str> = plain.split_whitespace().collect();
        Self { item, name: format!(" {} ", words.join(" ")) }
    }

    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.name.contains(word))
    }

    fn is_tbs(&self) -> bool {
        self.says(&TBS_WORDS) && !self.says(&SCORE_WORDS)
    }

    fn tbs(&self) -> Option<f64> {
        let unit = self.item.unit.as_deref().map_or("", str::trim);
        let bare = unit.is_empty() || unit == "1" || unit.starts_with('{');
        (bare && self.is_tbs() && self.levels() != 1).then(|| self.number_in(TBS_RANGE)).flatten()
    }

    /// Trabecular density of the spine: volumetric by its unit, of the spine by its name.
    fn qct_spine(&self) -> Option<f64> {
        let unit = self.item.unit.as_deref().unwrap_or_default().to_lowercase();
        let volumetric = VOLUMETRIC_UNITS.contains(&unit.trim());
        let spine = (self.says(&SPINE_WORDS) || self.levels() > 1) && self.levels() != 1;
        let other = self.says(&[" cortical ", " pqct "]) || self.says(&SCORE_WORDS);
        (volumetric && spine && !other).then(|| self.number_in(QCT_RANGE)).flatten()
    }

    fn ultrasound_t(&self) -> Option<f64> {
        (self.says(&ULTRASOUND_WORDS) && self.says(&T_WORDS)).then(|| self.number_in(T_RANGE)).flatten()
    }

    /// How many vertebrae the name names: `L1-L4` names two.
    fn levels(&self) -> usize {
        let is_level = |word: &&str| matches!(word.as_bytes(), [b'l' | b't', b'1'..=b'9', rest @ ..] if rest.len() <= 1 && rest.iter().all(u8::is_ascii_digit));
        self.name.split_whitespace().filter(is_level).count()
    }

    fn number_in(&self, range: std::ops::RangeInclusive<f64>) -> Option<f64> {
        self.number().filter(|number| range.contains(number))
    }

    /// The value as a number, with a decimal point or comma.
    fn number(&self) -> Option<f64> {
        let text = self.item.value.trim();
        let point = if text.contains('.') { text.to_owned() } else { text.replacen(',', ".", 1) };
        point.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reported::ItemStatus;

    fn item(key: &str, value: &str, unit: &str) -> DeviceItem {
        let unit = Some(unit.to_owned()).filter(|unit| !unit.is_empty());
        let status = ItemStatus::PassedThrough;
        DeviceItem { key: key.to_owned(), code: None, value: value.to_owned(), unit, status }
    }

    fn completed(items: &[DeviceItem]) -> Context {
        let mut context = Context::default();
        complete(&mut context, items);
        context
    }

    #[test]
    fn values_of_other_methods_are_found_in_the_names_devices_give_them() {
        for (key, value) in
            [("TBS L1-L4", "1.284"), ("L1-L4 TBS", "1,284"), ("Trabecular Bone Score", "1.284")]
        {
            assert_eq!(completed(&[item(key, value, "1")]).tbs.value, Some(1.284), "{key}");
        }
        for (key, unit) in
            [("QCT lumbar spine", "mg/cm3"), ("Trabecular BMD L1-L2", "mg/cc"), ("腰椎QCT骨密度", "mg/cm³")]
        {
            assert_eq!(completed(&[item(key, "96.5", unit)]).qct_spine_mg_cm3, Some(96.5), "{key}");
        }
        for key in ["Ultrasound heel T-score", "QUS T-Score", "超声骨密度T值"] {
            assert_eq!(completed(&[item(key, "-2.7", "")]).ultrasound_t, Some(-2.7), "{key}");
        }
    }

    #[test]
    fn the_category_of_a_bone_score_comes_with_it() {
        let items = [item("TBS L1-L4", "1.21", "1"), item("TBS category", "partially degraded", "")];
        let tbs = completed(&items).tbs;
        assert_eq!((tbs.value, tbs.category.as_deref()), (Some(1.21), Some("partially degraded")));
    }

    #[test]
    fn what_is_something_else_or_not_sure_is_not_taken() {
        for unclear in [
            vec![item("TBS L1", "1.3", "1")],
            vec![item("TBS T-score", "-1.3", "1")],
            vec![item("TBS L1-L4", "1.3", "1"), item("TBS L1-L4", "1.2", "1")],
            vec![item("TBS L1-L4", "128", "")],
            vec![item("Trabecular BMD L1", "120", "mg/cm3")],
            vec![item("QCT hip", "120", "mg/cm3")],
            vec![item("pQCT radius spine protocol", "120", "mg/cm3")],
            vec![item("QCT lumbar spine T-score", "-3.2", "mg/cm3")],
            vec![item("QCT lumbar spine", "0.12", "g/cm3")],
            vec![item("BUA", "75", "dB/MHz"), item("Ultrasound Z-score", "0.2", "")],
            vec![item("L1 T-score", "-2.7", "")],
        ] {
            assert_eq!(completed(&unclear), Context::default(), "{unclear:?}");
        }
    }

    #[test]
    fn what_a_person_wrote_stays() {
        let mut context =
            Context { qct_spine_mg_cm3: Some(70.0), ultrasound_t: Some(-1.0), ..Context::default() };
        complete(&mut context, &[item("QCT spine", "130", "mg/cm3"), item("QUS T-score", "-2.7", "")]);
        assert_eq!((context.qct_spine_mg_cm3, context.ultrasound_t), (Some(70.0), Some(-1.0)));
    }
}
