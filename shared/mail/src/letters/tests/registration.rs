//! The letter about a client that registered, under snapshot.

use super::*;

fn registered(through: SignupSource, label: Option<&str>, registered_by: Option<&str>) -> Message {
    let frame = frame();
    let what = ClientRegistered {
        company: "Acme Retail",
        firm: "Lovelace & Co",
        through,
        label,
        registered_by,
        link: &frame.link,
    };
    client_registered(&BRAND, &frame.notice(), &what).unwrap()
}

#[test]
fn a_client_registers_through_a_link() {
    assert_snapshot!(shown(&registered(SignupSource::Link, Some("Spring fair"), Some("Olivia Owner"))));
}

#[test]
fn a_client_registers_with_a_code_without_a_label() {
    assert_snapshot!(shown(&registered(SignupSource::Code, None, None)));
}

/// It with the same text wherever a person's text may stand.
pub(super) fn all_with(text: &str) -> Vec<Message> {
    let frame = frame();
    let what = ClientRegistered {
        company: text,
        firm: text,
        through: SignupSource::Link,
        label: Some(text),
        registered_by: Some(text),
        link: &frame.link,
    };
    vec![client_registered(&Brand { product: text }, &frame.notice(), &what).unwrap()]
}
