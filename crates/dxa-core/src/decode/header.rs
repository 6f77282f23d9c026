//! The attributes of one object that anything later depends on, read in one pass over its elements.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use jiff::civil::Date;

use crate::decode::text::{CharacterSet, RawText};
use crate::guard::{Element, Elements, Object};

/// One object's header, decoded. Empty values count as absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// What and where in its study the object is.
    pub identity: Identity,
    /// Who was scanned, as written.
    pub person: Person,
    /// What made it.
    pub device: Device,
    /// Names a person or device gave to what was scanned.
    pub naming: Naming,
    /// The image module.
    pub image: ImageFacts,
    /// Texts that were written in another character set than declared, and read in that one.
    pub repaired: Vec<RawText>,
    /// Texts in which some bytes could not be read.
    pub damaged: Vec<RawText>,
    /// The character set names a term this software does not know.
    pub unknown_character_set: bool,
}

/// Identifiers and dates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Identity {
    /// SOP Class UID.
    pub sop_class: Option<String>,
    /// SOP Instance UID.
    pub sop_instance: Option<String>,
    /// Study Instance UID.
    pub study: Option<String>,
    /// Whether Study Instance UID is there at all, even empty.
    pub has_study_element: bool,
    /// Series Instance UID.
    pub series: Option<String>,
    /// Series Number.
    pub series_number: Option<i64>,
    /// Instance Number.
    pub instance_number: Option<i64>,
    /// Acquisition Number.
    pub acquisition_number: Option<i64>,
    /// Accession Number.
    pub accession: Option<String>,
    /// Study Date.
    pub study_date: Option<Date>,
    /// Acquisition, series or content date, the first that is there.
    pub scan_date: Option<Date>,
    /// Acquisition Time as written.
    pub acquisition_time: Option<String>,
    /// Study Description.
    pub study_description: Option<String>,
    /// Modality.
    pub modality: Option<String>,
    /// Study Time as written.
    pub study_time: Option<String>,
    /// Study ID.
    pub study_id: Option<String>,
    /// Referring Physician's Name.
    pub referring_physician: Option<String>,
    /// Timezone Offset From UTC.
    pub timezone: Option<String>,
}

/// Patient attributes as written. `Debug` is not derived into logs anywhere.
#[derive(Clone, Default, PartialEq)]
pub struct Person {
    /// Patient ID.
    pub id: Option<String>,
    /// Issuer of Patient ID.
    pub id_issuer: Option<String>,
    /// Patient's Name, all component groups.
    pub name: Option<String>,
    /// Patient's Birth Date.
    pub birth_date: Option<Date>,
    /// Patient's Sex.
    pub sex: Option<String>,
    /// Patient's Age, `nnnY` and the like.
    pub age: Option<String>,
    /// Patient's Size, meters.
    pub size_m: Option<f64>,
    /// Patient's Weight, kilograms.
    pub weight_kg: Option<f64>,
    /// Ethnic Group.
    pub ethnic_group: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(..)")
    }
}

/// Manufacturer, model, software.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Device {
    /// Manufacturer.
    pub manufacturer: Option<String>,
    /// Manufacturer's Model Name.
    pub model: Option<String>,
    /// Software Versions, values joined by `\`.
    pub software: Option<String>,
    /// Device Serial Number.
    pub serial: Option<String>,
}

/// Where the object says what was scanned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Naming {
    /// Body Part Examined.
    pub body_part: Option<String>,
    /// Code meaning and value of the Anatomic Region Sequence.
    pub anatomic_region: Option<String>,
    /// View Position, and the code meaning of the View Code Sequence.
    pub view: Option<String>,
    /// Image Laterality (0020,0062).
    pub image_laterality: Option<String>,
    /// Laterality (0020,0060).
    pub laterality: Option<String>,
    /// Protocol Name.
    pub protocol: Option<String>,
    /// Performed Procedure Step Description.
    pub performed_step: Option<String>,
    /// Series Description.
    pub series_description: Option<String>,
}

