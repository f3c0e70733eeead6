//! Descriptors that are handed to another process over a Unix socket, so that nothing is found by name.

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// More descriptors than any transport has.
const MOST_DESCRIPTORS: usize = 8;

/// Closes what is received when a child is started. macOS has no such flag; there each descriptor is marked as soon as it
/// has come, before this process starts any child.
#[cfg(target_os = "linux")]
const KEPT_FROM_CHILDREN: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(not(target_os = "linux"))]
const KEPT_FROM_CHILDREN: RecvFlags = RecvFlags::empty();

/// Sends descriptors over a Unix socket, beside one byte of data.
///
/// # Errors
///
/// When the other end is gone, or there are too many.
pub fn write_descriptors(to: &UnixStream, descriptors: &[OwnedFd]) -> io::Result<()> {
    let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(AsFd::as_fd).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if borrowed.len() > MOST_DESCRIPTORS || !control.push(SendAncillaryMessage::ScmRights(&borrowed)) {
        return Err(io::Error::other("too many descriptors for one message"));
    }
    // Descriptors travel beside data, so there must be at least one byte of it.
    sendmsg(to, &[IoSlice::new(&[0])], &mut control, SendFlags::empty())?;
    Ok(())
}

/// Receives as many descriptors as were announced.
///
/// # Errors
///
/// When others came, or none.
pub fn read_descriptors(from: &UnixStream, count: u8) -> io::Result<Vec<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    recvmsg(from, &mut [IoSliceMut::new(&mut byte)], &mut control, KEPT_FROM_CHILDREN)?;
    let descriptors: Vec<OwnedFd> = control
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        })
        .flatten()
        .collect();
    if descriptors.len() == usize::from(count) {
        #[cfg(not(target_os = "linux"))]
        for descriptor in &descriptors {
            rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::CLOEXEC)?;
        }
        Ok(descriptors)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, "descriptors were lost on the way"))
    }
}
