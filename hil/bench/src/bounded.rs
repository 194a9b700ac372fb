//! Files that somebody else may have written: never more of them than there is room for.
//!
//! In comes a path, out go its bytes. This file must not know what they mean.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// It cannot be read, is no regular file (a device may never end), or is longer, even if it grows meanwhile.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let name = || path.display().to_string();
    // Looked at before it is opened: a pipe would wait for its writer.
    ensure!(std::fs::metadata(path).with_context(name)?.is_file(), "{}: no file on a disk", path.display());
    let mut bytes = Vec::new();
    File::open(path).with_context(name)?.take(most + 1).read_to_end(&mut bytes).with_context(name)?;
    ensure!(bytes.len() as u64 <= most, "{}: more than the {most} bytes that are read of it", path.display());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_allowed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"12345").unwrap();
        assert_eq!(read(file.path(), 5).unwrap(), b"12345");
        assert!(read(file.path(), 4).unwrap_err().to_string().contains("more than the 4 bytes"));
        assert!(read(Path::new("/dev/zero"), 4).unwrap_err().to_string().contains("no file on a disk"));
        assert!(read(Path::new("/nonexistent"), 4).unwrap_err().to_string().contains("/nonexistent"));
    }
}
