//! A pseudo-terminal with a board at one end of it.
//!
//! In come and out go bytes, without waiting; the other end has a name. This file must not know what they mean.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// The board's end.
pub struct Pty {
    end: File,
    /// The other one, kept open: without it the board's would be closed whenever nobody is there.
    _kept: OwnedFd,
    name: String,
}

impl Pty {
    /// A new one, raw.
    pub fn new() -> Result<Self> {
        Self::make().context("no pseudo-terminal can be made")
    }

    fn make() -> Result<Self> {
        let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&end)?;
        unlockpt(&end)?;
        let name = ptsname(&end, Vec::new())?;
        let kept = open(&*name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        let mut settings = tcgetattr(&kept)?;
        settings.make_raw();
        tcsetattr(&kept, OptionalActions::Now, &settings)?;
        rustix::io::ioctl_fionbio(&end, true)?;
        Ok(Self { end: File::from(end), _kept: kept, name: name.into_string()? })
    }

    /// Name of the other end.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads what is there; 0: nothing.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        none_yet((&self.end).read(buffer))
    }

    /// Writes what there is room for; 0: none.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        none_yet((&self.end).write(bytes))
    }

    /// Waits until one of these has something to read, or the time has passed.
    pub fn wait_readable(all: &[&Self], most: Duration) -> io::Result<()> {
        Self::wait(all, PollFlags::IN, most)
    }

    /// Waits until this one has room, or the time has passed.
    pub fn wait_writable(&self, most: Duration) -> io::Result<()> {
        Self::wait(&[self], PollFlags::OUT, most)
    }

    fn wait(all: &[&Self], flags: PollFlags, most: Duration) -> io::Result<()> {
        let mut ends: Vec<PollFd<'_>> = all.iter().map(|one| PollFd::new(&one.end, flags)).collect();
        let most = Timespec { tv_sec: most.as_secs() as i64, tv_nsec: most.subsec_nanos().into() };
        match poll(&mut ends, Some(&most)) {
            Err(rustix::io::Errno::INTR) => Ok(()),
            other => other.map(drop).map_err(io::Error::from),
        }
    }
}

fn none_yet(done: io::Result<usize>) -> io::Result<usize> {
    match done {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(0),
        other => other,
    }
}
