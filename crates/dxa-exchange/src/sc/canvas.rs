//! A picture in color: smooth lines, and text in a fixed font that covers Latin-1.

use std::convert::Infallible;

use embedded_graphics::Drawable;
use embedded_graphics::Pixel;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_1::{FONT_9X15, FONT_10X20};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::DrawTarget;
use embedded_graphics::text::{Baseline, Text};
use tiny_skia::{
    Color, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, PremultipliedColorU8, Stroke, StrokeDash,
    Transform,
};

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

/// A point of the canvas.
pub(super) type Spot = (f64, f64);

/// Size of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    /// 9 × 15.
    Small,
    /// 10 × 20.
    Large,
}

impl Letters {
    /// Distance from one letter to the next.
    pub(super) fn width(self) -> u32 {
        match self {
            Self::Small => FONT_9X15.character_size.width,
            Self::Large => FONT_10X20.character_size.width,
        }
    }

    /// Distance from one line to the next.
    pub(super) fn height(self) -> u32 {
        match self {
            Self::Small => FONT_9X15.character_size.height + 3,
            Self::Large => FONT_10X20.character_size.height + 4,
        }
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pen {
    pub(super) color: Rgb,
    pub(super) width: f32,
    pub(super) dashed: bool,
}

/// What is drawn on.
pub(super) struct Canvas {
    pixels: Pixmap,
}

impl Canvas {
    /// A black canvas; `None` when it has no pixels or too many.
    pub(super) fn new(width: u32, height: u32) -> Option<Self> {
        let mut pixels = Pixmap::new(width, height)?;
        pixels.fill(Color::BLACK);
        Some(Self { pixels })
    }

    pub(super) fn width(&self) -> u32 {
        self.pixels.width()
    }

    pub(super) fn height(&self) -> u32 {
        self.pixels.height()
    }

    /// Sets one pixel; outside of the canvas nothing.
    pub(super) fn set(&mut self, x: u32, y: u32, [red, green, blue]: Rgb) {
        if x >= self.width() {
            return;
        }
        let at = y as usize * self.width() as usize + x as usize;
        let color = PremultipliedColorU8::from_rgba(red, green, blue, u8::MAX);
        if let (Some(pixel), Some(color)) = (self.pixels.pixels_mut().get_mut(at), color) {
            *pixel = color;
        }
    }

    /// A line through points, closed or open, with a dark rim that keeps it visible on bone.
    pub(super) fn line(&mut self, spots: &[Spot], closed: bool, pen: Pen) {
        let mut builder = PathBuilder::new();
        for (index, (x, y)) in spots.iter().enumerate() {
            let (x, y) = (*x as f32, *y as f32);
            if index == 0 { builder.move_to(x, y) } else { builder.line_to(x, y) }
        }
        if closed {
            builder.close();
        }
        self.stroke(builder, pen);
    }

    /// An ellipse.
    pub(super) fn ellipse(&mut self, (x, y): Spot, (radius_x, radius_y): Spot, pen: Pen) {
        let mut builder = PathBuilder::new();
        let (left, top) = ((x - radius_x) as f32, (y - radius_y) as f32);
        let size = ((2.0 * radius_x) as f32, (2.0 * radius_y) as f32);
        if let Some(bounds) = tiny_skia::Rect::from_xywh(left, top, size.0, size.1) {
            builder.push_oval(bounds);
        }
        self.stroke(builder, pen);
    }

    fn stroke(&mut self, builder: PathBuilder, pen: Pen) {
        // A path of fewer than two points, or of points that are no numbers, is no line.
        let Some(path) = builder.finish() else { return };
        self.stroke_path(&path, [0, 0, 0], 0.55, pen.width + RIM, pen.dashed);
        self.stroke_path(&path, pen.color, 1.0, pen.width, pen.dashed);
    }

    fn stroke_path(&mut self, path: &Path, [red, green, blue]: Rgb, opacity: f32, width: f32, dashed: bool) {
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        paint.set_color_rgba8(red, green, blue, (opacity * 255.0) as u8);
        let dash = if dashed { StrokeDash::new(vec![10.0, 7.0], 0.0) } else { None };
        let (line_cap, line_join) = (LineCap::Butt, LineJoin::Round);
        let stroke = Stroke { width, line_cap, line_join, dash, ..Stroke::default() };
        self.pixels.stroke_path(path, &paint, &stroke, Transform::identity(), None);
    }

    /// Text with its upper left corner at a spot, and a dark rim; characters beyond Latin-1 become `?`.
    pub(super) fn text(&mut self, (x, y): (i32, i32), text: &str, letters: Letters, color: Rgb) {
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)] {
            self.plain_text((x + dx, y + dy), text, letters, [0, 0, 0]);
        }
        self.plain_text((x, y), text, letters, color);
    }

    fn plain_text(&mut self, (x, y): (i32, i32), text: &str, letters: Letters, [red, green, blue]: Rgb) {
        let font = match letters {
            Letters::Small => &FONT_9X15,
            Letters::Large => &FONT_10X20,
        };
        let style = MonoTextStyle::new(font, Rgb888::new(red, green, blue));
        let Ok(_) = Text::with_baseline(text, Point::new(x, y), style, Baseline::Top).draw(self);
    }

    /// Red, green and blue of every pixel, row by row.
    pub(super) fn into_rgb(self) -> Vec<u8> {
        self.pixels.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect()
    }
}

/// How much wider the dark rim of a line is than the line.
const RIM: f32 = 2.0;

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.width(), self.height())
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(Point { x, y }, color) in pixels {
            if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) {
                self.set(x, y, [color.r(), color.g(), color.b()]);
            }
        }
        Ok(())
    }
}
