//! The colours of a letter, and the name at its top.
//!
//! The header is text on a colour, so it is the same where pictures are not shown; no letter loads a logo, since that
//! would need a signed link, which expires, or a public one.

use domain::color::{Color, VISIBLE};

use crate::inert::Line;

/// The colour of letters in the product's name where the vendor chose none, and of companies that chose none.
const ACCENT: [u8; 3] = [0x42, 0x63, 0xeb];
/// What is behind a letter's text, as the style has it: on a light screen, and on a dark one.
const LIGHT_CARD: [u8; 3] = [0xfd, 0xfd, 0xfe];
const DARK_CARD: [u8; 3] = [0x1e, 0x22, 0x29];
/// A line that is seen on both.
const OUTLINE: [u8; 3] = [0x8a, 0x93, 0xa0];

/// The name and colours at the top of a letter, and on its button.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    /// Whose letter it is.
    pub(crate) name: Line,
    /// The first letter or digit of the name.
    pub(crate) initial: char,
    /// The colour.
    pub(crate) accent: Color,
    /// Text on it.
    pub(crate) text: Color,
    /// The button's edge on a light screen: the colour itself where that stands out, else a grey.
    pub(crate) edge: Color,
    /// The same on a dark screen.
    pub(crate) dark_edge: Color,
}

impl Look {
    pub(crate) fn new(name: &Line, color: Option<&Color>) -> Self {
        let accent = color.cloned().unwrap_or_else(|| Color::of(ACCENT));
        let edge_on = |card| {
            let stands_out = accent.contrast_with(&Color::of(card)) >= VISIBLE;
            if stands_out { accent.clone() } else { Color::of(OUTLINE) }
        };
        let first = name.as_str().chars().find(|c| c.is_alphanumeric()).unwrap_or('·');
        // `ß` and others have two capital letters: they stay as they are.
        let mut upper = first.to_uppercase();
        let initial = upper.next().filter(|_| upper.next().is_none()).unwrap_or(first);
        let (edge, dark_edge) = (edge_on(LIGHT_CARD), edge_on(DARK_CARD));
        Self { name: name.clone(), initial, text: accent.text_on(), edge, dark_edge, accent }
    }
}

#[cfg(test)]
mod tests {
    use domain::color::READABLE;

    use super::*;

    fn look(name: &str, color: &str) -> Look {
        Look::new(&Line::new(name), Color::try_from(color.to_owned()).ok().as_ref())
    }

    #[test]
    fn a_button_that_would_vanish_gets_an_edge() {
        let outline = Color::of(OUTLINE);
        for (color, on_light, on_dark) in
            [("#fefefe", true, false), ("#ffd400", true, false), ("#101820", false, true), ("#4263eb", false, false)]
        {
            let look = look("Acme", color);
            assert_eq!((look.edge == outline, look.dark_edge == outline), (on_light, on_dark), "{color}");
        }
        for card in [LIGHT_CARD, DARK_CARD] {
            assert!(outline.contrast_with(&Color::of(card)) >= VISIBLE);
        }
    }

    #[test]
    fn the_initial_is_the_first_letter_or_digit() {
        for (name, initial) in [("acme Retail", 'A'), ("\"4 Winds\"", '4'), ("émile", 'É'), ("ßtern", 'ß'), ("…", '·')]
        {
            assert_eq!(look(name, "").initial, initial, "{name}");
        }
    }

    /// What the style says of text on a card, on both screens. A reader of a dark letter could otherwise see nothing.
    #[test]
    fn every_colour_of_text_in_the_style_can_be_read() {
        let html = include_str!("../templates/letter.html");
        let color = |hex: &str| Color::try_from(hex.to_owned()).unwrap();
        for (text, behind) in [
            ("#1f2530", "#fdfdfe"),
            ("#5a6473", "#fdfdfe"),
            ("#5a6473", "#f4f6f9"),
            ("#5a6473", "#eef0f4"),
            ("#2f4ac4", "#eef0f4"),
            ("#e6e9ee", "#1e2229"),
            ("#a9b2bf", "#1e2229"),
            ("#a9b2bf", "#272c35"),
            ("#a9b2bf", "#14171c"),
            ("#a5b8ff", "#14171c"),
        ] {
            assert!(html.contains(text) && html.contains(behind), "{text} or {behind} is not in the style");
            assert!(color(text).contrast_with(&color(behind)) >= READABLE, "{text} on {behind}");
        }
    }
}
