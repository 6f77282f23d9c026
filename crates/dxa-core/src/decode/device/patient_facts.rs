//! What a device's text says about the person, to be held against the header of its object.

use std::fmt;

use jiff::civil::{Date, date};

use super::numbers::{Cell, read_cell};
use crate::patient::{Patient, Sex};

/// Person and scan as the device's text names them. `Debug` shows no identifier.
#[derive(Clone, Default, PartialEq)]
pub struct PatientFacts {
    /// Name as written.
    pub name: Option<String>,
    /// Identifier as written.
    pub id: Option<String>,
    /// Sex, where the text says female or male.
    pub sex: Option<Sex>,
    /// Every date that the text of the birth date can mean; `03.02.1961` has one, `03/02/1961` two.
    pub birth_dates: Vec<Date>,
    /// Age in years as printed.
    pub age_years: Option<f64>,
    /// Height in centimeters.
    pub height_cm: Option<f64>,
    /// Weight in kilograms.
    pub weight_kg: Option<f64>,
    /// Ethnicity as written.
    pub ethnicity: Option<String>,
    /// Date and number of the scan as written.
    pub scan: Option<String>,
    /// Rectangle of the scan picture inside of the report page: x, y, width, height in pixels.
    pub image_px: [Option<u32>; 4],
}

impl fmt::Debug for PatientFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PatientFacts").field("sex", &self.sex).finish_non_exhaustive()
    }
}

/// A fact of the device's text that contradicts the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// Another sex.
    Sex,
    /// Another birth date.
    BirthDate,
    /// Another identifier.
    Id,
    /// A name without a word in common.
    Name,
}

impl PatientFacts {
    /// Which facts contradict the header; facts that either side lacks contradict nothing.
    #[must_use]
    pub fn contradictions(&self, header: &Patient) -> Vec<Contradiction> {
        let sex = matches!((self.sex, header.sex), (Some(a), Some(b)) if a != b);
        let birth = header
            .birth_date
            .is_some_and(|born| !self.birth_dates.is_empty() && !self.birth_dates.contains(&born));
        let id = differ(self.id.as_deref(), header.id.as_deref(), |a, b| a.join("") != b.join(""));
        let name = self.name_differs(header.name_raw.as_deref().or(header.name.as_deref()).unwrap_or(""));
        [
            (sex, Contradiction::Sex),
            (birth, Contradiction::BirthDate),
            (id, Contradiction::Id),
            (name, Contradiction::Name),
        ]
        .into_iter()
        .filter_map(|(differs, what)| differs.then_some(what))
        .collect()
    }

    /// Whether no word of the name is one of the header's; `王小东` is `王^小东` without its separator.
    fn name_differs(&self, header: &str) -> bool {
        differ(self.name.as_deref(), Some(header), |a, b| {
            let joined = a.concat();
            !a.iter().any(|word| b.contains(word))
                && !header.split('=').any(|group| words(group).concat() == joined)
        })
    }

    /// Takes a key of the text that is about the person or the scan; false when it is none.
    pub(super) fn take(&mut self, key: &str, value: &str) -> bool {
        let text = || Some(value.to_owned()).filter(|value| !value.is_empty());
        let key: String = key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        match key.as_str() {
            "patientname" | "name" => self.name = text(),
            "patientid" | "patientidentifier" | "id" => self.id = text(),
            "patientsex" | "sex" | "gender" => self.sex = sex(value),
            "dob" | "birthdate" | "patientdob" | "dateofbirth" | "patientbirthdate" => {
                self.birth_dates = dates(value)
            }
            "age" | "patientage" => self.age_years = leading_number(value),
            "height" | "patientheight" => {
                self.height_cm = in_unit(value, &[("cm", 1.0), ("in", 2.54), ("m", 100.0)])
            }
            // One pound is 0.45359237 kg by definition.
            "weight" | "patientweight" => {
                self.weight_kg = in_unit(value, &[("kg", 1.0), ("lb", 0.453_592_37)])
            }
            "ethnicity" | "race" | "ethnicgroup" | "patientethnicity" => self.ethnicity = text(),
            "scan" => self.scan = text(),
            "imagexpos" => self.image_px[0] = value.trim().parse().ok(),
            "imageypos" => self.image_px[1] = value.trim().parse().ok(),
            "imagexsize" => self.image_px[2] = value.trim().parse().ok(),
            "imageysize" => self.image_px[3] = value.trim().parse().ok(),
            _ => return false,
        }
        true
    }
}

