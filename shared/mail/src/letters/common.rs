//! Words that several letters have.

use domain::messages;

messages! {
    pub(super) company {
        English: "Company",
        German: "Unternehmen",
        French: "Entreprise",
        Dutch: "Bedrijf",
        Spanish: "Empresa",
    }
    pub(super) amount {
        English: "Amount",
        German: "Betrag",
        French: "Montant",
        Dutch: "Bedrag",
        Spanish: "Importe",
    }
    pub(super) customer {
        English: "Customer",
        German: "Kunde",
        French: "Client",
        Dutch: "Klant",
        Spanish: "Cliente",
    }
    /// The day by which an invoice is to be paid.
    pub(super) due_on {
        English: "Due on",
        German: "Fällig am",
        French: "Échéance",
        Dutch: "Vervaldatum",
        Spanish: "Vencimiento",
    }
    /// The last day on which an estimate can be accepted.
    pub(super) valid_until {
        English: "Valid until",
        German: "Gültig bis",
        French: "Valable jusqu’au",
        Dutch: "Geldig tot en met",
        Spanish: "Válido hasta",
    }
    /// Why a contact of a customer gets a letter.
    pub(super) why_contact(customer, company) {
        English: "You receive this because you are a contact of {customer} at {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie bei {company} als Kontaktperson von {customer} hinterlegt sind.",
        French: "Vous recevez ce message parce que vous figurez parmi les contacts du client {customer} chez {company}.",
        Dutch: "U ontvangt dit bericht omdat u bij {company} contactpersoon van {customer} bent.",
        Spanish: "Recibe este mensaje porque figura entre los contactos de {customer} en {company}.",
    }
    /// What the holder of a hosted link must know.
    pub(super) for_you_alone {
        English: "The link needs no sign-in and is for you alone. Please do not pass it on.",
        German: "Der Link öffnet sich ohne Anmeldung und ist nur für Sie bestimmt. Bitte geben Sie ihn nicht weiter.",
        French: "Ce lien s’ouvre sans identification et n’est destiné qu’à vous. Merci de ne pas le transmettre.",
        Dutch: "De link werkt zonder inloggen en is alleen voor u bestemd. Geef hem alstublieft niet door.",
        Spanish: "El enlace se abre sin iniciar sesión y es solo para usted. Por favor, no lo comparta.",
    }
}
