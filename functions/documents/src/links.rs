//! What a document belongs to must be there, in the same company.

use api::Problem;
use domain::{approval::Approval, document::DocumentLink, document_request::DocumentRequest};
use store::{Key, Tenant};

/// The transaction or the request that a link names, to be read.
pub(crate) type TargetKeys = (Option<Key<Approval>>, Option<Key<DocumentRequest>>);
/// What was read for a link.
pub(crate) type Target = (Option<Option<Approval>>, Option<Option<DocumentRequest>>);

/// What a link names, to be read.
pub(crate) fn target(tenant: &Tenant, link: &DocumentLink) -> TargetKeys {
    match link {
        DocumentLink::Transaction { reference } => (Some(tenant.approval(reference)), None),
        DocumentLink::RequestItem { request, .. } => (None, Some(tenant.document_request(request))),
    }
}

/// Checks a link by what was read for it: the text of the error, if what it names is not there. What belongs to
/// another company is not there.
///
/// # Errors
/// What is wrong with the link.
pub(crate) fn check(link: &DocumentLink, found: &Target) -> Result<(), &'static str> {
    match (link, found) {
        (DocumentLink::Transaction { .. }, (Some(Some(_)), _)) => Ok(()),
        (DocumentLink::Transaction { .. }, _) => Err("is not a transaction of this company"),
        (DocumentLink::RequestItem { item, .. }, (_, Some(Some(request)))) if request.takes(*item).is_ok() => Ok(()),
        (DocumentLink::RequestItem { .. }, _) => Err("is not an open item of a request of this company"),
    }
}

/// Checks several links of a field by what was read for them.
///
/// # Errors
/// `422 invalid-field`, naming the first that is not there.
pub(crate) fn check_all(field: &str, links: &[DocumentLink], found: &[Target]) -> Result<(), Problem> {
    for (n, (link, found)) in links.iter().zip(found).enumerate() {
        check(link, found).map_err(|detail| Problem::field(&format!("{field}[{n}]"), detail))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_what_is_not_there_names_its_field() {
        let link = |text: &str| text.parse::<DocumentLink>().unwrap();
        let request = link("request_item:drq_00000000000000000000000000000001:1");
        let links = [link("transaction:T-1"), request];
        let problem = check_all("link", &links[1..], &[(None, Some(None))]).unwrap_err();
        assert_eq!(problem.errors()[0].field, "link[0]");
        assert!(check_all("link", &links[..1], &[(Some(None), None)]).is_err());
        assert!(check_all("link", &[], &[]).is_ok());
    }
}
