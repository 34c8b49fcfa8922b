//! Whether entering a context needs a reason. The vendor decides it, for the whole deployment.

use std::str::FromStr;

use crate::{access::ActingAs, context::Reason};

/// Who must give a reason to enter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReasonRule {
    /// Nobody; anyone may.
    #[default]
    Never,
    /// A person who enters a client's company for a firm.
    Firms,
    /// Everyone, everywhere.
    Always,
}

/// Text that names no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be never, firms or always")]
pub struct ReasonRuleError;

impl FromStr for ReasonRule {
    type Err = ReasonRuleError;

    fn from_str(text: &str) -> Result<Self, ReasonRuleError> {
        match text {
            "never" => Ok(Self::Never),
            "firms" => Ok(Self::Firms),
            "always" => Ok(Self::Always),
            _ => Err(ReasonRuleError),
        }
    }
}

/// The rule asks for a reason and none was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is required: say why you enter")]
pub struct ReasonMissing;

impl ReasonRule {
    /// Checks the reason for entering a seat. It needs the seat that was found, since the rule depends on the seat.
    ///
    /// # Errors
    /// [`ReasonMissing`].
    pub const fn check(self, acting_as: &ActingAs, reason: Option<&Reason>) -> Result<(), ReasonMissing> {
        let needed = match (self, acting_as) {
            (Self::Always, _) | (Self::Firms, ActingAs::FirmAdmin { .. } | ActingAs::Bookkeeper { .. }) => true,
            (Self::Never, _)
            | (
                Self::Firms,
                ActingAs::Member { .. }
                | ActingAs::BoundedMember { .. }
                | ActingAs::Staff { .. }
                | ActingAs::Contact { .. },
            ) => false,
        };
        if needed && reason.is_none() { Err(ReasonMissing) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{CompanyId, FirmId};

    #[test]
    fn a_firm_says_why_it_enters_a_client_and_nobody_else_need() {
        let (company, firm) = (CompanyId::from_uuid(Uuid::from_u128(1)), FirmId::from_uuid(Uuid::from_u128(2)));
        let candidates = [
            (ActingAs::Member { company: company.clone() }, false),
            (ActingAs::FirmAdmin { firm: firm.clone(), company: company.clone() }, true),
            (ActingAs::Bookkeeper { firm: firm.clone(), company }, true),
            (ActingAs::Staff { firm }, false),
        ];
        let reason = Reason::try_from("VAT return".to_owned()).unwrap();
        for (acting_as, for_a_firm) in candidates {
            assert_eq!(ReasonRule::Never.check(&acting_as, None), Ok(()));
            assert_eq!(ReasonRule::Firms.check(&acting_as, None).is_err(), for_a_firm, "{acting_as:?}");
            assert_eq!(ReasonRule::Always.check(&acting_as, None), Err(ReasonMissing));
            for rule in [ReasonRule::Never, ReasonRule::Firms, ReasonRule::Always] {
                assert_eq!(rule.check(&acting_as, Some(&reason)), Ok(()));
            }
        }
    }

    #[test]
    fn a_rule_that_does_not_exist_is_not_taken_for_none() {
        assert_eq!("firms".parse(), Ok(ReasonRule::Firms));
        for text in ["", "Always", "yes"] {
            assert_eq!(text.parse::<ReasonRule>(), Err(ReasonRuleError));
        }
    }
}
