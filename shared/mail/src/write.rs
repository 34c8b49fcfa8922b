//! Makes a message of a letter.

use crate::{
    inert::Line,
    layout::{Brand, Letter, Parts, RenderError},
    message::{Envelope, Message},
};

/// Makes the message of a letter.
///
/// # Errors
/// [`RenderError`].
pub fn write(letter: &impl Letter, brand: &Brand<'_>, envelope: &Envelope<'_>) -> Result<Message, RenderError> {
    let reader = envelope.reader;
    let parts = Parts {
        words: letter.words(reader),
        product: Line::new(brand.product),
        color: brand.color.cloned(),
        reader: reader.clone(),
    };
    let (text, html) = parts.rendered(None)?;
    Ok(Message {
        letter: letter.name(),
        event: envelope.event.clone(),
        invitation: None,
        logged_as: None,
        to: envelope.to.clone(),
        reply_to: envelope.reply_to.cloned(),
        unsubscribe: None,
        parts,
        text,
        html,
    })
}
