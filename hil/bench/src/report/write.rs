//! Files that are complete or absent.
//!
//! In: a path and the bytes. Out: the file, through a temporary one beside it that is renamed into place, so that a
//! reader or a run that dies never meets half a report. It must not know what the bytes mean.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// Writes `bytes` to `path` in one step; folders on the way are made.
///
/// # Errors
/// What the file system says, with the path in front.
pub fn atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".report-");
    // A temporary file is private by default; a report is for everybody who may read the folder.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_folders_replaces_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/report.json");
        atomic(&path, b"old").unwrap();
        atomic(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn an_error_names_the_path_and_keeps_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let occupied = folder.path().join("report.html");
        fs::create_dir(&occupied).unwrap();
        fs::write(occupied.join("kept"), "x").unwrap();
        let message = atomic(&occupied, b"new").unwrap_err().to_string();
        assert!(message.contains("report.html"), "{message}");
        assert!(occupied.join("kept").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
