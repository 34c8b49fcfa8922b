//! The pages that say why an invitation's link does not lead further.

use api::ApiError;
use axum::http::StatusCode;
use domain::{invitation::LinkRefusal, language::Reader, messages};
use html::{Link, Page};
use links::LinkToken;

use super::{PAGES, sign_in_url, words};
use crate::invitation_link::Closed;

messages! {
    expired {
        English: "This invitation has expired",
        German: "Diese Einladung ist abgelaufen",
        French: "Cette invitation a expiré",
        Dutch: "Deze uitnodiging is verlopen",
        Spanish: "Esta invitación ha caducado",
    }
    ask_to_send_again {
        English: "Ask the person who invited you to send it again. A new link will come by email.",
        German: "Bitten Sie die Person, die Sie eingeladen hat, sie noch einmal zu senden. Ein neuer Link kommt dann per E-Mail.",
        French: "Demandez à la personne qui vous a invité de l’envoyer à nouveau. Un nouveau lien arrivera par e-mail.",
        Dutch: "Vraag de persoon die u heeft uitgenodigd om deze opnieuw te versturen. Een nieuwe link komt dan per e-mail.",
        Spanish: "Pida a la persona que le invitó que la envíe de nuevo. Recibirá un nuevo enlace por correo electrónico.",
    }
    withdrawn {
        English: "This invitation was withdrawn",
        German: "Diese Einladung wurde zurückgezogen",
        French: "Cette invitation a été retirée",
        Dutch: "Deze uitnodiging is ingetrokken",
        Spanish: "Esta invitación se ha retirado",
    }
    if_a_mistake {
        English: "It can no longer be accepted. If you think that is a mistake, ask the person who invited you.",
        German: "Sie kann nicht mehr angenommen werden. Falls Sie das für einen Irrtum halten, fragen Sie die Person, die Sie eingeladen hat.",
        French: "Elle ne peut plus être acceptée. Si vous pensez qu’il s’agit d’une erreur, adressez-vous à la personne qui vous a invité.",
        Dutch: "Deze kan niet meer worden geaccepteerd. Denkt u dat dit een vergissing is, vraag het dan aan de persoon die u heeft uitgenodigd.",
        Spanish: "Ya no se puede aceptar. Si cree que es un error, pregunte a la persona que le invitó.",
    }
    declined {
        English: "This invitation was declined",
        German: "Diese Einladung wurde abgelehnt",
        French: "Cette invitation a été refusée",
        Dutch: "Deze uitnodiging is geweigerd",
        Spanish: "Esta invitación se ha rechazado",
    }
    if_you_changed_your_mind {
        English: "It can no longer be accepted. If you changed your mind, ask the person who invited you for a new one.",
        German: "Sie kann nicht mehr angenommen werden. Falls Sie es sich anders überlegt haben, bitten Sie die Person, die Sie eingeladen hat, um eine neue.",
        French: "Elle ne peut plus être acceptée. Si vous avez changé d’avis, demandez-en une nouvelle à la personne qui vous a invité.",
        Dutch: "Deze kan niet meer worden geaccepteerd. Bent u van gedachten veranderd, vraag dan een nieuwe aan de persoon die u heeft uitgenodigd.",
        Spanish: "Ya no se puede aceptar. Si ha cambiado de opinión, pida una nueva a la persona que le invitó.",
    }
    newer_link {
        English: "There is a newer link",
        German: "Es gibt einen neueren Link",
        French: "Il existe un lien plus récent",
        Dutch: "Er is een nieuwere link",
        Spanish: "Hay un enlace más reciente",
    }
    use_the_newest {
        English: "This invitation was sent again. Use the link in the newest email about it.",
        German: "Diese Einladung wurde noch einmal gesendet. Verwenden Sie den Link in der neuesten E-Mail dazu.",
        French: "Cette invitation a été envoyée à nouveau. Utilisez le lien du dernier e-mail à ce sujet.",
        Dutch: "Deze uitnodiging is opnieuw verstuurd. Gebruik de link in de nieuwste e-mail hierover.",
        Spanish: "Esta invitación se ha enviado de nuevo. Use el enlace del correo más reciente.",
    }
    accepted {
        English: "This invitation was accepted",
        German: "Diese Einladung wurde angenommen",
        French: "Cette invitation a été acceptée",
        Dutch: "Deze uitnodiging is geaccepteerd",
        Spanish: "Esta invitación se ha aceptado",
    }
    if_you_accepted {
        English: "If you accepted it, sign in to go on. A link works only once.",
        German: "Wenn Sie sie angenommen haben, melden Sie sich an, um fortzufahren. Ein Link funktioniert nur einmal.",
        French: "Si vous l’avez acceptée, connectez-vous pour continuer. Un lien ne fonctionne qu’une fois.",
        Dutch: "Hebt u de uitnodiging geaccepteerd, log dan in om verder te gaan. Een link werkt maar één keer.",
        Spanish: "Si usted la aceptó, inicie sesión para continuar. Un enlace solo funciona una vez.",
    }
    nothing {
        English: "There is nothing here",
        German: "Hier ist nichts",
        French: "Il n’y a rien ici",
        Dutch: "Hier is niets",
        Spanish: "Aquí no hay nada",
    }
    no_invitation {
        English: "There is no invitation behind this link. Check that you copied all of it from the email.",
        German: "Hinter diesem Link ist keine Einladung. Prüfen Sie, ob Sie ihn vollständig aus der E-Mail kopiert haben.",
        French: "Ce lien ne mène à aucune invitation. Vérifiez que vous l’avez copié en entier depuis l’e-mail.",
        Dutch: "Achter deze link zit geen uitnodiging. Controleer of u hem helemaal uit de e-mail hebt gekopieerd.",
        Spanish: "Este enlace no lleva a ninguna invitación. Compruebe que lo copió entero del correo.",
    }
    for_a_firm {
        English: "This invitation is for a firm",
        German: "Diese Einladung ist für eine Kanzlei",
        French: "Cette invitation s’adresse à un cabinet",
        Dutch: "Deze uitnodiging is voor een kantoor",
        Spanish: "Esta invitación es para un despacho",
    }
    how_to_accept_for_a_firm {
        English: "Sign in as an admin of the firm to accept, or open the link again and name the firm to register it.",
        German: "Melden Sie sich als Administrator der Kanzlei an, um sie anzunehmen, oder öffnen Sie den Link noch \
            einmal und geben Sie den Namen der Kanzlei ein, um sie zu registrieren.",
        French: "Connectez-vous en tant qu’administrateur du cabinet pour accepter, ou ouvrez de nouveau le lien et indiquez le nom du cabinet pour l’inscrire.",
        Dutch: "Log in als beheerder van het kantoor om te accepteren, of open de link opnieuw en vul de naam van het kantoor in om het te registreren.",
        Spanish: "Inicie sesión como administrador del despacho para aceptarla, o abra de nuevo el enlace e indique el nombre del despacho para registrarlo.",
    }
    account_already {
        English: "You have an account already",
        German: "Sie haben bereits ein Konto",
        French: "Vous avez déjà un compte",
        Dutch: "U hebt al een account",
        Spanish: "Ya tiene una cuenta",
    }
    sign_in_with_it {
        English: "There is an account with the address that this invitation was sent to. Sign in with it to accept.",
        German: "Zu der Adresse, an die diese Einladung ging, gibt es ein Konto. Melden Sie sich damit an, um sie anzunehmen.",
        French: "Il existe un compte pour l’adresse à laquelle cette invitation a été envoyée. Connectez-vous avec ce compte pour accepter.",
        Dutch: "Er is een account met het adres waarnaar deze uitnodiging is gestuurd. Log daarmee in om te accepteren.",
        Spanish: "Existe una cuenta con la dirección a la que se envió esta invitación. Inicie sesión con ella para aceptar.",
    }
    holds_no_longer {
        English: "This invitation no longer holds",
        German: "Diese Einladung gilt nicht mehr",
        French: "Cette invitation n’est plus valable",
        Dutch: "Deze uitnodiging geldt niet meer",
        Spanish: "Esta invitación ya no es válida",
    }
    inviter_may_no_longer {
        English: "The person who sent it may no longer invite. Ask for a new one.",
        German: "Die Person, die sie gesendet hat, darf nicht mehr einladen. Bitten Sie um eine neue.",
        French: "La personne qui l’a envoyée n’a plus le droit d’inviter. Demandez-en une nouvelle.",
        Dutch: "De afzender mag niet meer uitnodigen. Vraag om een nieuwe uitnodiging.",
        Spanish: "La persona que la envió ya no puede invitar. Pida una nueva.",
    }
    somebody_was_faster {
        English: "Someone was faster",
        German: "Jemand war schneller",
        French: "Quelqu’un a été plus rapide",
        Dutch: "Iemand was sneller",
        Spanish: "Alguien se ha adelantado",
    }
    changed_meanwhile {
        English: "This invitation was changed at the same time. Open the link again.",
        German: "Diese Einladung wurde gleichzeitig geändert. Öffnen Sie den Link noch einmal.",
        French: "Cette invitation a été modifiée en même temps. Ouvrez de nouveau le lien.",
        Dutch: "Deze uitnodiging is tegelijkertijd gewijzigd. Open de link opnieuw.",
        Spanish: "Esta invitación se ha cambiado al mismo tiempo. Abra de nuevo el enlace.",
    }
    too_many {
        English: "Too many tries",
        German: "Zu viele Versuche",
        French: "Trop de tentatives",
        Dutch: "Te veel pogingen",
        Spanish: "Demasiados intentos",
    }
    too_many_accounts {
        English: "Too many accounts were asked for from your network. Please try again later.",
        German: "Aus Ihrem Netzwerk wurden zu viele Konten angefordert. Bitte versuchen Sie es später noch einmal.",
        French: "Trop de comptes ont été demandés depuis votre réseau. Veuillez réessayer plus tard.",
        Dutch: "Vanuit uw netwerk zijn te veel accounts aangevraagd. Probeer het later opnieuw.",
        Spanish: "Se han solicitado demasiadas cuentas desde su red. Vuelva a intentarlo más tarde.",
    }
    too_long {
        English: "This is too long",
        German: "Das ist zu lang",
        French: "C’est trop long",
        Dutch: "Dit is te lang",
        Spanish: "Es demasiado largo",
    }
    fill_in_anew {
        English: "Open the link again and fill in the form anew.",
        German: "Öffnen Sie den Link noch einmal und füllen Sie das Formular neu aus.",
        French: "Ouvrez de nouveau le lien et remplissez à nouveau le formulaire.",
        Dutch: "Open de link opnieuw en vul het formulier nog eens in.",
        Spanish: "Abra de nuevo el enlace y vuelva a rellenar el formulario.",
    }
}

