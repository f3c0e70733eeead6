//! Directories of the user's cache: what can be made again, and takes a while.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A directory below the user's cache.
#[derive(Clone, Debug)]
pub struct CacheDirectory(PathBuf);

impl CacheDirectory {
    /// The directory of that path below `$XDG_CACHE_HOME/sercost`, or else below `~/.cache/sercost`; made where it is not
    /// there.
    ///
    /// # Errors
    ///
    /// When there is no such cache, or the directory cannot be made.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let cache = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
        let cache = cache.ok_or_else(|| io::Error::other("neither XDG_CACHE_HOME nor HOME is set to a directory"))?;
        let path = cache.join("sercost").join(path);
        fs::create_dir_all(&path)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        Ok(CacheDirectory(path))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file in it, or in a directory below it that is made too. A file that has this content already is not
    /// touched, and no other process meets half of one.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.0.join(name);
        if fs::read(&path).is_ok_and(|found| found == content) {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let part = self.0.join(format!("{}.{}", name.replace('/', "-"), std::process::id()));
        File::create(&part)?.write_all(content)?;
        fs::rename(part, path)
    }

    /// Copies a file into it, so that no other process meets half of one.
    ///
    /// # Errors
    ///
    /// When it cannot be read or written.
    pub fn copy(&self, from: &Path, name: &str) -> io::Result<PathBuf> {
        let part = self.0.join(format!("{name}.{}", std::process::id()));
        let path = self.0.join(name);
        fs::copy(from, &part)?;
        fs::rename(part, &path)?;
        Ok(path)
    }

    /// A new, empty file in it.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn file(&self, name: &str) -> io::Result<File> {
        File::create(self.0.join(name))
    }
}
