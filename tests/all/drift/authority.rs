//! Where a request is answered without a person's authority. Nothing then proves in the table that anybody may do it, so
//! each such place has a reason.

use std::collections::{BTreeMap, BTreeSet};

use tests::stack::Stack;

use super::sources;
use crate::routes::routes;

/// The files of functions behind the API that act on the stack's own authority, or lend it to them, and why they may.
const REASONS: [(&str, &str); 9] = [
    ("accept/src/accept_context.rs", "an invitation gives by its inviter's right, which the same change requires"),
    ("accept/src/places/client.rs", "it reads the firm that sent the invitation"),
    ("accept/src/places/member.rs", "it reads the connection of the firm that invited the member before"),
    ("accept/src/reject.rs", "a recipient declines, whose address was verified just now"),
    ("audit/src/report.rs", "who could reach a company depends on what happened in its firms"),
    ("hosted_links/src/lib.rs", "a verified link was made for one document, and each change requires that it opens"),
    ("pay/src/provider.rs", "a payment that its payer may start ends as the payment provider says"),
    ("pay/src/webhook.rs", "a signed webhook names a payment, and the payment provider is asked"),
    ("register/src/signup_sources.rs", "it reads the firm behind a link or code that the caller has"),
];

/// Proves: 6
#[test]
fn requests_are_answered_by_a_persons_authority_except_for_a_reason() {
    let reasons: BTreeMap<&str, &str> = REASONS.into();
    let behind_api: BTreeSet<&str> = routes().iter().map(|route| route.function).collect();
    let roots = ["functions", "shared"].map(|root| Stack::repository().join(root));
    let mut found = BTreeSet::new();
    let mut note = |folder: &str| {
        for file in sources(folder) {
            let text = std::fs::read_to_string(&file).expect("a source");
            if text.contains("Authority::System") {
                let place = roots.iter().find_map(|root| file.strip_prefix(root).ok()).expect("a file of ours");
                found.insert(place.to_string_lossy().into_owned());
            }
        }
    };
    for function in behind_api {
        note(&format!("functions/{function}/src"));
    }
    note("shared/hosted_links/src");
    let named: BTreeSet<String> = reasons.keys().map(|&file| file.to_owned()).collect();
    assert_eq!(found, named, "say why the stack itself acts there, or take the person's authority");
}