/// The link is unknown or dead. The page says no more than that: names and offers are shown only while the
/// invitation can be accepted.
pub(crate) fn closed(reader: &Reader, closed: Closed, portal_url: &str) -> Page {
    let refusal = match closed {
        Closed::Forged => return nothing_here(reader),
        Closed::Stopped(ApiError::Problem(problem)) => return failed(reader, problem.status()),
        Closed::Stopped(ApiError::Replay(_)) => return failed(reader, StatusCode::INTERNAL_SERVER_ERROR),
        Closed::Dead(refusal) => refusal,
    };
    let said = match refusal {
        LinkRefusal::Expired => (expired(reader), ask_to_send_again(reader)),
        LinkRefusal::Revoked => (withdrawn(reader), if_a_mistake(reader)),
        LinkRefusal::Rejected => (declined(reader), if_you_changed_your_mind(reader)),
        LinkRefusal::Superseded => (newer_link(reader), use_the_newest(reader)),
        LinkRefusal::AlreadyAccepted => (accepted(reader), if_you_accepted(reader)),
    };
    let link = match refusal {
        LinkRefusal::AlreadyAccepted => Some(Link { url: portal_url, label: words::sign_in(reader) }),
        LinkRefusal::Expired | LinkRefusal::Revoked | LinkRefusal::Rejected | LinkRefusal::Superseded => None,
    };
    PAGES.notice(reader, StatusCode::GONE, said, link)
}

