//! The words of the page behind a registration link.

use domain::messages;

messages! {
    pub(super) title(firm) {
        English: "Register with {firm}",
        German: "Registrierung bei {firm}",
        French: "Inscription chez {firm}",
        Dutch: "Registratie bij {firm}",
        Spanish: "Registrarse con {firm}",
    }
    pub(super) register_your_company {
        English: "Register your company",
        German: "Registrieren Sie Ihr Unternehmen",
        French: "Inscrivez votre entreprise",
        Dutch: "Registreer uw bedrijf",
        Spanish: "Registre su empresa",
    }
    pub(super) keep_your_books_with(firm) {
        English: "Keep your books with {firm}",
        German: "Führen Sie Ihre Bücher mit {firm}",
        French: "Tenez votre comptabilité avec {firm}",
        Dutch: "Voer uw boekhouding met {firm}",
        Spanish: "Lleve su contabilidad con {firm}",
    }
    pub(super) invites_you(firm) {
        English: "{firm} invites you to register your company, and would be connected to it at once.",
        German: "{firm} lädt Sie ein, Ihr Unternehmen zu registrieren, und wäre sofort damit verbunden.",
        French: "{firm} vous invite à inscrire votre entreprise ; le cabinet y serait aussitôt connecté.",
        Dutch: "{firm} nodigt u uit om uw bedrijf te registreren, en zou er meteen aan gekoppeld zijn.",
        Spanish: "{firm} le invita a registrar su empresa; el despacho quedaría conectado a ella de inmediato.",
    }
    pub(super) pays(firm) {
        English: "{firm} pays for the subscription.",
        German: "{firm} bezahlt das Abonnement.",
        French: "{firm} paie l’abonnement.",
        Dutch: "{firm} betaalt het abonnement.",
        Spanish: "{firm} paga la suscripción.",
    }
    pub(super) sign_in_to_register {
        English: "Sign in or sign up to register",
        German: "Zum Registrieren anmelden oder Konto erstellen",
        French: "Se connecter ou créer un compte pour s’inscrire",
        Dutch: "Inloggen of account aanmaken om te registreren",
        Spanish: "Iniciar sesión o crear una cuenta para registrarse",
    }
    pub(super) changed_nothing {
        English: "This page changed nothing. You are asked once more before anything is shared.",
        German: "Diese Seite hat nichts verändert. Bevor etwas geteilt wird, werden Sie noch einmal gefragt.",
        French: "Cette page n’a rien modifié. Votre accord vous sera demandé encore une fois avant tout partage.",
        Dutch: "Deze pagina heeft niets gewijzigd. Voordat er iets wordt gedeeld, wordt het u nog eens gevraagd.",
        Spanish: "Esta página no ha cambiado nada. Se le preguntará de nuevo antes de compartir nada.",
    }
    pub(super) open_until(expires) {
        English: "The link is open until {expires}.",
        German: "Der Link gilt bis zum {expires}.",
        French: "Le lien est valable jusqu’au {expires}.",
        Dutch: "De link is geldig tot {expires}.",
        Spanish: "El enlace es válido hasta el {expires}.",
    }
    pub(super) what_you_agree_to {
        English: "What you would agree to",
        German: "Wozu Sie Ihre Zustimmung geben würden",
        French: "Ce que vous accepteriez",
        Dutch: "Waarvoor u toestemming zou geven",
        Spanish: "Lo que usted aceptaría",
    }
    pub(super) nothing {
        English: "There is nothing here",
        German: "Hier ist nichts",
        French: "Il n’y a rien ici",
        Dutch: "Hier is niets",
        Spanish: "Aquí no hay nada",
    }
    pub(super) nothing_behind {
        English: "There is nothing behind this link. Check that you copied all of it.",
        German: "Hinter diesem Link ist nichts. Prüfen Sie, ob Sie ihn vollständig kopiert haben.",
        French: "Ce lien ne mène à rien. Vérifiez que vous l’avez copié en entier.",
        Dutch: "Achter deze link zit niets. Controleer of u hem helemaal hebt gekopieerd.",
        Spanish: "Este enlace no lleva a nada. Compruebe que lo copió entero.",
    }
    pub(super) withdrawn {
        English: "This link was withdrawn",
        German: "Dieser Link wurde zurückgezogen",
        French: "Ce lien a été retiré",
        Dutch: "Deze link is ingetrokken",
        Spanish: "Este enlace se ha retirado",
    }
    pub(super) expired {
        English: "This link has expired",
        German: "Dieser Link ist abgelaufen",
        French: "Ce lien a expiré",
        Dutch: "Deze link is verlopen",
        Spanish: "Este enlace ha caducado",
    }
    pub(super) ask_for_a_new_one {
        English: "Ask your accountant for a new one.",
        German: "Bitten Sie Ihre Kanzlei um einen neuen.",
        French: "Demandez-en un nouveau à votre comptable.",
        Dutch: "Vraag uw accountant om een nieuwe.",
        Spanish: "Pida uno nuevo a su contable.",
    }
    pub(super) used_up {
        English: "This link was used up",
        German: "Dieser Link ist aufgebraucht",
        French: "Ce lien a atteint sa limite",
        Dutch: "Deze link is opgebruikt",
        Spanish: "Este enlace ha alcanzado su límite",
    }
    pub(super) as_many_as_could {
        English: "As many registered through it as could. Ask your accountant for a new one.",
        German: "Darüber haben sich bereits so viele registriert, wie es möglich war. Bitten Sie Ihre Kanzlei um einen neuen.",
        French: "Le nombre maximal d’inscriptions par ce lien est atteint. Demandez-en un nouveau à votre comptable.",
        Dutch: "Het maximale aantal bedrijven heeft zich via deze link geregistreerd. Vraag uw accountant om een \
            nieuwe.",
        Spanish: "Ya se han registrado con él tantas empresas como era posible. Pida uno nuevo a su contable.",
    }
    pub(super) try_again {
        English: "Please try again",
        German: "Bitte versuchen Sie es noch einmal",
        French: "Veuillez réessayer",
        Dutch: "Probeer het opnieuw",
        Spanish: "Vuelva a intentarlo",
    }
    pub(super) open_again {
        English: "Open the link again.",
        German: "Öffnen Sie den Link noch einmal.",
        French: "Ouvrez de nouveau le lien.",
        Dutch: "Open de link opnieuw.",
        Spanish: "Abra de nuevo el enlace.",
    }
}
