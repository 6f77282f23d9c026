//! Files made to cost time: all end soon, whatever they say.

use super::*;

/// What any file may take without optimization, on a machine that is busy with other things; hostile files took
/// minutes before the budgets.
const SECONDS: f64 = 8.0;

/// A file of these numbered objects; the first is the catalog.
fn file(objects: &[String]) -> Vec<u8> {
    let mut pdf = String::from("%PDF-1.4\n");
    for (index, object) in objects.iter().enumerate() {
        pdf.push_str(&format!("{} 0 obj {object} endobj\n", index + 1));
    }
    pdf.push_str("trailer <</Root 1 0 R>>");
    pdf.into_bytes()
}

fn stream(dict: &str, data: &str) -> String {
    format!("<<{dict}/Length {}>> stream\n{data}\nendstream", data.len())
}

/// One page with this content and these resources, and further objects from number 5 on.
fn page(content: &str, resources: &str, more: &[String]) -> Vec<u8> {
    let head = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Kids[3 0 R]>>".to_owned(),
        format!("<</Type/Page/Contents 4 0 R/Resources<<{resources}>>>>"),
        stream("", content),
    ];
    file(&[&head, more].concat())
}

const FONT: &str = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>";

/// Lines of text, each word drawn at a place of its own.
fn words(lines: usize, line: impl Fn(usize) -> Vec<String>) -> Vec<u8> {
    let mut content = String::from("BT /F 4 Tf\n");
    for row in 0..lines {
        let mut x = 0.0;
        for word in line(row) {
            content.push_str(&format!("1 0 0 1 {x:.1} {} Tm ({word}) Tj\n", 100_000 - 6 * row));
            x += 2.4 * f64::from(u32::try_from(word.len()).unwrap()) + 1.5;
        }
    }
    page(&content, FONT, &[])
}

fn cycled(words: &[&str], count: usize, from: usize) -> Vec<String> {
    (0..count).map(|at| words[(at + from) % words.len()].to_owned()).collect()
}