/// The image module and what scales it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageFacts {
    /// Image Type, all values.
    pub image_type: Vec<String>,
    /// Presentation Intent Type.
    pub presentation_intent: Option<String>,
    /// Photometric Interpretation.
    pub photometric: Option<String>,
    /// Rows.
    pub rows: Option<u16>,
    /// Columns.
    pub columns: Option<u16>,
    /// Bits Allocated.
    pub bits_allocated: Option<u16>,
    /// Samples per Pixel.
    pub samples: Option<u16>,
    /// Number of Frames, 1 when absent.
    pub frames: Option<i64>,
    /// Burned In Annotation is `YES`.
    pub burned_in: bool,
    /// There are pixel data.
    pub has_pixels: bool,
    /// Pixel Spacing, row then column, mm, as written.
    pub pixel_spacing: Vec<f64>,
    /// Imager Pixel Spacing.
    pub imager_pixel_spacing: Vec<f64>,
    /// Nominal Scanned Pixel Spacing.
    pub nominal_scanned_spacing: Vec<f64>,
    /// Estimated Radiographic Magnification Factor.
    pub magnification: Option<f64>,
    /// Exposed Area, width then height, mm.
    pub exposed_area_mm: Option<[f64; 2]>,
    /// KVP.
    pub kvp: Option<f64>,
}

impl Header {
    /// Reads the header of an object.
    #[must_use]
    pub fn read(object: &Object<'_>) -> Self {
        let mut reader = Reader { set: CharacterSet::of(object.root()), header: Self::default() };
        reader.header.unknown_character_set = reader.set.has_unknown_term();
        for element in object.root().iter() {
            reader.element(&element);
        }
        reader.header
    }
}

/// Ethnic Group, retired for a coded successor that densitometers do not write.
const ETHNIC_GROUP: Tag = Tag(0x0010, 0x2160);

struct Reader {
    set: CharacterSet,
    header: Header,
}

impl Reader {
    fn element(&mut self, element: &Element<'_>) {
        match element.tag().0 {
            0x0008 | 0x0020 => self.identity(element),
            0x0010 => self.person(element),
            0x0018 | 0x0040 | 0x0054 => self.acquisition(element),
            0x0028 | 0x7FE0 => self.image(element),
            _ => {}
        }
    }

    fn identity(&mut self, element: &Element<'_>) {
        match element.tag() {
            tags::SOP_CLASS_UID => self.header.identity.sop_class = uid(element),
            tags::SOP_INSTANCE_UID => self.header.identity.sop_instance = uid(element),
            tags::STUDY_INSTANCE_UID => {
                self.header.identity.study = uid(element);
                self.header.identity.has_study_element = true;
            }
            tags::SERIES_INSTANCE_UID => self.header.identity.series = uid(element),
            tags::SERIES_NUMBER => self.header.identity.series_number = integer(element),
            tags::INSTANCE_NUMBER => self.header.identity.instance_number = integer(element),
            tags::ACQUISITION_NUMBER => self.header.identity.acquisition_number = integer(element),
            tags::ACCESSION_NUMBER => self.header.identity.accession = self.text(element),
            tags::STUDY_DATE => self.header.identity.study_date = date(element),
            // In the order of their tags: series, acquisition, content.
            tags::SERIES_DATE | tags::ACQUISITION_DATE => {
                let identity = &mut self.header.identity;
                identity.scan_date = date(element).or(identity.scan_date);
            }
            tags::CONTENT_DATE if self.header.identity.scan_date.is_none() => {
                self.header.identity.scan_date = date(element);
            }
            tags::ACQUISITION_TIME => self.header.identity.acquisition_time = code(element),
            tags::STUDY_DESCRIPTION => self.header.identity.study_description = self.text(element),
            tags::MODALITY => self.header.identity.modality = code(element),
            tags::STUDY_TIME => self.header.identity.study_time = code(element),
            tags::STUDY_ID => self.header.identity.study_id = self.text(element),
            tags::REFERRING_PHYSICIAN_NAME => self.header.identity.referring_physician = self.text(element),
            tags::TIMEZONE_OFFSET_FROM_UTC => self.header.identity.timezone = code(element),
            _ => self.naming(element),
        }
    }

