//! Maps refusals to problems.

use api::{Problem, ProblemType};
use domain::{
    acceptor::OnlyFirmError,
    consent::ConsentError,
    invitation::{AcceptError, AddresseeError, LinkRefusal},
    membership::JoinError,
};

/// A company or firm that exists has a profile.
pub(crate) fn without_profile() -> Problem {
    Problem::internal("a tenant without a profile")
}

/// The link no longer opens the invitation.
pub(crate) fn dead(refusal: LinkRefusal) -> Problem {
    Problem::new(ProblemType::Gone).detail(refusal).state(refusal.as_str())
}

pub(crate) fn not_accepted(error: AcceptError) -> Problem {
    match error {
        AcceptError::Link(refusal) => dead(refusal),
        AcceptError::WrongRecipient => Problem::new(ProblemType::WrongRecipient).detail(error),
        AcceptError::FirmNeeded => Problem::field("firm", error),
        AcceptError::CompanyNeeded => Problem::field("company", error),
    }
}

/// An invitation that was sent to somebody else does not exist for the caller.
pub(crate) fn not_addressed(error: AddresseeError) -> Problem {
    match error {
        AddresseeError::NotAddressed => Problem::not_found(),
        AddresseeError::SeveralFirms => Problem::field("firm", error),
    }
}

pub(crate) fn no_only_firm(error: OnlyFirmError) -> Problem {
    match error {
        OnlyFirmError::NoFirm => Problem::conflict(error, "no_firm"),
        OnlyFirmError::Several => Problem::field("firm", error),
    }
}

pub(crate) fn not_joined(error: JoinError) -> Problem {
    match error {
        JoinError::AlreadyActive => Problem::conflict(error, "active"),
        JoinError::EndedSince => Problem::new(ProblemType::Gone).detail(error).state("ended"),
        JoinError::WorksHere => Problem::conflict(error, "works_here"),
        JoinError::OwnerByFirm => Problem::new(ProblemType::Gone).detail(error).state("owner"),
        JoinError::OutlastsFirm(_) => Problem::new(ProblemType::Gone).detail(error).state("firm"),
    }
}

pub(crate) fn not_agreed(error: ConsentError) -> Problem {
    Problem::field(error.field(), error)
}

#[cfg(test)]
mod tests {
    use domain::access::OutlastsFirm;

    use super::*;

    #[test]
    fn every_refusal_has_its_status() {
        use LinkRefusal::{AlreadyAccepted, Expired, Rejected, Revoked, Superseded};
        let mut refused: Vec<(Problem, u16)> = vec![
            (not_accepted(AcceptError::WrongRecipient), 403),
            (not_accepted(AcceptError::FirmNeeded), 422),
            (not_accepted(AcceptError::CompanyNeeded), 422),
            (not_addressed(AddresseeError::NotAddressed), 404),
            (not_addressed(AddresseeError::SeveralFirms), 422),
            (no_only_firm(OnlyFirmError::NoFirm), 409),
            (no_only_firm(OnlyFirmError::Several), 422),
            (not_joined(JoinError::AlreadyActive), 409),
            (not_joined(JoinError::EndedSince), 410),
            (not_joined(JoinError::WorksHere), 409),
            (not_joined(JoinError::OwnerByFirm), 410),
            (not_joined(JoinError::OutlastsFirm(OutlastsFirm)), 410),
            (not_agreed(ConsentError::Digest), 422),
        ];
        for refusal in [Expired, Revoked, Rejected, Superseded, AlreadyAccepted] {
            refused.push((not_accepted(AcceptError::Link(refusal)), 410));
        }
        for (problem, status) in refused {
            assert_eq!(problem.status().as_u16(), status, "{problem:?}");
        }
        assert_eq!(not_addressed(AddresseeError::NotAddressed), Problem::not_found(), "the same bytes");
    }
}
