//! Fictional people, the study each of them came for, and the modules both bring into every object.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::charset::Charset;
use crate::dicom_writer::DataSet;
use crate::settings::Settings;
use crate::uid::uid;

/// The day of every simulated study that was not asked to be on another.
pub(crate) const STUDY_DATE: &str = "20240517";
/// Retired from the standard, written by every real export.
const ETHNIC_GROUP: Tag = Tag(0x0010, 0x2160);
const STUDY_YEAR: u16 = 2024;
/// Month and day of every birth; before the study's, so that age is the difference of the years.
const BIRTHDAY: &str = "0203";

/// Sex as DICOM has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sex {
    /// F.
    Female,
    /// M.
    Male,
}

impl Sex {
    /// `F` or `M`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Female => "F",
            Self::Male => "M",
        }
    }
}

/// A person who does not exist.
#[derive(Clone, Debug)]
pub(crate) struct Patient {
    /// Patient's Name in DICOM form.
    pub(crate) name: String,
    /// Patient ID, `SIM-0007`.
    pub(crate) id: String,
    /// Sex.
    pub(crate) sex: Sex,
    /// Completed years on the day of the study.
    pub(crate) age: u16,
    /// Ethnic Group as a clinic types it.
    pub(crate) ethnic_group: String,
    /// Height, cm.
    pub(crate) height_cm: u16,
    /// Weight, kg.
    pub(crate) weight_kg: u16,
}

impl Patient {
    /// A woman of 63 with this number and name.
    pub(crate) fn woman(number: u16, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: format!("SIM-{number:04}"),
            sex: Sex::Female,
            age: 63,
            ethnic_group: "White".to_owned(),
            height_cm: 162,
            weight_kg: 64,
        }
    }

    /// A man of 58 with this number and name.
    pub(crate) fn man(number: u16, name: &str) -> Self {
        Self { sex: Sex::Male, age: 58, height_cm: 176, weight_kg: 81, ..Self::woman(number, name) }
    }

    /// The same person at another age.
    pub(crate) fn aged(self, age: u16) -> Self {
        Self { age, ..self }
    }

    /// The same person with another ethnic group.
    pub(crate) fn of(self, ethnic_group: &str) -> Self {
        Self { ethnic_group: ethnic_group.to_owned(), ..self }
    }

    /// The same person with what the caller overrides.
    pub(crate) fn with(mut self, settings: &Settings) -> Self {
        self.sex = settings.sex.unwrap_or(self.sex);
        self.age = settings.age.unwrap_or(self.age);
        if let Some(name) = &settings.name {
            self.name.clone_from(name);
        }
        self
    }

    /// Birth date, `YYYYMMDD`.
    pub(crate) fn birth_date(&self) -> String {
        format!("{:04}{BIRTHDAY}", STUDY_YEAR.saturating_sub(self.age))
    }

    /// Birth date as a European clinic writes it, `dd.mm.yyyy`.
    pub(crate) fn birth_date_dotted(&self) -> String {
        format!("03.02.{:04}", STUDY_YEAR.saturating_sub(self.age))
    }
}

/// One visit: a patient, a character set, and UIDs of its own.
#[derive(Clone, Debug)]
pub(crate) struct Study {
    /// Who came.
    pub(crate) patient: Patient,
    /// How text is written in its objects.
    pub(crate) charset: Charset,
    kind: String,
    seed: u64,
    date: String,
}

impl Study {
    /// The visit of this patient; the patient's id keeps its UIDs apart from those of other visits.
    pub(crate) fn new(kind: &str, seed: u64, patient: Patient) -> Self {
        let date = STUDY_DATE.to_owned();
        Self { patient, charset: Charset::Latin1, kind: kind.to_owned(), seed, date }
    }

    /// The same visit written in another character set.
    pub(crate) fn in_charset(self, charset: Charset) -> Self {
        Self { charset, ..self }
    }

    /// The same visit on another day, `YYYYMMDD`.
    pub(crate) fn on(self, date: &str) -> Self {
        Self { date: date.to_owned(), ..self }
    }

    /// The day of this visit, `YYYYMMDD`.
    pub(crate) fn date(&self) -> &str {
        &self.date
    }

    /// Completed years of the patient on that day.
    fn age(&self) -> u16 {
        let born = STUDY_YEAR.saturating_sub(self.patient.age);
        let year: u16 = self.date.get(..4).and_then(|year| year.parse().ok()).unwrap_or(STUDY_YEAR);
        let is_before_birthday = self.date.get(4..).is_some_and(|day| day < BIRTHDAY);
        year.saturating_sub(born).saturating_sub(u16::from(is_before_birthday))
    }

    /// A UID of this visit.
    pub(crate) fn uid(&self, label: &str) -> String {
        uid(&self.kind, self.seed, &format!("{} {label}", self.patient.id))
    }

    /// The seed of everything drawn for this visit.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Patient, study and series modules and the SOP identifiers of one object.
    ///
    /// `instance` names the object within the visit and `series` the series it belongs to.
    pub(crate) fn object(&self, sop_class: &str, modality: &str, series: &Series, instance: u32) -> DataSet {
        let person = &self.patient;
        DataSet::object(self.charset)
            .text(tags::SOP_CLASS_UID, sop_class)
            .text(tags::SOP_INSTANCE_UID, &self.uid(&format!("{} {instance}", series.label)))
            .text(tags::STUDY_DATE, &self.date)
            .text(tags::STUDY_TIME, "101500")
            .text(tags::ACCESSION_NUMBER, "")
            .text(tags::MODALITY, modality)
            .text(tags::REFERRING_PHYSICIAN_NAME, "")
            .text(tags::PATIENT_NAME, &person.name)
            .text(tags::PATIENT_ID, &person.id)
            .text(tags::PATIENT_BIRTH_DATE, &person.birth_date())
            .text(tags::PATIENT_SEX, person.sex.code())
            .text(tags::PATIENT_AGE, &format!("{:03}Y", self.age()))
            .text(tags::PATIENT_SIZE, &format!("{}.{:02}", person.height_cm / 100, person.height_cm % 100))
            .text(tags::PATIENT_WEIGHT, &format!("{}.00", person.weight_kg))
            .text(ETHNIC_GROUP, &person.ethnic_group)
            .text(tags::STUDY_INSTANCE_UID, &self.uid("study"))
            .text(tags::SERIES_INSTANCE_UID, &self.uid(series.label))
            .text(tags::STUDY_ID, &person.id)
            .text(tags::SERIES_NUMBER, &series.number.to_string())
            .text(tags::INSTANCE_NUMBER, &instance.to_string())
    }
}

/// Which series of a visit an object belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Series {
    /// Names it in its UID.
    pub(crate) label: &'static str,
    /// Series Number.
    pub(crate) number: u16,
}
