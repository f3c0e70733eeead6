//! The order in which rows are warmed up: those first that are usually fast, so that a short time is spent on rows that matter.
//!
//! It decides what is left out where the time is short, and nothing else.

use super::row::Row;
use super::settings::Settings;

/// The rows in the order of their warm-up.
pub(super) fn warm_up_order(rows: &[Row], settings: &Settings) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&at| {
        let case = &rows[at].case;
        let name = case.name();
        let wanted = settings.reference.as_ref() == Some(&name) || settings.own_format.contains(&name);
        // Sorting is stable: transports and copies of a codec keep their order.
        (!case.is_null, !wanted, case.usual_place)
    });
    order
}
