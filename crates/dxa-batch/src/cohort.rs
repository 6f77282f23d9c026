//! `--where`: which studies are part of the tables.
//!
//! Conditions are joined by `and`; those about a region hold for one and the same region, those about a vertebra
//! for one and the same vertebra.

use std::cmp::Ordering;
use std::fmt;

use dxa_exchange::record::{Region, Study, Vertebra};

/// Conditions that a study has to meet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cohort {
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq)]
struct Condition {
    field: Field,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Contains,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Sex,
    Age,
    Ethnicity,
    Date,
    Manufacturer,
    Model,
    Kind,
    Category,
    LowestT,
    Osteoporosis,
    Site,
    Side,
    Bmd,
    T,
    Z,
    Level,
    Grade,
}

const FIELDS: [(&str, Field); 17] = [
    ("sex", Field::Sex),
    ("age", Field::Age),
    ("ethnicity", Field::Ethnicity),
    ("date", Field::Date),
    ("manufacturer", Field::Manufacturer),
    ("model", Field::Model),
    ("kind", Field::Kind),
    ("category", Field::Category),
    ("lowest_t", Field::LowestT),
    ("osteoporosis", Field::Osteoporosis),
    ("site", Field::Site),
    ("side", Field::Side),
    ("bmd", Field::Bmd),
    ("t", Field::T),
    ("z", Field::Z),
    ("level", Field::Level),
    ("grade", Field::Grade),
];

/// Longer ones first, so that `<=` is not read as `<`.
const OPERATORS: [(&str, Operator); 7] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("!=", Operator::Unequal),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
    ("~", Operator::Contains),
];

/// Why a condition is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the condition `{condition}` {what}")]
pub struct WrongCondition {
    condition: String,
    what: String,
}

impl Cohort {
    /// Reads conditions; each text may hold several, joined by ` and `.
    ///
    /// # Errors
    /// An unknown field, no operator, or a number that is none.
    pub fn read(texts: &[String]) -> Result<Self, WrongCondition> {
        let parts = texts.iter().flat_map(|text| text.split(" and ")).map(str::trim);
        let conditions = parts.filter(|part| !part.is_empty()).map(condition).collect::<Result<_, _>>()?;
        Ok(Self { conditions })
    }

    /// Whether it asks for anything.
    #[must_use]
    pub(crate) fn asks(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// Whether a study meets every condition.
    #[must_use]
    pub fn has(&self, study: &Study) -> bool {
        let of =
            |group: Group| self.conditions.iter().filter(move |condition| condition.field.group() == group);
        let region = |region: &Region| of(Group::Region).all(|condition| condition.of_region(region));
        let vertebra =
            |vertebra: &Vertebra| of(Group::Vertebra).all(|condition| condition.of_vertebra(vertebra));
        of(Group::Study).all(|condition| condition.of_study(study))
            && (of(Group::Region).next().is_none() || study.regions.iter().any(region))
            && (of(Group::Vertebra).next().is_none() || study.vertebrae.iter().any(vertebra))
    }
}

impl fmt::Display for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, condition) in self.conditions.iter().enumerate() {
            let field =
                FIELDS.iter().find(|(_, field)| *field == condition.field).map_or("", |(name, _)| name);
            let operator =
                OPERATORS.iter().find(|(_, one)| *one == condition.operator).map_or("", |(sign, _)| sign);
            let and = if at > 0 { " and " } else { "" };
            write!(f, "{and}{field} {operator} {}", condition.values.join(","))?;
        }
        Ok(())
    }
}