fn nothing_here(reader: &Reader) -> Page {
    PAGES.notice(reader, StatusCode::NOT_FOUND, (nothing(reader), no_invitation(reader)), None)
}

/// A firm's invitation cannot be accepted without a firm.
pub(crate) fn firm_invited(reader: &Reader, token: &LinkToken, portal_url: &str) -> Page {
    let link = Link { url: &sign_in_url(portal_url, token), label: words::sign_in_to_accept(reader) };
    let said = (for_a_firm(reader), how_to_accept_for_a_firm(reader));
    PAGES.notice(reader, StatusCode::CONFLICT, said, Some(link))
}

/// The address has an account already. The link was sent to the address, so the page may say so.
pub(crate) fn account_exists(reader: &Reader, token: &LinkToken, portal_url: &str) -> Page {
    let link = Link { url: &sign_in_url(portal_url, token), label: words::sign_in_to_accept(reader) };
    PAGES.notice(reader, StatusCode::CONFLICT, (account_already(reader), sign_in_with_it(reader)), Some(link))
}

/// The request failed.
pub(crate) fn failed(reader: &Reader, status: StatusCode) -> Page {
    let said = match status {
        StatusCode::GONE => (holds_no_longer(reader), inviter_may_no_longer(reader)),
        StatusCode::CONFLICT => (somebody_was_faster(reader), changed_meanwhile(reader)),
        StatusCode::TOO_MANY_REQUESTS => (too_many(reader), too_many_accounts(reader)),
        StatusCode::PAYLOAD_TOO_LARGE => (too_long(reader), fill_in_anew(reader)),
        _ => return PAGES.failed(reader, status),
    };
    PAGES.notice(reader, status, said, None)
}
