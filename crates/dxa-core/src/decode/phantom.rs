//! Whether a header says that a test object was scanned and no person.

use super::header::Header;

/// Stems that stand in the texts of phantoms and of nobody's name.
const STEMS: [&str; 5] = ["phantom", "fantom", "体模", "模体", "фантом"];
/// Words that say the same of a protocol or an identifier, where they stand alone.
const WORDS: [&str; 4] = ["qc", "qa", "质控", "кк"];

/// Whether the name or identifier of the patient, the protocol or a description is that of a phantom.
#[must_use]
pub fn is_phantom(header: &Header) -> bool {
    let person = [&header.person.name, &header.person.id];
    let described = [
        &header.naming.protocol,
        &header.naming.performed_step,
        &header.naming.series_description,
        &header.identity.study_description,
        &header.person.id,
    ];
    person.into_iter().chain(described).flatten().any(|text| has_stem(text))
        || described.into_iter().flatten().any(|text| has_word(text))
}

fn has_stem(text: &str) -> bool {
    let text = text.to_lowercase();
    STEMS.iter().any(|stem| text.contains(stem))
}

fn has_word(text: &str) -> bool {
    let text = text.to_lowercase();
    text.split(|letter: char| !letter.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl Fn(&mut Header)) -> bool {
        let mut header = Header::default();
        change(&mut header);
        is_phantom(&header)
    }

    #[test]
    fn a_phantom_is_known_by_any_of_its_texts() {
        for name in ["Phantom^Spine", "PHANTOM", "腰椎体模", "模体^QC", "Фантом^Позвоночник", "Fantom"]
        {
            assert!(with(|header| header.person.name = Some(name.to_owned())), "{name}");
        }
        for text in ["Spine QC", "QC-17", "daily qa", "Phantom AP Spine", "体模", "фантом 2"] {
            assert!(with(|header| header.naming.protocol = Some(text.to_owned())), "{text}");
            assert!(with(|header| header.person.id = Some(text.to_owned())), "{text}");
            assert!(with(|header| header.identity.study_description = Some(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn nobody_is_a_phantom() {
        for name in ["Qasim^Aqa", "Qc^Li", "王^小东", "Fant^Omar", "Иванов^Иван"] {
            assert!(!with(|header| header.person.name = Some(name.to_owned())), "{name}");
        }
        for text in ["AP Spine", "QCT", "equator", "Lumbar", "A4QA1"] {
            assert!(!with(|header| header.naming.protocol = Some(text.to_owned())), "{text}");
        }
        assert!(!with(|_| ()));
    }
}
