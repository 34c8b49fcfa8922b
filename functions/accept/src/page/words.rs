//! The words of the page of an open invitation, and of the page that welcomes.

use domain::{MemberRole, StaffRole, invitation::Offer, language::Reader, messages};
use html::{Sentence, named};

messages! {
    pub(super) title {
        English: "Your invitation",
        German: "Ihre Einladung",
        French: "Votre invitation",
        Dutch: "Uw uitnodiging",
        Spanish: "Su invitación",
    }
    named_firm_is_invited(inviter, firm, org) {
        English: "{inviter} invites {firm} to keep the books of {org}",
        German: "{inviter} lädt {firm} ein, die Bücher von {org} zu führen",
        French: "{inviter} invite {firm} à tenir la comptabilité de l’entreprise {org}",
        Dutch: "{inviter} nodigt {firm} uit om de boekhouding van {org} te voeren",
        Spanish: "{inviter} invita a {firm} a llevar la contabilidad de {org}",
    }
    firm_is_invited(inviter, org) {
        English: "{inviter} invites your firm to keep the books of {org}",
        German: "{inviter} lädt Ihre Kanzlei ein, die Bücher von {org} zu führen",
        French: "{inviter} invite votre cabinet à tenir la comptabilité de l’entreprise {org}",
        Dutch: "{inviter} nodigt uw kantoor uit om de boekhouding van {org} te voeren",
        Spanish: "{inviter} invita a su despacho a llevar la contabilidad de {org}",
    }
    how_a_firm_accepts {
        English: "Accept for your firm with the account that you have, or register your firm.",
        German: "Nehmen Sie die Einladung mit Ihrem bestehenden Konto für Ihre Kanzlei an, oder registrieren Sie Ihre Kanzlei.",
        French: "Acceptez pour votre cabinet avec le compte que vous avez déjà, ou inscrivez votre cabinet.",
        Dutch: "Accepteer voor uw kantoor met het account dat u al hebt, of registreer uw kantoor.",
        Spanish: "Acepte en nombre de su despacho con la cuenta que ya tiene, o registre su despacho.",
    }
    member_is_invited(inviter, org) {
        English: "{inviter} invites you to join {org}",
        German: "{inviter} lädt Sie ein, Mitglied bei {org} zu werden",
        French: "{inviter} vous invite à rejoindre l’entreprise {org}",
        Dutch: "{inviter} nodigt u uit om lid te worden van {org}",
        Spanish: "{inviter} le invita a formar parte de {org}",
    }
    staff_is_invited(inviter, org) {
        English: "{inviter} invites you to join the staff of {org}",
        German: "{inviter} lädt Sie ein, dem Team von {org} beizutreten",
        French: "{inviter} vous invite à faire partie de l’équipe du cabinet {org}",
        Dutch: "{inviter} nodigt u uit om deel uit te maken van het team van {org}",
        Spanish: "{inviter} le invita a formar parte del equipo de {org}",
    }
    your_role(role) {
        English: "Your role: {role}.",
        German: "Ihre Rolle: {role}.",
        French: "Votre rôle : {role}.",
        Dutch: "Uw rol: {role}.",
        Spanish: "Su rol: {role}.",
    }
    client_is_asked(inviter, org) {
        English: "{inviter} of {org} asks for access to the books of your company",
        German: "{inviter} ({org}) bittet um Zugriff auf die Bücher Ihres Unternehmens",
        French: "{inviter} ({org}) demande l’accès à la comptabilité de votre entreprise",
        Dutch: "{inviter} van {org} vraagt toegang tot de boekhouding van uw bedrijf",
        Spanish: "{inviter}, de {org}, solicita acceso a la contabilidad de su empresa",
    }
    nothing_is_shared_before {
        English: "Below is what you would agree to. Nothing is shared before you do.",
        German: "Unten steht, wozu Sie Ihre Zustimmung geben würden. Vor Ihrer Zustimmung wird nichts geteilt.",
        French: "Vous trouverez ci-dessous ce que vous accepteriez. Rien n’est partagé avant votre accord.",
        Dutch: "Hieronder staat waarvoor u toestemming zou geven. Tot die tijd wordt er niets gedeeld.",
        Spanish: "A continuación figura lo que usted aceptaría. No se comparte nada antes de que lo haga.",
    }
    contact_is_let_in(inviter, org, customer) {
        English: "{inviter} lets you see what {org} sends to {customer}",
        German: "{inviter} gibt Ihnen Einblick in alles, was {org} an {customer} sendet",
        French: "{inviter} vous permet de voir ce que l’entreprise {org} envoie à {customer}",
        Dutch: "{inviter} geeft u inzage in wat {org} aan {customer} stuurt",
        Spanish: "{inviter} le permite ver lo que {org} envía a {customer}",
    }
    as_listed {
        English: "As listed below",
        German: "Wie unten aufgeführt",
        French: "Comme indiqué ci-dessous",
        Dutch: "Zoals hieronder vermeld",
        Spanish: "Como se indica abajo",
    }
    reach_of_admin {
        English: "You would enter the books of every client of the firm, now and later.",
        German: "Sie hätten Zugriff auf die Bücher aller Mandanten der Kanzlei, auch der künftigen.",
        French: "Vous auriez accès à la comptabilité de tous les clients du cabinet, actuels et futurs.",
        Dutch: "U zou toegang krijgen tot de boekhouding van alle klanten van het kantoor, nu en later.",
        Spanish: "Tendría acceso a la contabilidad de todos los clientes del despacho, ahora y en el futuro.",
    }
    reach_of_bookkeeper {
        English: "You would enter the books of the clients that are assigned to you.",
        German: "Sie hätten Zugriff auf die Bücher der Mandanten, die Ihnen zugewiesen sind.",
        French: "Vous auriez accès à la comptabilité des clients qui vous sont affectés.",
        Dutch: "U zou toegang krijgen tot de boekhouding van de klanten die aan u zijn toegewezen.",
        Spanish: "Tendría acceso a la contabilidad de los clientes que se le asignen.",
    }
    pub(super) not_made {
        English: "Your account was not made.",
        German: "Ihr Konto wurde nicht erstellt.",
        French: "Votre compte n’a pas été créé.",
        Dutch: "Uw account is niet aangemaakt.",
        Spanish: "No se ha creado su cuenta.",
    }
    pub(super) see_what_to_change {
        English: "See what to change",
        German: "Sehen Sie nach, was zu ändern ist",
        French: "Voyez ce qu’il faut modifier",
        Dutch: "Bekijk wat u moet wijzigen",
        Spanish: "Vea qué debe cambiar",
    }
    pub(super) sign_in_to_accept {
        English: "Sign in to accept",
        German: "Anmelden und annehmen",
        French: "Se connecter pour accepter",
        Dutch: "Inloggen en accepteren",
        Spanish: "Iniciar sesión para aceptar",
    }
    pub(super) no_account_yet {
        English: "I have no account yet",
        German: "Ich habe noch kein Konto",
        French: "Je n’ai pas encore de compte",
        Dutch: "Ik heb nog geen account",
        Spanish: "Aún no tengo cuenta",
    }
    pub(super) until_when(expires, email) {
        English: "Sign in to decline, too. This page changed nothing. The invitation is open until {expires}, and only for {email}. If you did not expect it, you need not do anything.",
        German: "Auch zum Ablehnen melden Sie sich an. Diese Seite hat nichts verändert. Die Einladung gilt bis zum \
            {expires}, und nur für {email}. Falls Sie sie nicht erwartet haben, brauchen Sie nichts zu tun.",
        French: "Connectez-vous également pour refuser. Cette page n’a rien modifié. L’invitation est valable jusqu’au {expires}, et uniquement pour {email}. Si vous ne l’attendiez pas, vous n’avez rien à faire.",
        Dutch: "Log ook in om te weigeren. Deze pagina heeft niets gewijzigd. De uitnodiging is geldig tot {expires}, en alleen voor {email}. Als u deze niet verwachtte, hoeft u niets te doen.",
        Spanish: "Inicie sesión también para rechazarla. Esta página no ha cambiado nada. La invitación es válida \
            hasta el {expires}, y solo para {email}. Si no la esperaba, no tiene que hacer nada.",
    }
    pub(super) writes(writer) {
        English: "{writer} writes:",
        German: "{writer} schreibt:",
        French: "{writer} écrit :",
        Dutch: "{writer} schrijft:",
        Spanish: "{writer} escribe:",
    }
    pub(super) what_you_agree_to {
        English: "What you would agree to",
        German: "Wozu Sie Ihre Zustimmung geben würden",
        French: "Ce que vous accepteriez",
        Dutch: "Waarvoor u toestemming zou geven",
        Spanish: "Lo que usted aceptaría",
    }
    pub(super) what_the_firm_could_do {
        English: "What the firm could do there",
        German: "Was die Kanzlei dort tun könnte",
        French: "Ce que le cabinet pourrait y faire",
        Dutch: "Wat het kantoor daar zou kunnen doen",
        Spanish: "Qué podría hacer allí el despacho",
    }
    pub(super) what_you_could_do {
        English: "What you could do there",
        German: "Was Sie dort tun könnten",
        French: "Ce que vous pourriez y faire",
        Dutch: "Wat u daar zou kunnen doen",
        Spanish: "Qué podría hacer usted allí",
    }
    pub(super) with_a_new_account {
        English: "Accept with a new account",
        German: "Mit einem neuen Konto annehmen",
        French: "Accepter avec un nouveau compte",
        Dutch: "Accepteren met een nieuw account",
        Spanish: "Aceptar con una cuenta nueva",
    }
    pub(super) email {
        English: "Email",
        German: "E-Mail-Adresse",
        French: "Adresse e-mail",
        Dutch: "E-mailadres",
        Spanish: "Correo electrónico",
    }
    pub(super) your_name {
        English: "Your name",
        German: "Ihr Name",
        French: "Votre nom",
        Dutch: "Uw naam",
        Spanish: "Su nombre",
    }
    pub(super) choose_a_password {
        English: "Choose a password",
        German: "Wählen Sie ein Passwort",
        French: "Choisissez un mot de passe",
        Dutch: "Kies een wachtwoord",
        Spanish: "Elija una contraseña",
    }
    pub(super) password_rule(min) {
        English: "At least {min} characters, among them a lower-case letter and a digit.",
        German: "Mindestens {min} Zeichen, darunter ein Kleinbuchstabe und eine Ziffer.",
        French: "Au moins {min} caractères, dont une minuscule et un chiffre.",
        Dutch: "Minstens {min} tekens, waaronder een kleine letter en een cijfer.",
        Spanish: "Al menos {min} caracteres, entre ellos una minúscula y un número.",
    }
    pub(super) your_firms_name {
        English: "Your firm's name",
        German: "Name Ihrer Kanzlei",
        French: "Nom de votre cabinet",
        Dutch: "Naam van uw kantoor",
        Spanish: "Nombre de su despacho",
    }
    pub(super) your_companys_name {
        English: "Your company's name",
        German: "Name Ihres Unternehmens",
        French: "Nom de votre entreprise",
        Dutch: "Naam van uw bedrijf",
        Spanish: "Nombre de su empresa",
    }
    pub(super) currency {
        English: "Currency of its books",
        German: "Währung der Buchhaltung",
        French: "Devise de sa comptabilité",
        Dutch: "Valuta van de boekhouding",
        Spanish: "Moneda de su contabilidad",
    }
    pub(super) time_zone {
        English: "Its time zone",
        German: "Zeitzone des Unternehmens",
        French: "Son fuseau horaire",
        Dutch: "Tijdzone van het bedrijf",
        Spanish: "Su zona horaria",
    }
    pub(super) i_agree {
        English: "I agree to what is written above, for my company",
        German: "Ich stimme für mein Unternehmen dem zu, was oben steht",
        French: "J’accepte, au nom de mon entreprise, ce qui est écrit ci-dessus",
        Dutch: "Ik ga namens mijn bedrijf akkoord met wat hierboven staat",
        Spanish: "Acepto, en nombre de mi empresa, lo que figura más arriba",
    }
    pub(super) create_and_accept {
        English: "Create account and accept",
        German: "Konto erstellen und annehmen",
        French: "Créer le compte et accepter",
        Dutch: "Account aanmaken en accepteren",
        Spanish: "Crear la cuenta y aceptar",
    }
    pub(super) welcome {
        English: "Welcome",
        German: "Willkommen",
        French: "Bienvenue",
        Dutch: "Welkom",
        Spanish: "Le damos la bienvenida",
    }
    pub(super) account_is_ready(name) {
        English: "{name}, your account is ready",
        German: "{name}, Ihr Konto ist bereit",
        French: "{name}, votre compte est prêt",
        Dutch: "{name}, uw account is klaar",
        Spanish: "{name}, su cuenta está lista",
    }
    pub(super) connected(org) {
        English: "You are connected with {org}.",
        German: "Sie sind jetzt mit {org} verbunden.",
        French: "La connexion avec {org} est établie.",
        Dutch: "U bent nu gekoppeld aan {org}.",
        Spanish: "La conexión con {org} ya está establecida.",
    }
    pub(super) joined(org) {
        English: "You have joined {org}.",
        German: "Sie haben jetzt Zugriff auf {org}.",
        French: "Vous avez désormais accès à {org}.",
        Dutch: "U hebt nu toegang tot {org}.",
        Spanish: "Ahora tiene acceso a {org}.",
    }
    pub(super) sign_in_with(email) {
        English: "Sign in with {email} and the password that you just chose.",
        German: "Melden Sie sich mit {email} und dem Passwort an, das Sie gerade gewählt haben.",
        French: "Connectez-vous avec {email} et le mot de passe que vous venez de choisir.",
        Dutch: "Log in met {email} en het wachtwoord dat u zojuist hebt gekozen.",
        Spanish: "Inicie sesión con {email} y la contraseña que acaba de elegir.",
    }
    pub(super) sign_in {
        English: "Sign in",
        German: "Anmelden",
        French: "Se connecter",
        Dutch: "Inloggen",
        Spanish: "Iniciar sesión",
    }
}