    fn naming(&mut self, element: &Element<'_>) {
        match element.tag() {
            tags::MANUFACTURER => self.header.device.manufacturer = self.text(element),
            tags::MANUFACTURER_MODEL_NAME => self.header.device.model = self.text(element),
            tags::SERIES_DESCRIPTION => self.header.naming.series_description = self.text(element),
            tags::IMAGE_LATERALITY => self.header.naming.image_laterality = code(element),
            tags::LATERALITY => self.header.naming.laterality = code(element),
            tags::ANATOMIC_REGION_SEQUENCE => self.header.naming.anatomic_region = self.meaning(element),
            tags::PRESENTATION_INTENT_TYPE => self.header.image.presentation_intent = code(element),
            tags::IMAGE_TYPE => self.header.image.image_type = codes(element),
            _ => {}
        }
    }

    fn person(&mut self, element: &Element<'_>) {
        match element.tag() {
            tags::PATIENT_ID => self.header.person.id = self.text(element),
            tags::ISSUER_OF_PATIENT_ID => self.header.person.id_issuer = self.text(element),
            tags::PATIENT_NAME => self.header.person.name = self.text(element),
            tags::PATIENT_BIRTH_DATE => self.header.person.birth_date = date(element),
            tags::PATIENT_SEX => self.header.person.sex = code(element),
            tags::PATIENT_AGE => self.header.person.age = code(element),
            tags::PATIENT_SIZE => self.header.person.size_m = decimals(element).first().copied(),
            tags::PATIENT_WEIGHT => self.header.person.weight_kg = decimals(element).first().copied(),
            ETHNIC_GROUP => self.header.person.ethnic_group = self.text(element),
            _ => {}
        }
    }

    fn acquisition(&mut self, element: &Element<'_>) {
        match element.tag() {
            // A code by the standard; devices in China fill in Chinese words.
            tags::BODY_PART_EXAMINED => self.header.naming.body_part = self.text(element),
            tags::VIEW_POSITION => self.header.naming.view = code(element),
            tags::PROTOCOL_NAME => self.header.naming.protocol = self.text(element),
            tags::SOFTWARE_VERSIONS => self.header.device.software = self.text(element),
            tags::DEVICE_SERIAL_NUMBER => self.header.device.serial = self.text(element),
            tags::IMAGER_PIXEL_SPACING => self.header.image.imager_pixel_spacing = decimals(element),
            tags::NOMINAL_SCANNED_PIXEL_SPACING => {
                self.header.image.nominal_scanned_spacing = decimals(element)
            }
            tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR => {
                self.header.image.magnification = decimals(element).first().copied();
            }
            tags::KVP => self.header.image.kvp = decimals(element).first().copied(),
            tags::PERFORMED_PROCEDURE_STEP_DESCRIPTION => {
                self.header.naming.performed_step = self.text(element)
            }
            tags::EXPOSED_AREA => self.header.image.exposed_area_mm = exposed_area(element),
            tags::VIEW_CODE_SEQUENCE => {
                if let Some(view) = self.meaning(element) {
                    self.header.naming.view = Some(view);
                }
            }
            _ => {}
        }
    }

    fn image(&mut self, element: &Element<'_>) {
        let image = &mut self.header.image;
        match element.tag() {
            tags::SAMPLES_PER_PIXEL => image.samples = element.u16(),
            tags::PHOTOMETRIC_INTERPRETATION => image.photometric = code(element),
            tags::NUMBER_OF_FRAMES => image.frames = integer(element),
            tags::ROWS => image.rows = element.u16(),
            tags::COLUMNS => image.columns = element.u16(),
            tags::PIXEL_SPACING => image.pixel_spacing = decimals(element),
            tags::BITS_ALLOCATED => image.bits_allocated = element.u16(),
            tags::BURNED_IN_ANNOTATION => image.burned_in = code(element).as_deref() == Some("YES"),
            tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA => {
                image.has_pixels = !element.is_empty();
            }
            _ => {}
        }
    }

