//! Invitations: offer a firm, a member or staff a place, see what was sent, send it again, or
//! withdraw it.
//!
//! No mail is sent here, and no link is made: the recorded event makes `notify` do both. Nothing
//! here looks up whether an address is known, so no answer can tell.

mod invitations;
mod rows;

use edge::Edge;

edge::routes! {
    state: Edge;
    post "/v1/invitations" => invitations::create_invitation,
    post "/v1/invitations/bulk" => rows::create_invitations,
    post "/v1/clients/invitations" => rows::invite_clients,
    get "/v1/invitations" => invitations::list_invitations,
    post "/v1/invitations/{id}/resend" => invitations::resend_invitation,
    post "/v1/invitations/{id}/revoke" => invitations::revoke_invitation,
}
