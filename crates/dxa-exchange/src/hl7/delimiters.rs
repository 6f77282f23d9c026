//! The delimiters of HL7 and how text is kept from being taken for one.

/// Escapes a text for a field; control letters, which could end a frame, are escaped as bytes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut previous = '\0';
    for letter in text.chars() {
        match letter {
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '~' => out.push_str("\\R\\"),
            '\\' => out.push_str("\\E\\"),
            '&' => out.push_str("\\T\\"),
            '\n' if previous == '\r' => {}
            '\r' | '\n' => out.push_str("\\.br\\"),
            letter if letter.is_control() => {
                let mut bytes = [0; 4];
                let bytes = letter.encode_utf8(&mut bytes).bytes();
                let digits: String = bytes.map(|byte| format!("{byte:02X}")).collect();
                out.push_str(&format!("\\X{digits}\\"));
            }
            letter => out.push(letter),
        }
        previous = letter;
    }
    out
}

/// The text of an escaped field; an escape that is no text stays as it was written.
pub(super) fn unescaped(field: &str) -> String {
    let mut out = String::with_capacity(field.len());
    for part in parts(field) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Escape(escape) => match meant(escape) {
                Some(text) => out.push_str(&text),
                None => out.extend(["\\", escape, "\\"]),
            },
        }
    }
    out
}

/// Whether a field has an escape that is no text.
pub(super) fn holds_no_text(field: &str) -> bool {
    parts(field).iter().any(|part| matches!(part, Part::Escape(escape) if meant(escape).is_none()))
}

enum Part<'t> {
    Text(&'t str),
    /// What stands between two escape signs.
    Escape(&'t str),
}

fn parts(field: &str) -> Vec<Part<'_>> {
    let mut all = Vec::new();
    let mut rest = field;
    while let Some((before, after)) = rest.split_once('\\') {
        let Some((escape, behind)) = after.split_once('\\') else { break };
        all.extend([Part::Text(before), Part::Escape(escape)]);
        rest = behind;
    }
    all.push(Part::Text(rest));
    all
}

fn meant(escape: &str) -> Option<String> {
    let text = match escape {
        "F" => "|",
        "S" => "^",
        "R" => "~",
        "E" => "\\",
        "T" => "&",
        ".br" => "\n",
        // Highlighting begins and ends; it says nothing.
        "H" | "N" => "",
        _ => return hexadecimal(escape),
    };
    Some(text.to_owned())
}

fn hexadecimal(escape: &str) -> Option<String> {
    let digits = escape.strip_prefix('X').filter(|digits| digits.is_ascii() && digits.len() % 2 == 0)?;
    let bytes: Option<Vec<u8>> =
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect();
    String::from_utf8(bytes?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn delimiters_line_ends_and_frame_bytes_do_not_stand_in_a_field() {
        let hard = "A|B^C~D\\E&F\r\nG\u{b}H\u{1c}I";
        let field = escaped(hard);
        assert_eq!(field, "A\\F\\B\\S\\C\\R\\D\\E\\E\\T\\F\\.br\\G\\X0B\\H\\X1C\\I");
        assert_eq!(unescaped(&field), hard.replace("\r\n", "\n"));
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "[^\r]*") {
            let field = escaped(&text);
            prop_assert!(!field.contains(['|', '^', '~', '&', '\r', '\n']));
            prop_assert!(!field.chars().any(char::is_control));
            prop_assert_eq!(unescaped(&field), text);
        }
    }
}
