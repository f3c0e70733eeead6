//! The speed of the transports against a minimal sender and receiver written by hand over the same ones.
//!
//! `cargo bench --bench transfer` prints for each transport the ratio of the minimal pair's median to sercost's: 1 is as
//! fast, above 1 is faster. What it must show: at least 0.9. The two take turns, since a shared machine drifts. The minimal
//! pair too sends bytes that were just made and uses them after they arrived: otherwise they would stay in the caches, as
//! they never do where there is an encoder and a decoder.

mod support;

use memmap2::MmapMut;
use sercost::clock;
use sercost::model::Stage;
use sercost::stats::median;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const KINDS: [&str; 6] = ["pipe", "unix", "tcp", "shm", "shm-in-place", "file"];

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, kind, size, path] = arguments.as_slice()
        && flag == "--receiver"
    {
        return receiver(kind, size.parse().expect("a size"), Path::new(path));
    }
    let (size, passes, rounds) = if support::in_earnest() { (50_000_000, 3, 15) } else { (100_000, 1, 5) };
    let payload = format!("bytes:{size}");
    let mut ratios: Vec<(&str, Vec<f64>)> = KINDS.map(|kind| (kind, vec![])).into();
    for _ in 0..passes {
        let minimal: Vec<f64> = KINDS.iter().map(|kind| minimal(kind, size, rounds)).collect::<io::Result<_>>()?;
        let rounds = rounds.to_string();
        let run = support::profile(&[&payload, "--codec", "bincode", "--transport", "all", "--rounds", &rounds]);
        for ((kind, ratios), minimal) in ratios.iter_mut().zip(minimal) {
            let ours = support::p50(support::row(&run, "bincode", kind, Stage::Transfer));
            println!("  {kind:<14} minimal {:8.2} ms   sercost {:8.2} ms", minimal / 1e6, ours / 1e6);
            ratios.push(minimal / ours);
        }
        println!();
    }
    println!("speed against a minimal pair, median of {passes} passes of {rounds} transfers of {size} bytes");
    for (kind, ratios) in &ratios {
        println!("  {kind:<14} {:.3}", median(ratios).expect("there is a pass"));
    }
    Ok(())
}

/// The other process, with what it reports on.
struct Peer {
    process: Child,
    wake: OwnedFd,
}

/// The median transfer of a minimal pair, in nanoseconds.
fn minimal(kind: &str, size: usize, rounds: usize) -> io::Result<f64> {
    let folder = if kind.starts_with("shm") { PathBuf::from("/dev/shm") } else { std::env::temp_dir() };
    let path = folder.join(format!("sercost-bench-{}", std::process::id()));
    let start = |stdin: Stdio, path: &str| {
        Command::new(std::env::current_exe()?)
            .args(["--receiver", kind, &size.to_string(), path])
            .stdin(stdin)
            .stdout(Stdio::piped())
            .spawn()
    };
    let here = path.to_string_lossy();
    let mut peer = match kind {
        "unix" => {
            let (ours, theirs) = UnixStream::pair()?;
            Peer { process: start(OwnedFd::from(theirs).into(), "")?, wake: ours.into() }
        }
        "tcp" => {
            let listener = TcpListener::bind(("127.0.0.1", 0))?;
            let process = start(Stdio::null(), &listener.local_addr()?.to_string())?;
            let (socket, _) = listener.accept()?;
            socket.set_nodelay(true)?;
            Peer { process, wake: socket.into() }
        }
        _ => {
            if kind != "pipe" {
                File::create(&path)?.set_len(if kind == "file" { 0 } else { size as u64 })?;
            }
            let mut process = start(Stdio::piped(), &here)?;
            let wake = process.stdin.take().expect("it was asked for").into();
            Peer { process, wake }
        }
    };
    let mut stamps = peer.process.stdout.take().expect("it was asked for");
    let mut stamp = || -> io::Result<u64> {
        let mut bytes = [0; 8];
        stamps.read_exact(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    };
    // It says when it is ready.
    stamp()?;
    let mut mapping = if kind.starts_with("shm") {
        // SAFETY: the file is this process's own; the peer only reads it, and only between wake-up and stamp.
        Some(unsafe { MmapMut::map_mut(&OpenOptions::new().read(true).write(true).open(&path)?)? })
    } else {
        None
    };
    let mut wake = File::from(peer.wake);
    let mut samples = Vec::new();
    for round in 0..=rounds {
        let bytes = vec![round as u8; size];
        let file = if kind == "file" { Some(OpenOptions::new().write(true).truncate(true).open(&path)?) } else { None };
        let from = clock::now();
        match (&mut mapping, file) {
            (Some(mapping), _) => {
                mapping.copy_from_slice(&bytes);
                wake.write_all(&[1])?;
            }
            (None, Some(mut file)) => {
                file.write_all(&bytes)?;
                wake.write_all(&[1])?;
            }
            (None, None) => wake.write_all(&bytes)?,
        }
        samples.push((stamp()? - from) as f64);
    }
    drop(wake);
    peer.process.wait()?;
    if path.exists() {
        std::fs::remove_file(&path)?;
    }
    // The first warms up.
    Ok(median(&samples[1..]).expect("there are rounds"))
}

/// Receives until the sender is gone, and stamps the last byte of each transfer.
fn receiver(kind: &str, size: usize, path: &Path) -> io::Result<()> {
    let mut from: Box<dyn Read> = match kind {
        "tcp" => Box::new(TcpStream::connect(path.to_string_lossy().as_ref())?),
        _ => Box::new(File::from(io::stdin().as_fd().try_clone_to_owned()?)),
    };
    let mut buffer = vec![1u8; size];
    let mut stdout = io::stdout();
    let mut say = |stamp: u64| stdout.write_all(&stamp.to_le_bytes()).and_then(|()| stdout.flush());
    let file = if kind.starts_with("shm") || kind == "file" { Some(File::open(path)?) } else { None };
    let mapping = match &file {
        // SAFETY: the sender writes only before the wake-up of a transfer and after the stamp of the one before.
        Some(file) if kind != "file" => Some(unsafe { memmap2::Mmap::map(file)? }),
        _ => None,
    };
    say(0)?;
    loop {
        let mut woken = [0];
        match (&mapping, &file) {
            (None, None) => match from.read_exact(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                result => result?,
            },
            _ if from.read(&mut woken)? == 0 => return Ok(()),
            (Some(mapping), _) if kind == "shm" => buffer.copy_from_slice(mapping),
            (Some(_), _) => {}
            (None, Some(file)) => file.read_exact_at(&mut buffer, 0)?,
        }
        let stamp = clock::now();
        drop(std::hint::black_box(mapping.as_deref().unwrap_or(&buffer).to_vec()));
        say(stamp)?;
    }
}