fn condition(text: &str) -> Result<Condition, WrongCondition> {
    let wrong = |what: String| WrongCondition { condition: text.to_owned(), what };
    let at = text
        .find(['<', '>', '!', '=', '~'])
        .ok_or_else(|| wrong("has no operator; write one of = != ~ < <= > >=".to_owned()))?;
    let (name, rest) = text.split_at(at);
    let sign = OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign));
    let (sign, operator) =
        sign.ok_or_else(|| wrong("has no operator; write one of = != ~ < <= > >=".to_owned()))?;
    let name = name.trim().to_ascii_lowercase();
    let field =
        FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field).ok_or_else(|| {
            let known: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
            wrong(format!("asks for an unknown field; known are {}", known.join(", ")))
        })?;
    let unquoted = |value: &str| value.trim().trim_matches(['"', '\'']).to_owned();
    let values: Vec<String> =
        rest[sign.len()..].split(',').map(unquoted).filter(|value| !value.is_empty()).collect();
    if values.is_empty() {
        return Err(wrong("has no value".to_owned()));
    }
    let ordered =
        matches!(operator, Operator::Less | Operator::AtMost | Operator::Greater | Operator::AtLeast);
    if ordered && values.len() > 1 {
        return Err(wrong("compares with more than one value".to_owned()));
    }
    if field.is_number() && values.iter().any(|value| value.parse::<f64>().is_err()) {
        return Err(wrong("needs a number".to_owned()));
    }
    Ok(Condition { field, operator: *operator, values })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Study,
    Region,
    Vertebra,
}

impl Field {
    fn group(self) -> Group {
        match self {
            Self::Site | Self::Side | Self::Bmd | Self::T | Self::Z => Group::Region,
            Self::Level | Self::Grade => Group::Vertebra,
            Self::Sex
            | Self::Age
            | Self::Ethnicity
            | Self::Date
            | Self::Manufacturer
            | Self::Model
            | Self::Kind
            | Self::Category
            | Self::LowestT
            | Self::Osteoporosis => Group::Study,
        }
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Age | Self::LowestT | Self::Bmd | Self::T | Self::Z | Self::Grade)
    }
}

impl Condition {
    fn of_study(&self, study: &Study) -> bool {
        let patient = &study.patient;
        let of_scan = |text: fn(&dxa_exchange::record::Scan) -> Option<&str>| {
            study.scans.iter().any(|scan| self.text(text(scan)))
        };
        match self.field {
            Field::Sex => self.text(patient.sex.as_deref()),
            Field::Age => self.number(patient.age_years),
            Field::Ethnicity => self.text(patient.ethnicity.as_deref()),
            Field::Date => self.text(study.study.date.as_deref()),
            Field::Manufacturer => of_scan(|scan| scan.manufacturer.as_deref()),
            Field::Model => of_scan(|scan| scan.model.as_deref()),
            Field::Kind => of_scan(|scan| Some(&scan.kind)),
            Field::Category => self.text(study.assessment.who_category.as_deref()),
            Field::LowestT => self.number(study.assessment.lowest.as_ref().map(|lowest| lowest.t)),
            Field::Osteoporosis => {
                let known = study.assessment.diagnosis.osteoporosis.map(|known| known.to_string());
                self.text(known.as_deref())
            }
            Field::Site | Field::Side | Field::Bmd | Field::T | Field::Z | Field::Level | Field::Grade => {
                false
            }
        }
    }

    fn of_region(&self, region: &Region) -> bool {
        let score = |kind: &str, device: Option<f64>| {
            let own = region.scores.iter().find(|score| score.kind == kind && !score.named);
            self.number(own.map(|score| score.value).or(device))
        };
        match self.field {
            Field::Site => self.text(Some(&region.site)),
            Field::Side => self.text(region.laterality.as_deref()),
            Field::Bmd => self.number(region.bmd_g_cm2),
            Field::T => score("T", region.device.t),
            Field::Z => score("Z", region.device.z),
            _ => false,
        }
    }

    fn of_vertebra(&self, vertebra: &Vertebra) -> bool {
        match self.field {
            Field::Level => self.text(Some(&vertebra.level)),
            Field::Grade => self.number(vertebra.grade.map(f64::from)),
            _ => false,
        }
    }

