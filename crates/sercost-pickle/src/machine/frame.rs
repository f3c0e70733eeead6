//! Tables by column: frames of pandas, tables of Arrow.
//!
//! pandas keeps columns of one type in one block, and writes which columns these are beside it: names stand in the axes,
//! places in the placements of the blocks. What belongs to a column hangs on the frame under the column's name when the
//! frame is done: `$["price"]`. Lists whose items have a place with a meaning keep these apart until then.

use super::entry::{Entry, Hold, Kind};
use super::index::Name;
use super::node::{Child, Edge, EdgeKind, NOWHERE};
use super::pieces::{each, is_single};
use super::{Machine, latin};
use crate::arrow;
use crate::dtypes;
use crate::opcode as op;
use crate::reader::{Instruction, integer_at, text_at};

/// The number of items that keep their places, and of columns that get names.
const MOST_PLACES: u64 = 512;

/// A place of the tree from which something can be taken: nodes from the frame down, and the last one's child.
pub(super) struct Found {
    chain: Vec<u32>,
    pub child: Child,
}

/// Whether a class or function of this name means that tables may follow.
pub(super) fn announces(name: &[u8]) -> bool {
    matches!(
        name,
        b"BlockManager"
            | b"SingleBlockManager"
            | b"DataFrame"
            | b"_unpickle_block"
            | b"new_block"
            | b"_reconstruct_table"
            | b"_reconstruct_record_batch"
            | b"schema"
            | b"MultiIndex"
    )
}

const BLOCK: &[u8] = b"pandas._libs.internals._unpickle_block";
/// Of pandas 1.3, which calls it as a partial object.
const NEW_BLOCK: &[u8] = b"pandas.core.internals.blocks.new_block";
const MANAGER: &[u8] = b"pandas.core.internals.managers.BlockManager";
const SINGLE_MANAGER: &[u8] = b"pandas.core.internals.managers.SingleBlockManager";

const POLARS: &[u8] = b"polars.dataframe.frame.DataFrame";

