//! A run against an earlier one of the same data: what changed, row by row.
//!
//! Bytes and allocations are the same in two runs of the same code over the same data, so that every difference is one
//! of the code. Times are not: they are only put side by side.

use super::rows::{PayloadRows, Row, collect};
use crate::model::{
    Allocations, CountChange, Counted, Environment, PayloadInfo, RowChange, RowKey, Run, Side, Stage, TimeChange,
    clean, grouped,
};

/// Why the settings of two runs make their counts differ, whatever the code does; `None` where they do not.
pub fn other_settings(now: &Environment, before: &Environment) -> Option<String> {
    if now.seed != before.seed {
        return Some(format!("its seed is {}, and that of this run {}", before.seed, now.seed));
    }
    (now.buffer_policy != before.buffer_policy).then(|| {
        format!("it was measured with {} buffers, and this run has {}", clean(&before.buffer_policy), now.buffer_policy)
    })
}

/// Why two payloads are not the same data; `None` where they are, as far as the files tell.
pub fn other_payload(now: &PayloadInfo, before: &PayloadInfo) -> Option<String> {
    let described = |info: &PayloadInfo| {
        let messages = info.messages.map(|count| format!(" in {} messages", grouped(count)));
        format!("{}{}", clean(&info.description), messages.unwrap_or_default())
    };
    let (here, there) = (described(now), described(before));
    if here != there {
        return Some(format!("its payload {} is {there}, and here it is {here}", clean(&before.name)));
    }
    let differs = match (&now.digest, &before.digest) {
        (Some(now), Some(before)) => now != before,
        // A file from before, or a type of the program's own.
        _ => now.schema != before.schema || now.memory_bytes != before.memory_bytes,
    };
    differs.then(|| format!("its payload {} has other values or types than here: both are {here}", clean(&before.name)))
}

/// The payload of the earlier run that stands for this one: of the same name, or the only one of two runs that have one.
pub fn counterpart<'r>(name: &str, payloads: usize, baseline: &'r Run) -> Option<&'r PayloadInfo> {
    let named = baseline.payloads.iter().find(|info| info.name == name);
    named.or_else(|| match &baseline.payloads[..] {
        [only] if payloads == 1 => Some(only),
        _ => None,
    })
}

/// The rows of both runs with what changed. Rows that are modelled are left out, and those of the walk, which writes nothing.
pub fn compare(run: &Run, baseline: &Run) -> Vec<RowChange> {
    let before = collect(baseline);
    let mut changes = Vec::new();
    for now in collect(run) {
        let name = now.info.name.as_str();
        let other = counterpart(name, run.payloads.len(), baseline);
        let before = other.and_then(|info| before.iter().find(|rows| std::ptr::eq(rows.info, info)));
        let measured = |rows: &PayloadRows<'_>| -> usize { measured(rows).count() };
        let known = before.map_or(0, measured);
        let mut found = Vec::with_capacity(known);
        for row in self::measured(&now) {
            let other = before.and_then(|rows| self::measured(rows).find(|other| is_same(row, other)));
            found.extend(other.map(|other| other.key));
            changes.push(change(name, Some(row), other));
        }
        let gone = before.into_iter().flat_map(self::measured).filter(|other| !found.contains(&other.key));
        changes.extend(gone.map(|other| change(name, None, Some(other))));
    }
    changes
}

fn measured<'r, 'a>(rows: &'r PayloadRows<'a>) -> impl Iterator<Item = &'r Row<'a>> {
    rows.rows().filter(|row| !row.modelled)
}

/// Whether two rows are the same but for the name of the payload.
fn is_same(now: &Row<'_>, before: &Row<'_>) -> bool {
    now.key == RowKey { payload: now.key.payload, ..before.key }
}

fn change(payload: &str, now: Option<&Row<'_>>, before: Option<&Row<'_>>) -> RowChange {
    let version = |row: &Row<'_>| row.stage(Stage::Encode).and_then(|m| m.codec_version.clone());
    let [version_now, version_before] = [now, before].map(|row| row.and_then(version));
    // Invariant: a row of a comparison is one of at least one of the runs.
    let key = now.or(before).map(|row| row.key);
    RowChange {
        payload: payload.to_owned(),
        codec: key.map_or_else(String::new, |key| key.codec.to_owned()),
        representation: key.map_or(crate::model::Representation::Typed, |key| key.representation),
        transport: key.and_then(|key| key.transport.map(str::to_owned)),
        compressor: key.and_then(|key| key.compressor.map(str::to_owned)),
        only_in: match (now, before) {
            (Some(_), Some(_)) => None,
            (Some(_), None) => Some(Side::Now),
            (None, _) => Some(Side::Baseline),
        },
        version_before: version_before.filter(|_| now.is_some()).filter(|before| version_now.as_ref() != Some(before)),
        counts: counts(now, before),
        times: times(now, before),
    }
}

/// Everything that either of two rows counted.
fn counts(now: Option<&Row<'_>>, before: Option<&Row<'_>>) -> Vec<CountChange> {
    type Pick = fn(&Allocations) -> Option<u64>;
    let picks: [(Counted, Stage, Pick); 6] = [
        (Counted::EncodeAllocations, Stage::Encode, |counted| counted.count),
        (Counted::EncodeAllocatedBytes, Stage::Encode, |counted| counted.bytes),
        (Counted::EncodePeakBytes, Stage::Encode, |counted| counted.peak_bytes),
        (Counted::DecodeAllocations, Stage::Decode, |counted| counted.count),
        (Counted::DecodeAllocatedBytes, Stage::Decode, |counted| counted.bytes),
        (Counted::DecodePeakBytes, Stage::Decode, |counted| counted.peak_bytes),
    ];
    let bytes = |row: Option<&Row<'_>>| row.and_then(Row::bytes);
    let counted = |row: Option<&Row<'_>>, stage, pick: Pick| pick(row?.stage(stage)?.allocations.as_ref()?);
    let all = [CountChange { what: Counted::Bytes, before: bytes(before), now: bytes(now) }];
    let allocations = picks.into_iter().map(|(what, stage, pick)| CountChange {
        what,
        before: counted(before, stage, pick),
        now: counted(now, stage, pick),
    });
    let known = |change: &CountChange| change.before.is_some() || change.now.is_some();
    all.into_iter().chain(allocations).filter(known).collect()
}

fn times(now: Option<&Row<'_>>, before: Option<&Row<'_>>) -> Vec<TimeChange> {
    let p50 = |row: Option<&Row<'_>>, stage| row.and_then(|row| row.p50(stage));
    let stages = Stage::STEPS.into_iter().chain([Stage::Total]);
    let times = stages.map(|stage| TimeChange { stage, before_ns: p50(before, stage), now_ns: p50(now, stage) });
    times.filter(|time| time.before_ns.is_some() || time.now_ns.is_some()).collect()
}
