//! Examples of the events about signups: links and codes, the referrals that they bring, and who pays.

use super::{NewEvent, a_company, a_connection, a_firm, grants, id, now, text};
use crate::{
    Permission, billing,
    id::{RegistrationLinkId, SignupCodeId},
    referral::{self, Bonus, PayoutRecording, ReferralState, ReferralUpdate},
    samples::{company, firm, user},
    signup_source::{Creator, RegistrationLink, SignupCode, SignupLimits, SignupSourceRef, SignupTerms},
};

fn a_bonus() -> Bonus {
    Bonus { amount_minor: 5_000.try_into().unwrap(), currency: text("EUR") }
}

pub(super) fn sources() -> Vec<NewEvent> {
    let terms = || SignupTerms::new(Some(grants([Permission::InvoicesView])), None).unwrap();
    let limits = || SignupLimits::new(None, Some(30), Some(100), now()).unwrap();
    let creator = || Creator { user: user("ada"), name: text("Ada Vaz") };
    let label = || Some(text("Spring fair"));
    let link = id(3, RegistrationLinkId::from_uuid);
    let (link, link_made) = RegistrationLink::make(link, &firm(2), label(), terms(), limits(), creator(), now());
    let code = id(4, SignupCodeId::from_uuid);
    let (code, code_made) = SignupCode::of_firm(code, &firm(2), label(), terms(), limits(), creator(), now());
    vec![link_made, link.revoke(now()).unwrap().1, code_made, code.revoke(now()).unwrap().1.unwrap()]
}

pub(super) fn referrals() -> Vec<NewEvent> {
    let (agreement, agreed) = referral::agree(&firm(2), None, Some(a_bonus()), now());
    let through = SignupSourceRef::SignupCode(id(4, SignupCodeId::from_uuid));
    let (referral, registered) = referral::refer(&a_firm(), &a_company(), through, Some(&text("Spring fair")), now());
    let word = referral.becomes(ReferralState::Active, Some(&agreement), None, now()).unwrap();
    let ReferralUpdate::Changed(_, changed, Some(posting)) = word else { panic!("{word:?}") };
    let posted = |entered: PayoutRecording| match entered {
        PayoutRecording::Posted(posting) => posting.event,
        PayoutRecording::Unchanged(_) => panic!("it is new"),
    };
    let (entry, account) = (&posting.entry, Some(&posting.account));
    let reversed = referral::reverse(Some(entry), None, account, None, now()).unwrap();
    let paid = referral::pay_out(&firm(2), &text("PAY-2026-11"), a_bonus(), None, None, account, now()).unwrap();
    vec![agreed, registered, changed, posting.event.clone(), posted(reversed), posted(paid)]
}

pub(super) fn bills() -> Vec<NewEvent> {
    let connection = a_connection();
    let (offer, offered) = billing::offer_to_pay(Some(&connection), None, now()).unwrap().unwrap();
    let chosen = billing::let_firm_pay(&company(1), None, Some(&offer), Some(&connection), now()).unwrap().unwrap();
    vec![chosen.1, offered, offer.withdraw(now()).unwrap().1]
}
