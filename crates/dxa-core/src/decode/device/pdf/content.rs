//! Content streams to placed characters.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::PdfError;
use super::file::File;
use super::fonts::Font;
use super::objects::{Dict, Lexer, Object};

/// Most characters and pages that are read, and deepest nesting of forms and saved states.
const CHARACTERS: usize = 100_000;
const PAGES: usize = 200;
const FORMS: usize = 8;
const STATES: usize = 64;
/// Most operands kept for one operator.
const OPERANDS: usize = 10_000;

/// A character where it stands, with the page turned so that its line runs to the right.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    pub(super) text: String,
    pub(super) x0: f64,
    pub(super) x1: f64,
    pub(super) y: f64,
    pub(super) size: f64,
    /// Quarter turn of the line: 0 to 3.
    pub(super) turn: u8,
}

/// The visible characters of each page that was read, and whether those are all.
pub(super) struct Pages {
    pub(super) pages: Vec<Vec<Glyph>>,
    pub(super) complete: bool,
}

/// The visible characters of the pages; reading ends before the page that is one character too much.
pub(super) fn pages(file: &File<'_>) -> Result<Pages, PdfError> {
    let mut reader = Reader { file, fonts: BTreeMap::new(), glyphs: Vec::new(), characters: 0 };
    let mut pages = Vec::new();
    let (found, mut complete) = page_dicts(file);
    for (page, resources) in found {
        let content = page_content(file, &page);
        let state = State::default();
        reader.run(&content, &resources, state, 0);
        if reader.file.exhausted.get() || reader.characters > CHARACTERS {
            complete = false;
            break;
        }
        pages.push(std::mem::take(&mut reader.glyphs));
    }
    if file.exhausted.get() && pages.is_empty() {
        return Err(PdfError::LimitsExceeded);
    }
    Ok(Pages { pages, complete })
}

/// A page with the resources that it inherits.
type Page = (Dict, Rc<Dict>);

/// Pages in order, and whether those are all.
fn page_dicts(file: &File<'_>) -> (Vec<Page>, bool) {
    let root = file.root.as_ref().and_then(|root| file.resolve(root));
    let tree = root.as_ref().and_then(Object::dict).and_then(|root| root.get("Pages").cloned());
    let mut found = Vec::new();
    let mut complete = true;
    let mut queue: Vec<(Object, Rc<Dict>, usize)> =
        tree.map(|tree| (tree, Rc::new(Dict::new()), 0)).into_iter().collect();
    let mut visits = 0;
    while let Some((node, inherited, depth)) = queue.pop() {
        visits += 1;
        if visits > 4 * PAGES || found.len() >= PAGES || depth > 16 {
            complete = false;
            break;
        }
        let Some(Object::Dict(node)) = file.resolve(&node) else { continue };
        let own = file.entry(&node, "Resources").and_then(|resources| resources.dict().cloned());
        let resources = own.map_or(inherited, Rc::new);
        match file.entry(&node, "Kids") {
            Some(Object::Array(kids)) => {
                complete &= kids.len() <= PAGES;
                queue.extend(
                    kids.into_iter().take(PAGES).rev().map(|kid| (kid, Rc::clone(&resources), depth + 1)),
                );
            }
            _ => found.push((node, resources)),
        }
    }
    if found.is_empty() { (loose_pages(file), true) } else { (found, complete) }
}

/// Pages of a file whose page tree is lost.
fn loose_pages(file: &File<'_>) -> Vec<Page> {
    let objects = file.ids().take(2_000).filter_map(|id| file.get(id)?.dict().cloned());
    let pages = objects.filter(|dict| dict.get("Type").and_then(Object::name) == Some("Page"));
    let with_resources = pages.map(|page| {
        let resources = file.entry(&page, "Resources").and_then(|resources| resources.dict().cloned());
        (page, Rc::new(resources.unwrap_or_default()))
    });
    with_resources.take(PAGES).collect()
}

fn page_content(file: &File<'_>, page: &Dict) -> Vec<u8> {
    let mut content = Vec::new();
    let parts = match page.get("Contents") {
        Some(Object::Reference(id)) => match file.get(*id) {
            Some(Object::Array(parts)) => parts,
            _ => vec![Object::Reference(*id)],
        },
        Some(Object::Array(parts)) => parts.clone(),
        _ => Vec::new(),
    };
    for part in parts {
        if let Object::Reference(id) = part {
            content.extend(file.stream(id).unwrap_or_default());
            content.push(b'\n');
        }
    }
    content
}

/// An affine map as PDF writes it: `[a b c d e f]`.
type Matrix = [f64; 6];

const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// First `m`, then `n`.
fn then(m: Matrix, n: Matrix) -> Matrix {
    [
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    ]
}

