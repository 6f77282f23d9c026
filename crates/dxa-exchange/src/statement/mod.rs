//! What a study says, one statement at a time: the form that every language of the outside world is written from
//! and read back into, so that none of them can lose a value that another has.

mod judged;
mod measured;
mod quantity;
mod refused;
mod subject;

pub use quantity::Quantity;
pub(crate) use refused::Refused;
pub use subject::{About, Subject};

use crate::record::{Reference, Study};

/// All that is said about one region, vertebra, check, doubt.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What it is about.
    pub about: About,
    /// What is said.
    pub statements: Vec<Statement>,
    /// Where it is on the image, `[column, row]`.
    pub outline: Outline,
}

impl Group {
    /// Whether a statement is the one of its kind that decides, and so the one that a record finds under the code of a
    /// standard: of scores that against the table of the profile, and the device's where there is none.
    #[must_use]
    pub fn leads(&self, said: &Statement) -> bool {
        let is_number = |other: &Statement| matches!(other.answer, Answer::Number { .. });
        let deciding = |quantity| {
            let named = |other: &Statement| other.against.as_ref().is_some_and(|against| against.named);
            let mut own = self.statements.iter().filter(|other| other.quantity == quantity && !named(other));
            own.find(|other| is_number(other))
        };
        // A score that was refused stands for what is missing where the device gives none either.
        let leads = |own, device| match deciding(own) {
            Some(first) => std::ptr::eq(first, said),
            None => !is_number(said) && deciding(device).is_none(),
        };
        match said.quantity {
            Quantity::T => leads(Quantity::T, Quantity::DeviceT),
            Quantity::Z => leads(Quantity::Z, Quantity::DeviceZ),
            Quantity::DeviceT => deciding(Quantity::T).is_none(),
            Quantity::DeviceZ => deciding(Quantity::Z).is_none(),
            _ => true,
        }
    }
}

/// Where something is on the image of its scan.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Outline {
    /// Nowhere in particular.
    #[default]
    None,
    /// Corners of a region; the last is joined to the first.
    Polygon(Vec<[f64; 2]>),
    /// The six points of a vertebral body, in the order ps, ms, as, ai, mi, pi.
    SixPoints([[f64; 2]; 6]),
}

impl Outline {
    /// The points as `column,row` with blanks between; `None` for nowhere.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        let points: &[[f64; 2]] = match self {
            Self::None => return None,
            Self::Polygon(points) => points,
            Self::SixPoints(points) => points,
        };
        let text: Vec<String> = points.iter().map(|[x, y]| format!("{x},{y}")).collect();
        Some(text.join(" "))
    }

    /// Reads what [`Outline::to_text`] wrote of something.
    #[must_use]
    pub fn from_text(text: &str, of: &Subject) -> Self {
        let point = |pair: &str| {
            let (x, y) = pair.split_once(',')?;
            Some([x.parse().ok()?, y.parse().ok()?])
        };
        let points: Vec<[f64; 2]> = text.split(' ').filter_map(point).collect();
        match (of, <[[f64; 2]; 6]>::try_from(points)) {
            (Subject::Vertebra(_), Ok(six)) => Self::SixPoints(six),
            (_, Ok(six)) => Self::Polygon(six.to_vec()),
            (_, Err(points)) => Self::Polygon(points),
        }
    }
}

/// One quantity with its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What.
    pub quantity: Quantity,
    /// How much, or which.
    pub answer: Answer,
    /// Compared with whom; scores only.
    pub against: Option<Against>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A number in a UCUM unit.
    Number {
        /// As the result has it.
        value: f64,
        /// UCUM.
        unit: String,
    },
    /// A word of the contract.
    Word(String),
    /// Free text.
    Text(String),
    /// A number that there is not, and why.
    Missing(Why),
}

/// Why a number is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing said that it could be had, so it was not tried.
    NotAttempted,
    /// It was tried and could not be had.
    Failed,
    /// Nobody says.
    Unknown,
}

/// What a score is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Against {
    /// The reference population; of a device's score only its printed name, as `id`.
    pub reference: Reference,
    /// The table was asked for by name and decides nothing.
    pub named: bool,
    /// Of body composition: which quantity was scored.
    pub quantity: Option<String>,
}

/// All that a study says, in the order of its JSON.
#[must_use]
pub fn of(study: &Study) -> Vec<Group> {
    let mut groups = measured::groups(study);
    groups.extend(judged::groups(study));
    groups.retain(|group| !group.statements.is_empty());
    number_repeated(&mut groups);
    groups
}

/// Several rows about one thing are told apart by their order.
fn number_repeated(groups: &mut [Group]) {
    for index in 1..groups.len() {
        let (earlier, rest) = groups.split_at_mut(index);
        let Some(group) = rest.first_mut() else { continue };
        let same = |other: &&Group| {
            other.about.scan == group.about.scan && other.about.subject == group.about.subject
        };
        group.about.nth = earlier.iter().filter(same).count();
    }
}

/// Collects the statements of a group, leaving out what there is not.
#[derive(Default)]
struct Said(Vec<Statement>);

impl Said {
    fn number(&mut self, quantity: Quantity, value: Option<f64>, unit: &str) {
        if let Some(value) = value {
            self.put(quantity, Answer::Number { value, unit: unit.to_owned() });
        }
    }

    fn word(&mut self, quantity: Quantity, word: Option<&str>) {
        if let Some(word) = word {
            self.put(quantity, Answer::Word(word.to_owned()));
        }
    }

    fn flag(&mut self, quantity: Quantity, flag: Option<bool>) {
        self.word(quantity, flag.map(|flag| if flag { "true" } else { "false" }));
    }

    fn text(&mut self, quantity: Quantity, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.put(quantity, Answer::Text(text.to_owned()));
        }
    }

    fn missing(&mut self, quantity: Quantity, why: Why) {
        self.put(quantity, Answer::Missing(why));
        if let Some(last) = self.0.last_mut().filter(|_| quantity.names_its_reference()) {
            last.against = Some(Against::default());
        }
    }

    fn number_or(&mut self, quantity: Quantity, value: Option<f64>, unit: &str, why: Why) {
        match value {
            Some(_) => self.number(quantity, value, unit),
            None => self.missing(quantity, why),
        }
    }

    fn word_or(&mut self, quantity: Quantity, word: Option<&str>, why: Why) {
        match word {
            Some(_) => self.word(quantity, word),
            None => self.missing(quantity, why),
        }
    }

    fn put(&mut self, quantity: Quantity, answer: Answer) {
        self.0.push(Statement { quantity, answer, against: None });
    }

    fn scored(&mut self, quantity: Quantity, value: Option<f64>, unit: &str, against: &Against) {
        self.number(quantity, value, unit);
        if let (Some(_), Some(last)) = (value, self.0.last_mut()) {
            last.against = Some(against.clone());
        }
    }

    fn group(self, scan: Option<usize>, subject: Subject) -> Group {
        Group { about: About { scan, subject, nth: 0 }, statements: self.0, outline: Outline::None }
    }
}
