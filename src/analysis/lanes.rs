//! The lanes of a scenario: how each kind of thread spent its life. Waits are apart from work, and are never added to it.

use crate::model::{Component, ComponentRow, Ledger, ScenarioInfo};

/// The lives of the threads of one kind.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Whose: of workers, of those who send tasks, of those who take results.
    pub ledger: Ledger,
    /// How long they lived together, in nanoseconds.
    pub life_ns: u64,
    /// The components in which they worked for the pool, in nanoseconds, the longest first.
    pub work: Vec<(Component, u64)>,
    /// The time in the user's own code: the function in workers, the iterator in the thread that sends.
    pub own_ns: u64,
    /// The time that workers took to start.
    pub start_ns: u64,
    /// The time that they waited.
    pub wait_ns: u64,
}

impl Lane {
    /// The part of their lives in which they worked for the pool, from 0 to 1.
    pub fn busy(&self) -> f64 {
        self.share(self.work.iter().map(|(_, ns)| ns).sum())
    }

    /// A time as a part of their lives.
    pub fn share(&self, ns: u64) -> f64 {
        if self.life_ns > 0 { ns as f64 / self.life_ns as f64 } else { 0.0 }
    }
}

/// How a component spends the time of a thread.
enum Use {
    Work,
    Own,
    Start,
    Wait,
    /// That of the agent, and what nobody explains.
    Neither,
}

fn use_of(component: Component) -> Use {
    use Component::*;
    match component {
        Call | Iterate => Use::Own,
        Boot => Use::Start,
        _ if component.is_wait() => Use::Wait,
        Agent | Other => Use::Neither,
        _ => Use::Work,
    }
}

/// The lanes of a scenario, in the order of a task's way; `rows` are its components. One that is not in the results has none.
pub fn lanes(info: &ScenarioInfo, rows: &[&ComponentRow]) -> Vec<Lane> {
    let of = |ledger: Ledger| {
        let closure = info.closures.iter().find(|closure| closure.ledger == ledger && closure.wall_ns > 0)?;
        let life_ns = closure.wall_ns;
        let mut lane = Lane { ledger, life_ns, work: Vec::new(), own_ns: 0, start_ns: 0, wait_ns: 0 };
        for row in rows.iter().filter(|row| row.ledger == ledger && row.part_of.is_none()) {
            match use_of(row.component) {
                Use::Work => lane.work.push((row.component, row.wall_ns)),
                Use::Own => lane.own_ns = lane.own_ns.saturating_add(row.wall_ns),
                Use::Start => lane.start_ns = lane.start_ns.saturating_add(row.wall_ns),
                Use::Wait => lane.wait_ns = lane.wait_ns.saturating_add(row.wall_ns),
                Use::Neither => {}
            }
        }
        // A part of what counts as waiting, and no wait.
        if let Some(row) = rows.iter().find(|row| row.ledger == ledger && row.component == Component::Polling) {
            lane.work.push((row.component, row.wall_ns));
            lane.wait_ns = lane.wait_ns.saturating_sub(row.wall_ns);
        }
        lane.work.sort_by_key(|(component, ns)| (std::cmp::Reverse(*ns), *component));
        Some(lane)
    };
    [Ledger::Dispatcher, Ledger::Worker, Ledger::Receiver].into_iter().filter_map(of).collect()
}