#[derive(Clone)]
struct State {
    page: Matrix,
    text: Matrix,
    line: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    character_spacing: f64,
    word_spacing: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
    invisible: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            page: IDENTITY,
            text: IDENTITY,
            line: IDENTITY,
            font: None,
            size: 1.0,
            character_spacing: 0.0,
            word_spacing: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
            invisible: false,
        }
    }
}

struct Reader<'f, 'a> {
    file: &'f File<'a>,
    fonts: BTreeMap<u32, Rc<Font>>,
    glyphs: Vec<Glyph>,
    characters: usize,
}

/// The fonts and forms of one content stream, by the names it gives them.
struct Resources<'d> {
    all: &'d Dict,
    fonts: Dict,
    forms: Dict,
    /// Fonts that are written into the resources themselves.
    inline: BTreeMap<String, Rc<Font>>,
}

impl<'d> Resources<'d> {
    fn of(file: &File<'_>, all: &'d Dict) -> Self {
        let named = |key| file.entry(all, key).and_then(|entry| entry.dict().cloned()).unwrap_or_default();
        Self { all, fonts: named("Font"), forms: named("XObject"), inline: BTreeMap::new() }
    }
}

impl Reader<'_, '_> {
    fn run(&mut self, content: &[u8], resources: &Dict, mut state: State, depth: usize) {
        let mut lexer = Lexer::new(content, 0);
        let mut operands: Vec<Object> = Vec::new();
        let mut saved: Vec<State> = Vec::new();
        let mut resources = Resources::of(self.file, resources);
        while let Some(object) = lexer.object() {
            if !self.file.spend(lexer.nodes) {
                return;
            }
            let Object::Word(operator) = object else {
                if operands.len() < OPERANDS {
                    operands.push(object);
                }
                continue;
            };
            if self.characters > CHARACTERS {
                return;
            }
            match operator.as_str() {
                "q" if saved.len() < STATES => saved.push(state.clone()),
                "Q" => state = saved.pop().unwrap_or(state),
                "Do" => self.form(&operands, &resources, &state, depth),
                "Tf" => self.select_font(&operands, &mut resources, &mut state),
                "ID" => skip_inline_image(content, &mut lexer),
                "Tj" => self.show(operands.last(), &mut state),
                "TJ" => self.show_spaced(operands.last(), &mut state),
                "'" | "\"" => {
                    if let ("\"", [word, character, _]) = (operator.as_str(), operands.as_slice()) {
                        state.word_spacing = word.number().unwrap_or(0.0);
                        state.character_spacing = character.number().unwrap_or(0.0);
                    }
                    let leading = state.leading;
                    next_line(&mut state, 0.0, -leading);
                    self.show(operands.last(), &mut state);
                }
                other => set(&mut state, other, &operands),
            }
            operands.clear();
        }
    }

    fn select_font(&mut self, operands: &[Object], resources: &mut Resources<'_>, state: &mut State) {
        let [Object::Name(name), size] = operands else { return };
        state.size = size.number().unwrap_or(1.0);
        state.font = match resources.fonts.get(name) {
            Some(Object::Reference(id)) => {
                if !self.fonts.contains_key(id)
                    && let Some(Object::Dict(dict)) = self.file.get(*id)
                {
                    self.fonts.insert(*id, Rc::new(Font::load(self.file, &dict)));
                }
                self.fonts.get(id).cloned()
            }
            Some(Object::Dict(dict)) => {
                if !resources.inline.contains_key(name) {
                    resources.inline.insert(name.clone(), Rc::new(Font::load(self.file, dict)));
                }
                resources.inline.get(name).cloned()
            }
            _ => None,
        };
    }

    fn form(&mut self, operands: &[Object], resources: &Resources<'_>, state: &State, depth: usize) {
        let [Object::Name(name)] = operands else { return };
        let Some(Object::Reference(id)) = resources.forms.get(name) else { return };
        let Some(Object::Dict(dict)) = self.file.get(*id) else { return };
        if dict.get("Subtype").and_then(Object::name) != Some("Form") || depth >= FORMS {
            return;
        }
        let Some(content) = self.file.stream(*id) else { return };
        let own = self.file.entry(&dict, "Resources").and_then(|own| own.dict().cloned());
        let matrix = self.file.entry(&dict, "Matrix");
        let matrix = matrix.as_ref().and_then(Object::array).and_then(matrix_of).unwrap_or(IDENTITY);
        let inner = State { page: then(matrix, state.page), ..state.clone() };
        self.run(&content, own.as_ref().unwrap_or(resources.all), inner, depth + 1);
    }

    fn show_spaced(&mut self, operand: Option<&Object>, state: &mut State) {
        let Some(items) = operand.and_then(Object::array) else { return };
        for item in items {
            match item {
                Object::Number(back) => advance(state, -back / 1000.0 * state.size),
                text => self.show(Some(text), state),
            }
        }
    }