/// Who invites whom to what.
pub(super) fn heading(reader: &Reader, (inviter, org): (&str, &str), offer: &Offer, invitee: Option<&str>) -> Sentence {
    let (inviter, org) = (named(inviter), named(org));
    Sentence::new(&match (offer, invitee) {
        (Offer::Firm { .. }, Some(firm)) => named_firm_is_invited(reader, inviter, named(firm), org),
        (Offer::Firm { .. }, None) => firm_is_invited(reader, inviter, org),
        (Offer::Member { .. }, _) => member_is_invited(reader, inviter, org),
        (Offer::Staff { .. }, _) => staff_is_invited(reader, inviter, org),
        (Offer::Client { .. }, _) => client_is_asked(reader, inviter, org),
        (Offer::Contact { customer_name, .. }, _) => {
            contact_is_let_in(reader, inviter, org, named(customer_name.as_str()))
        }
    })
}

/// What more is said of the offer below its heading.
pub(super) fn intro(reader: &Reader, offer: &Offer) -> Option<String> {
    match offer {
        Offer::Firm { .. } => Some(how_a_firm_accepts(reader).to_owned()),
        Offer::Member { role, .. } => Some(your_role(reader, member_role(reader, *role))),
        Offer::Staff { role, .. } => {
            Some(format!("{} {}", your_role(reader, role.in_words(reader)), reach(reader, *role)))
        }
        Offer::Client { .. } => Some(nothing_is_shared_before(reader).to_owned()),
        Offer::Contact { .. } => None,
    }
}

const fn member_role(reader: &Reader, role: MemberRole) -> &'static str {
    match role {
        MemberRole::Custom => as_listed(reader),
        MemberRole::Owner | MemberRole::Admin | MemberRole::Accountant | MemberRole::Client | MemberRole::ReadOnly => {
            role.in_words(reader)
        }
    }
}

const fn reach(reader: &Reader, role: StaffRole) -> &'static str {
    match role {
        StaffRole::Admin => reach_of_admin(reader),
        StaffRole::Bookkeeper => reach_of_bookkeeper(reader),
    }
}
