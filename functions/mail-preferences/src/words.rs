//! The words of the pages, in every language.

use domain::messages;

messages! {
    /// A category for which nothing is chosen.
    pub(crate) by_default {
        English: "As each company or firm sets it",
        German: "Wie das Unternehmen oder die Kanzlei es einstellt",
        French: "Selon le réglage de l’entreprise ou du cabinet",
        Dutch: "Zoals het bedrijf of kantoor het instelt",
        Spanish: "Según lo que configure la empresa o el despacho",
    }
    pub(crate) at_once {
        English: "When it happens",
        German: "Sobald es geschieht",
        French: "Dès que cela arrive",
        Dutch: "Zodra het gebeurt",
        Spanish: "En cuanto ocurra",
    }
    pub(crate) in_digest {
        English: "In a digest",
        German: "In einer Zusammenfassung",
        French: "Dans un récapitulatif",
        Dutch: "In een overzicht",
        Spanish: "En un resumen",
    }
    pub(crate) not_mailed {
        English: "Not mailed",
        German: "Nicht per E-Mail",
        French: "Pas par e-mail",
        Dutch: "Niet per e-mail",
        Spanish: "No por correo",
    }
    pub(crate) digests {
        English: "Digests",
        German: "Zusammenfassungen",
        French: "Récapitulatifs",
        Dutch: "Overzichten",
        Spanish: "Resúmenes",
    }
    /// What a digest is.
    pub(crate) about_digests {
        English: "Digests: several notifications in one message.",
        German: "Zusammenfassungen: mehrere Benachrichtigungen in einer Nachricht.",
        French: "Récapitulatifs : plusieurs notifications en un seul message.",
        Dutch: "Overzichten: meerdere meldingen in één bericht.",
        Spanish: "Resúmenes: varias notificaciones en un solo mensaje.",
    }
    pub(crate) sent {
        English: "Sent",
        German: "Werden gesendet",
        French: "Envoyés",
        Dutch: "Worden verstuurd",
        Spanish: "Se envían",
    }
    pub(crate) not_sent {
        English: "Not sent",
        German: "Werden nicht gesendet",
        French: "Non envoyés",
        Dutch: "Worden niet verstuurd",
        Spanish: "No se envían",
    }
    /// The title, once they are stopped.
    pub(crate) are_stopped {
        English: "These messages are stopped",
        German: "Diese Nachrichten sind abbestellt",
        French: "Vous ne recevez plus ces messages",
        Dutch: "Deze berichten zijn stopgezet",
        Spanish: "Ya no recibe estos mensajes",
    }
    /// The button that starts them again.
    pub(crate) resume {
        English: "Send them again",
        German: "Wieder senden",
        French: "Les recevoir à nouveau",
        Dutch: "Weer ontvangen",
        Spanish: "Volver a recibirlos",
    }
    /// The title, while they are not stopped.
    pub(crate) whether_to_stop {
        English: "Stop these messages?",
        German: "Diese Nachrichten abbestellen?",
        French: "Ne plus recevoir ces messages ?",
        Dutch: "Deze berichten stopzetten?",
        Spanish: "¿Dejar de recibir estos mensajes?",
    }
    /// The button that stops them.
    pub(crate) stop {
        English: "Stop these messages",
        German: "Diese Nachrichten abbestellen",
        French: "Ne plus recevoir ces messages",
        Dutch: "Deze berichten stopzetten",
        Spanish: "Dejar de recibir estos mensajes",
    }
    pub(crate) in_inbox {
        English: "You still find what they say in your inbox when you sign in.",
        German: "Ihren Inhalt finden Sie nach der Anmeldung weiterhin in Ihrem Posteingang.",
        French: "Leur contenu reste dans votre boîte de réception, sur le portail.",
        Dutch: "Wat erin staat, vindt u na het inloggen nog steeds in uw inbox.",
        Spanish: "Su contenido sigue en su bandeja de entrada cuando inicia sesión.",
    }
    pub(crate) nothing_changed {
        English: "Opening this page changed nothing.",
        German: "Das Öffnen dieser Seite hat nichts geändert.",
        French: "Ouvrir cette page n’a rien changé.",
        Dutch: "Het openen van deze pagina heeft niets veranderd.",
        Spanish: "Abrir esta página no ha cambiado nada.",
    }
    pub(crate) is_mailed {
        English: "What is mailed to you",
        German: "Was Sie per E-Mail erhalten",
        French: "Ce que vous recevez par e-mail",
        Dutch: "Wat u per e-mail ontvangt",
        Spanish: "Lo que recibe por correo",
    }
    pub(crate) everywhere {
        English: "Your choices count in every company and firm.",
        German: "Ihre Auswahl gilt in jedem Unternehmen und jeder Kanzlei.",
        French: "Vos choix valent pour chaque entreprise et chaque cabinet.",
        Dutch: "Uw keuzes gelden voor elk bedrijf en elk kantoor.",
        Spanish: "Sus preferencias valen para todas las empresas y todos los despachos.",
    }
    pub(crate) always {
        English: "This is always mailed.",
        German: "Das wird immer per E-Mail gesendet.",
        French: "C’est toujours envoyé par e-mail.",
        Dutch: "Dit wordt altijd gemaild.",
        Spanish: "Esto se envía siempre por correo.",
    }
    pub(crate) otherwise {
        English: "For some companies or firms you chose differently. A new choice here replaces that.",
        German: "Für einzelne Unternehmen oder Kanzleien haben Sie anders gewählt. Eine andere Auswahl hier ersetzt das.",
        French: "Pour certaines entreprises ou certains cabinets, vous avez choisi autrement. Un autre choix ici remplace cela.",
        Dutch: "Voor afzonderlijke bedrijven of kantoren hebt u anders gekozen. Een andere keuze hier vervangt dat.",
        Spanish: "Para algunas empresas o despachos ha elegido otra cosa. Otra elección aquí la sustituye.",
    }
    pub(crate) saved {
        English: "Your choices are saved.",
        German: "Ihre Auswahl ist gespeichert.",
        French: "Vos choix sont enregistrés.",
        Dutch: "Uw keuzes zijn opgeslagen.",
        Spanish: "Sus preferencias se han guardado.",
    }
    pub(crate) save {
        English: "Save",
        German: "Speichern",
        French: "Enregistrer",
        Dutch: "Opslaan",
        Spanish: "Guardar",
    }
    pub(crate) form_is_not_ours {
        English: "Nothing was changed",
        German: "Es wurde nichts geändert",
        French: "Rien n’a été modifié",
        Dutch: "Er is niets gewijzigd",
        Spanish: "No se ha cambiado nada",
    }
    pub(crate) open_anew {
        English: "The form could not be read. Open the link in the message again, and choose once more.",
        German: "Das Formular konnte nicht gelesen werden. Öffnen Sie den Link in der Nachricht erneut und wählen Sie noch einmal.",
        French: "Le formulaire n’a pas pu être lu. Ouvrez de nouveau le lien du message et refaites votre choix.",
        Dutch: "Het formulier kon niet worden gelezen. Open de link in het bericht opnieuw en maak uw keuze nog eens.",
        Spanish: "No se ha podido leer el formulario. Vuelva a abrir el enlace del mensaje y elija otra vez.",
    }
    pub(crate) does_not_work {
        English: "This link does not work",
        German: "Dieser Link funktioniert nicht",
        French: "Ce lien ne fonctionne pas",
        Dutch: "Deze link werkt niet",
        Spanish: "Este enlace no funciona",
    }
    pub(crate) whole_link {
        English: "Check that you opened the whole link, as it is in the message. You can also sign in and choose there what is mailed to you.",
        German: "Prüfen Sie, ob Sie den ganzen Link geöffnet haben, so wie er in der Nachricht steht. Sie können sich auch anmelden und dort wählen, was Sie per E-Mail erhalten.",
        French: "Vérifiez que vous avez ouvert le lien entier, tel qu’il figure dans le message. Vous pouvez aussi vous connecter et y choisir ce que vous recevez par e-mail.",
        Dutch: "Controleer of u de hele link hebt geopend, zoals die in het bericht staat. U kunt ook inloggen en daar \
            kiezen wat u per e-mail ontvangt.",
        Spanish: "Compruebe que ha abierto el enlace completo, tal como figura en el mensaje. También puede iniciar sesión y elegir allí lo que recibe por correo.",
    }
}
