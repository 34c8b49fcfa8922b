//! Writes the list of the functions that answer HTTP for `all/routes.rs`, from the one place where they are
//! listed: the dependencies of this crate on `../functions/…`.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=Cargo.toml");
    let manifest = fs::read_to_string("Cargo.toml")?;
    let mut list = String::from("vec![\n");
    for line in manifest.lines().filter(|line| line.contains("path = \"../functions/")) {
        let name = line.split_once(" = ").ok_or("a dependency without a name")?.0.replace('-', "_");
        writeln!(list, "    function(::{name}::routes(), ::{name}::Docs::openapi()),")?;
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("functions.rs"), list)?;
    Ok(())
}
