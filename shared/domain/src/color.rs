//! Colours of brands, and text that can be read on them.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A colour as `#` and six lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^#[0-9A-Fa-f]{6}$")]
pub struct Color(String);

/// Text that is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be # and six hexadecimal digits, such as #0a6c74")]
pub struct ColorError;

impl TryFrom<String> for Color {
    type Error = ColorError;

    fn try_from(text: String) -> Result<Self, ColorError> {
        let digits = text.strip_prefix('#').ok_or(ColorError)?;
        let is_color = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_color { Ok(Self(text.to_ascii_lowercase())) } else { Err(ColorError) }
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.0
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The contrast that text needs with what is behind it (WCAG 2.2, success criterion 1.4.3).
pub const READABLE: f64 = 4.5;

/// The contrast that the shape of a control needs with what is around it (success criterion 1.4.11).
pub const VISIBLE: f64 = 3.0;

/// Text on a dark colour.
const LIGHT_TEXT: [u8; 3] = [0xff, 0xff, 0xff];
/// Text on a light colour. A lighter one could not be read on some colours in the middle: there black has a contrast of
/// 4.58 and no more.
const DARK_TEXT: [u8; 3] = [0x05, 0x05, 0x05];

impl Color {
    /// The colour with these parts of red, green and blue.
    #[must_use]
    pub fn of([red, green, blue]: [u8; 3]) -> Self {
        Self(format!("#{red:02x}{green:02x}{blue:02x}"))
    }

    /// Whiter or blacker text, the one that is read more easily on this colour. Its contrast is at least [`READABLE`].
    #[must_use]
    pub fn text_on(&self) -> Self {
        let (light, dark) = (Self::of(LIGHT_TEXT), Self::of(DARK_TEXT));
        if self.contrast_with(&light) >= self.contrast_with(&dark) { light } else { dark }
    }

    /// The contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    #[expect(clippy::float_arithmetic, reason = "a ratio of lights, and no money")]
    pub fn contrast_with(&self, other: &Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// How light it is, from 0 to 1 (WCAG 2.2, "relative luminance").
    #[expect(clippy::float_arithmetic, reason = "a measure of light, and no money")]
    fn luminance(&self) -> f64 {
        let channel = |range: std::ops::Range<usize>| {
            let digits = self.0.get(range).unwrap_or_default();
            let value = f64::from(u8::from_str_radix(digits, 16).unwrap_or_default()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1..3) + 0.7152 * channel(3..5) + 0.0722 * channel(5..7)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn color(text: &str) -> Color {
        Color::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        for (a, b, contrast) in [
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#ffffff", 1.0),
            ("#777777", "#ffffff", 4.48),
            ("#ff0000", "#ffffff", 4.0),
        ] {
            let measured = color(a).contrast_with(&color(b));
            assert!((measured - contrast).abs() < 0.01, "{a} and {b}: {measured}");
            assert!((color(b).contrast_with(&color(a)) - measured).abs() < 1e-9);
        }
    }

    #[test]
    fn light_colours_carry_dark_text_and_dark_ones_light_text() {
        for (brand, text) in [("#ffd400", DARK_TEXT), ("#0a6c74", LIGHT_TEXT), ("#000000", LIGHT_TEXT)] {
            assert_eq!(color(brand).text_on(), Color::of(text), "{brand}");
        }
    }

    proptest! {
        /// A customer could otherwise not read the button of a company with an unlucky colour.
        #[test]
        fn a_button_can_be_read_in_every_brand_colour(rgb in 0_u32..0x100_0000) {
            let brand = color(&format!("#{rgb:06x}"));
            let contrast = brand.contrast_with(&brand.text_on());
            prop_assert!(contrast >= READABLE, "{brand}: {contrast}");
        }
    }

    /// The greys between black and white are the unlucky ones; the test above may miss them.
    #[test]
    fn a_button_can_be_read_in_every_grey() {
        for grey in 0..=255_u8 {
            let brand = color(&format!("#{grey:02x}{grey:02x}{grey:02x}"));
            assert!(brand.contrast_with(&brand.text_on()) >= READABLE, "{brand}");
        }
    }
}
