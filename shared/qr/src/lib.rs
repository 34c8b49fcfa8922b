//! QR codes of links, for a poster, a business card or a letter: SVG to print, PNG for mail programs,
//! which show no SVG.
//!
//! A picture holds the link and nothing else; where the link is a secret, so is the picture.

use qrcode::{Color, EcLevel, QrCode};

/// The smallest picture, in pixels: below this a module of a long link is less than two.
pub const MIN_SIZE_PX: u16 = 160;
/// The largest picture, in pixels.
pub const MAX_SIZE_PX: u16 = 2048;
/// The light border that readers need (ISO/IEC 18004: four modules on each side).
const QUIET_MODULES: usize = 4;

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// Outside [`MIN_SIZE_PX`]–[`MAX_SIZE_PX`].
    #[error("must be between {MIN_SIZE_PX} and {MAX_SIZE_PX}")]
    Size,
    /// More text than a code of the size can hold.
    #[error("the text is too long for the picture")]
    TooLong,
    /// The picture could not be written. Ours are written to memory only, so this does not happen.
    #[error("the picture could not be written")]
    Unwritten,
}

/// The modules of a code, and how they lie on a square of pixels.
struct Grid {
    dark: Vec<bool>,
    modules: usize,
    size_px: usize,
    module_px: usize,
    margin_px: usize,
}

impl Grid {
    fn of(text: &str, size_px: u16) -> Result<Self, QrError> {
        if !(MIN_SIZE_PX..=MAX_SIZE_PX).contains(&size_px) {
            return Err(QrError::Size);
        }
        let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).map_err(|_| QrError::TooLong)?;
        let (modules, size_px) = (code.width(), usize::from(size_px));
        let module_px = size_px / (modules + 2 * QUIET_MODULES);
        if module_px == 0 {
            return Err(QrError::TooLong);
        }
        let margin_px = (size_px - modules * module_px) / 2;
        let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Ok(Self { dark, modules, size_px, module_px, margin_px })
    }

    fn is_dark(&self, column: usize, row: usize) -> bool {
        column < self.modules && self.dark.get(row * self.modules + column).copied().unwrap_or_default()
    }

    fn is_dark_at(&self, x_px: usize, y_px: usize) -> bool {
        match (x_px.checked_sub(self.margin_px), y_px.checked_sub(self.margin_px)) {
            (Some(x), Some(y)) => self.is_dark(x / self.module_px, y / self.module_px),
            _ => false,
        }
    }
}

/// The code as a square PNG of one bit a pixel.
///
/// # Errors
/// [`QrError`].
pub fn png(text: &str, size_px: u16) -> Result<Vec<u8>, QrError> {
    let grid = Grid::of(text, size_px)?;
    let mut rows = Vec::with_capacity(grid.size_px * grid.size_px.div_ceil(8));
    for y_px in 0..grid.size_px {
        for first_px in (0..grid.size_px).step_by(8) {
            // The leftmost pixel is the highest bit, and a bit that is set is light.
            let light = |bit: &usize| !grid.is_dark_at(first_px + bit, y_px);
            rows.push((0..8).filter(light).fold(0_u8, |byte, bit| byte | (0x80 >> bit)));
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, u32::from(size_px), u32::from(size_px));
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().map_err(|_| QrError::Unwritten)?;
    writer.write_image_data(&rows).map_err(|_| QrError::Unwritten)?;
    writer.finish().map_err(|_| QrError::Unwritten)?;
    Ok(file)
}

/// The code as a square SVG, with nothing in it that runs or is loaded.
///
/// # Errors
/// [`QrError`].
pub fn svg(text: &str, size_px: u16) -> Result<String, QrError> {
    let grid = Grid::of(text, size_px)?;
    let side = grid.modules + 2 * QUIET_MODULES;
    let mut path = String::new();
    for row in 0..grid.modules {
        for column in (0..grid.modules).filter(|column| grid.is_dark(*column, row)) {
            path.push_str(&format!("M{} {}h1v1h-1z", column + QUIET_MODULES, row + QUIET_MODULES));
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{size_px}\" height=\"{size_px}\" \
         viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"QR code\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>\n"
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LINK: &str =
        "https://api.example.com/i/in_0192f5c4a7b87c3d9e0f112233445566.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn read(width: usize, height: usize, luma: impl FnMut(usize, usize) -> u8) -> String {
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, luma);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1, "one code is found");
        grids[0].decode().unwrap().1
    }

    fn read_png(file: &[u8]) -> String {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        let width = usize::try_from(frame.width).unwrap();
        read(width, usize::try_from(frame.height).unwrap(), |x, y| pixels[y * width + x])
    }

    #[test]
    fn a_png_says_the_link_at_every_size() {
        for size_px in [MIN_SIZE_PX, 240, 333, MAX_SIZE_PX] {
            let file = png(LINK, size_px).unwrap();
            assert!(file.starts_with(b"\x89PNG\r\n\x1a\n") && file.len() < 64 * 1024, "{size_px}: {}", file.len());
            assert_eq!(read_png(&file), LINK, "{size_px}");
        }
    }

    #[test]
    fn an_svg_says_the_link_and_loads_nothing() {
        let picture = svg(LINK, 512).unwrap();
        for forbidden in ["script", "href", "url(", "<image", "<use", "style"] {
            assert!(!picture.contains(forbidden), "{forbidden}");
        }
        let side: usize = picture.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        let dark: std::collections::BTreeSet<(usize, usize)> = picture
            .split("d=\"M")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .split("h1v1h-1z")
            .filter_map(|module| module.trim_start_matches('M').split_once(' '))
            .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
            .collect();
        let scale = 4;
        let read =
            read(side * scale, side * scale, |x, y| if dark.contains(&(x / scale, y / scale)) { 0 } else { 255 });
        assert_eq!(read, LINK);
    }

    #[test]
    fn sizes_and_texts_beyond_the_bounds_are_refused() {
        for size_px in [0, MIN_SIZE_PX - 1, MAX_SIZE_PX + 1, u16::MAX] {
            assert_eq!(png(LINK, size_px), Err(QrError::Size));
            assert_eq!(svg(LINK, size_px), Err(QrError::Size));
        }
        assert_eq!(png(&"x".repeat(5000), 512), Err(QrError::TooLong));
        assert_eq!(png(&"x".repeat(2000), MIN_SIZE_PX), Err(QrError::TooLong));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn what_is_read_is_what_was_written(text in "https://[a-z]{3,20}\\.example/r/[A-Za-z0-9_.-]{1,120}", size_px in 240_u16..700) {
            prop_assert_eq!(read_png(&png(&text, size_px).unwrap()), text);
        }
    }
}
