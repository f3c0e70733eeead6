//! The routes of a task through the threads that have a part in it: which component ends at which stamp.
//!
//! Each begins where the one before ended, so that a route leaves nothing out. The ledgers and the tracks of the timeline
//! follow the same routes; a test holds them to the table of components.

use super::timeline::{Interval, Timeline};
use crate::model::Component;
use sercost_record::{Get, Put, Receive, Send, Stamp};

/// A component with the stamp of a record at which it ends.
pub(super) struct Step<R> {
    pub(super) component: Component,
    /// The stamp's name.
    #[cfg_attr(not(test), expect(dead_code, reason = "the table of components is held to it"))]
    to: &'static str,
    stamp: fn(&R) -> Stamp,
}

impl<R> Step<R> {
    /// When it ends.
    pub(super) fn stamp(&self, record: &R) -> Stamp {
        (self.stamp)(record)
    }
}

/// A route through one kind of records.
macro_rules! route {
    ($(#[$doc:meta])* $name:ident: $kind:ident $record:ident { $($component:ident $field:ident,)* }) => {
        $(#[$doc])*
        pub(super) const $name: &[Step<$kind>] = &[$(Step {
            component: Component::$component,
            to: concat!(stringify!($record), ".", stringify!($field)),
            stamp: |$record| $record.$field,
        },)*];
    };
}

route! {
    /// The sender, from its being done with the task before.
    SENDING: Send send {
        Iterate iterated,
        Dispatch entered,
        Agent began,
        EncodeTask dumped,
        Agent sending,
    }
}

route! {
    /// The sender, from its being done with encoding.
    SENT: Send send {
        Send sent,
        FreeMessage freed,
    }
}

route! {
    /// The worker, from when the message is on its way to it.
    GETTING: Get get {
        Pickup came,
        Transfer complete,
        ReceiveCopy loading,
        DecodeTask loaded,
        FreeBuffer freed,
    }
}

route! {
    /// The worker, from its having the task.
    PUTTING: Put put {
        Agent got,
        Call entered,
        Agent dumping,
        EncodeResult dumped,
        Agent written,
        ResultLock sending,
    }
}

route! {
    /// The thread that takes results, from when a result is on its way to it.
    RECEIVING: Receive receive {
        ResultPickup came,
        ResultTransfer complete,
        ResultCopy loading,
        DecodeResult loaded,
    }
}

impl Timeline {
    /// Goes along a route; `each` is told of every part of it, empty ones too.
    pub(super) fn follow<R>(&mut self, route: &[Step<R>], record: &R, mut each: impl FnMut(Component, Interval)) {
        for step in route {
            each(step.component, self.advance(step.stamp(record)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Ledger;
    use sercost_record::KINDS;

    /// The components of a route with the stamps between which they lie; the first one's start is given.
    fn steps<R>(from: &'static str, route: &[Step<R>]) -> Vec<(Component, &'static str, &'static str)> {
        let mut from = from;
        let step = |step: &Step<R>| (step.component, std::mem::replace(&mut from, step.to), step.to);
        route.iter().map(step).collect()
    }

    #[test]
    fn routes_go_between_the_stamps_of_the_table() {
        let routes = [
            (steps("send.iterating", SENDING), &[Ledger::Task, Ledger::Dispatcher][..]),
            (steps("send.sending", SENT), &[Ledger::Dispatcher]),
            (steps("send.sending", GETTING), &[Ledger::Task, Ledger::Worker]),
            (steps("get.freed", PUTTING), &[Ledger::Task, Ledger::Worker]),
            (steps("put.sending", RECEIVING), &[Ledger::Task]),
            (steps("put.sending", RECEIVING).split_off(1), &[Ledger::Receiver]),
        ];
        for (route, ledgers) in routes {
            for (component, from, to) in route {
                let info = component.info();
                if component != Component::Agent {
                    assert_eq!((info.from, info.to), (from, to), "{component}");
                }
                for ledger in ledgers {
                    assert!(info.places.contains(&(*ledger, None)), "{component} in {ledger}");
                }
            }
        }
    }

    #[test]
    fn stamps_of_the_table_are_fields_of_records() {
        for info in crate::model::COMPONENTS {
            for stamp in info.from.split(", ").chain(info.to.split(", ")).filter(|stamp| !stamp.is_empty()) {
                let (kind, field) = stamp.split_once('.').expect("has a record and a field");
                let kind = KINDS.iter().find(|own| own.name.eq_ignore_ascii_case(kind));
                let fields = kind.map_or(&[][..], |kind| kind.fields);
                assert!(fields.iter().any(|own| own.name == field), "{stamp} of {}", info.name);
            }
        }
    }
}
