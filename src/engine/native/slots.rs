//! How the threads of the parent wait for one another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often it is looked whether the user wants to stop.
const LOOK: Duration = Duration::from_millis(50);

/// A panic while a lock is held leaves nothing half done in here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which workers have room for a task: the bound of the queue.
#[derive(Debug)]
pub(super) struct Slots {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// For each worker the tasks that it was sent and that have not come back.
    tasks: Vec<u32>,
    closed: bool,
}

impl Slots {
    pub(super) fn new(workers: usize) -> Self {
        Slots { state: Mutex::new(State { tasks: vec![0; workers], closed: false }), changed: Condvar::new() }
    }

    /// Waits for a worker that has fewer than `limit` tasks, and counts one more for it: the one that has the fewest.
    /// `None` when no more are wanted.
    pub(super) fn take(&self, limit: u32) -> Option<usize> {
        let mut state = lock(&self.state);
        loop {
            if state.closed {
                return None;
            }
            let (worker, tasks) = state.tasks.iter_mut().enumerate().min_by_key(|(_, tasks)| **tasks)?;
            if *tasks < limit {
                *tasks += 1;
                return Some(worker);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A task of the worker has come back.
    pub(super) fn give(&self, worker: usize) {
        let mut state = lock(&self.state);
        if let Some(tasks) = state.tasks.get_mut(worker) {
            *tasks = tasks.saturating_sub(1);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Says that no more are wanted.
    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
        self.changed.notify_all();
    }
}

/// Looks out for the user's wish to stop until all is over.
#[derive(Debug, Default)]
pub(super) struct StopWatcher {
    over: Mutex<bool>,
    changed: Condvar,
}

impl StopWatcher {
    /// Returns when it is over; calls `stop` once if the user wants to stop before.
    pub(super) fn until_over(&self, interrupted: &AtomicBool, stop: impl FnOnce()) {
        let mut stop = Some(stop);
        let mut over = lock(&self.over);
        while !*over {
            if interrupted.load(Ordering::Relaxed)
                && let Some(stop) = stop.take()
            {
                stop();
            }
            over = self.changed.wait_timeout(over, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// It is over.
    pub(super) fn over(&self) {
        *lock(&self.over) = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_go_to_who_has_fewest_and_no_further_than_the_limit() {
        let slots = Slots::new(2);
        assert_eq!([slots.take(2), slots.take(2), slots.take(2), slots.take(2)], [Some(0), Some(1), Some(0), Some(1)]);
        slots.give(1);
        assert_eq!(slots.take(2), Some(1));
        // A message that fills a pipe waits for a worker that has nothing else.
        slots.give(0);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| slots.take(1));
            slots.give(0);
            assert_eq!(waiting.join().expect("it does not panic"), Some(0));
        });
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| slots.take(1));
            slots.close();
            assert_eq!(waiting.join().expect("it does not panic"), None);
        });
    }

    #[test]
    fn whoever_wants_to_stop_is_heard_once() {
        let watch = StopWatcher::default();
        let mut stopped = 0;
        std::thread::scope(|scope| {
            let watching = scope.spawn(|| watch.until_over(&AtomicBool::new(true), || stopped += 1));
            // Longer than one look; whenever it is over, it has looked at least once.
            while !watching.is_finished() {
                std::thread::yield_now();
                watch.over();
            }
        });
        assert!(stopped <= 1);
    }
}