    /// A text in the character set of the object, without surrounding blanks.
    fn text(&mut self, element: &Element<'_>) -> Option<String> {
        let bytes = element.text_bytes();
        if bytes.is_empty() {
            return None;
        }
        let text = self.set.decode(bytes);
        let raw = || RawText { tag: element.tag(), bytes: bytes.to_vec() };
        if text.repaired_from.is_some() {
            self.header.repaired.push(raw());
        }
        if text.damaged {
            self.header.damaged.push(raw());
        }
        let value = text.value.trim();
        (!value.is_empty())
            .then(|| if value.len() == text.value.len() { text.value.clone() } else { value.to_owned() })
    }

    /// Code Meaning and Code Value of the first item of a code sequence, as one text.
    fn meaning(&mut self, sequence: &Element<'_>) -> Option<String> {
        let item = sequence.items().next()?;
        let part = |reader: &mut Self, tag| item.get(tag).and_then(|element| reader.text(&element));
        let meaning = part(self, tags::CODE_MEANING);
        let value = part(self, tags::CODE_VALUE);
        match (meaning, value) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one),
            (Some(meaning), Some(value)) => Some(format!("{meaning} {value}")),
        }
    }
}

/// The Real World Value Mapping items of an object, at top level or in its functional groups.
pub fn real_world_value_items<'o>(root: Elements<'o>) -> impl Iterator<Item = Elements<'o>> {
    let shared = items(root, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let per_frame = items(root, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    std::iter::once(root)
        .chain(shared)
        .chain(per_frame)
        .flat_map(|data_set| items(data_set, tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE))
}

/// The items of one sequence; none when it is not there.
pub fn items<'o>(data_set: Elements<'o>, tag: Tag) -> impl Iterator<Item = Elements<'o>> {
    data_set.get(tag).into_iter().flat_map(|sequence| sequence.items())
}

/// A UID: digits and dots, without the padding seen in files.
#[must_use]
pub fn uid(element: &Element<'_>) -> Option<String> {
    code(element)
}

/// A code string without blanks around it.
#[must_use]
pub fn code(element: &Element<'_>) -> Option<String> {
    let text = String::from_utf8_lossy(element.text_bytes());
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// All values of a code string.
#[must_use]
pub fn codes(element: &Element<'_>) -> Vec<String> {
    let text = String::from_utf8_lossy(element.text_bytes());
    text.split('\\').map(|value| value.trim().to_owned()).collect()
}

/// All values of a decimal string; none of them when one cannot be read.
#[must_use]
pub fn decimals(element: &Element<'_>) -> Vec<f64> {
    let text = String::from_utf8_lossy(element.text_bytes());
    let values: Option<Vec<f64>> = text.split('\\').map(|value| value.trim().parse().ok()).collect();
    values.unwrap_or_default()
}

/// An integer string.
#[must_use]
pub fn integer(element: &Element<'_>) -> Option<i64> {
    String::from_utf8_lossy(element.text_bytes()).trim().parse().ok()
}

/// A date, `YYYYMMDD` or the `YYYY.MM.DD` of ACR-NEMA.
#[must_use]
pub fn date(element: &Element<'_>) -> Option<Date> {
    let digits: Vec<u8> =
        element.text_bytes().iter().copied().filter(|byte| !matches!(byte, b'.' | b'-')).collect();
    let text = str::from_utf8(&digits).ok()?.trim();
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i16>().ok();
    let (month, day) = (i8::try_from(number(4, 6)?).ok()?, i8::try_from(number(6, 8)?).ok()?);
    Date::new(number(0, 4)?, month, day).ok()
}

/// Exposed Area is two unsigned shorts.
fn exposed_area(element: &Element<'_>) -> Option<[f64; 2]> {
    let [width, height] = element.u16s()[..] else { return None };
    Some([f64::from(width), f64::from(height)])
}
