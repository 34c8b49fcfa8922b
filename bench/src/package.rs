//! The size of a function as it is deployed.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::DeflateEncoder};
use tests::stack::Stack;

/// What a zip adds to its one member, `bootstrap`: the local header, the directory and its end.
const ZIP_FRAME_BYTES: usize = 30 + 46 + 22 + 2 * "bootstrap".len();

/// A function's binary.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) binary: PathBuf,
    pub(crate) unpacked_bytes: usize,
    pub(crate) zipped_bytes: usize,
}

/// A binary is missing, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackageError {
    #[error("no binary of {function}: looked for {}", looked_for.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and "))]
    Missing { function: String, looked_for: Vec<PathBuf> },
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
}

impl Package {
    /// Finds a function's binary in some folders, as `cargo lambda` lays it out (`<name>/bootstrap`)
    /// or as cargo does (`<name>`): of those that run on this processor, the one built last.
    pub(crate) fn find(function: &str, folders: &[PathBuf]) -> Result<Self, PackageError> {
        let looked_for: Vec<PathBuf> = folders
            .iter()
            .flat_map(|folder| [folder.join(function).join("bootstrap"), folder.join(function)])
            .collect();
        let newest = looked_for
            .iter()
            .filter(|path| path.is_file() && runs_here(path))
            .max_by_key(|path| path.metadata().and_then(|metadata| metadata.modified()).ok());
        let Some(binary) = newest.cloned() else {
            return Err(PackageError::Missing { function: function.to_owned(), looked_for });
        };
        Self::weigh(&binary).map_err(|source| PackageError::Unreadable { path: binary, source })
    }

    fn weigh(binary: &Path) -> std::io::Result<Self> {
        let bytes = std::fs::read(binary)?;
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        deflated.write_all(&bytes)?;
        Ok(Self {
            binary: binary.to_owned(),
            unpacked_bytes: bytes.len(),
            zipped_bytes: deflated.finish()?.len().saturating_add(ZIP_FRAME_BYTES),
        })
    }
}

/// Whether a function brings no client of its own beside the table's, by its manifest.
pub(crate) fn uses_only_the_table(function: &str) -> bool {
    let manifest = Stack::repository().join("functions").join(function).join("Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap_or_default();
    !manifest.lines().any(|line| line.starts_with("aws-sdk-") || line.starts_with("reqwest"))
}

/// Whether an ELF file is for this processor: a package made for the arm64 functions is not.
fn runs_here(path: &Path) -> bool {
    // e_machine in the ELF header; the values are of the System V ABI.
    let machine: [u8; 2] = if cfg!(target_arch = "aarch64") { [0xB7, 0] } else { [0x3E, 0] };
    let mut header = [0; 20];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header.starts_with(b"\x7fELF") && header.ends_with(&machine)
}
