//! The product's own words on participant pages: skip link, errors, states of a card.
//! Promise: every language has every text, because a missing one does not compile.
//! Authors' texts come from the hub document; messages of fields come from `engage::text`.

/// All fixed texts of the participant pages in one language. Fields that end in `_at` or `_for` are
/// followed by a value.
#[derive(Debug)]
pub struct Texts {
    /// BCP 47 tag.
    pub locale: &'static str,
    /// The language's own name.
    pub language: &'static str,
    /// First link of the page.
    pub skip: &'static str,
    /// Name of the navigation landmark.
    pub navigation: &'static str,
    /// Name of the language switch.
    pub languages: &'static str,
    /// Name of the footer's navigation.
    pub about: &'static str,
    /// Link to the contact address.
    pub contact: &'static str,
    /// Before the version of a terms text.
    pub version: &'static str,
    /// Back to the start page; before the hub's name.
    pub back: &'static str,
    /// Sponsor tag.
    pub presented_by: &'static str,
    /// After the label of an optional field.
    pub optional: &'static str,
    /// First choice of an optional or unanswered select.
    pub choose: &'static str,
    /// Yes.
    pub yes: &'static str,
    /// No.
    pub no: &'static str,
    /// Before the address that was given in this browser before.
    pub known_as: &'static str,
    /// The same when there is none.
    pub known_here: &'static str,
    /// The button for somebody else at the same device.
    pub not_you: &'static str,
    /// The default button of a form.
    pub submit: &'static str,
    /// The button while the form is on its way.
    pub sending: &'static str,
    /// Heading of the error summary.
    pub problem: &'static str,
    /// Prefix of the tab's title when the form has errors.
    pub error_prefix: &'static str,
    /// Island: required and empty.
    pub missing: &'static str,
    /// Island: cannot be right.
    pub invalid: &'static str,
    /// Island: not an e-mail address.
    pub invalid_email: &'static str,
    /// Default thanks.
    pub thanks_title: &'static str,
    /// Default thanks.
    pub thanks_text: &'static str,
    /// 409.
    pub again_title: &'static str,
    /// 409.
    pub again_text: &'static str,
    /// 409, before the date of the next try.
    pub again_at: &'static str,
    /// 410.
    pub closed_title: &'static str,
    /// 410, when the time is not known.
    pub closed_text: &'static str,
    /// 410, before the date.
    pub closed_at: &'static str,
    /// Before the run.
    pub early_title: &'static str,
    /// Before the run, before the date.
    pub early_at: &'static str,
    /// On a tile.
    pub closed_note: &'static str,
    /// On a tile, before the date.
    pub opens_at: &'static str,
    /// To the other cards.
    pub more: &'static str,
    /// On the button of a closed card.
    pub look: &'static str,
    /// Island: saved without a connection, heading.
    pub saved_title: &'static str,
    /// Island: saved without a connection, text.
    pub saved_text: &'static str,
    /// Island: try now.
    pub saved_again: &'static str,
    /// Island: an earlier entry has arrived.
    pub saved_sent: &'static str,
    /// Island: the server said that there were too many attempts.
    pub too_many: &'static str,
    /// Island: the server could not take it and the browser cannot keep it.
    pub not_sent: &'static str,
    /// Months, January first.
    pub months: [&'static str; 12],
    /// What an error page says: heading, what happened and why, what to do.
    pub errors: ErrorTexts,
    /// "Powered by".
    pub product: &'static str,
}

/// Heading, what happened, what to do; per kind of error.
#[derive(Debug)]
pub struct ErrorTexts {
    /// 404.
    pub not_found: [&'static str; 3],
    /// 410.
    pub gone: [&'static str; 3],
    /// 409.
    pub stale: [&'static str; 3],
    /// 400 and the like.
    pub unreadable: [&'static str; 3],
    /// 429.
    pub too_many: [&'static str; 3],
    /// 500.
    pub broken: [&'static str; 3],
    /// 503.
    pub unavailable: [&'static str; 3],
    /// To the start page.
    pub home: &'static str,
    /// Before the reference number of a 500.
    pub reference: &'static str,
}

/// The texts of a language; English for languages the product does not speak.
pub fn texts(locale: &str) -> &'static Texts {
    match locale.split(['-', '_']).next() {
        Some("de") => &GERMAN,
        _ => &ENGLISH,
    }
}

impl Texts {
    /// A moment in words and UTC: `14 March 2026, 22:00 UTC`. Milliseconds since 1970.
    pub fn moment(&self, millis: i64) -> String {
        let moment = jiff::tz::Offset::UTC.to_datetime(
            jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH),
        );
        let month = usize::try_from(moment.month())
            .ok()
            .and_then(|month| self.months.get(month.saturating_sub(1)))
            .copied()
            .unwrap_or_default();
        let dot = if self.locale == "de" { "." } else { "" };
        format!(
            "{}{dot} {month} {}, {:02}:{:02} UTC",
            moment.day(),
            moment.year(),
            moment.hour(),
            moment.minute()
        )
    }
}

static ENGLISH: Texts = Texts {
    locale: "en",
    language: "English",
    skip: "Skip to the main part",
    navigation: "Pages",
    languages: "Language",
    about: "About this page",
    contact: "Write to us",
    version: "Version",
    back: "Back to",
    presented_by: "with",
    optional: "(optional)",
    choose: "Please choose",
    yes: "Yes",
    no: "No",
    known_as: "You are taking part as",
    known_here: "Your earlier answers are used.",
    not_you: "Not you?",
    submit: "Send",
    sending: "Sending …",
    problem: "There is a problem",
    error_prefix: "Error:",
    missing: "Please fill this in.",
    invalid: "Please check this.",
    invalid_email: "Enter an e-mail address like name@example.com.",
    thanks_title: "Thank you",
    thanks_text: "We have received your entry.",
    again_title: "You are already in",
    again_text: "We already have an entry from you. There is nothing more to do.",
    again_at: "We have an entry from you. You can take part again from",
    closed_title: "This one is over",
    closed_text: "Entries are closed.",
    closed_at: "Entries closed on",
    early_title: "Not open yet",
    early_at: "You can take part from",
    closed_note: "Closed",
    opens_at: "Opens on",
    more: "See what else is on",
    look: "Have a look",
    saved_title: "Saved on this device",
    saved_text: "There is no connection to us right now. Your entry is kept on this device and goes out as soon as you are online, exactly once. If you close this page before that, open it again later.",
    saved_again: "Try now",
    saved_sent: "Your saved entry has been sent.",
    too_many: "That was a bit fast. Please wait a minute and send it again; what you typed is still here.",
    not_sent: "We could not send this. What you typed is still here; please try again in a moment.",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    errors: ErrorTexts {
        not_found: [
            "We cannot find that page",
            "The address may have a typo, or the page has been taken down.",
            "Check the address, or start again from the first page.",
        ],
        gone: [
            "This page has ended",
            "What was here had a closing date, and it has passed.",
            "Nothing is lost: entries that arrived in time count.",
        ],
        stale: [
            "This one was sent before",
            "The page you came from belongs to an entry that we already have.",
            "There is nothing more to do. To take part once more, open the card again from the start page.",
        ],
        unreadable: [
            "We could not read that",
            "What reached us was incomplete, or did not come from our own form. Nothing was stored.",
            "Go back, load the page again, and send the form once more.",
        ],
        too_many: [
            "One moment, please",
            "Many requests came from your connection in a short time, so we slowed down.",
            "Wait a minute, then try again. What you sent before is safe.",
        ],
        broken: [
            "Something went wrong on our side",
            "It is not your fault, and we have made a note of it.",
            "Try again in a moment. If you were sending a form, sending it again will not count twice.",
        ],
        unavailable: [
            "We will be right back",
            "We cannot take entries just now, so we did not take yours.",
            "Try again in a minute. Sending the same form again will not count twice.",
        ],
        home: "To the start page",
        reference: "If you write to us, mention",
    },
    product: "Made with Komo",
};

static GERMAN: Texts = Texts {
    locale: "de",
    language: "Deutsch",
    skip: "Zum Hauptteil springen",
    navigation: "Seiten",
    languages: "Sprache",
    about: "Über diese Seite",
    contact: "Schreib uns",
    version: "Fassung",
    back: "Zurück zu",
    presented_by: "mit",
    optional: "(freiwillig)",
    choose: "Bitte wählen",
    yes: "Ja",
    no: "Nein",
    known_as: "Du nimmst teil als",
    known_here: "Deine früheren Antworten gelten weiter.",
    not_you: "Nicht du?",
    submit: "Absenden",
    sending: "Wird gesendet …",
    problem: "Das passt noch nicht",
    error_prefix: "Fehler:",
    missing: "Bitte ausfüllen.",
    invalid: "Bitte noch einmal prüfen.",
    invalid_email: "Gib eine E-Mail-Adresse wie name@example.com ein.",
    thanks_title: "Danke",
    thanks_text: "Deine Teilnahme ist angekommen.",
    again_title: "Du bist schon dabei",
    again_text: "Deine Teilnahme liegt uns schon vor. Du musst nichts weiter tun.",
    again_at: "Deine Teilnahme liegt uns vor. Wieder mitmachen kannst du ab",
    closed_title: "Das ist schon vorbei",
    closed_text: "Die Teilnahme ist geschlossen.",
    closed_at: "Teilnahmeschluss war am",
    early_title: "Noch nicht offen",
    early_at: "Mitmachen kannst du ab",
    closed_note: "Beendet",
    opens_at: "Ab",
    more: "Was es sonst noch gibt",
    look: "Ansehen",
    saved_title: "Auf diesem Gerät gespeichert",
    saved_text: "Gerade besteht keine Verbindung zu uns. Deine Teilnahme ist auf diesem Gerät gespeichert und wird gesendet, sobald du online bist, genau einmal. Falls du die Seite vorher schließt, öffne sie später noch einmal.",
    saved_again: "Jetzt versuchen",
    saved_sent: "Deine gespeicherte Teilnahme ist angekommen.",
    too_many: "Das ging etwas zu schnell. Warte bitte eine Minute und sende es noch einmal; deine Angaben stehen noch da.",
    not_sent: "Das konnten wir nicht senden. Deine Angaben stehen noch da; versuch es bitte gleich noch einmal.",
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    errors: ErrorTexts {
        not_found: [
            "Diese Seite finden wir nicht",
            "Vielleicht ist in der Adresse ein Tippfehler, oder die Seite wurde abgeschaltet.",
            "Prüf die Adresse oder beginn auf der ersten Seite.",
        ],
        gone: [
            "Diese Seite ist zu Ende",
            "Was hier stand, hatte einen Schlusstermin, und der ist vorbei.",
            "Es geht nichts verloren: was rechtzeitig ankam, zählt.",
        ],
        stale: [
            "Das ist schon angekommen",
            "Die Seite, von der du kommst, gehört zu einer Teilnahme, die uns schon vorliegt.",
            "Du musst nichts weiter tun. Wenn du noch einmal mitmachen willst, öffne die Karte neu von der Startseite aus.",
        ],
        unreadable: [
            "Das konnten wir nicht lesen",
            "Was bei uns ankam, war unvollständig oder kam nicht aus unserem Formular. Gespeichert wurde nichts.",
            "Geh zurück, lade die Seite neu und sende das Formular noch einmal.",
        ],
        too_many: [
            "Einen Moment bitte",
            "Von deinem Anschluss kamen in kurzer Zeit viele Anfragen, deshalb bremsen wir.",
            "Warte eine Minute und versuch es noch einmal. Was du schon gesendet hast, ist sicher.",
        ],
        broken: [
            "Bei uns ist etwas schiefgegangen",
            "Es liegt nicht an dir, und wir haben es notiert.",
            "Versuch es gleich noch einmal. Falls du ein Formular gesendet hast: doppelt zählt es nicht.",
        ],
        unavailable: [
            "Wir sind gleich wieder da",
            "Gerade können wir keine Teilnahme annehmen, deshalb haben wir deine nicht angenommen.",
            "Versuch es in einer Minute noch einmal. Dasselbe Formular zählt nicht doppelt.",
        ],
        home: "Zur Startseite",
        reference: "Falls du uns schreibst, nenn bitte",
    },
    product: "Gemacht mit Komo",
};