    fn show(&mut self, operand: Option<&Object>, state: &mut State) {
        let (Some(Object::Text(bytes)), Some(font)) = (operand, state.font.clone()) else { return };
        let room = (CHARACTERS + 1).saturating_sub(self.characters);
        // No character is longer than four bytes.
        for shown in font.shown(bytes.get(..4 * room).unwrap_or(bytes)) {
            let start = origin(state);
            let word = if shown.is_space { state.word_spacing } else { 0.0 };
            let width = shown.width / 1000.0 * state.size;
            let before = state.text;
            advance(state, width);
            let end = origin(state);
            state.text = before;
            advance(state, width + state.character_spacing + word);
            if !state.invisible {
                self.place(shown.text, start, end, state);
            }
            self.characters += 1;
        }
    }

    /// Adds a character in the frame in which its line runs to the right.
    fn place(&mut self, text: String, start: (f64, f64), end: (f64, f64), state: &State) {
        let matrix = then(state.text, state.page);
        let (along_x, along_y) = (matrix[0], matrix[1]);
        let size = state.size.abs() * (matrix[2].hypot(matrix[3]));
        let turn = match (along_x.abs() >= along_y.abs(), along_x >= 0.0, along_y >= 0.0) {
            (true, true, _) => 0,
            (false, _, true) => 1,
            (true, false, _) => 2,
            (false, _, false) => 3,
        };
        let turned = |(x, y): (f64, f64)| match turn {
            0 => (x, y),
            1 => (y, -x),
            2 => (-x, -y),
            _ => (-y, x),
        };
        let ((x0, y), (x1, _)) = (turned(start), turned(end));
        let finite = [x0, x1, y, size].iter().all(|number| number.is_finite() && number.abs() < 1e6);
        if finite && size > 0.0 {
            self.glyphs.push(Glyph { text, x0: x0.min(x1), x1: x0.max(x1), y, size, turn });
        }
    }
}

/// Where the next character begins on the page.
fn origin(state: &State) -> (f64, f64) {
    let matrix = then([1.0, 0.0, 0.0, 1.0, 0.0, state.rise], then(state.text, state.page));
    (matrix[4], matrix[5])
}

fn advance(state: &mut State, by: f64) {
    state.text = then([1.0, 0.0, 0.0, 1.0, by * state.stretch, 0.0], state.text);
}

fn next_line(state: &mut State, x: f64, y: f64) {
    state.line = then([1.0, 0.0, 0.0, 1.0, x, y], state.line);
    state.text = state.line;
}

fn matrix_of(operands: &[Object]) -> Option<Matrix> {
    let numbers: Vec<f64> = operands.iter().filter_map(Object::number).collect();
    numbers.try_into().ok()
}

/// Operators that only change the state.
fn set(state: &mut State, operator: &str, operands: &[Object]) {
    let number = operands.last().and_then(Object::number);
    match (operator, number) {
        ("cm", _) => state.page = then(matrix_of(operands).unwrap_or(IDENTITY), state.page),
        ("BT", _) => (state.text, state.line) = (IDENTITY, IDENTITY),
        ("Tm", _) => {
            if let Some(matrix) = matrix_of(operands) {
                (state.text, state.line) = (matrix, matrix);
            }
        }
        ("Td" | "TD", Some(y)) => {
            let x = operands.first().and_then(Object::number).unwrap_or(0.0);
            if operator == "TD" {
                state.leading = -y;
            }
            next_line(state, x, y);
        }
        ("T*", _) => {
            let leading = state.leading;
            next_line(state, 0.0, -leading);
        }
        ("Tc", Some(spacing)) => state.character_spacing = spacing,
        ("Tw", Some(spacing)) => state.word_spacing = spacing,
        ("Tz", Some(percent)) => state.stretch = percent / 100.0,
        ("TL", Some(leading)) => state.leading = leading,
        ("Ts", Some(rise)) => state.rise = rise,
        // Invisible text lies over a picture: someone's reading of it, not the device's own text.
        ("Tr", Some(mode)) => state.invisible = (mode - 3.0).abs() < 0.5 || (mode - 7.0).abs() < 0.5,
        _ => {}
    }
}

/// Goes to behind the `EI` that ends an inline image.
fn skip_inline_image(content: &[u8], lexer: &mut Lexer<'_>) {
    let rest = content.get(lexer.at..).unwrap_or(&[]);
    let end = rest
        .windows(4)
        .position(|w| w[0].is_ascii_whitespace() && &w[1..3] == b"EI" && w[3].is_ascii_whitespace());
    lexer.at += end.map_or(rest.len(), |end| end + 3);
}