    /// What is unknown meets no condition.
    fn text(&self, value: Option<&str>) -> bool {
        let Some(value) = value else { return false };
        // Names of sites hold commas too: `L1,L3` is one.
        let whole = value.eq_ignore_ascii_case(&self.values.join(","));
        let equal = |wanted: &String| whole || value.eq_ignore_ascii_case(wanted);
        let inside = |wanted: &String| value.to_lowercase().contains(&wanted.to_lowercase());
        match self.operator {
            Operator::Equal => self.values.iter().any(equal),
            Operator::Unequal => !self.values.iter().any(equal),
            Operator::Contains => self.values.iter().any(inside),
            _ => self.values.iter().all(|wanted| self.stands(value.cmp(wanted.as_str()))),
        }
    }

    fn number(&self, value: Option<f64>) -> bool {
        let Some(value) = value else { return false };
        let orders = self.values.iter().filter_map(|wanted| value.partial_cmp(&wanted.parse().ok()?));
        let mut orders = orders.collect::<Vec<_>>().into_iter();
        match self.operator {
            Operator::Equal | Operator::Contains => orders.any(Ordering::is_eq),
            Operator::Unequal => orders.all(Ordering::is_ne),
            _ => orders.all(|order| self.stands(order)),
        }
    }

    fn stands(&self, order: Ordering) -> bool {
        match self.operator {
            Operator::Less => order.is_lt(),
            Operator::AtMost => order.is_le(),
            Operator::Greater => order.is_gt(),
            Operator::AtLeast => order.is_ge(),
            Operator::Equal | Operator::Unequal | Operator::Contains => order.is_eq(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study() -> Study {
        serde_json::from_str(
            r#"{"study":{"date":"2024-05-17"},"patient":{"sex":"F","age_years":63.28},
                "scans":[{"kind":"hip","tier":"reported","sop_instance_uids":[],"manufacturer":"HOLOGIC"}],
                "regions":[
                  {"scan":0,"site":"total_hip","provenance":"computed","scores":[
                    {"kind":"T","value":-1.0,"reference":{"id":"","version":"","population":"","status":""}}]},
                  {"scan":0,"site":"femoral_neck","provenance":"computed","device":{"t":-2.6}}],
                "assessment":{"lowest":{"site":"femoral_neck","t":-2.6,"reference":""}},
                "provenance":{"software":"","protocol_sha256":""}}"#,
        )
        .unwrap()
    }

    fn has(text: &str) -> bool {
        Cohort::read(&[text.to_owned()]).unwrap().has(&study())
    }

    #[test]
    fn conditions_hold_or_not() {
        for holds in [
            "sex = f and age >= 60",
            "date >= 2024-01-01 and date < 2025",
            "manufacturer ~ holo",
            "site = total_hip,L1-L4 and t >= -1",
            "site=femoral_neck and t<=-2.5",
            "lowest_t <= -2.5",
            "site != L1-L4",
            "",
        ] {
            assert!(has(holds), "{holds}");
        }
        for not in [
            "sex = M",
            "age < 63.28",
            // The T of one region and the name of another.
            "site = total_hip and t <= -2.5",
            "grade >= 1",
            "category = osteoporosis",
            "model ~ Horizon",
        ] {
            assert!(!has(not), "{not}");
        }
    }

    #[test]
    fn what_is_no_condition_is_told() {
        for (text, says) in [
            ("sex", "no operator"),
            ("name = x", "unknown field"),
            ("age > old", "number"),
            ("t <", "no value"),
            ("t < 1,2", "more than one"),
        ] {
            let error = Cohort::read(&[text.to_owned()]).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let read = Cohort::read(&["sex=F and age>=50".to_owned(), "t <= -2.5".to_owned()]).unwrap();
        assert_eq!(read.to_string(), "sex = F and age >= 50 and t <= -2.5");
    }
}