/// Whether two identifying texts differ, compared as lower-case words.
fn differ(a: Option<&str>, b: Option<&str>, rule: impl Fn(&[String], &[String]) -> bool) -> bool {
    let (a, b) = (words(a.unwrap_or("")), words(b.unwrap_or("")));
    !a.is_empty() && !b.is_empty() && rule(&a, &b)
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Female or male, in the languages of reports; other words may follow, such as an ethnic group.
fn sex(text: &str) -> Option<Sex> {
    let first = words(text).into_iter().next()?;
    match first.as_str() {
        "f" | "female" | "w" | "woman" | "weiblich" | "frau" | "女" | "女性" | "ж" | "жен" | "женский" => {
            Some(Sex::Female)
        }
        "m" | "male" | "man" | "männlich" | "mann" | "男" | "男性" | "м" | "муж" | "мужской" => {
            Some(Sex::Male)
        }
        _ => None,
    }
}

fn leading_number(text: &str) -> Option<f64> {
    let end = text
        .trim_start()
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
        .unwrap_or(text.trim_start().len());
    match read_cell(&text.trim_start()[..end], None) {
        Cell::Number(printed) => Some(printed.value),
        _ => None,
    }
}

/// A number with its unit; the first unit of the list holds where none is written.
fn in_unit(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let number = leading_number(text)?;
    let written: String = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let found = units.iter().find(|(unit, _)| written.starts_with(unit));
    let factor = if written.is_empty() { units.first() } else { found };
    factor.map(|(_, factor)| number * factor)
}

/// Every civil date that a text can mean that begins with three numbers, or two and a month's name.
fn dates(text: &str) -> Vec<Date> {
    let parts: Vec<String> = words(&text.replace(['年', '月', '日'], " "));
    let digits = |part: &str| part.parse::<i16>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()));
    let mut found = Vec::new();
    if let Some(all) = parts.first().filter(|part| part.len() == 8 && part.is_ascii()) {
        found.extend(civil(digits(&all[0..4]), digits(&all[4..6]), digits(&all[6..8])));
    }
    // Age or hour may stand behind the date.
    let [first, second, third, ..] = parts.as_slice() else { return found };
    let date = [first, second, third];
    if let Some(month) = date.iter().find_map(|part| month_number(part)) {
        let numbers: Vec<i16> = date.iter().filter_map(|part| digits(part)).collect();
        if let [day, year] = numbers.as_slice() {
            let (year, day) = if *day > 31 { (*day, *year) } else { (*year, *day) };
            found.extend(civil(Some(year), Some(month), Some(day)));
        }
    } else if first.len() == 4 {
        found.extend(civil(digits(first), digits(second), digits(third)));
    } else {
        found.extend(civil(digits(third), digits(second), digits(first)));
        // With dots the day comes first; with strokes it may be either way.
        if !text.contains('.') {
            found.extend(civil(digits(third), digits(first), digits(second)));
        }
    }
    found.dedup();
    found
}

fn civil(year: Option<i16>, month: Option<i16>, day: Option<i16>) -> Option<Date> {
    let year = year.filter(|year| (1800..2200).contains(year))?;
    let (month, day) = (i8::try_from(month?).ok()?, i8::try_from(day?).ok()?);
    Date::new(year, month, day).ok().filter(|born| *born > date(1800, 1, 1))
}

fn month_number(word: &str) -> Option<i16> {
    const MONTHS: [&str; 16] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mär", "mai",
        "okt", "dez",
    ];
    const GERMAN: [i16; 4] = [3, 5, 10, 12];
    let at = MONTHS.iter().position(|month| word.starts_with(month))?;
    at.checked_sub(12).map_or(i16::try_from(at + 1).ok(), |german| GERMAN.get(german).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birth_dates_keep_every_meaning() {
        for (text, wanted) in [
            ("03.02.1961", vec![date(1961, 2, 3)]),
            ("03/02/1961", vec![date(1961, 2, 3), date(1961, 3, 2)]),
            ("25/02/1961", vec![date(1961, 2, 25)]),
            ("1961-02-03", vec![date(1961, 2, 3)]),
            ("19610203", vec![date(1961, 2, 3)]),
            ("03 February 1961", vec![date(1961, 2, 3)]),
            ("February 3, 1961", vec![date(1961, 2, 3)]),
            ("1961-Feb-03", vec![date(1961, 2, 3)]),
            ("3. März 1961", vec![date(1961, 3, 3)]),
            ("1961年2月3日", vec![date(1961, 2, 3)]),
            ("03.02.1961 (63.2 years)", vec![date(1961, 2, 3)]),
            ("1961-02-03 00:00:00", vec![date(1961, 2, 3)]),
            ("03.02.61", vec![]),
            ("31.02.1961", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(dates(text), wanted, "{text}");
        }
    }

    #[test]
    fn another_person_contradicts_the_header() {
        let mut facts = PatientFacts::default();
        for (key, value) in [
            ("PatientName", "Doe, Jane"),
            ("PatientSex", "Female"),
            ("DOB", "03.02.1961"),
            ("Height", "158.0 cm"),
            ("Weight", "120 lb"),
        ] {
            assert!(facts.take(key, value), "{key}");
        }
        assert!(!facts.take("Operator", "x"));
        assert_eq!(facts.height_cm, Some(158.0));
        assert!((facts.weight_kg.unwrap() - 54.431).abs() < 1e-3);
        let header = |name: &str, sex, born| Patient {
            name_raw: Some(name.to_owned()),
            sex: Some(sex),
            birth_date: Some(born),
            ..Patient::default()
        };
        assert!(facts.contradictions(&header("DOE^JANE", Sex::Female, date(1961, 2, 3))).is_empty());
        assert_eq!(
            facts.contradictions(&header("Roe^Richard", Sex::Male, date(1950, 1, 1))),
            [Contradiction::Sex, Contradiction::BirthDate, Contradiction::Name]
        );
        assert!(facts.contradictions(&Patient::default()).is_empty());
    }
}
