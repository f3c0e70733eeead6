//! The layout: every part of the header, every kind of record, every word.
//!
//! A change of it raises [`VERSION`], and what comes from it is generated again.

use crate::describe::{Field, Kind, Span, Type, digest};
use crate::{Cpu, Key, Order, Stamp};

/// The version of the layout; the digest in a file tells two layouts of one version apart.
pub const VERSION: u32 = 3;
/// How a file begins.
pub const MAGIC: [u8; 8] = *b"SERCOST\0";
/// The header, before the first record.
pub const HEADER_BYTES: usize = 4096;
/// One record.
pub const RECORD_BYTES: usize = 128;
/// The words of a record.
pub const WORDS: usize = RECORD_BYTES / 8;
/// The word of a record that is written last.
pub const LAST: usize = WORDS - 1;
/// The layout in a number.
pub const LAYOUT: u64 = digest(HEADER, KINDS);
/// The bit of [`header::FLAGS`](self::header) that says that recording stopped for want of room.
pub const STOPPED: i64 = 1;

/// Makes the description of the header, and a constant for the place of each part.
macro_rules! header {
    ($(#[doc = $what:literal] $offset:literal, $bytes:literal $name:ident $constant:ident;)*) => {
        /// The parts of the header.
        pub const HEADER: &[Span] = &[
            $(Span { offset: $offset, bytes: $bytes, name: stringify!($name), what: $what },)*
        ];

        /// Where in a file each part of its header begins and ends.
        pub mod header {
            $(
                #[doc = $what]
                pub const $constant: std::ops::Range<usize> = $offset..$offset + $bytes;
            )*
        }
    };
}

header! {
    #[doc = "`SERCOST` and a zero byte, written last: a file without it has nothing to say"]
    0, 8 magic MAGIC;
    #[doc = "the version of the layout"]
    8, 4 version VERSION;
    #[doc = "bytes of a record"]
    12, 4 record_bytes RECORD_BYTES;
    #[doc = "digest of the layout: names, places and types of everything on this page"]
    16, 8 layout LAYOUT;
    #[doc = "process"]
    24, 8 pid PID;
    #[doc = "its parent"]
    32, 8 parent PARENT;
    #[doc = "when the file was made"]
    40, 8 made MADE;
    #[doc = "`sys.hexversion`; 0 where it runs no Python"]
    48, 8 python PYTHON;
    #[doc = "bytes from the start of the file that have blocks"]
    56, 8 allocated ALLOCATED;
    #[doc = "1: recording stopped for want of room"]
    64, 8 flags FLAGS;
    #[doc = "a worker's last entry into `get`"]
    72, 8 last_get LAST_GET;
    #[doc = "the result thread's last entry into `recv`"]
    80, 8 last_receive LAST_RECEIVE;
    #[doc = "the return of a worker's last `put`"]
    88, 8 last_put LAST_PUT;
    #[doc = "nanoseconds to add to a stamp of this file to have one of the clock of the process that reads it; 0 on the same machine"]
    96, 8 clock_offset CLOCK_OFFSET;
    #[doc = "by how many nanoseconds that may be wrong, to either side"]
    104, 8 clock_uncertainty CLOCK_UNCERTAINTY;
    #[doc = "scratch: where a stamp goes that has no record"]
    120, 8 scratch SCRATCH;
    #[doc = "version of what writes the file, in UTF-8, ended by a zero byte"]
    128, 32 agent AGENT;
    #[doc = "name of the host, in the same way"]
    160, 96 host HOST;
    #[doc = "the program's arguments, each ended by a zero byte; those that do not fit are left out"]
    256, 3840 arguments ARGUMENTS;
}

/// What Rust has for a word of each type, and the two conversions.
macro_rules! word {
    (ty stamp) => {
        Stamp
    };
    (ty later) => {
        Stamp
    };
    (ty cpu) => {
        u64
    };
    (ty bytes) => {
        u64
    };
    (ty number) => {
        i64
    };
    (ty flag) => {
        bool
    };
    (ty order) => {
        Order
    };
    (ty stamps) => {
        [Stamp; WORDS - 2]
    };
    (holds stamp) => {
        Type::Stamp
    };
    (holds later) => {
        Type::Later
    };
    (holds cpu) => {
        Type::Cpu
    };
    (holds bytes) => {
        Type::Bytes
    };
    (holds number) => {
        Type::Number
    };
    (holds flag) => {
        Type::Flag
    };
    (holds order) => {
        Type::Order
    };
    (holds stamps) => {
        Type::Stamps
    };
    (get stamp $words:ident $at:literal) => {
        stamp($words[$at])
    };
    (get later $words:ident $at:literal) => {
        stamp($words[$at])
    };
    (get cpu $words:ident $at:literal) => {
        stamp($words[$at])
    };
    (get bytes $words:ident $at:literal) => {
        u64::try_from($words[$at]).ok()?
    };
    (get number $words:ident $at:literal) => {
        $words[$at]
    };
    (get flag $words:ident $at:literal) => {
        $words[$at] == 1
    };
    (get order $words:ident $at:literal) => {
        order($words[$at])
    };
    (get stamps $words:ident $at:literal) => {
        std::array::from_fn(|place| stamp($words[$at + place]))
    };
    (set order $words:ident $at:literal $value:expr) => {
        $words[$at] = $value as i64
    };
    (set flag $words:ident $at:literal $value:expr) => {
        $words[$at] = i64::from($value)
    };
    (set number $words:ident $at:literal $value:expr) => {
        $words[$at] = $value
    };
    (set stamps $words:ident $at:literal $value:expr) => {
        for (word, stamp) in $words[$at..].iter_mut().zip($value) {
            *word = signed(stamp);
        }
    };
    (set $other:ident $words:ident $at:literal $value:expr) => {
        $words[$at] = signed($value)
    };
}

/// Makes for each kind the struct and its conversion from and to words, the enum of all, and the description.
macro_rules! kinds {
    ($(
        #[doc = $what:literal]
        $number:literal $kind:ident {
            $(#[doc = $field_what:literal] $word:literal $field:ident: $type:ident,)*
        }
    )*) => {
        $(
            #[doc = concat!("A record: ", $what, ".")]
            #[derive(Clone, Copy, Debug, Default, PartialEq)]
            pub struct $kind {
                $(
                    #[doc = concat!("Word ", $word, ": ", $field_what, ".")]
                    pub $field: word!(ty $type),
                )*
            }

            impl $kind {
                fn from_words(words: &[i64; WORDS]) -> Option<$kind> {
                    Some($kind { $($field: word!(get $type words $word),)* })
                }

                fn set_words(self, words: &mut [i64; WORDS]) {
                    $(word!(set $type words $word self.$field);)*
                }
            }

            impl From<$kind> for Record {
                fn from(record: $kind) -> Record {
                    Record::$kind(record)
                }
            }
        )*

        /// One thing that happened. Stamps are in the order in which they were taken.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Record {
            $(
                #[doc = concat!("Kind ", $number, ": ", $what, ".")]
                $kind($kind),
            )*
        }

        impl Record {
            /// The record of that kind in these words; `None` where there is no such kind, or a count is negative.
            fn of_kind(kind: i64, words: &[i64; WORDS]) -> Option<Record> {
                match kind {
                    $($number => $kind::from_words(words).map(Record::$kind),)*
                    _ => None,
                }
            }

            /// Its words. The last one, where it has no name, is 1: it is never zero.
            pub(crate) fn to_words(self, thread: u64) -> [i64; WORDS] {
                let mut words = [0; WORDS];
                words[LAST] = 1;
                let kind = match self {
                    $(Record::$kind(record) => {
                        record.set_words(&mut words);
                        $number
                    })*
                };
                words[0] = kind | (thread << 8) as i64;
                words
            }
        }

        /// All kinds.
        pub const KINDS: &[Kind] = &[$(Kind {
            number: $number,
            name: stringify!($kind),
            what: $what,
            fields: &[$(Field {
                word: $word,
                name: stringify!($field),
                holds: word!(holds $type),
                what: $field_what,
            },)*],
        },)*];
    };
}

kinds! {
    #[doc = "a task, or all tasks of a job, was submitted"]
    1 Submit {
        #[doc = "the job"]
        1 job: number,
        #[doc = "the message in it; -1: all of the job"]
        2 index: number,
        #[doc = "submitted"]
        3 submitted: stamp,
        #[doc = "put into an executor's call queue; 0 for a pool"]
        4 queued: stamp,
        #[doc = "1 results come one by one as tasks are, 2 as they arrive, 3 all at once, 0 single"]
        5 order: order,
    }
    #[doc = "a task was pickled and sent"]
    2 Send {
        #[doc = "the job"]
        1 job: number,
        #[doc = "the message in it"]
        2 index: number,
        #[doc = "bytes of the message"]
        3 bytes: bytes,
        #[doc = "the user's iterator entered; 0 without one"]
        4 iterating: stamp,
        #[doc = "the iterator returned; 0 without one"]
        5 iterated: stamp,
        #[doc = "send entered"]
        6 entered: stamp,
        #[doc = "`dumps` entered"]
        7 began: stamp,
        #[doc = "`dumps` returned"]
        8 dumped: stamp,
        #[doc = "write begins"]
        9 sending: stamp,
        #[doc = "write returned"]
        10 sent: stamp,
        #[doc = "CPU time at `began`"]
        11 cpu_entered: cpu,
        #[doc = "CPU time after `dumped`"]
        12 cpu_dumped: cpu,
        #[doc = "CPU time after `sent`"]
        13 cpu_sent: cpu,
        #[doc = "the record before this one of the same thread was written"]
        14 written: stamp,
        #[doc = "message freed"]
        15 freed: stamp,
    }
    #[doc = "a worker got a task"]
    3 Get {
        #[doc = "the job"]
        1 job: number,
        #[doc = "the message in it"]
        2 index: number,
        #[doc = "bytes of the message"]
        3 bytes: bytes,
        #[doc = "the put before returned; 0 for none"]
        4 put: stamp,
        #[doc = "get entered"]
        5 entered: stamp,
        #[doc = "read lock held"]
        6 locked: stamp,
        #[doc = "header read"]
        7 came: stamp,
        #[doc = "last byte read"]
        8 complete: stamp,
        #[doc = "`loads` entered"]
        9 loading: stamp,
        #[doc = "`loads` returned"]
        10 loaded: stamp,
        #[doc = "CPU time at `entered`"]
        11 cpu_entered: cpu,
        #[doc = "CPU time after `complete`"]
        12 cpu_complete: cpu,
        #[doc = "CPU time after `loaded`"]
        13 cpu_loaded: cpu,
        #[doc = "message freed"]
        15 freed: stamp,
    }
    #[doc = "a worker put a result"]
    4 Put {
        #[doc = "the job"]
        1 job: number,
        #[doc = "the message in it"]
        2 index: number,
        #[doc = "bytes of the result"]
        3 bytes: bytes,
        #[doc = "the get before returned"]
        4 got: stamp,
        #[doc = "put entered"]
        5 entered: stamp,
        #[doc = "`dumps` entered"]
        6 dumping: stamp,
        #[doc = "`dumps` returned"]
        7 dumped: stamp,
        #[doc = "CPU time at `entered`"]
        8 cpu_entered: cpu,
        #[doc = "CPU time after `dumped`"]
        9 cpu_dumped: cpu,
        #[doc = "the result is no exception"]
        10 good: flag,
        #[doc = "write lock held and write begins; 0 where the worker ended before"]
        11 sending: later,
        #[doc = "record written"]
        15 written: stamp,
    }
    #[doc = "a result was received"]
    5 Receive {
        #[doc = "the job"]
        1 job: number,
        #[doc = "the message in it"]
        2 index: number,
        #[doc = "bytes of the result"]
        3 bytes: bytes,
        #[doc = "recv entered"]
        4 entered: stamp,
        #[doc = "header read"]
        5 came: stamp,
        #[doc = "last byte read"]
        6 complete: stamp,
        #[doc = "`loads` entered"]
        7 loading: stamp,
        #[doc = "`loads` returned"]
        8 loaded: stamp,
        #[doc = "CPU time after `complete`"]
        9 cpu_complete: cpu,
        #[doc = "CPU time after `loaded`"]
        10 cpu_loaded: cpu,
        #[doc = "the record before this one of the same thread was written"]
        11 written: stamp,
        #[doc = "result set; 0 where that is at the thread's next recv"]
        12 delivered: later,
    }
    #[doc = "a consumer has a result"]
    6 Wake {
        #[doc = "the job"]
        1 job: number,
        #[doc = "the message in it; -1: the next of the job"]
        2 index: number,
        #[doc = "its call returned"]
        3 woken: stamp,
    }
    #[doc = "a worker did one item of a chunk"]
    7 Item {
        #[doc = "the job"]
        1 job: number,
        #[doc = "the message in it"]
        2 index: number,
        #[doc = "place in the chunk"]
        3 place: number,
        #[doc = "its function entered"]
        4 began: stamp,
        #[doc = "its function returned"]
        15 ended: stamp,
    }
    #[doc = "a process was started"]
    8 Start {
        #[doc = "the process"]
        1 pid: number,
        #[doc = "its start was asked for"]
        2 began: stamp,
        #[doc = "start returned"]
        3 ended: stamp,
        #[doc = "it is a worker of a pool or an executor"]
        4 is_worker: flag,
        #[doc = "`dumps` of what it is given entered; 0 where it inherits all"]
        5 encoding: stamp,
        #[doc = "`dumps` of that returned"]
        6 encoded: stamp,
        #[doc = "bytes of that"]
        7 bytes: bytes,
    }
    #[doc = "a process was told to end by a signal"]
    9 Terminate {
        #[doc = "the process"]
        1 pid: number,
        #[doc = "when"]
        2 at: stamp,
    }
    #[doc = "a process was seen to have ended"]
    10 Exit {
        #[doc = "the process"]
        1 pid: number,
        #[doc = "exit code"]
        2 code: number,
        #[doc = "when it was seen"]
        3 at: stamp,
    }
    #[doc = "a worker entered its function"]
    11 Boot {
        #[doc = "first stamp in the process"]
        1 ready: stamp,
        #[doc = "entry into its bootstrap"]
        2 bootstrap: stamp,
        #[doc = "entry into the worker function"]
        3 entered: stamp,
        #[doc = "`load` of what it is given entered; 0 where it inherits all"]
        4 loading: stamp,
        #[doc = "`load` of that returned"]
        5 loaded: stamp,
        #[doc = "nanoseconds between in which it read"]
        6 reading: number,
        #[doc = "bytes of that"]
        7 bytes: bytes,
        #[doc = "what records is ready"]
        15 prepared: stamp,
    }
    #[doc = "a worker was initialized by the user's function"]
    12 Initialized {
        #[doc = "the function entered"]
        1 began: stamp,
        #[doc = "the function returned"]
        2 ended: stamp,
    }
    #[doc = "the user's iterator has no more"]
    13 Iterated {
        #[doc = "the job"]
        1 job: number,
        #[doc = "messages of the job"]
        2 messages: number,
        #[doc = "it was asked for one more"]
        3 began: stamp,
        #[doc = "it said that there is none"]
        4 ended: stamp,
    }
    #[doc = "the life of a thread that sends tasks"]
    14 Dispatcher {
        #[doc = "its function entered"]
        1 began: stamp,
        #[doc = "its function returned"]
        2 ended: stamp,
    }
    #[doc = "a pool or executor was told to end"]
    15 Close {
        #[doc = "when"]
        1 at: stamp,
    }
    #[doc = "a garbage collection of more than 20 us"]
    16 Collection {
        #[doc = "its generation"]
        1 generation: number,
        #[doc = "it began"]
        2 began: stamp,
        #[doc = "it ended"]
        3 ended: stamp,
    }
    #[doc = "a task could not be pickled"]
    17 Failed {
        #[doc = "the job"]
        1 job: number,
        #[doc = "the message in it"]
        2 index: number,
        #[doc = "`dumps` entered"]
        3 began: stamp,
        #[doc = "`dumps` raised"]
        4 ended: stamp,
    }
    #[doc = "the next results of a job came to their consumers, in any order"]
    18 Wakes {
        #[doc = "the job"]
        1 job: number,
        #[doc = "up to 14 stamps, each written when it happens; 0 for one that did not yet"]
        2 woken: stamps,
    }
    #[doc = "the thread of a pool that watches over its workers, all its life"]
    19 Watch {
        #[doc = "its CPU time"]
        1 cpu: cpu,
        #[doc = "how often it waited for news"]
        2 times: number,
    }
    #[doc = "the use that a worker's call made of the kernel and of other processes"]
    20 Used {
        #[doc = "the job"]
        1 job: number,
        #[doc = "the message in it"]
        2 index: number,
        #[doc = "page faults without a read of a disk; 0 where they were not counted"]
        3 faults: number,
        #[doc = "bytes of pages that were shared with another process before and not after; 0 where it was not looked at"]
        4 copied: bytes,
        #[doc = "CPU time in the kernel"]
        5 system: cpu,
        #[doc = "messages over other connections"]
        6 messages: number,
        #[doc = "bytes of those"]
        7 bytes: bytes,
        #[doc = "nanoseconds in sending and receiving them"]
        8 exchanging: number,
        #[doc = "record written"]
        15 written: stamp,
    }
}

/// Gives structs the key of their task, and the CPU time that was read or was not, as one value.
macro_rules! groups {
    (key $($kind:ident)*) => {
        $(impl $kind {
            /// The task.
            pub fn key(&self) -> Key {
                Key { job: self.job, index: self.index }
            }
        })*
    };
    (cpu $($kind:ident $count:literal: $first:ident $($rest:ident)*;)*) => {
        $(impl $kind {
            /// The CPU time at its moments, in order; `None` where it was not read.
            pub fn cpu(&self) -> Cpu<$count> {
                (self.$first > 0).then_some([self.$first, $(self.$rest),*])
            }
        })*
    };
}

groups! { key Submit Send Get Put Receive Wake Item Failed Used }
groups! { cpu
    Send 3: cpu_entered cpu_dumped cpu_sent;
    Get 3: cpu_entered cpu_complete cpu_loaded;
    Put 2: cpu_entered cpu_dumped;
    Receive 2: cpu_complete cpu_loaded;
}

impl Record {
    /// The record in these words; `None` for one that was torn, or is of no kind, or has a negative count.
    pub(crate) fn from_words(words: &[i64; WORDS]) -> Option<Record> {
        // Each word of these is whole by itself.
        let kind = words[0] & 0xff;
        let is_whole = words[LAST] > 0 || kind == WAKES;
        if is_whole { Record::of_kind(kind, words) } else { None }
    }
}

/// The kind whose words come one by one.
const WAKES: i64 = 18;

/// A stamp that is not negative; the clock starts near boot.
fn stamp(word: i64) -> Stamp {
    word.max(0) as u64
}

fn signed(stamp: u64) -> i64 {
    i64::try_from(stamp).unwrap_or(i64::MAX)
}

fn order(word: i64) -> Order {
    match word {
        1 => Order::Ordered,
        2 => Order::Unordered,
        3 => Order::Together,
        _ => Order::Single,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Raise [`VERSION`] when the layout changes, and write down both.
    #[test]
    fn a_layout_has_one_version() {
        assert_eq!((VERSION, format!("{LAYOUT:016x}").as_str()), (3, "16fc510d5630b42c"));
    }

    #[test]
    fn no_two_names_share_a_place() {
        let mut reached = 0;
        for span in HEADER {
            assert!(span.offset >= reached, "{}", span.name);
            reached = span.offset + span.bytes;
        }
        assert_eq!(reached, HEADER_BYTES);
        for (at, kind) in KINDS.iter().enumerate() {
            assert_eq!(kind.number, at as i64 + 1, "{}", kind.name);
            let mut reached = 0;
            for field in kind.fields {
                assert!(field.word > reached && field.word <= LAST, "{} {}", kind.name, field.name);
                reached = field.word;
            }
        }
        assert!(KINDS.iter().all(|kind| (kind.number == WAKES) == (kind.name == "Wakes")));
    }

    #[test]
    fn every_word_comes_back_in_its_field() {
        for kind in KINDS {
            let mut words = [0; WORDS];
            for field in kind.fields {
                words[field.word] = match field.holds {
                    Type::Flag => 1,
                    Type::Order => 2,
                    _ => 1000 + field.word as i64,
                };
            }
            words[0] = kind.number | 77 << 8;
            words[LAST] = words[LAST].max(1);
            let record = Record::from_words(&words).expect("is whole");
            assert_eq!(record.to_words(77), words, "{}", kind.name);
        }
    }

    #[test]
    fn numbers_out_of_range_are_made_harmless_or_refused() {
        let mut words = Record::from(Send { bytes: 1, began: 5, ..Send::default() }).to_words(1);
        (words[7], words[LAST]) = (-5, 9);
        assert!(matches!(Record::from_words(&words), Some(Record::Send(send)) if send.began == 0 && send.freed == 9));
        words[3] = -1;
        assert_eq!(Record::from_words(&words), None);
        let large = Record::from(Close { at: u64::MAX }).to_words(1);
        assert!(matches!(Record::from_words(&large), Some(Record::Close(close)) if close.at == i64::MAX as u64));
    }
}