fn hostile_files() -> Vec<(&'static str, Vec<u8>)> {
    let headings = ["BMD", "Area", "BMC", "T-score", "Z-score", "Fat", "Lean", "bone", "mineral", "young"];
    let mixed = ["Region", "BMD", "Left", "Hip", "Area", "Total", "Neck", "T", "-", "score"];
    let big = "<</A ".repeat(20) + &"/Name ".repeat(40_000) + &">>".repeat(20);
    let wide_range = "<0000> <ffff> <0041>\n".repeat(40_000);
    let kids = "[".to_owned() + &"2 0 R ".repeat(40_000) + "]";
    vec![
        ("heading words", words(1_900, |row| cycled(&headings, 8, row))),
        ("longest heading words", words(300, |row| cycled(&headings, 48, row))),
        ("tables beside each other", words(1_000, |row| cycled(&mixed, 16, row))),
        ("tables beside each other, wide", words(300, |row| cycled(&mixed, 48, 0).split_off(row % 3))),
        ("one line", words(1, |_| cycled(&["a", "1"], 90_000, 0))),
        ("one line of words", words(1, |_| vec!["a".to_owned(); 90_000])),
        ("one string", page(&format!("BT /F 9 Tf ({}) Tj", "a".repeat(12 << 20)), FONT, &[])),
        (
            "rows under a heading",
            words(1_900, |row| match row {
                0 => cycled(&["Region", "BMD", "Area"], 3, 0),
                _ => vec!["L1".to_owned(), "0.5".to_owned(), "1.5".to_owned()],
            }),
        ),
        ("operators", page(&"q 1 0 0 1 0 0 cm Q\n".repeat(500_000), FONT, &[])),
        (
            "fonts again and again",
            page(
                &"/F 9 Tf ".repeat(400_000),
                &format!("/Font 5 0 R{big}"),
                &[format!("<</F 6 0 R/B{big}>>"), "<</Type/Font>>".to_owned()],
            ),
        ),
        ("many inline fonts", {
            let fonts: String = (0..20_000).map(|n| format!("/F{n}<</Type/Font>>")).collect();
            let uses: String = (0..20_000).map(|n| format!("/F{n} 9 Tf ")).collect();
            page(&uses, &format!("/Font<<{fonts}>>"), &[])
        }),
        (
            "forms that call themselves",
            page(
                &"/X Do ".repeat(50),
                "/XObject<</X 5 0 R>>",
                &[stream("/Subtype/Form/Resources<</XObject<</X 5 0 R>>>>", &"/X Do ".repeat(50))],
            ),
        ),
        (
            "a form without a filter that is known",
            page(
                &"/X Do ".repeat(200_000),
                "/XObject<</X 5 0 R>>",
                &[stream("/Subtype/Form/Filter/DCTDecode", &"x".repeat(8 << 20))],
            ),
        ),
        (
            "forms without an end",
            page(
                &"/X Do ".repeat(200_000),
                "/XObject<</X 5 0 R>>",
                &["<</Subtype/Form/Length 9>> stream\n".to_owned() + &"x".repeat(8 << 20)],
            ),
        ),
        (
            "page tree in a circle",
            file(&[
                "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
                format!("<</Kids{kids}/Resources<<{big}>>>>"),
            ]),
        ),
        (
            "page tree, each node large",
            file(&[
                "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
                format!("<</Kids[2 0 R 3 0 R 2 0 R]/Resources<<{big}>>>>"),
                format!("<</Kids 4 0 R{big}>>"),
                kids.clone(),
            ]),
        ),
        (
            "wide character ranges",
            page(
                "BT /F 9 Tf (x) Tj",
                "/Font<</F 5 0 R>>",
                &[
                    "<</Subtype/Type0/ToUnicode 6 0 R>>".to_owned(),
                    stream("", &format!("beginbfrange {wide_range} endbfrange")),
                ],
            ),
        ),
        (
            "wide widths",
            page(
                "BT /F 9 Tf (x) Tj",
                "/Font<</F 5 0 R>>",
                &[
                    "<</Subtype/Type0/DescendantFonts[6 0 R]>>".to_owned(),
                    format!("<</W[{}]>>", "0 65535 500 ".repeat(16_000)),
                ],
            ),
        ),
        ("objects", file(&vec!["<<>>".to_owned(); 99_000])),
        ("one object again and again", format!("%PDF-1.4\n{}", "1 0 obj ".repeat(1_900_000)).into_bytes()),
        ("trailers", format!("%PDF-1.4\n{}", "trailer".repeat(2_000_000)).into_bytes()),
        ("names of objects only", format!("%PDF-1.4\n{}", "obj ".repeat(3_900_000)).into_bytes()),
        ("nodes", file(&vec![format!("[{}]", "1 ".repeat(49_000)); 150])),
        ("blanks", format!("%PDF-1.4\n{}", " ".repeat(15 << 20)).into_bytes()),
        ("almost objects", format!("%PDF-1.4\n{}", "o".repeat(15 << 20)).into_bytes()),
        (
            "contents of many parts",
            file(&[
                "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
                "<</Kids[3 0 R]>>".to_owned(),
                format!("<</Contents[{}]>>", "4 0 R ".repeat(16_000)),
                stream("", &" ".repeat(1 << 20)),
            ]),
        ),
        ("nesting", page(&"[".repeat(4 << 20), FONT, &[])),
        ("nested dictionaries", page(&"<</A ".repeat(2 << 20), FONT, &[])),
        ("strings without an end", page(&"(".repeat(4 << 20), FONT, &[])),
        ("hexadecimal without an end", page(&"<41 ".repeat(2 << 20), FONT, &[])),
        ("labels", words(1_000, |row| cycled(&["Name:", "Sex:", "ID:", "DOB:", "x"], 16, row))),
        (
            "references in a circle",
            file(&["<</Type/Catalog/Pages 2 0 R>>".to_owned(), "3 0 R".to_owned(), "2 0 R".to_owned()]),
        ),
        ("inline pictures", page(&"ID ".repeat(1 << 20), FONT, &[])),
    ]
}

#[test]
fn every_hostile_file_ends_soon() {
    for (name, pdf) in hostile_files() {
        assert!(pdf.len() <= LARGEST_PDF, "{name} is {} bytes", pdf.len());
        #[expect(clippy::disallowed_methods, reason = "a test measures time")]
        let start = std::time::Instant::now();
        let read = read_text_layer(&pdf, Hints::default());
        let seconds = start.elapsed().as_secs_f64();
        assert!(seconds < SECONDS, "{name} took {seconds:.1} s: {:?}", read.err());
    }
}
