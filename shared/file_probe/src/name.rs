//! Names that make a computer run a file, whatever is in it.

use domain::document::RefusalReason;

/// What a double click runs, or a browser renders as a page. Lower case.
const ACTIVE: [&str; 48] = [
    "apk", "app", "bash", "bat", "chm", "class", "cmd", "com", "cpl", "dll", "dmg", "exe", "hta", "htm", "html", "img",
    "iso", "jar", "js", "jse", "lnk", "mht", "mhtml", "mjs", "msc", "msi", "msp", "php", "pif", "pkg", "pl", "ps1",
    "psm1", "py", "rb", "reg", "scf", "scr", "sh", "shtml", "svg", "svgz", "url", "vbe", "vbs", "vhd", "wsf", "xhtml",
];

/// Office files that may have macros. Lower case.
const MACRO: [&str; 10] = ["docm", "dotm", "pptm", "potm", "ppam", "ppsm", "xlam", "xlsb", "xlsm", "xltm"];

pub(crate) fn check(name: &str) -> Result<(), RefusalReason> {
    // Windows drops dots and spaces at the end of a name.
    let name = name.trim_end_matches(['.', ' ']);
    let Some((_, extension)) = name.rsplit_once('.') else { return Ok(()) };
    let extension = extension.to_ascii_lowercase();
    if ACTIVE.contains(&extension.as_str()) {
        return Err(RefusalReason::ActiveContent);
    }
    if MACRO.contains(&extension.as_str()) { Err(RefusalReason::Macro) } else { Ok(()) }
}
