//! Words in every language, checked while the code is built.

/// Declares words in every language, each as a function of its reader:
///
/// ```
/// domain::messages! {
///     /// The button.
///     pub button {
///         English: "See the invoice",
///         German: "Rechnung ansehen",
///         French: "Voir la facture",
///         Dutch: "Factuur bekijken",
///         Spanish: "Ver la factura",
///     }
///     pub paid(amount, by) {
///         English: "{by} paid {amount}.",
///         German: "{by} hat {amount} bezahlt.",
///         French: "{by} a payé {amount}.",
///         Dutch: "{by} heeft {amount} betaald.",
///         Spanish: "{by} ha pagado {amount}.",
///     }
/// }
/// let reader = domain::language::Reader::of(domain::language::Language::German);
/// assert_eq!(button(&reader), "Rechnung ansehen");
/// assert_eq!(paid(&reader, reader.number(3), "Ada"), "Ada hat 3 bezahlt.");
/// ```
///
/// Words without arguments are a `&'static str`; those with arguments, which are anything that can be displayed, a
/// `String`. A language that is missing is a `match` that is not exhaustive; an argument that one of the languages does
/// not use, and a name in braces that is no argument, do not compile either:
///
/// ```compile_fail
/// domain::messages! {
///     paid(amount) {
///         English: "{amount} was paid.",
///         German: "Es wurde bezahlt.",
///         French: "{amount} a été payé.",
///         Dutch: "{amount} is betaald.",
///         Spanish: "{amount} se ha pagado.",
///     }
/// }
/// ```
#[macro_export]
macro_rules! messages {
    () => {};
    ($(#[$meta:meta])* $vis:vis $name:ident { $($language:ident: $text:literal),+ $(,)? } $($rest:tt)*) => {
        $(#[$meta])*
        $vis const fn $name(reader: &$crate::language::Reader) -> &'static str {
            match reader.language() { $($crate::language::Language::$language => $text,)+ }
        }
        $crate::messages! { $($rest)* }
    };
    ($(#[$meta:meta])* $vis:vis $name:ident $arguments:tt { $($language:ident: $text:literal),+ $(,)? } $($rest:tt)*) => {
        $(const _: () = $crate::messages!(@uses $text, $arguments);)+
        $crate::messages! { @function [$(#[$meta])* $vis] $name $arguments { $($language: $text,)+ } }
        $crate::messages! { $($rest)* }
    };
    (@uses $text:literal, ($($argument:ident),+ $(,)?)) => {{
        $(assert!(
            $crate::language::uses($text, stringify!($argument)),
            "{}",
            concat!("a language does not use the argument ", stringify!($argument), ": ", $text)
        );)+
    }};
    (@function [$(#[$meta:meta])* $vis:vis] $name:ident ($($argument:ident),+ $(,)?) {
        $($language:ident: $text:literal,)+
    }) => {
        $(#[$meta])*
        $vis fn $name(reader: &$crate::language::Reader, $($argument: impl ::std::fmt::Display),+) -> String {
            match reader.language() { $($crate::language::Language::$language => format!($text),)+ }
        }
    };
}

/// Whether a text has a place for an argument: its name in braces. For [`messages!`](crate::messages), while the code is
/// built.
#[must_use]
pub const fn uses(text: &str, argument: &str) -> bool {
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'{' && is_closed_after(after, argument.as_bytes()) {
            return true;
        }
        rest = after;
    }
    false
}

/// Whether a text begins with a name and a closing brace.
const fn is_closed_after(mut text: &[u8], mut name: &[u8]) -> bool {
    loop {
        match (text, name) {
            ([b'}', ..], []) => return true,
            ([one, after @ ..], [other, rest @ ..]) if *one == *other => (text, name) = (after, rest),
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Language, Reader};

    crate::messages! {
        plain {
            English: "one",
            German: "eins",
            French: "un",
            Dutch: "een",
            Spanish: "uno",
        }
        two(first, second) {
            English: "{first} and {second}",
            German: "{second} und {first}",
            French: "{first} et {second}",
            Dutch: "{first} en {second}",
            Spanish: "{first} y {second}",
        }
    }

    #[test]
    fn words_are_those_of_the_readers_language() {
        let said = |language| (plain(&Reader::of(language)), two(&Reader::of(language), 1, "b"));
        assert_eq!(said(Language::English), ("one", "1 and b".to_owned()));
        assert_eq!(said(Language::German), ("eins", "b und 1".to_owned()));
        assert_eq!(said(Language::Spanish), ("uno", "1 y b".to_owned()));
    }

    #[test]
    fn a_text_uses_an_argument_by_its_whole_name_in_braces() {
        for (text, argument, expected) in [
            ("{by} paid", "by", true),
            ("paid {by}", "by", true),
            ("paid by", "by", false),
            ("{bys}", "by", false),
            ("{b}", "by", false),
            ("", "by", false),
            ("{", "by", false),
        ] {
            assert_eq!(uses(text, argument), expected, "{text}");
        }
    }
}
