//! What a document belongs to must be there, in the same company.

use api::Problem;
use domain::{approval::Approval, document::DocumentLink};
use store::{Key, Tenant};

/// The transaction that a link names, to be read; `None` for a link to something else.
pub(crate) fn transaction(tenant: &Tenant, link: &DocumentLink) -> Option<Key<Approval>> {
    match link {
        DocumentLink::Transaction { reference } => Some(tenant.approval(reference)),
        DocumentLink::RequestItem { .. } => None,
    }
}

/// Checks a link by the transaction that was read for it: the text of the error, if what it names is not there. What
/// belongs to another company is not there.
///
/// # Errors
/// What is wrong with the link.
pub(crate) fn check(link: &DocumentLink, found: Option<&Approval>) -> Result<(), &'static str> {
    match (link, found) {
        (DocumentLink::Transaction { .. }, Some(_)) => Ok(()),
        (DocumentLink::Transaction { .. }, None) => Err("is not a transaction of this company"),
        (DocumentLink::RequestItem { .. }, _) => Err("is not an open item of a request of this company"),
    }
}

/// Checks several links of a field by what was read for them.
///
/// # Errors
/// `422 invalid-field`, naming the first that is not there.
pub(crate) fn check_all(
    field: &str,
    links: &[DocumentLink],
    found: Vec<Option<Option<Approval>>>,
) -> Result<(), Problem> {
    for (n, (link, found)) in links.iter().zip(found).enumerate() {
        check(link, found.flatten().as_ref()).map_err(|detail| Problem::field(&format!("{field}[{n}]"), detail))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_what_is_not_there_names_its_field() {
        let link = |text: &str| text.parse::<DocumentLink>().unwrap();
        let request = link("request_item:drq_00000000000000000000000000000001:0");
        let links = [link("transaction:T-1"), request];
        let problem = check_all("link", &links[1..], vec![None]).unwrap_err();
        assert_eq!(problem.errors()[0].field, "link[0]");
        assert!(check_all("link", &links[..1], vec![Some(None)]).is_err());
        assert!(check_all("link", &[], vec![]).is_ok());
    }
}
