//! The share of several columns that would survive if they were made one.

use super::Node;
use super::object::Object;
use std::collections::BTreeMap;

/// From 0 to 1: the share of the columns that are of the commonest kind, times what of their insides is shared, which
/// is looked at `levels` deep.
pub(super) fn likeness(nodes: &[&Node], levels: usize) -> f64 {
    // In order, so that of two kinds equally common the same is taken in each run.
    let mut by_kind: BTreeMap<u8, Vec<&Node>> = BTreeMap::new();
    let mut known = 0;
    for node in nodes.iter().filter(|node| node.kinds() != 0) {
        known += 1;
        by_kind.entry(node.kinds()).or_default().push(node);
    }
    let Some(same) = by_kind.into_values().max_by_key(Vec::len) else { return 1.0 };
    let share = same.len() as f64 / known as f64;
    if levels == 0 {
        return share;
    }
    let lists: Vec<&Node> =
        same.iter().filter_map(|node| node.lists.as_ref()).flat_map(|lists| lists.nodes()).collect();
    let objects: Vec<&Object> = same.iter().filter_map(|node| node.objects.as_deref()).collect();
    if !objects.is_empty() {
        return share * likeness_of_objects(&objects, levels - 1);
    }
    if lists.is_empty() { share } else { share * likeness(&lists, levels - 1) }
}

/// The average over objects of the share of their entries that other objects have too.
fn likeness_of_objects(objects: &[&Object], levels: usize) -> f64 {
    let mut columns: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    let mut rest = Vec::new();
    for object in objects {
        for (name, node) in object.columns() {
            columns.entry(name).or_default().push(node);
        }
        rest.extend(object.further());
    }
    let all = objects.len() as f64;
    // A field that only few objects have survives as data, if it is alike.
    let few = |seen: usize| seen < 2 || (seen as f64) < 0.05 * all;
    rest.extend(columns.values().filter(|nodes| few(nodes.len())).flatten());
    let as_data = if rest.len() >= 16 { likeness(&rest, levels.min(2)) } else { 0.0 };
    let survives: BTreeMap<&str, f64> = columns
        .iter()
        .map(|(&name, nodes)| {
            let seen = nodes.len();
            // A field that a tenth of the objects have is an optional one, and survives.
            let kept = (10.0 * seen as f64 / all).min(1.0);
            let kept = if objects.len() > 1 && seen < 2 { 0.0 } else { kept };
            (name, (kept * likeness(nodes, levels.min(1))).max(if few(seen) { as_data } else { 0.0 }))
        })
        .collect();
    let of_object = |object: &&Object| match object.columns().count() {
        0 => as_data.max(f64::from(u8::from(object.further().is_none()))),
        fields => object.columns().map(|(name, _)| survives[name]).sum::<f64>() / fields as f64,
    };
    objects.iter().map(of_object).sum::<f64>() / all
}