impl Machine<'_> {
    fn global(&self, place: usize) -> &[u8] {
        match self.stack.get(place) {
            Some(entry) if entry.kind == Kind::Global => self.labels.bytes(entry.id),
            _ => b"",
        }
    }

    fn is_manager(&self, entry: &Entry) -> bool {
        entry.hold == Hold::Node
            && entry.kind == Kind::Object
            && matches!(self.labels.bytes(self.arena.get(entry.id).class), MANAGER | SINGLE_MANAGER)
    }

    /// Whether the items of the list or tuple that lies at `place` are known by their places: blocks and axes of a frame,
    /// columns and fields of a table, levels of an index.
    pub(super) fn keeps_places(&self, place: usize, marks: usize) -> bool {
        let Some(below) = place.checked_sub(1).map(|below| self.stack[below]) else { return false };
        let is_manager = |name: &[u8]| matches!(name, MANAGER | SINGLE_MANAGER);
        match below.kind {
            Kind::Global => {
                let name = self.labels.bytes(below.id);
                is_manager(name)
                    || matches!(
                        name,
                        b"pyarrow.lib._reconstruct_table"
                            | b"pyarrow.lib._reconstruct_record_batch"
                            | b"pyarrow.lib.schema"
                    )
            }
            Kind::Tuple => place > 1 && is_manager(self.global(place - 2)),
            // The state that pandas wrote before 1.3: axes, arrays, and which columns these are.
            Kind::Object => self.is_manager(&below),
            Kind::List => place > 1 && self.is_manager(&self.stack[place - 2]),
            Kind::Str | Kind::Reference => {
                // In protocol 0, each value of a dict is put there by itself, and none waits behind a mark.
                let dict = match self.stack.get(place.wrapping_sub(2)) {
                    Some(dict) if dict.kind == Kind::Dict => place - 2,
                    _ => self.fence_of(marks).wrapping_sub(1),
                };
                let Some(above) = dict.checked_sub(1).filter(|above| *above < place) else { return false };
                match self.text_of(&below) {
                    Some(b"levels" | b"codes") => self.global(above).ends_with(b"MultiIndex"),
                    Some(b"blocks") => self.text_of(&self.stack[above]) == Some(b"0.14.1"),
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// The rows of the block of objects whose items are appended to the list at `place`.
    pub(super) fn rows_of_block(&self, place: usize, marks: usize) -> Option<u64> {
        let array = place.checked_sub(5)?;
        let is_state = self.stack[place - 1].kind == Kind::Bool && self.fence_of(marks) == array + 1;
        if !is_state || !(self.is_for_block(array.checked_sub(1)?) || self.is_in_manager(array, marks)) {
            return None;
        }
        let shape = self.stack[place - 3];
        let (Kind::Tuple, Hold::Node) = (shape.kind, shape.hold) else { return None };
        match self.numbers(shape.id)?[..] {
            [columns, rows] if columns > 1 && columns <= MOST_PLACES && rows > 0 => Some(rows),
            _ => None,
        }
    }

    /// Whether what lies at `place` makes a block of the values above it.
    fn is_for_block(&self, place: usize) -> bool {
        self.stack
            .get(place)
            .is_some_and(|entry| matches!(self.labels.bytes(self.callable_label(entry)), BLOCK | NEW_BLOCK))
    }

    /// Whether the array that lies at `place` is appended to the blocks that pandas wrote before 1.3.
    fn is_in_manager(&self, place: usize, marks: usize) -> bool {
        let batch = marks.checked_sub(2).map(|at| self.marks[at] as usize);
        let lists = [place.checked_sub(1), batch.and_then(|batch| batch.checked_sub(1))];
        lists.into_iter().flatten().any(|list| {
            list < place && list > 1 && self.stack[list].kind == Kind::List && {
                self.stack[list - 1].kind == Kind::List && self.is_manager(&self.stack[list - 2])
            }
        })
    }

    /// The integers that a tuple consists of.
    pub(super) fn numbers(&self, tuple: u32) -> Option<Vec<u64>> {
        let number = |child: &Child| match child.kind {
            Kind::Int if child.count == 1 => u64::try_from(integer_at(self.data, child.at)?).ok(),
            _ => None,
        };
        self.arena.get(tuple).children.iter().map(number).collect()
    }

    /// The place of the last of so many marks.
    fn fence_of(&self, marks: usize) -> usize {
        marks.checked_sub(1).map_or(0, |at| self.marks[at] as usize)
    }

    /// Whether what lies above the last mark goes to a table, where values of one form must be told apart.
    pub(super) fn is_in_table(&self) -> bool {
        let Some(marks) = self.marks.len().checked_sub(1).filter(|_| self.has_tables) else { return false };
        let Some(place) = self.fence.checked_sub(1) else { return false };
        self.keeps_places(self.fence, marks)
            || self.keeps_places(place, marks)
            || self.rows_of_block(place, marks).is_some()
    }

    /// Hangs what lies above `base` on the list at `place` where that is a table's. False if it is any other list.
    pub(super) fn append_to_table(&mut self, place: usize, node: u32, base: usize, through: bool) -> bool {
        let marks = self.marks.len();
        if self.keeps_places(place, marks) {
            self.append_by_place(node, base, through);
        } else if let Some(rows) = self.rows_of_block(place, marks) {
            self.append_by_column(node, base, through, rows);
        } else {
            return false;
        }
        true
    }

    /// Hangs what lies above `base` on a list, each item under its place.
    pub(super) fn append_by_place(&mut self, node: u32, base: usize, through: bool) {
        let mut place = self.arena.get(node).length;
        for at in base..self.stack.len() {
            let entry = self.stack[at];
            let is_place = is_single(&entry) && place < MOST_PLACES;
            let edge = if is_place { Edge::new(EdgeKind::Index, place as u32) } else { Edge::ITEM };
            self.hang(node, through, edge, &entry, 0);
            place += entry.values();
        }
    }

    /// Hangs what lies above `base` on the list of a block of objects, each item under its column.
    pub(super) fn append_by_column(&mut self, node: u32, base: usize, through: bool, rows: u64) {
        let mut index = self.arena.get(node).length;
        for at in base..self.stack.len() {
            let entry = self.stack[at];
            let (first, last) = (index / rows, (index + entry.values() - 1) / rows);
            let edge = |column: u64| Edge::new(EdgeKind::Index, column.min(MOST_PLACES) as u32);
            if first == last || matches!(entry.hold, Hold::Bag | Hold::BagNode) {
                self.hang(node, through, edge(first), &entry, 0);
            } else {
                let mut at = index;
                each(self.data, &entry, |single| {
                    self.arena.add(node, edge(at / rows), &single, 0);
                    at += 1;
                });
            }
            index += entry.values();
        }
    }

    /// The child below a node under these edges.
    pub(super) fn find(&self, node: u32, edges: &[Edge]) -> Option<Found> {
        let mut chain = vec![node];
        let mut found = None;
        for &edge in edges {
            if let Some(child) = found {
                chain.push(Child::node(&child)?);
            }
            let at = *chain.last()?;
            found = Some(*self.arena.get(at).children.iter().find(|child| child.edge == edge)?);
        }
        Some(Found { chain, child: found? })
    }

    pub(super) fn named(&self, name: &str) -> Edge {
        self.labels.find(name.as_bytes()).map_or(Edge::DEEPER, |label| Edge::new(EdgeKind::Attribute, label))
    }

    pub(super) fn keyed(&self, name: &str) -> Edge {
        self.labels.find(name.as_bytes()).map_or(Edge::DEEPER, |label| Edge::new(EdgeKind::Key, label))
    }

    /// Takes something from where it was found and hangs it on the node that it was found from.
    fn lift(&mut self, found: &Found, edge: Edge) {
        let Found { chain, child } = found;
        let [top, .., last] = chain[..] else { return };
        let children = &mut self.arena.get_mut(last).children;
        let Some(at) = children.iter().position(|other| other.edge == child.edge && other.at == child.at) else {
            return;
        };
        children.remove(at);
        let bytes = child.bytes + child.node().map_or(0, |node| self.arena.get(node).total);
        self.lose(chain, bytes);
        let length = self.arena.get(top).length;
        match child.node() {
            Some(node) => self.arena.add_node(top, edge, node, child.bytes),
            None => self.arena.add_leaf(top, edge, child.kind, child.id, child.count, child.bytes, child.at),
        }
        self.arena.get_mut(top).length = length;
    }

    /// Bytes go from the nodes of a chain, to be added to its first.
    fn lose(&mut self, chain: &[u32], bytes: u64) {
        for &node in chain {
            let place = self.arena.get_mut(node);
            place.total = place.total.saturating_sub(bytes);
            place.hint = 0;
        }
    }

    /// The object that was just built or made, if it is a table, gets its columns.
    pub(super) fn name_columns(&mut self, node: u32) {
        let class = self.labels.bytes(self.arena.get(node).class);
        if matches!(class, b"pyarrow.Table" | b"pyarrow.RecordBatch") {
            self.name_fields(node);
            return;
        }
        if class == POLARS {
            self.name_stream(node);
            return;
        }
        for name in ["_mgr", "_data"] {
            let manager = self.named(name);
            let Some(Found { child, .. }) = self.find(node, &[manager]) else { continue };
            let Some(inner) = child.node().filter(|&inner| self.arena.get(inner).count == 1) else { continue };
            match self.labels.bytes(self.arena.get(inner).class) {
                MANAGER => self.name_frame(node, manager),
                SINGLE_MANAGER => self.name_series(node, manager),
                _ => {}
            }
        }
    }

    fn name_series(&mut self, node: u32, manager: Edge) {
        let first = Edge::new(EdgeKind::Index, 0);
        let values = Edge::new(EdgeKind::Attribute, self.labels.intern_own("values"));
        let index = Edge::new(EdgeKind::Attribute, self.labels.intern_own("index"));
        let (blocks, axes) = (self.named("blocks"), self.named("axes"));
        for edges in [&[manager, blocks, first, values][..], &[manager, blocks, first]] {
            if let Some(found) = self.find(node, edges) {
                self.lift(&found, values);
                break;
            }
        }
        if let Some(found) = self.find(node, &[manager, axes, first]) {
            self.lift(&found, index);
        }
    }

    fn name_frame(&mut self, node: u32, manager: Edge) {
        let (blocks, axes, values) = (self.named("blocks"), self.named("axes"), self.named("values"));
        let Some(list) = self.find(node, &[manager, blocks]).and_then(|found| found.child.node()) else { return };
        let places: Vec<Edge> = self.arena.get(list).children.iter().map(|child| child.edge).collect();
        let axis = |at| [manager, axes, Edge::new(EdgeKind::Index, at)];
        let names = self.find(node, &axis(0)).and_then(|found| self.axis_names(&found.child));
        let mut named = 0;
        for place in places {
            let Some(columns) = self.placement(node, manager, blocks, place) else { continue };
            let found = match self.find(node, &[manager, blocks, place, values]) {
                Some(found) if self.labels.bytes(self.arena.get(found.chain[3]).class) == b"pandas block" => found,
                _ => match self.find(node, &[manager, blocks, place]) {
                    Some(found) => found,
                    None => continue,
                },
            };
            named += columns.len() as u64;
            if named > MOST_PLACES && columns.len() > 1 {
                continue;
            }
            let edges: Vec<Edge> = columns.iter().map(|&column| self.column_edge(names.as_deref(), column)).collect();
            match edges[..] {
                [] => {}
                [edge] => self.lift(&found, edge),
                _ => self.divide(&found, &edges),
            }
        }
        for (at, name) in [(0, "columns"), (1, "index")] {
            if let Some(found) = self.find(node, &axis(at)) {
                let edge = Edge::new(EdgeKind::Attribute, self.labels.intern_own(name));
                self.lift(&found, edge);
            }
        }
    }

    fn column_edge(&mut self, names: Option<&[Name]>, column: u64) -> Edge {
        match names.and_then(|names| names.get(usize::try_from(column).ok()?)) {
            Some(Name::Text(text)) => {
                let text = String::from_utf8_lossy(text).into_owned();
                Edge::new(EdgeKind::Key, self.labels.intern_own(&text))
            }
            Some(Name::Int(value)) if i32::try_from(*value).is_ok() => {
                Edge::new(EdgeKind::KeyInt, (*value as i32).cast_unsigned())
            }
            Some(Name::Int(value)) => Edge::new(EdgeKind::KeyText, self.labels.intern_own(&value.to_string())),
            Some(Name::Other(text)) => Edge::new(EdgeKind::KeyText, self.labels.intern_own(text)),
            None => Edge::new(EdgeKind::KeyText, self.labels.intern_own(&format!(":, {column}"))),
        }
    }

    /// Which columns a block holds.
    fn placement(&self, node: u32, manager: Edge, blocks: Edge, place: Edge) -> Option<Vec<u64>> {
        let found = self.find(node, &[manager, blocks, place, self.named("placement")]).or_else(|| {
            let state = [Edge::new(EdgeKind::Index, 3), self.keyed("0.14.1"), self.keyed("blocks")];
            let edges = [manager, state[0], state[1], state[2], place, self.keyed("mgr_locs")];
            self.find(node, &edges)
        })?;
        let at = found.child.node()?;
        if self.labels.bytes(self.arena.get(at).class).starts_with(b"numpy.ndarray") {
            let columns = self.integers(at)?;
            return columns.into_iter().map(|column| u64::try_from(column).ok()).collect();
        }
        let number = |name| {
            let child = self.attribute(at, name)?;
            (child.kind == Kind::Int).then(|| integer_at(self.data, child.at))?
        };
        let (start, stop, step) = (number("start")?, number("stop")?, number("step").unwrap_or(1));
        if start < 0 || stop <= start || step < 1 {
            return None;
        }
        let columns = (start..stop).step_by(usize::try_from(step).ok()?);
        Some(columns.map(i64::cast_unsigned).take(1 << 20).collect())
    }

    /// The nodes from `values` to the array of numpy that it is, or has in its state: dates and strings of pandas are
    /// arrays in an array's clothes.
    pub(super) fn chain_to_array(&self, values: u32) -> Option<Vec<u32>> {
        let class = |node: u32| self.labels.bytes(self.arena.get(node).class);
        let mut chain = vec![values];
        while !class(chain[chain.len() - 1]).starts_with(b"numpy.ndarray") {
            let children = &self.arena.get(chain[chain.len() - 1]).children;
            let is_inner = |&node: &u32| {
                self.arena.get(node).count == 1
                    && (class(node).starts_with(b"numpy.ndarray") || self.arena.get(node).kind == Kind::Tuple)
            };
            if chain.len() > 2 {
                return None;
            }
            chain.push(children.iter().filter_map(Child::node).find(is_inner)?);
        }
        Some(chain)
    }

    /// The bytes of a block become those of its columns.
    fn divide(&mut self, found: &Found, columns: &[Edge]) {
        let Some(values) = found.child.node() else { return };
        let Some(within) = self.chain_to_array(values) else { return };
        let array = within[within.len() - 1];
        let mut chain = found.chain.clone();
        chain.extend(within);
        let shape = self.attribute(array, "shape").and_then(|child| self.numbers(child.node()?));
        let (Some(shape), Some(data)) = (shape, self.attribute(array, "data")) else { return };
        if shape.len() != 2 || shape[0] != columns.len() as u64 {
            return;
        }
        let Some(dtype) = self.attribute(array, "dtype").and_then(|child| self.dtype_of(&child)) else { return };
        let class = format!("column of {}", dtypes::of_numpy(&dtype));
        let class = self.labels.intern_own(&class);
        if data.kind == Kind::List {
            if let Some(list) = data.node() {
                chain.push(list);
                self.divide_list(&chain, list, columns, class);
            }
            return;
        }
        let Some(size) = self.size_of(&dtype).filter(|&size| size > 0) else { return };
        let is_by_row = self.attribute(array, "fortran_order").is_some_and(|order| {
            let rest = self.data.get(order.at as usize..).unwrap_or(&[]);
            rest.starts_with(&[op::NEWTRUE]) || rest.starts_with(b"I01\n")
        });
        self.divide_bytes(&mut chain, &data, columns, class, (size, shape[1], is_by_row));
    }

    /// The bytes of an array, or the text that they were written as, go to the columns: of how many bytes an item is, how
    /// many a column has, and whether the items of one row lie together.
    fn divide_bytes(
        &mut self,
        chain: &mut Vec<u32>,
        data: &Child,
        columns: &[Edge],
        class: u32,
        (size, rows, is_by_row): (u64, u64, bool),
    ) {
        let text = data.node().and_then(|node| self.text_of_bytes(node));
        let held = match text {
            Some((text, ..)) if data.count == 1 => text,
            None if matches!(data.kind, Kind::Bytes | Kind::ByteArray) => *data,
            _ => return,
        };
        chain.extend(text.and_then(|_| data.node()));
        let at = held.node().map_or(held.at, |node| self.arena.get(node).at);
        let payload = text_at(self.data, at).unwrap_or(&[]);
        let all = payload.len() as u64;
        let left = held.node().map_or(held.bytes, |node| self.arena.get(node).own);
        let Some(each) = size.checked_mul(rows) else { return };
        let Some(bytes) = each.checked_mul(columns.len() as u64).filter(|bytes| (1..=all).contains(bytes)) else {
            return;
        };
        if held.count != 1 || left < all {
            return;
        }
        let widths = match text {
            Some((.., is_line)) => {
                let run = if is_by_row { size } else { each };
                latin::widths(payload, is_line, columns.len(), run, bytes)
            }
            None => (bytes == all).then(|| vec![each; columns.len()]),
        };
        let Some(widths) = widths else { return };
        match held.node() {
            Some(node) => {
                self.arena.get_mut(node).own -= all;
                chain.push(node);
            }
            None => {
                let holder = chain[chain.len() - 1];
                let place = self.arena.get_mut(holder).children.iter_mut().find(|child| child.edge == held.edge);
                place.into_iter().for_each(|child| child.bytes -= all);
            }
        }
        self.lose(chain, all);
        let mut at = at + Instruction::at(self.data, at as usize).map_or(0, Instruction::header_bytes) as u64;
        for (&edge, width) in columns.iter().zip(widths) {
            let node = self.arena.make(Kind::Object, class, if is_by_row { NOWHERE } else { at }, width);
            self.arena.add_node(chain[0], edge, node, 0);
            at += width;
        }
    }

    /// The items of a list, which hang there by column, go to the columns.
    fn divide_list(&mut self, chain: &[u32], list: u32, columns: &[Edge], class: u32) {
        let children = std::mem::take(&mut self.arena.get_mut(list).children);
        let mut nodes: Vec<Option<u32>> = vec![None; columns.len()];
        let mut moved = 0;
        for child in children {
            let column = child.edge.id() as usize;
            if child.edge.kind() != EdgeKind::Index || column >= columns.len() {
                self.arena.get_mut(list).children.push(child);
                continue;
            }
            moved += child.bytes + child.node().map_or(0, |node| self.arena.get(node).total);
            let node = *nodes[column].get_or_insert_with(|| self.arena.make(Kind::Object, class, child.at, 0));
            match child.node() {
                Some(below) => self.arena.add_node(node, Edge::ITEM, below, child.bytes),
                None => {
                    self.arena.add_leaf(node, Edge::ITEM, child.kind, child.id, child.count, child.bytes, child.at);
                }
            }
        }
        self.lose(chain, moved);
        for (column, node) in nodes.into_iter().enumerate() {
            if let Some(node) = node {
                self.arena.add_node(chain[0], columns[column], node, 0);
            }
        }
    }

    /// The columns of an Arrow table by the names of the schema's fields.
    fn name_fields(&mut self, node: u32) {
        let (arrays, schema, fields) = (self.named("arrays"), self.named("schema"), self.named("fields"));
        let Some(list) = self.find(node, &[arrays]).and_then(|found| found.child.node()) else { return };
        let places: Vec<Edge> = self.arena.get(list).children.iter().map(|child| child.edge).collect();
        for place in places.into_iter().filter(|place| place.kind() == EdgeKind::Index) {
            let name = self.find(node, &[schema, fields, place, self.named("name")]);
            let Some(text) = name.and_then(|found| self.text_at_child(&found.child)) else { continue };
            let text = String::from_utf8_lossy(text).into_owned();
            let edge = Edge::new(EdgeKind::Key, self.labels.intern_own(&text));
            if let Some(found) = self.find(node, &[arrays, place]) {
                self.lift(&found, edge);
            }
        }
    }

    /// The columns of a frame of polars, whose state is a stream of Arrow. What is none of their buffers stays the state's.
    fn name_stream(&mut self, node: u32) {
        let Some(Found { child, .. }) = self.find(node, &[Edge::STATE]) else { return };
        let Some(state) = child.node().filter(|_| child.kind == Kind::Bytes && child.count == 1) else { return };
        let place = self.arena.get(state);
        let payload = text_at(self.data, place.at).unwrap_or(&[]);
        if place.own < payload.len() as u64 {
            return;
        }
        let Some(columns) = arrow::columns(payload) else { return };
        let all = columns.iter().try_fold(0u64, |sum, column| sum.checked_add(column.bytes));
        let Some(all) = all.filter(|&all| all <= payload.len() as u64) else { return };
        self.arena.get_mut(state).own -= all;
        self.lose(&[node, state], all);
        for column in columns {
            let edge = Edge::new(EdgeKind::Key, self.labels.intern_own(&column.name));
            let class = self.labels.intern_own(&format!("column of {}", column.kind));
            let made = self.arena.make(Kind::Object, class, NOWHERE, column.bytes);
            self.arena.add_node(node, edge, made, 0);
        }
    }
}
